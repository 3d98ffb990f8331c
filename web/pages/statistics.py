"""``/statistiques``: what is asked in an académie, and what finds nothing. Counts of groups, never of people."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, render_template

from directory.catalogue_rows import departement_of
from directory.models.accounts import Account, Area, Role
from directory.statistics import KEPT_MONTHS, SMALLEST, first_month, group, shown_words
from directory.territory import academie_of, departements
from directory.vocabulary import KIND_LABELS
from web.access import account, for_roles, services
from web.facets import DOMAINS
from web.wording import month

pages = Blueprint("statistics", __name__)

_CHANNELS = {"pages": "Recherche, dans Relais", "widget": "Recherche, sur d’autres sites", "api": "Recherche, par des programmes",
             "propositions": "Propositions pour un élève"}  # fmt: skip


@pages.get("/statistiques")
@for_roles(Role.ACADEMIE, Role.ADMINISTRATOR)
def statistics() -> str:
    """The counts of the territory of who asks."""
    core = services()
    since = first_month(core.clock().date())
    territory = _departements(account())
    counts = [each for each in core.repository.list_question_counts(since) if territory is None or each.departement in territory]
    words = Counter[str]()
    for departement, text, number in core.repository.list_unanswered(since):
        if territory is None or departement in territory:
            words[text] += number
    names = {code: f"{entry.name} ({code})" for code, entry in departements().items()}
    kinds = {str(kind): label for kind, label in KIND_LABELS.items()}
    return render_template(
        "statistics.html",
        tables=(
            ("Par mois", "Mois", {each.month: month(each.month) for each in counts}, group(counts, lambda each: each.month)),
            ("Par département", "Département", names, group(counts, lambda each: each.departement)),
            ("Par genre", "Genre", kinds, group(counts, lambda each: each.kind)),
            ("Par besoin", "Besoin", DOMAINS, group(counts, lambda each: each.thematique)),
            ("Par origine", "Origine", _CHANNELS, group(counts, lambda each: str(each.channel))),
        ),
        words=shown_words(words),
        smallest=SMALLEST,
        months=KEPT_MONTHS,
        who=account().code or "toute la France",
        empty=not counts,
    )


def _departements(viewer: Account) -> frozenset[str] | None:
    """The départements that an account sees; None for all, and for what names none."""
    if viewer.area is Area.EVERYTHING:
        return None
    if viewer.area is Area.ACADEMIE:
        return frozenset(code for code in departements() if academie_of(code) == viewer.code)
    bassin = services().repository.load_bassins().get(viewer.code)
    return frozenset(map(departement_of, bassin.communes)) if bassin else frozenset()
