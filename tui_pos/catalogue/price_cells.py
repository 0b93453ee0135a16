"""Reading the cell of a file that holds a price, as spreadsheets and other programs write it.

Which of point and comma parts the decimals is often clear: 1,234.50 and 1,20 say it. Where one mark stands before
three digits, it may part thousands as well. Then the other prices of the file decide, and where they do not either,
a person is asked: a price a thousand times too low is worse than a row that is given back.
"""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tui_pos.catalogue.codes import visible
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.i18n import _
from tui_pos.money.amount import AmountFault, BadAmount, parse_amount
from tui_pos.money.currency import Currency, UnknownCurrency, currency

_SIGNS = {
    "€": "EUR",
    "euro": "EUR",
    "£": "GBP GIP FKP SHP EGP LBP",
    "$": "USD AUD BBD BMD BND BSD BZD CAD CLP COP CVE FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD XCD",
    "us$": "USD",
    "¥": "JPY CNY",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "₴": "UAH",
    "฿": "THB",
    "kr": "SEK NOK DKK ISK",
    "fr": "CHF",
    "sfr": "CHF",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "r": "ZAR",
    "r$": "BRL",
    "rm": "MYR",
    "rp": "IDR",
    "rs": "INR PKR LKR NPR MUR",
}
"""What stands before or behind prices, in small letters and without points, and the currencies that write it."""

_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]{1,2})?")
_MAX_DIGITS = 24
_CELL = re.compile(
    r"(?P<before>[^0-9,]*[^\W0-9_]\.|[^0-9.,]*) *(?P<digits>[.,]?[0-9](?:[0-9.,'’ ]*[0-9])?)(?P<after>[^0-9]*)"
)
_WHOLE_UNITS = re.compile("[.,][-–—]{1,2}")  # 12.- and 12,–
_SPACED = re.compile(r"[0-9]{1,3}(?:[ '’][0-9]{3})+(?:[.,][0-9]+)?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_BOTH = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*([.,])[0-9]+")
_ONE_MARK = re.compile(r"[0-9]*([.,])([0-9]+)")
_MAYBE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Price:
    """A price out of a file, in minor units; `minor` None and no `text`: it is asked at the till.

    `mark` parts the decimals in it, as far as that is to be seen. `text` is empty where all is clear; else it is what
    stands there: a price with more decimals than the currency has, which is `rounded_minor` if they are rounded
    (`exact` if none is lost), and if the mark parts thousands `grouped_minor`. `foreign` is a sign that other
    currencies have, and the shop's has not.
    """

    minor: int | None = None
    mark: str = ""
    text: str = ""
    rounded_minor: int | None = None
    grouped_minor: int | None = None
    exact: bool = False
    foreign: str = ""


ASKED = Price()


def read_price(cell: str, shops: Currency) -> Price:
    """The price in a cell. Raises CatalogueError for what is none, and for one in another currency by its code."""
    if _PLAIN.fullmatch(cell):
        with suppress(BadAmount):
            return Price(parse_amount(cell, shops).minor, "." if "." in cell else "")
    shown, text = cell[:40], visible(cell).replace("−", "-").strip()
    text = text.removeprefix('="').removesuffix('"') if text.startswith('="') else text.removeprefix("'")
    if not text:
        return ASKED
    found = _CELL.fullmatch(text)
    if found is None:
        raise _no_amount(shown)
    foreign = _foreign_sign(found["before"], found["after"], shown, shops)
    digits = found["digits"]
    if _SPACED.fullmatch(digits):
        digits = re.sub("[ '’]", "", digits)
    mark, plain = _plain(digits, shown)
    sign = "-" if "-" in found["before"] else ""
    try:
        return Price(parse_amount(sign + plain, shops).minor, mark, foreign=foreign)
    except BadAmount as error:
        if error.fault is AmountFault.TOO_MANY_DECIMALS and not sign:
            return _doubtful(mark, plain, digits, shown, shops, foreign)
        raise _wrong(error.fault, shown) from error


def _plain(digits: str, shown: str) -> tuple[str, str]:
    """The mark before the decimals (empty if it is not to be seen), and the number with a point for it."""
    both = _BOTH.fullmatch(digits)
    if both and both[1] != both[2]:
        return both[2], digits.replace(both[1], "").replace(both[2], ".")
    if digits.count(".") + digits.count(",") > 1:
        if not _GROUPED.fullmatch(digits):
            raise _no_amount(shown)
        return "", re.sub("[.,]", "", digits)
    one = _ONE_MARK.fullmatch(digits)
    if one is None:
        if not digits.isdigit():
            raise _no_amount(shown)
        return "", digits
    return one[1], digits.replace(",", ".")


def _doubtful(mark: str, plain: str, digits: str, shown: str, shops: Currency, foreign: str) -> Price:
    """A price with more decimals than the currency has, or with thousands."""
    if len(plain) > _MAX_DIGITS:
        raise _no_amount(shown)
    minor = Decimal(plain).scaleb(shops.exponent)
    rounded = minor.quantize(Decimal(1), ROUND_HALF_UP)
    grouped_minor = None
    try:
        rounded_minor = parse_amount(f"{rounded.scaleb(-shops.exponent):f}", shops).minor
        if _MAYBE_THOUSANDS.fullmatch(digits):
            grouped_minor = parse_amount(plain.replace(".", ""), shops).minor
    except BadAmount as error:
        raise _wrong(error.fault, shown) from error
    return Price(None, mark, shown, rounded_minor, grouped_minor, rounded == minor, foreign)


def _foreign_sign(before: str, after: str, shown: str, shops: Currency) -> str:
    """The currency sign around a price where it is not the shop's. Raises CatalogueError for another code or words."""
    after = _WHOLE_UNITS.sub("", after).strip(" .,")
    names = [name for name in (before.replace("-", "").strip(" ."), after) if name]
    if before.count("-") > 1 or len(names) > 1:
        raise _no_amount(shown)
    for name in names:
        if name.casefold() in _SIGNS:
            return "" if shops.code in _SIGNS[name.casefold()].split() else name
        if name.upper() == shops.code:
            continue
        if len(name) == 1 and unicodedata.category(name) == "Sc":
            return name
        try:
            other = currency(name.upper()).code
        except UnknownCurrency as error:
            raise _no_amount(shown) from error
        text = _("The price {price} is in {other}, and the shop's currency is {currency}.")
        raise CatalogueError(text.format(price=shown, other=other, currency=shops.code))
    return ""


def _no_amount(shown: str) -> CatalogueError:
    return CatalogueError(_("The price {price} is no amount: write it like 1234.50.").format(price=shown))


def _wrong(fault: AmountFault, shown: str) -> CatalogueError:
    if fault is AmountFault.TOO_LARGE:
        return CatalogueError(_("The price {price} is too large.").format(price=shown))
    return _no_amount(shown)
