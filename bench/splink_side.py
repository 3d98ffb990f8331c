"""Splink's side of ``bench/duplicates.py``, in a process of its own: PACKAGES RECORDS ANSWER (see there).

Two models, trained without labels as its guide has it; the time counts everything from reading the columns to the last pair.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

PACKAGES, RECORDS, ANSWER = sys.argv[1:4]
sys.path.insert(0, PACKAGES)

import duckdb  # noqa: E402
import splink.comparison_library as cl  # noqa: E402
from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: E402


def names_by_words() -> list:
    """Names by shared words, the rest as usual."""
    return [
        cl.ArrayIntersectAtSizes("words", [4, 3, 2, 1]),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.85]),
        cl.ExactMatch("phone"),
        cl.ExactMatch("siret"),
        cl.DistanceInKMAtThresholds("lat", "lon", [0.3, 1, 5]),
    ]


def names_by_letters() -> list:
    """Names by Jaro-Winkler, with the rarity of names taken into account."""
    return [
        cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.75]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.85]),
        cl.ExactMatch("phone"),
        cl.ExactMatch("siret"),
        cl.DistanceInKMAtThresholds("lat", "lon", [0.3, 1, 5]),
    ]


def find(comparisons: list) -> tuple[float, list]:
    """Seconds, and pairs with their probability."""
    started = time.perf_counter()
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute(
        "CREATE TABLE records AS SELECT *, string_split(name, ' ') AS words FROM read_json(?, format = 'newline_delimited')",
        [RECORDS],
    )
    db_api = DuckDBAPI(connection=connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            block_on("commune", "start"), block_on("commune", "address"), block_on("commune", "phone"), block_on("siret")
        ],
        retain_intermediate_calculation_columns=False,
    )  # fmt: skip
    linker = Linker(db_api.register("records"), settings, log_level=40)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("commune", "name", "address")], recall=0.5)
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("commune", "start"))
    predicted = linker.inference.predict(threshold_match_probability=0.4)
    found = connection.execute(f"SELECT unique_id_l, unique_id_r, match_probability FROM {predicted.physical_name}").fetchall()
    return time.perf_counter() - started, found


def main() -> None:
    """Run both models."""
    models = {"names by letters": names_by_letters, "names by words": names_by_words}
    answer = {}
    for name, comparisons in models.items():
        seconds, pairs = find(comparisons())
        answer[name] = {"seconds": seconds, "pairs": pairs}
    Path(ANSWER).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
