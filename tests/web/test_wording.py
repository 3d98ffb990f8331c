"""How facts are written in French."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from web import wording


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (wording.number(1234.5, 1), "1\u202f234,5"),
        (wording.points(7825), "78,25"),
        (wording.points(1240), "12,4"),
        (wording.points(700), "7"),
        (wording.points(10_000), "100"),
        (wording.points(0), "0"),
        (wording.km(3.44), "3,4\u00a0km"),
        (wording.km(27.2), "27\u00a0km"),
        (wording.km(0.04), "moins de 100\u00a0m"),
        (wording.km(None), ""),
        (wording.duration(25), "25\u00a0min"),
        (wording.duration(65), "1\u00a0h\u00a005"),
        (wording.day(date(2026, 12, 1)), "1er\u00a0décembre 2026"),
        (wording.month("2026-11"), "novembre 2026"),
        (wording.month("bientôt"), "bientôt"),
        (wording.phone("+33199000123"), "01\u00a099\u00a000\u00a001\u00a023"),
        (wording.phone("3114"), "3114"),
        (wording.website("https://www.exemple.fr/"), "exemple.fr"),
        (wording.french("Un « mot » : quoi ?"), "Un «\u00a0mot\u00a0»\u00a0: quoi\u00a0?"),
    ],
)
def test_it_is_written_as_french_people_write_it(written: str, expected: str) -> None:
    assert written == expected


def test_a_moment_is_told_in_paris_time() -> None:
    start, end = datetime(2026, 7, 1, 7, tzinfo=UTC), datetime(2026, 7, 1, 15, 30, tzinfo=UTC)

    told = wording.moment(start, end)

    assert told == "mercredi 1er\u00a0juillet 2026, de 9\u00a0h à 17\u00a0h\u00a030"


def test_a_highlight_marks_words_and_nothing_else() -> None:
    marked = wording.highlight("Une <mark>aide</mark> &lt;b&gt; <i>x</i>")

    assert marked == "Une <mark>aide</mark> &lt;b&gt; &lt;i&gt;x&lt;/i&gt;"


def test_numbers_in_a_contact_can_be_called_and_the_rest_is_text() -> None:
    linked = wording.contact_links("<b>Mission locale</b>, 01 99 00 01 23, ou le 3114")

    assert 'href="tel:0199000123"' in linked
    assert 'href="tel:3114"' in linked
    assert "<b>" not in linked


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (
            "Mo-Th 09:00-12:30,13:30-17:00; Fr 09:00-12:00",
            "du lundi au jeudi : 9 h – 12 h 30, 13 h 30 – 17 h ; vendredi : 9 h – 12 h",
        ),
        ("Mo,We 08:30-12:00", "lundi, mercredi : 8 h 30 – 12 h"),
        ("Mo-Fr 09:00-17:00; We off", "du lundi au vendredi : 9 h – 17 h ; mercredi : fermé"),
        ("24/7", "24/7"),
        ('Mo-Fr 09:00-17:00 "sur rendez-vous"', 'Mo-Fr 09:00-17:00 "sur rendez-vous"'),
        ("", ""),
    ],
)
def test_opening_hours_are_said_as_people_say_them(hours: str, said: str) -> None:
    assert wording.opening_hours(hours).replace("\u00a0", " ") == said


def test_the_number_for_who_cannot_speak_is_written_to() -> None:
    assert 'href="sms:114"' in wording.contact_links("114 (par SMS)")
    assert 'href="tel:115"' in wording.contact_links("115")


def test_every_source_has_its_words() -> None:
    folders = {path.name for path in (Path(__file__).resolve().parents[2] / "importers" / "sources").iterdir() if path.is_dir()}

    assert {name for name in folders if not name.startswith("_")} <= wording.SOURCE_LABELS.keys()


@pytest.mark.parametrize(
    ("text", "lead", "rest"),
    [
        ("Court.", "Court.", ""),
        ("", "", ""),
        ("Dix mots. " * 120, ("Dix mots. " * 70).strip(), "Dix mots. " * 50),
        ("a" * 2000, "a" * 700, "a" * 1300),
        ("mot " * 500, ("mot " * 175).strip(), "mot " * 325),
    ],
)
def test_a_long_text_is_cut_after_a_sentence_and_loses_nothing(text: str, lead: str, rest: str) -> None:
    assert wording.lead_and_rest(text) == (lead, rest)
    assert "".join((lead + rest).split()) == "".join(text.split())
