"""One row for each posting, for spreadsheets and for programs of one's own (RFC 4180, UTF-8)."""

import re

from tui_pos.i18n import _
from tui_pos.reports.accounts import Accounts, Entry, Posting
from tui_pos.reports.exports.format import DatevRules, Format, Job, comma_separated, exact, plain

COLUMNS = (
    "date", "number", "till", "narration", "account", "debit", "credit", "currency", "role", "text",
    "tax_class", "tax_percent",
)  # fmt: skip


def _accounts(_rules: DatevRules) -> Accounts:
    return Accounts(
        cash="cash",
        safe="safe",
        cash_rounding="cash rounding",
        over_short="cash over/short",
        paid_in="petty cash",
        paid_out="petty cash",
        tenders={"": "clearing {tender}"},
        sales={"": "sales {class} {percent} %"},
        tax={"": "tax {class} {percent} %"},
    )


def _write(job: Job) -> list[bytes]:
    rows = [_row(entry, posting) for entry in job.entries for posting in entry.postings]
    return [comma_separated([COLUMNS, *rows])]


def _row(entry: Entry, posting: Posting) -> tuple[str, ...]:
    amount = exact(abs(posting.amount_minor), entry.exponent)
    debit, credit = (amount, "") if posting.amount_minor > 0 else ("", amount)
    rate = posting.rate
    return (
        entry.date.isoformat(),
        entry.number,
        entry.till,
        entry.narration,
        plain(posting.account),
        debit,
        credit,
        entry.currency,
        posting.role.value,
        plain(posting.text),
        rate.tax_class if rate else "",
        rate.percent_text if rate else "",
    )


FORMAT = Format(
    name="csv",
    suffix=".csv",
    accounts=_accounts,
    account=re.compile(r".+"),
    account_rule=lambda: _("any name"),
    write=_write,
    many_currencies=True,
)
