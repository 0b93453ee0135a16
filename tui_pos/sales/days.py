"""The business days of a till: they never go back, whatever its clock, its zone or its settings do."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import BindParameter, Date, bindparam, column, func, select, table
from sqlalchemy.orm import Session

from tui_pos.sales.models import Sale
from tui_pos.sales.shop import Shop

# Of the Zs, whose room lies above, only the newest date is wanted.
_Z = table("z_report", column("till"), column("number"), column("business_date", Date))
_TILL: BindParameter[str] = bindparam("till")
_REACHED = select(
    select(func.max(Sale.number)).where(Sale.till == _TILL).scalar_subquery(),
    select(func.max(Sale.business_date)).where(Sale.till == _TILL).scalar_subquery(),
    select(_Z.c.business_date)
    .where(_Z.c.till == _TILL)
    .order_by(_Z.c.number.desc())
    .limit(1)
    .scalar_subquery(),
)
"""Built once: at every sale only the till is new, and SQLAlchemy finds its compiled text by identity."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a till has come: its newest receipt's number (0: none), and the newest day that it booked."""

    number: int
    day: dt.date | None

    def business_date(self, shop: Shop, now: dt.datetime) -> dt.date:
        """The day that what is booked now belongs to: that of the clock, or the newest one where that is later."""
        return max(shop.business_date(now), self.day or dt.date.min)


def reached(session: Session, till: str) -> Reached:
    """How far a till has come, by its receipts and Zs: one statement."""
    number, *days = session.connection().execute(_REACHED, {"till": till}).one()
    return Reached(number or 0, max((day for day in days if day is not None), default=None))
