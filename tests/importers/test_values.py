"""Values of published cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import InvalidValue
from importers.values import (
    clean_html,
    parse_ages,
    parse_bool,
    parse_count,
    parse_degrees,
    parse_email,
    parse_french_date,
    parse_phones,
    parse_url,
    tidy,
)


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("02 61 91 12 34", ("+33261911234",)),
        ("02.61.91.12.34", ("+33261911234",)),
        ("02-61-91-12-34", ("+33261911234",)),
        ("02/61/91/12/34", ("+33261911234",)),
        ("0261911234", ("+33261911234",)),
        ("+33 (0)2 61 91 12 34", ("+33261911234",)),
        ("+33261911234", ("+33261911234",)),
        ("0033 2 61 91 12 34", ("+33261911234",)),
        ("33261911234", ("+33261911234",)),
        ("261911234", ("+33261911234",)),
        ("261911234.0", ("+33261911234",)),
        ("Tél : 02 61 91 12 34 (standard)", ("+33261911234",)),
        ("02 61 91 12 34 / 06 39 98 12 34", ("+33261911234", "+33639981234")),
        ("02 61 91 12 34\n02 61 91 12 35", ("+33261911234", "+33261911235")),
        ("02 61 91 12 34 ou 0261911234", ("+33261911234",)),
        ("0262 90 00 11", ("+262262900011",)),
        ("0590 38 00 11", ("+590590380011",)),
        ("3114", ("3114",)),
        ("39 49", ("3949",)),
        ("+41 22 767 61 11", ("+41227676111",)),
        ("", ()),
    ],
)
def test_a_phone_is_read_in_every_shape_that_spreadsheets_hold(text: str, phones: tuple[str, ...]) -> None:
    assert parse_phones(text) == phones


@pytest.mark.parametrize("text", ["02 61 91 12", "néant", "12345678901234567890"])
def test_what_is_no_phone_is_refused_in_french(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_phones(text)

    assert "n’est pas un numéro de téléphone" in refused.value.public


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("16-25 ans", (16, 25)),
        ("de 16 à 29 ans révolus", (16, 29)),
        ("16 à moins de 26 ans", (16, 25)),
        ("moins de 26 ans", (None, 25)),
        ("jusqu’à 30 ans", (None, 30)),
        ("à partir de 16 ans", (16, None)),
        ("18 ans et plus", (18, None)),
        ("Tout public", (None, None)),
        ("", (None, None)),
    ],
)
def test_ages_are_read_as_they_are_written(text: str, ages: tuple[int | None, int | None]) -> None:
    assert parse_ages(text) == ages


@pytest.mark.parametrize("text", ["25-16 ans", "16-999", "les jeunes"])
def test_impossible_ages_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_ages(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-01", date(2026, 9, 1)),
        ("05/04/2025", date(2025, 4, 5)),
        ("5.4.25", date(2025, 4, 5)),
        ("Le samedi 5 avril 2025 de 9h00 à 12h00", date(2025, 4, 5)),
        ("1er sept. 2026", date(2026, 9, 1)),
        ("", None),
    ],
)
def test_a_french_date_is_read(text: str, day: date | None) -> None:
    assert parse_french_date(text) == day


@pytest.mark.parametrize("text", ["lundi 99 septembre 3019", "31/02/2025", "bientôt"])
def test_an_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_french_date(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("www.exemple.fr", "https://www.exemple.fr"),
        ("http://exemple.fr:8080/a?b=c", "http://exemple.fr:8080/a?b=c"),
        ("exemple.fr:80/x", "https://exemple.fr:80/x"),
    ],
)
def test_a_web_address_is_completed(text: str, url: str) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "pas de site", "http://", "//x"]
)
def test_what_could_harm_as_a_link_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_url(text)


def test_a_mail_is_found_among_words() -> None:
    assert parse_email("mailto:Accueil@EXEMPLE.fr ; autre@exemple.fr") == "Accueil@exemple.fr"


def test_a_text_without_mail_is_refused() -> None:
    with pytest.raises(InvalidValue):
        parse_email("voir le site")


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


def test_html_becomes_plain_lines_without_scripts() -> None:
    text = clean_html("<p>Venez &amp;amp; <b>rencontrez</b><br>l&#39;&eacute;quipe</p><script>alert(1)</script><p>2 &lt; 3</p>")

    assert text == "Venez & rencontrez\nl'équipe\n2 < 3"


def test_a_tidy_text_has_neither_invisible_nor_control_characters() -> None:
    assert tidy("\ufeffA\u00a0\u200bB\x00\tC\u202e") == "A B C"


@pytest.mark.parametrize(
    "parse", [parse_phones, parse_ages, parse_french_date, parse_email, parse_url, parse_bool, parse_count, parse_degrees]
)
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80) | st.text(alphabet="0123456789+()./- àanseéh@:%", max_size=60))
def test_a_parser_answers_or_refuses_and_never_breaks(parse: Callable[[str], object], text: str) -> None:
    public = "understood"
    try:
        parse(text)
    except InvalidValue as refused:
        public = refused.public

    assert public


@given(text=st.text(max_size=200))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
