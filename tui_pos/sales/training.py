"""Practising: the same counter, and sales that end in no book.

A practised sale gets a number of its own series, a row that only counts it, an entry in the journal's own stream, and a
page that says TRAINING all over. No stock moves, no drawer opens, no total holds it.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.queue import TRAINING, enqueue, page_of_sale
from tui_pos.sales.checkout import check_paid, handed_out, take_open_sale
from tui_pos.sales.days import reached
from tui_pos.sales.kept_pages import with_proof
from tui_pos.sales.models import TrainingSale
from tui_pos.sales.receipt import receipt_document
from tui_pos.sales.returns import check_returns
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Basket, Receipt
from tui_pos.storage.lock import one_at_a_time


def switch(session: Session, till: str, actor: Actor, now: dt.datetime, wanted: bool) -> None:
    """Begin to practise, or end it: both stand in the journal."""
    actor.require(Permission.TRAINING)
    chain.append(
        session,
        till=till,
        stream=chain.TRAINING,
        event="training_on" if wanted else "training_off",
        actor=actor.id,
        now=now,
        data=actor.approval(),
    )


def complete(session: Session, basket: Basket, shop: Shop, actor: Actor, now: dt.datetime) -> Receipt:
    """End a practised sale. Raises SaleError and SaleGone as a real one does."""
    actor.require(Permission.SELL)
    settlement = check_paid(basket, shop)
    one_at_a_time(session, shop.till)
    take_open_sale(session, basket)
    returned_from = check_returns(session, basket)
    number = 1 + (
        session.scalar(select(func.max(TrainingSale.number)).where(TrainingSale.till == shop.till)) or 0
    )
    row = {
        "id": basket.id,
        "till": shop.till,
        "number": number,
        "business_date": reached(session, shop.till).business_date(shop, now),
        "at": now,
        "actor": actor.id,
        "gross_minor": basket.priced.gross_minor,
    }
    session.execute(insert(TrainingSale).values(row))
    head = chain.append(
        session,
        till=shop.till,
        stream=chain.TRAINING,
        event="sale",
        actor=actor.id,
        now=now,
        data=_content(basket),
        rows={TrainingSale: [row]},
    )
    page = receipt_document(basket, shop, actor, now, number, settlement, returned_from)
    job = enqueue(
        session,
        till=shop.till,
        kind=TRAINING,
        title=page.title,
        document=with_proof(page, head),
        sale_id=basket.id,
        now=now,
        wanted=shop.prints,
    )
    change_minor = handed_out(basket, settlement)
    return Receipt(basket.id, number, basket.total_minor, change_minor, job, training=True)


def _content(basket: Basket) -> dict[str, Any]:
    lines = [
        {"sku": line.sku, "quantity": f"{line.quantity:f}", "amount_minor": line.priced.amount_minor}
        for line in basket.lines
    ]
    tenders = [{"kind": str(each.kind), "amount_minor": each.amount_minor} for each in basket.tenders]
    return {"lines": lines, "tenders": tenders}


def find_completed(session: Session, sale_id: UUID) -> Receipt | None:
    """The page of a practised sale that was completed; None if there is none."""
    sale = session.get(TrainingSale, sale_id)
    job = page_of_sale(session, sale_id, TRAINING)
    if sale is None or job is None:
        return None
    return Receipt(sale.id, sale.number, sale.gross_minor, 0, job.id, training=True)
