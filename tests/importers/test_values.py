"""Values of published cells: the cases of values.toml, and what holds for any text."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import InvalidValue
from importers.values import (
    Reading,
    clean_html,
    find_ages,
    mend,
    parse_ages,
    parse_bool,
    parse_count,
    parse_degrees,
    parse_email,
    parse_french_date,
    parse_phones,
    parse_url,
    read_ages,
    read_code_postal,
    read_emails,
    read_hours,
    read_phones,
    read_price,
    read_siret,
    read_sittings,
    read_uai,
    read_urls,
    tidy,
    valid_hours,
)

TODAY = date(2026, 11, 24)
CASES: dict[str, list[list[str]]] = tomllib.loads((Path(__file__).parent / "values.toml").read_text(encoding="utf-8"))


def _phones(reading: Reading[Any]) -> str:
    return " | ".join(f"{p.number} {p.label}".strip() + (" (personnel)" if p.personal else "") for p in reading.value)


def _ages(reading: Reading[Any]) -> str:
    bounds = " ".join("-" if age is None else str(age) for age in (reading.value.youngest, reading.value.oldest))
    return bounds + (f" « {reading.value.words} »" if reading.value.words else "")


def _sittings(reading: Reading[Any]) -> str:
    shown = []
    for sitting in reading.value.occurrences:
        whole = sitting.start.hour == sitting.end.hour == 0 and sitting.end > sitting.start
        shown.append(f"{sitting.start:%Y-%m-%d}" + ("" if whole else f" {sitting.start:%H:%M}-{sitting.end:%H:%M}"))
    why = "année" if "année" in reading.value.to_confirm else "indicatives" if reading.value.to_confirm else ""
    return " | ".join(shown) + (f" (à confirmer : {why})" if why else "")


def _price(reading: Reading[Any]) -> str:
    return (reading.value.frais or "-") + (f" « {reading.value.details} »" if reading.value.details else "")


def _postal(text: str) -> Reading[str]:
    code, lost = read_code_postal(text)
    return Reading(f"{code} (zéro perdu)" if lost else code)


def _listed(reading: Reading[Any]) -> str:
    return " | ".join(reading.value)


def _plain(reading: Reading[Any]) -> str:
    return str(reading.value or "")


READERS: dict[str, tuple[Callable[[str], Any], Callable[[Reading[Any]], str]]] = {
    "phones": (read_phones, _phones),
    "emails": (read_emails, _listed),
    "urls": (read_urls, _listed),
    "sirets": (read_siret, _plain),
    "uais": (read_uai, _plain),
    "postals": (_postal, _plain),
    "ages": (read_ages, _ages),
    "dates": (lambda text: Reading(parse_french_date(text)), _plain),
    "sittings": (lambda text: read_sittings(text, TODAY), _sittings),
    "prices": (read_price, _price),
    "hours": (read_hours, _plain),
    "texts": (mend, _plain),
}


@pytest.mark.parametrize(
    ("kind", "text", "expected"), [(kind, text, expected) for kind, cases in CASES.items() for text, expected in cases]
)
def test_a_cell_is_read_as_the_table_of_cases_says(kind: str, text: str, expected: str) -> None:
    read, shown = READERS[kind]

    if expected.startswith("! "):
        with pytest.raises(InvalidValue) as refused:
            read(text)
        assert expected[2:] in refused.value.public
        return
    reading = read(text)
    value, _, doubt = expected.partition(" ? ") if " ? " in expected and reading.doubts else (expected, "", "")

    assert shown(reading) == value
    assert bool(reading.doubts) == bool(doubt)
    assert not doubt or doubt in " ".join(reading.doubts)


def test_there_are_cases_of_every_kind_and_they_are_many() -> None:
    assert CASES.keys() == READERS.keys()
    assert sum(map(len, CASES.values())) >= 300


_PIECES = [
    *"0123456789", "02 61 91 12 34", "06", "+33", "E+08", "poste", "lundi", "au", "vendredi", "9h", "-", "/", "12h30", "et",
    "sauf", "fermé", "mercredi", "16", "à", "25", "ans", "moins de", "rqth", "5", "avril", "2027", "1er", "99/99/9999", "24h/24",
    "€", "gratuit", "@", "exemple.fr", "http://", "(", ")", ";", "\n", "Ã©", "&amp;", "?", "sur rendez-vous", "le", "matin",
    "semaine",
]  # fmt: skip
_WORDS = st.lists(st.sampled_from(_PIECES), max_size=14).map(" ".join)
_ANY = st.text(max_size=80) | st.text(alphabet="0123456789+()./- àanseéh@:%", max_size=60) | _WORDS


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=120, deadline=None)
@given(text=_ANY)
def test_a_reader_answers_or_refuses_in_french_and_never_breaks(kind: str, text: str) -> None:
    read, shown = READERS[kind]

    try:
        said = shown(read(text))
    except InvalidValue as refused:
        said = refused.public or "!"

    assert isinstance(said, str)


@settings(max_examples=200, deadline=None)
@given(text=_ANY)
def test_what_was_read_is_read_again_as_itself(text: str) -> None:
    for read in (parse_phones, parse_email, parse_url):
        try:
            once = read(text)
        except InvalidValue:
            continue
        values = once if isinstance(once, tuple) else (once,)
        assert all(read(value) in (value, (value,)) for value in values if value)


@settings(max_examples=200, deadline=None)
@given(text=_WORDS)
def test_opening_hours_are_of_the_openstreetmap_form_and_read_again_as_themselves(text: str) -> None:
    try:
        hours = read_hours(text).value
    except InvalidValue:
        return

    assert not hours or valid_hours(hours)
    assert read_hours(hours).value == hours


@given(text=st.text(max_size=200))
def test_tidying_and_mending_twice_change_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert mend(mend(text).value).value == mend(text).value


@pytest.mark.parametrize(
    "text",
    [
        "0" * 100_000,
        "02 61 91 12 34 " * 5_000,
        "a@" * 50_000,
        "9h-" * 50_000,
        "16 à " * 30_000,
        "<" * 90_000,
        "&" + "amp;" * 30_000,
        "Ã©" * 90_000,
    ],
    ids=["zeros", "phones", "mails", "hours", "ages", "tags", "entities", "accents"],
)
def test_a_monstrous_cell_is_read_or_refused_at_once(text: str) -> None:
    for read, shown in READERS.values():
        try:
            said = shown(read(text))
        except InvalidValue as refused:
            said = refused.public * 100

        assert len(said) <= len(text)


@pytest.mark.parametrize(("text", "value"), [("Oui", True), ("x", True), ("NON", False), ("0", False), ("", None)])
def test_yes_and_no_are_told_apart(text: str, value: bool | None) -> None:
    assert parse_bool(text) is value


@pytest.mark.parametrize(("text", "count"), [("3", 3), ("3.0", 3), ("1 200", 1200), ("", None)])
def test_a_count_is_read_as_spreadsheets_write_it(text: str, count: int | None) -> None:
    assert parse_count(text) == count


def test_degrees_with_a_comma_are_read_and_absurd_ones_refused() -> None:
    assert parse_degrees("48,35") == 48.35
    with pytest.raises(InvalidValue):
        parse_degrees("4835000")


def test_ages_alone_are_read_as_two_bounds() -> None:
    assert parse_ages("16 à 25 ans") == (16, 25)


def test_html_becomes_plain_lines_without_scripts() -> None:
    text = clean_html("<p>Venez &amp;amp; <b>rencontrez</b><br>l&#39;&eacute;quipe</p><script>alert(1)</script><p>2 &lt; 3</p>")

    assert text == "Venez & rencontrez\nl'équipe\n2 < 3"


def test_a_tidy_text_has_neither_invisible_nor_control_characters() -> None:
    assert tidy("\ufeffA\u00a0\u200bB\x00\tC\u202e") == "A B C"


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("16 à 25 ans; RQTH moins de 30 ans", (16, 25)),
        ("Jeunes de 16 à 29 ans, sans emploi", (16, 29)),
        ("Public : 16-29 ans", (16, 29)),
        ("16-25", (16, 25)),
        ("Entre 18 et 25 ans", (18, 25)),
        ("Jusqu’à 29 ans", (None, 29)),
        ("à partir de 18 ans", (18, None)),
        ("demandeurs d’emploi de longue durée (plus de 2 ans)", (None, None)),
        ("Moins de 2 ans de chômage", (None, None)),
        ("bac + 2 ans", (None, None)),
        ("5 à 10 ans d’expérience", (None, None)),
        ("20/25 personnes", (None, None)),
        ("24/24", (None, None)),
        ("Accueil de 9h à 17h", (None, None)),
        ("femmes", (None, None)),
    ],
)
def test_a_sentence_about_who_may_come_gives_the_ages_it_begins_with(text: str, bounds: tuple[int | None, int | None]) -> None:
    found = find_ages(text)

    assert (found.youngest, found.oldest) == bounds
