"""From a scanned or typed code to a line: what the code says, which product that is, and whether it may be sold."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from hardware.scanner.symbols import (
    Reason,
    Symbol,
    UnreadableSymbol,
    WrongCheckDigit,
    is_supplement,
    read_symbol,
    same_pack,
    says_more,
    to_gtin14,
)
from tui_pos.catalogue.card_numbers import hide_card_numbers, holds_card_number
from tui_pos.catalogue.products import Article, Unit, find_by_code
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date
from tui_pos.journal import chain
from tui_pos.money.discount import BadDiscount, PercentOff
from tui_pos.people.access import may_be_badge
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import ONE, Particulars, add_article, take_out
from tui_pos.sales.corrections import discount_line, record_correction
from tui_pos.sales.labels import contradiction, contradicts, measure_of, read_label
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Basket, price_of

SWEEP_S = 1.0
"""Two different symbols of one product within this time are the linear and the 2D code of one pack."""

BY_LABEL = "label"
"""The reason that the books give for what a label took off."""


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
    """A code that must not be sold; the reason is for the cashier. `symbol` is what was read, if anything was.

    `contradicts`: the label and the catalogue disagree about the goods, which the office has to put right.
    """

    code: str
    reason: str
    symbol: Symbol | None = None
    contradicts: bool = False


def look_up(
    session: Session, shop: Shop, data: str, now: dt.datetime, quantity: Decimal | None = None
) -> Wanted | Unknown | Refused:
    """What `data`, scanned or typed, stands for. Never raises for a bad code.

    A code that stands in the catalogue as it is written is that product, whatever else it could be read as.
    """
    today = shop.business_date(now)
    exact = None if to_gtin14(data.strip()) else find_by_code(session, data, today)
    if exact is not None:
        return plainly(exact, quantity, data.strip())
    try:
        symbol = read_symbol(data, today=today, region=shop.region, in_store_patterns=shop.in_store_codes)
    except UnreadableSymbol as error:
        return _badge(data, shop) or Refused(hide_card_numbers(data), _unreadable(error, data))
    if symbol.code != symbol.printed:
        exact = find_by_code(session, symbol.printed, today)
        if exact is not None:
            return plainly(exact, quantity, data.strip())
    article = _find(session, symbol, today)
    if article is None:
        return _unknown(symbol, shop)
    if contradicts(article, symbol):
        return Refused(symbol.code, contradiction(article), symbol, contradicts=True)
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


def _unknown(symbol: Symbol, shop: Shop) -> Unknown | Refused:
    """A code that no product has; what looks like a payment card is passed on to nobody."""
    data = symbol.raw
    if not holds_card_number(data):
        return _badge(data, shop) or Unknown(symbol.code)
    return Refused(
        hide_card_numbers(data),
        _("That looks like the number of a payment card. Nothing was sold, and nothing is kept of it."),
    )


def _badge(data: str, shop: Shop) -> Refused | None:
    """What looks like a badge is shown to nobody."""
    if not may_be_badge(data, shop.badge_prefix):
        return None
    return Refused("", _("That is a badge, and no product. Nothing was sold."))


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
    measured = measure_of(symbol, article.unit) is not None or symbol.price
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


def _unreadable(error: UnreadableSymbol, data: str) -> str:
    if isinstance(error, WrongCheckDigit):
        text = _("{code} has a wrong check digit. Nothing was sold: scan or type it again.")
        return text.format(code=hide_card_numbers(data)[:48])
    return {
        Reason.EMPTY: _("The scanner sent an empty code. Nothing was sold: scan again."),
        Reason.NO_PRODUCT: _("This code names no product (a parcel, a place, a coupon). Nothing was sold."),
        Reason.UNSUPPORTED: _(
            "This kind of code cannot be sold by. Nothing was sold: scan the product's barcode."
        ),
        Reason.SUPPLEMENT: _(
            "Only the small bars beside the barcode were read. Nothing was sold: scan the whole code."
        ),
    }.get(
        error.reason, _("This code is broken. Nothing was sold: scan it again, or type the number under it.")
    )


def plainly(article: Article, quantity: Decimal | None, code: str) -> Wanted:
    """An article of which nothing is known but what the cashier typed before `*`."""
    measured = article.unit is not Unit.PIECE and quantity is None
    return Wanted(article, quantity or ONE, Particulars(code=code), None, needs_measure=measured)


def _wanted(
    article: Article, symbol: Symbol, shop: Shop, now: dt.datetime, quantity: Decimal | None
) -> Wanted:
    packs = quantity or ONE
    label = read_label(article, symbol, shop.rules.currency, packs)
    is_piece = article.unit is Unit.PIECE
    particulars = Particulars(
        code=symbol.raw.strip(),
        lot=symbol.lot,
        serial=symbol.serial,
        supplement=symbol.supplement,
        expires_on=symbol.expires_on or symbol.best_before,
        label_price_minor=label.price_minor,
        list_price_minor=label.list_price_minor,
        percent_off=symbol.percent_off or None,
    )
    ignored = (
        _("The price in the code was not used: {name} has the shop's price.") if label.price_ignored else ""
    )
    warnings = (_warning(article, symbol, shop, now), ignored.format(name=article.name))
    return Wanted(
        article,
        label.quantity,
        particulars,
        symbol,
        " ".join(filter(None, warnings)),
        needs_measure=not is_piece and not label.measured and quantity is None,
    )


def _warning(article: Article, symbol: Symbol, shop: Shop, now: dt.datetime) -> str:
    today = shop.local_date(now)
    past = [date for date in (symbol.best_before, symbol.sell_by) if date is not None and date < today]
    if not past:
        return ""
    return _("{name} is past its best-before date, {date}.").format(
        name=article.name, date=format_date(past[0], shop.locale)
    )


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

    What a label takes off, or asks instead of the shop's price, is allowed, limited and kept like any discount and
    any new price. `seen` is what the previous scan placed. Raises SaleError like `add_article`.
    """
    actor.require(Permission.SELL)
    quantity = wanted.quantity
    before = same_as_before(basket, wanted.symbol, scanned, seen)
    if before is not None and wanted.symbol is not None:
        if not says_more(wanted.symbol):
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
    grown = _reduce_by_label(session, grown, wanted.particulars, actor, now)
    line_id = grown.lines[-1].id
    symbol = wanted.symbol
    if before is not None or symbol is None or symbol.gtin is None or scanned.at_monotonic_s is None:
        return Placed(grown, line_id, again=before is not None)
    return Placed(grown, line_id, Seen(symbol, scanned.at_monotonic_s, line_id, quantity))


def _reduce_by_label(
    session: Session, basket: Basket, particulars: Particulars, actor: Actor, now: dt.datetime
) -> Basket:
    """Give the last line the discount of its label, and keep a price that is another than the shop's."""
    line = basket.lines[-1]
    if particulars.list_price_minor is not None:
        listed = price_of(line.quantity, particulars.list_price_minor, None, line.tax).list_minor
        off_minor = line.priced.list_minor - listed
        actor.require_off(Permission.PRICE_CHANGE, abs(off_minor), listed)
        detail = f"{line.sku} {particulars.list_price_minor} > {line.unit_price_minor}"
        record_correction(
            session, basket, basket, actor, now, "price", detail, BY_LABEL, amount_minor=off_minor
        )
    if particulars.percent_off is None:
        return basket
    return discount_line(session, basket, line.id, PercentOff(particulars.percent_off), actor, now, BY_LABEL)


def with_supplement(scanned: Scanned, seen: Seen | None) -> Scanned:
    """The article's code with its supplement, where a scanner sends the two as one sweep but as two codes."""
    if seen is None or scanned.at_monotonic_s is None or not is_supplement(scanned.data):
        return scanned
    if scanned.at_monotonic_s - seen.at_monotonic_s > SWEEP_S or says_more(seen.symbol):
        return scanned
    return replace(scanned, data=seen.symbol.raw.strip() + scanned.data.strip())


def same_as_before(basket: Basket, symbol: Symbol | None, scanned: Scanned, seen: Seen | None) -> Seen | None:
    """The sighting of this very pack by its other code, if there was one a moment ago and its line still stands."""
    if seen is None or symbol is None or scanned.at_monotonic_s is None:
        return None
    if not same_pack(seen.symbol, symbol) or scanned.at_monotonic_s - seen.at_monotonic_s > SWEEP_S:
        return None
    return seen if any(line.id == seen.line_id for line in basket.lines) else None
