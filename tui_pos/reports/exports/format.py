"""What every format of an export is made of, and what they share: amounts, and texts that break no line."""

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui_pos.i18n import _
from tui_pos.reports.accounts import Accounts, Entry
from tui_pos.reports.errors import ReportError
from tui_pos.storage.csv_files import CsvWriter

WINDOWS = "cp1252"

_WITHOUT_STROKE = str.maketrans("ĐđĦħıŁłŦŧ", "DdHhiLlTt")
"""Letters that are one with their stroke, so that no normal form takes it off."""


@dataclass(frozen=True, slots=True)
class DatevRules:
    """What DATEV's first line wants to know; only its format reads it."""

    consultant: int = 0
    client: int = 0
    chart: str = "03"  # the standard chart of accounts, SKR03 or SKR04
    account_digits: int = 4
    year_begins: tuple[int, int] = (1, 1)  # month and day of the fiscal year's first


@dataclass(frozen=True, slots=True)
class Job:
    """What to write: balanced entries in order, the accounts that they are on, and the days asked for."""

    entries: tuple[Entry, ...]
    accounts: Accounts
    first: dt.date
    last: dt.date
    datev: DatevRules = DatevRules()


@dataclass(frozen=True, slots=True)
class Format:
    """One form of export. `write` gives the files' bytes; mostly it is one, and the same for the same job.

    `account` is what the program that reads it takes for an account, told to people by `account_rule`. Where not
    `many_currencies`, all entries must be in one.
    """

    name: str
    suffix: str
    accounts: Callable[[DatevRules], Accounts]
    account: re.Pattern[str]
    account_rule: Callable[[], str]
    write: Callable[[Job], list[bytes]]
    many_currencies: bool = False


def exact(minor: int, exponent: int) -> str:
    """An amount with all decimals of its currency: -12.50, 1250, 1.250."""
    return f"{Decimal(minor).scaleb(-exponent):f}" if exponent else str(minor)


def two_decimals(minor: int, exponent: int) -> str:
    """An amount for a format that knows two decimals. Raises ReportError where it has thousandths of its own."""
    amount = Decimal(minor).scaleb(-exponent)
    cents = amount.scaleb(2)
    if cents != cents.to_integral_value():
        text = _(
            "This format holds two decimals, and {amount} has more. beancount, hledger and csv hold them all."
        )
        raise ReportError(text.format(amount=f"{amount:f}"))
    return f"{cents.to_integral_value().scaleb(-2):.2f}"


def plain(text: str, limit: int = 200) -> str:
    """One line: whatever is no letter or sign of its own becomes a space, and spaces come singly."""
    kept = (" " if unicodedata.category(mark)[0] in "CZ" else mark for mark in text)
    return " ".join("".join(kept).split())[:limit].rstrip()


def windows_text(text: str, limit: int = 200) -> str:
    """One line in the letters of Windows-1252: accents that it lacks fall off, what it cannot write becomes ?."""
    line = plain(unicodedata.normalize("NFC", text)).translate(_WITHOUT_STROKE)
    return "".join(map(_windows_mark, line))[:limit].rstrip()


def _windows_mark(mark: str) -> str:
    for form in (mark, unicodedata.normalize("NFKD", mark)):
        bare = "".join(part for part in form if not unicodedata.combining(part)) if form != mark else form
        try:
            bare.encode(WINDOWS)
        except UnicodeEncodeError:
            continue
        return bare
    return "?"


def comma_separated(rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> bytes:
    """Rows as RFC 4180 wants them, lines that end in CR LF; no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = CsvWriter(out)
    for row in rows:
        writer.row(row)
    return out.getvalue().encode(encoding)
