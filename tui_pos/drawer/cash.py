"""Opening the drawer."""

import datetime as dt

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tui_pos.journal import chain
from tui_pos.money.currency import Currency
from tui_pos.payments.models import CashMovement
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.queue import DRAWER, enqueue
from tui_pos.storage.ids import new_id


def open_without_sale(
    session: Session, till: str, currency: Currency, actor: Actor, now: dt.datetime, reason: str
) -> None:
    """Open the drawer though nothing was sold: no money is booked, the reason and the person are."""
    actor.require(Permission.NO_SALE)
    row = {
        "id": new_id(now),
        "till": till,
        "kind": "no_sale",
        "amount_minor": 0,
        "currency": currency.code,
        "sale_id": None,
        "actor": actor.id,
        "reason": reason[:200],
        "at": now,
    }
    session.execute(insert(CashMovement).values(row))
    chain.append(
        session,
        till=till,
        stream=chain.EVENTS,
        event="no_sale",
        actor=actor.id,
        now=now,
        data={"reason": reason[:200], **actor.approval()},
        rows={CashMovement: [row]},
    )
    enqueue(session, till=till, kind=DRAWER, title="", document=None, sale_id=None, now=now)
