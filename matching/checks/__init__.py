"""The checks: for each rule about listings, a small function over the candidates' columns."""

from collections.abc import Mapping

from matching.checks.ages import AGE_CHECKS
from matching.checks.common import Check
from matching.checks.holds import HOLD_CHECKS
from matching.checks.meetings import MEETING_CHECKS
from matching.checks.schemes import SCHEME_CHECKS
from matching.checks.territory import TERRITORY_CHECKS

RECORD_CHECKS: Mapping[str, Check] = {**AGE_CHECKS, **SCHEME_CHECKS, **MEETING_CHECKS}
"""Checks that look at the records and the student only: never at distances, nor at who serves the student."""
LISTING_CHECKS: Mapping[str, Check] = {**TERRITORY_CHECKS, **HOLD_CHECKS}
"""Checks that look at each listing by itself: where it is, whom it serves, what is known of that one."""
CHECKS: Mapping[str, Check] = {**RECORD_CHECKS, **LISTING_CHECKS}
"""Rule's id → its check. Rules without one are about the student, not a listing (``matching.notices``)."""

__all__ = ["CHECKS", "LISTING_CHECKS", "RECORD_CHECKS", "Check"]
