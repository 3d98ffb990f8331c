"""What the page of the answer shows: the ranked sections, and what the référent kept, set aside and compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from directory.models.published import PublishedListing
from directory.services import Services
from matching.errors import UnknownListing
from matching.question import Question, build_question
from matching.ranking import answer_question
from matching.travel import travel_for
from matching.types import Answer, Match, Profile
from matching.weights import read_policy
from matching.whatif import Change, what_if
from matching.why import explain_listing
from web.access import find_account
from web.choices import Choices
from web.noted import holds_for

RESULTS_PER_SECTION = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """An answer with the référent's choices applied to it.

    Attributes:
        answer: Without what was set aside, ten results a section at most.
        kept: What was kept, in the référent's order; what the directory no longer holds is left out.
        dropped: Id → name of what was set aside.
        compared: The two that are compared, or nothing.
        listings: Id → the listing of every result, as the public may see it.
    """

    question: Question
    answer: Answer
    kept: tuple[Match, ...]
    dropped: Mapping[str, str]
    compared: tuple[Match, ...]
    listings: Mapping[str, PublishedListing]

    def changes(self) -> tuple[Change, ...]:
        """« Et si ? »: what one change would open. Takes as long as the answer: only the page that shows it asks."""
        return what_if(self.question)


def question_of(profile: Profile, core: Services, today: date) -> Question:
    """The question of a profile, asked of the directory as it is."""
    return build_question(
        profile,
        core.catalogue.current(),
        at=today,
        policy=read_policy(core.settings.weights),
        travel=travel_for(profile.place, profile.mode, core.itineraries),
        responses=core.responses.current(),
        holds=holds_for(find_account(), core, today),
    )


def propose(profile: Profile, core: Services, choices: Choices, today: date) -> Proposals:
    """Ask the matcher, and apply the choices."""
    question = question_of(profile, core, today)
    whole = answer_question(question, RESULTS_PER_SECTION + len(choices.dropped))
    found = {match.id: match for matches in whole.sections.values() for match in matches}
    kept = tuple(match for match in (found.get(key) or _find(question, key) for key in choices.kept) if match)
    answer = _without(whole, frozenset(choices.dropped))
    shown = {match.id for matches in answer.sections.values() for match in matches} | {match.id for match in kept}
    listings = {listing.id: listing for listing in core.repository.list_listings([*shown, *choices.dropped])}
    by_id = {match.id: match for match in kept}
    return Proposals(
        question=question,
        answer=answer,
        kept=kept,
        dropped={key: listings[key].record.name for key in choices.dropped if key in listings},
        compared=tuple(by_id[key] for key in choices.compared if key in by_id),
        listings=listings,
    )


def _find(question: Question, listing_id: str) -> Match | None:
    """A result that is not in the answer: kept, and then the profile changed."""
    try:
        return explain_listing(question, listing_id).match
    except UnknownListing:
        return None


def _without(answer: Answer, dropped: frozenset[str]) -> Answer:
    sections = {
        kind: tuple(match for match in matches if match.id not in dropped)[:RESULTS_PER_SECTION]
        for kind, matches in answer.sections.items()
    }
    return replace(
        answer,
        sections=sections,
        excluded=tuple(exclusion for exclusion in answer.excluded if exclusion.id not in dropped),
        needs={need: tuple(key for key in ids if key not in dropped) for need, ids in answer.needs.items()},
        plan=tuple(step for step in answer.plan if step.id not in dropped),
    )
