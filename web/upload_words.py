"""The words of lists that are sent: what a column may be, and the mapping that a filled form says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from directory.errors import InvalidValue
from directory.models.accounts import Account, Area, Role
from directory.models.uploads import UploadState
from directory.text import fold
from directory.vocabulary import Kind, Visibility, categories

MOST_COLUMNS = 150
"""Columns that the form shows; those beyond are not read."""
FIELD_LABELS: Mapping[str, str] = {
    "nom": "Nom",
    "enseigne": "Enseigne, nom usuel",
    "id": "Numéro de la ligne dans la liste",
    "categorie": "Catégorie",
    "description": "Présentation",
    "adresse": "Adresse (rue)",
    "code_postal": "Code postal",
    "commune": "Commune",
    "code_insee": "Code INSEE de la commune",
    "departement": "Département",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "telephone": "Téléphone",
    "courriel": "Adresse électronique",
    "site": "Site",
    "contact": "Personne à contacter",
    "bassin": "Bassin ou district",
    "siret": "SIRET",
    "uai": "UAI",
    "code_naf": "Code NAF",
    "ages": "Âges",
    "horaires": "Horaires d’ouverture",
    "tarif": "Tarif",
    "conditions": "Conditions, public",
    "thematiques": "Thématiques",
    "propose": "Ce qui est proposé (stage, emploi…)",
    "rome": "Codes ROME",
    "mis_a_jour": "Date de mise à jour",
    "date": "Date de l’événement",
    "heures": "Heures de l’événement",
    "inscription": "Lien d’inscription",
    "places": "Nombre de places",
}
STATE_LABELS: Mapping[UploadState, str] = {
    UploadState.EXAMINING: "Lecture du fichier",
    UploadState.PROPOSED: "Les colonnes sont à relire",
    UploadState.PLANNING: "Essai en cours, rien n’est publié",
    UploadState.PLANNED: "Prêt à publier",
    UploadState.APPLYING: "Publication en cours",
    UploadState.APPLIED: "Publié",
    UploadState.UNDOING: "Annulation en cours",
    UploadState.UNDONE: "Annulé",
    UploadState.FAILED: "Fichier illisible",
    UploadState.CANCELLED: "Abandonné",
}
KINDS: Mapping[Kind, str] = {
    Kind.PARTNER: "Des partenaires",
    Kind.COMPANY: "Des entreprises",
    Kind.EVENT: "Des salons ou événements",
}


def parse_list_name(text: str, by: Account) -> str:
    """The name that begins the ids of a list's records: a lycée's own begin with its UAI, so that none writes over another's.

    Raises:
        InvalidValue: Nothing is left of it.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    scope = "" if by.role is Role.ADMINISTRATOR else f"{by.code if by.area is Area.LYCEE else fold(by.code)}-".lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    name = re.sub(r"[^a-z0-9-]+", "-", f"{scope}{slug}")[:40].strip("-")
    if not slug or name == scope.strip("-"):
        raise InvalidValue(
            "liste", text[:40], "no name", public="Donnez un nom à la liste : quelques lettres, « partenaires 2026 »."
        )
    return name


def parse_mapping_form(typed: Mapping[str, Sequence[str]], proposal: Mapping[str, Any], name: str, by: Account) -> dict[str, Any]:
    """The mapping that a filled form says (``importers.sources.tableur.mapping``).

    Args:
        typed: The form: ``colonne-<rank>`` is the field of each column.
        proposal: The columns as they were proposed, and the sheet that has them.
        name: Whose table it is.
        by: Who says it: listings that are not for everyone are the administrator's.

    Raises:
        InvalidValue: A column is said to be what does not exist, or none is the name.
    """
    kind = _first(typed, "nature")
    if kind not in set(KINDS):
        raise _refused("Dites ce que sont les lignes : des partenaires, des entreprises ou des événements.")
    columns: Sequence[Mapping[str, Any]] = proposal.get("columns", [])
    chosen: dict[str, list[str]] = {}
    for rank, column in enumerate(columns[:MOST_COLUMNS]):
        field = _first(typed, f"colonne-{rank}")
        if field and field not in FIELD_LABELS:
            raise _refused(f"« {field[:40]} » n’est pas un champ connu.")
        if field:
            chosen.setdefault(field, []).append(column["header"])
    if not {"nom", "enseigne"} & chosen.keys():
        raise _refused("Dites quelle colonne donne le nom : sans lui, une fiche ne peut pas être publiée.")
    read = {header for headers in chosen.values() for header in headers}
    category = _first(typed, "categorie")
    if category and (category not in categories() or Kind(kind) not in categories()[category].kinds):
        raise _refused(
            "Cette catégorie n’est pas celle de telles lignes : choisissez-en une autre, ou laissez chaque ligne la dire."
        )
    seen_by = _first(typed, "visibilite") if by.role is Role.ADMINISTRATOR else ""
    return {
        "nom_source": name,
        "kind": kind,
        **({"category": category} if category else {}),
        "visibility": seen_by if seen_by in set(Visibility) else str(Visibility.PUBLIC),
        **({"feuille": proposal["sheet"]} if proposal.get("sheet") else {}),
        "complete": "complete" in typed,
        "ignorees": [column["header"] for column in columns if column["header"] not in read],
        "colonnes": {
            field: headers[0] if len(headers) == 1 else {"ensemble": headers}
            for field, headers in ({"nom": chosen.pop("enseigne")} | chosen if "nom" not in chosen else chosen).items()
        },
    }


def _first(typed: Mapping[str, Sequence[str]], name: str) -> str:
    return (typed.get(name) or [""])[0].strip()


def _refused(public: str) -> InvalidValue:
    return InvalidValue("colonnes", "…", "cannot be used", public=public)
