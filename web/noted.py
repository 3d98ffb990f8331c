"""What bureaux des entreprises noted of companies, as whoever is signed in may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from directory.dossiers import parcours_end
from directory.models.accounts import Account
from directory.models.companies import Keeper
from directory.services import Services
from matching.cohort_form import Noted


def keeper_of(account: Account | None) -> Keeper | None:
    """The lycée or bassin of an account; None for a visitor, and for an account of neither."""
    return (account.area, account.code) if account is not None and account.code else None


def holds_for(account: Account | None, core: Services, today: date) -> Mapping[str, date]:
    """Listing → the day before which nobody calls it."""
    return core.repository.companies.holds(keeper_of(account), core.repository.load_bassins(), today)


def noted_for(account: Account | None, core: Services, today: date) -> Noted:
    """Places left while the parcours lasts, and who is not to be called yet."""
    keeper, bassins = keeper_of(account), core.repository.load_bassins()
    seats = core.repository.companies.seats(keeper, bassins, today, parcours_end(today))
    return Noted(seats=seats, holds=core.repository.companies.holds(keeper, bassins, today))
