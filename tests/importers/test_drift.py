"""A source that no longer looks like itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from importers.drift import find_alarms
from tests.importers.conftest import SOURCES

if TYPE_CHECKING:
    from tests.importers.conftest import Directory


def profile(**changes: Any) -> dict[str, Any]:
    usual = {"read": 200, "records": 190, "doubted": 0.02, "fields": {"name": 1.0, "contacts": 0.9, "age_min": 0.1}}
    return usual | changes


USUAL = [profile(read=210), profile(), profile(read=190)]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (profile(read=120, records=110), "Moins de lignes que d’habitude : 120, au lieu de 200."),
        (profile(fields={"name": 1.0, "age_min": 0.1}), "« Contacts » rempli à 0 %, au lieu de 90 % d’habitude."),
        (profile(doubted=0.4), "Bien plus de doutes que d’habitude : 40 pour 100 lignes, au lieu de 2."),
    ],
)
def test_what_is_unlike_the_last_runs_is_an_alarm(now: dict[str, Any], said: str) -> None:
    assert find_alarms(now, USUAL) == [said]


@pytest.mark.parametrize(
    ("now", "earlier"),
    [
        (profile(), USUAL),
        (profile(read=150, records=140), USUAL),
        (profile(fields={"name": 1.0, "contacts": 0.5}), USUAL),  # a field that few filled is no news
        (profile(read=10, records=9), []),
        (profile(doubted=0.05), USUAL),
    ],
)
def test_what_varies_as_sources_do_is_not(now: dict[str, Any], earlier: list[dict[str, Any]]) -> None:
    assert find_alarms(now, earlier) == []


def test_one_odd_run_among_the_last_does_not_change_what_is_usual() -> None:
    odd = profile(fields={"name": 1.0})

    assert find_alarms(profile(), [odd, *USUAL]) == []
    assert find_alarms(odd, [odd, *USUAL]) != []


def test_a_file_that_changed_its_name_is_compared_with_those_before_it(directory: Directory, tmp_path: Path) -> None:
    rows = [
        {"id": 9000 + rank, "nom_agence": f"35 - Mission Locale De L'Exemple {rank}", "nom_region": "Bretagne",
         "code_departement": 35, "structure": "MILO", "timezone": "Europe/Paris"}
        for rank in range(40)
    ]  # fmt: skip
    for name, held in (("liste-2026-10.json", rows), ("liste-2026-11.json", rows[:20])):
        (tmp_path / name).write_text(json.dumps(held), encoding="utf-8")
    directory.load("missions_locales", tmp_path / "liste-2026-10.json")

    report = directory.load("missions_locales", tmp_path / "liste-2026-11.json", allow_removals=True)

    assert report.alarms == ("Moins de lignes que d’habitude : 20, au lieu de 40.",)


def test_phones_that_all_vanish_are_an_alarm_though_the_mails_stay(directory: Directory, tmp_path: Path) -> None:
    path = tmp_path / "lycees.csv"
    sample = (SOURCES / "education/sample.csv").read_text(encoding="utf-8-sig").splitlines()
    header, row = sample[0], sample[1]
    cells = row.split(";")
    phone = header.split(";").index("Telephone")
    rows = [";".join([f"0359{rank:03d}{_key(f'0359{rank:03d}')}", *cells[1:]]) for rank in range(100, 140)]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    directory.load("education", path)
    without = [";".join(["" if rank == phone else cell for rank, cell in enumerate(line.split(";"))]) for line in rows]
    path.write_text("\n".join([header, *without]) + "\n", encoding="utf-8")

    report = directory.load("education", path)

    assert [alarm for alarm in report.alarms if "Téléphone" in alarm] == [
        "« Téléphone » rempli à 0 %, au lieu de 100 % d’habitude."
    ]
    assert not [alarm for alarm in report.alarms if "Courriel" in alarm]


def _key(number: str) -> str:
    """The key letter of a UAI (its number modulo 23)."""
    return "ABCDEFGHJKLMNPRSTUVWXYZ"[int(number) % 23]
