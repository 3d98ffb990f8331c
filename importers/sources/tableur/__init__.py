"""Any table of partners or companies, by a column mapping, or by the headers that people use when none is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_code_naf
from directory.models.record import SourcedRecord
from directory.text import fold
from directory.vocabulary import THEMATIQUES, Kind, Pathway, categories
from importers.bassins import NamedBassin, read_bassin
from importers.building import build_record
from importers.lookups import find_lookup
from importers.network_rows import slug, structure_contacts
from importers.places import read_departement, read_place
from importers.row import Row
from importers.run import Run
from importers.sources.tableur.mapping import ColumnMapping, parse_mapping, proposed
from importers.structures import guess_category
from importers.values import (
    Ages,
    Price,
    clean_html,
    optional,
    parse_count,
    read_ages,
    read_hours,
    read_price,
    read_siret,
    read_uai,
    tidy,
)


def records(run: Run) -> Iterator[SourcedRecord]:
    """One listing for each row.

    Raises:
        MappingRefused: The mapping cannot be used.
    """
    mapping = proposed(run.source) if run.mapping is None else parse_mapping(run.mapping, run.source)
    run.covers = (f"{mapping.name}-",) if mapping.complete else ()
    for path in run.paths:
        for row in run.rows(path, mapping.columns):
            record = _record(run, row, mapping)
            if record is not None:
                yield record


def _record(run: Run, row: Row, mapping: ColumnMapping) -> SourcedRecord | None:
    name = tidy(row.take("nom", to="name"))
    own_id = tidy(row.find("id") or "")
    siret = run.read_value(row, "siret", read_siret, None, to="siret", record_id=own_id)
    uai = run.read_value(row, "uai", read_uai, None, to="uai", record_id=own_id)
    where = row.find("code_postal") or "", row.find("commune") or ""
    record_id = f"{mapping.name}-{own_id or siret or uai or slug(name, *where)}"
    if not name:
        run.refuse(row, "nom", "", "Une fiche sans nom : la ligne est mise de côté.")
        return None
    category = _category(run, row, mapping, name)
    if category is None:
        return None
    departement = "".join(mapping.constants.get("departement", ())) or read_departement(run, row)
    bassin = _bassin(run, row, mapping, record_id)
    to = ("age_min", "age_max", "conditions")
    ages = run.read_cell(row, "ages", read_ages, Ages(), to=to, record_id=record_id)
    price = run.read_cell(row, "tarif", read_price, Price(), to=("frais", "frais_details"), record_id=record_id)
    naf = run.read_value(row, "code_naf", optional(parse_code_naf), None, to="naf", record_id=record_id)
    fields: dict[str, Any] = {
        "kind": mapping.kind,
        "category": category,
        "name": name,
        "visibility": mapping.visibility,
        "networks": categories()[category].networks[:1],
        "siret": siret,
        "uai": uai,
        "naf": naf,
        "description": clean_html(row.find("description", to="description") or ""),
        "conditions": " ; ".join(filter(None, (tidy(row.find("conditions", to="conditions") or ""), ages.words))),
        "opening_hours": run.read_cell(row, "horaires", read_hours, "", to="opening_hours", record_id=record_id),
        "age_min": ages.youngest,
        "age_max": ages.oldest,
        "frais": price.frais,
        "frais_details": price.details,
        "contacts": structure_contacts(run, row, record_id=record_id),
        "coverage": bassin.coverage,
        "bassin_label": "" if bassin.coverage else bassin.label,
        "thematiques": _words(run, row, "thematiques", mapping, record_id),
        "pathways": tuple(Pathway(word) for word in _words(run, row, "pathways", mapping, record_id)),
        "places": run.read_value(row, "places", parse_count, None, to="places", record_id=record_id),
        **read_place(run, row, departement=departement, record_id=record_id),
    }
    return build_record(run, row, record_id, fields, identities=_identities(mapping.kind, siret, uai))


def _identities(kind: Kind, siret: str | None, uai: str | None) -> tuple[str, ...]:
    company = (f"company|siret:{siret}",) if siret and kind is Kind.COMPANY else ()
    return (*company, *((f"uai:{uai}",) if uai else ()))


def _category(run: Run, row: Row, mapping: ColumnMapping, name: str) -> str | None:
    """The mapping's category, else what the row's own column says, else what its name states; None when the row was refused."""
    if mapping.category:
        row.ignore("categorie")
        return mapping.category
    written = tidy(row.find("categorie", to="category") or "")
    by_fold = {fold(value): code for value, code in mapping.by_value.items()}
    code = by_fold.get(fold(written)) or _by_label(written) or guess_category(written) or guess_category(name)
    if code is not None and mapping.kind in categories()[code].kinds:
        return code
    if written and mapping.by_value:
        run.refuse(row, "categorie", written, "Catégorie que la correspondance ne connaît pas : la ligne est mise de côté.")
        return None
    fallback = {Kind.COMPANY: "entreprise", Kind.SCHEME: "dispositif", Kind.EVENT: "information"}.get(mapping.kind, "autre")
    run.note(
        "categorie", written or name, f"Catégorie non reconnue : rangé dans « {categories()[fallback].label} ».", line=row.line
    )
    return fallback


def _by_label(text: str) -> str | None:
    key = fold(text)
    return next((code for code, entry in categories().items() if key in {code, fold(entry.label), fold(entry.plural)}), None)


def _bassin(run: Run, row: Row, mapping: ColumnMapping, record_id: str) -> NamedBassin:
    constant = "".join(mapping.constants.get("bassin", ()))
    if constant:
        return read_bassin(run, Row({"bassin": constant}, row.line), record_id=record_id)
    return NamedBassin("") if row.find("bassin") is None else read_bassin(run, row, record_id=record_id)


def _words(run: Run, row: Row, field: str, mapping: ColumnMapping, record_id: str) -> tuple[str, ...]:
    """Values of a vocabulary: the mapping's constants, then the row's own, each known or a doubt."""
    column = "propose" if field == "pathways" else field
    text = row.find(column, to=field) or ""
    found = dict.fromkeys(mapping.constants.get(field, ()))
    for part in re.split(f"[{re.escape(mapping.separators)}]+", text) if mapping.separators else [text]:
        word = tidy(part)
        if not word:
            continue
        try:
            found[_pathway(word) if field == "pathways" else _thematique(word)] = None
        except InvalidValue as error:
            run.doubt(row, column, word, error.public, record_id=record_id)
    return tuple(found)


def _thematique(word: str) -> str:
    code = word if word in THEMATIQUES else next((code for code, label in THEMATIQUES.items() if fold(label) == fold(word)), None)
    if code is None:
        raise InvalidValue("thematiques", word, "unknown", public=f"« {word[:80]} » n’est pas une thématique de data·inclusion.")
    return code


def _pathway(word: str) -> str:
    entry = find_lookup("entreprises", "propose", word)
    if entry is None:
        raise InvalidValue("propose", word, "unknown", public=f"« {word[:80]} » : type d’accueil inconnu (stage, emploi …).")
    return entry["pathway"]
