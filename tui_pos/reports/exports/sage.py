"""Sage 50 (UK and Ireland): audit trail transactions as CSV, one JD or JC a posting, no line of headings.

Fields, in Sage's order: type, account reference (empty for journals), nominal code, department, date, reference (30),
details (60), net amount, tax code, tax amount. The tax has postings of its own, on the VAT control account, with the
code of its rate: Sage's VAT return counts both by their codes.
"""

import re

from tui_pos.i18n import _
from tui_pos.money.tax import TaxKind
from tui_pos.reports.accounts import Accounts, Entry, Posting, Unnamed
from tui_pos.reports.exports.format import (
    WINDOWS,
    DatevRules,
    Format,
    Job,
    comma_separated,
    two_decimals,
    windows_text,
)

REFERENCE_LIMIT = 30
DETAILS_LIMIT = 60
GUARD = 1
"""Room for the apostrophe before a text that begins like a formula."""

_CODE_OF_KIND = {TaxKind.ZERO_RATED: "T0", TaxKind.EXEMPT: "T2", TaxKind.OUT_OF_SCOPE: "T9"}


def _accounts(_rules: DatevRules) -> Accounts:
    return Accounts(
        cash="1235",
        safe="1236",
        cash_rounding="8250",
        over_short="8250",
        paid_in="1230",
        paid_out="1230",
        no_tax_code="T9",
        tenders={"": "1250"},
        sales={"": "4000"},
        tax={"": "2200"},
        tax_codes={"standard": "T1", "reduced": "T5"},
    )


def _write(job: Job) -> list[bytes]:
    rows = [_row(entry, posting, job.accounts) for entry in job.entries for posting in entry.postings]
    return [comma_separated(rows, WINDOWS)]


def _row(entry: Entry, posting: Posting, accounts: Accounts) -> tuple[str, ...]:
    return (
        "JD" if posting.amount_minor > 0 else "JC",
        "",
        posting.account,
        "0",
        f"{entry.date:%d/%m/%Y}",
        windows_text(f"{entry.number} {entry.till}", REFERENCE_LIMIT),
        windows_text(posting.text, DETAILS_LIMIT - GUARD),
        two_decimals(abs(posting.amount_minor), entry.exponent),
        _tax_code(posting, accounts),
        "0.00",
    )


def _tax_code(posting: Posting, accounts: Accounts) -> str:
    rate = posting.rate
    code = accounts.tax_code(rate)
    if rate and not code:
        code = _CODE_OF_KIND.get(TaxKind(rate.kind), "")
    if not code:
        raise Unnamed("tax_codes", rate.name if rate else "")
    return code


FORMAT = Format(
    name="sage",
    suffix=".csv",
    accounts=_accounts,
    account=re.compile(r"[A-Za-z0-9]{1,8}"),
    account_rule=lambda: _("a nominal code of up to 8 letters and digits, such as 4000"),
    write=_write,
)
