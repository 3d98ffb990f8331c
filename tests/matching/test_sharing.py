"""Seats are shared so that nobody is left out who need not be, and no other share is more useful."""

from __future__ import annotations

from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.sharing import Choice, share, share_greedily

CHOICES = st.lists(
    st.dictionaries(st.integers(0, 3), st.integers(1, 10_000), max_size=4).map(
        lambda values: sorted((Choice(place, v, v) for place, v in values.items()), key=lambda c: (-c.value, c.place))
    ),
    min_size=1,
    max_size=5,
)
CAPACITIES = st.lists(st.integers(1, 2), min_size=4, max_size=4)


def best_by_hand(choices: list[list[Choice]], capacities: list[int]) -> tuple[int, int]:
    """How many can be served and the most useful way to, by trying every share."""
    best = (0, 0)
    for picked in product(*([None, *own] for own in choices)):
        taken = [choice for choice in picked if choice is not None]
        if all(count <= capacities[place] for place, count in Counter(choice.place for choice in taken).items()):
            best = max(best, (len(taken), sum(choice.value for choice in taken)))
    return best


@settings(deadline=None, max_examples=150)
@given(CHOICES, CAPACITIES)
def test_no_other_share_serves_more_or_is_more_useful(choices: list[list[Choice]], capacities: list[int]) -> None:
    given_seats = share(choices, capacities, 1)

    value = sum(choices[student][choice].value for student, choice, _ in given_seats)
    assert (len(given_seats), value) == best_by_hand(choices, capacities)


@settings(deadline=None, max_examples=100)
@given(CHOICES, CAPACITIES, st.integers(1, 3))
def test_capacities_hold_nobody_has_a_place_twice_and_turns_come_in_order(
    choices: list[list[Choice]], capacities: list[int], each: int
) -> None:
    for given_seats in (share(choices, capacities, each), share_greedily(choices, capacities, each)):
        places = [choices[student][choice].place for student, choice, _ in given_seats]
        pairs = [(student, choice) for student, choice, _ in given_seats]
        assert all(count <= capacities[place] for place, count in Counter(places).items())
        assert len(set(pairs)) == len(pairs)
        assert all(count <= each for count in Counter(student for student, _, _ in given_seats).values())


def test_the_loop_that_takes_the_best_pair_first_leaves_someone_out() -> None:
    only_one, has_two = [Choice(0, 6_000, 6_000)], [Choice(0, 9_000, 9_000), Choice(1, 8_000, 8_000)]

    exact, greedy = share([only_one, has_two], [1, 1], 1), share_greedily([only_one, has_two], [1, 1], 1)

    assert sorted(exact) == [(0, 0, 1), (1, 1, 1)]
    assert greedy == [(1, 0, 1)]


def test_nobody_has_a_second_place_before_everyone_has_a_first() -> None:
    wants_all, wants_one = [Choice(0, 9_000, 9_000), Choice(1, 8_000, 8_000)], [Choice(1, 2_000, 2_000)]

    given_seats = share([wants_all, wants_one], [1, 1], 2)

    assert sorted(given_seats) == [(0, 0, 1), (1, 0, 1)]
