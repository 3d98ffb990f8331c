"""The national corpus as search documents and questions, and how well any engine could answer them.

FOLDER is what the shared ``corpus.py`` wrote; its files become search documents here, without the importers.
"""

from __future__ import annotations

import csv
import json
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

from data_inclusion.schema import v1
from icalendar import Calendar

from directory.geo import haversine_km
from directory.search.types import Near, SearchDocument, SearchQuery
from directory.text import fold
from directory.vocabulary import THEMATIQUES, Kind, Visibility, networks

_PROPOSED = {"stage": "internship", "immersion": "immersion", "apprentissage": "apprenticeship", "emploi": "job"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of known answer.

    Attributes:
        expected: Any of these; empty where nothing should match.
        rank: The last rank that counts as right.
    """

    kind: str
    query: SearchQuery
    expected: frozenset[str]
    rank: int = 1


def read_documents(folder: Path) -> Iterator[SearchDocument]:
    """Every listing of a corpus as a search document."""
    keys = count(1)
    for name in ("structures.jsonl", "services.jsonl"):
        with (folder / name).open(encoding="utf-8") as lines:
            for line in lines:
                yield _from_data_inclusion(json.loads(line), next(keys))
    with (folder / "companies.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _from_company(row, next(keys))
    yield from _read_events(folder / "events.ics", keys)


def make_document(pk: int, **facts: Any) -> SearchDocument:
    """A search document with these facts and no other."""
    empty: dict[str, Any] = dict.fromkeys(
        ("coverage", "thematiques", "publics", "networks", "pathways", "occupations", "modes_accueil"), ()
    )
    empty |= dict.fromkeys(("age_min", "age_max", "first_day", "last_day", "updated_at", "latitude", "longitude"))
    empty |= dict.fromkeys(("description", "words", "frais", "commune", "code_commune", "code_departement"), "")
    return SearchDocument(pk=pk, **(empty | {"visibility": Visibility.PUBLIC, "demonstration": False} | facts))


def _from_data_inclusion(row: Mapping[str, Any], pk: int) -> SearchDocument:
    carriers = tuple(row.get("reseaux_porteurs") or ())
    topics = tuple(row.get("thematiques") or ())
    labels = [networks().get(code, "") for code in carriers] + [THEMATIQUES[code] for code in topics]
    if row.get("type"):
        labels.append(v1.TypeService(row["type"]).label)
    return make_document(
        pk,
        id=row["id"],
        kind=Kind.PARTNER,
        category="association",
        name=row["nom"],
        description=row["description"],
        words=" ".join(labels),
        **_place(row["commune"], row["code_insee"], row["latitude"], row["longitude"]),
        coverage=tuple(map(_zone, row.get("zone_eligibilite") or ())),
        thematiques=topics,
        publics=tuple(row.get("publics") or ()),
        networks=carriers,
        frais=row.get("frais") or "",
        modes_accueil=tuple(row.get("modes_accueil") or ()),
        updated_at=date.fromisoformat(row["date_maj"]),
    )


def _zone(code: str) -> str:
    scope = {2: "departement", 3: "departement", 5: "commune", 9: "epci"}.get(len(code))
    return f"{scope}:{code}" if scope else code


def _place(commune: str, code: str, latitude: float | str, longitude: float | str) -> dict[str, Any]:
    departement = code[:3] if code.startswith("97") else code[:2]
    return {
        "commune": commune,
        "code_commune": code,
        "code_departement": departement,
        "latitude": float(latitude),
        "longitude": float(longitude),
    }


def _from_company(row: Mapping[str, str], pk: int) -> SearchDocument:
    return make_document(
        pk,
        id=row["id"],
        kind=Kind.COMPANY,
        category="entreprise",
        name=row["nom"],
        words=row["propose"].replace(";", " "),
        **_place(row["commune"], row["code_insee"], row["latitude"], row["longitude"]),
        pathways=tuple(_PROPOSED[word] for word in row["propose"].split(";")),
    )


def _read_events(path: Path, keys: Iterator[int]) -> Iterator[SearchDocument]:
    calendar = Calendar.from_ical(path.read_bytes())
    for event in calendar.walk("VEVENT"):
        latitude, longitude = event["GEO"].latitude, event["GEO"].longitude
        yield make_document(
            next(keys),
            id=str(event["UID"]).partition("@")[0],
            kind=Kind.EVENT,
            category="salon",
            name=str(event["SUMMARY"]),
            description=str(event["DESCRIPTION"]),
            commune=str(event["LOCATION"]).rpartition(", ")[2].partition(" ")[2],
            latitude=latitude,
            longitude=longitude,
            first_day=event.decoded("DTSTART").date(),
            last_day=event.decoded("DTEND").date(),
        )


def read_questions(folder: Path) -> list[Asked]:
    """The corpus's questions, each with what the index is asked."""
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    with resources.files("directory").joinpath("data", "communes.csv").open(encoding="utf-8", newline="") as file:
        communes = {row["code_insee"]: row for row in csv.DictReader(file)}
    return [
        Asked(
            each["kind"],
            SearchQuery(text=each["text"], near=_near(each, communes), with_facets=False),
            frozenset(each["expected"]),
            each.get("any_rank", 1),
        )
        for each in asked
    ]


def _near(question: Mapping[str, Any], communes: Mapping[str, Mapping[str, str]]) -> Near | None:
    code = question.get("code_commune")
    if code is None:
        return None
    commune = communes[code]
    tokens = (f"commune:{code}", f"epci:{commune['epci']}", f"departement:{commune['departement']}", "france")
    point = {"latitude": float(commune["lat"]), "longitude": float(commune["lon"])}
    return Near(**point, territories=tokens, radius_km=question["radius_km"])


@dataclass(slots=True)
class Names:
    """The names of a corpus: what is right to answer is known from them alone."""

    of: dict[str, str] = field(default_factory=dict)
    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    holding: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def told(self, documents: Iterable[SearchDocument]) -> Iterator[SearchDocument]:
        """The same documents, whose names are kept on the way."""
        for document in documents:
            name = fold(document.name)
            self.of[document.id] = name
            if document.latitude is not None and document.longitude is not None:
                self.points[document.id] = (document.latitude, document.longitude)
            for word in name.split():
                self.holding[word].add(document.id)
            yield document

    def two_short_words(self, wanted: int, seed: int = 7) -> list[Asked]:
        """Names of two short words that one listing has, one letter of one word changed."""
        known = Counter(self.of.values())
        short = sorted(key for key, name in self.of.items() if known[name] == 1 and _is_short(name.split()))
        draw = random.Random(seed)
        found = []
        for key in draw.sample(short, min(wanted, len(short))):
            words = self.of[key].split()
            spot = draw.choice([rank for rank, word in enumerate(words) if len(word) >= 4])
            place = draw.randrange(1, len(words[spot]))
            letter = draw.choice([each for each in "abcdefghijklmnopqrstuvwxyz" if each != words[spot][place]])
            words[spot] = words[spot][:place] + letter + words[spot][place + 1 :]
            found.append(Asked("two short", SearchQuery(text=" ".join(words), with_facets=False), frozenset((key,))))
        return found

    def ceiling(self, questions: Sequence[Asked]) -> dict[str, float]:
        """Kind → the success of an engine that knows all names, where several listings say the question equally well.

        A prefix that begins five names names none of them; so do two words that five names around the place hold.
        """
        begun = sorted(self.of.values())
        shares: dict[str, list[float]] = defaultdict(list)
        for each in questions:
            equals = 1
            if each.kind == "prefix":
                typed = fold(each.query.text)
                equals = bisect_left(begun, typed + "\uffff") - bisect_left(begun, typed)
            elif each.kind == "near":
                equals = self._around(each.query)
            shares[each.kind].append(min(1.0, each.rank / max(1, equals)))
        return {kind: sum(values) / len(values) for kind, values in shares.items()}

    def _around(self, query: SearchQuery) -> int:
        near = query.near
        both = set.intersection(*(self.holding.get(word, set()) for word in fold(query.text).split()))
        points = [self.points[key] for key in both if key in self.points]
        if near is None or near.latitude is None or near.longitude is None or near.radius_km is None or not points:
            return len(both)
        latitudes, longitudes = zip(*points, strict=True)
        return int((haversine_km(near.latitude, near.longitude, latitudes, longitudes) <= near.radius_km).sum())


def _is_short(words: list[str]) -> bool:
    return len(words) == 2 and all(3 <= len(word) <= 6 and word.isalpha() for word in words) and max(map(len, words)) >= 4
