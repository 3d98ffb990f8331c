"""The GRETA of a département, by the lycées that the directory marks as members of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.models.record import Contact, Coverage, ListingRecord, SourcedRecord
from directory.territory import departements
from directory.vocabulary import Kind, Scope
from importers.building import build_record
from importers.row import Row
from importers.run import Run
from importers.territory import departement_of_uai

_MOST_CONTACTS = 50
_ORIGINS: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("category", "description", "contacts"), ("GRETA", "Nom_etablissement", "Telephone")
)


@dataclass(slots=True)
class Members:
    """The lycées that are members of a GRETA, met so far.

    The mark says neither of which GRETA, nor what is taught where, so that the lycées of a département make one listing, which
    says so and names them with their phones. A school that is no lycée is left out: nobody would go and ask there.
    """

    _met: dict[str, dict[str, tuple[int, ListingRecord]]] = field(default_factory=dict)

    def add(self, row: Row, lycee: SourcedRecord) -> None:
        """Add a lycée; of those of one UAI, the first."""
        uai = lycee.record_id[:8]
        self._met.setdefault(uai[:3], {}).setdefault(uai, (row.line, lycee.record))

    def listings(self, run: Run) -> Iterator[SourcedRecord]:
        """One listing for each département."""
        for prefix, members in self._met.items():
            name = departements()[departement_of_uai(prefix)].name
            found = [record for _, record in sorted(members.values(), key=lambda member: (member[1].name, member[0]))]
            raw = {uai: f"{record.name}, {_town(run, record)}" for uai, (_, record) in members.items()}
            row = Row(raw, min(line for line, _ in members.values()))
            row.origins = dict(_ORIGINS)
            fields: dict[str, Any] = {
                "kind": Kind.PARTNER,
                "category": "greta",
                "name": f"GRETA – {name}",
                "networks": ("greta",),
                "description": _description(run, found),
                "code_departement": departement_of_uai(prefix),
                "coverage": (Coverage(scope=Scope.DEPARTEMENT, code=departement_of_uai(prefix)),),
                "contacts": tuple(_contacts(run, found))[:_MOST_CONTACTS],
                "updated_at": max((record.updated_at for record in found if record.updated_at), default=None),
            }
            # begins as the UAI do: a file speaks for its départements
            listing = build_record(run, row, f"{prefix}-greta", fields)
            if listing is not None:
                yield listing


def _description(run: Run, members: list[ListingRecord]) -> str:
    told = " ; ".join(f"{record.name} ({_town(run, record)})" for record in members)
    which = "Lycée membre" if len(members) == 1 else "Lycées membres"
    return (
        "Les GRETA sont des groupements d’établissements publics qui forment des adultes. L’annuaire de l’éducation ne dit ni de "
        f"quel GRETA chaque lycée est membre, ni quelles formations y ont lieu : à demander sur place. {which} : {told}."
    )


def _town(run: Run, record: ListingRecord) -> str:
    return run.geocoder.commune_name(record.code_commune or "") or record.code_postal or "commune inconnue"


def _contacts(run: Run, members: list[ListingRecord]) -> Iterator[Contact]:
    """The first phone of each member, under its name."""
    for record in members:
        phone = next((contact.phone for contact in record.contacts if contact.phone), "")
        if phone:
            yield Contact(label=f"{record.name[:120]} ({_town(run, record)})"[:200], phone=phone)
