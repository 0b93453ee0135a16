"""Proving the books: the journal's own chain, its signed closures, and every row that it vouches for.

Reads everything once, in batches, whatever the size of the books.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, Uuid, func, select, union
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain, signing
from tui_pos.journal.archive import Days, keys_of, write_archive
from tui_pos.journal.chain import JournalBroken, JournalError
from tui_pos.journal.closures import ClosureCheck, Signed
from tui_pos.journal.models import Closure, JournalEntry, SigningKey
from tui_pos.journal.rows import Plain, as_stored, converter, default_of, exact, table_of
from tui_pos.journal.verify_archive import STAFF_EVENTS
from tui_pos.payments.models import CashCount, CashMovement, Shift, ShiftClose
from tui_pos.people.actor import Actor
from tui_pos.people.models import Staff
from tui_pos.people.permissions import Permission
from tui_pos.printing.models import PrintJob
from tui_pos.printing.queue import RECEIPT
from tui_pos.reports.models import ZReport
from tui_pos.sales import kept_pages
from tui_pos.sales.models import Correction, Sale, SaleLine, SaleTax, SaleTender, TrainingSale
from tui_pos.sales.shop import Shop
from tui_pos.stock.models import StockMovement
from tui_pos.storage import soundness
from tui_pos.storage.base import Base
from tui_pos.storage.errors import MISTYPED

VOUCHED: tuple[type[Base], ...] = (
    Sale, SaleLine, SaleTax, SaleTender, StockMovement, Correction, CashMovement, Shift, ShiftClose, CashCount,
    TrainingSale, ZReport, SigningKey,
)  # fmt: skip
"""The tables whose every row stands in the journal. Closures are held against it in their own way."""

BATCH = 4000
"""How many stated rows are held against the tables at once."""

KEYS_AT_ONCE = 900
"""SQLite before 3.32 takes 999 (https://www.sqlite.org/limits.html#max_variable_number)."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What was found right of one till."""

    till: str
    entries: dict[str, int]  # by stream
    rows: int
    signed: Signed


@dataclass(frozen=True, slots=True)
class _Stated:
    """A row as an entry states it."""

    stream: str
    seq: int
    table: str
    row: dict[str, Plain]


def verify_books(session: Session, actor: Actor, till: str = "") -> list[Proven]:
    """Walk the books of one till, or of all. Empty books prove nothing: then the list is empty.

    Raises NotAllowed, JournalBroken naming the first thing that is wrong, and JournalError for a till that the books do
    not know.
    """
    actor.require(Permission.JOURNAL)
    try:
        return _verify(session, till)
    except (DBAPIError, UnicodeDecodeError) as error:
        if not soundness.is_unreadable(error):
            raise
        words = " ".join(str(getattr(error, "orig", error)).split())
        _name_unreadable(session, till)
        text = _("The books cannot be read: {words}. Restore a backup to another place.")
        raise JournalBroken(text.format(words=words)) from error
    except MISTYPED as error:
        _check_values(session)  # which names what it fell over, if that is what it was
        raise error


def unguarded_tables(session: Session, actor: Actor) -> list[str]:
    """The tables that are written once, and that the database would let somebody change. Raises NotAllowed."""
    actor.require(Permission.JOURNAL)
    return soundness.missing_guards(session)


def strange_triggers(session: Session, actor: Actor) -> list[str]:
    """The database's triggers that this program did not make, as `trigger (table)`. Raises NotAllowed."""
    actor.require(Permission.JOURNAL)
    return soundness.strange_triggers(session)


def _name_unreadable(session: Session, till: str) -> None:
    """Look once more, taking any bytes for text: the row that holds them differs from what was stated of it."""
    with suppress(DBAPIError, UnicodeDecodeError), soundness.any_text(session):
        _verify(session, till)


def _verify(session: Session, till: str) -> list[Proven]:
    wrong = soundness.damage(session)  # first: all that follows is found by the indexes
    if wrong:
        raise JournalBroken(_("The database file is damaged: {what}").format(what=wrong))
    readers = {reader.name: reader for reader in (_Reader(session, model) for model in VOUCHED)}
    _check_streams(session)
    tills = _tills(session)
    if till and till not in tills:
        text = _("These books know no till “{till}”. They know: {tills}")
        raise JournalError(text.format(till=till, tills=", ".join(tills) or "-"))
    proven = [_verify_till(session, each, readers) for each in ([till] if till else tills)]
    for reader in readers.values():
        reader.check_count(till)
    _check_people(session)
    _check_values(session)
    wrong = soundness.dangling_row(session)
    if wrong:
        raise JournalBroken(_("A row names one that is not there: {tables}").format(tables=wrong))
    return proven


def _check_values(session: Session) -> None:
    """Every column holds only what it can, also in the tables that the journal does not vouch for."""
    wrong = soundness.misfit(session)
    if wrong:
        text = _("The books are damaged ({place}). Restore a backup to another place.")
        raise JournalBroken(text.format(place=wrong))


def _check_people(session: Session) -> None:
    """Everybody has the name and the role that the journal gave them last; nothing else of them is vouched for."""
    events = (
        select(JournalEntry.till, JournalEntry.body)
        .where(JournalEntry.stream == chain.EVENTS, JournalEntry.event.in_(STAFF_EVENTS))
        .order_by(JournalEntry.till, JournalEntry.seq)
    )
    last: dict[
        str, dict[str, tuple[str, str]]
    ] = {}  # by person and till: which till's came later, no clock proves
    for till, body in session.execute(events):
        said = json.loads(body)["data"]
        last.setdefault(said["staff"], {})[till] = (said["name"], said["role"])
    for row in _Reader(session, Staff).all():
        stated = last.pop(str(row["id"]), {})
        if (row["name"], row["role"]) not in stated.values():
            text = _("{name} ({role}) of the staff does not have the name and role that the journal states.")
            raise JournalBroken(text.format(name=row["name"], role=row["role"]))
    for person, stated in last.items():
        name, role = next(iter(stated.values()))
        text = _("{name} ({role}), {person}, was taken on as the journal states, and is not among the staff.")
        raise JournalBroken(text.format(name=name, role=role, person=person))


def _tills(session: Session) -> list[str]:
    """Every till that any row names: one that the journal does not know is found by its rows."""
    models: tuple[type[Base], ...] = (*VOUCHED, JournalEntry, Closure)
    tables = [table_of(model) for model in models]
    named = [select(table.c.till).distinct() for table in tables if "till" in table.c]
    found: list[Any] = list(session.scalars(union(*named)))
    strange = next((each for each in found if not isinstance(each, str)), None)
    if strange is not None:  # SQLite keeps whatever somebody puts there
        raise JournalBroken(_("A row names a till that is no text: {till}").format(till=repr(strange)))
    return sorted(found)


def _check_streams(session: Session) -> None:
    strange = session.scalars(
        select(JournalEntry.stream).where(JournalEntry.stream.not_in(chain.STREAMS)).limit(1)
    ).first()
    if strange is not None:
        raise JournalBroken(
            _("The journal has a stream “{stream}” that no till writes.").format(stream=strange)
        )


def _verify_till(session: Session, till: str, readers: dict[str, "_Reader"]) -> Proven:
    closures = ClosureCheck(session, till)
    entries = dict.fromkeys(chain.STREAMS, 0)
    rows = 0
    for reader in readers.values():
        reader.number = 0
    pages: dict[str, chain.Entry] = {}
    for stream in chain.STREAMS:
        batch: list[_Stated] = []
        for entry in chain.walk(session, till, stream):
            closures.see(stream, entry)
            entries[stream] = entry.seq
            batch += _stated(till, stream, entry)
            if stream == chain.RECEIPTS and "page" in entry.content["data"]:
                pages |= {sale["id"]: entry for sale in entry.content.get("rows", {}).get("sale", ())}
            if len(batch) >= BATCH:
                rows += _compare(till, batch, readers)
                _check_pages(session, till, pages)
                batch, pages = [], {}
        rows += _compare(till, batch, readers)
        _check_pages(session, till, pages)
        pages = {}
    return Proven(till, entries, rows, closures.finish())


def _stated(till: str, stream: str, entry: chain.Entry) -> Iterator[_Stated]:
    for table, rows in entry.content.get("rows", {}).items():
        for row in rows:
            if row.get("till", till) != till:
                raise _wrong(till, stream, entry.seq, _("it states a row of another till."))
            yield _Stated(stream, entry.seq, table, row)


def _compare(till: str, batch: Sequence[_Stated], readers: dict[str, "_Reader"]) -> int:
    """Hold what a batch of entries states against the tables. Returns how many rows that were."""
    keys: dict[str, list[Plain]] = {}
    for stated in batch:
        if stated.table not in readers:
            text = _("it states a row of a table “{table}” that is not known.").format(table=stated.table)
            raise _wrong(till, stated.stream, stated.seq, text)
        keys.setdefault(stated.table, []).append(stated.row.get(readers[stated.table].key.name))
    found = {table: readers[table].fetch(each) for table, each in keys.items()}
    for stated in batch:
        reader = readers[stated.table]
        why = reader.number_fault(stated.row) or reader.fault(
            stated.row, found[stated.table].pop(reader.id_of(stated.row), None)
        )
        if why:
            raise _wrong(till, stated.stream, stated.seq, why)
        reader.stated += 1
    for table, rows in found.items():
        for identity in rows:
            owners = (each for each in batch if each.table == table)
            owner = next((each for each in owners if identity[0] == readers[table].id_of(each.row)[0]), None)
            if owner is None:
                raise _unstated(table, identity)
            text = _("table {table} has a row ({key}) that it does not state.")
            raise _wrong(till, owner.stream, owner.seq, text.format(table=table, key=_words(identity)))
    return len(batch)


def _check_pages(session: Session, till: str, entries: Mapping[str, chain.Entry]) -> None:
    """Hold the kept pages of sales (by the sale's id) against their entries. One that is not kept is no fault."""
    kept = select(PrintJob.sale_id, PrintJob.document).where(PrintJob.kind == RECEIPT)
    for some in _portions([UUID(each) for each in entries]):
        for sale_id, document in session.execute(kept.where(PrintJob.sale_id.in_(some))):
            entry = entries[str(sale_id)]
            if not kept_pages.fits(str(document), entry.hash, entry.content["data"]["page"]):
                raise _wrong(till, chain.RECEIPTS, entry.seq, _("the kept page of its receipt was changed."))


def _portions(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """A database takes only so many values with one query."""
    left = iter(keys)
    while some := list(islice(left, KEYS_AT_ONCE)):
        yield some


def _wrong(till: str, stream: str, seq: int, why: str) -> JournalBroken:
    text = _("Journal of {till}, stream {stream}, entry {seq}: {wrong}")
    return JournalBroken(text.format(till=till, stream=stream, seq=seq, wrong=why))


def _unstated(table: str, identity: tuple[Plain, ...]) -> JournalBroken:
    text = _("Table {table}: its row {key} stands nowhere in the journal.")
    return JournalBroken(text.format(table=table, key=_words(identity)))


def _words(identity: tuple[Plain, ...]) -> str:
    return ", ".join(str(part) for part in identity)


class _Reader:
    """Reads rows of one table in their exact form, and counts how many of them the journal stated."""

    def __init__(self, session: Session, model: type[Base]) -> None:
        self.session = session
        self.table = table_of(model)
        self.name = self.table.name
        self.columns = tuple(self.table.columns)
        self.primary = tuple(column.name for column in self.table.primary_key.columns)
        self.key: Column[Any] = self.table.columns[self.primary[0]]
        self.numbered = "number" in self.table.columns
        self.number = 0  # the last one of the till
        self.stated = 0
        dialect = session.get_bind().dialect.name
        self.rows = select(*as_stored(model, dialect))
        self.names = tuple(each.name for each in self.columns)
        converters = {each.name: converter(each, dialect) for each in self.columns}
        self.converted = [(name, convert) for name, convert in converters.items() if convert]
        self.defaults = {each.name: exact(default_of(each)) for each in self.columns}

    def id_of(self, row: dict[str, Plain]) -> tuple[Plain, ...]:
        return tuple(row.get(name) for name in self.primary)

    def fetch(self, keys: Sequence[Plain]) -> dict[tuple[Plain, ...], dict[str, Plain]]:
        """All rows whose first key column is one of these, by their whole key."""
        wanted: set[Any] = set(keys)
        if isinstance(self.key.type, Uuid):
            wanted = {UUID(str(key)) for key in wanted}
        found = {}
        for some in _portions(wanted):
            for part in self._read(self.rows.where(self.key.in_(some))):
                found[self.id_of(part)] = part
        return found

    def all(self) -> Iterator[dict[str, Plain]]:
        return self._read(self.rows)

    def _read(self, query: Select[Any]) -> Iterator[dict[str, Plain]]:
        for row in self.session.execute(query.execution_options(yield_per=1000)):
            values = dict(zip(self.names, row, strict=True))
            for name, convert in self.converted:
                values[name] = convert(values[name])
            yield values

    def number_fault(self, row: dict[str, Plain]) -> str:
        """Numbers that people read go up by one, in the order of the journal."""
        if not self.numbered:
            return ""
        self.number += 1
        if row.get("number") == self.number:
            return ""
        text = _("table {table} has the number {number} where {wanted} should follow.")
        return text.format(table=self.name, number=row.get("number"), wanted=self.number)

    def fault(self, stated: dict[str, Plain], found: dict[str, Plain] | None) -> str:
        """In what the row is not as it was stated; empty where it is."""
        if found == stated:
            return ""
        if found is None:
            text = _("its row of table {table} is missing ({key}).")
            return text.format(table=self.name, key=_words(self.id_of(stated)))
        for name, value in found.items():
            # A column that came after the entry was written holds what such rows were given.
            wanted = stated.get(name, self.defaults[name])
            if value != wanted:
                text = _("column {column} of its row in table {table} holds {found}, and it states {stated}.")
                return text.format(
                    column=name, table=self.name, found=_shortened(value), stated=_shortened(wanted)
                )
        if not stated.keys() <= found.keys():
            return _("it states a column that table {table} does not have.").format(table=self.name)
        return ""

    def check_count(self, till: str) -> None:
        """All rows were stated: none was added. Raises JournalBroken naming one that was."""
        count = select(func.count()).select_from(self.table)
        if self.session.scalar(self._of(till, count)) == self.stated:
            return
        known = self._stated_keys(till)
        for row in self._read(self._of(till, self.rows).order_by(*self.table.primary_key.columns)):
            identity = self.id_of(row)
            if identity not in known:
                raise _unstated(self.name, identity)
        raise JournalBroken(_("Table {table}: the journal states a row twice.").format(table=self.name))

    def _of(self, till: str, query: Select[Any]) -> Select[Any]:
        """Restricted to one till, where one is asked for; lines, taxes and tenders belong to their sale's."""
        if not till:
            return query
        if "till" in self.table.c:
            return query.where(self.table.c.till == till)
        column, parent = next(
            (key.parent, key.column) for key in self.table.foreign_keys if "till" in key.column.table.c
        )
        return query.where(column.in_(select(parent).where(parent.table.c.till == till)))

    def _stated_keys(self, till: str) -> set[tuple[Plain, ...]]:
        """Only asked for when something is wrong: the keys of all rows that the journal states."""
        return {
            self.id_of(row)
            for each in ([till] if till else _tills(self.session))
            for stream in chain.STREAMS
            for entry in chain.walk(self.session, each, stream)
            for row in entry.content.get("rows", {}).get(self.name, ())
        }


def _shortened(value: Plain) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def archive_days(
    session: Session,
    actor: Actor,
    shop: Shop,
    signer: signing.Signer,
    first_day: dt.date,
    last_day: dt.date,
    target: Path,
) -> dict[str, Any]:
    """Write the journal of these business days, both included, into one signed file. Returns its manifest.

    Raises NotAllowed, JournalError and OSError; then there is no file.
    """
    actor.require(Permission.JOURNAL)
    zs = select(ZReport.number).where(
        ZReport.till == shop.till, ZReport.business_date.between(first_day, last_day)
    )
    after = last_day + dt.timedelta(days=1) if last_day < dt.date.max else None
    days = Days(
        first_day,
        last_day,
        shop.day_begins(first_day),
        shop.day_begins(after) if after else dt.datetime.max.replace(tzinfo=dt.UTC),
        frozenset(session.scalars(zs)),
        _receipts(session, shop.till, first_day, last_day),
    )
    currency = (shop.rules.currency.code, shop.rules.currency.exponent)
    return write_archive(session, shop.till, signer, days, currency, target)


def _receipts(session: Session, till: str, first: dt.date, last: dt.date) -> range:
    """The receipts of some business days; where there is none, the empty range behind those before them."""
    inside = select(func.min(Sale.number), func.max(Sale.number)).where(Sale.till == till)
    low, high = session.execute(inside.where(Sale.business_date.between(first, last))).one()
    if low is not None:
        return range(low, high + 1)
    before = select(func.max(Sale.number)).where(Sale.till == till, Sale.business_date < first)
    end = (session.scalar(before) or 0) + 1
    return range(end, end)


def list_keys(session: Session, actor: Actor, till: str) -> list[dict[str, Any]]:
    """Every key that the till has signed with, oldest first. Raises NotAllowed."""
    actor.require(Permission.JOURNAL)
    return keys_of(session, till)


def replace_key(
    session: Session, actor: Actor, till: str, store: signing.KeyStore, now: dt.datetime
) -> signing.KeySigner:
    """Sign with a new key from now on: no matter of who only reads the journal. Raises NotAllowed."""
    actor.require(Permission.SETTINGS)
    return signing.new_key(session, till, store, actor.id, now)
