"""BanGeocoder: addresses by the Base Adresse Nationale, in batches; communes and everything coarser by the gazetteer."""

from __future__ import annotations

import csv
import io
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from directory.errors import GeocodingError
from directory.geocoding.addresses import AddressQuery
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.nearness import distance_to, near_enough_km
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.http import Fetcher, FetchError, Request, multipart
from directory.vocabulary import Precision

Answer = Place | AmbiguousPlace | NoSuchPlace

BATCH = 200
"""Addresses in one request."""
SURE = 0.65
"""Score from which an answer is believed; the service's own documentation calls 0.5 acceptable."""
LIKELY = 0.4
"""Score below which an answer is none: between the two it is a doubt."""
_PRECISIONS = {"housenumber": Precision.ADDRESS, "street": Precision.STREET, "locality": Precision.STREET}
_CITIES = frozenset({"75056", "69123", "13055"})  # the addresses of these carry their arrondissement's code
_COLUMNS = ("latitude", "longitude", "result_score", "result_type", "result_label", "result_status")
_MOST_BYTES = 20_000_000
_TYPED_LIKE_AN_ADDRESS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BanGeocoder:
    """Locates partners' addresses. Implements Geocoder; never given what a student typed (docs/privacy.md).

    Three answers that are not confused: a Place; NoSuchPlace, or AmbiguousPlace where the service is not sure; and no answer
    (GeocodingError, or an address missing from the batch), which says nothing of the address.

    Attributes:
        gazetteer: Knows the communes.
        url: The service (``https://data.geopf.fr/geocodage``).
        fetcher: The way out.
        pause: Seconds between two batches.
    """

    gazetteer: Gazetteer
    url: str
    fetcher: Fetcher
    pause: float = 0.5
    sleep: Callable[[float], None] = time.sleep

    def find(self, text: str, *, near_departement: str = "") -> Answer:
        """Understand a text, as Geocoder says: by the gazetteer, and by the service where a street stands before the commune.

        Raises:
            GeocodingError: The service did not answer.
        """
        coarse = self.gazetteer.find(text, near_departement=near_departement)
        if isinstance(coarse, Place) and len(text.split()) < _TYPED_LIKE_AN_ADDRESS:
            return coarse
        head, _, tail = text.rpartition(",")
        commune = self.gazetteer.find(tail, near_departement=near_departement) if head else coarse
        if not isinstance(commune, Place) or not commune.code_commune or not head.strip():
            return coarse
        query = AddressQuery(street=head.strip(), code_commune=commune.code_commune, commune=commune.label.partition(" (")[0])
        if not query.key:
            return commune
        found = self.find_addresses([query])
        if query.key not in found:
            raise GeocodingError(f"{self.url}: no answer for one address", public="Le service des adresses n’a pas répondu.")
        return found[query.key]

    def get_commune(self, code_commune: str) -> Place | None:
        """The commune of an INSEE code, as Geocoder says."""
        return self.gazetteer.get_commune(code_commune)

    def suggest(self, text: str, limit: int = 8) -> tuple[Place, ...]:
        """Places that complete a text, as Geocoder says: the gazetteer's, so that what is being typed is sent to nobody."""
        return self.gazetteer.suggest(text, limit)

    def find_addresses(self, queries: Sequence[AddressQuery]) -> dict[str, Answer]:
        """The answers by key, in one request: those that the service gave, and no other.

        Raises:
            GeocodingError: The service gave none, or what came is not an answer.
        """
        asked = {query.key: query for query in queries if query.key}
        if not asked:
            return {}
        rows = self._ask(list(asked.values()))
        answers: dict[str, Answer] = {}
        for rank, query in enumerate(asked.values()):
            row = rows.get(str(rank))
            answer = self._answer(query, row) if row is not None else None
            if answer is not None:
                answers[query.key] = answer
        if not answers:
            raise GeocodingError(f"{self.url}: no usable row", public="Le service des adresses n’a donné aucune réponse lisible.")
        return answers

    def in_batches(self, queries: Sequence[AddressQuery]) -> Iterator[Mapping[str, Answer]]:
        """The answers batch by batch, with a pause between two.

        Raises:
            GeocodingError: The service stopped answering; the batches before it stand.
        """
        for start in range(0, len(queries), BATCH):
            if start:
                self.sleep(self.pause)
            yield self.find_addresses(queries[start : start + BATCH])

    def _ask(self, queries: Sequence[AddressQuery]) -> dict[str, dict[str, str]]:
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("rang", "adresse", "commune", "code_postal", "code_insee"))
        for rank, query in enumerate(queries):
            city = query.code_commune in _CITIES
            postcode = query.code_postal if city else ""
            writer.writerow((rank, query.street[:200], query.commune, postcode, "" if city else query.code_commune))
        file = ("adresses.csv", table.getvalue().encode(), "text/csv")
        fields: list[tuple[str, str | tuple[str, bytes, str]]] = [
            ("data", file), ("columns", "adresse"), ("columns", "commune"), ("postcode", "code_postal"),
            ("citycode", "code_insee"),
            *(("result_columns", name) for name in _COLUMNS),
        ]  # fmt: skip
        body, content_type = multipart(fields)
        request = Request(url=f"{self.url}/search/csv", body=body, headers={"Content-Type": content_type})
        try:
            with tempfile.TemporaryDirectory(prefix="relais-ban-") as folder:
                path = replace(self.fetcher, max_bytes=_MOST_BYTES, cache=None).fetch_file(request, Path(folder))
                return _read(path)
        except FetchError as error:
            raise GeocodingError(
                f"{self.url}: {error}", public=f"Le service des adresses ne répond pas. {error.public}"
            ) from error
        except (csv.Error, UnicodeDecodeError, KeyError) as error:
            raise GeocodingError(f"{self.url}: {error!r}", public="La réponse du service des adresses est illisible.") from error

    def _answer(self, query: AddressQuery, row: Mapping[str, str]) -> Answer | None:
        """What a row says; None when it says that the address was not looked for, or nothing that makes sense."""
        status, text = row.get("result_status") or "ok", f"{query.street}, {query.commune}"
        if status == "not-found":
            return NoSuchPlace(text)
        score, latitude, longitude = (_number(row.get(name)) for name in ("result_score", "latitude", "longitude"))
        commune = self.gazetteer.get_commune(query.code_commune)
        if status != "ok" or score is None or latitude is None or longitude is None or commune is None:
            return None
        precision = _PRECISIONS.get(row.get("result_type") or "")
        if precision is None or score < LIKELY:
            return NoSuchPlace(text)
        place = replace(
            commune,
            label=(row.get("result_label") or text)[:200],
            level="address",
            latitude=round(latitude, 6),
            longitude=round(longitude, 6),
            precision=precision,
            reach_km=0.0,
            reason="",
        )
        return self._judged(place, commune, text, score)

    def _judged(self, place: Place, commune: Place, text: str, score: float) -> Answer:
        """A place that was found, or the doubt about it."""
        if score < SURE:
            return AmbiguousPlace(text, (place,), f"Adresse trouvée sans certitude : « {place.label} » (score {score:.2f}).")
        far = distance_to(commune, place.latitude or 0.0, place.longitude or 0.0)
        if far is not None and far > near_enough_km(commune):
            return AmbiguousPlace(text, (place,), f"Adresse trouvée à {far:.0f} km de {commune.label} : « {place.label} ».")
        return place


def _read(path: Path) -> dict[str, dict[str, str]]:
    """The rows by the rank that we gave them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not reader.fieldnames or not {"rang", "result_score", "latitude", "longitude"} <= set(reader.fieldnames):
            raise KeyError("columns")
        return {row["rang"]: row for row in reader if row.get("rang")}


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
