"""Appending to the journal, and walking it again.

Every entry's bytes hold the hash of the one before, so that no entry can be changed, removed, added or swapped
without the rest of the chain showing it. The bytes are canonical JSON: keys sorted, no spaces, UTF-8, numbers only
as integers (a Decimal travels as text), so that another program can make the same bytes again.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from tui_pos.journal.models import JournalEntry
from tui_pos.storage.lock import one_at_a_time

SCHEMA = 1
"""Version of the entries' fields. It stands in each entry: fields change over the years."""

GENESIS = bytes(32)
"""What the first entry of a stream names as the hash before it."""

RECEIPTS = "receipts"
EVENTS = "events"

# Built once: at every entry only the values are new, and SQLAlchemy finds its compiled text by identity.
_NEWEST = (
    select(JournalEntry.seq, JournalEntry.hash)
    .where(JournalEntry.till == bindparam("till"), JournalEntry.stream == bindparam("stream"))
    .order_by(JournalEntry.seq.desc())
    .limit(1)
)
_INSERT = insert(JournalEntry.__table__)  # type: ignore[arg-type]


class JournalError(Exception):
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


def head(session: Session, till: str, stream: str) -> Head:
    """The newest entry of a stream; Head(0, GENESIS) where there is none."""
    row = session.connection().execute(_NEWEST, {"till": till, "stream": stream}).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.seq, row.hash)


def append(
    session: Session,
    *,
    till: str,
    stream: str,
    event: str,
    actor: str,
    now: dt.datetime,
    data: Mapping[str, Any],
) -> Head:
    """Add one entry to a stream, inside the caller's transaction. Returns the new end of the chain."""
    one_at_a_time(session, till)
    before = head(session, till, stream)
    seq = before.seq + 1
    body = canonical(
        {
            "schema": SCHEMA,
            "software": software(),
            "till": till,
            "stream": stream,
            "seq": seq,
            "at": now.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "event": event,
            "data": data,
            "prev": before.hash.hex(),
        }
    )
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


def verify(session: Session, till: str, stream: str) -> Head:
    """Walk a whole stream again. Returns its end; raises JournalError naming the first entry that is wrong."""
    end = Head(0, GENESIS)
    rows = session.execute(
        select(JournalEntry)
        .where(JournalEntry.till == till, JournalEntry.stream == stream)
        .order_by(JournalEntry.seq)
        .execution_options(yield_per=1000)
    ).scalars()
    for entry in rows:
        wrong = _what_is_wrong(entry, end)
        if wrong:
            raise JournalError(f"{till}/{stream} entry {entry.seq}: {wrong}")
        end = Head(entry.seq, entry.hash)
    return end


def _what_is_wrong(entry: JournalEntry, before: Head) -> str:
    """Why this entry cannot follow `before`; empty where it does."""
    if entry.seq != before.seq + 1:
        return f"follows entry {before.seq}: entries are missing"
    if entry.prev_hash != before.hash:
        return "does not follow the entry before it"
    if hashlib.sha256(entry.body).digest() != entry.hash:
        return "its content does not fit its hash"
    try:
        body = json.loads(entry.body)
        stated = (body["till"], body["stream"], body["seq"], body["actor"], body["event"], body["prev"])
        stated_at = dt.datetime.fromisoformat(body["at"])
    except (ValueError, KeyError, TypeError):
        return "its content cannot be read"
    columns = (entry.till, entry.stream, entry.seq, entry.actor, entry.event, entry.prev_hash.hex())
    if stated != columns or stated_at != entry.at:
        return "its columns do not say what its content says"
    return ""
