"""From the profile form to a profile, or to everything that is wrong with it, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from directory.geocoding.types import AmbiguousPlace, LyceeEntry, NoSuchPlace, Place
from directory.services import Services
from matching.errors import ProfileError
from matching.profile import parse_profile
from matching.types import Profile
from web.form_words import plain_message
from web.params import ProfileForm, form_field, profile_data

_SOME_PLACE = "INSEE 75056"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a form comes back: what is wrong with which field.

    Attributes:
        field: The form's field; empty when none of them is at fault.
        choices: Places among which to choose, when the one typed is ambiguous or unknown.
        lycees: Lycées among which to choose.
    """

    field: str
    message: str
    choices: tuple[Place, ...] = ()
    lycees: tuple[LyceeEntry, ...] = ()


def read_profile(form: ProfileForm, core: Services, today: date) -> tuple[Profile | None, tuple[Refusal, ...]]:
    """The profile, or everything that is wrong with it: a form that comes back once is better than one that comes back thrice."""
    data = profile_data(form, today)
    refusals = {refusal.field: refusal for refusal in _page_refusals(form, core)}
    # what the page refuses itself is put aside, so that the core judges the rest
    data |= {"place": _SOME_PLACE} if "place" in refusals else {}
    data |= {"age": 18} if "age" in refusals else {}
    if "establishment_uai" in refusals:
        data.pop("establishment_uai", None)
    bassins = core.repository.load_bassins()
    while True:
        try:
            profile = parse_profile(data, gazetteer=core.gazetteer, bassins=bassins, today=today)
        except ProfileError as error:
            refusals.setdefault(form_field(error.field), Refusal(field=form_field(error.field), message=plain_message(error)))
            blamed = re.split(r"[.\[]", error.field)[0]
            if data.pop(blamed, None) is None or blamed == "place":
                return None, tuple(refusals.values())
            if blamed in {"age", "birth_date"}:
                data["age"] = 18
                data.pop("birth_date", None)
        else:
            return (None if refusals else profile), tuple(refusals.values())


def _page_refusals(form: ProfileForm, core: Services) -> Iterator[Refusal]:
    yield from filter(None, (_place_refusal(form, core), _age_refusal(form), _lycee_refusal(form, core)))


def _lycee_refusal(form: ProfileForm, core: Services) -> Refusal | None:
    typed = form.text("establishment_uai")
    if not typed or form.uai:
        return None
    found = core.gazetteer.find_lycees(typed, limit=12)
    message = (
        f"Plusieurs lycées répondent à « {typed[:80]} » : choisissez celui de l’élève."
        if len(found) > 1
        else "Est-ce ce lycée ? Choisissez-le, ou effacez ce champ."
        if found
        else f"Aucun lycée ne répond à « {typed[:80]} ». Indiquez son nom et sa ville, ou son code UAI."
    )
    return Refusal(field="establishment_uai", message=message, lycees=found)


def _place_refusal(form: ProfileForm, core: Services) -> Refusal | None:
    if not form.place:
        return Refusal(field="place", message="Indiquez où habite l’élève : une commune ou un code postal.")
    match core.gazetteer.find(form.place):
        case AmbiguousPlace(candidates=candidates, reason=reason):
            message = f"Plusieurs lieux répondent à « {form.text('place')[:80]} » : choisissez celui de l’élève. {reason}".strip()
            return Refusal(field="place", message=message, choices=tuple(place for place in candidates if place.code_commune))
        case NoSuchPlace(suggestions=suggestions):
            message = f"« {form.text('place')[:80]} » n’est pas un lieu connu. Indiquez une commune ou un code postal."
            return Refusal(field="place", message=message, choices=tuple(place for place in suggestions if place.code_commune))
        case Place():
            return None


def _age_refusal(form: ProfileForm) -> Refusal | None:
    if form.text("age") or form.text("birth_date"):
        return None
    return Refusal(field="age", message="Indiquez l’âge de l’élève, ou sa date de naissance.")
