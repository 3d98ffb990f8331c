"""Sharing seats among who asks for them: exact, in turns, and the greedy way to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.scoring import FULL

UNSERVED = 10 * FULL
"""What leaving one without a seat costs, times how many ask: more than any loss of usefulness can weigh."""

Given = tuple[int, int, int]
"""Who asked, which of the choices, turn (from 1)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A place as one who asks values it: what decides (``value``) is its points, less or more for what they do not tell."""

    place: int
    points: int
    value: int


def share(choices: Sequence[Sequence[Choice]], capacities: Sequence[int], each: int) -> list[Given]:
    """Seats for as many as possible, and the most useful way to do so; then a second one each, and so on.

    Args:
        choices: Of each who asks, best first.
        capacities: Seats of each place.
        each: Most seats one may have.
    """
    left, had, given = list(capacities), [set[int]() for _ in choices], list[Given]()
    for turn in range(1, each + 1):
        matched = _matching(choices, left, had)
        for student, choice in matched:
            place = choices[student][choice].place
            left[place] -= 1
            had[student].add(place)
            given.append((student, choice, turn))
        if not matched:
            break
    return given


def _matching(choices: Sequence[Sequence[Choice]], left: Sequence[int], had: Sequence[set[int]]) -> list[tuple[int, int]]:
    """One place for each student, at most; served ones first, then usefulness. A seat is a column, and so is « nothing »."""
    asked = Counter(
        choice.place for own, before in zip(choices, had, strict=True) for choice in own if choice.place not in before
    )
    seats: dict[int, range] = {}
    columns = 0
    for place in sorted(asked):
        width = min(left[place], asked[place])
        seats[place] = range(columns, columns + width)
        columns += width
    rows, cols, costs, of_column = [], [], [], {}
    for student, own in enumerate(choices):
        for rank, choice in enumerate(own):
            if choice.place in had[student]:
                continue
            of_column[student, choice.place] = rank
            for seat in seats[choice.place]:
                rows.append(student)
                cols.append(seat)
                # the rank settles equals the same way each time
                costs.append(2 * FULL - choice.value + rank * 1e-3)
        rows.append(student)
        cols.append(columns + student)
        costs.append(UNSERVED * (len(choices) + 1))
    if not columns:
        return []
    place_of = {seat: place for place, span in seats.items() for seat in span}
    graph = coo_array((costs, (rows, cols)), shape=(len(choices), columns + len(choices))).tocsr()
    matched = zip(*min_weight_full_bipartite_matching(graph), strict=True)
    return [
        (int(student), of_column[int(student), place_of[int(column)]]) for student, column in matched if int(column) < columns
    ]


def share_greedily(choices: Sequence[Sequence[Choice]], capacities: Sequence[int], each: int) -> list[Given]:
    """What a loop would do: the best pair that is left, again and again. To compare with."""
    left, turns = list(capacities), Counter[int]()
    pairs = sorted((-choice.value, student, rank) for student, own in enumerate(choices) for rank, choice in enumerate(own))
    given = []
    for _, student, rank in pairs:
        place = choices[student][rank].place
        if left[place] and turns[student] < each:
            left[place] -= 1
            turns[student] += 1
            given.append((student, rank, turns[student]))
    return given
