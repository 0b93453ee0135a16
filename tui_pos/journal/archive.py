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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain, verify_archive
from tui_pos.journal.chain import JournalError
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


def write_archive(
    session: Session,
    till: str,
    signer: Signer,
    first_day: dt.date,
    last_day: dt.date,
    period: tuple[dt.datetime, dt.datetime],
    currency: tuple[str, int],
    target: Path,
) -> dict[str, Any]:
    """Write the archive of a till's journal for some business days, and check it before it gets its name.

    `period` is when the first of them begins and when the last one ends, `currency` the shop's with its decimals.
    Returns the manifest. Raises JournalError
    where the journal does not hold together or the days are too much for one archive, and OSError for the disk.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("w+b") as file:
            manifest = _write(session, till, signer, (first_day, last_day), period, currency, file)
            verify_archive.check(file)
        part.replace(target)
    except Fault as fault:
        raise JournalError(
            _("The archive was not written, since the journal is not whole: {fault}. Run: {command}").format(
                fault=fault, command="tui-pos journal verify"
            )
        ) from fault
    except struct.error as error:  # the container counts to four thousand million
        raise JournalError(_("That is too much for one archive: choose fewer days.")) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(
    session: Session,
    till: str,
    signer: Signer,
    days: tuple[dt.date, dt.date],
    period: tuple[dt.datetime, dt.datetime],
    currency: tuple[str, int],
    file: BinaryIO,
) -> dict[str, Any]:
    container = _Container(file)
    closures, about_closures = _closures(session, till, period)
    streams = {}
    for stream in chain.STREAMS:
        signed_until = max((json.loads(each.body)["heads"][stream]["seq"] for each in closures), default=0)
        streams[stream] = _range(session, till, stream, period, signed_until)
    people = _people(session, till, int(streams[chain.EVENTS]["last"]), period[1])
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
        "from": days[0].isoformat(),
        "to": days[1].isoformat(),
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


def _range(
    session: Session, till: str, stream: str, period: tuple[dt.datetime, dt.datetime], signed_until: int
) -> dict[str, int | str]:
    """Which entries of a stream belong to the period, without a gap even where the clock was set back meanwhile.

    All that a closure of the period signed belongs to it. Where there is none: the end before the period.
    """
    of_stream = (JournalEntry.till == till, JournalEntry.stream == stream)
    inside = (JournalEntry.at >= period[0], JournalEntry.at < period[1])
    first, last = session.execute(
        select(func.min(JournalEntry.seq), func.max(JournalEntry.seq)).where(*of_stream, *inside)
    ).one()
    if first is None:
        earlier = select(func.max(JournalEntry.seq)).where(*of_stream, JournalEntry.at < period[0])
        last = session.scalar(earlier) or 0
        first = last + 1
    last = max(last, signed_until)
    return {
        "first": first,
        "last": last,
        "count": last - first + 1,
        "prev": _hash_at(session, till, stream, first - 1),
        "hash": _hash_at(session, till, stream, last),
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
    session: Session, till: str, period: tuple[dt.datetime, dt.datetime]
) -> tuple[list[Closure], dict[str, int | str]]:
    """The closures made in the period, and where they stand in the chain of all."""
    inside = (Closure.at >= period[0], Closure.at < period[1])
    first, last = session.execute(
        select(func.min(Closure.number), func.max(Closure.number)).where(Closure.till == till, *inside)
    ).one()
    if first is None:
        earlier = select(func.max(Closure.number)).where(Closure.till == till, Closure.at < period[0])
        last = session.scalar(earlier) or 0
        first = last + 1
    found = list(
        session.scalars(
            select(Closure)
            .where(Closure.till == till, Closure.number.between(first, last))
            .order_by(Closure.number)
        )
    )
    about: dict[str, int | str] = {
        "first": first,
        "last": last,
        "count": len(found),
        "prev": _proof_at(session, till, first - 1),
        "proof": _proof_at(session, till, last),
    }
    return found, about


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
