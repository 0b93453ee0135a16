"""Taking goods back: which of a receipt's lines can still be returned, and for how much.

What is given back stands in the open basket as a negative line that names the sale and the line that it undoes; it
is worth what was paid then, with the tax of then. A sold line stands in a basket once at most: returning more of it
raises that line. How much came back before is only known for sure when the sale is completed, so it is checked there.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tui_pos.catalogue.models import Product
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_quantity
from tui_pos.journal import chain
from tui_pos.money.returning import NOTHING, Portion, part_of
from tui_pos.money.rounding import divide_half_up
from tui_pos.money.tax import TaxKind, TaxRate
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import (
    SaleError,
    append_line,
    change_row,
    check_open,
    checked,
    repriced,
    with_line,
)
from tui_pos.sales.models import OpenLine, Sale, SaleLine
from tui_pos.sales.receipt import read_label, receipt_label
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Basket, Line, price_of
from tui_pos.storage.ids import new_id

Returned = Mapping[int, Portion]
"""What came back of a sale already, by the position of its line."""


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """A sold line: `left` is what neither came back nor stands in the open basket, `left_minor` what that is worth."""

    position: int
    product_id: int
    name: str
    unit: str
    code: str
    lot: str
    serial: str
    sold: Decimal
    left: Decimal
    left_minor: int


@dataclass(frozen=True, slots=True)
class SoldReceipt:
    """A completed sale, as the cashier sees it who takes goods back."""

    sale_id: UUID
    label: str
    sold_at: dt.datetime
    lines: tuple[ReturnableLine, ...]

    def line(self, position: int) -> ReturnableLine:
        """The line at this position. Raises KeyError."""
        for line in self.lines:
            if line.position == position:
                return line
        raise KeyError(position)


def find_sale(session: Session, shop: Shop, text: str) -> UUID | None:
    """The sale that a receipt's number, typed or scanned, names; None if there is none in these books."""
    named = read_label(text, shop.till)
    if named is None:
        return None
    return session.scalar(select(Sale.id).where(Sale.till == named[0], Sale.number == named[1]))


def read_sold(session: Session, basket: Basket, sale_id: UUID) -> SoldReceipt:
    """What was sold, and what of it can still be returned. Raises SaleError for a sale in another currency."""
    sale = session.get_one(Sale, sale_id)
    label = receipt_label(sale.till, sale.number)
    if sale.currency != basket.rules.currency.code:
        raise SaleError(
            _("Receipt {label} is in {currency}: this till cannot give that back.").format(
                label=label, currency=sale.currency
            )
        )
    returned = _returned(session, sale_id)
    in_basket = {line.returns_position: line for line in basket.lines if line.returns_sale_id == sale_id}
    lines = []
    for row in _sold_rows(session, sale_id):
        gone = returned.get(row.position, NOTHING)
        left = row.quantity - gone.quantity
        worth = part_of(_portion(row), gone, left) if left else NOTHING
        amount = _stated(sale, basket, worth)
        line = in_basket.get(row.position)
        if line is not None:
            left += line.quantity
            amount += line.priced.amount_minor
        lines.append(
            ReturnableLine(
                row.position,
                row.product_id,
                row.name,
                row.unit,
                row.code,
                row.lot,
                row.serial,
                row.quantity,
                left,
                amount,
            )
        )
    return SoldReceipt(sale_id, label, sale.completed_at, tuple(lines))


def return_goods(
    session: Session,
    basket: Basket,
    shop: Shop,
    sale_id: UUID,
    quantities: Mapping[int, Decimal],
    actor: Actor,
    now: dt.datetime,
) -> Basket:
    """Take goods back into the basket: `quantities` of a sale's lines by their positions, each more than nothing.

    Raises SaleError where more would come back than was sold, and for a part of a piece.
    """
    actor.require(Permission.RETURN)
    if actor.approved_by:
        data = {"sale": str(basket.id), "of": str(sale_id), **actor.approval()}
        chain.append(
            session, till=shop.till, stream=chain.EVENTS, event="return", actor=actor.id, now=now, data=data
        )
    check_open(basket)
    sale = session.get_one(Sale, sale_id)
    returned = _returned(session, sale_id)
    standing = {line.returns_position: line for line in basket.lines if line.returns_sale_id == sale_id}
    sold = {row.position: row for row in _sold_rows(session, sale_id)}
    for position, quantity in sorted(quantities.items()):
        row = sold[position]
        line = standing.get(position)
        before = -line.quantity if line else Decimal(0)
        gone = returned.get(position, NOTHING)
        _check_quantity(row, quantity, row.quantity - gone.quantity - before, shop.locale)
        part = part_of(_portion(row), gone, before + quantity)
        if line is None:
            basket = append_line(session, basket, _new_line(session, basket, sale, row, part, now))
        else:
            basket = _raise_line(session, basket, line, part.quantity, _stated(sale, basket, part), part)
    return basket


def _check_quantity(row: SaleLine, quantity: Decimal, left: Decimal, locale: str) -> None:
    if row.unit == "piece" and quantity != quantity.to_integral_value():
        raise SaleError(_("{name} is sold by the piece: give a whole number.").format(name=row.name))
    if left <= 0:
        raise SaleError(_("{name}: everything was returned already.").format(name=row.name))
    if quantity <= 0:
        raise SaleError(_("Give a quantity of more than nothing."))
    if quantity > left:
        raise SaleError(
            _("{name}: at most {left} can be returned.").format(
                name=row.name, left=format_quantity(left, row.unit, locale)
            )
        )


def _new_line(
    session: Session, basket: Basket, sale: Sale, row: SaleLine, part: Portion, now: dt.datetime
) -> Line:
    amount = _stated(sale, basket, part)
    tax = TaxRate(row.tax_class, TaxKind(row.tax_kind), row.tax_percent)
    each = _each(amount, part.quantity)
    keeps_stock = session.scalar(select(Product.keeps_stock).where(Product.id == row.product_id))
    return Line(
        id=new_id(now),
        position=basket.lines[-1].position + 1 if basket.lines else 1,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        unit=row.unit,
        department=row.department,
        keeps_stock=bool(keeps_stock),
        quantity=-part.quantity,
        unit_price_minor=each,
        tax=tax,
        priced=price_of(-part.quantity, each, None, tax, amount, part.tax_minor),
        fixed_amount_minor=amount,
        fixed_tax_minor=part.tax_minor,
        code=row.code,
        lot=row.lot,
        serial=row.serial,
        expires_on=row.expires_on,
        supplement=row.supplement,
        returns_sale_id=row.sale_id,
        returns_position=row.position,
    )


def _raise_line(
    session: Session, basket: Basket, line: Line, quantity: Decimal, amount_minor: int, part: Portion
) -> Basket:
    values = {
        "quantity": -quantity,
        "unit_price_minor": _each(amount_minor, quantity),
        "fixed_amount_minor": amount_minor,
        "fixed_tax_minor": part.tax_minor,
    }
    grown = checked(with_line(basket, repriced(line, **values)))
    change_row(session, update(OpenLine).where(OpenLine.id == line.id).values(**values))
    return grown


def _each(amount_minor: int, quantity: Decimal) -> int:
    """What was paid for one on average: for the eye, since the amount is fixed."""
    numerator, denominator = quantity.as_integer_ratio()
    return divide_half_up(amount_minor * denominator, numerator)


def check_returns(session: Session, basket: Basket) -> dict[UUID, str]:
    """Inside the completing transaction: nothing comes back twice, and everything for what it is worth now.

    Locks the sales that goods come back from, so that of two tills the second one sees what the first gave. Returns
    the labels of their receipts. Raises SaleError naming the line that no longer holds.
    """
    wanted = sorted({line.returns_sale_id for line in basket.lines if line.returns_sale_id is not None})
    labels = {}
    for sale_id in wanted:
        sale = session.scalars(select(Sale).where(Sale.id == sale_id).with_for_update()).one()
        labels[sale_id] = receipt_label(sale.till, sale.number)
        returned = _returned(session, sale_id)
        sold = {row.position: row for row in _sold_rows(session, sale_id)}
        for line in basket.lines:
            if line.returns_sale_id == sale_id and line.returns_position is not None:
                row = sold[line.returns_position]
                _check_line(sale, basket, line, row, returned.get(row.position, NOTHING), labels[sale_id])
    return labels


def _check_line(sale: Sale, basket: Basket, line: Line, row: SaleLine, gone: Portion, label: str) -> None:
    quantity = -line.quantity
    if quantity <= row.quantity - gone.quantity:
        part = part_of(_portion(row), gone, quantity)
        if (line.fixed_amount_minor, line.fixed_tax_minor) == (_stated(sale, basket, part), part.tax_minor):
            return
    raise SaleError(
        _(
            "Something of receipt {label} was returned meanwhile. Take {name} out, and return what is still left."
        ).format(label=label, name=line.name)
    )


def _sold_rows(session: Session, sale_id: UUID) -> Sequence[SaleLine]:
    """The lines of a sale that went out, not those that it took back itself."""
    return session.scalars(
        select(SaleLine)
        .where(SaleLine.sale_id == sale_id, SaleLine.returns_sale_id.is_(None), SaleLine.quantity > 0)
        .order_by(SaleLine.position)
    ).all()


def _returned(session: Session, sale_id: UUID) -> Returned:
    """What completed sales took back of this one, as its own prices were stated."""
    rows = session.execute(
        select(
            SaleLine.returns_position,
            func.sum(SaleLine.quantity),
            func.sum(SaleLine.net_minor),
            func.sum(SaleLine.tax_minor),
        )
        .where(SaleLine.returns_sale_id == sale_id)
        .group_by(SaleLine.returns_position)
    ).all()
    includes_tax = session.scalar(select(Sale.prices_include_tax).where(Sale.id == sale_id))
    return {
        position: Portion(-quantity, -int(net + tax if includes_tax else net), -int(tax))
        for position, quantity, net, tax in rows
        if position is not None
    }


def _portion(row: SaleLine) -> Portion:
    return Portion(row.quantity, row.amount_minor, row.tax_minor)


def _stated(sale: Sale, basket: Basket, part: Portion) -> int:
    """The part's amount as prices are stated now: the shop may have changed from net to gross since."""
    if sale.prices_include_tax == basket.rules.prices_include_tax:
        return part.amount_minor
    if sale.prices_include_tax:
        return part.amount_minor - part.tax_minor
    return part.amount_minor + part.tax_minor
