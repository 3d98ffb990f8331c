"""The official resources of the parcours, as dated links: what a référent prints, reads or sends a pupil to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource.

    Attributes:
        what: French: what is found there.
        url: Its own address, or that of the site where it is looked for.
        search: What to look for on that site, where the page's own address is not sure.
        dated: French: the date of the text, where it has one.
        checked: The day the address was last compared with a stored copy of its page; None when it never was.
        region: Where it holds, when that is not everywhere: the code of the région.
    """

    name: str
    what: str
    url: str
    search: str = ""
    dated: str = ""
    checked: date | None = None
    region: str = ""


_EDUSCOL = "https://eduscol.education.fr/"
RESOURCES: tuple[Resource, ...] = (
    Resource(
        name="Arrêté du parcours",
        what="Qui peut le suivre, jusqu’à quand, avec combien de semaines de stage (NOR MENE2318171A).",
        url="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000047897401",
        dated="18 juillet 2023",
        checked=date(2026, 11, 25),
    ),
    Resource(
        name="Vademecum du parcours Ambition emploi",
        what="Le guide du ministère pour les équipes, et la fiche de mise en œuvre de la mesure 5.2.",
        url=_EDUSCOL,
        search="vademecum Ambition emploi",
    ),
    Resource(
        name="Fiche d’entretien de situation",
        what="Ce que l’on demande à l’élève, à remplir avec lui.",
        url=_EDUSCOL,
        search="Ambition emploi entretien de situation",
    ),
    Resource(
        name="Convention de PFMP et ses annexes",
        what="La convention type, l’annexe pédagogique et l’annexe financière, à signer avant chaque stage.",
        url=_EDUSCOL,
        search="convention PFMP annexes",
    ),
    Resource(name="Onisep", what="Métiers et formations, adresses des CIO.", url="https://www.onisep.fr/"),
    Resource(
        name="Nouvelles chances",
        what="Les formations pour reprendre, près de chez l’élève.",
        url="https://nouvelles-chances.gouv.fr/",
    ),
    Resource(
        name="Oriane",
        what="L’orientation en Île-de-France, pour l’élève.",
        url="https://www.oriane.info/",
        region="11",
    ),
    Resource(
        name="PRIJ",
        what="Le plan régional d’insertion pour la jeunesse des quartiers prioritaires, à confirmer chaque année.",
        url="https://prij.fr/",
        dated="lancé en 2018",
        checked=date(2026, 11, 25),
        region="11",
    ),
)


def resources_for(code_region: str) -> tuple[Resource, ...]:
    """The resources that hold in a région; those of no région hold everywhere."""
    return tuple(each for each in RESOURCES if not each.region or each.region == code_region)
