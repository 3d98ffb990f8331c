"""The command line as a whole: its help, and what is wrong usage."""

from __future__ import annotations

from typing import Any

import pytest


def test_help_is_french(command: Any) -> None:
    done = command("--help")

    assert done.status == 0
    assert "Utilisation :" in done.out
    assert "Commandes" in done.out
    assert not {"Usage:", "Commands:", "Show"} & set(done.out.split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("chercher",), "Commande inconnue : chercher"),
        (("search", "--rayon", "3"), "Option inconnue : --rayon"),
        (("search", "--limit", "0"), "« 0 » n’est pas dans l’intervalle"),
        (("search", "--near", "Rennes", "--radius", "abc"), "« abc » n’est pas un nombre"),
        (("search", "--near", "Rennes", "--radius", "-5"), "rayon"),
        (("search", "--cursor", "xyz"), "plus valable"),
        (("import", "ecoles", "x.csv"), "Source inconnue"),
        (("import", "psad"), "au moins un fichier"),
        (("search", "--kind", "ecole"), "--kind"),
        (("search", "--radius", "5"), "--radius demande un lieu"),
        (("search", "cio", "--near", "35", "--radius", "10"), "est un département"),
        (("search", "cio", "--near", "Bretagne", "--radius", "10"), "est une région"),
        (("search", "--filter", "category=cioo"), "Vouliez-vous dire : cio"),
        (("search", "--filter", "category"), "NOM=VALEUR"),
        (("search", "cio", "--near", "Trifouillis-les-Oies"), "Lieu inconnu"),
        (("search", "cio", "--near", "Saint-Denis"), "Lieu ambigu"),
        (("match", "x.json", "--limit", "0"), "n’est pas dans l’intervalle"),
        (("match",), "Il manque l’argument PROFIL.JSON"),
        (("match", "x.json", "--at", "31/02/2026"), "n’est pas une date"),
    ],
)
def test_wrong_usage_is_told_in_french_with_status_2(command: Any, args: tuple[str, ...], said: str) -> None:
    done = command(*args)

    assert done.status == 2
    assert said in done.err
    assert done.out == ""
