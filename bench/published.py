"""Every published file that is a source, imported twice on a fresh directory; and a sample of what was doubted, to judge by eye.

    python -m bench.published [FOLDER] [--sample 20 --seed 2026]

FOLDER is the shared ``published`` folder. Of each kind of doubt (messages that differ by values only) the sample is drawn at
random with the seed, or is all of it where there are fewer.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = ROOT.parent / "shared" / "data" / "published"
FILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("zones_emploi", ("referentials/bassins_emploi_communes.json", "referentials/departements_academies_regions.csv")),
    ("rome", ("referentials/rome_v460.csv", "referentials/rome_appellations.csv")),
    ("diplomes", ("referentials/certif_info.csv", "referentials/n_mef.csv", "referentials/familles_metiers.csv")),
    ("missions_locales", ("missions_locales/agences_milo.json",)),
    ("france_travail", ("france_travail/agences_pe.json",)),
    ("administration", ("missions_locales/annuaire_administration_api.json",)),
    ("cfa", ("cfa/*.csv",)),
    ("education", ("education/*.csv",)),
    ("calendars", ("events/openagenda_opendatasoft_v1.json",)),
    ("calendars", ("events/france_travail_mes_evenements_emploi_shape.json",)),
    ("calendars", ("events/invitation.ics",)),
    ("entreprises", ("companies/liste_handi_engages.csv",)),
    ("entreprises", ("companies/stock_etablissement_sample.csv", "companies/stock_unite_legale_sample.csv")),
    ("entreprises", ("companies/api_sirene_etablissement.json",)),
    ("entreprises", ("companies/recherche_entreprises_api_shape.json",)),
    ("entreprises", ("companies/offres_cegid.json",)),
)
_COUNTS = ("read", "added", "changed", "unchanged", "removed", "merged", "proposed", "refused")


def load(source: str, paths: list[Path], data: Path) -> dict[str, Any]:
    """The report of one import, or why it stopped under ``error``."""
    command = [sys.executable, "-m", "relais", "import", source, *map(str, paths), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "RELAIS_DATA": str(data)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def kind_of(message: str) -> str:
    """A doubt's message without its values."""
    bare = re.sub(r"«[^»]*»|\([^)]*\)", "…", message)
    bare = re.sub(r"^(Homonymes|Commune ambiguë|Commune non reconnue|Hors du champ).*", r"\1", bare)
    return re.sub(r"\d+ km de \S.*? …|\d+", "N", bare)[:90]


def main() -> None:
    """Print the table, then the samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=PUBLISHED)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    if not given.folder.is_dir():
        print("no published files beside the checkout")
        return
    doubts: dict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="relais-published-") as data:
        for turn in (1, 2):
            for source, patterns in FILES:
                paths = sorted(path for pattern in patterns for path in given.folder.glob(pattern))
                report = load(source, paths, Path(data))
                _tell(turn, source, paths, report)
                for doubt in report.get("doubts", []) if turn == 1 else []:
                    doubts[source, doubt["level"], doubt["field"], kind_of(doubt["message"])].append(doubt)
    chance = random.Random(given.seed)
    for kind, found in sorted(doubts.items()) if given.sample else []:
        print(f"\n{len(found)} × {' · '.join(filter(None, kind))}")
        for doubt in chance.sample(found, min(given.sample, len(found))):
            print(f"    ligne {doubt['line']} « {doubt['value'][:70]} » : {doubt['message'][:160]}")


def _tell(turn: int, source: str, paths: list[Path], report: dict[str, Any]) -> None:
    name = f"{turn}  {source:16} {paths[0].name if len(paths) == 1 else f'{len(paths)} files':46}"
    if "error" in report:
        print(f"{name} {report['error'][:150]}")
        return
    levels = Counter(doubt["level"] for doubt in report["doubts"])
    counts = " ".join(f"{count} {report[count]}" for count in _COUNTS if report[count])
    print(f"{name} {counts} | {' '.join(f'{level} {count}' for level, count in sorted(levels.items()))}")


if __name__ == "__main__":
    main()
