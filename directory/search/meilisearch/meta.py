"""The document that tells what the index holds. It is asked with each question, and travels with a swap."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from directory.search.meilisearch.documents import META, SETTINGS, SETTINGS_VERSION
from directory.search.meilisearch.server import unavailable

ASK: dict[str, Any] = {"q": "", "filter": [f"pk = {META}"], "limit": 1, "attributesToRetrieve": ["stored"]}
"""The question that it answers."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What the index holds.

    Attributes:
        revision: The directory's.
        key: Secret that signs the cursors of this state of the index, hexadecimal.
    """

    revision: int
    key: str

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Meta:
        """Read the answer to ``ASK``.

        Raises:
            IndexUnavailable: The index is of another version, or not ours.
        """
        try:
            facts = json.loads(answer["hits"][0]["stored"])
            if facts["version"] != SETTINGS_VERSION:
                raise unavailable(f"index of version {facts['version']}, not {SETTINGS_VERSION}")
            return cls(int(facts["revision"]), str(facts["key"]))
        except (LookupError, TypeError, ValueError) as error:
            raise unavailable(f"the index does not say what it holds: {error!r}") from error


def write(revision: int) -> dict[str, Any]:
    """The document, for this revision."""
    facts = {"version": SETTINGS_VERSION, "revision": revision, "key": secrets.token_hex(16)}
    # an attribute that no document has may not be asked: an index of nothing must answer all the same
    return {**dict.fromkeys(SETTINGS["searchableAttributes"], ""), "pk": META, "stored": json.dumps(facts)}
