"""From a scanned or typed code to a line: what the code says, which product that is, and whether it may be sold."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from hardware.scanner.symbols import Reason, Symbol, UnreadableSymbol, WrongCheckDigit, read_symbol, same_pack
from tui_pos.catalogue.card_numbers import hide_card_numbers, holds_card_number
from tui_pos.catalogue.products import Article, Unit, find_by_code
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date
from tui_pos.journal import chain
from tui_pos.money.currency import Currency
from tui_pos.money.discount import BadDiscount, PercentOff
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import ONE, Particulars, add_article, take_out
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Basket

SWEEP_S = 1.0
"""Two different symbols of one product within this time are the linear and the 2D code of one pack."""

_MILLIONTH = Decimal("0.000001")  # the finest quantity that the books hold
_THOUSANDTH = Decimal("0.001")  # what scales show


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code, and when the scanner sent it: two sightings of one pack are told by the time between them.

    None for a code that a person typed: every one is meant by itself.
    """

    data: str
    at_monotonic_s: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The last scan that sold something: what is needed to know its pack again."""

    symbol: Symbol
    at_monotonic_s: float
    line_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Wanted:
    """A code that named an article which may be sold, with everything known for its line.

    `needs_measure`: it is sold by weight, volume or length, and nothing said how much; `quantity` is then 1.
    """

    article: Article
    quantity: Decimal
    particulars: Particulars
    symbol: Symbol | None
    warning: str = ""
    needs_measure: bool = False

    @property
    def needs_price(self) -> bool:
        """Whether the cashier must type the price."""
        return self.article.price_minor is None and self.particulars.label_price_minor is None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code that names nothing in the catalogue."""

    code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A code that must not be sold; the reason is for the cashier. `symbol` is what was read, if anything was."""

    code: str
    reason: str
    symbol: Symbol | None = None


def look_up(
    session: Session, shop: Shop, data: str, now: dt.datetime, quantity: Decimal | None = None
) -> Wanted | Unknown | Refused:
    """What `data`, scanned or typed, stands for. Never raises for a bad code."""
    today = shop.business_date(now)
    try:
        symbol = read_symbol(data, today=today, region=shop.region, in_store_patterns=shop.in_store_codes)
    except WrongCheckDigit as error:
        return _free_code(session, error.free_code, today, quantity) or Refused(
            hide_card_numbers(data), _wrong_check_digit(data)
        )
    except UnreadableSymbol as error:
        return _free_code(session, error.free_code, today, quantity) or Refused(
            hide_card_numbers(data), _unreadable(error.reason)
        )
    article = _find(session, symbol, today)
    if article is None:
        return _unknown(symbol.code)
    reason = _why_not(article, symbol, shop, now, quantity)
    if reason:
        return Refused(symbol.code, reason, symbol)
    return _wanted(article, symbol, shop, now, quantity)


def note_price_check(session: Session, basket: Basket, found: Wanted, actor: Actor, now: dt.datetime) -> None:
    """Say in the journal that a price was asked for, without a sale."""
    chain.append(
        session,
        till=basket.till,
        stream=chain.TRAINING if basket.training else chain.EVENTS,
        event="price_check",
        actor=actor.id,
        now=now,
        data={"sku": found.article.sku},
    )


def _unknown(code: str) -> Unknown | Refused:
    """A code that no product has; what looks like a payment card is passed on to nobody."""
    if not holds_card_number(code):
        return Unknown(code)
    return Refused(
        hide_card_numbers(code),
        _("That looks like the number of a payment card. Nothing was sold, and nothing is kept of it."),
    )


def _why_not(article: Article, symbol: Symbol, shop: Shop, now: dt.datetime, quantity: Decimal | None) -> str:
    """Why this pack must not be sold; empty where it may."""
    if symbol.expires_on is not None and symbol.expires_on < shop.local_date(now):
        return _("{name} expired on {date}. It must not be sold.").format(
            name=article.name, date=format_date(symbol.expires_on, shop.locale)
        )
    if symbol.percent_off:
        try:
            PercentOff(symbol.percent_off)
        except BadDiscount:
            return _("The label of {name} names an impossible discount. Nothing was sold.").format(
                name=article.name
            )
    measured = _measure(symbol, article.unit) is not None or symbol.price
    if quantity is not None and measured and quantity != quantity.to_integral_value():
        return _("The label of {name} says how much it is: before * comes a number of packs.").format(
            name=article.name
        )
    return ""


def _find(session: Session, symbol: Symbol, today: dt.date) -> Article | None:
    for code in symbol.codes_to_try:
        article = find_by_code(session, code, today)
        if article is not None:
            return article
    return None


def _wrong_check_digit(data: str) -> str:
    return _("{code} has a wrong check digit. Nothing was sold: scan or type it again.").format(
        code=hide_card_numbers(data)[:48]
    )


def _unreadable(reason: Reason) -> str:
    return {
        Reason.EMPTY: _("The scanner sent an empty code. Nothing was sold: scan again."),
        Reason.NO_PRODUCT: _("This code names no product (a parcel, a place, a coupon). Nothing was sold."),
        Reason.UNSUPPORTED: _(
            "This kind of code cannot be sold by. Nothing was sold: scan the product's barcode."
        ),
    }.get(reason, _("This code is broken. Nothing was sold: scan it again, or type the number under it."))


def _free_code(session: Session, code: str | None, today: dt.date, quantity: Decimal | None) -> Wanted | None:
    """A shop's own code may look like a broken GTIN; if the catalogue has exactly this text, it is meant."""
    article = find_by_code(session, code, today) if code else None
    return None if article is None else plainly(article, quantity, code or "")


def plainly(article: Article, quantity: Decimal | None, code: str) -> Wanted:
    """An article of which nothing is known but what the cashier typed before `*`."""
    measured = article.unit is not Unit.PIECE and quantity is None
    return Wanted(article, quantity or ONE, Particulars(code=code), None, needs_measure=measured)


def _wanted(
    article: Article, symbol: Symbol, shop: Shop, now: dt.datetime, quantity: Decimal | None
) -> Wanted:
    packs = quantity or ONE
    label_price_minor = _label_price(symbol, shop.rules.currency, packs)
    measure = _measure(symbol, article.unit) or _measure_by_price(article, label_price_minor, packs)
    particulars = Particulars(
        code=symbol.code,
        lot=symbol.lot,
        serial=symbol.serial,
        expires_on=symbol.expires_on or symbol.best_before,
        label_price_minor=label_price_minor,
        percent_off=symbol.percent_off,
    )
    is_piece = article.unit is Unit.PIECE
    each = measure or (Decimal(symbol.count or 1) if is_piece else ONE)
    return Wanted(
        article,
        _rounded(packs * each, _MILLIONTH),
        particulars,
        symbol,
        _warning(article, symbol, shop, now),
        needs_measure=not is_piece and measure is None and quantity is None and label_price_minor is None,
    )


def _warning(article: Article, symbol: Symbol, shop: Shop, now: dt.datetime) -> str:
    today = shop.local_date(now)
    past = [date for date in (symbol.best_before, symbol.sell_by) if date is not None and date < today]
    if not past:
        return ""
    return _("{name} is past its best-before date, {date}.").format(
        name=article.name, date=format_date(past[0], shop.locale)
    )


def _measure(symbol: Symbol, unit: Unit) -> Decimal | None:
    """How much one pack holds, where the code says so in the unit that the article is sold by.

    Nought is what a label says that was printed without a weight: then it is not known.
    """
    found = {Unit.KG: symbol.net_weight_kg, Unit.L: symbol.net_volume_l, Unit.M: symbol.length_m}.get(unit)
    return found or None


def _measure_by_price(article: Article, label_price_minor: int | None, packs: Decimal) -> Decimal | None:
    """How much one pack holds by its price, where the label says no more: to the gram, as the scales had it."""
    if article.unit is Unit.PIECE or not label_price_minor or not article.price_minor:
        return None
    return _rounded(label_price_minor / packs / article.price_minor, _THOUSANDTH) or _THOUSANDTH


def _rounded(quantity: Decimal, step: Decimal) -> Decimal:
    """The quantity in whole steps, where it is finer than that: a pound is 0.45359237 kg."""
    rounded = quantity.quantize(step, ROUND_HALF_UP)
    return quantity if rounded == quantity else rounded


def _label_price(symbol: Symbol, currency: Currency, packs: Decimal) -> int | None:
    """What the labels of all packs ask, in minor units; None where they name no price in the shop's currency."""
    if not symbol.price or (symbol.price_currency and symbol.price_currency != currency.number):
        return None
    minor = symbol.price.scaleb(currency.exponent) * packs
    return int(minor) if minor == minor.to_integral_value() else None


def needed_age(basket: Basket, article: Article) -> int | None:
    """The age in years that the cashier must check now; None where the customer was seen to be old enough."""
    return article.min_age if article.min_age > basket.age_confirmed else None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a scan ended up. `again`: it was the other code of a pack that is in the basket already."""

    basket: Basket
    line_id: UUID
    seen: Seen | None = None
    again: bool = False


def sell(
    session: Session,
    basket: Basket,
    wanted: Wanted,
    scanned: Scanned,
    actor: Actor,
    now: dt.datetime,
    *,
    price_minor: int | None = None,
    seen: Seen | None = None,
) -> Placed:
    """Put what was wanted into the basket. Of the two codes of one pack, the one that says more takes the place.

    `seen` is what the previous scan placed. Raises SaleError like `add_article`.
    """
    actor.require(Permission.SELL)
    quantity = wanted.quantity
    before = same_as_before(basket, wanted.symbol, scanned, seen)
    if before is not None and wanted.symbol is not None:
        if not wanted.symbol.elements:
            return Placed(basket, before.line_id, again=True)
        line = basket.line(before.line_id)
        price_minor = line.unit_price_minor if wanted.needs_price else None
        quantity = before.quantity if wanted.needs_measure else quantity
        replaced = ONE if wanted.article.unit is Unit.PIECE else before.quantity
        basket = take_out(session, basket, before.line_id, replaced)
    grown = add_article(
        session,
        basket,
        wanted.article,
        now,
        quantity=quantity,
        price_minor=price_minor,
        particulars=wanted.particulars,
    )
    line_id = grown.lines[-1].id
    symbol = wanted.symbol
    if before is not None or symbol is None or symbol.gtin is None or scanned.at_monotonic_s is None:
        return Placed(grown, line_id, again=before is not None)
    return Placed(grown, line_id, Seen(symbol, scanned.at_monotonic_s, line_id, quantity))


def same_as_before(basket: Basket, symbol: Symbol | None, scanned: Scanned, seen: Seen | None) -> Seen | None:
    """The sighting of this very pack by its other code, if there was one a moment ago and its line still stands."""
    if seen is None or symbol is None or scanned.at_monotonic_s is None:
        return None
    if not same_pack(seen.symbol, symbol) or scanned.at_monotonic_s - seen.at_monotonic_s > SWEEP_S:
        return None
    return seen if any(line.id == seen.line_id for line in basket.lines) else None
