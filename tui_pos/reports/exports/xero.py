"""Xero's manual journals as CSV: the columns of its template, at most 300 lines in a file.

Xero makes one journal of the lines with the same narration and date, takes a debit as positive, and adds to each line
the tax of the rate that it bears. So each line bears the rate that stands for none, and tax has lines of its own. A
class whose rate has its name in the settings (accounts.tax_codes) is sent net under that name; its line of tax then
holds no more than Xero, which works out tax of the day's sum, does not make itself of what the receipts say.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from tui_pos.i18n import _
from tui_pos.money.rounding import divide_half_up
from tui_pos.reports.accounts import Accounts, Entry, Posting, Role
from tui_pos.reports.errors import ReportError
from tui_pos.reports.exports.format import (
    DatevRules,
    Format,
    Job,
    comma_separated,
    plain,
    two_decimals,
)

COLUMNS = (
    "*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount",
    "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2",
)  # fmt: skip
MAX_LINES = 300

Row = tuple[str, ...]


def _accounts(_rules: DatevRules) -> Accounts:
    return Accounts(
        cash="640",
        safe="642",
        cash_rounding="860",
        over_short="429",
        paid_in="643",
        paid_out="643",
        no_tax_code="Tax Exempt",
        tenders={"": "641"},
        sales={"": "200"},
        tax={"": "820"},
    )


def _write(job: Job) -> list[bytes]:
    return [comma_separated([COLUMNS, *rows]) for rows in _files(job)]


def _files(job: Job) -> Iterator[list[Row]]:
    """The rows of each file: as many whole journals as one may hold. Raises ReportError for one that is longer."""
    rows: list[Row] = []
    for entry in job.entries:
        journal = [_row(entry, posting, job.accounts) for posting in _with_its_own_tax(entry, job.accounts)]
        if len(journal) > MAX_LINES:
            text = _("{number} of {till} has {count} lines, and Xero takes {limit} in a journal.")
            raise ReportError(
                text.format(number=entry.number, till=entry.till, count=len(journal), limit=MAX_LINES)
            )
        if len(rows) + len(journal) > MAX_LINES:
            yield rows
            rows = []
        rows += journal
    yield rows


def _with_its_own_tax(entry: Entry, accounts: Accounts) -> Iterator[Posting]:
    """The postings, with the tax less what Xero will add by itself."""
    added = {
        posting.rate: divide_half_up(*_of_percent(posting.amount_minor, posting.rate.percent))
        for posting in entry.postings
        if posting.role is Role.SALES and posting.rate and accounts.tax_code(posting.rate)
    }
    taxed = {posting.rate for posting in entry.postings if posting.role is Role.TAX}
    for posting in entry.postings:
        amount_minor = posting.amount_minor
        if posting.role is Role.TAX and posting.rate:
            amount_minor -= added.get(posting.rate, 0)
        if amount_minor:
            yield Posting(posting.role, posting.account, amount_minor, posting.text, posting.rate)
    for rate, amount_minor in added.items():
        if rate not in taxed and amount_minor:  # the receipts' tax came to nought, Xero's does not
            yield Posting(Role.TAX, accounts.of_tax(rate), -amount_minor, f"tax {rate.name} %", rate)


def _of_percent(amount_minor: int, percent: Decimal) -> tuple[int, int]:
    numerator, denominator = (percent / 100).as_integer_ratio()
    return amount_minor * numerator, denominator


def _row(entry: Entry, posting: Posting, accounts: Accounts) -> Row:
    code = accounts.tax_code(posting.rate) if posting.role is Role.SALES else ""
    return (
        f"{entry.number} {entry.narration}",
        f"{entry.date:%d/%m/%Y}",
        plain(posting.text),
        posting.account,
        code or accounts.no_tax_code,
        two_decimals(posting.amount_minor, entry.exponent),
        *("",) * 4,
    )


FORMAT = Format(
    name="xero",
    suffix=".csv",
    accounts=_accounts,
    account=re.compile(r"[A-Za-z0-9./-]{1,10}"),
    account_rule=lambda: _("a code of up to 10 letters and digits, such as 200"),
    write=_write,
)
