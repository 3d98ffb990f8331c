"""The export of the directory to data·inclusion, as a folder: which listings go, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import tee
from pathlib import Path
from typing import Any

from data_inclusion.schema import v1

from directory.data_inclusion import DECIMALS, IDENTITY, LISTS, SERVICE_PREFIX, SOURCE, WHOLES, Object
from directory.errors import ExportError
from directory.exports.data_inclusion import Exporter
from directory.exports.files import LinesFile
from directory.geocoding.gazetteer import Gazetteer
from directory.models.published import PublishedListing, SourcedListing
from directory.repository import Repository
from directory.search.documents import build_documents
from directory.search.forms import FACETS, tokens_of
from directory.vocabulary import ALL_PUBLICS, Kind, Visibility

Filters = Mapping[str, Sequence[str]]
_MODELS: dict[str, type[Any]] = {"structures": v1.Structure, "services": v1.Service}


@dataclass(slots=True)
class ExportReport:
    """What was written.

    Attributes:
        left_out: French reason → listings that are not in the export for it.
        replaced: Column → values that the schema refused, left out or written our way.
        orphans: Services whose structure is not in the export.
        files: What was written.
    """

    structures: int = 0
    services: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    orphans: int = 0
    files: list[Path] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "structures": self.structures,
            "services": self.services,
            "orphans": self.orphans,
            "left_out": dict(self.left_out),
            "replaced": dict(self.replaced),
            "files": [str(path) for path in self.files],
        }


def export_folder(
    repository: Repository,
    gazetteer: Gazetteer,
    folder: Path,
    *,
    forms: Sequence[str] = ("jsonl",),
    filters: Filters | None = None,
    with_persons: bool = False,
) -> ExportReport:
    """Write ``structures`` and ``services`` into a folder, in each of the forms; files of these names are replaced.

    Public partners go, and the structure of each service that goes. Filters are those of search (``SearchQuery.filters``).

    Args:
        repository: The directory.
        gazetteer: Names communes.
        folder: Made when it is absent.
        forms: Some of ``directory.exports.files.FORMS``.
        filters: Name → accepted values.
        with_persons: See Exporter.

    Raises:
        ExportError: An unknown filter, or a folder that cannot be written; what was in it is as it was.
    """
    filters = filters or {}
    unknown = sorted(filters.keys() - set(FACETS))
    if unknown:
        raise ExportError(f"unknown filters {unknown}", public=f"Filtre inconnu : {unknown[0]}. Connus : {', '.join(FACETS)}.")
    exporter = Exporter(gazetteer.commune_name, repository.load_bassins(), with_persons=with_persons)
    drafts: list[LinesFile] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        drafts = [LinesFile(folder, name) for name in _MODELS]
        report = _write(_Job(repository, gazetteer, filters), exporter, dict(zip(_MODELS, drafts, strict=True)))
        report.files = [
            path
            for draft, model in zip(drafts, _MODELS.values(), strict=True)
            for path in draft.finish(forms, column_types(model))
        ]
    except OSError as error:
        raise ExportError(f"{folder}: {error}", public=f"Le dossier « {folder} » ne peut pas être écrit.") from error
    finally:
        for draft in drafts:
            draft.abandon()
    return report


def export_selection(
    repository: Repository, gazetteer: Gazetteer, listings: Sequence[PublishedListing]
) -> tuple[dict[str, list[Object]], ExportReport]:
    """Some listings as ``structures`` and ``services``, and what became of the others.

    The structure of each service goes with it, where everyone may see it.

    Args:
        repository: The directory.
        gazetteer: Names communes.
        listings: As anyone may see them.
    """
    exporter = Exporter(gazetteer.commune_name, repository.load_bassins())
    there = {listing.id for listing in listings}
    carriers = {each.carried_by.id for each in listings if each.carried_by is not None} - there
    whole = [*listings, *(each for each in repository.list_listings(sorted(carriers)) if each.closed_at is None)]
    report, ids = ExportReport(), _merged_ids(repository)
    found: dict[str, list[Object]] = {name: [] for name in _MODELS}
    for listing in repository.list_sourced(SOURCE, whole):
        reason = _why_not(listing, {})
        exported = None if reason else exporter.export(listing, ids)
        if exported is None:
            report.left_out[reason or "valeur obligatoire que le schéma refuse"] += 1
            continue
        report.replaced.update(exported.dropped)
        found[exported.kind].append(exported.item)
    known = {item["id"] for item in found["structures"]}
    report.structures, report.services = len(found["structures"]), len(found["services"])
    report.orphans = sum(item["structure_id"] not in known for item in found["services"])
    return found, report


@dataclass(frozen=True, slots=True)
class _Job:
    repository: Repository
    gazetteer: Gazetteer
    filters: Filters

    def listings(self) -> Iterator[tuple[SourcedListing, bool]]:
        """Every open listing, and whether the filters admit it."""
        sourced = self.repository.iterate_sourced(SOURCE)
        if not self.filters:
            yield from ((listing, True) for listing in sourced)
            return
        listings, copies = tee(sourced)
        for listing, document in zip(
            listings, build_documents((copy.published for copy in copies), self.gazetteer), strict=True
        ):  # fmt: skip
            tokens = tokens_of(document)
            yield listing, all(_accepts(name, values, set(tokens[name])) for name, values in self.filters.items())


def _accepts(name: str, values: Sequence[str], tokens: set[str]) -> bool:
    return bool(tokens & set(values)) or (name == "public" and ALL_PUBLICS in tokens)


def _write(job: _Job, exporter: Exporter, files: Mapping[str, LinesFile]) -> ExportReport:
    report = ExportReport()
    ids = _merged_ids(job.repository)
    carriers = _carriers(job) if job.filters else set()
    exported: set[str] = set()
    named: Counter[str] = Counter()
    for listing, admitted in job.listings():
        reason = _why_not(listing, job.filters)
        if not reason and not admitted and not _own_identities(listing) & carriers:
            reason = "hors du filtre"
        found = None if reason else exporter.export(listing, ids)
        if found is None:
            report.left_out[reason or "valeur obligatoire que le schéma refuse"] += 1
            continue
        report.replaced.update(found.dropped.keys())
        files[found.kind].add(found.item)
        if found.kind == "structures":
            exported.add(found.item["id"])
        else:
            named[found.item["structure_id"]] += 1
    report.structures, report.services = files["structures"].count, files["services"].count
    report.orphans = sum(count for structure, count in named.items() if structure not in exported)
    return report


def _why_not(listing: SourcedListing, filters: Filters) -> str:
    record = listing.published.record
    if record.kind is not Kind.PARTNER:
        return "autre chose qu’un partenaire"
    if record.visibility is not Visibility.PUBLIC:
        return "fiche non publique"
    return "fiche de démonstration" if record.demonstration and "demonstration" not in filters else ""


def _carriers(job: _Job) -> set[str]:
    """Identities of the structures whose services the filters admit."""
    return {structure for listing, admitted in job.listings() if admitted and (structure := listing.published.record.structure)}


def _own_identities(listing: SourcedListing) -> set[str]:
    return {f"{IDENTITY}{stated.record_id}" for stated in listing.stated}


def _merged_ids(repository: Repository) -> dict[str, str]:
    """Of structures that were found to be one: the identity of each → the id under which they are exported."""
    groups = (
        [record_id for record_id in group if not record_id.startswith(SERVICE_PREFIX)] for group in repository.list_joined(SOURCE)
    )
    return {f"{IDENTITY}{record_id}": group[0] for group in groups for record_id in group}


def column_types(model: type[Any]) -> dict[str, str]:
    """Column → type, in the schema's order."""
    kinds = {
        **dict.fromkeys(LISTS, "texts"),
        **dict.fromkeys(DECIMALS, "decimal"),
        **dict.fromkeys(WHOLES, "whole"),
        "date_maj": "day",
    }
    return {column: kinds.get(column, "text") for column in model.model_fields}
