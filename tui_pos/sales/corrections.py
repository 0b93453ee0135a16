"""Correcting the open basket before anything is paid: quantities, prices, discounts, voids.

Each act leaves a row and a journal entry that say by how much the sale's amount changed, and who changed it.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.money.discount import Discount, encode_discount
from tui_pos.people.actor import Actor
from tui_pos.sales.basket import (
    UPDATE_QUANTITY,
    SaleError,
    change_row,
    check_open,
    check_quantity,
    checked,
    checked_price,
    repriced,
    with_line,
)
from tui_pos.sales.models import Correction, OpenLine, OpenSale
from tui_pos.sales.view import Basket, Line
from tui_pos.storage.ids import new_id
from tui_pos.storage.lock import one_at_a_time

MAX_REASON_LENGTH = 200


def _sold_line(basket: Basket, line_id: UUID) -> Line:
    """The line, to be changed. Goods that are given back come back as they were sold: Delete and anew."""
    line = basket.line(line_id)
    if line.returns_sale_id is not None:
        raise SaleError(
            _("{name} goes back as it was sold. Delete takes it out, {key} returns it anew.").format(
                name=line.name, key="/return"
            )
        )
    return line


def set_quantity(
    session: Session, basket: Basket, line_id: UUID, quantity: Decimal, actor: Actor, now: dt.datetime
) -> Basket:
    """Sell this many of a line. Fewer than before is kept as a correction. Zero is refused: that is a void."""
    check_open(basket)
    line = _sold_line(basket, line_id)
    check_quantity(line.name, line.unit, quantity)
    if line.fixed_amount_minor is not None:
        raise SaleError(_("The label of {name} holds its price: scan each pack.").format(name=line.name))
    changed = repriced(line, quantity=quantity)
    grown = checked(with_line(basket, changed))
    change_row(session, UPDATE_QUANTITY, {"line": line_id, "new_quantity": quantity})
    if quantity < line.quantity:
        record_correction(
            session, grown, basket, actor, now, "quantity", f"{line.sku} {line.quantity:f} > {quantity:f}"
        )
    return grown


def change_price(
    session: Session, basket: Basket, line_id: UUID, unit_price_minor: int, actor: Actor, now: dt.datetime
) -> Basket:
    """Sell a line at another price per unit; the catalogue's price is kept beside it."""
    check_open(basket)
    line = _sold_line(basket, line_id)
    changed = replace(
        repriced(line, unit_price_minor=checked_price(unit_price_minor), fixed_amount_minor=None),
        list_price_minor=line.unit_price_minor if line.list_price_minor is None else line.list_price_minor,
    )
    grown = checked(with_line(basket, changed))
    change_row(
        session,
        update(OpenLine)
        .where(OpenLine.id == line_id)
        .values(
            unit_price_minor=unit_price_minor,
            list_price_minor=changed.list_price_minor,
            fixed_amount_minor=None,
        ),
    )
    record_correction(
        session,
        grown,
        basket,
        actor,
        now,
        "price",
        f"{line.sku} {line.unit_price_minor} > {unit_price_minor}",
    )
    return grown


def discount_line(
    session: Session, basket: Basket, line_id: UUID, discount: Discount | None, actor: Actor, now: dt.datetime
) -> Basket:
    """Take something off one line; None takes the discount back."""
    check_open(basket)
    line = _sold_line(basket, line_id)
    changed = repriced(line, discount=discount)
    grown = with_line(basket, changed)
    written = encode_discount(discount)
    change_row(session, update(OpenLine).where(OpenLine.id == line_id).values(discount=written))
    record_correction(session, grown, basket, actor, now, "discount", f"{line.sku} {written}")
    return grown


def discount_sale(
    session: Session,
    basket: Basket,
    discount: Discount | None,
    actor: Actor,
    now: dt.datetime,
    reason: str = "",
) -> Basket:
    """Take something off the whole sale; None takes the discount back."""
    check_open(basket)
    if all(line.returns_sale_id for line in basket.lines):
        raise SaleError(_("There is nothing to discount yet."))
    reason = reason[:MAX_REASON_LENGTH]
    grown = replace(basket, discount=discount, discount_reason=reason)
    written = encode_discount(discount)
    row = update(OpenSale).where(OpenSale.id == basket.id)
    change_row(session, row.values(discount=written, discount_reason=reason))
    record_correction(session, grown, basket, actor, now, "discount", written, reason)
    return grown


def void_line(
    session: Session, basket: Basket, line_id: UUID, actor: Actor, now: dt.datetime, reason: str = ""
) -> Basket:
    """Take a line out of the sale. With its last line the sale itself ends: the next customer starts a new one."""
    check_open(basket)
    line = basket.line(line_id)
    left = tuple(other for other in basket.lines if other.id != line_id)
    change_row(session, delete(OpenLine).where(OpenLine.id == line_id))
    if left:
        shrunk = replace(basket, lines=left)
    else:
        change_row(session, delete(OpenSale).where(OpenSale.id == basket.id))
        shrunk = replace(basket, stored=False, lines=(), discount=None, discount_reason="", age_confirmed=0)
    detail = f"{line.sku} {line.quantity:f} {line.name}"
    record_correction(session, shrunk, basket, actor, now, "void_line", detail, reason)
    return shrunk


def void_sale(session: Session, basket: Basket, actor: Actor, now: dt.datetime, reason: str) -> None:
    """Give the whole sale up. Raises SaleError while a tender stands: money is given back first."""
    check_open(basket)
    if not basket.lines:
        raise SaleError(_("There is no sale to void."))
    change_row(session, delete(OpenSale).where(OpenSale.id == basket.id))
    detail = "; ".join(f"{line.sku} {line.quantity:f}" for line in basket.lines)
    record_correction(session, None, basket, actor, now, "void_sale", detail, reason)


def record_correction(
    session: Session,
    after: Basket | None,
    before: Basket,
    actor: Actor,
    now: dt.datetime,
    kind: str,
    detail: str,
    reason: str = "",
    amount_minor: int | None = None,
) -> None:
    """Keep what was changed, by whom, and by how much the sale's total moved: as a row and in the journal.

    `amount_minor` is given where it is not the total that moved.
    """
    if amount_minor is None:
        amount_minor = (after.total_minor if after else 0) - before.total_minor
    one_at_a_time(session, before.till)
    row = {
        "id": new_id(now),
        "till": before.till,
        "entry": chain.head(session, before.till, chain.EVENTS).seq + 1,
        "sale_id": before.id,
        "at": now,
        "actor": actor.id,
        "kind": kind,
        "detail": detail,
        "amount_minor": amount_minor,
        "reason": reason[:MAX_REASON_LENGTH],
    }
    session.execute(insert(Correction).values(row))
    chain.append(
        session,
        till=before.till,
        stream=chain.EVENTS,
        event=kind,
        actor=actor.id,
        now=now,
        data={},
        rows={Correction: [row]},
    )
