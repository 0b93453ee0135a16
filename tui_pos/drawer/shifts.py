"""Shifts of a drawer: opened with a float, counted as often as anybody likes, closed with whatever was counted.

Each function is one act in the caller's transaction, which must be a durable one
(`storage.engine.writing(engine, durable=True)`). Amounts are minor units of the shop's currency.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tui_pos.drawer.blockers import DrawerBlocked, what_blocks_close
from tui_pos.drawer.denominations import Counted
from tui_pos.drawer.errors import DrawerError
from tui_pos.drawer.receipts import close_slip, count_slip, open_slip, print_slip
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.payments.models import CashCount, Shift, ShiftClose
from tui_pos.payments.shifts import OpenShift, drawer_label, expected_minor, open_shift_of, open_shifts
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.queue import enqueue_pulse
from tui_pos.sales.shop import Shop
from tui_pos.storage.ids import new_id
from tui_pos.storage.lock import one_at_a_time

MAX_EXPLANATION_LENGTH = 400


class Purpose(StrEnum):
    """What a drawer is counted for."""

    OPEN = "open"
    CHECK = "check"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class CountKept:
    """A count that was kept. What was expected is told only to who may know it; everybody learns whether it agrees."""

    id: UUID
    total_minor: int
    agrees: bool
    expected_minor: int | None

    @property
    def over_short_minor(self) -> int | None:
        """By how much more (+) or less (-) lies there than expected."""
        return None if self.expected_minor is None else self.total_minor - self.expected_minor


@dataclass(frozen=True, slots=True)
class ShiftClosed:
    """How a shift ended: what was counted, and what of it stays as the next float."""

    number: int
    counted_minor: int
    left_minor: int

    @property
    def taken_minor(self) -> int:
        """What leaves the drawer, for the safe or the bank."""
        return self.counted_minor - self.left_minor


def left_in(session: Session, shop: Shop, drawer: str, *, before: int | None = None) -> int | None:
    """What the last close left in this drawer; None before the first, and where that was another currency.

    With `before`, what it left before the shift of that number.
    """
    newest = (
        select(Shift.currency, ShiftClose.left_minor)
        .outerjoin(ShiftClose, ShiftClose.shift_id == Shift.id)
        .where(Shift.till == shop.till, Shift.drawer == drawer)
        .order_by(Shift.number.desc())
        .limit(1)
    )
    if before is not None:
        newest = newest.where(Shift.number < before)
    row = session.execute(newest).first()
    return row[1] if row is not None and row[0] == shop.rules.currency.code else None


def find_open(session: Session, shop: Shop, drawer: str) -> OpenShift:
    """The shift that the drawer is open for. Raises DrawerError while it is closed, or open in another currency."""
    shift = open_shift_of(session, shop.till, drawer)
    if shift is None:
        raise DrawerError(_closed(session, shop, drawer))
    if shift.currency != shop.rules.currency.code:
        text = _("The drawer was opened in {currency}: set shop.currency to that until it is closed.")
        raise DrawerError(text.format(currency=shift.currency))
    return shift


def _closed(session: Session, shop: Shop, drawer: str) -> str:
    """That a drawer is closed; where another one of the till is open, it may be that one which is meant."""
    others = [drawer_label(shift.drawer) for shift in open_shifts(session, shop.till)]
    if not others:
        return _("The drawer is closed: open it first (/open).")
    text = _("The drawer “{drawer}” is closed: open it (/open). Open is {others}: /drawer-use takes it up.")
    return text.format(drawer=drawer_label(drawer), others=", ".join(f"“{name}”" for name in others))


def open_shift(
    session: Session, shop: Shop, drawer: str, counted: Counted | None, actor: Actor, now: dt.datetime
) -> OpenShift:
    """Open a drawer with the float that was counted, or (None) with what its last close left in it.

    Raises DrawerError where it is open already, or has nothing to carry over.
    """
    actor.require(Permission.SHIFT)
    one_at_a_time(session, shop.till)
    standing = open_shift_of(session, shop.till, drawer)
    if standing is not None:
        text = _("Shift {number} of this drawer is open already: close it first (/close).")
        raise DrawerError(text.format(number=standing.number))
    left_minor = left_in(session, shop, drawer)
    if counted is None and left_minor is None:
        raise DrawerError(
            _("This drawer was never closed before, so nothing is carried over: count its float.")
        )
    shift: dict[str, Any] = {
        "id": new_id(now),
        "till": shop.till,
        "drawer": drawer,
        "number": _next_number(session, shop.till),
        "opened_at": now,
        "opened_by": actor.id,
        "float_minor": counted.total_minor if counted else left_minor,
        "currency": shop.rules.currency.code,
        "carried_over": counted is None,
    }
    session.execute(insert(Shift).values(shift))
    rows: dict[Any, list[dict[str, Any]]] = {Shift: [shift]}
    if counted is not None:
        row = _count_row(shift["id"], Purpose.OPEN, counted, left_minor or 0, actor, now, blind=False)
        session.execute(insert(CashCount).values(row))
        rows[CashCount] = [row]
    head = chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event="shift_opened",
        actor=actor.id,
        now=now,
        data={"shift": shift["number"], "drawer": drawer, "left_minor": left_minor, **actor.approval()},
        rows=rows,
    )
    opened = find_open(session, shop, drawer)
    print_slip(session, shop, open_slip(shop, opened, counted, left_minor, actor, now, head), now)
    return opened


def _next_number(session: Session, till: str) -> int:
    """One more than the last; the unique key guards against a race."""
    return (session.scalar(select(func.max(Shift.number)).where(Shift.till == till)) or 0) + 1


def _count_row(
    shift_id: UUID,
    purpose: Purpose,
    counted: Counted,
    expected: int,
    actor: Actor,
    now: dt.datetime,
    *,
    blind: bool,
) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "shift_id": shift_id,
        "purpose": str(purpose),
        "blind": blind,
        "pieces": counted.encoded(),
        "total_minor": counted.total_minor,
        "expected_minor": expected,
        "actor": actor.id,
        "at": now,
    }


def release(
    session: Session, shop: Shop, drawer: str, purpose: Purpose, actor: Actor, now: dt.datetime
) -> None:
    """Let the drawer spring open, so that its float can be laid in or counted. The journal says what for.

    Nothing happens at a till without a printer: there the drawer is opened by its key.
    """
    actor.require(Permission.SHIFT)
    if not shop.prints:
        return
    chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event="drawer_opened",
        actor=actor.id,
        now=now,
        data={"drawer": drawer, "reason": str(purpose), **actor.approval()},
    )
    enqueue_pulse(session, till=shop.till, drawer=drawer, now=now)


def see_expected(session: Session, shop: Shop, drawer: str, actor: Actor) -> int:
    """What the drawer should hold now, before anybody counts it. Raises NotAllowed, DrawerError."""
    actor.require(Permission.SEE_EXPECTED)
    return expected_minor(session, find_open(session, shop, drawer))


def count(
    session: Session,
    shop: Shop,
    drawer: str,
    counted: Counted,
    purpose: Purpose,
    actor: Actor,
    now: dt.datetime,
) -> CountKept:
    """Keep a count of an open drawer, whatever it comes to. Every recount is one more. Raises DrawerError."""
    actor.require(Permission.SHIFT)
    one_at_a_time(session, shop.till)
    shift = find_open(session, shop, drawer)
    expected = expected_minor(session, shift)
    may_know = knows_expected(actor)
    row = _count_row(
        shift.id, purpose, counted, expected, actor, now, blind=shop.drawer.blind or not may_know
    )
    session.execute(insert(CashCount).values(row))
    head = chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event="counted",
        actor=actor.id,
        now=now,
        data={"shift": shift.number, "drawer": drawer, **actor.approval()},
        rows={CashCount: [row]},
    )
    kept = CountKept(
        row["id"], counted.total_minor, counted.total_minor == expected, expected if may_know else None
    )
    if purpose is Purpose.CHECK:  # the count of a close stands on its slip
        slip = count_slip(shop, shift, counted, kept.expected_minor, actor, now, head)
        print_slip(session, shop, slip, now)
    return kept


def knows_expected(actor: Actor) -> bool:
    """Whether somebody may be told what a drawer should hold."""
    return Permission.SEE_EXPECTED in actor.rights.permissions


def close_shift(
    session: Session,
    shop: Shop,
    drawer: str,
    count_id: UUID,
    left_minor: int,
    explanation: str,
    actor: Actor,
    now: dt.datetime,
) -> ShiftClosed:
    """Close a drawer with that count, over or short by whatever it is; `left_minor` of it stays as the next float.

    Raises DrawerBlocked while something is in the way, and DrawerError for a difference that nobody explains, for more
    left than was counted, and for a count that is no longer true.
    """
    actor.require(Permission.SHIFT)
    one_at_a_time(session, shop.till)
    shift = find_open(session, shop, drawer)
    blockers = what_blocks_close(session, shop)
    if blockers:
        raise DrawerBlocked(blockers)
    kept = _count_to_close_with(session, shift, count_id)
    explanation = " ".join(explanation.split())[:MAX_EXPLANATION_LENGTH]
    if kept.total_minor != kept.expected_minor and not explanation:
        raise DrawerError(_("Type what may explain the difference: it is kept with the close."))
    if not 0 <= left_minor <= kept.total_minor:
        raise DrawerError(_("No more can stay in the drawer than was counted."))
    row = {
        "shift_id": shift.id,
        "closed_at": now,
        "closed_by": actor.id,
        "expected_minor": kept.expected_minor,
        "counted_minor": kept.total_minor,
        "left_minor": left_minor,
        "explanation": explanation,
    }
    session.execute(insert(ShiftClose).values(row))
    head = chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event="shift_closed",
        actor=actor.id,
        now=now,
        data={"shift": shift.number, "drawer": drawer, "count": str(count_id), **actor.approval()},
        rows={ShiftClose: [row]},
    )
    closed = ShiftClosed(shift.number, kept.total_minor, left_minor)
    expected = kept.expected_minor if knows_expected(actor) else None
    slip = close_slip(shop, shift, kept, expected, left_minor, explanation, actor, now, head)
    print_slip(session, shop, slip, now)
    return closed


def _count_to_close_with(session: Session, shift: OpenShift, count_id: UUID) -> CashCount:
    """The count, if it is one to close this shift with, and no cash has come or gone since."""
    kept = session.get(CashCount, count_id)
    if kept is None or kept.shift_id != shift.id or kept.purpose != Purpose.CLOSE:
        raise DrawerError(_("This drawer was not counted to be closed: count it again (/close)."))
    if kept.expected_minor != expected_minor(session, shift):
        raise DrawerError(_("Cash has come or gone since the drawer was counted: count it again (/close)."))
    return kept
