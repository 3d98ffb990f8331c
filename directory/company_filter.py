"""Which companies of the directory go with a diploma, a family of trades, a filière or an activity."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from directory.catalogue import VISIBILITIES, Catalogue
from directory.columns import IntArray
from directory.diplomas import occupations_of_diploma
from directory.errors import InvalidValue
from directory.identifiers import parse_code_naf
from directory.models.responses import FILIERE_LENGTH
from directory.occupations import codes_of_domaine, find_occupations, occupations_of_naf, title
from directory.specialties import find_specialty
from directory.text import fold
from directory.vocabulary import Kind, Pathway, Visibility

SAME, DOMAINE, ACTIVITY = 3.0, 2.0, 1.0
"""How a company goes with what is asked: by an occupation itself, by one of its domaine, by its activity (NAF) alone."""
_LONGEST = 200
_MOST_TRADES, _NEAR = 12, 8.0
"""Occupations that a word may mean (« restauration »), and how far below the best title (of 100) one may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trades:
    """What a text about a training names.

    Attributes:
        label: As it is called.
        occupations: ROME codes, the nearest first; empty where an activity is named.
        naf: The activity (``56.10A``); empty where occupations are.
    """

    label: str = ""
    occupations: tuple[str, ...] = ()
    naf: str = ""

    def __bool__(self) -> bool:
        return bool(self.occupations or self.naf)


def find_trades(text: str, level: str = "") -> Trades:
    """What is meant by « Cuisine », « MELEC », a family of bac pro, a CFD or MEF code, « G16 », « plombier » or « 56.10A ».

    Args:
        text: As it was typed; nothing for an empty one.
        level: ``cap``, ``bac_pro``, ``bma``, ``dtms``; empty for any of them.

    Raises:
        InvalidValue: It names nothing known.
    """
    asked = " ".join(text.split())[:_LONGEST]
    if not asked:
        return Trades()
    for label, codes in _named(asked, level):
        if codes:
            return Trades(label=label, occupations=codes)
    try:
        naf = parse_code_naf(asked.upper())
    except InvalidValue as error:
        public = f"« {asked[:80]} » n’est ni un diplôme, ni une filière, ni un métier connus."
        raise InvalidValue("formation", asked, "unknown", public=public) from error
    return Trades(label=f"Activité {naf}", naf=naf)


def _named(text: str, level: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each way of reading a text, the surest first: its label, and occupations if it is one."""
    code = text.upper()
    yield f"Domaine {code}", codes_of_domaine(code) if len(code) == FILIERE_LENGTH else ()
    name = title(code)
    yield name or "", (code,) if name else ()
    # the referential, where it was imported, tells levels apart and knows families; the shipped table what lycées write
    if level:
        yield text, occupations_of_diploma(level, text)
    specialty = find_specialty(text)
    yield (specialty.name, specialty.occupations) if specialty else ("", ())
    yield text, occupations_of_diploma("", text)
    found = find_occupations(text, limit=_MOST_TRADES)
    near = tuple(each.code for each in found if each.score >= found[0].score - _NEAR)
    yield found[0].title if len(near) == 1 else text, near


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which companies are asked for; what is empty limits nothing.

    Attributes:
        ids: These alone.
        words: Each begins a word of the company's name.
    """

    trades: Trades = Trades()
    departement: str = ""
    offer: Pathway | None = None  # one that its record states
    words: str = ""
    ids: Collection[str] | None = None


def find_companies(catalogue: Catalogue, wanted: Wanted) -> list[str]:
    """Ids of the public companies that answer: those whose own occupations do, those of the same domaine, of the activity."""
    rows = catalogue.by_kind[Kind.COMPANY]
    if wanted.ids is not None:
        held = sorted(row for row in map(catalogue.find_row, wanted.ids) if row is not None)
        rows = np.intersect1d(rows, np.array(held, dtype=rows.dtype))
    rows = rows[catalogue.visibility[rows] == VISIBILITIES.index(Visibility.PUBLIC)]
    if wanted.departement:
        rows = rows[catalogue.of_departements((wanted.departement,), rows)]
    if wanted.offer is not None:
        # what its category stands for is not what the company said
        rows = rows[catalogue.pathways.any_of((wanted.offer,), rows) & ~catalogue.pathways_by_nature[rows]]
    worth = _worth(catalogue, rows, wanted.trades) if wanted.trades else np.full(len(rows), SAME)
    words = fold(wanted.words).split()
    found = [
        (-float(worth[rank]), fold(catalogue.names[row]), catalogue.ids[row])
        for rank, row in enumerate(rows.tolist())
        if worth[rank] > 0
    ]
    return [listing for _, name, listing in sorted(found) if all(f" {word}" in f" {name}" for word in words)]


def _worth(catalogue: Catalogue, rows: IntArray, trades: Trades) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """How each row goes with the trades, shape (len(rows),): 0 not at all."""
    if trades.naf:
        same = np.array([*(code == trades.naf for code in catalogue.naf_codes), False])  # the last stands for an unknown one, -1
        return np.where(same[catalogue.naf[rows]], SAME, 0.0)
    asked, domaines = set(trades.occupations), {code[:FILIERE_LENGTH] for code in trades.occupations}
    of_code = np.array(
        [SAME if code in asked else DOMAINE if code[:FILIERE_LENGTH] in domaines else 0.0 for code in catalogue.occupation_codes]
    )
    own = catalogue.occupations.best(of_code, rows, np.nan)
    of_naf = np.array([*(ACTIVITY if asked & occupations_of_naf(naf) else 0.0 for naf in catalogue.naf_codes), 0.0])
    return np.where(np.isnan(own), of_naf[catalogue.naf[rows]], own)
