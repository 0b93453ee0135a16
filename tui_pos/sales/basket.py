"""Filling the open basket: one function a cashier's act, in the caller's transaction, and a new frozen basket back.

The database holds the same lines at every commit, so that a killed program finds its sale again. Functions that do
not change a line leave it the same object, so that the counter redraws only what is new.
"""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Executable, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tui_pos.catalogue.products import Article
from tui_pos.i18n import _
from tui_pos.money.discount import decode_discount, encode_discount
from tui_pos.money.rounding import divide_half_up
from tui_pos.money.tax import TaxKind, TaxRate
from tui_pos.people.actor import Actor
from tui_pos.sales.models import OpenLine, OpenSale, OpenTender
from tui_pos.sales.shop import PriceRules, Shop
from tui_pos.sales.view import Basket, Line, Tender, TenderKind, TenderState, price_of
from tui_pos.storage.ids import new_id

MAX_LINES = 2000
MAX_AMOUNT_MINOR = 10**12
ONE = Decimal(1)

_INSERT_LINE = insert(OpenLine.__table__)  # type: ignore[arg-type]
UPDATE_QUANTITY = (
    update(OpenLine.__table__)  # type: ignore[arg-type]
    .where(OpenLine.__table__.c.id == bindparam("line"))
    .values(quantity=bindparam("new_quantity"))
)


class SaleError(Exception):
    """An act that the rules of selling refuse. The text is for the cashier; nothing was changed."""


class SaleGone(SaleError):
    """The open sale is no longer there as it is shown: it was completed, voided or changed elsewhere."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or _("This sale is no longer open: it was completed or voided already."))


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a scanned code says of this one pack, beyond which product it is.

    `code` is the whole of it, as it was scanned. `list_price_minor` is the shop's price per unit where the label asks
    another one.
    """

    code: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: dt.date | None = None
    supplement: str = ""
    label_price_minor: int | None = None
    list_price_minor: int | None = None
    percent_off: Decimal | None = None


NOTHING_MORE = Particulars()


def new_basket(shop: Shop, actor: Actor, now: dt.datetime, *, training: bool = False) -> Basket:
    """An empty basket. It has no row until its first line."""
    return Basket(
        id=new_id(now),
        till=shop.till,
        rules=shop.rules,
        opened_at=now,
        opened_by=actor.id,
        training=training,
    )


def load_basket(
    session: Session, shop: Shop, actor: Actor, now: dt.datetime, *, training: bool = False
) -> Basket:
    """The sale that is open at this till, as it was left; a new one where there is none."""
    found = session.scalars(
        select(OpenSale)
        .where(OpenSale.till == shop.till, OpenSale.held_as.is_(None), OpenSale.training.is_(training))
        .order_by(OpenSale.id)
    ).first()
    if found:
        return read_basket(session, found, shop.rules)
    return new_basket(shop, actor, now, training=training)


def read_basket(session: Session, row: OpenSale, rules: PriceRules) -> Basket:
    """A stored open sale as a value."""
    lines = session.scalars(select(OpenLine).where(OpenLine.sale_id == row.id).order_by(OpenLine.position))
    tenders = session.scalars(
        select(OpenTender).where(OpenTender.sale_id == row.id).order_by(OpenTender.position)
    )
    return Basket(
        id=row.id,
        till=row.till,
        rules=rules,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        stored=True,
        lines=tuple(_line_of(line) for line in lines),
        discount=decode_discount(row.discount),
        discount_reason=row.discount_reason,
        age_confirmed=row.age_confirmed,
        tenders=tuple(_tender_of(tender) for tender in tenders),
        held_as=row.held_as,
        customer_text=row.customer_text,
        training=row.training,
    )


def _line_of(row: OpenLine) -> Line:
    tax = TaxRate(row.tax_class, TaxKind(row.tax_kind), row.tax_percent)
    discount = decode_discount(row.discount)
    return Line(
        id=row.id,
        position=row.position,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        unit=row.unit,
        department=row.department,
        keeps_stock=row.keeps_stock,
        quantity=row.quantity,
        unit_price_minor=row.unit_price_minor,
        tax=tax,
        priced=price_of(
            row.quantity, row.unit_price_minor, discount, tax, row.fixed_amount_minor, row.fixed_tax_minor
        ),
        list_price_minor=row.list_price_minor,
        discount=discount,
        fixed_amount_minor=row.fixed_amount_minor,
        fixed_tax_minor=row.fixed_tax_minor,
        code=row.code,
        lot=row.lot,
        serial=row.serial,
        expires_on=row.expires_on,
        supplement=row.supplement,
        returns_sale_id=row.returns_sale_id,
        returns_position=row.returns_position,
    )


def _tender_of(row: OpenTender) -> Tender:
    return Tender(
        id=row.id,
        kind=TenderKind(row.kind),
        state=TenderState(row.state),
        amount_minor=row.amount_minor,
        given_minor=row.given_minor,
        entered_by_hand=row.entered_by_hand,
        authorisation=row.authorisation,
        last_four=row.last_four,
    )


def add_article(
    session: Session,
    basket: Basket,
    article: Article,
    now: dt.datetime,
    *,
    quantity: Decimal = ONE,
    price_minor: int | None = None,
    particulars: Particulars = NOTHING_MORE,
) -> Basket:
    """Sell `quantity` (in the article's unit) more of an article.

    `price_minor` is the price per unit where it is asked at the till. A piece that is the same in everything as the
    last line raises that line's quantity. Raises SaleError for an article that is not sold, lacks a price, or would
    take the sale past a limit.
    """
    check_open(basket)
    if not article.active:
        raise SaleError(_("{name} is no longer sold. Nothing was added.").format(name=article.name))
    check_quantity(article.name, article.unit, quantity)
    price = _unit_price(article, quantity, price_minor, particulars)
    line = Line(
        id=new_id(now),
        position=basket.lines[-1].position + 1 if basket.lines else 1,
        product_id=article.id,
        sku=article.sku,
        name=article.name,
        unit=str(article.unit),
        department=article.department,
        keeps_stock=article.keeps_stock,
        quantity=quantity,
        unit_price_minor=price,
        tax=article.tax,
        priced=price_of(quantity, price, None, article.tax, particulars.label_price_minor),
        list_price_minor=particulars.list_price_minor,
        fixed_amount_minor=particulars.label_price_minor,
        code=particulars.code,
        lot=particulars.lot,
        serial=particulars.serial,
        expires_on=particulars.expires_on,
        supplement=particulars.supplement,
    )
    if basket.lines and particulars.percent_off is None and _is_one_more(basket.lines[-1], line):
        return _raise_last(session, basket, quantity)
    return append_line(session, basket, line)


def check_quantity(name: str, unit: str, quantity: Decimal) -> None:
    """Raises SaleError for nothing, for less than nothing, and for a part of a piece."""
    if quantity <= 0:
        raise SaleError(_("The quantity must be more than nothing: Delete voids the line."))
    if unit == "piece" and quantity != quantity.to_integral_value():
        raise SaleError(_("{name} is sold by the piece: give a whole number.").format(name=name))


def _unit_price(
    article: Article, quantity: Decimal, typed_minor: int | None, particulars: Particulars
) -> int:
    """What one unit costs: as typed, by the catalogue, or what the label's price comes to."""
    price = article.price_minor if typed_minor is None else typed_minor
    label_minor = particulars.label_price_minor
    if label_minor is not None and (price is None or particulars.list_price_minor is not None):
        numerator, denominator = quantity.as_integer_ratio()
        price = divide_half_up(label_minor * denominator, numerator)
    if price is None:
        raise SaleError(_("{name} has no price: type one.").format(name=article.name))
    return checked_price(price)


def checked_price(price_minor: int) -> int:
    """The same price. Raises SaleError for one that would hand money out, or that no column holds."""
    if not 0 <= price_minor <= MAX_AMOUNT_MINOR:
        raise SaleError(
            _("That is no price: it must be nought or more, and not beyond what a till can hold.")
        )
    return price_minor


def check_open(basket: Basket) -> None:
    """Raises SaleError once money was taken: the goods stand then."""
    if basket.tenders:
        raise SaleError(_("Money was taken already: finish this sale, or take the tender back first."))


def _is_one_more(last: Line, new: Line) -> bool:
    """Whether the new line may be counted onto the last one: whole pieces, nothing particular on either."""
    return (
        last.product_id == new.product_id
        and last.unit == "piece"
        and last.unit_price_minor == new.unit_price_minor
        and last.tax == new.tax
        and last.discount is None
        and last.list_price_minor is None
        and last.fixed_amount_minor is None
        and new.fixed_amount_minor is None
        and _pack_of(last) == _pack_of(new)
        and not new.serial
        and last.quantity > 0
        and new.quantity > 0
    )


def _pack_of(line: Line) -> tuple[object, ...]:
    return line.lot, line.serial, line.expires_on, line.supplement


def _raise_last(session: Session, basket: Basket, by: Decimal) -> Basket:
    last = basket.lines[-1]
    raised = repriced(last, quantity=last.quantity + by)
    changed = checked(replace(basket, lines=(*basket.lines[:-1], raised)))
    change_row(session, UPDATE_QUANTITY, {"line": last.id, "new_quantity": raised.quantity})
    return changed


def append_line(session: Session, basket: Basket, line: Line) -> Basket:
    """Put one more line at the end. Raises SaleError where it would take the sale past a limit."""
    if len(basket.lines) >= MAX_LINES:
        raise SaleError(
            _("A sale holds {limit} lines at most: finish this one first.").format(limit=MAX_LINES)
        )
    grown = checked(replace(basket, stored=True, lines=(*basket.lines, line)))
    if not basket.stored:
        _store_sale(session, basket)
    add_row(session, _INSERT_LINE, _row_of(basket.id, line))
    return grown


def add_row(session: Session, statement: Executable, row: dict[str, Any]) -> None:
    """Insert a row of the open sale. Raises SaleGone where that sale is no longer there."""
    try:
        session.connection().execute(statement, row)
    except IntegrityError as error:
        raise SaleGone from error


def change_row(session: Session, statement: Executable, values: dict[str, Any] | None = None) -> None:
    """Update or delete one row of the open sale. Raises SaleGone where it is no longer there."""
    done = session.connection().execute(statement, values)
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise SaleGone


def take_out(session: Session, basket: Basket, line_id: UUID, quantity: Decimal) -> Basket:
    """Undo what a scan added, since a better code of the same pack follows: this is no correction by a person."""
    line = basket.line(line_id)
    if quantity < line.quantity:
        lowered = repriced(line, quantity=line.quantity - quantity)
        change_row(session, UPDATE_QUANTITY, {"line": line_id, "new_quantity": lowered.quantity})
        return with_line(basket, lowered)
    change_row(session, delete(OpenLine).where(OpenLine.id == line_id))
    return replace(basket, lines=tuple(other for other in basket.lines if other.id != line_id))


def checked(basket: Basket) -> Basket:
    """The same basket. Raises SaleError if it has become too large."""
    if abs(basket.total_minor) > MAX_AMOUNT_MINOR:
        raise SaleError(_("The sale would become larger than this till can hold. Nothing was changed."))
    return basket


def _store_sale(session: Session, basket: Basket) -> None:
    session.execute(
        insert(OpenSale).values(
            id=basket.id,
            till=basket.till,
            opened_at=basket.opened_at,
            opened_by=basket.opened_by,
            training=basket.training,
            discount=encode_discount(basket.discount),
            discount_reason=basket.discount_reason,
            age_confirmed=basket.age_confirmed,
            customer_text=basket.customer_text,
        )
    )


def _row_of(sale_id: UUID, line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "sale_id": sale_id,
        "position": line.position,
        "keeps_stock": line.keeps_stock,
        "fixed_amount_minor": line.fixed_amount_minor,
        "fixed_tax_minor": line.fixed_tax_minor,
        **line_columns(line),
    }


def line_columns(line: Line) -> dict[str, Any]:
    """The columns that an open line and a sold line share."""
    return {
        "product_id": line.product_id,
        "sku": line.sku,
        "name": line.name,
        "unit": line.unit,
        "department": line.department,
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price_minor,
        "list_price_minor": line.list_price_minor,
        "discount": encode_discount(line.discount),
        "tax_class": line.tax.tax_class,
        "tax_kind": str(line.tax.kind),
        "tax_percent": line.tax.percent,
        "code": line.code,
        "lot": line.lot,
        "serial": line.serial,
        "expires_on": line.expires_on,
        "supplement": line.supplement,
        "returns_sale_id": line.returns_sale_id,
        "returns_position": line.returns_position,
    }


def confirm_age(session: Session, basket: Basket, years: int) -> Basket:
    """Note that the customer was seen to be old enough: nobody asks twice in one sale."""
    if basket.stored:
        change_row(session, update(OpenSale).where(OpenSale.id == basket.id).values(age_confirmed=years))
    return replace(basket, age_confirmed=years)


def with_line(basket: Basket, changed: Line) -> Basket:
    """The basket with this line in the place of the one that has its id."""
    return replace(basket, lines=tuple(changed if line.id == changed.id else line for line in basket.lines))


def repriced(line: Line, **changes: Any) -> Line:
    """The line with these fields changed, and what it costs then."""
    changed = replace(line, **changes)
    priced = price_of(
        changed.quantity,
        changed.unit_price_minor,
        changed.discount,
        changed.tax,
        changed.fixed_amount_minor,
        changed.fixed_tax_minor,
    )
    return replace(changed, priced=priced)
