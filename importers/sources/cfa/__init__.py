"""Training bodies for apprentices: the list that flags the prépa-apprentissage, and the lists of their networks.

Three shapes are recognised by their columns: the prépa-apprentissage list, a network's list, and a bare one (UAI, SIRET, network:
the AFPA's), which gives neither name nor place. A row without a name only completes a body that another list names.

**Identity.** Two rows are one body when they carry the same valid SIRET, and in no other case. Measured on 2,207 pairs of rows of
published lists that carry the same UAI: where their SIRETs differ (537 pairs), 47 % are of two legal units and 42 % of two postal
codes; in the prépa list 320 UAIs stand for several SIRETs, and one UAI stands for all 148 centres of the AFPA. A UAI is therefore
kept as a fact and never joins. The key is ``formation:siret:…`` rather than ``siret:…``: the same establishment may also be a
company that hires, or a lycée that serves its own pupils, and those are other listings.

**Category.** What a name says comes first (GRETA, AFPA, maison familiale rurale), then its network, then its nature. A lycée of
these lists is published as what it does here, train apprentices (``cfa``, with the network ``lycee``), not as a ``lycee``: that
category serves the pupils of the lycée itself, and this training is open to everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from directory.models.record import SourcedRecord
from importers.errors import ExpectationMissed, StructureChanged
from importers.row import Row
from importers.run import Run
from importers.sources.cfa.body import Body, read_bare, read_named, to_record

_MOST_REFUSED = 0.5
_NAMELESS = "Ni nom ni adresse, et aucune autre liste connue ne nomme ce SIRET : importez d’abord une liste qui le nomme."


@dataclass(slots=True)
class _Seen:
    """What the run has met: names by SIRET, and rows that wait for one."""

    named: dict[str, str] = field(default_factory=dict)
    waiting: list[tuple[Row, Body]] = field(default_factory=list)


def records(run: Run) -> Iterator[SourcedRecord]:
    """The bodies of every list given, one record for each list and body."""
    seen = _Seen()
    for path in run.paths:
        yield from _read_list(run, path, seen)
    for row, body in seen.waiting:
        name = _known_name(run, body, seen)
        if name:
            yield from to_record(run, row, replace(body, name=name))
        else:
            run.refuse(row, "siret", body.siret, _NAMELESS, record_id=body.record_id)


def _read_list(run: Run, path: Path, seen: _Seen) -> Iterator[SourcedRecord]:
    named = refused = 0
    closed_before = len(run.closed)
    for row in run.rows(path):
        bare = _is_bare(row, path)
        body = read_bare(run, row) if bare else read_named(run, row)
        named += not bare
        refused += body is None and not bare
        if body is None:
            continue
        if body.name:
            seen.named.setdefault(body.siret, body.name)
            yield from to_record(run, row, body)
        else:
            seen.waiting.append((row, body))
    refused -= len(run.closed) - closed_before  # a body that is over was understood
    if named and refused > named * _MOST_REFUSED:
        raise ExpectationMissed(
            f"{path}: {refused} of {named} rows refused",
            public=f"{refused} lignes sur {named} de « {path.name} » ne sont pas comprises : rien n’est publié.",
        )


def _is_bare(row: Row, path: Path) -> bool:
    """Whether the list names nothing.

    Raises:
        StructureChanged: It is none of the lists that are known.
    """
    if row.find("prepa_apprentissage") is None and row.find("reseaux_a_jour") is None:
        raise StructureChanged(
            f"{path}: neither prepa_apprentissage nor Réseaux à jour",
            public=f"« {path.name} » n’est ni la liste des prépas-apprentissage ni celle d’un réseau (« Réseaux à jour ») : "
            "rien n’est publié.",
        )
    described = ("raison_sociale", "enseigne", "nature", "adresse")
    return all(row.find(column) is None for column in described)


def _known_name(run: Run, body: Body, seen: _Seen) -> str:
    """The name that another list of this run, or one already published, gives to the body; empty when none does."""
    return seen.named.get(body.siret) or (run.find_name(body.identity) if run.find_name else None) or ""
