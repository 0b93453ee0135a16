"""Completing a sale: everything that must be true afterwards is written in one transaction.

The transaction is the caller's, and must be a durable one (`storage.engine.writing(engine, durable=True)`).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Insert, bindparam, delete, func, select, union_all
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.money.discount import encode_discount
from tui_pos.money.pricing import LineShare
from tui_pos.payments.models import CashMovement
from tui_pos.payments.shifts import OpenShift, open_shift_of
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.queue import RECEIPT, enqueue, enqueue_pulse, receipt_of
from tui_pos.sales.basket import SaleError, SaleGone, change_row, line_columns
from tui_pos.sales.days import reached
from tui_pos.sales.kept_pages import page_hash, with_proof
from tui_pos.sales.models import OpenLine, OpenSale, OpenTender, Sale, SaleLine, SaleTax, SaleTender
from tui_pos.sales.receipt import receipt_document
from tui_pos.sales.returns import check_returns
from tui_pos.sales.shop import Shop
from tui_pos.sales.tendering import Settlement, settle, tender_columns
from tui_pos.sales.view import Basket, Receipt, Tender, TenderKind, TenderState
from tui_pos.stock.models import StockMovement
from tui_pos.storage.base import Base
from tui_pos.storage.ids import new_id
from tui_pos.storage.lock import one_at_a_time

# Built once: at every sale only the values are new, and SQLAlchemy finds its compiled text by identity.
_SALE: BindParameter[UUID] = bindparam("sale")
_STANDING = union_all(
    select(OpenLine.id).where(OpenLine.sale_id == _SALE),
    select(OpenTender.id).where(OpenTender.sale_id == _SALE),
)
_REMOVE_SALE = delete(OpenSale).where(OpenSale.id == _SALE)  # its lines and tenders go with it
_INSERT: dict[type[Base], Insert] = {
    model: model.__table__.insert()  # type: ignore[attr-defined]
    for model in (Sale, SaleLine, SaleTax, SaleTender, StockMovement, CashMovement)
}


def complete(
    session: Session, basket: Basket, shop: Shop, actor: Actor, now: dt.datetime, drawer: str = ""
) -> Receipt:
    """Turn the open basket into a sale: number, lines, tax, tenders, stock, drawer, journal and print job.

    It is booked on the shift that `drawer` is open for; where none is named, on that of the till's first drawer.
    Raises SaleError while something is left to pay, a payment is in flight or the drawer is closed, and SaleGone if the
    sale was completed before: whoever asks twice sells once.
    """
    actor.require(Permission.SELL)
    settlement = check_paid(basket, shop)
    one_at_a_time(session, shop.till)
    shift = shift_of_sale(session, shop, drawer, cash=bool(_cash_tenders(basket)))
    take_open_sale(session, basket)
    returned_from = check_returns(session, basket)
    before = reached(session, shop.till)
    # No counter that could run ahead of the sales; the unique key guards against a race.
    number = before.number + 1
    date = before.business_date(shop, now)
    rows = _rows(basket, actor, now, number, date, settlement, shift.id if shift else None)
    for model, each in rows.items():
        session.connection().execute(_INSERT[model], each)
    if CashMovement in rows:
        enqueue_pulse(
            session,
            till=shop.till,
            drawer=drawer or shop.drawer.names[0],
            sale_id=basket.id,
            now=now,
            wanted=shop.prints,
        )
    page = receipt_document(basket, shop, actor, now, number, settlement, returned_from)
    said = {"number": number, "gross_minor": basket.priced.gross_minor, "page": page_hash(page)}
    head = chain.append(
        session,
        till=shop.till,
        stream=chain.RECEIPTS,
        event="sale",
        actor=actor.id,
        now=now,
        data={**said, **actor.approval()},
        rows=rows,
    )
    job = enqueue(
        session,
        till=shop.till,
        kind=RECEIPT,
        title=page.title,
        document=with_proof(page, head),
        sale_id=basket.id,
        now=now,
        wanted=shop.prints,
    )
    return Receipt(basket.id, number, basket.total_minor, handed_out(basket, settlement), job)


def check_paid(basket: Basket, shop: Shop) -> Settlement:
    """How the basket was paid. Raises SaleError while something is left to pay or a payment is in flight."""
    settlement = settle(basket, shop.cash_rounding)
    if not basket.lines:
        raise SaleError(_("There is nothing to pay yet."))
    if not settlement.settled or any(t.state is TenderState.IN_FLIGHT for t in basket.tenders):
        raise SaleError(_("The sale is not paid yet."))
    return settlement


def shift_of_sale(session: Session, shop: Shop, drawer: str, *, cash: bool) -> OpenShift | None:
    """The shift that a sale of this moment belongs to; None where the drawer is closed and need not be open.

    Raises SaleError where cash is to be taken and cannot be booked.
    """
    shift = open_shift_of(session, shop.till, drawer or shop.drawer.names[0])
    if shift is None and cash and shop.drawer.required:
        raise SaleError(_("The drawer is closed, so no cash can be taken: open it first (/open)."))
    if shift is not None and shift.currency != shop.rules.currency.code:
        text = _(
            "The drawer was opened in {currency}: close it first (/close), with shop.currency set to that."
        )
        raise SaleError(text.format(currency=shift.currency))
    return shift


def handed_out(basket: Basket, settlement: Settlement) -> int:
    """What the customer gets in coins and notes: change, and what goes back for returned goods."""
    return settlement.change - sum(min(t.given_minor, 0) for t in _cash_tenders(basket))


def find_completed(session: Session, sale_id: UUID) -> Receipt | None:
    """The receipt of a sale that was completed; None if there is no such sale."""
    sale = session.get(Sale, sale_id)
    job = receipt_of(session, sale_id)
    if sale is None or job is None:
        return None
    refunded = select(func.coalesce(func.sum(SaleTender.given_minor), 0)).where(
        SaleTender.sale_id == sale_id, SaleTender.kind == TenderKind.CASH, SaleTender.given_minor < 0
    )
    change_minor = sale.change_minor - int(session.scalar(refunded) or 0)
    return Receipt(sale.id, sale.number, sale.gross_minor, change_minor, job.id)


def take_open_sale(session: Session, basket: Basket) -> None:
    """Remove the open sale. Of two who try, one finds nothing.

    Lines and tenders must be those that the cashier saw: what another window added would be lost without a word.
    """
    standing = set(session.connection().execute(_STANDING, {"sale": basket.id}).scalars())
    change_row(session, _REMOVE_SALE, {"sale": basket.id})
    if standing != {line.id for line in basket.lines} | {tender.id for tender in basket.tenders}:
        raise SaleGone(_("This sale was changed in another window. Look at it again before it is paid."))


def _rows(
    basket: Basket,
    actor: Actor,
    now: dt.datetime,
    number: int,
    date: dt.date,
    settlement: Settlement,
    shift_id: UUID | None,
) -> dict[type[Base], list[dict[str, Any]]]:
    """Everything that a sale is, by its tables: inserted and journalled as it is, amounts and payments too."""
    rows: dict[type[Base], list[dict[str, Any]]] = {
        Sale: [_sale_row(basket, actor, now, number, date, settlement) | {"shift_id": shift_id}],
        SaleLine: _line_rows(basket, basket.shares()),
        SaleTax: _tax_rows(basket),
        SaleTender: _tender_rows(basket),
        StockMovement: _stock_rows(basket, now),
    }
    if _cash_tenders(basket):
        row = _drawer_row(basket, actor, now, _cash_in(basket, settlement))
        rows[CashMovement] = [row | {"shift_id": shift_id}]
    return {model: each for model, each in rows.items() if each}


def _sale_row(
    basket: Basket, actor: Actor, now: dt.datetime, number: int, date: dt.date, settlement: Settlement
) -> dict[str, Any]:
    rules = basket.rules
    priced = basket.priced
    return {
        "id": basket.id,
        "till": basket.till,
        "number": number,
        "business_date": date,
        "opened_at": basket.opened_at,
        "completed_at": now,
        "actor": actor.id,
        "currency": rules.currency.code,
        "exponent": rules.currency.exponent,
        "prices_include_tax": rules.prices_include_tax,
        "tax_rounding": str(rules.tax_rounding),
        "net_minor": priced.net_minor,
        "tax_minor": priced.tax_minor,
        "gross_minor": priced.gross_minor,
        "discount_minor": priced.discount_minor,
        "cash_rounding_minor": settlement.rounding,
        "change_minor": settlement.change,
        "discount": encode_discount(basket.discount),
        "discount_reason": basket.discount_reason,
        "customer_text": basket.customer_text,
    }


def _line_rows(basket: Basket, shares: Sequence[LineShare]) -> list[dict[str, Any]]:
    return [
        {
            "sale_id": basket.id,
            "position": position,
            **line_columns(line),
            "line_discount_minor": line.priced.discount_minor,
            "sale_discount_minor": share.sale_discount_minor,
            "amount_minor": share.amount_minor,
            "net_minor": share.net_minor,
            "tax_minor": share.tax_minor,
        }
        for position, (line, share) in enumerate(zip(basket.lines, shares, strict=True), 1)
    ]


def _tax_rows(basket: Basket) -> list[dict[str, Any]]:
    return [
        {
            "sale_id": basket.id,
            "tax_class": row.rate.tax_class,
            "percent": row.rate.percent,
            "kind": str(row.rate.kind),
            "net_minor": row.net_minor,
            "tax_minor": row.tax_minor,
            "gross_minor": row.gross_minor,
        }
        for row in basket.priced.rows
    ]


def _tender_rows(basket: Basket) -> list[dict[str, Any]]:
    return [
        {"sale_id": basket.id, "position": position, **tender_columns(tender)}
        for position, tender in enumerate(basket.tenders, 1)
    ]


def _stock_rows(basket: Basket, now: dt.datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(now),
            "till": basket.till,
            "product_id": line.product_id,
            "quantity": -line.quantity,
            "reason": "sale" if line.quantity > 0 else "return",
            "sale_id": basket.id,
            "lot": line.lot,
            "at": now,
        }
        for line in basket.lines
        if line.keeps_stock
    ]


def _cash_in(basket: Basket, settlement: Settlement) -> int:
    """What the drawer holds more of afterwards: everything given in cash, less the change."""
    return sum(t.given_minor for t in _cash_tenders(basket)) - settlement.change


def _cash_tenders(basket: Basket) -> list[Tender]:
    return [t for t in basket.tenders if t.kind is TenderKind.CASH]


def _drawer_row(basket: Basket, actor: Actor, now: dt.datetime, cash_minor: int) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "till": basket.till,
        "kind": "sale",
        "amount_minor": cash_minor,
        "currency": basket.rules.currency.code,
        "sale_id": basket.id,
        "actor": actor.id,
        "reason": "",
        "at": now,
    }
