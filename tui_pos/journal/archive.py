"""Writing the journal of some days into one signed file that can be checked without this program.

A ZIP in one fixed form, so that the same days give the same bytes: each stream as JSON lines (the exact bytes that were
hashed), the closures, tables for people made out of them, a manifest with every hash, and its signature. It is checked
by `verify_archive.py`, whose own code also makes the tables and the headers here: the two cannot drift apart.
"""

import datetime as dt
import hashlib
import io
import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain, verify_archive
from tui_pos.journal.chain import JournalError
from tui_pos.journal.closures import Z_EVENT
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.journal.signing import NEW_KEY, Signer, proof
from tui_pos.journal.verify_archive import (
    CHUNK,
    DEFLATED,
    MANIFEST,
    PEOPLE,
    PEOPLE_COLUMNS,
    SIGNATURE,
    SIGNED,
    STAFF_EVENTS,
    STORED,
    TABLES,
    Context,
    Fault,
    Member,
    csv_bytes,
    end_record,
)
from tui_pos.storage.files import whole_file


@dataclass(frozen=True, slots=True)
class Days:
    """Business days, first and last included.

    A Z belongs to its business date, whenever it was made: one that cron makes after midnight is made the day after.
    """

    first: dt.date
    last: dt.date
    begin: dt.datetime  # when the first of them begins
    end: dt.datetime  # when the last of them is over
    zs: Set[int]  # the numbers of the Zs that are dated by one of them
    receipts: range  # the numbers of the receipts that are; their entries are numbered alike


def write_archive(
    session: Session, till: str, signer: Signer, days: Days, currency: tuple[str, int], target: Path
) -> dict[str, Any]:
    """Write the archive of a till's journal for some business days, and check it before it gets its name.

    It holds the Zs of these days with all that they close, and whatever else was written on them. `currency` is the
    shop's with its decimals. The file is for its owner alone. Returns the manifest. Raises JournalError where
    the journal does not hold together or the days are too much for one archive, and OSError for the disk.
    """
    try:
        with whole_file(target) as file:
            manifest = _write(session, till, signer, days, currency, file)
            verify_archive.check(file)
    except Fault as fault:
        raise JournalError(
            _("The archive was not written, since the journal is not whole: {fault}. Run: {command}").format(
                fault=fault, command="tui-pos journal verify"
            )
        ) from fault
    except struct.error as error:  # the container counts to four thousand million
        raise JournalError(_("That is too much for one archive: choose fewer days.")) from error
    return manifest


def _write(
    session: Session,
    till: str,
    signer: Signer,
    days: Days,
    currency: tuple[str, int],
    file: BinaryIO,
) -> dict[str, Any]:
    container = _Container(file)
    zs_and_keys = _written(session, till, chain.CLOSURES, days)
    closures, about_closures, before = _closures(session, till, zs_and_keys)
    streams = {}
    for stream in chain.STREAMS:
        inside = zs_and_keys if stream == chain.CLOSURES else _written(session, till, stream, days)
        if closures:
            signed = range(_signed_until(before, stream) + 1, _signed_until(closures[-1], stream) + 1)
            inside = _with(inside, signed)
        streams[stream] = _about(session, till, stream, inside)
    people = _people(session, till, int(streams[chain.EVENTS]["last"]), days.end)
    container.add(PEOPLE, [csv_bytes([PEOPLE_COLUMNS, *people])])
    context = Context(currency[1], {row[0]: row[1] for row in people})
    for stream in chain.STREAMS:
        _add_stream(container, session, till, stream, streams[stream], context)
    container.add(SIGNED, (_closure_line(each) for each in closures))
    manifest = {
        "schema": verify_archive.SCHEMA,
        "kind": verify_archive.KIND,
        "software": chain.software(),
        "till": till,
        "currency": currency[0],
        "exponent": currency[1],
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "streams": streams,
        "closures": about_closures,
        "keys": keys_of(session, till),
        "key": signer.key_id,
        "files": dict(container.files),
    }
    body = chain.canonical(manifest)
    container.add(MANIFEST, [body], method=STORED)
    container.add(SIGNATURE, [signer.sign(body).hex().encode(), b"\n"], method=STORED)
    container.finish()
    return manifest


def _written(session: Session, till: str, stream: str, days: Days) -> range:
    """Which entries of a stream belong to the days, without a gap even where the clock was set back meanwhile.

    Where there is none: the empty range behind those before them.
    """
    if stream == chain.RECEIPTS:
        return days.receipts
    of_stream = (JournalEntry.till == till, JournalEntry.stream == stream)
    by_clock = (JournalEntry.event != Z_EVENT, JournalEntry.at >= days.begin, JournalEntry.at < days.end)
    seqs = list(
        session.execute(
            select(func.min(JournalEntry.seq), func.max(JournalEntry.seq)).where(*of_stream, *by_clock)
        ).one()
    )
    if stream == chain.CLOSURES:
        zs = (
            select(JournalEntry.seq)
            .where(*of_stream, JournalEntry.event == Z_EVENT)
            .order_by(JournalEntry.seq)
        )
        seqs += [seq for number, seq in enumerate(session.scalars(zs), 1) if number in days.zs]
    found = [seq for seq in seqs if seq is not None]
    if found:
        return range(min(found), max(found) + 1)
    last = (
        session.scalar(select(func.max(JournalEntry.seq)).where(*of_stream, JournalEntry.at < days.begin))
        or 0
    )
    return range(last + 1, last + 1)


def _with(written: range, signed: range) -> range:
    """Both, and what lies between them."""
    if not written or not signed:
        return written or signed
    return range(min(written.start, signed.start), max(written.stop, signed.stop))


def _about(session: Session, till: str, stream: str, inside: range) -> dict[str, int | str]:
    return {
        "first": inside.start,
        "last": inside.stop - 1,
        "count": len(inside),
        "prev": _hash_at(session, till, stream, inside.start - 1),
        "hash": _hash_at(session, till, stream, inside.stop - 1),
    }


def _hash_at(session: Session, till: str, stream: str, seq: int) -> str:
    if seq == 0:
        return chain.GENESIS.hex()
    entry = session.get(JournalEntry, (till, stream, seq))
    if entry is None:
        raise Fault(f"{stream}: entry {seq} is missing")
    return entry.hash.hex()


def _add_stream(
    container: "_Container",
    session: Session,
    till: str,
    stream: str,
    about: dict[str, int | str],
    context: Context,
) -> None:
    """The stream's lines, and beside them the tables that are made of it."""
    with ExitStack() as opened:
        tables = {
            name: opened.enter_context(TemporaryFile())
            for name, table in TABLES.items()
            if table.stream == stream
        }
        for name, file in tables.items():
            file.write(csv_bytes([TABLES[name].heading]))
        container.add(f"{stream}.jsonl", _lines(session, till, stream, about, tables, context))
        for name, file in tables.items():
            file.seek(0)
            container.add(name, iter(partial(file.read, CHUNK), b""))


def _lines(
    session: Session,
    till: str,
    stream: str,
    about: dict[str, int | str],
    tables: Mapping[str, IO[bytes]],
    context: Context,
) -> Iterator[bytes]:
    """The entries one by one; what each of them adds to the tables is written meanwhile."""
    bodies = (
        select(JournalEntry.seq, JournalEntry.body)
        .where(JournalEntry.till == till, JournalEntry.stream == stream)
        .where(JournalEntry.seq.between(about["first"], about["last"]))
        .order_by(JournalEntry.seq)
        .execution_options(yield_per=1000)
    )
    for seq, body in session.execute(bodies):
        if not isinstance(body, bytes):  # SQLite keeps whatever somebody puts there
            raise Fault(f"{stream}: entry {seq} cannot be read")
        content = json.loads(body) if tables else {}
        for name, file in tables.items():
            file.write(csv_bytes(TABLES[name].lines(content, context)))
        yield body + b"\n"


def _people(session: Session, till: str, last_event: int, end: dt.datetime) -> list[list[str]]:
    """Id, name and role of everybody, as the journal knew them then: those of other tills work at this one, too."""
    own = (JournalEntry.till == till) & (JournalEntry.seq <= last_event)
    others = (JournalEntry.till != till) & (JournalEntry.at < end)
    events = (
        select(JournalEntry.body)
        .where(JournalEntry.stream == chain.EVENTS, JournalEntry.event.in_(STAFF_EVENTS), own | others)
        .order_by(JournalEntry.at, JournalEntry.till, JournalEntry.seq)
    )
    people = {}
    for body in session.scalars(events):
        said = json.loads(body)["data"]
        people[said["staff"]] = [said["staff"], said["name"], said["role"]]
    return [people[each] for each in sorted(people)]


def _closures(
    session: Session, till: str, entries: range
) -> tuple[list[Closure], dict[str, int | str], Closure | None]:
    """The closures of these entries of their stream, where they stand in the chain of all, and the one before them."""
    before, found = None, []
    each_of = select(Closure).where(Closure.till == till).order_by(Closure.number)
    for closure in session.scalars(each_of):
        seq = _signed_until(closure, chain.CLOSURES)
        if seq < entries.start:
            before = closure
        elif seq < entries.stop:
            found.append(closure)
    first = before.number + 1 if before else 1
    about: dict[str, int | str] = {
        "first": first,
        "last": first + len(found) - 1,
        "count": len(found),
        "prev": _proof_at(session, till, first - 1),
        "proof": _proof_at(session, till, first + len(found) - 1),
    }
    return found, about, before


def _signed_until(closure: Closure | None, stream: str) -> int:
    """The newest entry of a stream that a closure signed; 0 where there was none yet."""
    return int(json.loads(closure.body)["heads"][stream]["seq"]) if closure else 0


def _proof_at(session: Session, till: str, number: int) -> str:
    if number == 0:
        return chain.GENESIS.hex()
    closure = session.get(Closure, (till, number))
    if closure is None:
        raise Fault(f"closure {number} is missing")
    return proof(closure)


def _closure_line(closure: Closure) -> bytes:
    line = {"body": closure.body.decode(), "key": closure.key_id, "signature": closure.signature.hex()}
    return chain.canonical(line) + b"\n"


def keys_of(session: Session, till: str) -> list[dict[str, Any]]:
    """Every key that the till ever had, as the journal introduced it."""
    entries = session.execute(
        select(JournalEntry.seq, JournalEntry.body)
        .where(
            JournalEntry.till == till,
            JournalEntry.stream == chain.CLOSURES,
            JournalEntry.event == NEW_KEY,
        )
        .order_by(JournalEntry.seq)
    )
    keys = []
    for seq, body in entries:
        content = json.loads(body)
        key = content["data"]
        about = {name: key[name] for name in ("public", "previous", "signature", "outage")}
        keys.append({"id": key["key"], "at": content["at"], "seq": seq, **about})
    return keys


class _Container:
    """A ZIP file in the one form that `verify_archive` accepts: no time, no free field, nothing between the files."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.members: list[Member] = []
        self.files: dict[str, dict[str, int | str]] = {}

    def add(self, name: str, parts: Iterable[bytes], *, method: int = DEFLATED) -> None:
        start = self.file.tell()
        self.file.write(
            Member(name, method, 0, 0, 0, start).local_header()
        )  # room for it: the sizes come last
        packer = zlib.compressobj(6, zlib.DEFLATED, -15) if method == DEFLATED else None
        content, packed = _Counted(), _Counted()
        for part in parts:
            content.take(part)
            self.file.write(packed.take(packer.compress(part) if packer else part))
        if packer:
            self.file.write(packed.take(packer.flush()))
        member = Member(name, method, content.crc, packed.size, content.size, start)
        self.file.seek(start)
        self.file.write(member.local_header())
        self.file.seek(0, io.SEEK_END)
        self.members.append(member)
        self.files[name] = {
            "size": content.size,
            "sha256": content.sha256.hexdigest(),
            "packed_sha256": packed.sha256.hexdigest(),
        }

    def finish(self) -> None:
        """The directory, and the end."""
        start = self.file.tell()
        directory = b"".join(member.central_header() for member in self.members)
        self.file.write(directory + end_record(len(self.members), len(directory), start))
        self.file.flush()


class _Counted:
    """Size and sums of the bytes that went by."""

    def __init__(self) -> None:
        self.size = self.crc = 0
        self.sha256 = hashlib.sha256()

    def take(self, part: bytes) -> bytes:
        self.size += len(part)
        self.crc = zlib.crc32(part, self.crc)
        self.sha256.update(part)
        return part
