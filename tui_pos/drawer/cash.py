"""Cash that comes and goes without a sale, and opening the drawer.

Each function is one act in the caller's transaction, which must be a durable one.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.drawer.denominations import MAX_SUM_MINOR
from tui_pos.drawer.errors import DrawerError
from tui_pos.drawer.receipts import movement_slip, print_slip, taken_back_slip
from tui_pos.drawer.shifts import find_open
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.payments.models import CashMovement
from tui_pos.payments.shifts import expected_minor, open_shift_of
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.people.staff import names_by_id
from tui_pos.printing.queue import enqueue_pulse
from tui_pos.sales.shop import Shop
from tui_pos.storage.ids import new_id
from tui_pos.storage.lock import one_at_a_time

MAX_REASON_LENGTH = 200


class CashKind(StrEnum):
    """Why cash comes or goes without a sale."""

    PAID_IN = "paid_in"  # change fetched from the bank, a debt paid back
    PAID_OUT = "paid_out"  # a small bill paid out of the drawer
    DROP = "drop"  # carried to the safe: the shop's money still, only elsewhere


def move_cash(
    session: Session,
    shop: Shop,
    drawer: str,
    kind: CashKind,
    amount_minor: int,
    reason: str,
    actor: Actor,
    now: dt.datetime,
    *,
    movement_id: UUID | None = None,
) -> None:
    """Pay in, pay out or drop `amount_minor` (more than 0), with a reason and a slip.

    Who gives the id of the movement may ask again where a commit was not answered: it is booked once.

    How much the drawer should hold is no limit: to refuse more than that would tell it to who may not know it, and what
    really lies there may be another sum. Raises DrawerError while the drawer is closed, and without amount or reason.
    """
    actor.require(Permission.CASH_IN_OUT)
    reason = checked_reason(reason)
    if not 0 < amount_minor <= MAX_SUM_MINOR:
        raise DrawerError(_("Type the amount: more than nothing."))
    one_at_a_time(session, shop.till)
    if movement_id is not None and session.get(CashMovement, movement_id) is not None:
        return
    shift = find_open(session, shop, drawer)
    signed = amount_minor if kind is CashKind.PAID_IN else -amount_minor
    row = _row(shop, kind, signed, reason, actor, now) | {"shift_id": shift.id}
    if movement_id is not None:
        row["id"] = movement_id
    head = _book(session, shop, drawer, row, actor, now)
    print_slip(session, shop, movement_slip(shop, kind, shift, amount_minor, reason, actor, now, head), now)


@dataclass(frozen=True, slots=True)
class MovedCash:
    """What was paid in, paid out or dropped, as a list shows it; the amount is more than nothing."""

    id: UUID
    kind: CashKind
    amount_minor: int
    reason: str
    at: dt.datetime
    who: str


def to_take_back(session: Session, shop: Shop, drawer: str, actor: Actor) -> list[MovedCash]:
    """What can still be taken back of the open shift, newest first. Raises NotAllowed, DrawerError.

    For whoever may count the drawer: the slips of all of it lie there. To take it back needs more.
    """
    actor.require(Permission.SHIFT)
    shift = find_open(session, shop, drawer)
    undoing = aliased(CashMovement)
    query = (
        select(CashMovement)
        .outerjoin(undoing, undoing.takes_back == CashMovement.id)
        .where(
            CashMovement.shift_id == shift.id,
            CashMovement.kind.in_(list(CashKind)),
            CashMovement.takes_back.is_(None),
            undoing.id.is_(None),
        )
        .order_by(CashMovement.at.desc(), CashMovement.id.desc())
    )
    found = session.scalars(query).all()
    names = names_by_id(session, [each.actor for each in found])
    return [
        MovedCash(
            each.id,
            CashKind(each.kind),
            abs(each.amount_minor),
            each.reason,
            each.at,
            names.get(each.actor, each.actor),
        )
        for each in found
    ]


def take_back(
    session: Session, shop: Shop, drawer: str, movement_id: UUID, reason: str, actor: Actor, now: dt.datetime
) -> None:
    """Undo what was paid in, paid out or dropped by mistake, while its shift is open: with a reason and a slip.

    Nothing is changed: a movement of the same kind and the other sign names the one that it takes back, and both stand
    on the Z. Raises DrawerError for anything else than a movement of the open shift, and for one that was taken back.
    """
    actor.require(Permission.CASH_IN_OUT)
    reason = checked_reason(reason)
    one_at_a_time(session, shop.till)
    shift = find_open(session, shop, drawer)
    meant = session.get(CashMovement, movement_id)
    if (
        meant is None
        or meant.shift_id != shift.id
        or meant.kind not in list(CashKind)
        or meant.takes_back is not None
    ):
        raise DrawerError(
            _("Only what was paid in, paid out or dropped since this drawer was opened can be taken back.")
        )
    if session.scalar(select(CashMovement.id).where(CashMovement.takes_back == meant.id)) is not None:
        raise DrawerError(_("That was taken back already."))
    row = _row(shop, meant.kind, -meant.amount_minor, reason, actor, now)
    row |= {"shift_id": shift.id, "takes_back": meant.id}
    head = _book(session, shop, drawer, row, actor, now, event="cash_taken_back")
    print_slip(session, shop, taken_back_slip(shop, meant, shift, reason, actor, now, head), now)


def is_more_than_held(session: Session, shop: Shop, drawer: str, amount_minor: int, actor: Actor) -> bool:
    """Whether so much is more than the drawer should hold: a mistyped amount, most likely.

    False for who may not move cash: trying amounts would tell them what a blind count hides, and whoever allows it
    reads the amount.
    """
    if Permission.CASH_IN_OUT not in actor.rights.permissions:
        return False
    return amount_minor > expected_minor(session, find_open(session, shop, drawer))


def open_without_sale(
    session: Session, shop: Shop, drawer: str, actor: Actor, now: dt.datetime, reason: str
) -> None:
    """Open the drawer though nothing was sold: no money is booked, the reason and the person are."""
    actor.require(Permission.NO_SALE)
    reason = checked_reason(reason)
    shift = open_shift_of(session, shop.till, drawer)
    row = _row(shop, "no_sale", 0, reason, actor, now) | {"shift_id": shift.id if shift else None}
    _book(session, shop, drawer, row, actor, now)


def opened_uncounted(session: Session, shop: Shop, drawer: str, actor: Actor, now: dt.datetime) -> None:
    """The drawer sprang open to be counted (`shifts.release`), and no count was kept: it was opened without a sale.

    Who may count need not be allowed to open it without a sale, so the Z lists it, under their name. Its event is
    another than that of `open_without_sale`: the drawer was opened by `release`, and not once more by this.
    """
    actor.require(Permission.SHIFT)
    shift = open_shift_of(session, shop.till, drawer)
    reason = _("opened to be counted, and not counted")
    row = _row(shop, "no_sale", 0, reason, actor, now) | {"shift_id": shift.id if shift else None}
    _book(session, shop, drawer, row, actor, now, event="opened_uncounted", opens=False)


def checked_reason(reason: str) -> str:
    """The reason on one line, without card numbers. Raises DrawerError where there is none."""
    tidy = hide_card_numbers(" ".join(reason.split()))[:MAX_REASON_LENGTH]
    if not tidy:
        raise DrawerError(_("Type the reason: every opening is kept with one."))
    return tidy


def _row(
    shop: Shop, kind: str, amount_minor: int, reason: str, actor: Actor, now: dt.datetime
) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "till": shop.till,
        "kind": str(kind),
        "amount_minor": amount_minor,
        "currency": shop.rules.currency.code,
        "sale_id": None,
        "actor": actor.id,
        "reason": reason,
        "at": now,
    }


def _book(
    session: Session,
    shop: Shop,
    drawer: str,
    row: dict[str, Any],
    actor: Actor,
    now: dt.datetime,
    *,
    event: str = "",
    opens: bool = True,
) -> chain.Head:
    """The row, its journal entry (an event of its kind, unless another one is named), and the pulse that opens."""
    session.execute(insert(CashMovement).values(row))
    head = chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event=event or row["kind"],
        actor=actor.id,
        now=now,
        data={"drawer": drawer, "reason": row["reason"], **actor.approval()},
        rows={CashMovement: [row]},
    )
    if opens:
        enqueue_pulse(session, till=shop.till, drawer=drawer, now=now, wanted=shop.prints)
    return head
