"""The gazetteer's store: a read-only SQLite file built once from the packaged tables, then opened in a millisecond."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from directory.geocoding.names import (
    ALIASES,
    FORMER_REGIONS,
    epci_keys,
    name_keys,
    qualified_key,
    typed_key,
    without_article,
    word_starts,
)
from directory.territory import city_of, departements, epcis
from directory.text import fold

_SCHEMA = """
CREATE TABLE commune (code TEXT PRIMARY KEY, name TEXT, postcodes TEXT, departement TEXT, region TEXT, epci TEXT,
    population INTEGER, latitude REAL, longitude REAL, surface REAL) WITHOUT ROWID;
CREATE TABLE territory (level TEXT, code TEXT, name TEXT, departement TEXT, region TEXT, academie TEXT, population INTEGER,
    surface REAL, PRIMARY KEY (level, code)) WITHOUT ROWID;
CREATE TABLE former (code TEXT PRIMARY KEY, commune TEXT) WITHOUT ROWID;
CREATE TABLE postcode (code TEXT, commune TEXT, PRIMARY KEY (code, commune)) WITHOUT ROWID;
CREATE TABLE name (key TEXT, rank INTEGER, level TEXT, code TEXT, former TEXT, former_code TEXT,
    PRIMARY KEY (key, rank, level, code, former)) WITHOUT ROWID;
CREATE TABLE completion (key TEXT, weight INTEGER, level TEXT, code TEXT,
    PRIMARY KEY (key, weight, level, code)) WITHOUT ROWID;
CREATE TABLE lycee (uai TEXT PRIMARY KEY, name TEXT, town TEXT, postcode TEXT, departement TEXT) WITHOUT ROWID;
"""


def packaged() -> Traversable:
    """The folder of the packaged tables."""
    return resources.files("directory").joinpath("data")


def ensure_store(folder: Path, data: Traversable | None = None) -> Path:
    """The store's file, built first if this version of the data has none yet.

    The file's name holds a digest of the data and of what folds it, so an upgrade builds anew. It is built aside and renamed:
    two processes that build at once do the same work twice and disturb nobody. Where ``folder`` cannot be written, the system's
    temporary folder serves.

    Args:
        folder: Where to keep it; created if need be.
        data: The folder of tables; the packaged one when None.

    Raises:
        OSError: Neither the folder nor the temporary folder can be written.
    """
    data = data or packaged()
    name = f"gazetteer-{_digest(data)}.sqlite3"
    temporary = Path(tempfile.gettempdir()) / f"relais-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
    for candidate in (folder / name, temporary / name):
        if candidate.is_file() and _is_ours(candidate) and _is_whole(candidate):
            return candidate
    try:
        return _build_in(folder, name, data)
    except OSError:
        return _build_in(temporary, name, data)


def connect(path: Path) -> sqlite3.Connection:
    """A read-only connection, usable from any thread (one at a time)."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _is_ours(path: Path) -> bool:
    # in a shared temporary folder, another account must not be able to put words in our mouth
    return not hasattr(os, "getuid") or path.stat().st_uid in {os.getuid(), path.parent.stat().st_uid, 0}


def _is_whole(path: Path) -> bool:
    """Whether the file is as long as its header says (SQLite's file format: page size at byte 16, page count at byte 28)."""
    with path.open("rb") as file:
        header = file.read(32)
    page_size, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    return len(header) == 32 and path.stat().st_size == page_size * pages


def _digest(data: Traversable) -> str:
    """Of the tables (through their SHA256SUMS: they need not be read) and of the code that turns them into keys."""
    code = resources.files("directory")
    digest = hashlib.sha256(data.joinpath("SHA256SUMS").read_bytes())
    for parts in (("text.py",), ("territory.py",), ("geocoding", "store.py"), ("geocoding", "names.py")):
        digest.update(code.joinpath(*parts).read_bytes())
    return digest.hexdigest()[:16]


def _build_in(folder: Path, name: str, data: Traversable) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, path = tempfile.mkstemp(prefix=".building-", suffix=".sqlite3", dir=folder)
    os.close(handle)
    building = Path(path)
    try:
        with closing(sqlite3.connect(building, isolation_level=None)) as connection:
            _fill(connection, data)
        building.chmod(0o644)
        return building.replace(folder / name)
    except sqlite3.Error as error:
        raise OSError(f"cannot build the gazetteer in {folder}: {error}") from error
    finally:
        building.unlink(missing_ok=True)


class _Commune(NamedTuple):
    code: str
    name: str
    postcodes: str
    departement: str
    region: str
    epci: str
    population: int
    latitude: float | None
    longitude: float | None
    surface: float | None


class _Territory(NamedTuple):
    level: str
    code: str
    name: str
    departement: str
    region: str
    academie: str
    population: int
    surface: float


def _fill(connection: sqlite3.Connection, data: Traversable) -> None:
    # nobody reads the file before it is renamed: a crash leaves a file that is never opened
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;" + _SCHEMA)
    communes = list(_communes(data))
    former = list(_rows(data, "communes_anciennes.csv"))
    usual = list(_rows(data, "communes_noms_usuels.csv"))
    territories = list(_territories(communes))
    connection.execute("BEGIN")
    _insert(connection, "commune", communes)
    _insert(connection, "territory", territories)
    _insert(connection, "former", ((row["code"], row["code_commune"]) for row in (*former, *usual)))
    _insert(connection, "postcode", ((code, row.code) for row in communes for code in row.postcodes.split(";")))
    names = [*_commune_names(communes, former, usual), *_territory_names(territories)]
    _insert(connection, "name", (*names, *_epci_names(territories, {str(key) for key, *_ in names})))
    _insert(connection, "completion", _completions(communes, territories, usual))
    _insert(connection, "lycee", _lycees(data))
    connection.execute("COMMIT")


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    ordered = sorted(rows)  # in the order of the key: each page is written once
    marks = ", ".join("?" * len(ordered[0]))
    connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", ordered)  # noqa: S608 our own names


def _rows(data: Traversable, name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(data.joinpath(name).read_text(encoding="utf-8"), newline=""))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _communes(data: Traversable) -> Iterator[_Commune]:
    corrections: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(data, "communes_corrections.csv"):
        corrections[row["code_insee"]][row["colonne"]] = row["valeur"]
    for row in _rows(data, "communes.csv"):
        fixed = row | corrections.get(row["code_insee"], {})
        yield _Commune(
            code=fixed["code_insee"],
            name=fixed["nom"],
            postcodes=fixed["codes_postaux"],
            departement=fixed["departement"],
            region=fixed["region"],
            epci=fixed["epci"],
            population=int(fixed["population"] or 0),
            latitude=_number(fixed["lat"]),
            longitude=_number(fixed["lon"]),
            surface=_number(fixed["surface_km2"]),
        )


def _territories(communes: list[_Commune]) -> Iterator[_Territory]:
    population: dict[tuple[str, str], int] = defaultdict(int)
    surface: dict[tuple[str, str], float] = defaultdict(float)
    members: dict[str, list[_Commune]] = defaultdict(list)
    for row in communes:
        if not city_of(row.code):
            members[row.epci].append(row)
            for key in (("departement", row.departement), ("region", row.region), ("epci", row.epci)):
                population[key] += row.population
                surface[key] += row.surface or 0
    every = departements().values()
    named = [("departement", entry.code, entry.name, entry.code, entry.region, entry.academie) for entry in every]
    named += {("region", entry.region, entry.region_name, "", entry.region, "") for entry in every if entry.region}
    named += [("epci", code, name, *_seat(members[code])) for code, name in epcis().items() if members[code] and name != code]
    for level, code, name, departement, region, academie in named:
        key = (level, code)
        yield _Territory(level, code, name, departement, region, academie, population[key], round(surface[key], 1))


def _seat(members: list[_Commune]) -> tuple[str, str, str]:
    """The département, the région and the académie where most people of an intercommunalité live (a few lie across two)."""
    people: dict[str, int] = defaultdict(int)
    for row in members:
        people[row.departement] += row.population
    first = max(sorted(people), key=people.__getitem__)
    return first, departements()[first].region, departements()[first].academie


def _stands_for_another(territory: _Territory) -> bool:
    """Whether a plain name means another place of the same ground: the city of Paris, the département of La Réunion."""
    if territory.level == "departement":
        return territory.name == "Paris"
    return any(entry.name == territory.name for entry in departements().values())


def _commune_names(
    communes: list[_Commune], former: list[dict[str, str]], usual: list[dict[str, str]]
) -> Iterator[tuple[object, ...]]:
    for commune in communes:
        for key, rank in name_keys(commune.name):
            yield key, rank, "commune", commune.code, "", ""
    for level, rows in (("commune", usual), ("former", former)):
        for row in rows:
            for key, rank in name_keys(row["nom"]):
                yield key, rank, level, row["code_commune"], row["nom"], row["code"]


def _territory_names(territories: list[_Territory]) -> Iterator[tuple[object, ...]]:
    for territory in territories:
        level, code, name = territory.level, territory.code, territory.name
        if level == "epci":
            continue
        keys = {(qualified_key(level, name), 0), (qualified_key(level, code), 0), (fold(f"{name} {level}"), 0)}
        if level == "departement":
            keys |= {(fold(code), 0), (fold(f"{name} {level} {code}"), 0)}
        if not _stands_for_another(territory):
            keys |= {(fold(f"{name} {code}"), 0), (fold(f"{code} {name}"), 0)}
            keys |= {pair for text in (name, *ALIASES.get(name, ())) for pair in name_keys(text)}
        yield from ((key, rank, level, code, "", "") for key, rank in keys)
    codes = {territory.name: territory.code for territory in territories if territory.level == "region"}
    for former, today in FORMER_REGIONS.items():
        yield from ((key, rank, "region", codes[today], former, "") for key, rank in name_keys(former))


def _epci_names(territories: list[_Territory], taken: set[str]) -> Iterator[tuple[object, ...]]:
    """The names of intercommunalités, with and without what they are (« Pays Fouesnantais »), unless another place has them."""
    for territory in territories:
        if territory.level == "epci":
            label = f"{typed_key(territory.name)} intercommunalite {fold(territory.departement)}"
            keys = {label, *epci_keys(territory.name)} - taken
            yield from ((key, 0, "epci", territory.code, "", "") for key in keys)


# A completion's weight is its population, divided where the text is less likely to be meant: several hundred thousand people
# live in any département, which must not hide its towns; « denis » means Denis before Saint-Denis.
_TERRITORY_DIVISOR = 20
_INNER_WORD_DIVISOR = 20


def _completions(
    communes: list[_Commune], territories: list[_Territory], usual: list[dict[str, str]]
) -> Iterator[tuple[object, ...]]:
    weights = {commune.code: commune.population for commune in communes}
    for commune in communes:
        yield from _name_completions("commune", commune.code, commune.name, commune.population)
        for postcode in commune.postcodes.split(";"):
            yield postcode, commune.population, "commune", commune.code
    for row in usual:
        yield from _name_completions("commune", row["code_commune"], row["nom"], weights[row["code_commune"]])
    for territory in territories:
        yield from _territory_completions(territory)


def _territory_completions(territory: _Territory) -> Iterator[tuple[object, ...]]:
    weight = territory.population // _TERRITORY_DIVISOR
    if territory.level == "epci":
        for key in epci_keys(territory.name):
            yield key, weight, territory.level, territory.code
        return
    if territory.level == "departement":
        yield fold(territory.code), weight, territory.level, territory.code
    if not _stands_for_another(territory):
        for name in (territory.name, *ALIASES.get(territory.name, ())):
            yield from _name_completions(territory.level, territory.code, name, weight)


def _name_completions(level: str, code: str, name: str, weight: int) -> Iterator[tuple[object, ...]]:
    whole, *inner = word_starts(typed_key(name))
    for key in {whole, without_article(whole)}:
        yield key, weight, level, code
    for key in inner:
        yield key, weight // _INNER_WORD_DIVISOR, level, code


def _lycees(data: Traversable) -> Iterator[tuple[object, ...]]:
    seen: set[str] = set()
    for row in _rows(data, "lycees.csv"):
        if row["uai"] not in seen:
            seen.add(row["uai"])
            yield row["uai"], row["nom"], row["ville"], row["code_postal"], row["departement"]
