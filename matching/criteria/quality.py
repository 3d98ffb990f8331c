"""Quality of the record: how fresh and how full it is, whether a référent can call, and the places declared."""

from __future__ import annotations

from functools import cache

import numpy as np

from directory.catalogue import KINDS, Catalogue, Int8Array
from directory.columns import NO_DAY, BoolArray, FloatArray, IntArray, day_number, day_of
from directory.vocabulary import Kind
from matching.criteria.case import BY_RECORD, Case, Criterion, Reason, always
from matching.french import french_day, french_list

_STALE = 0.2
_HALF_LIFE_DAYS = 365.0
_PHONE, _EMAIL, _WEB = 1, 2, 4
_REACHED = np.array([0.0, 0.8, 0.6, 1.0, 0.3, 0.85, 0.65, 1.0])
"""By the bits of ``Catalogue.contact``: a phone, an e-mail address, a web page."""


def _fresh(case: Case) -> FloatArray:
    """Value the records that were checked or updated lately.

    Published: Fraîcheur. La valeur au-dessus de 20 % est divisée par deux chaque année depuis la dernière vérification ou
    mise à jour connue ; une fiche sans date compte pour 20 %.
    """
    catalogue, today = case.question.catalogue, day_number(case.question.at)
    held = catalogue.derived.get("freshness")  # of every listing, and of the last day asked only
    if held is None or held[0] != today:
        held = catalogue.derived["freshness"] = today, _fresh_on(catalogue.seen_day, today)
    return np.asarray(held[1][case.candidates.rows])


def _fresh_on(seen: IntArray, today: int) -> FloatArray:
    age = np.maximum(today - seen.astype(np.int64), 0)
    return np.where(seen == NO_DAY, _STALE, _STALE + (1 - _STALE) * np.exp2(-age / _HALF_LIFE_DAYS))


def _explain_fresh(case: Case, index: int) -> Reason:
    catalogue, row = case.question.catalogue, case.row(index)
    if catalogue.seen_day[row] == NO_DAY:
        return Reason("Date de mise à jour inconnue", BY_RECORD)
    verb = "Vérifiée ou mise à jour" if catalogue.checked[row] else "Mise à jour"
    return Reason(f"{verb} le {french_day(day_of(catalogue.seen_day[row]))}", BY_RECORD)


def _told(catalogue: Catalogue) -> BoolArray:
    """Whether each listing says where it is, what it offers, whom it is for, how to reach it; shape (4, rows)."""

    def find() -> BoolArray:
        where = ~np.isnan(catalogue.lat) | (catalogue.scopes != 0) | catalogue.remote
        partner = catalogue.kind == KINDS.index(Kind.PARTNER)
        what = ~np.where(partner, catalogue.thematiques_by_nature, catalogue.pathways_by_nature)
        every = np.arange(len(catalogue))
        whom = catalogue.publics.filled(every) | (catalogue.age_min >= 0) | (catalogue.age_max >= 0)
        return np.stack((where, what, whom, catalogue.contact > 0))

    return catalogue.once("told", find)


def quarters_told(catalogue: Catalogue) -> Int8Array:
    """How many of these four each listing says, shape (rows of the catalogue,)."""
    return catalogue.once("quarters told", lambda: _told(catalogue).sum(axis=0, dtype=np.int8))


def _full(case: Case) -> FloatArray:
    """Value the records that say what a référent needs.

    Published: Qualité de la fiche. Un quart pour chaque chose dite : où ou pour quel territoire, ce qui est proposé, à quels
    âges ou publics, comment la joindre.
    """
    return np.asarray(quarters_told(case.question.catalogue)[case.candidates.rows] / 4)


_SAID = ("le lieu ou le territoire", "ce qui est proposé", "les âges ou publics", "le contact")


def _explain_full(case: Case, index: int) -> Reason:
    return _said(tuple(_told(case.question.catalogue)[:, case.row(index)].tolist()))


@cache
def _said(told: tuple[bool, ...]) -> Reason:
    missing = [name for name, said in zip(_SAID, told, strict=True) if not said]
    return Reason(f"Fiche muette sur {french_list(missing)}" if missing else "Fiche complète", BY_RECORD)


def _reachable(case: Case) -> FloatArray:
    """Value the listings that a référent can call or write to.

    Published: Joignable. Un téléphone compte pour 80 %, un courriel pour 60 %, les deux entièrement ; une page web seule
    pour 30 %.
    """
    return np.asarray(_REACHED[case.question.catalogue.contact[case.candidates.rows]])


def _explain_reachable(case: Case, index: int) -> Reason:
    return _ways(case.question.catalogue.contact.item(case.row(index)))


@cache
def _ways(bits: int) -> Reason:
    ways = [name for bit, name in ((_PHONE, "téléphone"), (_EMAIL, "courriel"), (_WEB, "page web")) if bits & bit]
    return Reason(f"Joignable par {', '.join(ways)}" if ways else "Aucun moyen de contact public connu", BY_RECORD)


def _places(case: Case) -> FloatArray:
    """Value the companies that declare places.

    Published: Places. Des places déclarées comptent entièrement, une fiche muette pour moitié, « aucune place » pour
    rien.
    """
    places = case.question.catalogue.places[case.candidates.rows]
    return np.where(places < 0, 0.5, np.where(places > 0, 1.0, 0.0))


def _explain_places(case: Case, index: int) -> Reason:
    places = int(case.question.catalogue.places[case.row(index)])
    if places < 0:
        return Reason("Nombre de places non déclaré", BY_RECORD)
    return Reason(
        f"{places} place{'s' if places > 1 else ''} déclarée{'s' if places > 1 else ''}" if places else "Aucune place déclarée",
        BY_RECORD,
    )


FRESHNESS = Criterion("fraicheur", "Fraîcheur", always, _fresh, _explain_fresh, of_row=True, of_day=True)
QUALITY = Criterion("qualite", "Qualité de la fiche", always, _full, _explain_full, of_row=True, of_day=True)
REACHABILITY = Criterion("joignable", "Joignable", always, _reachable, _explain_reachable, of_row=True, of_day=True)
PLACES = Criterion("places", "Places", always, _places, _explain_places)
