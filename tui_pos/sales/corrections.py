"""Correcting the open basket before anything is paid: quantities, prices, discounts, voids.

Each act leaves a row and a journal entry that say by how much the sale's amount changed, and who changed it.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.money.discount import AmountOff, Discount, encode_discount
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
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
from tui_pos.sales.view import Basket, Line, price_of
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
    line = _sold_line(basket, line_id)
    actor.require(Permission.VOID_LINE if quantity < line.quantity else Permission.SELL)
    check_open(basket)
    check_quantity(line.name, line.unit, quantity)
    if line.fixed_amount_minor is not None:
        raise SaleError(_("The label of {name} holds its price: scan each pack.").format(name=line.name))
    changed = repriced(line, quantity=quantity)
    grown = checked(with_line(basket, changed))
    _check_discounts(actor, grown, basket)
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
    actor.require(Permission.PRICE_CHANGE)
    check_open(basket)
    line = _sold_line(basket, line_id)
    listed = line.unit_price_minor if line.list_price_minor is None else line.list_price_minor
    changed = replace(
        repriced(line, unit_price_minor=checked_price(unit_price_minor), fixed_amount_minor=None),
        list_price_minor=listed,
    )
    grown = checked(with_line(basket, changed))
    actor.require_off(Permission.PRICE_CHANGE, abs(unit_price_minor - listed), listed)
    _check_discounts(actor, grown, basket)
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
    session: Session,
    basket: Basket,
    line_id: UUID,
    discount: Discount | None,
    actor: Actor,
    now: dt.datetime,
    reason: str = "",
) -> Basket:
    """Take something off one line; None takes the discount back."""
    actor.require(Permission.DISCOUNT)
    check_open(basket)
    line = _sold_line(basket, line_id)
    _check_worth(discount, line.priced.list_minor)
    changed = repriced(line, discount=discount)
    grown = with_line(basket, changed)
    _check_discounts(actor, grown, basket)
    written = encode_discount(discount)
    change_row(session, update(OpenLine).where(OpenLine.id == line_id).values(discount=written))
    record_correction(session, grown, basket, actor, now, "discount", f"{line.sku} {written}", reason)
    return grown


def _check_worth(discount: Discount | None, worth_minor: int) -> None:
    """A discount of more than there is to pay is a slip of the finger (-50 for -.50), not a present."""
    if isinstance(discount, AmountOff) and discount.minor > worth_minor:
        raise SaleError(_("That is more than there is to pay. Nothing was changed; -100% gives it away."))


def discount_sale(
    session: Session,
    basket: Basket,
    discount: Discount | None,
    actor: Actor,
    now: dt.datetime,
    reason: str = "",
) -> Basket:
    """Take something off the whole sale; None takes the discount back."""
    actor.require(Permission.DISCOUNT)
    check_open(basket)
    if all(line.returns_sale_id for line in basket.lines):
        raise SaleError(_("There is nothing to discount yet."))
    _check_worth(discount, sum(max(0, line.priced.amount_minor) for line in basket.lines))
    reason = hide_card_numbers(reason)[:MAX_REASON_LENGTH]
    grown = replace(basket, discount=discount, discount_reason=reason)
    _check_discounts(actor, grown, basket)
    written = encode_discount(discount)
    row = update(OpenSale).where(OpenSale.id == basket.id)
    change_row(session, row.values(discount=written, discount_reason=reason))
    record_correction(session, grown, basket, actor, now, "discount", written, reason)
    return grown


def void_line(
    session: Session, basket: Basket, line_id: UUID, actor: Actor, now: dt.datetime, reason: str = ""
) -> Basket:
    """Take a line out of the sale. With its last line the sale itself ends: the next customer starts a new one."""
    actor.require(Permission.VOID_LINE)
    check_open(basket)
    line = basket.line(line_id)
    left = tuple(other for other in basket.lines if other.id != line_id)
    change_row(session, delete(OpenLine).where(OpenLine.id == line_id))
    if left:
        shrunk = replace(basket, lines=left)
        _check_discounts(actor, shrunk, basket)
    else:
        change_row(session, delete(OpenSale).where(OpenSale.id == basket.id))
        shrunk = replace(basket, stored=False, lines=(), discount=None, discount_reason="", age_confirmed=0)
    detail = f"{line.sku} {line.quantity:f} {line.name}"
    record_correction(session, shrunk, basket, actor, now, "void_line", detail, reason)
    return shrunk


def void_sale(session: Session, basket: Basket, actor: Actor, now: dt.datetime, reason: str) -> None:
    """Give the whole sale up. Raises SaleError while a tender stands: money is given back first."""
    actor.require(Permission.VOID_SALE)
    check_open(basket)
    if not basket.lines:
        raise SaleError(_("There is no sale to void."))
    change_row(session, delete(OpenSale).where(OpenSale.id == basket.id))
    detail = "; ".join(f"{line.sku} {line.quantity:f}" for line in basket.lines)
    record_correction(session, None, basket, actor, now, "void_sale", detail, reason)


def _check_discounts(actor: Actor, after: Basket, before: Basket) -> None:
    """No discount takes a line further below its catalogue price than the role allows, whatever it is made of.

    What stood before may stay, since somebody allowed it or a label said so; but voiding goods must not turn a small
    discount on the whole sale into a large one on the rest.
    """
    stood = _reductions(before)
    for line_id, (off_minor, listed_minor) in _reductions(after).items():
        off_before, listed_before = stood.get(line_id, (0, 1))
        grew = (
            off_minor * listed_before > off_before * listed_minor + listed_before
        )  # by more than a rounding
        if grew or (off_minor > 0 and off_before <= 0):
            actor.require_off(Permission.DISCOUNT, off_minor, listed_minor)


def _reductions(basket: Basket) -> dict[UUID, tuple[int, int]]:
    """Of each sold line with a discount: how much is off in all, and what it costs by the catalogue."""
    if basket.discount is None and all(line.discount is None for line in basket.lines):
        return {}
    found = {}
    for line, share in zip(basket.lines, basket.shares(), strict=True):
        if line.returns_sale_id is not None or (basket.discount is None and line.discount is None):
            continue
        listed = line.priced.list_minor
        if line.list_price_minor is not None:
            listed = price_of(line.quantity, line.list_price_minor, None, line.tax).list_minor
        found[line.id] = (listed - share.amount_minor, listed)
    return found


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
    said = {
        "kind": kind,
        "detail": detail,
        "amount_minor": amount_minor,
        "reason": hide_card_numbers(reason)[:MAX_REASON_LENGTH],
    }
    if before.training:  # what is only practised is in the journal, and in no count
        chain.append(
            session,
            till=before.till,
            stream=chain.TRAINING,
            event=kind,
            actor=actor.id,
            now=now,
            data={"sale": str(before.id), **said},
        )
        return
    one_at_a_time(session, before.till)
    row = {
        "id": new_id(now),
        "till": before.till,
        "entry": chain.head(session, before.till, chain.EVENTS).seq + 1,
        "sale_id": before.id,
        "at": now,
        "actor": actor.id,
        **said,
    }
    session.execute(insert(Correction).values(row))
    chain.append(
        session,
        till=before.till,
        stream=chain.EVENTS,
        event=kind,
        actor=actor.id,
        now=now,
        data=actor.approval(),
        rows={Correction: [row]},
    )
