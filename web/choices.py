"""What a référent decides of the proposals: kept in an order, set aside, noted. It travels in the form and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from web.params import MEETING, NOTE, ProfileForm
from web.wording import PARIS

MOST_KEPT = 15
"""More would not be a plan, nor fit a sheet."""
MOST_DROPPED = 60
LONGEST_NOTE = 300
_DATE_TIME = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<fd>\d{1,2})[/. -](?P<fm>\d{1,2})[/. -](?P<fy>\d{4}))"
    r"(?:(?:T|\s+|\s*,\s*)(?:à\s*)?(?P<h>\d{1,2})\s*[h:]\s*(?P<min>\d{2})?(?::\d{2})?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The référent's choices.

    Attributes:
        kept: Ids of listings, the first to call first.
        dropped: Ids that are not to be shown again.
        compared: Ids to compare, two at most.
        notes: Id → free text, at most 300 characters.
        meetings: Id → the appointment, Europe/Paris.
        whole_days: Ids whose appointment has a day and no hour.
        unread: Id → an appointment that was typed and could not be understood.
    """

    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    notes: Mapping[str, str]
    meetings: Mapping[str, datetime]
    whole_days: frozenset[str] = frozenset()
    unread: Mapping[str, str]

    @property
    def fields(self) -> frozenset[str]:
        """Names of the form's fields in which the notes and appointments of what is kept are shown."""
        return frozenset(name + key for key in self.kept for name in (NOTE, MEETING))

    def meeting_value(self, key: str) -> str:
        """An appointment as a field of a browser takes it: ``2026-12-01T14:30``; empty without one."""
        moment = self.meetings.get(key)
        return moment.strftime("%Y-%m-%dT%H:%M") if moment else ""


def read_choices(form: ProfileForm) -> Choices:
    """The choices that a form carries."""
    kept = tuple(dict.fromkeys(form.values("keep")))[:MOST_KEPT]
    typed = {key: form.text(MEETING + key) for key in kept if form.text(MEETING + key)}
    read = {key: _read_moment(text) for key, text in typed.items()}
    return Choices(
        kept=kept,
        dropped=tuple(key for key in dict.fromkeys(form.values("drop")) if key not in kept)[:MOST_DROPPED],
        compared=tuple(key for key in dict.fromkeys(form.values("compare")) if key in kept)[:2],
        notes={key: form.text(NOTE + key)[:LONGEST_NOTE] for key in kept if form.text(NOTE + key)},
        meetings={key: moment for key, (moment, _) in ((key, each) for key, each in read.items() if each)},
        whole_days=frozenset(key for key, each in read.items() if each and not each[1]),
        unread={key: typed[key] for key, each in read.items() if each is None},
    )


def act(form: ProfileForm, action: str) -> ProfileForm:
    """The form after a button; what is none of these changes nothing.

    ``keep ID``, ``leave ID``, ``drop ID``, ``up ID``, ``down ID``; of « et si ? », ``minutes N`` and ``occupation CODE``.
    """
    verb, _, about = action.partition(" ")
    if verb == "minutes" and about.isascii() and about.isdecimal() and len(about) <= 3:
        return replace(form, texts={**form.texts, "max_minutes": about})
    if verb == "occupation" and about:
        wished = [code for code in form.values("occupations") if code != about][:2]
        return replace(form, lists={**form.lists, "occupations": (*wished, about)})
    if verb not in _MOVES or not about:
        return form
    kept, dropped = list(dict.fromkeys(form.values("keep"))), list(dict.fromkeys(form.values("drop")))
    if verb == "keep" and len(kept) >= MOST_KEPT:
        return form
    kept, dropped = _MOVES[verb](kept, dropped, about)
    return replace(form, lists={**form.lists, "keep": tuple(kept), "drop": tuple(dropped)})


def _keep(kept: list[str], dropped: list[str], key: str) -> tuple[list[str], list[str]]:
    return kept if key in kept else [*kept, key], [each for each in dropped if each != key]


def _leave(kept: list[str], dropped: list[str], key: str) -> tuple[list[str], list[str]]:
    return [each for each in kept if each != key], [each for each in dropped if each != key]


def _drop(kept: list[str], dropped: list[str], key: str) -> tuple[list[str], list[str]]:
    return [each for each in kept if each != key], [*(each for each in dropped if each != key), key]


def _up(kept: list[str], dropped: list[str], key: str) -> tuple[list[str], list[str]]:
    return _moved(kept, key, -1), dropped


def _down(kept: list[str], dropped: list[str], key: str) -> tuple[list[str], list[str]]:
    return _moved(kept, key, 1), dropped


_MOVES = {"keep": _keep, "leave": _leave, "drop": _drop, "up": _up, "down": _down}


def _moved(kept: list[str], key: str, by: int) -> list[str]:
    if key not in kept:
        return kept
    here = kept.index(key)
    there = min(max(here + by, 0), len(kept) - 1)
    moved = list(kept)
    moved.insert(there, moved.pop(here))
    return moved


def _read_moment(text: str) -> tuple[datetime, bool] | None:
    """A day, with whether an hour was given; None when it is no date."""
    found = _DATE_TIME.fullmatch(text.strip())
    if found is None:
        return None
    part = found.groupdict()
    year, month, day = (part["y"] or part["fy"], part["m"] or part["fm"], part["d"] or part["fd"])
    try:
        moment = datetime(int(year), int(month), int(day), int(part["h"] or 0), int(part["min"] or 0), tzinfo=PARIS)
    except ValueError:
        return None
    return moment, part["h"] is not None
