"""Which of a till's drawers are open, and what each should hold."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.payments.models import CashMovement, Shift, ShiftClose

UNNAMED = "drawer"
"""What the settings call the drawer of a shop that gave it no name."""


@dataclass(frozen=True, slots=True)
class OpenShift:
    """What is asked of an open shift, each by the name of its column; the float in minor units of `currency`."""

    id: UUID
    number: int
    drawer: str
    opened_at: dt.datetime
    opened_by: str
    float_minor: int
    currency: str


def open_shift_of(session: Session, till: str, drawer: str) -> OpenShift | None:
    """The shift that this drawer is open for; None while it is closed."""
    found = session.connection().execute(_newest(), {"till": till, "drawer": drawer}).first()
    return None if found is None or found.shift_id else _view(found)


def open_shifts(session: Session, till: str) -> list[OpenShift]:
    """The open shifts of all of a till's drawers, oldest first."""
    still_open = _with_close().where(ShiftClose.shift_id.is_(None)).order_by(Shift.number)
    return [_view(row) for row in session.connection().execute(still_open, {"till": till})]


@cache
def _newest() -> Select[*tuple[Any, ...]]:
    """A drawer's newest shift, which alone can be open; it stands near the end of the till's numbers.

    Every sale asks for it: building the statement anew would take longer than the database takes to answer it.
    """
    return _with_close().where(Shift.drawer == bindparam("drawer")).order_by(Shift.number.desc()).limit(1)


def _with_close() -> Select[*tuple[Any, ...]]:
    columns = (Shift.__table__.c[each.name] for each in fields(OpenShift))
    closed = ShiftClose.shift_id == Shift.id
    of_till = Shift.till == bindparam("till")
    return select(*columns, ShiftClose.shift_id).outerjoin_from(Shift, ShiftClose, closed).where(of_till)


def _view(row: Row[*tuple[Any, ...]]) -> OpenShift:
    *values, _shift_id = row
    return OpenShift(*values)


def expected_minor(session: Session, shift: OpenShift) -> int:
    """What should lie in the drawer now, in minor units.

    Float + cash sales - cash refunds + paid in - paid out - drops. Movements are what the drawer holds more or less of
    afterwards: the change of a sale is in none of them.
    """
    moved = select(func.sum(CashMovement.amount_minor)).where(CashMovement.shift_id == shift.id)
    return shift.float_minor + int(session.scalar(moved) or 0)


def drawer_in_hand(session: Session, till: str, names: Sequence[str], who: str) -> str:
    """The drawer that a person works with, where nobody has chosen one.

    The one that they opened; else one of `names` that nobody has open; else the one that was opened last.
    """
    standing = open_shifts(session, till)
    own = [shift.drawer for shift in standing if shift.opened_by == who]
    taken = [shift.drawer for shift in standing]
    free = [name for name in names if name not in taken]
    return (own[-1:] or free[:1] or taken[-1:])[0]


def drawer_label(name: str) -> str:
    """What people call a drawer: by its name, unless it has none of its own."""
    return _("drawer") if name == UNNAMED else name
