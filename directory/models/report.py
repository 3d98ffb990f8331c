"""Report: what a visitor says is wrong with a listing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ReportReason(StrEnum):
    """What is wrong."""

    CONTACT = "contact"
    CLOSED = "closed"
    DATES = "dates"
    CONDITIONS = "conditions"
    PLACE = "place"
    DUPLICATE = "duplicate"
    OTHER = "other"


REASON_LABELS: Mapping[ReportReason, str] = {
    ReportReason.CONTACT: "Le téléphone, le courriel ou le site ne répond pas",
    ReportReason.CLOSED: "Cela n’existe plus, ou a fermé",
    ReportReason.DATES: "Les horaires ou les dates sont faux",
    ReportReason.CONDITIONS: "L’âge, le public ou les conditions sont faux",
    ReportReason.PLACE: "L’adresse ou le territoire est faux",
    ReportReason.DUPLICATE: "Cette fiche est en double",
    ReportReason.OTHER: "Autre chose",
}
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as it came.

    Attributes:
        listing_id: Of the listing as it was shown.
        text: What was written beside; nobody's name is asked.
        nonce: Of the form that was sent: the same form twice is one report.
    """

    listing_id: str
    reason: ReportReason
    text: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report as it is kept. Once it is closed its text is erased: what was decided stays, in ``note``."""

    number: int
    listing_id: str
    reason: ReportReason
    text: str
    said_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "number": self.number,
            "listing": self.listing_id,
            "reason": str(self.reason),
            "text": self.text,
            "said_at": self.said_at.isoformat(),
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "closed_by": self.closed_by,
            "note": self.note,
        }
