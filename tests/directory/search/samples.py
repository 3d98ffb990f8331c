"""Invented search documents for the index's tests: no listing here exists; communes and their points are real."""

from __future__ import annotations

from datetime import date
from typing import Any

from directory.search.types import Near, SearchDocument
from directory.vocabulary import Kind, Visibility

RENNES = (48.1113, -1.6800)
FOUGERES = (48.3525, -1.1986)
NANTES = (47.2184, -1.5536)
_PLACES = {
    "Rennes": ("35238", "35", RENNES, "53"),
    "Fougères": ("35115", "35", FOUGERES, "53"),
    "Nantes": ("44109", "44", NANTES, "52"),
    "Épernay": ("51230", "51", (49.0414, 3.9596), "44"),
    "Bondy": ("93010", "93", (48.9018, 2.4893), "11"),
    "Saint-Malo": ("35288", "35", (48.6493, -2.0257), "53"),
}


def make_document(pk: int, name: str, commune: str = "", **facts: Any) -> SearchDocument:
    """An invented document; with a commune's name it stands there, with its point."""
    place: dict[str, Any] = {"commune": "", "code_commune": "", "code_departement": "", "latitude": None, "longitude": None}
    if commune:
        code, departement, (latitude, longitude), region = _PLACES[commune]
        place = {"commune": commune, "code_commune": code, "code_departement": departement}
        place |= {"latitude": latitude, "longitude": longitude, "territories": (f"region:{region}",)}
    defaults: dict[str, Any] = {
        "id": f"invente--{pk}",
        "kind": Kind.PARTNER,
        "category": "association",
        "description": "",
        "words": "",
        "coverage": (),
        "visibility": Visibility.PUBLIC,
        "thematiques": (),
        "publics": (),
        "networks": (),
        "pathways": (),
        "occupations": (),
        "frais": "",
        "modes_accueil": (),
        "age_min": None,
        "age_max": None,
        "first_day": None,
        "last_day": None,
        "updated_at": None,
        "demonstration": True,
    }
    return SearchDocument(pk=pk, name=name, **(defaults | place | facts))


MISSION_RENNES, MISSION_EPERNAY, MISSION_FOUGERES, CIO_RENNES, PSAD, ETAPE, GARAGE, REMOTE_HELP = range(1, 9)
SALON, FORUM_PAST, RESTAURANT, CFA, CEJ, HIDDEN, BASSIN_ONLY, PERMIS, PSY, OEUVRES, AUTO_ECOLE, NANTES_HELP = range(9, 21)
SAINT_MALO, E2C, DEPARTEMENT_ONLY, DESCRIBED, PRIVATE_TWIN, MARKUP = range(21, 27)


def documents() -> list[SearchDocument]:
    """The invented directory that the contract is tested on."""
    mission = {"category": "mission_locale", "words": "Mission locale Missions locales ML milo", "networks": ("mission-locale",)}
    young = {"age_min": 16, "age_max": 25}
    return [
        make_document(
            MISSION_RENNES, "Mission locale du Pays de Rennes", "Rennes", **mission, **young, updated_at=date(2026, 9, 1)
        ),
        make_document(MISSION_EPERNAY, "Mission Locale Des Pays D'Épernay", "Épernay", **mission, **young),
        make_document(
            MISSION_FOUGERES, "Mission locale de Fougères", "Fougères", **mission, **young, coverage=("commune:35115",)
        ),
        make_document(
            CIO_RENNES,
            "CIO de Rennes",
            "Rennes",
            category="cio",
            words="Centre d’information et d’orientation",
            publics=("jeunes",),
        ),
        make_document(
            PSAD,
            "Plateforme de suivi du bassin de Rennes",
            category="psad",
            words="PSAD décrochage scolaire",
            code_departement="35",
            coverage=("bassin:RENNES", "departement:35"),
            thematiques=("remobilisation--bien-etre-confiance-en-soi",),
        ),
        make_document(
            ETAPE, "L'Étape", "Rennes", description="Chantier d'insertion.", publics=("tous-publics",), frais="gratuit"
        ),
        make_document(
            GARAGE,
            "Garage solidaire de l’Ille",
            "Rennes",
            kind=Kind.COMPANY,
            category="entreprise",
            occupations=("I1604",),
            words="Mécanicien automobile",
            pathways=("internship", "apprenticeship"),
        ),
        make_document(
            REMOTE_HELP,
            "Écoute jeunes à distance",
            modes_accueil=("a-distance",),
            coverage=("france",),
            description="Un soutien psychologique par téléphone.",
            frais="gratuit",
        ),
        make_document(
            SALON,
            "Salon de l'apprentissage de Rennes",
            "Rennes",
            kind=Kind.EVENT,
            category="salon",
            first_day=date(2026, 12, 4),
            last_day=date(2026, 12, 6),
        ),
        make_document(
            FORUM_PAST,
            "Forum des métiers de Rennes",
            "Rennes",
            kind=Kind.EVENT,
            category="salon",
            first_day=date(2026, 10, 2),
            last_day=date(2026, 10, 2),
        ),
        make_document(
            RESTAURANT,
            "Restaurant La Cuisine d’Été",
            "Rennes",
            kind=Kind.COMPANY,
            category="entreprise",
            pathways=("internship",),
        ),
        make_document(
            CFA, "CFA du bâtiment – Saint-Michel", "Fougères", category="cfa", pathways=("apprenticeship",), age_min=16
        ),
        make_document(CEJ, "Contrat d’engagement jeune", kind=Kind.SCHEME, category="cej", coverage=("france",), **young),
        make_document(HIDDEN, "Mission locale secrète de Rennes", "Rennes", visibility=Visibility.PRIVATE, **mission),
        make_document(BASSIN_ONLY, "Réunion des référents de Rennes", "Rennes", visibility=Visibility.BASSIN, category="clee"),
        make_document(
            PERMIS,
            "Aide au permis de conduire",
            "Fougères",
            thematiques=("mobilite--preparer-un-permis",),
            publics=("personnes-en-situation-de-handicap",),
            accessibility=("decrite",),
            frais="payant",
        ),
        make_document(PSY, "Psychologue pour adolescents", "Rennes", thematiques=("sante--sante-mentale",), age_max=21),
        make_document(OEUVRES, "Les Œuvres sociales", "Fougères"),
        make_document(AUTO_ECOLE, "Auto-école associative", "Nantes"),
        make_document(NANTES_HELP, "Point d’accès au droit", "Nantes", description="Permanence juridique.", demonstration=False),
        make_document(
            SAINT_MALO, "Foyer de jeunes travailleurs", "Saint-Malo", thematiques=("logement-hebergement--louer-un-logement",)
        ),
        make_document(E2C, "École de la deuxième chance", "Rennes", words="E2C", networks=("ecoles-de-la-deuxieme-chance",)),
        make_document(DEPARTEMENT_ONLY, "Accueil des familles d’Ille-et-Vilaine", code_departement="35"),
        make_document(DESCRIBED, "Accueil de jour", "Rennes", description="Boulangerie, boulangerie et encore boulangerie."),
        make_document(PRIVATE_TWIN, "Boulangerie du Thabor", "Rennes", kind=Kind.COMPANY, category="entreprise"),
        make_document(
            MARKUP,
            "Atelier <script>alert('x')</script> & couture",
            "Rennes",
            description='<img src=x onerror=alert(1)> On y apprend la couture, "l\'ourlet" & le reste.',
        ),
    ]


def near_rennes(**facts: Any) -> Near:
    """Asking from the town hall of Rennes."""
    territories = ("commune:35238", "epci:243500139", "departement:35", "region:53", "france", "bassin:RENNES")
    return Near(**({"latitude": RENNES[0], "longitude": RENNES[1], "territories": territories} | facts))
