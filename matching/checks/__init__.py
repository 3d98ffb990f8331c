"""The checks: for each rule about listings, a small function over the candidates' columns."""

from collections.abc import Mapping

from matching.checks.ages import AGE_CHECKS
from matching.checks.common import Check
from matching.checks.meetings import MEETING_CHECKS
from matching.checks.schemes import SCHEME_CHECKS
from matching.checks.territory import TERRITORY_CHECKS

CHECKS: Mapping[str, Check] = {**AGE_CHECKS, **TERRITORY_CHECKS, **SCHEME_CHECKS, **MEETING_CHECKS}
"""Rule's id → its check. Rules without one are about the student, not a listing (``matching.notices``)."""

__all__ = ["CHECKS", "Check"]
