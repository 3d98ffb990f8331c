"""The identities that numbers give: by which records of any two sources are one thing with certainty. One family for all.

A number joins only where it names the very thing. Each key says what for, since one establishment may be several listings: one
SIRET is a company that hires and a body that trains; one UAI is a lycée, the CIO that it houses and its bureau des entreprises.

* A company, and a body that trains apprentices or adults, are their SIRET. (Measured on 2,207 pairs of published rows of one UAI:
  see ``importers/sources/cfa``. One UAI stands for all 148 centres of the AFPA: it never joins bodies.)
* A lycée, a CIO and a bureau des entreprises are their UAI.
* Nothing else: one SIRET of a commune stands for its CCAS, its France Services and its épicerie; a PSAD is given the UAI of the
  lycée that houses it. Such records are compared (``matching.duplicates``), and a person is asked where that leaves a doubt.
"""

from __future__ import annotations

from directory.vocabulary import Kind

_BODIES = frozenset({"cfa", "organisme_formation", "greta", "afpa", "mfr"})
_BY_UAI = frozenset({"lycee", "cio", "bureau_des_entreprises"})


def number_identities(kind: Kind, category: str, *, siret: str | None = None, uai: str | None = None) -> tuple[str, ...]:
    """The keys that a record's numbers give; none where they do not name the very thing.

    >>> number_identities(Kind.PARTNER, "cio", uai="0350055K")
    ('cio:uai:0350055K',)
    """
    if siret and kind is Kind.COMPANY:
        return (f"company:siret:{siret}",)
    if siret and category in _BODIES:
        return (f"formation:siret:{siret}",)
    return (f"{category}:uai:{uai}",) if uai and category in _BY_UAI else ()
