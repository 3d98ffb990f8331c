"""Territories: coverage tokens of a commune, académies, bassins; arrondissements carry their city's token."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources

from directory import referentials
from directory.models.published import BassinRecord
from directory.text import fold

FRANCE = "france"


@dataclass(frozen=True, slots=True)
class Departement:
    """A département, or a collectivité d'outre-mer, which has no région (``region`` is then empty)."""

    code: str
    name: str
    region: str
    region_name: str
    academie: str


@cache
def departements() -> Mapping[str, Departement]:
    """Every département and collectivité by its code, from ``directory/data/departements.csv``."""
    return {row["code"]: _departement(row) for row in csv.DictReader(_table("departements.csv"))}


def _departement(row: Mapping[str, str]) -> Departement:
    # INSEE repeats a collectivité's code (975, 987 …) where a région would stand: it is not one
    in_region = len(row["region"]) == 2
    return Departement(
        code=row["code"],
        name=row["nom"],
        region=row["region"] if in_region else "",
        region_name=row["region_nom"] if in_region else "",
        academie=row["academie"],
    )


@cache
def _communes_by_departement() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(_table("communes.csv")):
        if not city_of(row["code_insee"]):
            found.setdefault(row["departement"], set()).add(row["code_insee"])
    return {departement: frozenset(codes) for departement, codes in found.items()}


def communes_of(departement: str) -> frozenset[str]:
    """INSEE codes of the communes of a département, arrondissements excepted; empty for an unknown one."""
    return _communes_by_departement().get(departement, frozenset())


@cache
def _epci_by_commune() -> Mapping[str, str]:
    return {row["code_insee"]: row["epci"] for row in csv.DictReader(_table("communes.csv"))}


@cache
def _arrondissements() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code in commune_names():
        if city := city_of(code):
            found[city] = (*found.get(city, ()), code)
    return found


def homes_of(departement: str) -> tuple[str, ...]:
    """INSEE codes of the places where a student of a département may live: communes, arrondissements instead of their city."""
    return tuple(home for code in sorted(communes_of(departement)) for home in _arrondissements().get(code, (code,)))


def tokens_of_commune(code_commune: str) -> tuple[str, ...]:
    """The coverage tokens that contain a commune (see ``territories_of``), its département's own included."""
    entry = departements().get(code_commune[:3] if code_commune.startswith(("97", "98")) else code_commune[:2])
    if entry is None:
        return territories_of(code_commune)
    epci = _epci_by_commune().get(code_commune, "")
    return territories_of(code_commune, epci=epci, departement=entry.code, academie=academie_of(entry.code), region=entry.region)


@cache
def commune_names() -> Mapping[str, str]:
    """Name of every commune and arrondissement of today by its INSEE code (``directory/data/communes.csv``)."""
    return {row["code_insee"]: row["nom"] for row in csv.DictReader(_table("communes.csv"))}


@cache
def epcis() -> Mapping[str, str]:
    """Name of every intercommunalité by its SIREN (``directory/data/epci.csv``); its SIREN for one that only communes name."""
    members = csv.DictReader(_table("communes.csv"))
    named = {row["code"]: row["nom"] for row in csv.DictReader(_table("epci.csv"))}
    return {code: code for row in members if (code := row["epci"])} | named


@cache
def epcis_of(departement: str) -> frozenset[str]:
    """SIREN of the intercommunalités that have a commune in a département."""
    members = csv.DictReader(_table("communes.csv"))
    return frozenset(row["epci"] for row in members if row["departement"] == departement and row["epci"])


def _table(name: str) -> list[str]:
    return resources.files("directory").joinpath("data", name).read_text(encoding="utf-8").splitlines()


def academie_of(departement: str) -> str:
    """The académie of a département (« 35 » → « Rennes »); empty for collectivités without one and for unknown codes."""
    found = departements().get(departement)
    if found is None or not found.academie:
        return ""
    imported = referentials.get("academies").entries.get(departement)
    return str(imported["academie"]) if imported else found.academie


def find_academie(text: str) -> str:
    """The académie of a name, as it is written (« rennes » → « Rennes »); empty for none."""
    names = {academie_of(code) for code in departements()} - {""}
    return next((name for name in sorted(names) if fold(name) == fold(text)), "")


def zone_emploi_of(code_commune: str) -> str:
    """The zone d'emploi (INSEE, four digits) of a commune; empty when it is unknown or the referential was not imported."""
    zones = referentials.get("zones_emploi").entries
    entry = zones.get(code_commune) or zones.get(city_of(code_commune))
    return str(entry["zone"]) if entry else ""


def city_of(code_commune: str) -> str:
    """The city of an arrondissement of Paris, Lyon or Marseille (« 75113 » → « 75056 »); empty for any other commune.

    The ranges are INSEE's (Code officiel géographique): 75101-75120, 69381-69389, 13201-13216.
    """
    if "75101" <= code_commune <= "75120":
        return "75056"
    if "69381" <= code_commune <= "69389":
        return "69123"
    return "13055" if "13201" <= code_commune <= "13216" else ""


def territories_of(
    code_commune: str = "", *, epci: str = "", departement: str = "", academie: str = "", region: str = ""
) -> tuple[str, ...]:
    """The coverage tokens that contain a place, the finest first, ``france`` last.

    An arrondissement also carries its city's token: what serves Paris serves the 13e. The reverse is not assumed. Bassins are
    added by whoever holds the académies' tables.

    Args:
        code_commune: INSEE code; empty above the commune.
        epci: SIREN of the intercommunalité.
        departement: Code of the département.
        academie: Name of the académie.
        region: Code of the région.
    """
    tokens = (
        ("commune", code_commune),
        ("commune", city_of(code_commune)),
        ("epci", epci),
        ("departement", departement),
        ("academie", academie),
        ("region", region),
    )
    return (*(f"{scope}:{code}" for scope, code in tokens if code), FRANCE)


class Bassins:
    """The académies' maps: which bassins d'éducation (or districts) a commune or an establishment belongs to. Immutable."""

    def __init__(self, records: Iterable[BassinRecord] = ()) -> None:
        communes: dict[str, list[str]] = {}
        uais: dict[str, list[str]] = {}
        names: dict[str, list[str]] = {}
        self._labels: dict[str, str] = {}
        self._records: dict[str, BassinRecord] = {}
        for record in records:
            self._records[record.code] = record
            self._labels[record.code] = record.label
            _append(names, fold(record.label), record.code)
            for commune in record.communes:
                _append(communes, commune, record.code)
            for uai in record.establishments:
                _append(uais, uai, record.code)
        self._communes = {key: tuple(codes) for key, codes in communes.items()}
        self._uais = {key: tuple(codes) for key, codes in uais.items()}
        self._names = {key: tuple(codes) for key, codes in names.items()}

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def digest(self) -> str:
        """32 hexadecimal characters that change when a bassin does."""
        return blake2b(repr(sorted(self._records.items())).encode(), digest_size=16).hexdigest()

    def get(self, code: str) -> BassinRecord | None:
        """The bassin of a code as its table states it; None when it is unknown."""
        return self._records.get(code)

    def of_commune(self, code_commune: str) -> tuple[str, ...]:
        """Codes of the bassins that hold a commune; an arrondissement's own, else its city's."""
        return self._communes.get(code_commune) or self._communes.get(city_of(code_commune), ())

    def of_uai(self, uai: str) -> tuple[str, ...]:
        """Codes of the bassins that hold an establishment."""
        return self._uais.get(uai, ())

    def label(self, code: str) -> str:
        """The label of a bassin; its code when it is unknown."""
        return self._labels.get(code, code)

    def labels(self) -> Mapping[str, str]:
        """Label of every bassin by its code, by label."""
        return dict(sorted(self._labels.items(), key=lambda each: (fold(each[1]), each[0])))

    def find_label(self, text: str) -> tuple[str, ...]:
        """Codes of the bassins whose label is this text, accents, case and the words « bassin de » aside; several if homonyms."""
        key = fold(text)
        return self._names.get(key) or self._names.get(_bare_label(key)) or self._by_bare_label(_bare_label(key))

    def _by_bare_label(self, bare: str) -> tuple[str, ...]:
        return tuple(code for key, codes in self._names.items() if bare and _bare_label(key) == bare for code in codes)


_LABEL_OPENINGS = (
    *(
        f"{noun}{kind}"
        for noun in ("bassin", "district")
        for kind in (" d education et de formation", " d education", " de formation", "")
    ),
    "bef",
)


def _bare_label(key: str) -> str:
    """A folded label without « bassin d'éducation de » and the like, which one file writes and the next leaves out."""
    for opening in _LABEL_OPENINGS:
        if key.startswith(opening + " "):
            rest = key[len(opening) + 1 :]
            for article in ("de la ", "de l ", "de ", "du ", "des ", "d "):
                if rest.startswith(article):
                    return rest[len(article) :]
            return rest
    return key


def _append(table: dict[str, list[str]], key: str, code: str) -> None:
    codes = table.setdefault(key, [])
    if key and code not in codes:
        codes.append(code)
