"""A curator's morning, in a real browser and with the real worker: listed, judged, corrected, listed again, undone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.models.accounts import Role
from directory.models.duplicates import PairState
from directory.services import Services
from relais.services import now
from tests.factories import sourced
from tests.web.accounts import LYCEE, add_account
from tests.web.browser.conftest import PATIENCE_MS, serve, sign_in
from tests.web.test_desk import publish

pytestmark = pytest.mark.browser

TOWNS = (
    ("Fougères", "35300", "35115"),
    ("Vitré", "35500", "35360"),
    ("Redon", "35600", "35236"),
    ("Saint-Malo", "35400", "35288"),
    ("Dinard", "35800", "35093"),
    ("Bruz", "35170", "35047"),
    ("Cancale", "35260", "35049"),
    ("Janzé", "35150", "35136"),
    ("Combourg", "35270", "35085"),
    ("Liffré", "35340", "35152"),
    ("Betton", "35830", "35024"),
    ("Pacé", "35740", "35210"),
    ("Chantepie", "35135", "35055"),
    ("Guichen", "35580", "35126"),
    ("Mordelles", "35310", "35196"),
    ("Melesse", "35520", "35173"),
    ("Montauban-de-Bretagne", "35360", "35184"),
    ("Bain-de-Bretagne", "35470", "35012"),
    ("Châteaugiron", "35410", "35069"),
    ("Argentré-du-Plessis", "35370", "35006"),
)
"""Twenty real communes; what stands there is invented."""
PREFIX = f"tableur--{LYCEE.lower()}-partenaires-2026"


def messy(standard: str) -> bytes:
    """An invented list as they come: titles above, a total below, Windows' accents, a doubtful phone, a row without a name."""
    rows = [
        f"Maison des jeunes de {town};;{postal} ;{town.upper()};{standard}{rank * 37 % 100:02};"
        for rank, (town, postal, _) in enumerate(TOWNS)
    ]
    lines = [
        "LISTE DES PARTENAIRES DU LYCÉE;;;;;",
        "Mise à jour : novembre 2026;;;;;",
        ";;;;;",
        "Structure;Adresse;CP;Ville;Tél.;Mél",
        *rows,
        "Épicerie solidaire des Essais;4 rue Neuve;35300;Fougères;douze;essais@asso.example",
        ";;35300;Fougères;01 99 00 09 99;",
        "Total : 21;;;;;",
    ]
    return "\r\n".join(lines).encode("cp1252")


@contextmanager
def working(data: Path) -> Iterator[None]:
    """The real worker of the instance, for the time of a block."""
    with subprocess.Popen(
        [sys.executable, "-m", "relais", "worker", "--with-server"],
        env={**os.environ, "RELAIS_DATA": str(data)},
        stdin=subprocess.PIPE,
    ) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def curator(browser: Browser, own: Services) -> Iterator[Page]:
    """A page of a bureau that is signed in; the education directory knows the same twenty houses."""
    houses = [
        sourced(
            str(rank), "education", kind="partner", category="association", name=f"Maison des jeunes de {town}", coverage=(),
            contacts=(), address="12 avenue de la Gare", code_postal=postal, code_commune=code, code_departement="35",
        )
        for rank, (town, postal, code) in enumerate(TOWNS)
    ]  # fmt: skip
    publish(own, "education", *houses)
    today = replace(own, clock=now)
    account = add_account(today, Role.BUREAU)
    with working(own.settings.data), serve(today) as address:
        context = browser.new_context(base_url=address, locale="fr-FR", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        yield sign_in(context.new_page(), account.email)
        context.close()


def send(page: Page, data: bytes, shots: Path, name: str) -> None:
    """Send the list, keep what is proposed of its columns, look at what it would do, publish it."""
    page.goto("/bureau/fichiers")
    page.set_input_files("#fichier", {"name": "partenaires.csv", "mimeType": "text/csv", "buffer": data})
    page.fill("#liste", "Partenaires 2026")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("button", name="Essayer").wait_for()
    page.screenshot(path=shots / f"{name}-colonnes.png", full_page=True)
    page.get_by_role("button", name="Essayer").click()
    page.get_by_role("button", name="Publier", exact=True).wait_for()
    page.screenshot(path=shots / f"{name}-essai.png", full_page=True)
    page.get_by_role("button", name="Publier", exact=True).click()
    page.get_by_role("link", name="Annuler cette publication").wait_for()
    page.screenshot(path=shots / f"{name}-publie.png", full_page=True)


def phone(own: Services, rank: int) -> str:
    town, postal, _ = TOWNS[rank]
    slug = town.lower().replace("è", "e").replace("é", "e").replace("â", "a")
    contacts = own.repository.get_listing(f"{PREFIX}-maison-des-jeunes-de-{slug}-{postal}-{slug}").record.contacts
    return next(each.phone for each in contacts if each.phone)


def test_a_curators_morning(curator: Page, own: Services, tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def done(what: str, count: int = 1) -> None:
        nonlocal started
        seconds[what] = round((time.perf_counter() - started) / count, 2)
        started = time.perf_counter()

    send(curator, messy("01 99 00 02 "), tmp_path, "premier")
    done("list sent, read, foreseen and published")
    assert len(own.repository.list_pairs(PairState.PROPOSED)) == len(TOWNS)

    curator.goto("/bureau/file/doublons")
    curator.screenshot(path=tmp_path / "doublon.png", full_page=True)
    for rank in range(len(TOWNS)):
        left = curator.get_by_text(f"{len(TOWNS) - rank} en attente.")
        left.wait_for()
        curator.keyboard.press("d" if rank % 4 == 3 else "m")
    expect(curator.get_by_text("Plus rien n’attend ici.")).to_be_visible()
    done("duplicate judged", len(TOWNS))
    judged = own.repository.list_pairs(PairState.JUDGED)

    for rank in range(5):
        curator.goto(f"/bureau/fiches/{judged[rank].left.listing_id}/corriger/horaires")
        curator.fill("#valeur", f"Mo-Fr 09:{rank:02}-12:00")
        curator.get_by_role("button", name="Publier la correction").click()
        curator.get_by_text("Cette correction cache").first.wait_for()
    done("listing corrected", 5)

    send(curator, messy("01 99 00 05 "), tmp_path, "second")
    done("list sent again")
    corrected = [own.repository.get_listing(judged[rank].left.listing_id).record.opening_hours for rank in range(5)]
    phones = {phone(own, rank) for rank in range(len(TOWNS))}

    curator.get_by_role("link", name="Annuler cette publication").click()
    curator.get_by_role("button", name="Annuler la publication").wait_for()
    curator.screenshot(path=tmp_path / "annuler.png", full_page=True)
    curator.get_by_role("button", name="Annuler la publication").click()
    curator.get_by_role("heading", name="Annulation", exact=True).wait_for()
    curator.screenshot(path=tmp_path / "annule.png", full_page=True)
    done("run undone")

    record_property("seconds", seconds)
    print(seconds)
    assert corrected == [f"Mo-Fr 09:{rank:02}-12:00" for rank in range(5)]
    assert phones == {f"+331990005{rank * 37 % 100:02}" for rank in range(len(TOWNS))}
    assert {phone(own, rank) for rank in range(len(TOWNS))} == {f"+331990002{rank * 37 % 100:02}" for rank in range(len(TOWNS))}
    after = [own.repository.get_listing(judged[rank].left.listing_id).record.opening_hours for rank in range(5)]
    assert after == corrected
    assert len(own.repository.list_pairs(PairState.JUDGED)) == len(TOWNS)
