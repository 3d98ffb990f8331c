"""How the cells of the published files are read: shares read, doubted and refused; ``--sample N`` shows N of them."""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from directory.errors import InvalidValue
from importers.addresses import split_address
from importers.values import (
    Reading,
    mend,
    parse_french_date,
    read_code_postal,
    read_emails,
    read_phones,
    read_price,
    read_siret,
    read_sittings,
    read_uai,
    read_urls,
)

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "data" / "published"


def plain(parse: Callable[[str], Any]) -> Callable[[str], Reading[Any]]:
    """A parser as a reader."""
    return lambda text: Reading(parse(text))


Column = tuple[str, str, Callable[[str], Reading[Any]]]
COLUMNS: tuple[Column, ...] = (
    ("education/fr-en-annuaire-education_35.csv", "Telephone", read_phones),
    ("education/fr-en-annuaire-education_35.csv", "Fax", read_phones),
    ("education/fr-en-annuaire-education_35.csv", "Web", read_urls),
    ("education/fr-en-annuaire-education_35.csv", "Mail", read_emails),
    ("education/fr-en-annuaire-education_35.csv", "Code postal", plain(read_code_postal)),
    ("education/fr-en-annuaire-education_35.csv", "SIREN_SIRET", read_siret),
    ("education/fr-en-annuaire-education_35.csv", "Identifiant_de_l_etablissement", read_uai),
    ("education/fr-en-annuaire-education_35.csv", "date_ouverture", plain(parse_french_date)),
    ("education/fr-en-annuaire-education_35.csv", "Nom_etablissement", mend),
    ("cfa/organismes-prepa-apprentissage.csv", "siret", read_siret),
    ("cfa/organismes-prepa-apprentissage.csv", "uai", read_uai),
    ("cfa/organismes-prepa-apprentissage.csv", "adresse", plain(split_address)),
    ("cfa/organismes-prepa-apprentissage.csv", "raison_sociale", mend),
    ("cfa/referentiel-reseau-greta.csv", "Date d'import", plain(parse_french_date)),
    ("companies/liste_handi_engages.csv", "SIRET", read_siret),
    ("companies/liste_handi_engages.csv", "Enseigne", mend),
    ("events/openagenda_opendatasoft_v1.json", "location_phone", read_phones),
    ("events/openagenda_opendatasoft_v1.json", "location_website", read_urls),
    ("events/openagenda_opendatasoft_v1.json", "location_address", plain(split_address)),
    ("events/openagenda_opendatasoft_v1.json", "daterange_fr", lambda text: read_sittings(text, date(2026, 3, 1))),
    ("events/openagenda_opendatasoft_v1.json", "conditions_fr", read_price),
)


def cells(name: str, header: str) -> Iterator[str]:
    """The texts of a column."""
    path = PUBLISHED / name
    if path.suffix == ".json":
        yield from _json_cells(json.loads(path.read_text(encoding="utf-8")), header)
        return
    text = path.read_text(encoding="utf-8-sig")
    for row in csv.DictReader(text.splitlines(), delimiter=max(";,", key=text.split("\n", 1)[0].count)):
        yield row.get(header) or ""


def _json_cells(item: Any, header: str) -> Iterator[str]:
    for value in item if isinstance(item, list) else item.values():
        if isinstance(value, list | dict):
            yield from _json_cells(value, header)
    if isinstance(item, dict) and isinstance(item.get(header), str):
        yield item[header]


def main() -> None:
    """Print the shares, then the sample."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    shown: list[str] = []
    print(f"{'file, column':66} {'cells':>7} {'read':>8} {'doubted':>8} {'refused':>8} {'cells/s':>9}")
    for name, header, read in COLUMNS:
        texts = [text for text in cells(name, header) if text.strip()]
        counts: Counter[str] = Counter()
        started = time.perf_counter()
        for text in texts:
            try:
                reading = read(text)
                counts["doubted" if reading.doubts else "read"] += 1
                said = f"{reading.value!r} {' '.join(reading.doubts)}"
            except InvalidValue as error:
                counts["refused"] += 1
                said = f"REFUSED {error.public}"
            shown.append(f"{header} {text!r} -> {said}")
        seconds = time.perf_counter() - started
        total = max(1, len(texts))
        shares = [f"{100 * counts[outcome] / total:7.2f}%" for outcome in ("read", "doubted", "refused")]
        label = f"{name.rpartition('/')[2]}, {header}"
        print(f"{label:66} {len(texts):7} {' '.join(shares)} {len(texts) / max(seconds, 1e-9):9.0f}")
    for line in random.Random(options.seed).sample(shown, min(options.sample, len(shown))):
        print(line)


if __name__ == "__main__":
    main()
