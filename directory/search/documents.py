"""From published listings to what the index is told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache

from directory.geocoding.gazetteer import Gazetteer
from directory.models.published import PublishedListing
from directory.models.record import Contact, ListingRecord
from directory.occupations import title, trade_names
from directory.search.analysis import synonyms
from directory.search.types import SearchDocument
from directory.specialties import short_names
from directory.territory import FRANCE, departements, zone_emploi_of
from directory.vocabulary import (
    ACCESSIBILITY_CONTACT,
    PATHWAY_LABELS,
    THEMATIQUES,
    EventState,
    Scope,
    Visibility,
    categories,
    networks,
)

_Lookup = Callable[[str], tuple[str, ...]]


def build_documents(listings: Iterable[PublishedListing], gazetteer: Gazetteer) -> Iterator[SearchDocument]:
    """The search document of each published listing, in the order they come.

    Args:
        listings: Open listings, whatever their visibility.
        gazetteer: Names communes and says in which territories they lie.
    """

    @cache
    def territories(code_commune: str) -> tuple[str, ...]:
        place = gazetteer.get_commune(code_commune)
        return tuple(token for token in place.territories if token != FRANCE) if place else ()

    @cache
    def commune_name(code_commune: str) -> str:
        return gazetteer.commune_name(code_commune)

    for listing in listings:
        if listing.closed_at is None:
            yield _document(listing, territories, commune_name)


def _document(listing: PublishedListing, territories: _Lookup, commune_name: Callable[[str], str]) -> SearchDocument:
    record = listing.record
    code_commune = record.code_commune or ""
    departement = record.code_departement or _departement_of(territories(code_commune) if code_commune else ())
    first_day, last_day = _days(record)
    return SearchDocument(
        pk=listing.pk,
        id=listing.id,
        kind=record.kind,
        category=record.category,
        name=record.name,
        description=record.description,
        words=" ".join(_words(record, departement)),
        commune=commune_name(code_commune) if code_commune else "",
        code_commune=code_commune,
        code_departement=departement,
        latitude=record.latitude,
        longitude=record.longitude,
        coverage=tuple(coverage.token for coverage in record.coverage),
        visibility=record.visibility,
        thematiques=record.thematiques,
        publics=record.publics,
        networks=record.networks,
        pathways=tuple(record.pathways),
        occupations=record.occupations,
        frais=record.frais or "",
        modes_accueil=record.modes_accueil,
        accessibility=("decrite",) if listing.shares_access or any(map(_describes_access, record.contacts)) else (),
        age_min=record.age_min,
        age_max=record.age_max,
        first_day=first_day,
        last_day=last_day,
        updated_at=max(filter(None, (record.updated_at, record.checked_at)), default=None),
        demonstration=record.demonstration,
        cancelled=record.event_state is EventState.CANCELLED,
        structure=listing.carried_by.name if listing.carried_by else "",
        territories=_lies_in(record, departement, territories),
    )


def _describes_access(contact: Contact) -> bool:
    return contact.label == ACCESSIBILITY_CONTACT and bool(contact.url) and contact.visibility is Visibility.PUBLIC


def _words(record: ListingRecord, departement: str) -> Iterator[str]:
    """Other words that find a listing: what its codes mean, in French."""
    category = categories().get(record.category)
    if category:
        yield from (category.label, category.plural, *category.words)
    yield from (networks().get(code, "") for code in record.networks)
    for code in record.thematiques:
        yield THEMATIQUES.get(code, "")
        yield from synonyms()["thematiques"].get(code, ())
    for code in record.occupations:
        yield title(code) or ""
        yield from trade_names(code)
        yield from short_names(code)
    yield from (PATHWAY_LABELS[pathway] for pathway in record.pathways)
    yield record.bassin_label
    if departement in departements():
        yield from (departements()[departement].name, departement)


def _lies_in(record: ListingRecord, departement: str, territories: _Lookup) -> tuple[str, ...]:
    """Territories of its place, and of the communes that it serves."""
    tokens = dict.fromkeys(territories(record.code_commune) if record.code_commune else ())
    if record.code_commune and (zone := zone_emploi_of(record.code_commune)):
        tokens[f"zone_emploi:{zone}"] = None
    for coverage in record.coverage:
        if coverage.scope is Scope.COMMUNE:
            tokens |= dict.fromkeys(territories(coverage.code))
    found = departements().get(departement)
    if found:
        tokens |= dict.fromkeys(
            token
            for token, code in ((f"region:{found.region}", found.region), (f"academie:{found.academie}", found.academie))
            if code
        )
    return tuple(tokens)


def _departement_of(tokens: tuple[str, ...]) -> str:
    return next((token.partition(":")[2] for token in tokens if token.startswith(f"{Scope.DEPARTEMENT}:")), "")


def _days(record: ListingRecord) -> tuple[date | None, date | None]:
    """First and last day of an event; a sitting that ends at midnight ends the day before."""
    if not record.occurrences:
        return None, None
    first = min(occurrence.start for occurrence in record.occurrences).date()
    last = max(occurrence.end for occurrence in record.occurrences)
    return first, max(first, date.fromordinal(last.toordinal() - (last.time() == last.time().min)))
