"""From a commune's centre to an address: what the geocoding service has answered, put on the records that have an address.

The order is: the source's own point where it is plausible (``importers.places``), then the address as the service located it,
then the commune's centre. An import asks the service nothing: it uses the answers that are kept, so that an outage stops nothing.
What has an address and only its commune's point waits; ``ask`` works it off (``relais geocode``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from directory.errors import GeocodingError
from directory.geocoding.addresses import AddressQuery, address_key
from directory.geocoding.ban import BanGeocoder
from directory.geocoding.types import AmbiguousPlace, Place
from directory.models.changes import ChangeSet
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.record import SourcedRecord
from directory.repository import Repository
from directory.repository.addresses import LocatedAddress
from directory.vocabulary import Precision
from importers.plan import Stated
from importers.source import sources

RUN = "geocodage"
"""The name under which runs of ``ask`` are kept, beside those of the sources."""


def locate(record: SourcedRecord, found: Mapping[str, LocatedAddress]) -> SourcedRecord:
    """The record at its address where that is known; the record itself where it has a finer point, or its address is not."""
    facts = record.record
    if not facts.address or not facts.code_commune or facts.precision not in {None, Precision.COMMUNE} or facts.demonstration:
        return record
    place = found.get(address_key(facts.address, facts.code_commune))
    if place is None:
        return record
    point = {"latitude": place.latitude, "longitude": place.longitude, "precision": place.precision}
    headers = record.origins.get("address", ())
    origins = {**record.origins, **dict.fromkeys(point, headers)} if headers else record.origins
    return record.model_copy(update={"record": facts.model_copy(update=point), "origins": origins})


def locate_all(stated: Iterable[Stated], load: Callable[[], Mapping[str, LocatedAddress]]) -> Iterator[Stated]:
    """What a source states, its records located; ``load`` is called once, when the first record comes.

    A prepared record was located by the process that made it.
    """
    found: Mapping[str, LocatedAddress] | None = None
    for one in stated:
        if isinstance(one, SourcedRecord):
            found = load() if found is None else found
            yield locate(one, found) if found else one
        else:
            yield one


@dataclass(slots=True)
class Asked:
    """What was asked of the service, and what became of it.

    Attributes:
        waiting: Addresses that have not been answered yet.
        moved: Records that now lie at their address.
        outage: French: why the service stopped answering; empty when it did not.
    """

    asked: int = 0
    found: int = 0
    doubtful: int = 0
    unknown: int = 0
    waiting: int = 0
    moved: int = 0
    outage: str = ""
    doubts: list[Doubt] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The counts, for programs."""
        names = ("asked", "found", "doubtful", "unknown", "waiting", "moved", "outage")
        return {name: getattr(self, name) for name in names} | {"doubts": [doubt.to_json() for doubt in self.doubts]}


def list_waiting(repository: Repository, geocoder_names: Callable[[str], str], now: datetime) -> list[AddressQuery]:
    """The addresses that wait for an answer, each once."""
    known = repository.list_asked_addresses(now)
    queries: dict[str, AddressQuery] = {}
    for record in repository.iterate_waiting():
        facts = record.record
        key = address_key(facts.address, facts.code_commune or "")
        if facts.code_commune and key and key not in known and key not in queries:
            queries[key] = AddressQuery(
                street=facts.address,
                code_commune=facts.code_commune,
                code_postal=facts.code_postal or "",
                commune=geocoder_names(facts.code_commune),
            )
    return list(queries.values())


def ask(repository: Repository, geocoder: BanGeocoder, now: datetime, *, limit: int | None = None) -> Asked:
    """Ask the service for the addresses that wait, keep its answers, and move the records that they place.

    The network is asked before the directory is held, batch by batch: what was answered before an outage is kept and used.

    Args:
        repository: The directory.
        geocoder: The service.
        now: The clock.
        limit: Most addresses asked; None for all.

    Raises:
        DatabaseBusy: An import holds the directory; the answers are kept, and used by the next call.
    """
    queries = list_waiting(repository, geocoder.gazetteer.commune_name, now)
    done = Asked(waiting=len(queries))
    wanted = queries[:limit]
    by_key = {query.key: query for query in wanted}
    try:
        for answers in geocoder.in_batches(wanted):
            repository.keep_addresses(answers, now)
            _count(done, answers, by_key)
    except GeocodingError as error:
        done.outage = error.public
    done.moved = _move(repository, done, now)
    return done


def _count(done: Asked, answers: Mapping[str, object], queries: Mapping[str, AddressQuery]) -> None:
    for key, answer in answers.items():
        done.asked += 1
        done.waiting -= 1
        if isinstance(answer, Place):
            done.found += 1
        elif isinstance(answer, AmbiguousPlace):
            done.doubtful += 1
            message = f"{answer.reason} Le centre de la commune est gardé."
            done.doubts.append(
                Doubt(line=None, field="adresse", value=queries[key].street, message=message, level=DoubtLevel.DOUBTED)
            )
        else:
            done.unknown += 1


def _move(repository: Repository, done: Asked, now: datetime) -> int:
    """Publish the records whose address is now known, source by source; returns how many."""
    found = repository.load_addresses()
    if not found or next(_moved(repository, found), None) is None:
        return 0
    trust = {source.name: source.trust for source in sources().values()}
    run_pk = repository.start_run(RUN, [], now)
    moved, status, public = 0, "failed", "Erreur inattendue."
    try:
        for source, records in groupby(list(_moved(repository, found)), key=lambda record: record.source):
            changes = ChangeSet(source=source, run_pk=run_pk, changed=list(records), whole=False, trust=trust)
            moved += repository.apply(changes, now).counts.changed
        status, public = "done", ""
    finally:
        repository.finish_run(run_pk, status, {"read": done.asked, "changed": moved}, done.doubts, public, now)
    return moved


def _moved(repository: Repository, found: Mapping[str, LocatedAddress]) -> Iterator[SourcedRecord]:
    for record in repository.iterate_waiting():
        located = locate(record, found)
        if located is not record:
            yield located
