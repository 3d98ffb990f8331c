"""The criteria: one small documented function each, over all candidates at once."""

from matching.criteria.audience import AUDIENCE
from matching.criteria.case import Case, Criterion, Reason
from matching.criteria.effort import EFFORT
from matching.criteria.need import NEEDS, NETWORK
from matching.criteria.occupation import OCCUPATION
from matching.criteria.pathway import PATHWAY, SITUATION
from matching.criteria.quality import FRESHNESS, PLACES, QUALITY, REACHABILITY
from matching.criteria.responses import RESPONSES, TRUST
from matching.criteria.territory import TERRITORY
from matching.criteria.timing import DATE, MOMENT

CRITERIA: dict[str, Criterion] = {
    criterion.id: criterion
    for criterion in (
        NEEDS, NETWORK, OCCUPATION, PATHWAY, SITUATION, AUDIENCE, TERRITORY, EFFORT, MOMENT, DATE, PLACES, FRESHNESS, QUALITY,
        REACHABILITY, TRUST, RESPONSES,
    )
}  # fmt: skip
"""Every criterion by its id, in the order in which an answer shows them."""

__all__ = ["CRITERIA", "Case", "Criterion", "Reason"]
