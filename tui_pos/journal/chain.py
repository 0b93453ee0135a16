"""Appending to the journal, and walking it again.

Every entry's bytes hold the hash of the one before, so that no entry can be changed, removed, added or swapped
without the rest of the chain showing it. The bytes are canonical JSON: keys sorted, no spaces, UTF-8, numbers only
as integers (a Decimal travels as text), so that another program can make the same bytes again.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.i18n.spans import span_text
from tui_pos.journal.models import JournalEntry
from tui_pos.journal.rows import as_stored, exact_row, stored_moment, table_of
from tui_pos.storage.base import Base
from tui_pos.storage.lock import one_at_a_time

SCHEMA = 1
"""Version of the entries' fields. It stands in each entry: fields change over the years."""

GENESIS = bytes(32)
"""What the first entry of a stream names as the hash before it."""

RECEIPTS = "receipts"
EVENTS = "events"
CLOSURES = "closures"  # Zs, and the keys that sign them
COPIES = "copies"
TRAINING = "training"
STREAMS = (RECEIPTS, EVENTS, CLOSURES, COPIES, TRAINING)

CLOCK_TOLERANCE = dt.timedelta(minutes=1)
"""A clock that is set right by the network moves by seconds; what goes back further, somebody did."""

FAR_AHEAD = dt.timedelta(days=31)
"""A shop may be shut for a month. By a clock that was set wrong, all that is booked stays dated so for ever."""

# Built once: at every entry only the values are new, and SQLAlchemy finds its compiled text by identity.
_NEWEST = (
    select(JournalEntry.seq, JournalEntry.hash, JournalEntry.at)
    .where(JournalEntry.till == bindparam("till"), JournalEntry.stream == bindparam("stream"))
    .order_by(JournalEntry.seq.desc())
    .limit(1)
)
_INSERT = insert(JournalEntry.__table__)  # type: ignore[arg-type]


class JournalError(Exception):
    """The base of what the journal can raise."""


class ClockAhead(JournalError):
    """The clock is far ahead of the till's journal: nothing is written before somebody has said that it is right.

    `actor` is who wanted to do something, `now` what the clock says, `newest` when the newest entry was made.
    """

    def __init__(self, actor: str, now: dt.datetime, newest: dt.datetime) -> None:
        text = _(
            "The clock says {now}, {span} after the newest entry of the journal ({newest}), so nothing was done. "
            "Set the clock right; or if it is right, say so at the till or by: {command}"
        )
        days = {"now": f"{now:%Y-%m-%d %H:%M %Z}", "newest": f"{newest:%Y-%m-%d}"}
        super().__init__(text.format(**days, span=span_text(now - newest), command="tui-pos journal clock"))
        self.actor = actor
        self.now = now
        self.newest = newest


class JournalBroken(JournalError):
    """The journal does not hold together; the text names the first entry that is wrong."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a stream: how many entries it has, and the hash of the last one."""

    seq: int
    hash: bytes


@cache
def software() -> str:
    """Name and version of this program, as entries and reports state it."""
    try:
        return f"tui-pos {version('tui-pos')}"
    except PackageNotFoundError:  # run from a copy that was never installed
        return "tui-pos (not installed)"


def canonical(value: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed. Raises TypeError for what has no exact form (a float, a Decimal, a datetime)."""
    _refuse_floats(value)
    return _written(value)


def _written(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no exact form: give whole minor units, or a Decimal as text")
    if isinstance(value, dict):  # the only mapping that JSON takes
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)


def written_time(now: dt.datetime) -> str:
    """A moment as entries and closures state it: UTC, to the microsecond."""
    return now.astimezone(dt.UTC).isoformat(timespec="microseconds")


def tills(session: Session) -> list[str]:
    """The tills that have ever done anything, in the order of their names.

    One look-up for each, along the index, however long the journal is.
    """
    found: list[str] = []
    after = select(func.min(JournalEntry.till))
    name = session.scalar(after)
    while name is not None:
        found.append(name)
        name = session.scalar(after.where(JournalEntry.till > name))
    return found


def head(session: Session, till: str, stream: str) -> Head:
    """The newest entry of a stream; Head(0, GENESIS) where there is none."""
    return _end(session, till, stream)[0]


def _end(session: Session, till: str, stream: str) -> tuple[Head, dt.datetime | None]:
    """The newest entry of a stream, and when the clock says that it was made."""
    row = session.connection().execute(_NEWEST, {"till": till, "stream": stream}).one_or_none()
    return (Head(0, GENESIS), None) if row is None else (Head(row.seq, row.hash), row.at)


def newest_at(session: Session, till: str) -> dt.datetime | None:
    """When the newest of the last entries of a till's streams was made; None where there is none."""
    times = (_end(session, till, stream)[1] for stream in STREAMS)
    return max((at for at in times if at is not None), default=None)


def next_seq(session: Session, till: str, stream: str) -> int:
    """The number that the next entry of a stream gets, for a row that names it and stands in it. Nobody takes it."""
    one_at_a_time(session, till)
    return head(session, till, stream).seq + 1


def append(
    session: Session,
    *,
    till: str,
    stream: str,
    event: str,
    actor: str,
    now: dt.datetime,
    data: Mapping[str, Any],
    rows: Mapping[type[Base], Sequence[Mapping[str, Any]]] | None = None,
    any_time: bool = False,
) -> Head:
    """Add one entry to a stream, inside the caller's transaction. Returns the new end of the chain.

    `rows` are the rows written once that this act inserts, as they are inserted. They stand in the entry whole, so that
    one of them that is changed, removed or added later is found. Each table that is written once wants every row of it
    stated by the entry of the act that made it.

    Where the clock was set back since the entry before, the entry says by how much: `clock_back_s`. Raises ClockAhead
    where it is far ahead of all of them, unless `any_time`: somebody was asked, or the act is none of a day's.
    """
    one_at_a_time(session, till)
    before, made_at = _end(session, till, stream)
    if not any_time and (made_at is None or now - made_at > FAR_AHEAD):  # of this stream; others may be newer
        newest = newest_at(session, till)
        if newest is not None and now - newest > FAR_AHEAD:
            raise ClockAhead(actor, now, newest)
    seq = before.seq + 1
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "software": software(),
        "till": till,
        "stream": stream,
        "seq": seq,
        "at": written_time(now),
        "actor": actor,
        "event": event,
        "data": data,
        "prev": before.hash.hex(),
    }
    if made_at is not None and made_at - now > CLOCK_TOLERANCE:
        content["clock_back_s"] = int((made_at - now).total_seconds())
    if rows:
        content["rows"] = {
            table_of(model).name: [exact_row(model, row) for row in each] for model, each in rows.items()
        }
    _refuse_floats(data)  # rows are exact already, and many
    body = _written(content)
    digest = hashlib.sha256(body).digest()
    entry = {
        "till": till,
        "stream": stream,
        "seq": seq,
        "at": now,
        "actor": actor,
        "event": event,
        "body": body,
        "prev_hash": before.hash,
        "hash": digest,
    }
    session.connection().execute(_INSERT, entry)
    return Head(seq, digest)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was found right: its place in the stream, its hash, and what its bytes say."""

    seq: int
    hash: bytes
    event: str
    body: bytes
    content: dict[str, Any]


def verify(session: Session, till: str, stream: str) -> Head:
    """Walk a whole stream again. Returns its end; raises JournalBroken naming the first entry that is wrong."""
    end = Head(0, GENESIS)
    for entry in walk(session, till, stream):
        end = Head(entry.seq, entry.hash)
    return end


def walk(session: Session, till: str, stream: str) -> Iterator[Entry]:
    """Every entry of a stream, in order, each checked before it is given. Raises JournalBroken."""
    before = Head(0, GENESIS)
    rows = _stored(session, till, stream).order_by(JournalEntry.seq)
    for row in session.execute(rows.execution_options(yield_per=1000)):
        entry = _checked(till, stream, row, before)
        before = Head(entry.seq, entry.hash)
        yield entry


def entry_at(session: Session, till: str, stream: str, seq: int) -> Entry | None:
    """One entry, its bytes hashed again and held against those of the entry before; None where it is not there.

    Raises JournalBroken.
    """
    wanted = _stored(session, till, stream)
    row = session.execute(wanted.where(JournalEntry.seq == seq)).one_or_none()
    if row is None:
        return None
    before = Head(0, GENESIS)
    earlier = session.execute(wanted.where(JournalEntry.seq == seq - 1)).one_or_none()
    if earlier is not None:
        before = Head(seq - 1, hashlib.sha256(earlier.body).digest())
    return _checked(till, stream, row, before)


def _stored(session: Session, till: str, stream: str) -> Select[Any]:
    columns = as_stored(JournalEntry, session.get_bind().dialect.name)
    return select(*columns).where(JournalEntry.till == till, JournalEntry.stream == stream)


def _checked(till: str, stream: str, row: Any, before: Head) -> Entry:
    content, wrong = _examined(row, before)
    if wrong:
        raise JournalBroken(
            _("Journal of {till}, stream {stream}, entry {seq}: {wrong}").format(
                till=till, stream=stream, seq=row.seq, wrong=wrong
            )
        )
    return Entry(row.seq, row.hash, row.event, row.body, content)


def _examined(entry: Any, before: Head) -> tuple[dict[str, Any], str]:
    """What an entry's bytes say, and why it cannot follow `before`; empty where it does."""
    if entry.seq != before.seq + 1:
        return {}, _("it follows entry {seq}: entries between them are missing.").format(seq=before.seq)
    if entry.prev_hash != before.hash:
        return {}, _("it does not follow the entry before it.")
    if not isinstance(entry.body, bytes) or hashlib.sha256(entry.body).digest() != entry.hash:
        return {}, _("its content does not fit its hash.")
    try:
        content = json.loads(entry.body)
        stated = tuple(content[key] for key in ("till", "stream", "seq", "actor", "event", "prev", "at"))
    except (ValueError, KeyError, TypeError):
        return {}, _("its content cannot be read.")
    columns = (
        entry.till,
        entry.stream,
        entry.seq,
        entry.actor,
        entry.event,
        entry.prev_hash.hex(),
        stored_moment(entry.at),
    )
    return content, "" if stated == columns else _("its columns do not say what its content says.")
