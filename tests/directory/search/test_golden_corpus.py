"""Known-item questions over an excerpt of the national corpus, made by the shared generator where it is: floors on both engines.

The demonstration's judged questions (``test_golden.py``) are complete without it.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from bench.corpus import Asked, Names, read_documents, read_questions
from directory.search.types import SearchIndex
from tests.directory.search.conftest import ENGINES, PARAMS

GENERATOR = Path(__file__).parents[4] / "shared" / "bench" / "corpus.py"
SUCCESS, SUCCESS_OF_A_KIND, NDCG_AT_10 = 0.98, 0.9, 0.98

pytestmark = pytest.mark.skipif(not GENERATOR.is_file(), reason="the shared generator is not beside the checkout")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 invented listings on real communes, and 200 questions."""
    folder = tmp_path_factory.mktemp("corpus")
    sized = ["--listings", "2000", "--seed", "3", "--questions", "200"]
    subprocess.run([sys.executable, str(GENERATOR), str(folder), *sized], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def names(corpus: Path) -> Names:
    """The names of the corpus."""
    names = Names()
    for _ in names.told(read_documents(corpus)):
        pass
    return names


@pytest.fixture(scope="module", params=PARAMS)
def national(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> SearchIndex:
    """An index of the corpus."""
    built = ENGINES[request.param](request, tmp_path_factory.mktemp("golden-corpus"))
    built.rebuild(read_documents(corpus), 1)
    return built


def test_known_listings_of_a_national_corpus_are_found_above_the_floors(
    national: SearchIndex, corpus: Path, names: Names
) -> None:
    questions = [*read_questions(corpus), *names.two_short_words(20)]
    decided = [asked for asked in questions if names.ceiling([asked])[asked.kind] == 1.0]

    first: dict[str, list[bool]] = defaultdict(list)
    gains, missed, empty = [], [], []
    for asked in decided:
        ids = [hit.id for hit in national.search(replace(asked.query, limit=10)).hits]
        right = _is_right(asked, ids)
        first[asked.kind].append(right)
        gains.append(_gain(asked, ids))
        empty += [asked.query.text] if asked.expected and not ids else []
        missed += [] if right else [(asked.kind, asked.query.text, ids[:3])]

    every = [right for some in first.values() for right in some]
    assert len(decided) >= 180
    assert sum(every) / len(every) >= SUCCESS, missed
    assert sum(gains) / len(gains) >= NDCG_AT_10, missed
    assert all(sum(some) / len(some) >= SUCCESS_OF_A_KIND for some in first.values()), missed
    assert empty == []


def _is_right(asked: Asked, ids: list[str]) -> bool:
    return bool(asked.expected & set(ids[: asked.rank])) if asked.expected else not ids


def _gain(asked: Asked, ids: list[str]) -> float:
    if not asked.expected:
        return float(not ids)
    rank = next((rank for rank, found in enumerate(ids) if found in asked.expected), None)
    # any of the first ranks that count is as good as the first
    return 0.0 if rank is None else 1.0 if rank < asked.rank else 1 / math.log2(rank + 2)
