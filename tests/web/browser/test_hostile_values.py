"""Markup in every imported field: each value of the sources' samples made hostile, imported, and every page that shows it opened.

The browser runs without the pages' content policy, which would otherwise hide a value that became markup. Invented data only.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from directory.services import Services
from directory.settings import read_settings
from directory.text import fold
from relais.commands.imports import import_files
from relais.services import build_services
from tests.web.browser.conftest import serve
from tests.web.conftest import NOW

pytestmark = pytest.mark.browser
SOURCES = Path(__file__).parents[3] / "importers/sources"
SAMPLES = {
    "data_inclusion": ("sample-structures.csv", "sample-services.jsonl", "sample-structures.json"),
    "administration": ("sample_services.json",),
    "missions_locales": ("sample_annuaire.json",),
    "calendars": ("sample-openagenda.json", "sample-france-travail.json", "sample-portes-ouvertes.csv", "sample.ics"),
    "cfa": ("sample-prepa.csv", "sample-reseau.csv"),
    "education": ("sample.csv",),
    "entreprises": ("sample.csv", "sample-bonne-alternance.json"),
    "psad": ("sample.csv",),
    "clee": ("sample.csv",),
    "tableur": ("sample.csv",),
}
PAYLOADS = (
    "<relais-xss></relais-xss><script>relaisXss=1</script>",
    "\"><img src=x onerror='relaisXss=1' data-relais-xss>",
    "' onmouseover='relaisXss=1' data-relais-xss='",
    "</title></textarea></script></style><svg onload=relaisXss=1 data-relais-xss>",
    "&lt;img src=x onerror=relaisXss=1 data-relais-xss&gt;",
    "{{ 7 * 191 }}{% raw %}${7*191}",
    "javascript:relaisXss=1",
    "data:text/html,<script>relaisXss=1</script>",
    '\u202e<math><mi//xlink:href="javascript:relaisXss=1" data-relais-xss>',
    "]]><!-- --><template><img src=x onerror=relaisXss=1></template>",
    "\\u003cimg src=x onerror=relaisXss=1 data-relais-xss\\u003e",
    'https://a.example/"onfocus=relaisXss=1 data-relais-xss autofocus="',
)
"""What a value is followed, or replaced, by."""
NUMBERS = count(1)
_OWN = frozenset(
    {
        "id",
        "uid",
        "uai",
        "uai_validee",
        "identifiant_de_l_etablissement",
        "itm_identifiant",
        "siret",
        "siren",
        "nom",
        "name",
        "titre",
    }
    | {"title_fr", "legal_name", "raison_sociale", "nom_etablissement"}
)
"""The fields that name the record itself."""
_INJECTED = """() => [
    ...(window.relaisXss ? ["script"] : []),
    ...(document.body.innerText.includes("1337") ? ["template"] : []),
    ...[...document.querySelectorAll("relais-xss, [data-relais-xss], template img, math")]
        .map((one) => one.outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
        .filter((one) => one.name.startsWith("on") || (["href", "src", "action", "formaction"].includes(one.name)
            && /^\\s*(javascript|data:text|vbscript)/i.test(one.value)))
        .map((one) => `${element.tagName} ${one.name}=${one.value}`.slice(0, 200))),
]"""


def variants(text: str, rank: int) -> Iterator[str]:
    yield f"{text} {PAYLOADS[rank % len(PAYLOADS)]}"
    yield PAYLOADS[(rank + 5) % len(PAYLOADS)]


def told_apart(name: str, value: Any, number: int) -> Any:
    """The value of a field that names the record itself, so that each twin is a record of its own; other values as they are."""
    key = fold(name).replace(" ", "_")
    if not value or key not in _OWN:
        return value
    if isinstance(value, int):
        return value + number
    if key in {"uai", "uai_validee", "identifiant_de_l_etablissement"}:
        return f"035{number:04}" + "ABCDEFGHJKLMNPRSTUVWXYZ"[int(f"035{number:04}") % 23]
    if key in {"siret", "siren"}:
        siren = with_check_digit(f"1000{number:04}")
        return siren if key == "siren" else with_check_digit(f"{siren}0001")
    return f"{value} {number}"


def with_check_digit(digits: str) -> str:
    """The digits and Luhn's."""
    doubled = "".join(str(int(digit) * (2 - rank % 2)) for rank, digit in enumerate(reversed(digits)))
    return f"{digits}{-sum(map(int, doubled)) % 10}"


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if entries is None:
        yield path, value
        return
    for key, inner in entries:
        yield from leaves(inner, (*path, key))


def put(item: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        item = item[key]
    item[path[-1]] = value


def twins(item: Any) -> Iterator[Any]:
    """The item twice for each text in it, that text made hostile; each twin is a record of its own."""
    texts = [(path, value) for path, value in leaves(item) if isinstance(value, str)]
    for rank, (path, text) in enumerate(texts):
        for variant in variants(text, rank):
            twin = deepcopy(item)
            number = next(NUMBERS)
            for place, value in leaves(item):
                put(twin, place, told_apart(str(place[-1]), value, number))
            put(twin, path, variant)
            yield twin


def hostile_rows(path: Path) -> str:
    """The first row of a table, twice for each of its columns."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    lines = text.splitlines()
    start = next(rank for rank, line in enumerate(lines) if max(map(line.count, ";,\t")) >= 4 and "invent" not in line.casefold())
    separator = max(";,\t", key=lines[start].count)
    header, first, *_ = csv.reader(io.StringIO("\n".join(lines[start:])), delimiter=separator)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(header)
    writer.writerows(twin.values() for twin in twins(dict(zip(header, first, strict=True))))
    return out.getvalue()


def hostile_events(path: Path) -> str:
    """A calendar whose events say everything in a hostile way."""
    said = ("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "URL", "X-WR-CALNAME")
    lines = path.read_text(encoding="utf-8").splitlines()
    ranks = iter(range(1000))
    return "\r\n".join(
        [f"{line} {PAYLOADS[next(ranks) % len(PAYLOADS)]}" if line.startswith(said) else line for line in lines] + [""]
    )


def write_hostile(path: Path, folder: Path) -> Path:
    """The hostile twin of a sample."""
    target = folder / path.name
    if path.suffix == ".csv":
        text = hostile_rows(path)
    elif path.suffix == ".ics":
        text = hostile_events(path)
    elif path.suffix == ".jsonl":
        text = "\n".join(json.dumps(twin) for twin in twins(json.loads(path.read_text(encoding="utf-8").splitlines()[0])))
    else:
        whole = json.loads(path.read_text(encoding="utf-8"))
        items = whole if isinstance(whole, list) else next(value for value in whole.values() if isinstance(value, list) and value)
        items[:] = list(twins(items[0]))
        text = json.dumps(whole)
    target.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def hostile(new_data: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A directory of hostile listings: what each source takes of its samples, one field after the other made hostile."""
    folder = new_data(tmp_path_factory.mktemp("hostile"))
    settings = read_settings({"RELAIS_DATA": str(folder), "RELAIS_THEME": "neutre"})
    built = replace(build_services(settings), clock=lambda: NOW)
    for source, names in SAMPLES.items():
        for name in names:
            path = write_hostile(SOURCES / source / name, folder)
            report = import_files(built, source, [path], reindex=False, allow_removals=True)
            assert report.added, f"{source}: nothing of {name} was taken"
    built.keeper.catch_up()
    return built


@pytest.fixture
def look(hostile: Services, browser: Browser) -> Iterator[Callable[[str], list[str]]]:
    """Opens an address and says what of it is markup or script that an import brought."""
    with serve(hostile) as address:
        context = browser.new_context(base_url=address, locale="fr-FR", bypass_csp=True)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())

        def opened(path: str, act: Callable[[Page], None] = lambda _: None) -> list[str]:
            answer = page.goto(path, wait_until="load")
            assert answer is not None
            assert answer.status == 200, f"{path}: {answer.status}"
            act(page)
            return [f"{path}: {found}" for found in page.evaluate(_INJECTED)]

        yield opened
        context.close()


def listings(services: Services) -> list[str]:
    return [listing.id for listing in services.repository.iterate_listings()]


def test_no_imported_value_becomes_markup_on_the_pages_that_list_it(hostile: Services, look: Callable[..., list[str]]) -> None:
    pages = range(1, 1 + -(-len(listings(hostile)) // 20))
    asked = ["/recherche?q=exemple", "/recherche?q=relaisXss", "/recherche?q=onerror+img", "/mon-lycee?lycee=0350011X"]

    found = [each for number in pages for each in look(f"/recherche?page={number}")]
    found += [each for path in asked for each in look(path)]

    assert len(listings(hostile)) > 600
    assert not found


def test_no_imported_value_becomes_markup_while_typing_or_on_the_map(look: Callable[..., list[str]]) -> None:
    def type_and_open_the_map(page: Page) -> None:
        page.get_by_role("button", name="Afficher la carte").click()
        page.locator(".relais-pin").first.wait_for()
        page.locator(".relais-pin").first.click(force=True)
        page.locator(".leaflet-popup a[href*=fiches]").first.wait_for()
        page.fill("#q", "exemple")
        page.locator("[role=option]").first.wait_for()

    assert not look("/recherche?q=exemple+autour+de+Redon", type_and_open_the_map)


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.torture)])
def test_no_imported_value_becomes_markup_on_its_own_page(hostile: Services, look: Callable[..., list[str]], every: int) -> None:
    assert not [each for listing in listings(hostile)[::every] for each in look(f"/fiches/{listing}")]


@pytest.mark.parametrize("sheet", ["", "La fiche de l’élève", "La fiche de suivi"])
def test_no_imported_value_becomes_markup_in_an_answer_or_a_sheet(look: Callable[..., list[str]], sheet: str) -> None:
    def answer(page: Page) -> None:
        page.fill("#place", "35600 Redon")
        page.fill("#age", "18")
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('form.relais-form').requestSubmit()")
        page.get_by_role("heading", level=1, name="Propositions pour l’élève").wait_for()
        if sheet:
            page.get_by_role("button", name=sheet).first.click()
            page.wait_for_load_state("load")

    assert not look("/", answer)


def test_a_value_that_becomes_markup_would_be_seen(look: Callable[..., list[str]]) -> None:
    """That the way of looking sees what it looks for: the payloads put into a page as markup."""

    def inject(page: Page) -> None:
        page.evaluate("payloads => { document.body.innerHTML = payloads.join(''); }", [PAYLOADS[0], PAYLOADS[1]])

    assert len(look("/a-propos", inject)) >= 2
