"""PSAD: an académie's table of platforms; one row gives a platform, its entry point, its MLDS coordinator and its partners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from directory.models.record import Contact, SourcedRecord
from directory.territory import academie_of
from directory.text import fold
from directory.vocabulary import Kind
from importers.bassins import NamedBassin, read_bassin
from importers.lookups import find_lookup
from importers.network_rows import Gatherer, reach, slug, split_names
from importers.places import read_departement, read_place
from importers.row import Row
from importers.run import Run
from importers.structures import guess_category
from importers.values import parse_url, tidy

_SOURCE = "psad"


def records(run: Run) -> Iterator[SourcedRecord]:
    """One listing for each platform, MLDS coordination, entry point and partner of the tables.

    A structure named by several rows (a CIO that is the entry point of three districts) is one listing that serves them all. A
    table is whole for its académie: what it held of it and no longer holds has vanished.
    """
    gatherer = Gatherer()
    owners: dict[str, None] = {}
    for path in run.paths:
        for row in run.rows(path):
            owner = _read(run, row, gatherer)
            if owner:
                owners[f"{owner}-"] = None
    run.covers = tuple(owners)
    yield from gatherer.records(run)


def _read(run: Run, row: Row, gatherer: Gatherer) -> str:
    """Add what a row says; returns whose table it is (an académie, else a département, as the beginning of the record ids)."""
    bassin_name, entry = tidy(row.take("bassin")), tidy(row.take("point_entree", to="description"))
    if not bassin_name or not entry:
        run.refuse(
            row, "point_entree" if bassin_name else "bassin", "", "Valeur obligatoire absente : la ligne est mise de côté."
        )
        return ""
    departement = read_departement(run, row)
    academie = tidy(row.find("academie") or "") or academie_of(departement)
    place = read_place(run, row, departement=departement)
    found = place["code_departement"] or ""
    academie = academie or academie_of(found)
    owner = slug(academie or found)
    bassin = read_bassin(run, row, academie=academie)
    platform = tidy(row.find("plateforme", to="name") or "") or f"PSAD – {bassin.label}"
    contacts = reach(run, row, "telephone", "courriel", label=f"Point d’entrée : {entry}"[:200])
    site = run.read_value(row, "site", parse_url, "", to="contacts")
    contacts += (Contact(label="Site", url=site),) if site else ()
    base = {"kind": Kind.PARTNER, "code_departement": found or None}
    fields = {"category": "psad", "name": platform, "networks": ("psad",), "description": f"Point d’entrée : {entry}."}
    gatherer.add(slug(owner, "psad", bassin.label, platform), row, base | place | fields, bassin=bassin, contacts=contacts)
    entry_fields = base | place | {"category": _category(run, row, "point_entree", entry), "name": entry}
    gatherer.add(slug(owner, "structure", entry), row, entry_fields, bassin=bassin, contacts=_shared(contacts))
    _add_coordination(run, row, gatherer, owner, bassin, base)
    for name in split_names(row.find("partenaires") or ""):
        if fold(name) != fold(entry):
            partner = base | {"category": _category(run, row, "partenaires", name), "name": name}
            gatherer.add(slug(owner, "structure", name), row, partner, bassin=bassin)
    return owner


def _add_coordination(run: Run, row: Row, gatherer: Gatherer, owner: str, bassin: NamedBassin, base: dict[str, Any]) -> None:
    person = tidy(row.find("coordonnateur_mlds", to="contacts") or "")
    contacts = reach(run, row, "telephone_mlds", "courriel_mlds", label="Coordination MLDS", name=person)
    if contacts:
        fields = base | {"category": "mlds", "name": f"MLDS – {bassin.label}", "networks": ("mlds",)}
        gatherer.add(slug(owner, "mlds", bassin.label), row, fields, bassin=bassin, contacts=contacts)


def _shared(contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """The platform's contacts as the entry point's own: they are the same phone and address."""
    return tuple(contact.model_copy(update={"label": "Accueil"}) for contact in contacts if not contact.url)


def _category(run: Run, row: Row, column: str, name: str) -> str:
    known = find_lookup(_SOURCE, "structure", name)
    category = known["category"] if known is not None else guess_category(name)
    if category is None:
        run.note(column, name, f"« {name[:80]} » est rangé parmi les associations, faute de mieux.", line=row.line)
    return category or "association"
