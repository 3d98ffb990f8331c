"""What the matcher refuses."""

from __future__ import annotations

from collections.abc import Sequence

from directory.errors import RelaisError


class MatchingError(RelaisError):
    """Root of the matcher's errors."""


class UnknownListing(MatchingError):
    """No listing of this id that the asker may see."""

    def __init__(self, listing_id: str) -> None:
        super().__init__(f"no listing {listing_id!r}", public=f"Aucune fiche n’a l’identifiant « {listing_id[:200]} ».")


class PolicyError(MatchingError):
    """An académie's weights are no policy.

    Attributes:
        field: Dotted name of the weight (``companies.trajet``).
    """

    def __init__(self, field: str, reason: str, *, public: str) -> None:
        super().__init__(f"{field}: {reason}", public=public)
        self.field = field


class ProfileError(MatchingError):
    """A profile cannot be used as it stands.

    Attributes:
        field: Dotted name of the field (``mobility.max_minutes``).
        suggestions: What may have been meant, best first (places' labels, keys of needs …).
    """

    def __init__(self, field: str, reason: str, *, public: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(f"{field}: {reason}", public=public)
        self.field = field
        self.suggestions = tuple(suggestions)


class CohortError(MatchingError):
    """A cohort cannot be shared as it stands.

    Attributes:
        field: Dotted name of the field (``places[3].capacity``).
    """

    def __init__(self, field: str, reason: str, *, public: str) -> None:
        super().__init__(f"{field}: {reason}", public=public)
        self.field = field
