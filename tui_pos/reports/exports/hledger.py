"""hledger's journal: https://hledger.org/hledger.html#journal

Accounts and currencies are declared, as `hledger check --strict` wants them. Declared twice is no fault, so several
files can be included in one journal.
"""

import re
from collections.abc import Sequence

from tui_pos.i18n import _
from tui_pos.reports.accounts import Accounts, Entry
from tui_pos.reports.exports.format import DatevRules, Format, Job, exact, plain

# Without it 1.234 could be read as a thousand, as some countries write it.
_HEAD = "decimal-mark .\n"

# In a comment these would begin a tag or a date of the posting's own; in a description, a comment or a note.
_NO_TAGS = str.maketrans({":": " ", "[": "(", "]": ")", ",": " ", ";": " ", "|": "/"})


def _accounts(_rules: DatevRules) -> Accounts:
    return Accounts(
        cash="assets:cash",
        safe="assets:safe",
        cash_rounding="income:cash rounding",
        over_short="expenses:cash over short",
        paid_in="assets:petty cash",
        paid_out="assets:petty cash",
        tenders={"": "assets:clearing:{tender}"},
        sales={"": "income:sales:{class}:{percent}"},
        tax={"": "liabilities:tax:{class}:{percent}"},
    )


def _write(job: Job) -> list[bytes]:
    return [(_HEAD + _declared(job.entries) + "".join(map(_transaction, job.entries))).encode()]


def _declared(entries: Sequence[Entry]) -> str:
    """Every currency with its decimals, and every account."""
    currencies = sorted({(entry.currency, entry.exponent) for entry in entries})
    accounts = sorted({posting.account for entry in entries for posting in entry.postings})
    lines = [f"commodity 1000.{'0' * exponent} {currency}" for currency, exponent in currencies]
    lines += ["", *(f"account {account}" for account in accounts)] if accounts else []
    return "".join(f"{line}\n" for line in lines)


def _transaction(entry: Entry) -> str:
    width = max(len(posting.account) for posting in entry.postings)
    amounts = [exact(posting.amount_minor, entry.exponent) for posting in entry.postings]
    digits = max(map(len, amounts))
    lines = [
        f"\n{entry.date.isoformat()} * ({entry.number}) {_untagged(entry.narration)}",
        *(
            f"    {posting.account:<{width}}  {amount:>{digits}} {entry.currency}  ; {_untagged(posting.text)}"
            for posting, amount in zip(entry.postings, amounts, strict=True)
        ),
    ]
    return "\n".join(lines) + "\n"


def _untagged(text: str) -> str:
    return plain(text.translate(_NO_TAGS))


FORMAT = Format(
    name="hledger",
    suffix=".journal",
    accounts=_accounts,
    # Two spaces end the name; a bracket would make the posting a virtual one, a star or a bang would mark it.
    account=re.compile(r"(?! )(?![\[(*!;])(?:(?!  )[^\t\n\r;\[\]()])+(?<! )"),
    account_rule=lambda: _("a name such as assets:cash, without brackets, semicolons or two spaces together"),
    write=_write,
    many_currencies=True,
)
