"""The catalogue: the repository's listings as columns, read again when the directory changes."""

from __future__ import annotations

import threading
from datetime import date

import numpy as np
import pytest

from directory.catalogue_holder import CatalogueHolder
from directory.catalogue_part import part_of
from directory.columns import NO_DAY, build_bits, build_ragged, day_number, day_of
from directory.models.published import BassinRecord
from directory.repository import Repository
from directory.vocabulary import Kind, Visibility
from tests.directory.conftest import Publish, replace_bassins
from tests.factories import sourced


def test_columns_hold_what_the_repository_published(repository: Repository, publish: Publish) -> None:
    publish(
        sourced("1", latitude=48.35, longitude=-1.2, age_min=16, updated_at=date(2026, 5, 4)),
        sourced(
            "2",
            kind="company",
            category="entreprise",
            name="Garage",
            occupations=("I1604",),
            naf="45.20A",
            coverage=(),
            contacts=(),
        ),
    )

    catalogue = CatalogueHolder(repository, {"35115": "Fougères"}.__getitem__).current()

    assert list(catalogue.names) == ["Mission locale du Pays de Fougères", "Garage"]
    assert [catalogue.kind_of(row) for row in (0, 1)] == [Kind.PARTNER, Kind.COMPANY]
    assert (catalogue.age_min.tolist(), catalogue.age_max.tolist()) == ([16, -1], [-1, -1])
    assert day_of(catalogue.seen_day[0]) == date(2026, 5, 4)
    assert catalogue.seen_day[1] == NO_DAY
    assert np.isnan(catalogue.lat).tolist() == [False, True]
    assert catalogue.rows_of_token["departement:35"].tolist() == [0]
    assert [catalogue.occupation_codes[code] for code in catalogue.occupations.of(1)] == ["I1604"]
    assert (catalogue.phones[0], catalogue.contact.tolist()) == ("+33261910001", [1, 0])
    assert catalogue.commune_name(catalogue.codes_commune[0]) == "Fougères"


def test_what_a_record_does_not_say_is_its_category_s_and_marked_so(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"), sourced("2", name="Une autre", thematiques=("sante--addictions",)))

    catalogue = CatalogueHolder(repository).current()

    assert catalogue.networks.of(0) == ("mission-locale",)
    assert "mobilite--financer-ma-mobilite" in catalogue.thematiques.of(0)
    assert catalogue.thematiques.of(1) == ("sante--addictions",)
    assert catalogue.thematiques_by_nature.tolist() == [True, False]


def test_a_whole_day_event_ends_on_its_own_day_in_paris(repository: Repository, publish: Publish) -> None:
    sitting = {"start": "2026-12-04T23:00:00+00:00", "end": "2026-12-05T23:00:00+00:00"}  # midnight to midnight in Paris
    publish(sourced("1", kind="event", category="salon", occurrences=(sitting,)))

    catalogue = CatalogueHolder(repository).current()

    assert catalogue.sitting_starts.of(0) == catalogue.sitting_ends.of(0) == [day_number(date(2026, 12, 5))]


def test_a_listing_that_only_names_its_bassin_serves_it_when_one_bears_that_name(
    repository: Repository, publish: Publish
) -> None:
    replace_bassins(repository, "bassins", [BassinRecord(code="B1", label="Fougères"), BassinRecord(code="B2", label="Vitré")])
    publish(
        sourced("1", category="psad", name="PSAD de Vitré", coverage=(), bassin_label="Vitré"),
        sourced("2", category="psad", name="PSAD d’ailleurs", coverage=(), bassin_label="Zorglub"),
    )

    catalogue = CatalogueHolder(repository).current()

    assert catalogue.rows_of_token["bassin:B2"].tolist() == [0]
    assert catalogue.scopes[1] == 0


def test_the_holder_reads_again_only_when_the_directory_changed(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"))
    holder = CatalogueHolder(repository)
    first = holder.current()

    same = holder.current()
    publish(sourced("1"), sourced("2", name="Une autre"))
    changed = holder.current()

    assert same is first
    assert (len(first), len(changed)) == (1, 2)


def test_threads_that_ask_together_read_once(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"))
    holder = CatalogueHolder(repository)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(holder.current())) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 6
    assert len({id(catalogue) for catalogue in seen}) == 1


def test_only_what_the_viewer_may_see_is_visible(repository: Repository, publish: Publish) -> None:
    publish(*(sourced(str(rank), name=f"Fiche {level}", visibility=level) for rank, level in enumerate(Visibility)))
    catalogue = CatalogueHolder(repository).current()
    rows = catalogue.by_kind[Kind.PARTNER]

    seen = {level: [str(catalogue.names[row]) for row in catalogue.visible(rows, level)] for level in Visibility}

    assert seen[Visibility.PUBLIC] == ["Fiche public"]
    assert seen[Visibility.BASSIN] == ["Fiche bassin", "Fiche public"]
    assert len(seen[Visibility.PRIVATE]) == 3


@pytest.mark.parametrize("size", [1, 63, 64, 65, 130])
def test_bits_keep_every_word_of_a_vocabulary_of_any_size(size: int) -> None:
    vocabulary = [f"w{number}" for number in range(size)]
    rows = np.array([0, 1, 2], dtype=np.int32)

    column = build_bits(vocabulary, [vocabulary, [vocabulary[-1]], []])

    assert column.of(0) == tuple(vocabulary)
    assert column.any_of([vocabulary[-1], "unknown"], rows).tolist() == [True, True, False]
    assert column.only([vocabulary[-1]], rows).tolist() == [size == 1, True, False]
    assert column.filled(rows).tolist() == [True, True, False]


def test_the_best_of_a_ragged_row_is_found_and_an_empty_row_has_its_own_value() -> None:
    column = build_ragged([[0, 2], [], [1], [2, 1, 0]])
    rows = np.array([3, 1, 0], dtype=np.int32)

    best = column.best(np.array([0.5, 0.9, 0.1]), rows, empty=-1.0)

    assert best.tolist() == [0.9, -1.0, 0.5]


def test_listings_are_found_between_latitudes_and_those_without_a_point_apart(repository: Repository, publish: Publish) -> None:
    publish(
        sourced("1", name="Nord", latitude=50.6, longitude=3.0),
        sourced("2", name="Nulle part"),
        sourced("3", name="Sud", latitude=43.3, longitude=5.4),
        sourced("4", name="Centre", latitude=47.0, longitude=2.4),
    )
    catalogue = CatalogueHolder(repository).current()

    found, unit = catalogue.between_latitudes(Kind.PARTNER, 46.0, 51.0)

    assert sorted(catalogue.names[row] for row in found) == ["Centre", "Nord"]
    assert unit.tolist() == catalogue.unit[:, found].tolist()
    assert [catalogue.names[row] for row in catalogue.without_point(Kind.PARTNER)] == ["Nulle part"]


def test_what_was_computed_of_a_catalogue_is_not_taken_for_a_part_of_it(repository: Repository, publish: Publish) -> None:
    publish(
        sourced("1", name="Nord", latitude=50.6, longitude=3.0),
        sourced("2", name="Sud", latitude=43.3, longitude=5.4),
    )
    catalogue = CatalogueHolder(repository).current()
    catalogue.between_latitudes(Kind.PARTNER, 40.0, 52.0)

    part = part_of(catalogue, [1])

    assert [part.names[row] for row in part.between_latitudes(Kind.PARTNER, 40.0, 52.0)[0]] == ["Sud"]
