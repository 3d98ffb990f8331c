"""The sheets to print: what the student takes away, its calendar, the follow-up sheet, and the PDF that reads nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pdfplumber
import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from directory.models.record import ListingRecord
from matching.needs import needs
from matching.urgency import urgent_alerts
from web import printing
from web.printing import ForbiddenFetch, can_print, find_static, pdf_of
from web.sheets import EMERGENCY, _cost

ML, FJT, RESTO, DATING = "demonstration--ml", "demonstration--fjt", "demonstration--resto", "demonstration--dating"
PATHS = ("/fiche-eleve", "/fiche-eleve.pdf", "/fiche-eleve.ics", "/fiche-suivi", "/fiche-suivi.pdf")
pdf = pytest.mark.skipif(not can_print(), reason="Pango absent de cette machine (apt-get install libpangoft2-1.0-0)")


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<article") :])).replace("\u00a0", " ").split())


def test_no_cv_is_handed_over_at_a_meeting(meeting_client: FlaskClient, profile: dict[str, Any]) -> None:
    fair, meeting = (
        words(meeting_client.post("/fiche-eleve", data={**profile, "keep": [key]}).text)
        for key in (DATING, "demonstration--reunion")
    )

    assert "« Sur place : Je cherche" in fair
    assert "« Bonjour. Je voudrais venir à la réunion. Est-ce que je dois m’inscrire ? Merci. »" in meeting
    assert "CV" not in meeting


def test_the_student_s_sheet_says_whom_to_call_what_to_say_where_and_how_to_get_there(
    client: FlaskClient, profile: dict[str, Any]
) -> None:
    sheet = words(client.post("/fiche-eleve", data={**profile, "keep": [ML]}).text)

    assert "1. Mission locale de Fougères" in sheet
    assert "01 99 00 01 23" in sheet
    assert "« Bonjour. J’ai 18 ans. J’habite à Fougères." in sheet
    assert "12 rue des Essais, 35300 Fougères" in sheet
    assert re.search(r"Trajet Environ \d+ min à pied", sheet)  # the mode is public transport: nobody waits for a bus in one town


def test_the_sheet_is_in_the_order_that_was_chosen(client: FlaskClient, profile: dict[str, Any]) -> None:
    sheet = words(client.post("/fiche-eleve", data={**profile, "keep": [RESTO, ML]}).text)

    assert sheet.index("1. Restaurant du Nançon") < sheet.index("2. Mission locale de Fougères")


def test_without_any_choice_the_sheet_takes_up_the_plan(client: FlaskClient, profile: dict[str, Any]) -> None:
    sheet = words(client.post("/fiche-eleve", data=profile).text)

    assert "Mission locale de Fougères" in sheet
    assert "Job dating des remparts" in sheet


def test_the_sheet_tells_no_need(client: FlaskClient, profile: dict[str, Any]) -> None:
    chosen = {**profile, "needs": list(needs())[:8], "publics": ["personnes-en-situation-de-handicap"], "keep": [ML, RESTO]}

    for path in ("/fiche-eleve", "/fiche-suivi"):
        sheet = words(client.post(path, data=chosen).text)
        assert not [need.label for need in list(needs().values())[:8] if need.label in sheet]
        assert "handicap" not in sheet.lower()


def test_a_discreet_sheet_names_nobody_whose_name_may_tell_a_need(client: FlaskClient, profile: dict[str, Any]) -> None:
    chosen = {**profile, "keep": [ML, FJT]}

    page = client.post("/fiche-eleve", data={**chosen, "action": "discreet"}).text
    discreet, named = words(page), words(client.post("/fiche-eleve", data={**chosen, "discreet": "oui", "action": "named"}).text)

    assert "Une personne à appeler Le nom n’est pas écrit ici." in discreet
    assert "Mission locale" in discreet
    assert "habitat" in named.lower()
    assert not re.search("habitat|FJT|chambre", discreet, re.IGNORECASE)
    assert 'name="discreet" value="oui"' in page


@pytest.mark.parametrize("path", ["/fiche-eleve", "/fiche-suivi"])
@pytest.mark.parametrize("need", ["urgence_hebergement", "danger", "detresse"])
def test_an_urgent_need_is_on_no_paper_and_the_numbers_are_on_every_sheet(
    client: FlaskClient, profile: dict[str, Any], path: str, need: str
) -> None:
    chosen = {**profile, "keep": [ML, RESTO]}

    calm, urgent = (words(client.post(path, data={**chosen, "needs": given}).text) for given in (["logement"], [need]))

    assert urgent == calm
    if path == "/fiche-eleve":
        assert (
            "115 : un lit pour ce soir. 119 : un jeune en danger, avant 21 ans. 3114 : parler, quand tout va très mal." in urgent
        )


def test_the_numbers_of_the_sheet_are_those_of_the_urgencies() -> None:
    called = {alert.contact for key in needs().values() for alert in urgent_alerts([key])}

    assert called <= set(EMERGENCY)


def test_amounts_are_shown_with_their_date_and_source(client: FlaskClient, profile: dict[str, Any]) -> None:
    enrolled = {**profile, "parcours": "oui"}

    student, follow_up = (words(client.post(path, data=enrolled).text) for path in ("/fiche-eleve", "/fiche-suivi"))

    assert "Un jour de stage : 15 €. Une semaine de cinq jours : 75 €. En tout : 750 € au plus. Montants d’août 2023." in student
    assert "15 € par jour, 750 € au plus, soit 10 semaines payées." in follow_up
    assert "Décret n° 2023-765" in student
    assert "9 semaines au plus, les deux tiers de 14 semaines de cours (vacances ôtées)" in follow_up
    assert re.search(r"Semaines de PFMP 2 4 6 8 9 Euros 150 € 300 € 450 € 600 € 675 €", follow_up)


def test_the_follow_up_sheet_has_the_steps_of_the_parcours_and_the_partners(client: FlaskClient, profile: dict[str, Any]) -> None:
    sheet = words(client.post("/fiche-suivi", data={**profile, "parcours": "oui", "keep": [ML], f"note-{ML}": "rappeler"}).text)

    for step in ("Entretien de situation", "Volontaire", "Point d’étape", "31 décembre 2026", "MEF 7034150211"):
        assert step in sheet
    assert "1. Mission locale de Fougères 01 99 00 01 23 rappeler" in sheet


def test_a_code_to_scan_calls_and_holds_nothing_else(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/fiche-eleve", data={**profile, "keep": [ML]}).text

    drawing = re.search(r"<figure class=\"relais-code\">(<svg.*?</svg>)", page, re.DOTALL)
    assert drawing
    assert "style=" not in drawing.group(1)
    assert "Scanner pour appeler" in page


def test_the_calendar_file_holds_the_appointments_the_fairs_and_the_end_and_names_no_partner(
    client: FlaskClient, profile: dict[str, Any]
) -> None:
    data = {**profile, "parcours": "oui", "keep": [FJT, DATING], f"meeting-{FJT}": "01/12/2026 14:30"}

    answer = client.post("/fiche-eleve.ics", data=data)

    events = {str(event["SUMMARY"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}
    assert answer.mimetype == "text/calendar"
    assert set(events) == {"Rendez-vous (n° 1 de ma fiche)", "Job dating des remparts", "Fin du parcours au lycée"}
    assert events["Rendez-vous (n° 1 de ma fiche)"].decoded("DTSTART").isoformat() == "2026-12-01T13:30:00+00:00"
    assert events["Fin du parcours au lycée"].decoded("DTSTART").isoformat() == "2026-12-31"
    assert "Remparts –" not in answer.text
    assert "logement" not in answer.text.lower()


def test_an_appointment_without_an_hour_is_a_whole_day(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/fiche-eleve.ics", data={**profile, "keep": [ML], f"meeting-{ML}": "01/12/2026"})

    assert "DTSTART;VALUE=DATE:20261201" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_a_sheet_of_a_form_that_is_wrong_is_the_form_again(client: FlaskClient, profile: dict[str, Any], path: str) -> None:
    answer = client.post(path, data={**profile, "age": "douze", "keep": [ML], f"note-{ML}": "gardée"})

    assert answer.status_code == 422
    assert "Une réponse est à revoir" in answer.text
    assert 'value="gardée"' in answer.text


@pytest.mark.parametrize("path", ["/fiche-eleve", "/fiche-suivi"])
def test_a_sheet_has_no_address_of_its_own(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/fiche-eleve", "/fiche-suivi"])
def test_markup_in_a_note_or_a_listing_is_only_text(client: FlaskClient, profile: dict[str, Any], path: str) -> None:
    hostile = "demonstration--hostile"
    data = {
        **profile,
        "needs": ["mobilite"],
        "keep": [hostile],
        f"note-{hostile}": "<img src=http://ailleurs.example/x onerror=1>",
    }

    page = client.post(path, data=data).text

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;img src=http://ailleurs.example/x" in page


@pdf
@pytest.mark.parametrize("path", ["/fiche-eleve.pdf", "/fiche-suivi.pdf"])
def test_a_sheet_comes_as_a_pdf_made_from_what_was_sent(
    client: FlaskClient, profile: dict[str, Any], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.post(path, data={**profile, "keep": [ML, RESTO], f"note-{ML}": "<b>gras</b>"})

    assert answer.data.startswith(b"%PDF-1.")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Failed to load" not in caplog.text
    assert pages_of(answer.data) == 1


def pages_of(body: bytes) -> int:
    with pdfplumber.open(io.BytesIO(body)) as document:
        return len(document.pages)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x.css",
        "https://relais.invalid/static/css/sheet.css",
        "http://relais.invalid.example.org/static/css/sheet.css",
        "http://user@relais.invalid/static/css/sheet.css",
        "http://relais.invalid:80/static/css/sheet.css",
        "file:///etc/hostname",
        "http://relais.invalid/static/../errors.py",
        "http://relais.invalid/static/%2e%2e/errors.py",
        "http://relais.invalid/static//etc/hostname",
        "http://relais.invalid/static/js/answer.js",
        "http://relais.invalid/static/css",
        "http://relais.invalid/",
        "data:text/css,body{}",
        "ftp://relais.invalid/static/css/sheet.css",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_nothing_but_our_static_files_is_read_for_a_pdf(url: str) -> None:
    with pytest.raises(ForbiddenFetch):
        find_static(url)


def test_our_own_sheet_is_read_for_a_pdf() -> None:
    assert find_static("http://relais.invalid/static/css/sheet.css?v=1").name == "sheet.css"


@pdf
def test_a_document_that_asks_for_other_addresses_gets_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def told(url: str) -> Any:
        asked.append(url)
        return find(url)

    find = printing.find_static
    monkeypatch.setattr(printing, "find_static", told)
    document = (
        '<html lang="fr"><head><title>t</title><link rel=stylesheet href="http://127.0.0.1:9/x.css"><style>@import "file:///etc/x.css";'
        "body{background:url(http://127.0.0.1:9/b.png)}</style></head>"
        '<body><img src="http://127.0.0.1:9/i.png" alt=""><img src="file:///etc/hostname" alt="">'
        '<svg width="9" height="9"><image href="http://127.0.0.1:9/s.png" width="9" height="9"/></svg>t</body></html>'
    )

    body = pdf_of(document)

    assert body.startswith(b"%PDF")
    assert len(asked) >= 5
    assert b"127.0.0.1" not in body


def test_a_machine_without_pango_says_so_and_the_page_still_prints(
    make_app: Callable[..., Flask], profile: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_weasyprint", lambda: None)
    client = make_app().test_client()

    page, refused = client.post("/fiche-eleve", data=profile), client.post("/fiche-eleve.pdf", data=profile)

    assert "la bibliothèque Pango n’y est pas installée" in page.text
    assert 'formaction="/fiche-eleve.pdf"' not in page.text
    assert refused.status_code == 501
    assert "Pango" in refused.text


def test_what_has_no_number_says_whom_to_see(client: FlaskClient, profile: dict[str, Any]) -> None:
    sheet = words(client.post("/fiche-eleve", data={**profile, "keep": ["demonstration--cio"]}).text)

    assert "Qui voir Votre référent du lycée." in sheet


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ("Redevance selon les revenus.", "Payant : redevance selon les revenus (au "),
        ("CAF à déduire", "Payant : CAF à déduire (au "),
        ("À la séance", "Payant : à la séance (au "),
        ("", "Payant (au "),
    ],
)
def test_a_price_is_one_sentence_with_its_day(details: str, told: str) -> None:
    record = ListingRecord(
        kind="partner", category="cio", name="CIO", frais="payant", frais_details=details, checked_at=date(2026, 9, 10)
    )

    assert _cost(record) == f"{told}10\u00a0septembre 2026)"


def test_who_retakes_says_so_and_a_short_way_is_told_in_minutes_on_foot(client: FlaskClient, profile: dict[str, Any]) -> None:
    retaking = {**profile, "situation": "retake", "diploma_obtained": "non", "mode": "", "max_minutes": "", "keep": [ML]}

    page = client.post("/fiche-eleve", data=retaking).text

    assert "Je n’ai pas eu mon examen. Je voudrais un rendez-vous." in words(page)
    assert re.search(r"Trajet Environ \d+ min à pied, .* en ligne droite", words(page))
    assert 'href="https://www.openstreetmap.org/directions?to=' in page
