"""The Zs of some days as files for the bookkeeper. Reads only; the same Zs always give the same bytes."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _, ngettext
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.reports.accounts import Accounts, Entry, Left, Unnamed, entries_of, note_left
from tui_pos.reports.errors import ReportError
from tui_pos.reports.exports.format import DatevRules, Format, Job
from tui_pos.reports.figures import figures_of, z_place
from tui_pos.reports.models import ZReport
from tui_pos.reports.period import last_z
from tui_pos.sales.models import Sale
from tui_pos.storage.errors import stored_json

_MODULES = {
    "beancount": "beancount",
    "hledger": "hledger",
    "csv": "plain_csv",
    "quickbooks": "quickbooks",
    "xero": "xero",
    "datev": "datev",
    "sage": "sage",
}

FORMATS = tuple(_MODULES)
"""The names of the formats, as a command takes them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The files, and what they hold: of how many Zs, on how many business dates, and in how many journals.

    `left_out` are sentences about receipts of these days that no file can hold yet, one for each till that has some.
    """

    files: list[bytes]
    zs: int
    days: int
    journals: int
    left_out: list[str]


def format_named(name: str) -> Format:
    """The format of that name. Raises ReportError for another."""
    if name not in _MODULES:
        text = _("There is no format {name}. There are: {formats}.")
        raise ReportError(text.format(name=name, formats=", ".join(FORMATS)))
    return cast(Format, import_module(f"tui_pos.reports.exports.{_MODULES[name]}").FORMAT)


def export(
    session: Session,
    format: Format,
    accounts: Accounts,
    datev: DatevRules,
    actor: Actor,
    first: dt.date,
    last: dt.date,
) -> Exported:
    """The files of every till's Zs with a business date from `first` to `last`, both included.

    `accounts` are the shop's own; the format's stand in where they say nothing. Raises NotAllowed, and ReportError
    where there is no Z, an account is missing or not one of the format's, or the format cannot hold what they say.
    """
    actor.require(Permission.EXPORT)
    left_out = _left_out(session, first, last)
    dates = session.scalars(
        select(ZReport.business_date).where(ZReport.business_date.between(first, last))
    ).all()
    if not dates:
        raise ReportError(" ".join([_("No till has a Z of these days."), *left_out]))
    resolved = accounts.over(format.accounts(datev))
    try:
        entries = sorted(
            _entries(session, resolved, first, last), key=lambda entry: (entry.date, entry.till, entry.number)
        )
        files = _files(entries, format, resolved, datev, first, last)
    except Unnamed as error:
        raise Unnamed(error.setting, error.what, format.name) from error
    return Exported(files, len(dates), len(set(dates)), len(entries), left_out)


def _left_out(session: Session, first: dt.date, last: dt.date) -> list[str]:
    """A sentence for each till that has sold on these days what no Z of it holds."""
    told = []
    for till in chain.tills(session):
        closed = last_z(session, till)
        count, begin, end = session.execute(
            select(func.count(), func.min(Sale.business_date), func.max(Sale.business_date)).where(
                Sale.till == till,
                Sale.number > (closed.bounds.sale if closed else 0),
                Sale.business_date.between(first, last),
            )
        ).one()
        if count:
            text = ngettext(
                "{count} receipt of {days} ({till}) is in no Z yet: make it, and export again.",
                "{count} receipts of {days} ({till}) are in no Z yet: make it, and export again.",
                count,
            )
            days = f"{begin}" if begin == end else f"{begin}..{end}"
            told.append(text.format(count=count, days=days, till=till))
    return told


def _files(
    entries: Sequence[Entry],
    format: Format,
    accounts: Accounts,
    datev: DatevRules,
    first: dt.date,
    last: dt.date,
) -> list[bytes]:
    if not format.many_currencies and len({(entry.currency, entry.exponent) for entry in entries}) > 1:
        text = _(
            "The Zs of these days are in different currencies, and {format} holds one: choose other days."
        )
        raise ReportError(text.format(format=format.name))
    for entry in entries:
        _check_accounts(entry, format)
    return format.write(Job(tuple(entries), accounts, first, last, datev))


def _entries(session: Session, accounts: Accounts, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """The journals of all tills, each till's in the order of its numbers."""
    of_these_days = ZReport.business_date.between(first, last)
    newest = session.execute(
        select(ZReport.till, func.max(ZReport.number)).where(of_these_days).group_by(ZReport.till)
    )
    for till, number in newest.all():
        yield from _of_till(session, accounts, till, number, first, last)


def _of_till(
    session: Session, accounts: Accounts, till: str, newest: int, first: dt.date, last: dt.date
) -> Iterator[Entry]:
    """From the till's first Z on, for what lay in its drawers; of those before `first` nothing else is read."""
    left: Left = {}
    reports = session.execute(
        select(ZReport.till, ZReport.number, ZReport.business_date, ZReport.content)
        .where(ZReport.till == till, ZReport.number <= newest)
        .order_by(ZReport.number)
        .execution_options(yield_per=500)
    )
    for report in reports:
        if first <= report.business_date <= last:
            yield from entries_of(figures_of(report), accounts, left)
        else:
            told = stored_json(report.content, z_place(report))
            note_left(told["shifts"], told["currency"], left)


def _check_accounts(entry: Entry, format: Format) -> None:
    for posting in entry.postings:
        if not format.account.fullmatch(posting.account):
            text = _(
                "“{account}” is no account for {format}, which wants {rule}. Name another one in the section "
                "[accounts.{format}] of the settings."
            )
            raise ReportError(
                text.format(account=posting.account, format=format.name, rule=format.account_rule())
            )
