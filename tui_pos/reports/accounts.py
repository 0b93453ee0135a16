"""What a Z means in double entry: balanced journals, on the accounts that the shop's bookkeeper uses.

A debit counts positive, a credit negative, in whole minor units. The takings of a Z are one entry: sales net and
tax by rate, against the tenders, with the rounding of cash, petty cash, and what the count found over or short.
What went between drawer and safe is a second one: drops, what was taken out at the close, and the float that was
put in. So the account of cash holds, after each Z whose shifts are closed, exactly what was left in the drawers.

Texts in an entry are plain English whoever exports it, so that an export is the same bytes every time.
"""

import datetime as dt
import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from tui_pos.i18n import _
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import CashEntry, Figures, TaxFigures
from tui_pos.sales.view import TenderKind

NO_NAMES: Mapping[str, str] = {}

Left = MutableMapping[tuple[str, str], int]
"""What lies in each drawer between its shifts, by the drawer's name and the currency."""


class Role(StrEnum):
    """What a posting stands for, whatever its account is called."""

    SALES = "sales"
    TAX = "tax"
    CASH = "cash"
    TENDER = "tender"  # other than cash
    CASH_ROUNDING = "cash rounding"
    PAID_IN = "paid in"
    PAID_OUT = "paid out"
    OVER_SHORT = "over/short"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Rate:
    """The tax of a posting: its class, a money.tax.TaxKind, and the percentage."""

    tax_class: str
    kind: str
    percent: Decimal

    @property
    def percent_text(self) -> str:
        """`13.5` for 13.5 %."""
        return f"{self.percent.normalize():f}"

    @property
    def name(self) -> str:
        """As entries and settings call it: `reduced 13.5`."""
        return f"{self.tax_class} {self.percent_text}"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: a debit (+) or credit (-) in minor units, never nought."""

    role: Role
    account: str
    amount_minor: int
    text: str
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One balanced journal. `made_at` is when its Z was made. Raises ReportError where it does not sum to nought."""

    date: dt.date
    number: str
    till: str
    narration: str
    currency: str
    exponent: int
    made_at: dt.datetime
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if sum(posting.amount_minor for posting in self.postings):
            text = _("{number} of {till} does not balance, so it was not exported: check the journal.")
            raise ReportError(text.format(number=self.number, till=self.till))


class Unnamed(ReportError):
    """No account, or no code of a tax, is named for something: the settings must name it."""

    def __init__(self, setting: str, what: str, format: str = "") -> None:
        section = f"accounts.{format}" if format else "accounts"
        text = _(
            "No account is named for “{what}”. Name it in the settings, in the section [{section}], by a line such "
            'as {setting} = ["{what} = {example}"], with what your bookkeeper calls it.'
        )
        example = _EXAMPLES[setting]
        super().__init__(text.format(what=what, section=section, setting=setting, example=example))
        self.setting = setting
        self.what = what


_EXAMPLES = {"sales": "8400", "tax": "1776", "tenders": "1360", "tax_codes": "T1"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """Which account is which. Empty texts are filled by `over`; a rate or tender may be named or stand under ''.

    A sales or tax account, and a tax code, is looked for by class and percentage (`standard 23`), by class
    (`standard`), then under ''; it may hold {class} (`Super-Reduced`), {percent} (`13.5`) and {rate} (`13-5`). A
    tender's account may hold {tender} (`Card`). In an account of small letters the words are of small letters, too.
    """

    cash: str = ""
    safe: str = ""
    cash_rounding: str = ""
    over_short: str = ""
    paid_in: str = ""
    paid_out: str = ""
    no_tax_code: str = ""  # what a line without tax bears, in formats that want a code on each
    tenders: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    sales: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    tax: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    tax_codes: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)

    def over(self, defaults: "Accounts") -> "Accounts":
        """These accounts, and those of `defaults` where these say nothing."""
        return Accounts(
            cash=self.cash or defaults.cash,
            safe=self.safe or defaults.safe,
            cash_rounding=self.cash_rounding or defaults.cash_rounding,
            over_short=self.over_short or defaults.over_short,
            paid_in=self.paid_in or defaults.paid_in,
            paid_out=self.paid_out or defaults.paid_out,
            no_tax_code=self.no_tax_code or defaults.no_tax_code,
            tenders={**defaults.tenders, **self.tenders},
            sales={**defaults.sales, **self.sales},
            tax={**defaults.tax, **self.tax},
            tax_codes={**defaults.tax_codes, **self.tax_codes},
        )

    def of_tender(self, kind: str) -> str:
        """The account that a kind of tender goes to. Raises ReportError where none is named."""
        if kind == TenderKind.CASH:
            return self.cash
        account = self.tenders.get(kind) or self.tenders.get("")
        if not account:
            raise Unnamed("tenders", kind)
        return _filled(account, {"tender": _titled(kind)})

    def of_sales(self, rate: Rate) -> str:
        """The account of what is sold at this rate. Raises ReportError where none is named."""
        return self._of_rate(self.sales, rate, "sales")

    def of_tax(self, rate: Rate) -> str:
        """The account of the tax of this rate. Raises ReportError where none is named."""
        return self._of_rate(self.tax, rate, "tax")

    def tax_code(self, rate: Rate | None) -> str:
        """The bookkeeping program's own name of the rate; that of no tax for none; empty where it has no name."""
        return self.no_tax_code if rate is None else _by_rate(self.tax_codes, rate)

    def _of_rate(self, accounts: Mapping[str, str], rate: Rate, setting: str) -> str:
        account = _by_rate(accounts, rate)
        if not account:
            raise Unnamed(setting, rate.name)
        return account


def _by_rate(names: Mapping[str, str], rate: Rate) -> str:
    name = next((names[key] for key in (rate.name, rate.tax_class, "") if names.get(key)), "")
    percent = rate.percent_text
    return _filled(
        name, {"class": _titled(rate.tax_class), "percent": percent, "rate": percent.replace(".", "-")}
    )


def _filled(account: str, values: Mapping[str, str]) -> str:
    """The account with what its marks stand for, in small letters where all of its own are."""
    own = account
    for mark in values:
        own = own.replace(f"{{{mark}}}", "")
    for mark, value in values.items():
        account = account.replace(f"{{{mark}}}", value.lower() if own.islower() else value)
    return account


def _titled(code: str) -> str:
    """`super_reduced` as a part of an account's name: Super-Reduced."""
    return "-".join(word.capitalize() for word in re.split(r"[\W_]+", code) if word)


def entries_of(figures: Figures, accounts: Accounts, left: Left) -> list[Entry]:
    """The journals of a Z: its takings, then drawer and safe; one of nothing but noughts is left out.

    `left` is what lay in the drawers before it, and is brought up to date: give a till's Zs in the order of their
    numbers, from its first one. Raises ReportError where an account is missing, or the Z does not balance.
    """
    bare = Entry(
        date=figures.business_date,
        number=f"Z{figures.number:06d}",
        till=figures.till,
        narration="",
        currency=figures.currency,
        exponent=figures.exponent,
        made_at=figures.until,
        postings=(),
    )
    named = (
        ("daily close", [*_takings(figures, accounts), *_petty_cash(figures, accounts)]),
        ("drawer and safe", _drawer_and_safe(figures, accounts, left)),
    )
    entries = []
    for narration, postings in named:
        told = tuple(posting for posting in postings if posting.amount_minor)
        if told:
            entries.append(replace(bare, narration=f"{figures.till} {narration}", postings=told))
    return entries


def note_left(shifts: Sequence[Mapping[str, object]], currency: str, left: Left) -> None:
    """Bring `left` up to date by a Z that is not exported itself: its `shifts` as they stand in its JSON."""
    for shift in shifts:
        drawer, left_minor = shift["drawer"], shift["left_minor"]
        if isinstance(drawer, str) and isinstance(left_minor, int):
            left[drawer, currency] = left_minor


def _takings(figures: Figures, accounts: Accounts) -> list[Posting]:
    postings = []
    for row in figures.taxes:
        rate = rate_of(row)
        postings.append(
            Posting(Role.SALES, accounts.of_sales(rate), -row.net_minor, f"sales {rate.name} %", rate)
        )
    for row in figures.taxes:
        if row.tax_minor:
            rate = rate_of(row)
            postings.append(
                Posting(Role.TAX, accounts.of_tax(rate), -row.tax_minor, f"tax {rate.name} %", rate)
            )
    rounding = figures.cash_rounding_minor
    for tender in figures.tenders:
        if tender.kind == TenderKind.CASH:
            postings.append(Posting(Role.CASH, accounts.cash, tender.amount_minor + rounding, "cash"))
        else:
            account = accounts.of_tender(tender.kind)
            postings.append(Posting(Role.TENDER, account, tender.amount_minor, tender.kind))
    postings.append(Posting(Role.CASH_ROUNDING, accounts.cash_rounding, -rounding, "cash rounding"))
    return postings


def rate_of(row: TaxFigures) -> Rate:
    """The rate of a Z's tax row."""
    return Rate(row.tax_class, row.kind, row.percent)


def _petty_cash(figures: Figures, accounts: Accounts) -> list[Posting]:
    """What was paid in and out, each with its reason, and what the count found over or short."""
    postings = []
    for entry in figures.cash_entries:
        if entry.kind == "paid_in":
            postings += _cash_against(
                accounts, Role.PAID_IN, accounts.paid_in, entry.amount_minor, _why(entry)
            )
        elif entry.kind == "paid_out":
            postings += _cash_against(
                accounts, Role.PAID_OUT, accounts.paid_out, -entry.amount_minor, _why(entry)
            )
    over = figures.cash.over_short_minor or 0
    text = "cash over" if over > 0 else "cash short"
    return postings + _cash_against(accounts, Role.OVER_SHORT, accounts.over_short, over, text)


def _drawer_and_safe(figures: Figures, accounts: Accounts, left: Left) -> list[Posting]:
    """Every movement between drawer and safe: floats put in, drops, what was taken out at the close."""
    postings = []

    def from_safe(amount_minor: int, text: str) -> None:
        postings.extend(_cash_against(accounts, Role.SAFE, accounts.safe, amount_minor, text))

    for shift in figures.shifts:
        drawer = (shift.drawer, figures.currency)
        from_safe(shift.float_minor - left.get(drawer, 0), f"float of {shift.drawer}, shift {shift.number}")
        if shift.counted_minor is not None and shift.left_minor is not None:
            taken_minor = shift.counted_minor - shift.left_minor
            from_safe(-taken_minor, f"taken out of {shift.drawer} at the end of shift {shift.number}")
            left[drawer] = shift.left_minor
    for entry in figures.cash_entries:
        if entry.kind == "drop":
            from_safe(-entry.amount_minor, _why(entry))
    return postings


def _why(entry: CashEntry) -> str:
    what = entry.kind.replace("_", " ")
    if entry.takes_back:
        return f"{what}, taken back: {entry.takes_back}: {entry.reason}"
    return f"{what}: {entry.reason}" if entry.reason else what


def _cash_against(
    accounts: Accounts, role: Role, account: str, into_cash_minor: int, text: str
) -> list[Posting]:
    return [
        Posting(Role.CASH, accounts.cash, into_cash_minor, text),
        Posting(role, account, -into_cash_minor, text),
    ]
