"""Two names, compared word by word: the same, the same with slips, one a part of the other, or two things."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from rapidfuzz.distance import OSA, Indel

from matching.duplicates.words import vocabulary, weight, weight_of

_NEARLY = 0.92
_HARDLY = 0.15
_GENERIC = 0.35


class NameLevel(IntEnum):
    """How two names agree, from the worst to the best."""

    DIFFERENT = 0
    """Each has words of its own."""
    OVERLAP = 1
    """Each has words of its own, and they share more than that."""
    KIND_ONLY = 2
    """They share only words that say what the thing is (« CFA »), and one of them says more."""
    PART = 3
    """One has a word more that tells."""
    CLOSE = 4
    """The same words but for a slip, an abbreviation, or a word that tells nothing."""
    SAME = 5


def compare_words(one: Sequence[str], other: Sequence[str]) -> NameLevel:
    """How two names agree, as ``words.read_words`` gives them. Symmetric.

    Two names without any word agree on nothing.
    """
    left, right = set(one), set(other)
    if not left or not right:
        return NameLevel.KIND_ONLY
    if left == right:
        return NameLevel.SAME
    shared = left & right
    left, right = left - shared, right - shared
    alike = _pair_off(left, right) | _short_forms(left, right) | _short_forms(right, left)
    left_over, right_over = weight(left), weight(right)
    # « Est » is two letters away from « Ouest », and another thing
    if left_over and right_over and not vocabulary().telling & (left | right) and _nearly("".join(one), "".join(other)):
        return NameLevel.CLOSE
    told = any(weight_of(word) == 1 for word in shared | alike)
    less, more = sorted((left_over, right_over))
    if less <= _HARDLY:
        if more <= _HARDLY + _GENERIC:
            return NameLevel.CLOSE
        return NameLevel.PART if told else NameLevel.KIND_ONLY
    return NameLevel.OVERLAP if told and weight(shared | alike) >= less else NameLevel.DIFFERENT


def _pair_off(left: set[str], right: set[str]) -> set[str]:
    """Take from both the words that are one word written in two ways; returns them."""
    alike = set()
    for word in sorted(left):
        best = min(
            (other for other in right if one_word(word, other)), key=lambda other: (OSA.distance(word, other), other), default=""
        )
        if best:
            left.discard(word)
            right.discard(best)
            alike.add(min(word, best))
    return alike


def _short_forms(left: set[str], right: set[str]) -> set[str]:
    """Take from both a short form written with a slip (« CCSA ») and the words it stands for; returns those words."""
    unknown = next((word for word in left if len(word) <= 5 and not word.isdigit()), "") if len(left) == 1 else ""
    if not unknown or len(right) < 2:
        return set()
    for short, words in vocabulary().short_forms:
        if words == right and OSA.distance(unknown, short, score_cutoff=1) <= 1:
            left.clear()
            right.clear()
            return set(words)
    return set()


def one_word(word: str, other: str) -> bool:
    """Whether two words are one with a slip (one letter; two in long words) or cut short. Numbers must be equal."""
    if word.isdigit() or other.isdigit():
        return False
    short, long = sorted((word, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return True
    if len(long) < 4 or len(short) < 3:
        return False
    if len(short) == len(long) == 4 and short[0] != long[0]:
        return False
    most = 2 if len(short) >= 8 else 1
    return len(long) - len(short) <= most and OSA.distance(short, long, score_cutoff=most) <= most


def _nearly(one: str, other: str) -> bool:
    return _digits(one) == _digits(other) and Indel.normalized_similarity(one, other, score_cutoff=_NEARLY) >= _NEARLY


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def without_place(words: Sequence[str], place: Sequence[str]) -> tuple[str, ...]:
    """The words of a name without those of its commune, slips apart; all of them when nothing else is left."""
    if not place:
        return tuple(words)
    known = set(place)
    left = [word for word in words if word not in known]
    missing = known.difference(words)
    if missing and left:
        left = [word for word in left if len(word) < 4 or not any(len(name) > 3 and one_word(word, name) for name in missing)]
    return tuple(left) or tuple(words)
