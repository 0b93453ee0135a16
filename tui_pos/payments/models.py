"""The ledger of cash: shifts of a drawer, what went in and out, and what was counted."""

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base, append_only, on_create
from tui_pos.storage.types import UtcDateTime


@append_only
class Shift(Base):
    """A drawer that was opened with a float. Open for as long as it has no ShiftClose."""

    __tablename__ = "shift"
    __table_args__ = (UniqueConstraint("till", "number", name="uq_shift_till_number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    drawer: Mapped[str] = mapped_column(String(40))  # a till may have two
    number: Mapped[int] = mapped_column()  # per till, from 1
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(80))
    float_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    carried_over: Mapped[bool] = mapped_column()  # the float is what the last close left, not counted anew


@append_only
class ShiftClose(Base):
    """The end of a shift: what was expected and what was counted, with any difference explained."""

    __tablename__ = "shift_close"

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    closed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(80))
    expected_minor: Mapped[int] = mapped_column(BigInteger)
    counted_minor: Mapped[int] = mapped_column(BigInteger)
    left_minor: Mapped[int] = mapped_column(BigInteger)  # stays in the drawer as the next float
    explanation: Mapped[str] = mapped_column(String(400), default="")


@append_only
class CashCount(Base):
    """One count of a drawer. Every recount is one more row."""

    __tablename__ = "cash_count"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))  # "open", "check", "close"
    blind: Mapped[bool] = mapped_column()  # counted without knowing what was expected
    pieces: Mapped[str] = mapped_column(
        Text
    )  # JSON: {"5000": 3} is three notes of 50.00; empty: one sum was typed
    total_minor: Mapped[int] = mapped_column(BigInteger)
    expected_minor: Mapped[int] = mapped_column(BigInteger)  # at that moment
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


@append_only
class CashMovement(Base):
    """Cash that came into (+) or left (-) a till's drawer; 0 where it was only opened."""

    __tablename__ = "cash_movement"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    shift_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    kind: Mapped[str] = mapped_column(String(16))  # "sale", "no_sale", "paid_in", "paid_out", "drop"
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    sale_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    takes_back: Mapped[UUID | None] = mapped_column(Uuid)  # the movement of the same kind that it undoes


def _taken_back_once(table: str, _dialect: str) -> list[str]:
    """Only what takes something back stands in the index: no sale pays for it.

    A statement, since `Index` would import both dialects for its `sqlite_where` and `postgresql_where`: 3 MB and 17 ms.
    """
    return [f"CREATE UNIQUE INDEX uq_{table}_takes_back ON {table} (takes_back) WHERE takes_back IS NOT NULL"]


on_create(CashMovement, _taken_back_once)
