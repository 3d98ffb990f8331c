"""From the JSON of a profile to a Profile: everything is checked here, each refusal names its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from directory.diplomas import occupations_of_diploma
from directory.errors import InvalidValue
from directory.geocoding.types import AmbiguousPlace, Geocoder, NoSuchPlace, Place
from directory.identifiers import parse_code_rome, parse_uai
from directory.occupations import Occupation, find_occupations, title
from directory.specialties import Specialty, find_specialty
from directory.vocabulary import PUBLICS, THEMATIQUES, Pathway
from matching.errors import ProfileError
from matching.fields import (
    check_names,
    meant,
    nearest,
    take_bool,
    take_choice,
    take_choices,
    take_date,
    take_integer,
    take_object,
    take_text,
    take_texts,
)
from matching.needs import find_need, needs
from matching.question import HANDICAP
from matching.types import Diploma, DiplomaLevel, Lycee, Mode, Profile, Situation, Understood
from matching.window import age_on

FIELDS = (
    "reference", "birth_date", "age", "place", "establishment_uai", "diploma", "situation", "wishes", "needs", "publics",
    "mobility", "parcours",
)  # fmt: skip
YOUNGEST, OLDEST = 14, 30
"""Ages of a profile; with the recognition of a disability (RQTH) there is no oldest one, as for apprenticeship."""
_FIRST_PARCOURS = date(2023, 9, 1)
"""The parcours exists since the arrêté du 18 juillet 2023."""
_AHEAD_DAYS = 5 * 366
_SITUATIONS = {"T1": Situation.RETAKE, "T2": Situation.OTHER_PROJECT, "T3": Situation.GRADUATE}
"""How the field names the three situations: not profile values, but what is meant is told."""
_LONGEST_PARCOURS_DAYS = 366
_MOST_MEANINGS = 8
_SURE = 90.0
"""Score (of 100) above which an occupation typed as a text is taken for granted."""


class LyceeEntry(Protocol):
    """What the gazetteer knows of a lycée."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def code_commune(self) -> str:
        """INSEE code of its commune, empty when unknown."""
        ...


class ProfileGazetteer(Geocoder, Protocol):
    """A geocoder that also knows the lycées."""

    def find_lycee(self, uai: str) -> LyceeEntry | None:
        """The lycée of a UAI, None when unknown."""
        ...


class BassinMap(Protocol):
    """The académies' own maps."""

    def of_commune(self, code: str) -> tuple[str, ...]:
        """Codes of the bassins that hold a commune."""
        ...

    def of_uai(self, uai: str) -> tuple[str, ...]:
        """Codes of the bassins that hold an establishment."""
        ...


def parse_profile(data: Mapping[str, object], *, gazetteer: ProfileGazetteer, bassins: BassinMap, today: date) -> Profile:
    """Understand a profile as JSON gives it (contracts, « The profile of a student »).

    Args:
        data: The JSON object. Only ``place`` and an age (or a birth date) are mandatory.
        gazetteer: Where places and lycées are found.
        bassins: Where bassins are found.
        today: The day asked, on which ages are judged.

    Raises:
        ProfileError: An unknown field, a wrong value or a contradiction; the field is named, dotted.
        GeocodingError: The geocoder did not answer.
    """
    if not isinstance(data, Mapping):
        raise ProfileError("profile", "not an object", public="Un profil est un objet JSON ({…}).")
    check_names(data, FIELDS)
    publics = take_choices(data, "publics", tuple(PUBLICS))
    birth_date, age = _age(data, today, has_rqth=HANDICAP in publics)
    lycee = _lycee(data, gazetteer, bassins)
    place = _place(data, gazetteer, lycee)
    diploma, situation = _diploma(data), _situation(data)
    _check_situation(situation, diploma)
    specialty = _specialty(diploma)
    wishes = take_object(data, "wishes", ("occupations", "paths"))
    occupations, understood = _occupations(wishes)
    mobility = take_object(data, "mobility", ("mode", "max_minutes"))
    mode = take_choice(mobility, "mode", tuple(Mode), "mobility.mode")
    start, end = _parcours(data, today)
    return Profile(
        place=place,
        birth_date=birth_date,
        age=age,
        reference=take_text(data, "reference"),
        lycee=lycee,
        home_bassins=bassins.of_commune(place.code_commune) if place.code_commune else (),
        diploma=diploma,
        situation=situation,
        occupations=occupations,
        specialty_occupations=specialty.occupations if specialty else (),
        pathways=tuple(map(Pathway, take_choices(wishes, "paths", tuple(Pathway), "wishes.paths"))),
        needs=_needs(data),
        publics=publics,
        mode=Mode(mode) if mode else None,
        max_minutes=take_integer(mobility, "max_minutes", 1, 600, "mobility.max_minutes"),
        parcours_start=start,
        parcours_end=end,
        understood=(*_understood_place(data, place), *_understood_specialty(diploma, specialty), *understood),
    )


def _age(data: Mapping[str, Any], today: date, *, has_rqth: bool) -> tuple[date | None, int | None]:
    birth_date, age = take_date(data, "birth_date"), take_integer(data, "age", YOUNGEST, OLDEST, beyond=120)
    if birth_date is None and age is None:
        raise ProfileError("age", "missing", public="Il manque « birth_date » ou « age » : l’âge est nécessaire.")
    field, years = "age", age or 0
    if birth_date is not None:
        field, years = "birth_date", age_on(birth_date, today)
        if birth_date > today:
            raise ProfileError(field, "in the future", public="« birth_date » est dans le futur.")
        if age is not None and age != years:
            raise ProfileError(
                "age",
                f"{age} but born {birth_date}",
                public=f"« age » ({age}) contredit « birth_date » ({years} ans ce jour-là).",
            )
    if years < YOUNGEST or (years > OLDEST and not has_rqth):
        raise ProfileError(
            field,
            f"{years} years old",
            public=f"Âge impossible : {years} ans. Le profil est celui d’un jeune de {YOUNGEST} à {OLDEST} ans "
            "(sans limite avec une RQTH).",
        )
    return birth_date, (None if birth_date else age)


def _place(data: Mapping[str, Any], gazetteer: Geocoder, lycee: Lycee | None) -> Place:
    text = take_text(data, "place")
    if not text:
        raise ProfileError("place", "missing", public="Il manque « place » : la commune où habite l’élève est nécessaire.")
    near = lycee.place.code_departement if lycee and lycee.place else ""
    found = gazetteer.find(text, near_departement=near)
    if isinstance(found, NoSuchPlace):
        labels = [place.label for place in found.suggestions]
        hint = f" Vouliez-vous dire {' ou '.join(f'« {label} »' for label in labels[:3])} ?" if labels else ""
        raise ProfileError("place", f"unknown place {text!r}", public=f"Lieu inconnu : « {text} ».{hint}", suggestions=labels)
    if isinstance(found, AmbiguousPlace):
        labels = [place.label for place in found.candidates]
        more = " …" if len(labels) > 5 else ""
        raise ProfileError(
            "place",
            f"ambiguous place {text!r}",
            public=f"« {text} » peut désigner plusieurs lieux, précisez : {' ; '.join(labels[:5])}{more}",
            suggestions=labels,
        )
    if not found.code_commune:
        raise ProfileError(
            "place",
            f"{text!r} is wider than a commune",
            public=f"« {text} » est compris comme {found.label} : indiquez la commune où habite l’élève.",
        )
    return found


def _understood_place(data: Mapping[str, Any], place: Place) -> tuple[Understood, ...]:
    return (Understood("place", str(data["place"]), place.label, place.reason),) if place.reason else ()


def _lycee(data: Mapping[str, Any], gazetteer: ProfileGazetteer, bassins: BassinMap) -> Lycee | None:
    text = take_text(data, "establishment_uai")
    if not text:
        return None
    try:
        uai = parse_uai(text)
    except InvalidValue as error:
        raise ProfileError("establishment_uai", str(error), public=error.public) from error
    entry = gazetteer.find_lycee(uai)
    place = gazetteer.get_commune(entry.code_commune) if entry and entry.code_commune else None
    found = bassins.of_uai(uai) or (bassins.of_commune(place.code_commune) if place else ())
    return Lycee(uai=uai, name=entry.name if entry else "", place=place, bassins=found)


def _understood_specialty(diploma: Diploma, specialty: Specialty | None) -> tuple[Understood, ...]:
    if not diploma.specialty:
        return ()
    field, text = "diploma.specialty", diploma.specialty
    if specialty is None:
        return (Understood(field, text, ""),)
    names = ", ".join(f"{title(code)} ({code})" for code in specialty.occupations[:3])
    return (Understood(field, text, specialty.name, f"mène à : {names}"),)


def _situation(data: Mapping[str, Any]) -> Situation | None:
    text = take_text(data, "situation")
    meant_by = _SITUATIONS.get(text.upper())
    if meant_by is not None:
        raise ProfileError(
            "situation",
            f"{text!r} is the field's name of {meant_by}",
            public=f"« {text} » n’est pas une valeur de « situation ». Vouliez-vous dire « {meant_by} » ?",
            suggestions=(str(meant_by),),
        )
    found = take_choice(data, "situation", tuple(Situation))
    return Situation(found) if found else None


def _diploma(data: Mapping[str, Any]) -> Diploma:
    diploma = take_object(data, "diploma", ("level", "specialty", "obtained"))
    level = take_choice(diploma, "level", tuple(DiplomaLevel), "diploma.level")
    return Diploma(
        level=DiplomaLevel(level) if level else None,
        specialty=take_text(diploma, "specialty", "diploma.specialty"),
        obtained=take_bool(diploma, "obtained", "diploma.obtained"),
    )


def _specialty(diploma: Diploma) -> Specialty | None:
    """What a specialty leads to: by our table, nearest first, else by the referential of diplomas; never guessed."""
    if not diploma.specialty:
        return None
    found = find_specialty(diploma.specialty)
    if found is not None:
        return found
    codes = occupations_of_diploma(diploma.level or "", diploma.specialty)
    return Specialty(diploma.specialty, codes) if codes else None


def _check_situation(situation: Situation | None, diploma: Diploma) -> None:
    if situation is Situation.GRADUATE and diploma.obtained is False:
        raise ProfileError(
            "situation",
            "graduate without the diploma",
            public="Contradiction : « graduate » (diplômé) et « diploma.obtained » false.",
        )
    if situation is Situation.RETAKE and diploma.obtained is True:
        raise ProfileError(
            "situation",
            "retakes what was obtained",
            public="Contradiction : « retake » (repasser l’examen) et « diploma.obtained » true.",
        )
    if situation is Situation.OTHER_PROJECT and diploma.obtained is True:
        raise ProfileError(
            "situation",
            "failed and graduate at once",
            public="Contradiction : « other_project » (examen manqué, autre projet) et « diploma.obtained » true. Un diplômé est "
            "« graduate ».",
            suggestions=(str(Situation.GRADUATE),),
        )


@dataclass(frozen=True, slots=True)
class _Typed:
    text: str
    field: str


def _occupations(wishes: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[Understood, ...]]:
    codes: list[str] = []
    understood: list[Understood] = []
    for position, text in enumerate(take_texts(wishes, "occupations", "wishes.occupations")):
        typed = _Typed(text, f"wishes.occupations[{position}]")
        code = _rome(typed)
        if code is not None:
            codes.append(code)
            continue
        kept = _named(typed)
        codes.extend(found.code for found in kept)
        meaning = " ou ".join(f"{found.title} ({found.code})" for found in kept[:3])
        more = f" … et {len(kept) - 3} autres" if len(kept) > 3 else ""
        understood.append(Understood(typed.field, text, meaning + more))
    return tuple(dict.fromkeys(codes)), tuple(understood)


def _rome(typed: _Typed) -> str | None:
    try:
        code = parse_code_rome(typed.text)
    except InvalidValue:
        return None
    if title(code) is None:
        raise ProfileError(typed.field, f"unknown ROME {code}", public=f"Le code ROME « {code} » n’existe pas.")
    return code


def _named(typed: _Typed) -> tuple[Occupation, ...]:
    found = find_occupations(typed.text, limit=_MOST_MEANINGS)
    if not found:
        raise ProfileError(
            typed.field,
            f"unknown occupation {typed.text!r}",
            public=f"Métier inconnu : « {typed.text} ». Donnez un intitulé plus courant ou un code ROME (ex. G1602).",
        )
    best = found[0].score
    if best >= _SURE:
        return tuple(each for each in found if each.score >= best)
    return tuple(each for each in found if each.score >= best - 5)


def _needs(data: Mapping[str, Any]) -> tuple[str, ...]:
    keys: list[str] = []
    for position, text in enumerate(take_texts(data, "needs")):
        key = find_need(text)
        if key is None:
            choices = (*needs(), *THEMATIQUES) if "-" in text else tuple(needs())
            hint = meant(text, choices) or f" Besoins connus : {', '.join(needs())}."
            raise ProfileError(
                f"needs[{position}]",
                f"unknown need {text!r}",
                public=f"Besoin inconnu : « {text} ».{hint}",
                suggestions=nearest(text, choices),
            )
        keys.append(key)
    return tuple(dict.fromkeys(keys))


def _parcours(data: Mapping[str, Any], today: date) -> tuple[date | None, date | None]:
    parcours = take_object(data, "parcours", ("start", "end"))
    start, end = take_date(parcours, "start", "parcours.start"), take_date(parcours, "end", "parcours.end")
    if start is None and end is not None:
        start = date(end.year, 9, 1) if end >= date(end.year, 9, 1) else None
        if start is None:
            raise ProfileError("parcours.start", "missing", public="Il manque « parcours.start » : la date de début du parcours.")
    if start is not None and end is None:
        end = date(start.year, 12, 31)
    if start and end and end < start:
        raise ProfileError("parcours.end", "before its start", public="Le parcours finit (« parcours.end ») avant de commencer.")
    if start and not _FIRST_PARCOURS <= start <= today + timedelta(days=_AHEAD_DAYS):
        raise ProfileError(
            "parcours.start",
            f"{start} is no parcours",
            public=f"« parcours.start » ({start}) n’est pas possible : le parcours existe depuis septembre 2023, "
            "et celui de l’élève ne peut être si loin de la date de la demande.",
        )
    if start and end and (end - start).days > _LONGEST_PARCOURS_DAYS:
        raise ProfileError("parcours.end", "longer than a year", public="Le parcours (« parcours.end ») durerait plus d’un an.")
    return start, end
