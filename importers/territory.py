"""A run for one département: what stands there, or serves it."""

from __future__ import annotations

from collections.abc import Iterator

from directory.models.record import ListingRecord, SourcedRecord
from directory.territory import Bassins, academie_of, departements, epcis_of
from directory.vocabulary import Kind, Scope
from importers.addresses import departement_of_postal
from importers.places import departement_of_commune
from importers.plan import Stated
from importers.run import Run


class Territory:
    """A département as listings name it: its communes, EPCI, bassins, lycées, and what it belongs to."""

    def __init__(self, departement: str, bassins: Bassins | None = None) -> None:
        found = departements()[departement]
        self.code = departement
        self._bassins = bassins
        self._tokens = {
            f"{Scope.DEPARTEMENT}:{departement}",
            f"{Scope.REGION}:{found.region}",
            f"{Scope.ACADEMIE}:{academie_of(departement)}",
            str(Scope.FRANCE),
            str(Scope.REMOTE),
            *(f"{Scope.EPCI}:{code}" for code in epcis_of(departement)),
        }

    def keeps(self, record: ListingRecord) -> bool:
        """Whether a listing stands in the département or serves a part of it; a scheme that says neither is for everyone."""
        if self._stands_in(record) == self.code or any(self._serves(entry.scope, entry.code) for entry in record.coverage):
            return True
        return record.kind is Kind.SCHEME and not record.coverage and not self._stands_in(record)

    def only(self, run: Run, stated: Iterator[Stated]) -> Iterator[Stated]:
        """Of what a source yields, the listings that are kept, and what is no listing. Nothing has vanished that is not met."""
        left = 0
        for entry in stated:
            if not isinstance(entry, SourcedRecord) or self.keeps(entry.record):
                yield entry
            else:
                left += 1
        if left:
            run.note("departement", self.code, f"Fiches qui ne sont ni dans ce département ni pour lui, laissées : {left}.")
        run.covers = ()

    @staticmethod
    def _stands_in(record: ListingRecord) -> str:
        if record.code_commune:
            return departement_of_commune(record.code_commune)
        return record.code_departement or departement_of_postal(record.code_postal or "")

    def _serves(self, scope: Scope, code: str) -> bool:
        if scope is Scope.COMMUNE:
            return departement_of_commune(code) == self.code
        if scope is Scope.ESTABLISHMENT:
            return departement_of_uai(code) == self.code
        if scope is Scope.BASSIN:
            bassin = self._bassins.get(code) if self._bassins is not None else None
            return bassin is not None and any(departement_of_commune(commune) == self.code for commune in bassin.communes)
        return (f"{scope}:{code}" if code else str(scope)) in self._tokens


def departement_of_uai(uai: str) -> str:
    """The département of a UAI, or of its first three characters.

    A UAI begins with its département on three digits; Corsica's two are 620 and 720.
    """
    return {"620": "2A", "720": "2B"}.get(uai[:3], uai[:3] if uai.startswith("97") else uai[1:3])
