"""``relais duplicates``: what a person sees and decides of pairs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[str, str | bytes], Path]


def twice(command: Any, write: Write) -> dict[str, Any]:
    """Two lists that name one partner (invented), imported; the pair that comparing found."""
    for number, name in ((1, "Association Passerelles"), (2, "ASSO PASSERELLES")):
        text = f"Structure;Adresse;CP;Ville;Tél.\n{name};7 rue des Écoles;35300;Fougères;02 61 91 00 03\n"
        mapping = f'nom_source = "liste{number}"\nkind = "partner"\ncategory = "association"\n[colonnes]\n' + "".join(
            f'{field} = "{header}"\n'
            for field, header in {
                "nom": "Structure",
                "adresse": "Adresse",
                "code_postal": "CP",
                "commune": "Ville",
                "telephone": "Tél.",
            }.items()
        )
        report = command(
            "import",
            "tableur",
            write(f"liste{number}.csv", text),
            "--mapping",
            write(f"liste{number}.toml", mapping),
            "--json",
        )
        assert report.status == 0, report.err
    (pair,) = command("duplicates", "list", "--state", "fusionnees", "--json").json()
    return dict(pair)


def test_a_duplicate_is_merged_undone_judged_and_taken_back(command: Any, write: Write) -> None:
    pair = twice(command, write)
    number, left = pair["number"], pair["left"]["listing_id"]

    parted = command("duplicates", "undo", number, "--by", "Une référente", "--note", "Deux sites", "--json").json()
    again = command("duplicates", "undo", number, "--json").json()
    joined = command("duplicates", "same", number, "--json").json()
    shown = command("duplicates", "show", left)

    assert (pair["merged"], "même adresse" in pair["reasons"]) == (True, True)
    assert (parted["merged"], parted["judgement"], parted["judged_by"]) == (False, "different", "Une référente")
    assert (again["merged"], again["judgement"]) == (True, None)
    assert (joined["merged"], joined["judgement"]) == (True, "same")
    assert "même adresse" in shown.out
    found = [hit["name"] for hit in command("search", "association passerelles fougères", "--json").json()["hits"]]
    assert [name for name in found if "passerelles" in name.casefold()] == ["Association Passerelles"]


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("same", "99"), 1, "numéro 99"),
        (("undo", "absent", "absente"), 1, "absent"),
        (("different", "a", "b", "c"), 2, "deux identifiants"),
        (("show", "absent"), 1, "absent"),
        (("list", "--state", "toutes"), 2, "toutes"),
    ],
)
def test_a_pair_that_is_not_cannot_be_judged(command: Any, args: tuple[str, ...], status: int, said: str) -> None:
    outcome = command("duplicates", *args)

    assert (outcome.status, said in outcome.err) == (status, True), outcome.err
    assert "Traceback" not in outcome.err


def test_comparing_everything_again_changes_nothing_that_importing_did_not(command: Any, write: Write) -> None:
    twice(command, write)

    counts = command("duplicates", "find", "--json").json()

    assert (counts["merged"], counts["proposed"]) == (0, 0)
    assert counts["compared"] > 1
