"""CLEE: an académie's table of school-business committees; each has a bassin, two leaders and lycées, and no address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from directory.errors import InvalidValue
from directory.identifiers import parse_uai
from directory.models.record import Contact, Coverage, SourcedRecord
from directory.territory import academie_of
from directory.vocabulary import Kind, Scope
from importers.bassins import read_bassin
from importers.network_rows import Gatherer, reach, slug
from importers.places import read_departement
from importers.row import Row
from importers.run import Run
from importers.values import parse_url, tidy


def records(run: Run) -> Iterator[SourcedRecord]:
    """One listing for each committee; a table may give it one row, or one for each of its lycées.

    A table is whole for its académie: a committee that it no longer holds has vanished.
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
    """Add what a row says; returns whose table it is, as the beginning of the record ids."""
    departement = read_departement(run, row)
    academie = tidy(row.find("academie") or "") or academie_of(departement)
    school, business = (tidy(row.take(column, to="contacts")) for column in ("responsable_ecole", "responsable_entreprise"))
    if not tidy(row.take("bassin")):
        run.refuse(row, "bassin", "", "Un CLEE sans bassin ne sert personne : la ligne est mise de côté.")
        return ""
    for column, name in (("responsable_ecole", school), ("responsable_entreprise", business)):
        if not name:
            run.doubt(row, column, "", "Un CLEE a deux responsables : il en manque un.")
    bassin = read_bassin(run, row, academie=academie)
    name = tidy(row.find("clee", to="name") or "") or f"CLEE – {bassin.label}"
    owner = slug(academie or departement)
    contacts = (
        *reach(run, row, "telephone_ecole", "courriel_ecole", label="Responsable école", name=school),
        *reach(run, row, "telephone_entreprise", "courriel_entreprise", label="Responsable entreprise", name=business),
    )
    site = run.read_value(row, "site", parse_url, "", to="contacts")
    contacts += (Contact(label="Site", url=site),) if site else ()
    fields = {
        "kind": Kind.PARTNER,
        "category": "clee",
        "name": name,
        "networks": ("clee",),
        "code_departement": departement or None,
    }
    lycees = _lycees(run, row)
    gatherer.add(slug(owner, "clee", bassin.label, name), row, fields, bassin=bassin, coverage=lycees, contacts=contacts)
    return owner


def _lycees(run: Run, row: Row) -> tuple[Coverage, ...]:
    """The establishments of a cell that may hold names beside their UAIs; a UAI with a wrong letter is a doubt."""
    text = row.find("etablissements", to="coverage") or ""
    covered = []
    for written in re.findall(r"\b\d{7}\s?[A-Za-z]\b", text):
        try:
            uai = parse_uai(written)
        except InvalidValue as error:
            run.doubt(row, "etablissements", written, error.public)
            continue
        if run.geocoder.find_lycee(uai) is None:
            run.note("etablissements", uai, f"L’UAI {uai} n’est pas un lycée connu : il est gardé.", line=row.line)
        covered.append(Coverage(scope=Scope.ESTABLISHMENT, code=uai))
    if text and not covered:
        run.doubt(row, "etablissements", text, "Aucun UAI lisible (7 chiffres et une lettre).")
    return tuple(covered)
