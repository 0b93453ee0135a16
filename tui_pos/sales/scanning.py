"""From a scanned or typed code to a line: what the code says, which product that is, and whether it may be sold."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from hardware.scanner.symbols import Reason, Symbol, UnreadableSymbol, WrongCheckDigit, read_symbol, same_pack
from tui_pos.catalogue.products import Article, Unit, find_by_code
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date
from tui_pos.money.currency import Currency
from tui_pos.sales.basket import ONE, Particulars, add_article, add_particulars
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Basket

SWEEP_S = 1.0
"""Two different symbols of one product within this time are the linear and the 2D code of one pack."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code, and when the scanner sent it: two sightings of one pack are told by the time between them."""

    data: str
    at_monotonic_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The last scan that sold something: what is needed to know its pack again."""

    symbol: Symbol
    at_monotonic_s: float
    line_id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """A code that named an article which may be sold, with everything known for its line."""

    article: Article
    quantity: Decimal
    particulars: Particulars
    symbol: Symbol | None
    warning: str = ""

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
    """A code that must not be sold; the reason is for the cashier."""

    code: str
    reason: str


def look_up(
    session: Session, shop: Shop, data: str, now: dt.datetime, quantity: Decimal | None = None
) -> Wanted | Unknown | Refused:
    """What `data`, scanned or typed, stands for. Never raises for a bad code."""
    today = shop.business_date(now)
    try:
        symbol = read_symbol(data, today=today, region=shop.region, in_store_patterns=shop.in_store_codes)
    except WrongCheckDigit as error:
        return _free_code(session, error.free_code, today, quantity) or Refused(
            data, _wrong_check_digit(data)
        )
    except UnreadableSymbol as error:
        return _free_code(session, error.free_code, today, quantity) or Refused(
            data, _unreadable(error.reason)
        )
    article = _find(session, symbol, today)
    if article is None:
        return Unknown(symbol.code)
    if symbol.expires_on is not None and symbol.expires_on < today:
        expired = _("{name} expired on {date}. It must not be sold.")
        return Refused(
            symbol.code, expired.format(name=article.name, date=format_date(symbol.expires_on, shop.locale))
        )
    return _wanted(article, symbol, today, shop, quantity)


def _find(session: Session, symbol: Symbol, today: dt.date) -> Article | None:
    for code in symbol.codes_to_try:
        article = find_by_code(session, code, today)
        if article is not None:
            return article
    return None


def _wrong_check_digit(data: str) -> str:
    return _("{code} has a wrong check digit. Nothing was sold: scan or type it again.").format(
        code=data[:48]
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
    return None if article is None else Wanted(article, quantity or ONE, Particulars(code=code or ""), None)


def _wanted(
    article: Article, symbol: Symbol, today: dt.date, shop: Shop, quantity: Decimal | None
) -> Wanted | Refused:
    packs = quantity or Decimal(symbol.count or 1)
    measure = _measure(symbol, article.unit)
    particulars = Particulars(
        code=symbol.code,
        lot=symbol.lot,
        serial=symbol.serial,
        expires_on=symbol.expires_on or symbol.best_before,
        label_price_minor=_label_price(symbol, shop.rules.currency, packs),
        percent_off=symbol.percent_off,
    )
    warning = ""
    past = [date for date in (symbol.best_before, symbol.sell_by) if date is not None and date < today]
    if past:
        warning = _("{name} is past its best-before date, {date}.").format(
            name=article.name, date=format_date(past[0], shop.locale)
        )
    return Wanted(article, packs if measure is None else packs * measure, particulars, symbol, warning)


def _measure(symbol: Symbol, unit: Unit) -> Decimal | None:
    """How much one pack holds, where the code says so in the unit that the article is sold by."""
    return {Unit.KG: symbol.net_weight_kg, Unit.L: symbol.net_volume_l, Unit.M: symbol.length_m}.get(unit)


def _label_price(symbol: Symbol, currency: Currency, packs: Decimal) -> int | None:
    """What the labels of all packs ask, in minor units; None where they name no price in the shop's currency."""
    if symbol.price is None or (symbol.price_currency and symbol.price_currency != currency.number):
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
    now: dt.datetime,
    *,
    price_minor: int | None = None,
    seen: Seen | None = None,
) -> Placed:
    """Put what was wanted into the basket, or note it on the line that the other code of the same pack made.

    `seen` is what the previous scan placed. Raises SaleError like `add_article`.
    """
    sighting = _same_pack(basket, wanted, scanned, seen)
    if sighting is not None:
        told = add_particulars(session, basket, sighting.line_id, wanted.particulars)
        return Placed(told, sighting.line_id, again=True)
    grown = add_article(
        session,
        basket,
        wanted.article,
        now,
        quantity=wanted.quantity,
        price_minor=price_minor,
        particulars=wanted.particulars,
    )
    line_id = grown.lines[-1].id
    symbol = wanted.symbol
    if symbol is None or symbol.gtin is None:
        return Placed(grown, line_id)
    return Placed(grown, line_id, Seen(symbol, scanned.at_monotonic_s, line_id))


def _same_pack(basket: Basket, wanted: Wanted, scanned: Scanned, seen: Seen | None) -> Seen | None:
    """The sighting of this very pack by its other code, if there was one a moment ago."""
    if seen is None or wanted.symbol is None or not same_pack(seen.symbol, wanted.symbol):
        return None
    if scanned.at_monotonic_s - seen.at_monotonic_s > SWEEP_S:
        return None
    return seen if any(line.id == seen.line_id for line in basket.lines) else None
