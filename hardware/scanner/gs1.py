"""GS1 element strings: what follows each application identifier (AI), and whether it may stand there.

biip knows the identifiers and the format of each. What it lets pass and a till must not is checked here:
check digits, dates, a value that runs into the next, and identifiers that contradict each other.
Source of the rules: GS1 General Specifications (sections 3, 4.13, 7.9, 7.12) and the GS1 Barcode Syntax
Dictionary. Not checked, for a till never acts on them: lists of countries, currencies, bank accounts and
media, hours, and which identifiers a shipment's label must have.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

from hardware.scanner.gtin import has_right_check_digit, is_digits
from hardware.scanner.unreadable import Reason, UnreadableSymbol, WrongCheckDigit

if TYPE_CHECKING:
    from hardware.scanner.library import GS1ElementString, ParseConfig

FNC1 = "\x1d"

# Far more than fits on a pack; bounds the work for a code made to be long.
MAX_ELEMENTS = 100

# (AI)value, where a parenthesis within a value is written \( so that it doesn't begin an AI.
_BRACKETED = re.compile(r"\((\d{2,4})\)((?:[^(\\]|\\.)+)")

# How many of the value's first digits end in a check digit.
_CHECKED_DIGITS = {
    **dict.fromkeys(("00", "8017", "8018"), 18),
    "402": 17,
    **dict.fromkeys(("01", "02", "03", "8003", "8006", "8026"), 14),
    **dict.fromkeys(("253", "255", "410", "411", "412", "413", "414", "415", "416", "417"), 13),
}
# Dates that may have the day 00, the end of the month; and dates that may not.
_MONTH_DATES = ("11", "12", "13", "15", "16", "17")
_DAY_DATES = ("4324", "4325", "4326", "7003", "7006", "7011", "8008")

# Identifiers that say what the whole code is about: beside a GTIN they would make it two things at once.
_NOT_WITH_A_GTIN = ("02", "03", "255", "37", "8006", "8026")
_NEVER_TOGETHER = (("21", "235"), ("392", "393"), ("392", "395"), ("393", "395"), ("395", "8005"))


def read_message(message: str) -> list[tuple[str, str]]:
    """The (AI, value) pairs of element strings as a scanner sends them, FNC1 as GS.

    Raises UnreadableSymbol.
    """
    from hardware.scanner.library import GS1ElementString, ParseError

    rest = message.strip(FNC1)
    pairs: list[tuple[str, str]] = []
    while rest:
        try:
            element = GS1ElementString.extract(rest, config=_biip_config())
        except ParseError as error:
            raise _malformed(str(error)) from error
        rest = rest[len(element) :]
        # Without this, what is too long for one value would be read as the next one.
        if rest and element.ai.separator_required and not rest.startswith(FNC1):
            raise _malformed(f"the value of ({element.ai.ai}) is too long")
        rest = rest.lstrip(FNC1)
        pairs.append((element.ai.ai, element.value))
        if len(pairs) > MAX_ELEMENTS:
            raise _malformed(f"more than {MAX_ELEMENTS} elements")
    return pairs


def read_bracketed(text: str) -> list[tuple[str, str]]:
    """The (AI, value) pairs of element strings as people write them, `(01)05449000000996(10)A1`.

    Raises UnreadableSymbol.
    """
    if not re.fullmatch(f"(?:{_BRACKETED.pattern}){{1,{MAX_ELEMENTS}}}", text):
        raise _malformed("not a row of (AI)value")
    return [(found.group(1), re.sub(r"\\(.)", r"\1", found.group(2))) for found in _BRACKETED.finditer(text)]


def checked(pairs: Iterable[tuple[str, str]], today: dt.date) -> dict[str, str]:
    """The values by their AI, each right by itself and all of them together.

    Raises UnreadableSymbol; with the reason NO_PRODUCT if all is right and no GTIN (01) is among them.
    """
    values: dict[str, str] = {}
    for ai, value in pairs:
        _check_element(ai, value, today)
        if values.setdefault(ai, value) != value:
            raise _malformed(f"({ai}) twice, with different values")
    _check_together(values)
    if "01" not in values:
        names = ", ".join(f"({ai})" for ai in values) or "nothing"
        raise UnreadableSymbol(Reason.NO_PRODUCT, f"no GTIN (01) in it, but {names}")
    return values


def to_date(yymmdd: str, today: dt.date) -> dt.date:
    """The date of six digits; the day 00 is the end of the month.

    The year is the one from 49 years before to 50 years after `today` (GS1 General Specifications, 7.12).
    Raises ValueError for a day that is in no calendar.
    """
    year = today.year - 49 + (int(yymmdd[:2]) - (today.year - 49)) % 100
    month, day = int(yymmdd[2:4]), int(yymmdd[4:6])
    if not 1 <= month <= 12:
        raise ValueError(f"month {month}")
    return dt.date(year, month, day or calendar.monthrange(year, month)[1])


def hidden_expiry(pairs: Iterable[tuple[str, str]], today: dt.date) -> dt.date | None:
    """A date (AI 17) that may stand at the end of a lot or serial number; None where there can be none.

    A scanner that leaves the separators out makes `10LOT` and `17261231` one lot. Where the pairs name an expiry
    themselves, or what follows a lot was told apart from it, nothing is hidden.
    """
    named = list(pairs)
    if not named or named[-1][0] not in ("10", "21") or any(ai in ("17", "7003") for ai, _value in named):
        return None
    for match in re.finditer(r"(?<=.)17(?=([0-9]{6}))", named[-1][1]):
        with suppress(ValueError):
            return to_date(match[1], today)
    return None


def measure(values: dict[str, str], prefix: str, skip: int = 0) -> Decimal | None:
    """The number behind the AI `prefix` + n, whose n is the count of its decimals, None if it is not there.

    The value's first `skip` digits say something else.
    """
    for ai, value in values.items():
        if len(ai) == 4 and ai.startswith(prefix):
            return Decimal(value[skip:]).scaleb(-int(ai[3]))
    return None


def _check_element(ai: str, value: str, today: dt.date) -> None:
    element = _parsed(ai, value)
    if element.ai.ai != ai or not value:
        raise _malformed(f"({ai}) is no application identifier" if value else f"({ai}) without a value")
    length = _CHECKED_DIGITS.get(ai)
    if length is not None and not (is_digits(value[:length]) and has_right_check_digit(value[:length])):
        if ai == "01":
            raise WrongCheckDigit(value)
        raise _malformed(f"the check digit in ({ai}) is wrong")
    try:
        if ai in _MONTH_DATES:
            to_date(value, today)
        elif ai in _DAY_DATES or ai == "7007":
            for start in range(0, len(value), 6) if ai == "7007" else (0,):
                _check_day(value[start : start + 6], today)
    except ValueError as error:
        raise _malformed(f"({ai}) {value} is no date") from error


def _check_day(yymmdd: str, today: dt.date) -> None:
    if yymmdd[4:6] == "00":
        raise ValueError("day 0")
    to_date(yymmdd, today)


def _check_together(values: dict[str, str]) -> None:
    # Of identifiers whose last digit counts decimals, two would be two weights or two prices.
    kinds = [ai[:3] if len(ai) == 4 and ai[0] == "3" else ai for ai in values]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise _malformed(f"({kind}n) twice")
    for one, other in _NEVER_TOGETHER:
        if one in kinds and other in kinds:
            raise _malformed(f"({one}) and ({other}) together")
    for other in _NOT_WITH_A_GTIN:
        if "01" in kinds and other in kinds:
            raise _malformed(f"(01) and ({other}) together")


def _parsed(ai: str, value: str) -> "GS1ElementString":
    from hardware.scanner.library import GS1ElementString, ParseError

    try:
        return GS1ElementString.parse(ai + value, config=_biip_config())
    except ParseError as error:
        raise _malformed(str(error)) from error


def _biip_config() -> "ParseConfig":
    from hardware.scanner.library import ParseConfig

    # biip takes the second date of a harvest's span (7007) for a time of day: dates are checked here.
    return ParseConfig(gs1_element_strings_verify_date=False)


def _malformed(detail: str) -> UnreadableSymbol:
    return UnreadableSymbol(Reason.MALFORMED, detail)
