"""What a label says of one pack beside which product it is: how much it holds, and what it asks.

Anybody can print a label. What it says counts where the shop's own figures leave room for it, and a label that
contradicts them sells nothing.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hardware.scanner.symbols import Symbol, SymbolKind
from tui_pos.catalogue.products import Article, Unit
from tui_pos.i18n import _
from tui_pos.money.currency import Currency
from tui_pos.sales.basket import ONE
from tui_pos.sales.view import price_of

_MILLIONTH = Decimal("0.000001")  # the finest quantity that the books hold
_THOUSANDTH = Decimal("0.001")  # what scales show


@dataclass(frozen=True, slots=True)
class Label:
    """What counts of a label, for all packs together.

    `quantity` is in the article's unit; where nothing says how much it is, `measured` is False and `quantity` the
    number of packs. `price_minor` is what the packs ask, `list_price_minor` the shop's price per unit where that comes
    to something else. `price_ignored`: the code names a price that does not count.
    """

    quantity: Decimal
    measured: bool
    price_minor: int | None
    list_price_minor: int | None
    price_ignored: bool


def read_label(article: Article, symbol: Symbol, currency: Currency, packs: Decimal) -> Label:
    """What the labels of `packs` equal packs say."""
    price_minor = _price(article, symbol, currency, packs)
    measure = measure_of(symbol, article.unit)
    if measure is None and article.unit is Unit.PIECE:
        each = Decimal(symbol.count or 1)
    else:
        each = measure or _measure_by_price(article, price_minor, packs) or ONE
    quantity = _rounded(packs * each, _MILLIONTH)
    return Label(
        quantity,
        measured=measure is not None or price_minor is not None,
        price_minor=price_minor,
        list_price_minor=_other_price(article, measure, price_minor, quantity, packs),
        price_ignored=bool(symbol.price) and price_minor is None,
    )


def measure_of(symbol: Symbol, unit: Unit) -> Decimal | None:
    """How much one pack holds, where the code says so in the unit that the article is sold by.

    Nought is what a label says that was printed without a weight: then it is not known.
    """
    found = None if unit is Unit.PIECE else _measures(symbol).get(unit)
    return Decimal(found) if found else None


def contradicts(article: Article, symbol: Symbol) -> bool:
    """Whether the label says how much it is in a unit by which the goods are not sold, or that it is no piece."""
    said = _measures(symbol)
    return (bool(said) and article.unit not in said) or said.get(Unit.PIECE) == 0


def contradiction(article: Article) -> str:
    """What the cashier reads of a label that contradicts the catalogue."""
    text = {
        Unit.PIECE: _("{name} is sold by the piece, and this label says something else."),
        Unit.KG: _("{name} is sold by the kg, and this label gives no weight."),
        Unit.L: _("{name} is sold by the litre, and this label gives no volume."),
        Unit.M: _("{name} is sold by the metre, and this label gives no length."),
    }[article.unit]
    return " ".join([text.format(name=article.name), _("Nothing was sold. It is noted for the office.")])


def _measures(symbol: Symbol) -> dict[Unit, Decimal | int]:
    """How much the code says that one pack holds, by the unit in which it says so."""
    said = {
        Unit.KG: symbol.net_weight_kg,
        Unit.L: symbol.net_volume_l,
        Unit.M: symbol.length_m,
        Unit.PIECE: symbol.count,
    }
    return {unit: much for unit, much in said.items() if much is not None}


def _price(article: Article, symbol: Symbol, currency: Currency, packs: Decimal) -> int | None:
    """What the labels of all packs ask, in minor units; None where they name no price that counts here.

    A price counts only where the amount varies from pack to pack: for goods by weight, volume or length, from a label
    of the shop's scales or one that gives price and measure together; and by the piece only from the shop's own label,
    for goods whose price the catalogue leaves open.
    """
    if not symbol.price or (symbol.price_currency and symbol.price_currency != currency.number):
        return None
    in_store = symbol.kind is SymbolKind.IN_STORE
    if article.unit is Unit.PIECE:
        counts = in_store and article.price_minor is None
    else:
        counts = in_store or measure_of(symbol, article.unit) is not None
    minor = symbol.price.scaleb(currency.exponent) * packs
    return int(minor) if counts and minor == minor.to_integral_value() else None


def _measure_by_price(article: Article, price_minor: int | None, packs: Decimal) -> Decimal | None:
    """How much one pack holds by its price, where the label says no more: to the gram, as the scales had it."""
    if article.unit is Unit.PIECE or not price_minor or not article.price_minor:
        return None
    return _rounded(price_minor / packs / article.price_minor, _THOUSANDTH) or _THOUSANDTH


def _other_price(
    article: Article, measure: Decimal | None, price_minor: int | None, quantity: Decimal, packs: Decimal
) -> int | None:
    """The shop's price per unit where a label with price and measure asks another one; else None.

    Scales round each label as they like: a minor unit a pack is no difference.
    """
    if measure is None or price_minor is None or article.price_minor is None:
        return None
    listed = price_of(quantity, article.price_minor, None, article.tax).list_minor
    return None if abs(listed - price_minor) <= packs else article.price_minor


def _rounded(quantity: Decimal, step: Decimal) -> Decimal:
    """The quantity in whole steps, where it is finer than that: a pound is 0.45359237 kg."""
    rounded = quantity.quantize(step, ROUND_HALF_UP)
    return quantity if rounded == quantity else rounded
