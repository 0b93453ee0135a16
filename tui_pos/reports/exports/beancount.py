"""beancount, as its own loader accepts it: https://beancount.github.io/docs/beancount_language_syntax.html

Accounts are opened by the plug-in auto_accounts and not by directives, so that several files can be included in one
ledger, and the same days be exported again. beancount heeds no plug-in of an included file: a ledger that includes
these must open the accounts itself, or bear the same line. The file says so at its head.
"""

import re

from tui_pos.i18n import _
from tui_pos.reports.accounts import Accounts, Entry
from tui_pos.reports.exports.format import DatevRules, Format, Job, exact, plain

_HEAD = (
    "; A ledger that includes this file must open its accounts, or bear the next line itself.\n"
    'plugin "beancount.plugins.auto_accounts"\n'
)


def _accounts(_rules: DatevRules) -> Accounts:
    return Accounts(
        cash="Assets:Cash",
        safe="Assets:Safe",
        cash_rounding="Income:Cash-Rounding",
        over_short="Expenses:Cash-Over-Short",
        paid_in="Assets:Petty-Cash",
        paid_out="Assets:Petty-Cash",
        tenders={"": "Assets:Clearing:{tender}"},
        sales={"": "Income:Sales:{class}:{rate}"},
        tax={"": "Liabilities:Tax:{class}:{rate}"},
    )


def _write(job: Job) -> list[bytes]:
    return [(_HEAD + "".join(map(_transaction, job.entries))).encode()]


def _transaction(entry: Entry) -> str:
    width = max(len(posting.account) for posting in entry.postings)
    amounts = [exact(posting.amount_minor, entry.exponent) for posting in entry.postings]
    digits = max(map(len, amounts))
    lines = [
        f'\n{entry.date.isoformat()} * "{_quoted(entry.narration)}"',
        f'  number: "{entry.number}"',
        f'  till: "{_quoted(entry.till)}"',
        *(
            f"  {posting.account:<{width}}  {amount:>{digits}} {entry.currency}  ; {plain(posting.text)}"
            for posting, amount in zip(entry.postings, amounts, strict=True)
        ),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')


FORMAT = Format(
    name="beancount",
    suffix=".beancount",
    accounts=_accounts,
    account=re.compile(r"(?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+"),
    account_rule=lambda: _("Assets, Liabilities, Equity, Income or Expenses, then parts such as :Cash"),
    write=_write,
    many_currencies=True,
)
