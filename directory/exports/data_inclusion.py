"""Partners as structures and services of data·inclusion v1, each valid by the schema's own package.

What came from data·inclusion goes back as it was published, column by column, except where the directory now says something else
(a curator's correction, a better source). What did not come from it is put into its words; networks that it does not have are
left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from data_inclusion.schema import v1
from pydantic import ValidationError

from directory.data_inclusion import IDENTITY, SERVICE, STRUCTURE, Object, read_raw
from directory.models.published import PublishedListing, SourcedListing, StatedRecord
from directory.models.record import Contact, Coverage, ListingRecord
from directory.territory import Bassins, departements
from directory.vocabulary import DATA_INCLUSION_NETWORKS, Precision, Scope, Visibility

OURS = "relais"
"""The « source » of what did not come from data·inclusion."""

_LONGEST_NAME, _LONGEST_DESCRIPTION = 150, 10_000
_PLACED = frozenset({Precision.POINT, Precision.ADDRESS, Precision.STREET})


@dataclass(frozen=True, slots=True)
class Exported:
    """What a listing gives.

    Attributes:
        kind: ``structures`` or ``services``.
        item: The object.
        dropped: Column → why the package refused its value, which was then replaced by ours or left out.
    """

    kind: str
    item: Object
    dropped: dict[str, str]


class Exporter:
    """Writes listings in data·inclusion's words."""

    def __init__(self, commune_name: Callable[[str], str], bassins: Bassins, *, with_persons: bool = False) -> None:
        """Prepare to export.

        Args:
            commune_name: Names a commune by its INSEE code.
            bassins: The bassins of the directory, which data·inclusion does not know: their communes are given.
            with_persons: Whether the named persons that data·inclusion itself published are given back.
        """
        self._commune_name = commune_name
        self._bassins = bassins
        self._with_persons = with_persons

    def export(self, listing: SourcedListing, structure_ids: dict[str, str]) -> Exported | None:
        """A listing as an object; None when it cannot be one.

        Args:
            listing: The listing, with the data·inclusion records that make it.
            structure_ids: Identity of a structure → id under which it is exported.
        """
        record = listing.published.record
        is_service = record.structure is not None
        origin = next((stated for stated in listing.stated if (stated.record.structure is not None) == is_service), None)
        columns, model = (SERVICE, v1.Service) if is_service else (STRUCTURE, v1.Structure)
        describe = self._service if is_service else self._structure
        ours = item = describe(listing.published)
        if origin is not None:
            before = describe(_as_published(listing.published, origin))
            changed = {column: value for column, value in ours.items() if value != before[column]}
            if "adresse" in changed:
                changed["complement_adresse"] = None
            item = read_raw(origin.raw, columns) | changed
        if is_service:
            item["structure_id"] = structure_ids.get(record.structure or "", (record.structure or "").removeprefix(IDENTITY))
            if not self._with_persons:
                _without_person(item, record)
        valid, dropped = _validated(item, model, ours)
        return None if valid is None else Exported("services" if is_service else "structures", valid, dropped)

    def _structure(self, listing: PublishedListing) -> Object:
        record = listing.record
        site = next((c.url for c in _public(record) if c.url and not c.label.startswith("Accessibilité")), None)
        access = next((c.url for c in _public(record) if c.url and c.label.startswith("Accessibilité")), None)
        networks = [network for network in record.networks if network in DATA_INCLUSION_NETWORKS]
        return self._common(listing) | {
            "siret": record.siret,
            "site_web": site,
            "accessibilite_lieu": access,
            "reseaux_porteurs": networks or None,
        }

    def _service(self, listing: PublishedListing) -> Object:
        record = listing.record
        return self._common(listing) | {
            "description": _cut(record.description, _LONGEST_DESCRIPTION) or f"{record.name} (sans description)",
            "structure_id": (record.structure or "").removeprefix(IDENTITY),
            "type": record.types[0] if record.types else None,
            "thematiques": list(record.thematiques) or None,
            "frais": record.frais,
            "frais_precisions": record.frais_details or None,
            "publics": list(record.publics) or None,
            "publics_precisions": _ages(record),
            "conditions_acces": record.conditions or None,
            "modes_accueil": list(record.modes_accueil) or None,
            "zone_eligibilite": self._zone(record.coverage) or None,
            "contact_nom_prenom": None,
            "lien_mobilisation": record.registration_url or None,
            "modes_mobilisation": list(record.modes_mobilisation) or None,
            "mobilisable_par": list(record.mobilisable_par) or None,
            "mobilisation_precisions": record.mobilisation_details or None,
            "volume_horaire_hebdomadaire": record.hours_per_week,
            "nombre_semaines": record.weeks,
        }

    def _common(self, listing: PublishedListing) -> Object:
        record = listing.record
        phone = next((contact.phone for contact in _public(record) if contact.phone), None)
        email = next((contact.email for contact in _public(record) if contact.email), None)
        placed = record.precision in _PLACED
        day = max(filter(None, (record.updated_at, record.checked_at)), default=listing.last_changed.date())
        return {
            "source": OURS,
            "id": f"{OURS}--{listing.id}",
            "nom": _cut(record.name, _LONGEST_NAME),
            "date_maj": day.isoformat(),
            "description": _cut(record.description, _LONGEST_DESCRIPTION) or None,
            "lien_source": record.source_url or None,
            "commune": self._commune_name(record.code_commune) or None if record.code_commune else None,
            "code_postal": record.code_postal,
            "code_insee": record.code_commune,
            "adresse": record.address or None,
            "complement_adresse": None,
            "longitude": record.longitude if placed else None,
            "latitude": record.latitude if placed else None,
            "telephone": phone,
            "courriel": email,
            "horaires_accueil": record.opening_hours or None,
        }

    def _zone(self, coverage: tuple[Coverage, ...]) -> list[str]:
        return list(dict.fromkeys(code for territory in coverage for code in self._codes(territory)))

    def _codes(self, territory: Coverage) -> Iterator[str]:
        """data·inclusion knows communes, EPCI, départements and France: a larger or another territory is given by those."""
        scope, code = territory.scope, territory.code
        if scope in {Scope.COMMUNE, Scope.EPCI, Scope.DEPARTEMENT}:
            yield code
        elif scope is Scope.FRANCE:
            yield "france"
        elif scope is Scope.BASSIN:
            bassin = self._bassins.get(code)
            yield from bassin.communes if bassin else ()
        elif scope in {Scope.REGION, Scope.ACADEMIE}:
            for departement in departements().values():
                if code == (departement.region if scope is Scope.REGION else departement.academie):
                    yield departement.code


def _as_published(listing: PublishedListing, origin: StatedRecord) -> PublishedListing:
    return PublishedListing(
        pk=listing.pk,
        id=listing.id,
        record=origin.record,
        revision=listing.revision,
        first_seen=listing.first_seen,
        last_changed=listing.last_changed,
    )


def _without_person(item: Object, record: ListingRecord) -> None:
    """Leave out a person's name, and the mail that is only for the bassin's professionals."""
    item["contact_nom_prenom"] = None
    hidden = {contact.email.casefold() for contact in record.contacts if contact.visibility is not Visibility.PUBLIC}
    if str(item["courriel"] or "").casefold() in hidden - {""}:
        item["courriel"] = None


def _public(record: ListingRecord) -> Iterator[Contact]:
    return (contact for contact in record.contacts if contact.visibility is Visibility.PUBLIC and not contact.name)


def _ages(record: ListingRecord) -> str | None:
    """The ages in words: the schema has no column for them."""
    if record.age_min is not None and record.age_max is not None:
        return f"De {record.age_min} à {record.age_max} ans"
    if record.age_min is not None:
        return f"À partir de {record.age_min} ans"
    return None if record.age_max is None else f"Jusqu’à {record.age_max} ans"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _validated(item: Object, model: type[Any], ours: Object) -> tuple[Object | None, dict[str, str]]:
    """The object as the package accepts it, and why some of its values are left out; a mandatory one leaves out the object.

    A value that is refused as it was published gives way to ours (a name cut to its longest, today's date).
    """
    dropped: dict[str, str] = {}
    for _ in range(3):
        try:
            model.model_validate(item)
        except ValidationError as error:
            faults = {str(fault["loc"][0]): fault["msg"] for fault in error.errors()}
        else:
            return item, dropped
        dropped |= faults
        for column in faults:
            better = ours.get(column)
            item[column] = better if better != item[column] else None
    return None, dropped
