"""Dossiers, kept: what a référent may see and write is decided here, and each access is recorded in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, case, delete, extract, func, insert, select, update

from directory.accounts import NotPermitted
from directory.database import forgetting, reading, writing
from directory.dossiers import (
    Counts,
    DossierChanged,
    DossierFields,
    DossierNotFound,
    DossierRefused,
    dates_of,
    deletion_day,
    new_code,
)
from directory.errors import ListingNotFound, NothingToUndo
from directory.models.accounts import Account, Area, Role
from directory.models.dossiers import Access, AccessKind, Diploma, Dossier, DossierState, Step, StepState
from directory.models.responses import Outcome
from directory.repository import responses, tables

MOST_OPEN = 2000
"""Dossiers of one lycée: several times the last year of the largest."""
MOST_STEPS = 100
"""Steps of one dossier."""

_dossier, _step, _access, _account = tables.dossier, tables.dossier_step, tables.dossier_access, tables.account
_stay = tables.company_stay
_ENDS = (AccessKind.ERASED, AccessKind.PURGED)
_OUTCOMES = {
    StepState.ACCEPTED: Outcome.ACCEPTED,
    StepState.DECLINED: Outcome.DECLINED,
    StepState.SILENT: Outcome.SILENT,
}


class Dossiers:
    """The dossiers of a directory. Every method but the purge and the counts is for a référent, and for their lycée alone.

    Each may raise ``NotPermitted`` (another role asks) and ``DossierNotFound`` (no dossier of this lycée has the code).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # ------------------------------------------------------------ reading

    def list_all(self, viewer: Account, now: datetime) -> list[Dossier]:
        """The dossiers of the viewer's lycée, the last opened first."""
        with writing(self._engine) as connection:
            _note(connection, viewer, AccessKind.LISTED, "", now)
            return _list(connection, _mine(viewer) & (_dossier.c.delete_on > now.date()))

    def get(self, viewer: Account, dossier_id: str, now: datetime, why: AccessKind = AccessKind.READ) -> Dossier:
        """One dossier; the access is recorded."""
        with writing(self._engine) as connection:
            found = _get(connection, viewer, dossier_id, now)
            _note(connection, viewer, why, found.id, now)
            return found

    def count_due(self, viewer: Account, today: date) -> int:
        """How many reminders of the students whom the viewer follows have come. It shows nothing of any, and is not recorded."""
        due = (_dossier.c.referent == viewer.id) & (_dossier.c.remind_on <= today) & (_dossier.c.delete_on > today)
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(_dossier).where(_mine(viewer) & due)) or 0

    def list_accesses(self, viewer: Account, dossier_id: str, now: datetime, limit: int = 20) -> list[Access]:
        """Who did what with a dossier, the last first."""
        with reading(self._engine) as connection:
            _get(connection, viewer, dossier_id, now)
            return _accesses(connection, (_access.c.dossier_id == dossier_id) & (_access.c.uai == viewer.code), limit)

    def read_journal(self, uai: str, limit: int = 1000) -> list[Access]:
        """The journal of a lycée, the last first: for whoever answers for the instance, by the command line."""
        with reading(self._engine) as connection:
            return _accesses(connection, _access.c.uai == uai, limit)

    def count(self, today: date) -> dict[int, dict[str, Counts]]:
        """Year of the parcours → UAI → how many students, of every lycée; from January on, two years stand side by side.

        Nothing here is for showing as it is: ``directory.dossiers.publishable``.
        """

        def number(condition: Any) -> Any:
            return func.sum(case((condition, 1), else_=0))

        columns = (
            func.count().label("spotted"),
            number(_dossier.c.diploma == Diploma.FAILED).label("without_diploma"),
            number(_dossier.c.met_on.is_not(None)).label("met"),
            number(_dossier.c.enrolled_on.is_not(None)).label("enrolled"),
            number(_dossier.c.state == DossierState.SOLVED).label("solved"),
        )
        year = extract("year", _dossier.c.opened_on)  # ``parcours_end``
        grouped = select(year.label("year"), _dossier.c.uai, *columns).where(_dossier.c.delete_on > today)
        counted: dict[int, dict[str, Counts]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(grouped.group_by(year, _dossier.c.uai).order_by(year, _dossier.c.uai)).mappings():
                numbers = {name: int(row[name]) for name in Counts.__slots__}
                counted.setdefault(int(row["year"]), {})[row["uai"]] = Counts(**numbers)
        return counted

    # ------------------------------------------------------------ writing

    def open(self, viewer: Account, fields: DossierFields, nonce: str, now: datetime, months: int) -> str:
        """Open a dossier; returns its code, that of the first time where the same form is sent twice.

        Args:
            viewer: Who opens it, and will follow it.
            fields: What they say of the student.
            nonce: The form's.
            now: The clock.
            months: How many months after the parcours it deletes itself.

        Raises:
            DossierRefused: The lycée has as many as it may.
        """
        today = now.date()
        met_on, enrolled_on = dates_of(fields.state, None, None, today)
        with writing(self._engine) as connection:
            _check(viewer)
            known = connection.scalar(select(_dossier.c.id).where(_dossier.c.nonce == nonce, _mine(viewer)))
            if known is not None:
                return str(known)
            if (connection.scalar(select(func.count()).where(_mine(viewer))) or 0) >= MOST_OPEN:
                public = f"Votre lycée a {MOST_OPEN} dossiers ouverts, le plus qu’il peut : effacez ceux qui ne servent plus."
                raise DossierRefused("", "too many dossiers", public)
            row = {
                **_row(fields),
                "id": new_code(),
                "uai": viewer.code,
                "referent": viewer.id,
                "state_on": today,
                "met_on": met_on,
                "enrolled_on": enrolled_on,
                "opened_on": today,
                "delete_on": deletion_day(today, months),
                "version": 0,
                "nonce": nonce,
            }
            connection.execute(insert(_dossier), [row])
            _note(connection, viewer, AccessKind.OPENED, row["id"], now)
            return str(row["id"])

    def change(self, viewer: Account, dossier_id: str, version: int, fields: DossierFields, now: datetime) -> None:
        """Write what a référent says of a student.

        Raises:
            DossierChanged: It was changed since this version, and not to the same.
        """
        with writing(self._engine) as connection:
            found = _get(connection, viewer, dossier_id, now)
            if found.version != version:
                if _fields(found) == fields:
                    return  # the same form, sent twice
                raise DossierChanged
            met_on, enrolled_on = dates_of(fields.state, found.met_on, found.enrolled_on, now.date())
            state_on = found.state_on if fields.state == found.state else now.date()
            values = {**_row(fields), "state_on": state_on, "met_on": met_on, "enrolled_on": enrolled_on, "version": version + 1}
            connection.execute(update(_dossier).where(_dossier.c.id == dossier_id).values(**values))
            _note(connection, viewer, AccessKind.CHANGED, dossier_id, now)

    def add_step(self, viewer: Account, dossier_id: str, label: str, nonce: str, now: datetime, *, listing_id: str = "") -> None:
        """Note that a partner is proposed to a student; once, if the form is sent twice or the listing is there already.

        Raises:
            DossierRefused: The dossier has as many steps as it may.
        """
        with writing(self._engine) as connection:
            found = _get(connection, viewer, dossier_id, now)
            known = connection.scalar(select(_step.c.pk).where(_step.c.nonce == nonce))
            if known is not None or (listing_id and any(step.listing_id == listing_id for step in found.steps)):
                return
            if len(found.steps) >= MOST_STEPS:
                public = f"Ce dossier a {MOST_STEPS} démarches, le plus qu’il peut : retirez celles qui ne servent plus."
                raise DossierRefused("partenaire", "too many steps", public)
            row = {
                "dossier_id": dossier_id,
                "listing_id": listing_id,
                "label": label,
                "state": str(StepState.PROPOSED),
                "state_on": now.date(),
                "counted": "",
                "nonce": nonce,
            }
            connection.execute(insert(_step), [row])
            _note(connection, viewer, AccessKind.STEP, dossier_id, now)

    def set_step(self, viewer: Account, dossier_id: str, pk: int, state: StepState, now: datetime) -> None:
        """Say what became of a step; an answer (or none) is counted in the response history of its listing, once."""
        with writing(self._engine) as connection:
            found = _get(connection, viewer, dossier_id, now)
            step = next((each for each in found.steps if each.pk == pk), None)
            if step is None:
                raise DossierNotFound
            if step.state == state:
                return
            counted = _count(connection, step, state, found.filiere, now)
            values = {"state": str(state), "state_on": now.date(), "counted": counted}
            connection.execute(update(_step).where(_step.c.pk == pk).values(**values))
            _note(connection, viewer, AccessKind.STEP, dossier_id, now)

    def remove_step(self, viewer: Account, dossier_id: str, pk: int, now: datetime) -> None:
        """Erase a step that was noted by mistake, and what was counted of it; nothing where it is gone already."""
        with forgetting(self._engine) as connection:
            found = _get(connection, viewer, dossier_id, now)
            step = next((each for each in found.steps if each.pk == pk), None)
            if step is None:
                return
            _count(connection, step, StepState.PROPOSED, found.filiere, now)
            connection.execute(delete(_step).where(_step.c.pk == pk))
            _note(connection, viewer, AccessKind.STEP, dossier_id, now)

    def hand_over(self, viewer: Account, dossier_id: str, referent: str, now: datetime) -> None:
        """Give a dossier to another référent of the same lycée; nothing where it is theirs already.

        Raises:
            DossierRefused: Whoever is named is none.
        """
        with writing(self._engine) as connection:
            if _get(connection, viewer, dossier_id, now).referent == referent:
                return
            same = (_account.c.role == Role.REFERENT) & (_account.c.area == Area.LYCEE) & (_account.c.code == viewer.code)
            open_one = and_(_account.c.id == (referent if referent.isalnum() else ""), _account.c.disabled_at.is_(None), same)
            if connection.scalar(select(_account.c.id).where(open_one)) is None:
                raise DossierRefused("referent", "not a référent of this lycée", "Choisissez un référent de votre lycée.")
            values = {"referent": referent, "version": _dossier.c.version + 1}
            connection.execute(update(_dossier).where(_dossier.c.id == dossier_id).values(**values))
            _note(connection, viewer, AccessKind.HANDED_OVER, dossier_id, now)

    def erase(self, viewer: Account, dossier_id: str, now: datetime) -> None:
        """Erase a dossier and its steps, at once and for good; what remains is that this code was erased, in the journal.

        Sent twice, it is one thing.
        """
        with forgetting(self._engine) as connection:
            _check(viewer)
            mine = (_access.c.dossier_id == dossier_id) & (_access.c.uai == viewer.code)
            if connection.scalar(select(_access.c.pk).where(mine, _access.c.kind.in_(_ENDS)).limit(1)) is not None:
                return
            found = _get(connection, viewer, dossier_id, now)
            _erase(connection, [found.id])
            _note(connection, viewer, AccessKind.ERASED, dossier_id, now)

    def purge(self, now: datetime, journal_since: datetime) -> int:
        """Erase the dossiers whose day has come, and the journal before a moment; returns how many dossiers."""
        due = _dossier.c.delete_on <= now.date()
        with reading(self._engine) as connection:
            late = connection.scalar(select(func.count()).select_from(_access).where(_access.c.at < journal_since))
            if not late and not connection.scalar(select(func.count()).select_from(_dossier).where(due)):
                return 0
        with forgetting(self._engine) as connection:
            rows = connection.execute(select(_dossier.c.id, _dossier.c.uai).where(due)).all()
            _erase(connection, [row.id for row in rows])
            kind = str(AccessKind.PURGED)
            lines = [{"at": now, "account_id": "", "uai": row.uai, "dossier_id": row.id, "kind": kind} for row in rows]
            if lines:
                connection.execute(insert(_access), lines)
            connection.execute(delete(_access).where(_access.c.at < journal_since))
        return len(rows)


def _check(viewer: Account) -> None:
    if viewer.role != Role.REFERENT or viewer.area != Area.LYCEE or not viewer.code or viewer.disabled_at is not None:
        raise NotPermitted


def _mine(viewer: Account) -> Any:
    _check(viewer)
    return _dossier.c.uai == viewer.code


def _get(connection: Connection, viewer: Account, dossier_id: str, now: datetime) -> Dossier:
    if not dossier_id.isalnum():  # PostgreSQL takes no NUL
        raise DossierNotFound
    found = _list(connection, _mine(viewer) & (_dossier.c.id == dossier_id) & (_dossier.c.delete_on > now.date()))
    if not found:
        raise DossierNotFound
    return found[0]


def _list(connection: Connection, condition: Any) -> list[Dossier]:
    asked = select(_dossier).where(condition).order_by(_dossier.c.opened_on.desc(), _dossier.c.id)
    rows = connection.execute(asked).mappings().all()
    steps: dict[str, list[Step]] = {row["id"]: [] for row in rows}
    of_these = select(_step).join(_dossier, _dossier.c.id == _step.c.dossier_id).where(condition).order_by(_step.c.pk)
    for row in connection.execute(of_these).mappings():
        plain = {name: row[name] for name in ("pk", "listing_id", "label", "state_on", "counted")}
        steps[row["dossier_id"]].append(Step(**plain, state=StepState(row["state"])))
    return [
        Dossier(
            **{
                **{name: row[name] for name in row if name != "nonce"},
                "state": DossierState(row["state"]),
                "diploma": Diploma(row["diploma"]),
                "steps": tuple(steps[row["id"]]),
            }
        )
        for row in rows
    ]


def _accesses(connection: Connection, condition: Any, limit: int) -> list[Access]:
    removed = case((_access.c.account_id == "", ""), else_="un compte supprimé")
    who = func.coalesce(func.nullif(_account.c.name, ""), _account.c.email, removed)
    columns = (_access.c.at, who.label("who"), _access.c.dossier_id, _access.c.kind)
    joined = _access.outerjoin(_account, _account.c.id == _access.c.account_id)
    asked = select(*columns).select_from(joined).where(condition).order_by(_access.c.at.desc(), _access.c.pk.desc()).limit(limit)
    return [Access(**{**row, "kind": AccessKind(row["kind"])}) for row in connection.execute(asked).mappings()]


def _note(connection: Connection, viewer: Account, kind: AccessKind, dossier_id: str, now: datetime) -> None:
    _check(viewer)
    row = {"at": now, "account_id": viewer.id, "uai": viewer.code, "dossier_id": dossier_id, "kind": str(kind)}
    connection.execute(insert(_access), [row])


def _erase(connection: Connection, ids: Sequence[str]) -> None:
    for dossier_id in ids:  # few at a time, and the same SQL on any database
        connection.execute(delete(_step).where(_step.c.dossier_id == dossier_id))
        connection.execute(update(_stay).where(_stay.c.dossier_id == dossier_id).values(dossier_id=""))
        connection.execute(delete(_dossier).where(_dossier.c.id == dossier_id))


def _count(connection: Connection, step: Step, state: StepState, filiere: str, now: datetime) -> str:
    """Move a step's outcome in the response history; returns what is counted of it now, with the filière it is counted for."""
    if not step.listing_id:
        return ""
    if step.counted:
        outcome, _, counted_for = step.counted.partition(" ")
        with suppress(ListingNotFound, NothingToUndo):
            responses.record(connection, step.listing_id, Outcome(outcome), counted_for, now, undo=True)
    if state not in _OUTCOMES:
        return ""
    try:
        responses.record(connection, step.listing_id, _OUTCOMES[state], filiere, now, undo=False)
    except ListingNotFound:
        return ""
    return f"{_OUTCOMES[state]} {filiere}".strip()


def _row(fields: DossierFields) -> dict[str, Any]:
    return {
        "state": str(fields.state),
        "born": fields.born,
        "diploma": str(fields.diploma),
        "filiere": fields.filiere,
        "note": fields.note,
        "remind_on": fields.remind_on,
    }


def _fields(dossier: Dossier) -> DossierFields:
    return DossierFields(**{name: getattr(dossier, name) for name in DossierFields.__slots__})
