"""Any table of partners, companies or events, by a column mapping, or by one proposed from its headers and contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_code_naf, parse_code_rome
from directory.models.record import SourcedRecord
from directory.territory import departements
from directory.text import fold
from directory.vocabulary import Kind, Pathway, categories
from importers.bassins import NamedBassin, read_bassin
from importers.building import build_record
from importers.identities import number_identities
from importers.network_rows import slug, structure_contacts
from importers.places import read_departement, read_place
from importers.row import Row
from importers.run import Run
from importers.sources.tableur.events import read_event
from importers.sources.tableur.mapping import ColumnMapping, parse_mapping
from importers.sources.tableur.proposal import propose
from importers.sources.tableur.words import find_pathway, find_thematiques
from importers.structures import guess_category
from importers.values import (
    Ages,
    Price,
    clean_html,
    find_ages,
    optional,
    parse_count,
    parse_french_date,
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
        StructureChanged: A column of the mapping is gone, or none gives a name.
    """
    given = None if run.mapping is None else parse_mapping(run.mapping, run.source)
    run.covers = (f"{given.name}-",) if given is not None and given.complete else ()
    yield from _gathered(_records(run, given))


def _records(run: Run, given: ColumnMapping | None) -> Iterator[SourcedRecord]:
    seen: dict[str, str] = {}
    for path in run.paths:
        mapping = given or _proposed(run, path)
        run.sheet = run.sheet or mapping.sheet
        for row in run.rows(path, mapping.columns):
            row.ignore(*mapping.ignored)
            record = _record(run, row, mapping)
            if record is not None:
                yield _apart(record, seen)


def _gathered(records: Iterator[SourcedRecord]) -> Iterator[SourcedRecord]:
    """The records, one for rows that follow one another and name the same thing (a merged cell), with the contacts of all."""
    last: SourcedRecord | None = None
    rows = 1
    for entry in records:
        if last is None or (entry.record_id, entry.record.name) != (last.record_id, last.record.name):
            if last is not None:
                yield last
            last, rows = entry, 1
            continue
        rows += 1  # numbered among its own rows: a row added elsewhere in the table changes nothing of it
        contacts = tuple(dict.fromkeys((*last.record.contacts, *entry.record.contacts)))[:50]
        more = {f"{header} ({rows})": text for header, text in entry.raw.items() if text != last.raw.get(header)}
        last = last.model_copy(
            update={"record": last.record.model_copy(update={"contacts": contacts}), "raw": {**last.raw, **more}}
        )
    if last is not None:
        yield last


def _apart(record: SourcedRecord, seen: dict[str, str]) -> SourcedRecord:
    """A record whose number another row has under another name (two services of one SIRET) is told from it by its own name."""
    first = seen.setdefault(record.record_id, record.record.name)
    if first == record.record.name:
        return record
    return record.model_copy(update={"record_id": f"{record.record_id}-{slug(record.record.name)}"[:300], "identities": ()})


def _proposed(run: Run, path: Path) -> ColumnMapping:
    """The mapping proposed for a file, told in notes so that what was understood can be judged."""
    proposal = propose(path, run.source, run.max_bytes, run.sheet)
    columns = " ; ".join(f"{field} ← {', '.join(headers)}" for field, headers in proposal.columns().items())
    run.note("", path.name[:120], f"Colonnes comprises : {columns}. Pour en décider : relais mapping propose."[:1000])
    run.note("categorie", path.name[:120], f"Lu comme {proposal.why}."[:500])
    return parse_mapping(proposal.to_table("table"), run.source)


def _record(run: Run, row: Row, mapping: ColumnMapping) -> SourcedRecord | None:
    name = _name(row, mapping.kind)
    own_id = tidy(row.find("id") or "")
    siret = run.read_cell(row, "siret", read_siret, None, to="siret", record_id=own_id)
    uai = run.read_cell(row, "uai", read_uai, None, to="uai", record_id=own_id)
    where = row.find("code_postal") or "", row.find("commune") or ""
    # several establishments of a structure may share a SIRET
    known = (siret, uai) if mapping.kind is Kind.COMPANY else (uai, siret)
    record_id = f"{mapping.name}-{own_id or next(filter(None, known), '') or slug(name, *where)}"
    if not name:
        run.refuse(row, "nom", "", "Une fiche sans nom : la ligne est mise de côté.")
        return None
    if _is_remark(row, name):
        run.refuse(row, "nom", name, "Un titre ou une note, seul sur sa ligne : la ligne est mise de côté.")
        return None
    category = _category(run, row, mapping, name)
    if category is None:
        return None
    departement = "".join(mapping.constants.get("departement", ())) or read_departement(run, row)
    bassin = _bassin(run, row, mapping, record_id)
    ages, conditions = _whom(run, row, record_id)
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
        "conditions": conditions,
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
        "occupations": _occupations(run, row, record_id),
        "updated_at": run.read_value(row, "mis_a_jour", parse_french_date, None, to="updated_at", record_id=record_id),
        "places": run.read_value(row, "places", parse_count, None, to="places", record_id=record_id),
        **read_place(run, row, departement=departement, record_id=record_id),
    }
    if mapping.kind is Kind.EVENT:
        fields |= read_event(run, row, record_id)
        if not fields["occurrences"]:
            run.refuse(row, "date", row.find("date") or "", "Un événement sans date comprise : la ligne est mise de côté.")
            return None
        record_id = f"{record_id}-{fields['occurrences'][0].start.date()}"
    return build_record(run, row, record_id, fields, identities=number_identities(mapping.kind, category, siret=siret, uai=uai))


def _whom(run: Run, row: Row, record_id: str) -> tuple[Ages, str]:
    """The ages served, and what is said of who may come, which gives the ages where no column does."""
    bounds = ("age_min", "age_max")
    ages = run.read_cell(row, "ages", read_ages, Ages(), to=(*bounds, "conditions"), record_id=record_id)
    said = tidy(row.find("conditions", to="conditions") or "")
    conditions = " ; ".join(filter(None, (said, ages.words)))
    if ages == Ages() and said:
        ages = find_ages(said)
        if ages != Ages():
            row.find("conditions", to=bounds)
    return ages, conditions


def _name(row: Row, kind: Kind) -> str:
    """What people call it: a company by its sign, another by its name; the other of both where that cell is empty."""
    name, sign = tidy(row.take("nom", to="name")), tidy(row.find("enseigne", to="name") or "").strip("*\"«» “”'")
    return (sign or name if kind is Kind.COMPANY else name or sign).strip('*"«» “”')


_REMARK = re.compile(r"(?:source|nb|attention|legende|total|annuaire)\b|mise? a jour|liste d|exemple invente")


def _is_remark(row: Row, name: str) -> bool:
    """Whether a row holds a title or a note and nothing else: « Ille-et-Vilaine », « Source : rectorat, 2026 »."""
    if len(row.raw) < 3 or sum(1 for text in row.raw.values() if text) > 1:
        return False
    key = fold(name)
    return (
        len(name) > 80
        or bool(_REMARK.match(key))
        or any(key in {fold(e.name), fold(e.region_name)} for e in departements().values())
    )


def _occupations(run: Run, row: Row, record_id: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in re.findall(r"[^\s;,|/]+", row.find("rome", to="occupations") or ""):
        try:
            found[parse_code_rome(word)] = None
        except InvalidValue as error:
            run.doubt(row, "rome", word, error.public, record_id=record_id)
    return tuple(found)


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
        pathway = find_pathway(word) if field == "pathways" else None
        codes = (pathway,) if pathway else find_thematiques(word) if field == "thematiques" else ()
        found.update(dict.fromkeys(codes))
        if not codes:
            run.doubt(row, column, word, f"« {word[:80]} » {_UNKNOWN_WORD[field]}", record_id=record_id)
    return tuple(found)


_UNKNOWN_WORD = {
    "thematiques": "n’est pas une thématique de data·inclusion, ni un besoin connu.",
    "pathways": ": type d’accueil inconnu (stage, emploi …).",
}
