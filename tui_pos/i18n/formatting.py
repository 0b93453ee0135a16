"""Amounts, quantities, rates, dates and times as the shop's locale writes them.

`locale` is a name such as `en_IE`. What the locale says is read once; after that a text costs a microsecond,
since the counter draws many. Digits are always 0 to 9. A minus is U+2212; with `paper` it is ASCII, and so is
the space or apostrophe between groups, because few code pages of printers have the right ones.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import DateTimePattern, parse_pattern

from tui_pos.money.currency import Currency

_MINUS = "\N{MINUS SIGN}"
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
# Marks of direction are for running text; in a column of a terminal, or on paper, they only stand in the way.
_FOR_SCREEN = str.maketrans(
    dict.fromkeys(("\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}", "\N{ARABIC LETTER MARK}"), "")
)
_FOR_PAPER = _FOR_SCREEN | str.maketrans(
    {
        _MINUS: "-",
        _NO_BREAK_SPACE: " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)
_KG_DECIMALS = 3
"""Weights show grams, as scales do."""

_UNITS = {"kg": "mass-kilogram", "l": "volume-liter", "m": "length-meter"}


@dataclass(frozen=True, slots=True)
class _Style:
    """How a locale writes a number, and what stands around it."""

    minus: str
    decimal: str
    group: str
    last_group: int  # digits in the group before the decimal mark
    other_groups: int  # digits in the ones before it: 2 in India
    before: str = ""
    after: str = ""

    def write(self, negative: bool, whole: str, fraction: str) -> str:
        if len(whole) > self.last_group:
            whole = self._grouped(whole)
        number = f"{whole}{self.decimal}{fraction}" if fraction else whole
        text = f"{self.before}{number}{self.after}"
        return self.minus + text if negative else text

    def _grouped(self, whole: str) -> str:
        cut = len(whole) - self.last_group
        parts = [whole[cut:]]
        while cut > 0:
            start = max(0, cut - self.other_groups)
            parts.append(whole[start:cut])
            cut = start
        return self.group.join(reversed(parts))


def format_money(
    minor: int, currency: Currency, locale: str, *, symbol: bool = False, paper: bool = False
) -> str:
    """`minor` units of `currency`, with all of its decimals: 1,234.50 or, with `symbol`, €1,234.50."""
    exponent = currency.exponent
    style = _money_style(currency.code if symbol else "", locale, paper)
    digits = str(abs(minor))
    if not exponent:
        return style.write(minor < 0, digits, "")
    digits = digits.zfill(exponent + 1)
    return style.write(minor < 0, digits[:-exponent], digits[-exponent:])


def format_quantity(quantity: Decimal, unit: str, locale: str, *, paper: bool = False) -> str:
    """`quantity` with its unit: `3` pieces, `0.412 kg`, `1.5 m`. Exact: no decimal is left out."""
    style = _unit_style(unit, locale, paper)
    return _write_decimal(style, quantity, _KG_DECIMALS if unit == "kg" else 0)


def format_percent(percent: Decimal, locale: str, *, paper: bool = False) -> str:
    """`percent` (13.5 for 13.5 %) with the locale's sign, and only the decimals that it has."""
    return _write_decimal(_percent_style(locale, paper), percent, 0)


def format_date(date: dt.date, locale: str, *, paper: bool = False) -> str:
    """A date in numbers, with all four digits of the year: 14/02/2026."""
    text = _date_pattern(locale).apply(date, _parsed(locale))
    return text.translate(_FOR_PAPER if paper else _FOR_SCREEN)


def read_date(text: str, locale: str, today: dt.date) -> dt.date | None:
    """A date as `format_date` writes it, the year with two digits or four; None where it is none.

    Without the year (`22/11`, and `22.11.` where dates have points) it is the last such day up to `today`. `22.11`
    alone is none: so are amounts written.
    """
    pattern = _date_pattern(locale).pattern
    parts = "".join(dict.fromkeys(re.findall("[dMy]", pattern)))
    mark = next((mark for mark in "/.-" if mark in pattern), "/")
    split = text.split(mark)
    if mark == "." and len(split) == 3 and not split[2] and parts[-1] == "y":
        split = split[:2]
    elif len(split) == 2 and mark != "/":
        return None
    order = parts if len(split) == 3 else parts.replace("y", "")
    if len(split) != len(order) or not all(re.fullmatch("[0-9]{1,4}", each) for each in split):
        return None
    number = dict(zip(order, map(int, split), strict=True))
    year = number.get("y", today.year)
    try:
        date = dt.date(year + 2000 if year < 100 else year, number["M"], number["d"])
        return date if "y" in number or date <= today else date.replace(year=today.year - 1)
    except ValueError:
        return None


def format_time(time: dt.time | dt.datetime, locale: str, *, paper: bool = False) -> str:
    """Hours and minutes, as the clock on the wall: a datetime must already be in the shop's zone."""
    text = _time_pattern(locale).apply(time, _parsed(locale))
    return text.translate(_FOR_PAPER if paper else _FOR_SCREEN)


def _write_decimal(style: _Style, number: Decimal, least_decimals: int) -> str:
    whole, _, fraction = f"{abs(number):f}".partition(".")
    return style.write(number < 0, whole, fraction.rstrip("0").ljust(least_decimals, "0"))


@cache
def _parsed(locale: str) -> Locale:
    return Locale.parse(locale)


@cache
def _money_style(code: str, locale: str, paper: bool) -> _Style:
    """The style of amounts; `code` of the currency whose symbol is shown, or nothing."""
    if not code:
        return _number_style(locale, paper)
    spoken = _parsed(locale)
    pattern = spoken.currency_formats["standard"]
    symbol = spoken.currency_symbols.get(code, code)
    before, after = (part.replace("¤", symbol) for part in (pattern.prefix[0], pattern.suffix[0]))
    # A symbol made of letters is kept apart from the digits (CLDR, currencySpacing).
    before += _NO_BREAK_SPACE if before[-1:].isalpha() else ""
    after = (_NO_BREAK_SPACE if after[:1].isalpha() else "") + after
    return _number_style(locale, paper, before, after)


@cache
def _percent_style(locale: str, paper: bool) -> _Style:
    pattern = _parsed(locale).percent_formats[None]
    return _number_style(locale, paper, pattern.prefix[0], pattern.suffix[0])


@cache
def _unit_style(unit: str, locale: str, paper: bool) -> _Style:
    if unit not in _UNITS:
        return _number_style(locale, paper)
    from babel.units import format_unit

    before, _, after = format_unit(100, _UNITS[unit], length="short", locale=locale).partition("100")
    return _number_style(locale, paper, before, after)


def _number_style(locale: str, paper: bool, before: str = "", after: str = "") -> _Style:
    spoken = _parsed(locale)
    symbols = spoken.number_symbols["latn"]
    last_group, other_groups = spoken.decimal_formats[None].grouping
    texts = [_MINUS, symbols["decimal"], symbols["group"], before, after]
    minus, decimal, group, before, after = (
        text.translate(_FOR_PAPER if paper else _FOR_SCREEN) for text in texts
    )
    return _Style(minus, decimal, group, last_group, other_groups, before, after)


@cache
def _date_pattern(locale: str) -> DateTimePattern:
    """The short pattern with a full year: 01/02/26 could be six days."""
    return parse_pattern(re.sub("y+", "yyyy", _parsed(locale).date_formats["short"].pattern))


@cache
def _time_pattern(locale: str) -> DateTimePattern:
    return parse_pattern(_parsed(locale).time_formats["short"].pattern)
