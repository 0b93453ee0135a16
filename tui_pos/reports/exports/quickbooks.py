"""QuickBooks Desktop's IIF: tabs between the cells, no quotes, one TRNS and its SPL lines, which sum to nought.

Field rules: Intuit's "IIF import kit" (transactions). Names of accounts that the company does not have yet are made
by the import as bank accounts, so they should be there before.
"""

import re

from tui_pos.i18n import _
from tui_pos.reports.accounts import Accounts, Entry, Posting
from tui_pos.reports.exports.format import WINDOWS, DatevRules, Format, Job, two_decimals, windows_text

_COLUMNS = ("TRNSTYPE", "DATE", "ACCNT", "AMOUNT", "DOCNUM", "MEMO")
_MEMO_LIMIT = 200
_PART = r"[^\t\r\n\":]{1,31}"


def _accounts(_rules: DatevRules) -> Accounts:
    return Accounts(
        cash="Cash in Drawers",
        safe="Safe",
        cash_rounding="Cash Rounding",
        over_short="Cash Over and Short",
        paid_in="Petty Cash",
        paid_out="Petty Cash",
        tenders={"": "{tender} Clearing"},
        sales={"": "Sales:{class} {percent}%"},
        tax={"": "Tax Collected:{class} {percent}%"},
    )


def _write(job: Job) -> list[bytes]:
    lines = [f"!{keyword}\t" + "\t".join(_COLUMNS) for keyword in ("TRNS", "SPL")] + ["!ENDTRNS"]
    for entry in job.entries:
        for place, posting in enumerate(entry.postings):
            lines.append("\t".join(("SPL" if place else "TRNS", *_cells(entry, posting))))
        lines.append("ENDTRNS")
    return ["".join(f"{line}\r\n" for line in lines).encode(WINDOWS)]


def _cells(entry: Entry, posting: Posting) -> tuple[str, ...]:
    return (
        "GENERAL JOURNAL",
        f"{entry.date:%m/%d/%Y}",
        windows_text(posting.account),
        two_decimals(posting.amount_minor, entry.exponent),
        entry.number,
        windows_text(f"{entry.narration}: {posting.text}", _MEMO_LIMIT).replace('"', "'"),
    )


FORMAT = Format(
    name="quickbooks",
    suffix=".iif",
    accounts=_accounts,
    account=re.compile(rf"{_PART}(?::{_PART}){{0,4}}"),
    account_rule=lambda: _("parts of up to 31 characters with : between them, without tabs and quotes"),
    write=_write,
)
