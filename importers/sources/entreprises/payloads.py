"""Answers of the APIs that tell of companies: Sirene, company search, La Bonne Boîte (both versions), La bonne alternance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from directory.errors import InvalidValue
from directory.models.record import Contact, SourcedRecord
from directory.vocabulary import Pathway
from importers.errors import StructureChanged
from importers.json_items import flatten, read_json_items
from importers.row import Row
from importers.run import Run
from importers.sources.entreprises.establishment import Establishment, Size, bracket, name_of, read_size, to_record
from importers.sources.entreprises.stock import CLOSED, HIDDEN, OPEN, LeftOut, known_column, read_establishment
from importers.values import parse_phones, parse_url

Item = Mapping[str, Any]
_CONTAINERS = ("etablissements", "results", "companies", "items", "recruiters")
_LARGEST_SINGLE = 5_000_000
_FIRST = 50


@dataclass(frozen=True, slots=True)
class _Shape:
    """One API's answer.

    Attributes:
        mark: The key that only its items have.
        required: Keys that they must have.
        known: Keys that are read or left out on purpose.
    """

    mark: str
    required: frozenset[str]
    known: Callable[[str], bool]
    read: Callable[[Run, Item, int, LeftOut], Iterator[SourcedRecord | None]]


def read_payload(run: Run, path: Path, left: LeftOut) -> Iterator[SourcedRecord]:
    """The establishments of a saved answer.

    Raises:
        StructureChanged: An answer of another API, or one that lacks a mandatory key.
    """
    items = _items(path)
    first = list(islice(items, _FIRST))
    shape = _recognise(path, first)
    for rank, item in chain(first, items):
        if not isinstance(item, dict):
            raise _unknown(path, "un élément n’est pas un objet")
        run.count()
        for key in item:
            if not shape.known(key):
                run.note(key, str(item[key])[:200], "Colonne inconnue : elle n’est pas lue.", line=rank)
        yield from (record for record in shape.read(run, item, rank, left) if record is not None)


def _items(path: Path) -> Iterator[tuple[int, Any]]:
    """The items of an answer; an answer about one establishment is one item."""
    single = _single(path)
    return iter([(1, single)]) if single is not None else read_json_items(path, _CONTAINERS)


def _single(path: Path) -> Item | None:
    if path.stat().st_size > _LARGEST_SINGLE:
        return None
    try:
        found = from_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None  # the streaming reader says what is wrong with it
    if not isinstance(found, dict):
        return None
    inner = found.get("etablissement")
    if isinstance(inner, dict):
        return inner
    return found if "siret" in found else None


def _recognise(path: Path, first: list[tuple[int, Any]]) -> _Shape:
    keys = {key for _, item in first if isinstance(item, dict) for key in item}
    if {"reference", "contractType"} <= keys:
        raise _unknown(path, "ce sont des offres d’emploi, périmées en quelques semaines, dont l’employeur n’a pas de SIRET")
    shape = next((shape for shape in _SHAPES if shape.mark in keys), None)
    if shape is None:
        raise _unknown(path, "il n’a la forme d’aucune réponse connue (Sirene, recherche d’entreprises, La Bonne Boîte)")
    missing = sorted(shape.required - keys)
    if missing:
        raise _unknown(path, f"il y manque « {' », « '.join(missing)} »")
    return shape


def _unknown(path: Path, why: str) -> StructureChanged:
    return StructureChanged(f"{path}: {why}", public=f"« {path.name[:120]} » n’est pas lu : {why}. Rien n’est publié.")


def _text(item: object, *keys: str) -> str:
    """The text under some nested keys; empty where there is none."""
    for key in keys:
        item = item.get(key) if isinstance(item, dict) else None
    return str(item).strip() if isinstance(item, str | int | float) or hasattr(item, "as_tuple") else ""


def _row(item: Item, rank: int) -> Row:
    return Row({key: text for key, text in flatten(item).items() if text}, rank)


def _size(run: Run, row: Row, column: str, text: str, read: Callable[[str], Size]) -> Size:
    try:
        return read(text)
    except InvalidValue as error:
        run.doubt(row, column, text, error.public, record_id=row.raw.get("siret", ""))
        return None, None


def _contacts(run: Run, row: Row, *, phone: str = "", url: tuple[str, str] = ("", "")) -> tuple[Contact, ...]:
    found: list[Contact] = []
    try:
        found += [Contact(phone=number) for number in parse_phones(phone)]
        if url[1]:
            found.append(Contact(url=parse_url(url[1])))
    except InvalidValue as error:
        run.doubt(row, url[0] or "phone", str(error.value), error.public, record_id=row.raw.get("siret", ""))
    return tuple(found)


# ---------------------------------------------------------------- INSEE, API Sirene 3.11
def _sirene(run: Run, item: Item, rank: int, left: LeftOut) -> Iterator[SourcedRecord | None]:
    """The API nests what the stock holds flat, and gives every period: the one without an end is today's."""
    periods = item.get("periodesEtablissement") or ()
    current: Item = next((period for period in periods if isinstance(period, dict) and not period.get("dateFin")), {})
    parts = (item.get("uniteLegale"), item.get("adresseEtablissement"), current, item)
    cells: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, dict):
            cells |= {key: value for key, value in part.items() if not isinstance(value, dict | list)}
    cells.setdefault("etatAdministratifEtablissement", "")
    yield read_establishment(run, cells, rank, left, asked=True)


# ---------------------------------------------------------------- API « recherche d'entreprises »
_SEARCH_KEYS = frozenset(
    {
        "siren", "nom_complet", "nom_raison_sociale", "sigle", "nombre_etablissements", "nombre_etablissements_ouverts", "siege",
        "activite_principale", "activite_principale_naf25", "categorie_entreprise", "caractere_employeur",
        "annee_categorie_entreprise", "annee_tranche_effectif_salarie", "date_creation", "date_fermeture", "date_mise_a_jour",
        "date_mise_a_jour_insee", "date_mise_a_jour_rne", "dirigeants", "etat_administratif", "nature_juridique",
        "section_activite_principale", "tranche_effectif_salarie", "statut_diffusion", "matching_etablissements", "finances",
        "complements", "meta", "score",
    }
)  # fmt: skip
_SEARCH_ORIGINS = {
    "siret": ("siret",), "name": ("liste_enseignes", "nom_commercial", "nom_complet"), "naf": ("activite_principale",),
    "employees_min": ("tranche_effectif_salarie",), "employees_max": ("tranche_effectif_salarie",), "address": ("adresse",),
    "code_postal": ("code_postal",), "code_commune": ("commune", "libelle_commune"), "latitude": ("latitude",),
    "longitude": ("longitude",),
}  # fmt: skip


def _search(run: Run, item: Item, rank: int, left: LeftOut) -> Iterator[SourcedRecord | None]:
    """The establishments that matched, and the head office."""
    found = [item.get("siege"), *(item.get("matching_etablissements") or ())]
    by_siret = {_text(entry, "siret"): entry for entry in found if isinstance(entry, dict)}
    for siret, entry in by_siret.items():
        states = {_text(entry, "statut_diffusion_etablissement") or "O", _text(item, "statut_diffusion") or "O"}
        if _text(entry, "etat_administratif") not in {"", OPEN}:
            left.add(run, CLOSED, siret)
        elif states != {"O"}:
            left.add(run, HIDDEN, siret)
        else:
            row = _row({**entry, "nom_complet": item.get("nom_complet")}, rank)
            yield to_record(run, row, _found_by_search(run, row, item, entry, siret))


def _found_by_search(run: Run, row: Row, item: Item, entry: Item, siret: str) -> Establishment:
    signs = [str(sign) for sign in entry.get("liste_enseignes") or () if sign]
    return Establishment(
        siret=siret,
        name=name_of(next(iter(signs), "") or _text(entry, "nom_commercial"), _text(item, "nom_complet")),
        naf=_text(entry, "activite_principale"),
        size=_size(run, row, "tranche_effectif_salarie", _text(entry, "tranche_effectif_salarie"), bracket),
        street=_text(entry, "adresse"),
        postal=_text(entry, "code_postal"),
        commune=_text(entry, "commune"),
        town=_text(entry, "libelle_commune"),
        latitude=_text(entry, "latitude"),
        longitude=_text(entry, "longitude"),
        origins=_SEARCH_ORIGINS,
    )


# ---------------------------------------------------------------- La Bonne Boîte
_BOITE = "Pourrait recruter, d’après La Bonne Boîte (France Travail)."
_BOITE_1 = frozenset(
    {
        "address", "alternance", "boosted", "city", "contact_mode", "distance", "headcount_text", "lat", "lon",
        "matched_rome_code", "matched_rome_label", "matched_rome_slug", "naf", "naf_text", "name", "raison_sociale", "siret",
        "social_network", "stars", "url", "website", "email", "phone",
    }
)  # fmt: skip
_BOITE_2 = frozenset(
    {
        "id", "siret", "rome", "company_name", "office_name", "naf", "naf_label", "location", "city", "citycode", "postcode",
        "department", "department_number", "region", "email", "phone", "website", "headcount_min", "headcount_max",
        "hiring_potential", "is_high_potential", "distance", "url",
    }
)  # fmt: skip


def _boite_1(run: Run, item: Item, rank: int, _left: LeftOut) -> Iterator[SourcedRecord | None]:
    row = _row(item, rank)
    told = Establishment(
        siret=_text(item, "siret"),
        name=_text(item, "name") or _text(item, "raison_sociale"),
        naf=_text(item, "naf"),
        size=_size(run, row, "headcount_text", _text(item, "headcount_text"), read_size),
        street=_text(item, "address"),
        town=_text(item, "city"),
        latitude=_text(item, "lat"),
        longitude=_text(item, "lon"),
        contacts=_contacts(run, row, phone=_text(item, "phone"), url=("website", _text(item, "website"))),
        pathways=(Pathway.JOB, Pathway.APPRENTICESHIP) if item.get("alternance") is True else (Pathway.JOB,),
        occupations=tuple(filter(None, [_text(item, "matched_rome_code")])),
        description=_BOITE,
        source_url=_text(item, "url"),
        origins={
            "siret": ("siret",), "name": ("name", "raison_sociale"), "naf": ("naf",), "employees_min": ("headcount_text",),
            "employees_max": ("headcount_text",), "address": ("address",), "code_commune": ("city", "address"),
            "latitude": ("lat",), "longitude": ("lon",), "contacts": ("phone", "website"), "pathways": ("alternance",),
            "occupations": ("matched_rome_code",), "source_url": ("url",),
        },
    )  # fmt: skip
    yield to_record(run, row, told)


def _boite_2(run: Run, item: Item, rank: int, _left: LeftOut) -> Iterator[SourcedRecord | None]:
    row = _row(item, rank)
    fewest, most = _text(item, "headcount_min"), _text(item, "headcount_max")
    told = Establishment(
        siret=_text(item, "siret"),
        name=_text(item, "office_name") or _text(item, "company_name"),
        naf=_text(item, "naf"),
        # 0 and 0 say that the size is not known: the forecast is about employers
        size=_size(run, row, "headcount_min", "" if {fewest, most} <= {"", "0"} else f"{fewest} à {most}", read_size),
        postal=_text(item, "postcode"),
        commune=_text(item, "citycode"),
        town=_text(item, "city"),
        latitude=_text(item, "location", "lat") or _text(item, "location", "latitude"),
        longitude=_text(item, "location", "lon") or _text(item, "location", "longitude"),
        pathways=(Pathway.JOB,),
        occupations=tuple(filter(None, [_text(item, "rome")])),
        description=_BOITE,
        origins={
            "siret": ("siret",), "name": ("office_name", "company_name"), "naf": ("naf",), "employees_min": ("headcount_min",),
            "employees_max": ("headcount_max",), "code_postal": ("postcode",), "code_commune": ("citycode", "city"),
            "latitude": ("location.lat",), "longitude": ("location.lon",), "occupations": ("rome",),
        },
    )  # fmt: skip
    yield to_record(run, row, told)


# ---------------------------------------------------------------- La bonne alternance (API apprentissage, « recruiters »)
_POINT = ("workplace.location.geopoint.coordinates",)


def _alternance(run: Run, item: Item, rank: int, _left: LeftOut) -> Iterator[SourcedRecord | None]:
    row = _row(item, rank)
    place = item["workplace"]
    located = place.get("location") if isinstance(place, dict) else None
    point = ((located or {}).get("geopoint") or {}).get("coordinates") if isinstance(located, dict) else None
    longitude, latitude = point if isinstance(point, list) and len(point) == 2 else ("", "")
    told = Establishment(
        siret=_text(place, "siret"),
        name=_text(place, "brand") or _text(place, "name") or _text(place, "legal_name"),
        naf=_text(place, "domain", "naf", "code"),
        size=_size(run, row, "workplace.size", _text(place, "size").replace("-", " à "), read_size),
        street=_text(place, "location", "address"),
        latitude=str(latitude),
        longitude=str(longitude),
        contacts=_contacts(
            run, row, phone=_text(item, "apply", "phone"), url=("workplace.website", _text(place, "website"))
        ),
        pathways=(Pathway.APPRENTICESHIP,),
        description=_text(place, "description")[:5000],
        source_url=_text(item, "apply", "url"),
        origins={
            "siret": ("workplace.siret",), "name": ("workplace.brand", "workplace.name"), "naf": ("workplace.domain.naf.code",),
            "employees_min": ("workplace.size",), "employees_max": ("workplace.size",),
            "address": ("workplace.location.address",), "code_commune": ("workplace.location.address",),
            "latitude": _POINT, "longitude": _POINT,
            "contacts": ("apply.phone", "workplace.website"),
            "description": ("workplace.description",), "source_url": ("apply.url",),
        },
    )  # fmt: skip
    yield to_record(run, row, told)


_SHAPES = (
    _Shape("statutDiffusionEtablissement", frozenset({"siret", "uniteLegale", "adresseEtablissement"}), known_column, _sirene),
    _Shape("nom_complet", frozenset({"siren", "siege", "etat_administratif"}), _SEARCH_KEYS.__contains__, _search),
    _Shape("headcount_text", frozenset({"siret", "name", "naf", "lat", "lon"}), _BOITE_1.__contains__, _boite_1),
    _Shape("company_name", frozenset({"siret", "naf", "location", "city"}), _BOITE_2.__contains__, _boite_2),
    _Shape("workplace", frozenset({"apply"}), frozenset({"identifier", "workplace", "apply"}).__contains__, _alternance),
)
