"""What holds for the student whatever the listing: notices of the parcours, alerts about minors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from directory.occupations import title
from directory.vocabulary import KIND_LABELS, Kind
from matching.allowance import RATES
from matching.french import french_day, french_list
from matching.question import Question
from matching.rules import rules
from matching.types import Alert, DiplomaLevel, RuleFinding
from matching.urgency import urgent_alerts
from matching.window import ages_on, placement_weeks

ALERT, WARNING = "alert", "warning"
_BY_LEVEL: Mapping[DiplomaLevel, tuple[str, str]] = {
    DiplomaLevel.CAP: ("parcours-mef-cap", "parcours-allocation-cap"),
    DiplomaLevel.BAC_PRO: ("parcours-mef-bac-pro", "parcours-allocation-bac-pro"),
}
_FIELDS = {"place": "Lieu", "diploma.specialty": "Spécialité du diplôme"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Widened:
    """A section in which nothing is within the student's reach, so that what is farther is shown.

    Attributes:
        kind: The section.
        shown: How many are shown.
        nearest: French: how far the nearest is.
        limit: French: what the student's reach is.
    """

    kind: Kind
    shown: int
    nearest: str
    limit: str


def notices_for(
    question: Question, widened: Iterable[Widened] = (), *, trade_within_reach: bool = True
) -> tuple[RuleFinding, ...]:
    """The notices of a question, the rules that hold on the day asked only, and the sections that were widened.

    Args:
        question: The question.
        widened: Sections in which nothing is within reach.
        trade_within_reach: Whether some company of a wished or learnt trade is.
    """
    found = [*_notices(question), *(("section-elargie", _facts_of(each)) for each in widened)]
    trades = question.profile.occupations or question.profile.specialty_occupations
    if trades and not trade_within_reach:
        found.append(("metier-hors-portee", {"trades": french_list([f"« {title(code) or code} »" for code in trades], 3)}))
    return tuple(rules()[rule_id].finding(facts) for rule_id, facts in found if rules()[rule_id].holds(question.at))


def _facts_of(widened: Widened) -> Mapping[str, object]:
    label = KIND_LABELS[widened.kind]
    shown = f"{widened.shown} fiche{'s' if widened.shown > 1 else ''}"
    return {"label": label, "shown": shown, "nearest": widened.nearest, "limit": widened.limit}


def _notices(question: Question) -> Iterator[tuple[str, Mapping[str, object]]]:
    window, profile = question.window, question.profile
    days = {"day": french_day(question.at), "first_day": french_day(window.first), "last_day": french_day(window.last)}
    if not window.in_parcours:
        yield "parcours-absent", days
    else:
        yield "parcours-fin", days
        if window.clipped and profile.parcours_start:
            first = max(profile.parcours_start, date(profile.parcours_start.year, 9, 1))
            yield "parcours-ramene", {**days, "first_day": french_day(first)}
        yield from _rights(question)
    youngest, _ = ages_on(profile, question.at, question.at)
    if youngest < 18:
        yield ("mineur-16-17" if youngest >= 16 else "mineur-moins-de-16"), {}
    if question.travel.warning:
        yield question.travel.warning, {}
    if profile.max_minutes is not None and profile.mode is None:
        yield "duree-sans-mode", {}
    for each in profile.understood:
        if not each.meaning:
            yield "specialite-inconnue", {"typed": each.text}
            continue
        field = _FIELDS.get(each.field, "Métier")
        yield (
            "profil-compris",
            {"field": field, "typed": each.text, "meaning": each.meaning + (f" – {each.reason}" if each.reason else "")},
        )


def _rights(question: Question) -> Iterator[tuple[str, Mapping[str, object]]]:
    profile = question.profile
    counted = placement_weeks(profile, question.window)
    how = "semaines de cours, vacances ôtées" if counted.known else "vacances inconnues pour cette année, non ôtées"
    level = profile.diploma.level
    by_level = _BY_LEVEL.get(level) if level else None
    if by_level:
        yield by_level[0], {}
    yield "parcours-deux-tiers", {"pfmp_weeks": counted.allowed, "weeks": counted.weeks, "how": how}
    if level and by_level:
        over = counted.allowed - RATES[level].paid_weeks
        unpaid = (
            f" Les deux tiers du parcours dépassent ce plafond : {over} semaine(s) ne seraient pas payées." if over > 0 else ""
        )
        yield by_level[1], {"unpaid": unpaid}
    yield "parcours-droits", {}


def alerts_for(question: Question, to_call: Mapping[str, str]) -> tuple[Alert, ...]:
    """Urgencies first, then what the law says of a minor.

    Args:
        question: The question.
        to_call: Category → name and phone of the student's own mission locale, PSAD, CIO, where they are known.
    """
    youngest, _ = ages_on(question.profile, question.at, question.at)
    return (*urgent_alerts(question.needs, adult=youngest >= 18), *_minor_alerts(question, to_call))


def _minor_alerts(question: Question, to_call: Mapping[str, str]) -> Iterator[Alert]:
    age, _ = ages_on(question.profile, question.at, question.at)
    window = question.window
    if not window.enrolled and age < 16:
        yield from _alert("instruction-obligatoire", ALERT, question, to_call, {})
    elif not window.enrolled and age < 18:
        yield from _alert("obligation-formation", ALERT, question, to_call, {})
    elif window.enrolled and ages_on(question.profile, question.at, window.last + timedelta(days=1))[0] < 18:
        yield from _alert("obligation-formation-echeance", WARNING, question, to_call, {"birthday": _eighteen(question)})


def _eighteen(question: Question) -> str:
    born = question.profile.birth_date
    if born is None:
        return "date de naissance à préciser"
    leap = (born.month, born.day) == (2, 29)
    return f"le {french_day(date(born.year + 18, 3, 1) if leap else date(born.year + 18, born.month, born.day))}"


def _alert(
    rule_id: str, level: str, question: Question, to_call: Mapping[str, str], facts: Mapping[str, object]
) -> Iterator[Alert]:
    rule = rules()[rule_id]
    if rule.holds(question.at):
        found = rule.finding(facts)
        yield Alert(id=rule_id, level=level, text=found.reason, source=found.source, contact=french_list(tuple(to_call.values())))
