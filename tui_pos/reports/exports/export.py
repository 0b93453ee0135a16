"""The Zs of some days as files for the bookkeeper. Reads only; the same Zs always give the same bytes."""

import datetime as dt
import json
from collections.abc import Iterator
from importlib import import_module
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.reports.accounts import Accounts, Entry, Left, Unnamed, entries_of, note_left
from tui_pos.reports.errors import ReportError
from tui_pos.reports.exports.format import DatevRules, Format, Job
from tui_pos.reports.figures import from_bytes
from tui_pos.reports.models import ZReport

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
) -> list[bytes]:
    """The files of every till's Zs with a business date from `first` to `last`, both included.

    `accounts` are the shop's own; the format's stand in where they say nothing. Raises NotAllowed, and ReportError
    where there is no Z, an account is missing or not one of the format's, or the format cannot hold what they say.
    """
    actor.require(Permission.EXPORT)
    try:
        return _files(session, format, accounts, datev, first, last)
    except Unnamed as error:
        raise Unnamed(error.setting, error.what, format.name) from error


def _files(
    session: Session, format: Format, accounts: Accounts, datev: DatevRules, first: dt.date, last: dt.date
) -> list[bytes]:
    resolved = accounts.over(format.accounts(datev))
    entries = sorted(
        _entries(session, resolved, first, last), key=lambda entry: (entry.date, entry.till, entry.number)
    )
    if not entries and not _any_z(session, first, last):
        raise ReportError(_("No till has a Z of these days."))
    if not format.many_currencies and len({(entry.currency, entry.exponent) for entry in entries}) > 1:
        text = _(
            "The Zs of these days are in different currencies, and {format} holds one: choose other days."
        )
        raise ReportError(text.format(format=format.name))
    for entry in entries:
        _check_accounts(entry, format)
    return format.write(Job(tuple(entries), resolved, first, last, datev))


def _any_z(session: Session, first: dt.date, last: dt.date) -> bool:
    wanted = select(ZReport.id).where(ZReport.business_date.between(first, last)).limit(1)
    return session.scalar(wanted) is not None


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
        select(ZReport.business_date, ZReport.content)
        .where(ZReport.till == till, ZReport.number <= newest)
        .order_by(ZReport.number)
        .execution_options(yield_per=500)
    )
    for business_date, content in reports:
        if first <= business_date <= last:
            yield from entries_of(from_bytes(content), accounts, left)
        else:
            told = json.loads(content)
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
