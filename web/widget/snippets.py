"""What a site pastes into its pages: the element, the plain frame; and what oEmbed gives to those that paste by themselves."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from web.widget.asking import MOST, TITLE, USUAL, query_string

FRAME_WIDTH, FRAME_HEIGHT = 600, 640

_ATTRIBUTES = {
    "lieu": "lieu",
    "rayon": "rayon",
    "departement": "departement",
    "genre": "kinds",
    "theme": "thematiques",
    "metier": "occupations",
    "q": "q",
    "nombre": "nombre",
    "titre": "titre",
    "couleur": "couleur",
    "fond": "fond",
    "dates": "dates",
}
"""Parameter of the address → attribute of the element."""

ATTRIBUTES_SAID = (
    ("departement", "Les départements où les fiches sont situées, par leurs codes.", "35,22"),
    ("lieu", "Une commune, un code postal ou une adresse, autour de quoi chercher.", "35300 Fougères"),
    ("rayon", "La distance au lieu, en kilomètres : 5, 10, 20, 30, 50 ou 100.", "20"),
    (
        "kinds",
        "Les genres : partner (partenaires), scheme (dispositifs), company (entreprises), event (événements).",
        "partner,event",
    ),
    ("thematiques", "Les besoins : thématiques de data·inclusion, ou leurs domaines.", "mobilite"),
    ("occupations", "Les métiers, par leurs codes ROME.", "G1602"),
    ("q", "Ce qui est cherché au départ.", "mission locale"),
    ("nombre", f"Le nombre de résultats montrés d’abord, de 1 à {MOST} ({USUAL} sans lui).", "10"),
    ("titre", "Le titre, qui est aussi le nom du cadre pour les lecteurs d’écran.", "Près de chez vous"),
    ("couleur", "La couleur des liens et des boutons, en six chiffres.", "#1d4f73"),
    ("fond", "La couleur du fond, de même.", "#ffffff"),
    ("dates", "La langue des dates, si le navigateur la connaît.", "en"),
)
"""Attribute, what it sets, an example: what the configurator tells of each."""

Parameters = Mapping[str, list[str]]


def element(home: str, parameters: Parameters, searched: Parameters) -> str:
    """The script and the element; the link within is for who has no JavaScript.

    Args:
        home: Address of these pages.
        parameters: Of the frame.
        searched: Those of them that the search page has too.
    """
    return Markup('<script type="module" src="{}/widget/v1.js"></script>\n{}').format(home, live(home, parameters, searched))


def live(home: str, parameters: Parameters, searched: Parameters) -> Markup:
    """The element alone."""
    attributes = Markup("").join(
        Markup(' {}="{}"').format(_ATTRIBUTES[name], ",".join(values)) for name, values in parameters.items()
    )
    link = Markup('  <a href="{}">Rechercher un partenaire sur Relais</a>').format(_address(home, "/recherche", searched))
    return Markup("<relais-recherche{}>\n{}\n</relais-recherche>").format(attributes, link)


def frame(home: str, parameters: Parameters, *, site: str = "", width: int | str = "100%", height: int = FRAME_HEIGHT) -> str:
    """The plain frame, for sites that allow no script of others; it tells whose page it is in by ``site`` or by the browser."""
    told = {**parameters, **({"site": [site]} if site else {})}
    title = "".join(parameters.get("titre", [])) or TITLE
    return Markup('<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" referrerpolicy="origin"></iframe>').format(
        _address(home, "/widget/recherche", told), title, width, height
    )


def _address(home: str, path: str, parameters: Parameters) -> str:
    return f"{home}{path}" + (f"?{query_string(parameters)}" if parameters else "")
