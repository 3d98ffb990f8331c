"""The education directory: lycées (whom each serves: its own pupils), CIO, GRETA, maisons familiales rurales.

Its CSV and the records of its API say the same under almost the same names. A UAI may stand on several lines: an establishment
that has two sites, or two ways of being named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_siret, parse_uai
from directory.models.record import Contact, Coverage, SourcedRecord
from directory.text import fold
from directory.vocabulary import Kind, Precision, Scope
from importers.building import build_record
from importers.guards import Content, check_file
from importers.identities import number_identities
from importers.lookups import find_lookup
from importers.network_rows import slug
from importers.places import read_place
from importers.row import Row
from importers.run import Run
from importers.sources.education.greta import Members
from importers.values import optional, parse_email, parse_french_date, parse_phones, parse_url, tidy

_SOURCE = "education"
_OPEN = frozenset({"ouvert", "a fermer"})
_YES = frozenset({"1", "1.0"})
_SECTION = "filiere ou departement ou section"
_NETWORKS = {"lycee": ("lycee",), "mfr": ("mfr",), "cio": ("cio",), "greta": ("greta",)}
_IGNORED = frozenset({
    "adresse 3", "code departement", "code academie", "code region", "ecole maternelle", "ecole elementaire", "voie generale",
    "voie technologique", "fax", "restauration", "hebergement", "ulis", "segpa", "section arts", "section cinema",
    "section theatre", "section sport", "section internationale", "section europeenne", "lycee agricole", "lycee militaire",
    "post bac", "appartenance education prioritaire", "nombre d eleves", "fiche onisep", "position", "type contrat prive",
    "libelle departement", "libelle academie", "libelle region", "coordonnee x", "coordonnee y", "coordx origine",
    "coordy origine", "epsg", "epsg origine", "nom circonscription", "date ouverture", "ministere tutelle", "rpi concentre",
    "rpi disperse", "code type contrat prive", "pial", "code bassin formation", "nom region", "code circonscription",
})  # fmt: skip


def records(run: Run) -> Iterator[SourcedRecord]:
    """The establishments of the field. A file speaks for the départements (the first three digits of a UAI) that it holds."""
    left, greta = _Left(run), Members()
    prefixes: set[str] = set()
    seen: set[str] = set()
    for path in run.paths:
        rows = run.items(path) if check_file(path, run.max_bytes) is Content.JSON else run.rows(path)
        for row in rows:
            row.ignore(*(header for header in row.raw if _is_ignored(header)))
            record = _record(run, row, left, seen)
            if record is not None:
                prefixes.add(record.record_id[:3])
                yield record
                if record.record.category == "lycee" and (row.find("greta", to="category") or "").strip() in _YES:
                    greta.add(row, record)
    yield from greta.listings(run)
    left.tell()
    run.covers = tuple(sorted(prefixes))


def _record(run: Run, row: Row, left: _Left, seen: set[str]) -> SourcedRecord | None:
    text, name = row.take("uai", to="uai"), tidy(row.take("nom", to="name")).replace("'", "’")
    number, label = row.take("nature", to="category"), tidy(row.take("type"))
    state, status = tidy(row.take("etat")), tidy(row.take("statut", to="description"))
    known = left.find(number, tidy(row.find("libelle_nature") or "") or label, name)
    if known is None:
        row.refused = True
        return None
    try:
        uai = parse_uai(text)
    except InvalidValue as error:
        run.refuse(row, "uai", text, error.public)
        return None
    if fold(state).startswith("ferme"):
        run.close(row, "etat", state, f"L’annuaire de l’éducation dit cet établissement fermé (« {state} »).", record_id=uai)
        return None
    if fold(state) not in _OPEN:
        run.note("etat", state, f"Établissements « {state} » : ils ne sont pas publiés.", line=row.line)
        row.refused = True
        return None
    record_id, alone = _record_id(row, uai, name, seen)
    category, what = known
    fields: dict[str, Any] = {
        "kind": Kind.PARTNER,
        "category": category,
        "name": name,
        "uai": uai,
        "networks": _NETWORKS[category],
        "description": _description(row, what, status),
        "coverage": _coverage(run, row, category, uai),
        "bassin_label": tidy(row.find("bassin", to="bassin_label") or ""),
        "contacts": _contacts(run, row, record_id),
        "siret": run.read_value(row, "siret", _siret, None, to="siret", record_id=record_id),
        "updated_at": run.read_value(row, "maj", parse_french_date, None, to="updated_at", record_id=record_id),
        **_place(run, row, record_id),
    }
    # of a UAI that several lines share, none is that UAI
    identities = number_identities(Kind.PARTNER, category, siret=fields["siret"], uai=uai if alone else None)
    return build_record(run, row, record_id, fields, identities=identities)


def _record_id(row: Row, uai: str, name: str, seen: set[str]) -> tuple[str, bool]:
    """The record's id, and whether its UAI is its alone: the lines of one UAI are told apart by their names, and not united."""
    alone = (row.find("lignes") or "0") in {"0", "false"} and uai not in seen
    seen.add(uai)
    return (uai, True) if alone else (f"{uai}-{slug(name)}", False)


def _description(row: Row, what: str, status: str) -> str:
    """What it is and what it has, in a sentence."""
    marks = (
        ("voie_professionnelle", "voie professionnelle"),
        ("apprentissage", "apprentissage"),
        ("lycee_des_metiers", "lycée des métiers"),
        ("greta", "membre d’un GRETA"),
    )
    held = [text for column, text in marks if (row.find(column, to="description") or "").strip() in _YES]
    whose = {"public": " public", "prive": " privé"}.get(fold(status), "")
    return f"{what}{whose}." + (f" {', '.join(held)[:1].upper()}{', '.join(held)[1:]}." if held else "")


def _coverage(run: Run, row: Row, category: str, uai: str) -> tuple[Coverage, ...]:
    """A lycée serves its own pupils, a section those of its lycée too. The file does not say whom a CIO serves."""
    mother = run.read_value(row, "mere", optional(parse_uai), None, to="coverage", record_id=uai)
    if category != "lycee":
        return ()
    codes = [uai, mother] if mother and fold(row.find("rattachement") or "") == _SECTION else [uai]
    return tuple(Coverage(scope=Scope.ESTABLISHMENT, code=code) for code in codes)


def _contacts(run: Run, row: Row, record_id: str) -> tuple[Contact, ...]:
    nobody: tuple[str, ...] = ()
    phones = run.read_value(row, "telephone", parse_phones, nobody, to="contacts", record_id=record_id)
    email = run.read_value(row, "courriel", parse_email, "", to="contacts", record_id=record_id)
    url = run.read_value(row, "site", parse_url, "", to="contacts", record_id=record_id)
    contacts = [Contact(phone=phone) for phone in phones]
    contacts += [Contact(email=email)] if email else []
    return (*contacts, *([Contact(url=url)] if url else []))


def _place(run: Run, row: Row, record_id: str) -> dict[str, Any]:
    more = tidy(row.find("complement", to="address") or "")
    place = read_place(run, row, record_id=record_id)
    if more and more not in place.get("address", ""):
        place["address"] = ", ".join(filter(None, (place.get("address"), more)))
    told = find_lookup(_SOURCE, "precision", row.find("precision", to="precision") or "")
    if told is not None and place.get("precision") is Precision.POINT:
        place["precision"] = Precision(told["category"])
    return place


def _siret(text: str) -> str | None:
    """A SIRET; the nine digits of a SIREN say nothing of the establishment."""
    return parse_siret(text) if text and len(text) != 9 else None


@cache
def _is_ignored(header: str) -> bool:
    return fold(header) in _IGNORED


class _Left:
    """Tells the natures of the field from the others, and counts these."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._out: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def find(self, number: str, label: str, name: str) -> tuple[str, str] | None:
        """Category and label of a nature of the field. A GRETA that has a line of its own is known by what it is called."""
        entry = find_lookup(_SOURCE, "nature", number.removesuffix(".0"))
        if entry is None and "greta" in fold(f"{label} {name}").split():
            return "greta", "Groupement d’établissements (GRETA)"
        if entry is not None and entry["category"]:
            return entry["category"], entry["text"]
        if entry is not None:
            self._out[entry["text"]] += 1
        else:
            self._unknown[f"{number} {label}".strip()] += 1
        return None

    def tell(self) -> None:
        """One note for the natures that are out of the field, one for each that lookups.csv does not name."""
        if self._out:
            told = ", ".join(f"{name} ({count})" for name, count in self._out.most_common())
            self._run.note("code_nature", told, f"Établissements hors du champ, non lus : {sum(self._out.values())}.")
        for name, count in self._unknown.most_common():
            self._run.note("code_nature", name, f"Nature inconnue de la table du champ, non lue : {count} établissement(s).")
