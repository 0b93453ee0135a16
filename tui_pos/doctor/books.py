"""The books: the database, the journal, its key, the clock that dates it, the people, the pages that wait."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from config.errors import SecretError
from config.loading import shown
from tui_pos.doctor.findings import Finding, bad, ok, warn
from tui_pos.i18n import _, ngettext
from tui_pos.i18n.spans import span_text
from tui_pos.people.actor import built_in_actor
from tui_pos.settings_check import missing_roles
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.errors import DatabaseUnavailable, is_read_only
from tui_pos.storage.migrate import HEAD, KNOWN, DatabaseError, version

if TYPE_CHECKING:
    from tui_pos.doctor.examine import Patient

ROOM_BYTES = 65536
"""About what a few sales write."""

_PROGRAM = built_in_actor("owner", id="system")


def database(patient: "Patient") -> Iterator[Finding]:
    """Whether it is there, ours, sound and can be written."""
    url = shown("database.url", patient.loaded.settings.database.url)
    if not patient.has_books():
        is_there = patient.file is not None and patient.file.exists()
        text = _("{url} is empty.") if is_there else _("{url} is not there yet.")
        to_do = _("Put database.url right; a new shop is begun by: tui-pos init")
        yield warn("database", text.format(url=url), to_do)
        return
    if patient.file is not None and is_read_only(patient.file):
        to_do = _("Take a backup (tui-pos backup FOLDER), and see to the disk: one that fails often ends so.")
        yield bad("database", _("{url} is on a disk that can only be read.").format(url=url), to_do)
        return
    try:
        with reading(patient.engine) as session:
            found = version(session.connection())
    except (DatabaseUnavailable, DatabaseError) as error:
        yield bad("database", f"{url}: {error}")
        return
    yield from _version(found, url)
    if found != HEAD:
        return
    if patient.file is not None and not patient.quick:
        from tui_pos.storage.copies import check_sqlite

        try:
            check_sqlite(patient.file)
        except DatabaseError as error:
            yield bad(
                "database",
                str(error),
                _("Close the till and restore a backup: {command}").format(command="tui-pos restore"),
            )
            return
    yield from _can_be_written(patient, url)


def _version(found: str | None, url: str) -> Iterator[Finding]:
    if found == HEAD:
        return
    if found is None or found in KNOWN:
        yield warn(
            "database",
            _("{url} is not as this program keeps its books.").format(url=url),
            _("The next start upgrades it, after taking a copy."),
        )
    else:
        yield bad(
            "database",
            _("{url} was written by a newer tui-pos.").format(url=url),
            _("Install the newer program."),
        )


def _can_be_written(patient: "Patient", url: str) -> Iterator[Finding]:
    to_do = _("See to the rights there: nothing can be sold.")
    file = patient.file
    if file is not None and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        yield bad("database", _("{url} or its folder cannot be written.").format(url=url), to_do)
        return
    try:
        with writing(patient.engine) as session:
            session.connection()  # begins, and waits for whoever writes
            on_server = session.get_bind().dialect.name == "postgresql"
            if on_server and session.scalar(text("SHOW transaction_read_only")) == "on":
                yield bad("database", _("{url} can only be read.").format(url=url), to_do)
                return
            session.rollback()
        if file is not None:
            _try_room(file.parent)
    except DatabaseUnavailable as error:
        yield bad("database", f"{url}: {error}")
        return
    except OSError as error:
        to_do = _("Make room there: nothing can be sold.")
        yield bad("database", f"{url}: {error.strerror}", to_do)
        return
    yield ok("database", url)
    if file is not None and _others_can_read(file):
        words = _("{file} can be read by every user of this machine, with the hashes of all PINs.")
        yield warn("rights", words.format(file=file), f"chmod 600 {file}*")


def _others_can_read(file: Path) -> bool:
    """Whether a user who is neither its owner nor of its group gets to it, through all folders above."""
    return bool(file.stat().st_mode & 0o004) and all(
        up.stat().st_mode & 0o001 for up in file.absolute().parents
    )


def _try_room(folder: Path) -> None:
    """Write what a sale takes to a file without a name, which is gone at once. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(ROOM_BYTES))
        file.flush()
        os.fsync(file.fileno())


def journal(patient: "Patient") -> Iterator[Finding]:
    """Whether it is whole, and vouches for all books."""
    from config.secrets import SecretStore
    from tui_pos.journal.chain import JournalBroken
    from tui_pos.journal.trust import doubts
    from tui_pos.reports.audit import strange_triggers, unguarded_tables, verify_books

    if patient.quick:
        return
    try:
        with reading(patient.engine) as session:
            proven = verify_books(session, _PROGRAM)
            unsafe = [*unguarded_tables(session, _PROGRAM), *strange_triggers(session, _PROGRAM)]
    except JournalBroken as broken:
        to_do = _("Keep this file as it is, and restore a backup to another place: {command}")
        yield bad("journal", str(broken), to_do.format(command="tui-pos restore"))
        return
    for each in proven:
        if each.signed.unsigned:
            text = _("{till}: the newest closures are not signed.")
            to_do = _("Bring the signing key back, or make a new one: {command}")
            yield warn(
                "journal", text.format(till=each.till), to_do.format(command="tui-pos journal new-key")
            )
    to_do = _("See what speaks against these books: {command}").format(command="tui-pos journal verify")
    with suppress(SecretError):  # which the finding on the key tells
        for each in proven:
            for said in doubts(each.till, each.signed.keys, SecretStore()):
                yield bad("journal", said, to_do)
    if unsafe:
        text = _("Somebody removed triggers from the database or added some: {names}")
        yield bad("journal", text.format(names=", ".join(unsafe)), to_do)
    entries = sum(sum(each.entries.values()) for each in proven)
    whole = ngettext("whole: {count} entry", "whole: {count} entries", entries)
    yield ok("journal", whole.format(count=entries))


def signing_key(patient: "Patient") -> Iterator[Finding]:
    """Whether the private key is where this user's programs find it."""
    from config.secrets import SecretStore
    from tui_pos.journal.signing import current_key_id, find_signer

    try:
        with reading(patient.engine) as session:
            key = current_key_id(session, patient.till)
            signer = find_signer(session, patient.till, SecretStore())
    except SecretError as error:
        yield bad("signing key", str(error))
        return
    if not key:
        yield ok("signing key", _("none yet: the first Z makes it"))
    elif signer is None:
        text = _("Key {key} of {till} is not here: its closures are not signed.")
        to_do = _("Bring it back from where you keep its copy, or make a new one: {command}")
        yield bad(
            "signing key",
            text.format(key=key[:8], till=patient.till),
            to_do.format(command="tui-pos journal new-key"),
        )
    else:
        yield ok("signing key", key[:8])


def clock(patient: "Patient") -> Iterator[Finding]:
    """Whether it is behind what is in the books, or far ahead of it."""
    from tui_pos.journal.clock import ahead, behind

    with reading(patient.engine) as session:
        by = behind(session, patient.till, patient.now)
        far = ahead(session, patient.till, patient.now)
    zone = patient.loaded.settings.shop.timezone
    now = f"{patient.now.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    if by:
        text = _("It says {now}, and is {span} behind the newest entry of the journal.")
        to_do = _("Set the machine's clock right; if it is right, it was wrong when that entry was made.")
        yield bad("clock", text.format(now=now, span=span_text(by)), to_do)
    elif far:
        text = _("It says {now}, and is {span} ahead of the newest entry of the journal.")
        to_do = _("Set the machine's clock right. If it is right, say so at the till, or by: {command}")
        yield warn(
            "clock",
            text.format(now=now, span=span_text(far)),
            to_do.format(command="tui-pos journal clock"),
        )
    else:
        yield ok("clock", now)


def people(patient: "Patient") -> Iterator[Finding]:
    """Whether somebody can log in, and nobody is kept out by what the settings demand."""
    from tui_pos.people.staff import members

    with reading(patient.engine) as session:
        staff = members(session)
    if not staff:
        to_do = "tui-pos staff add NAME --role owner"
        yield bad(
            "people", _("Nobody can log in yet."), _("Take on the owner: {command}").format(command=to_do)
        )
        return
    missing = missing_roles(patient.loaded.settings, patient.engine)
    if missing:
        text = _("security.second_factor_roles names what is no role: {names}. The till does not start so.")
        yield bad("people", text.format(names=", ".join(missing)), "tui-pos staff roles")
    demanded = set(patient.loaded.settings.security.second_factor_roles)
    kept_out = [each.name for each in staff if each.role in demanded and not each.has_second_factor]
    if kept_out:
        text = _("Without a second factor, and so kept out: {names}")
        to_do = "tui-pos staff second-factor NAME"
        yield warn("people", text.format(names=", ".join(kept_out)), to_do)
    if not any(each.role == "owner" for each in staff):
        yield warn("people", _("Nobody is an owner."), "tui-pos staff change NAME --role owner")
    count = ngettext("{count} person", "{count} people", len(staff))
    yield ok("people", count.format(count=len(staff)))


def pages(patient: "Patient") -> Iterator[Finding]:
    """Whether something was sold whose receipt did not come out."""
    from tui_pos.printing.queue import unprinted, waiting

    with reading(patient.engine) as session:
        lost, still = len(unprinted(session, patient.till)), waiting(session, patient.till)
    if lost:
        text = ngettext("{count} page was not printed.", "{count} pages were not printed.", lost)
        yield warn("pages", text.format(count=lost), _("At the till: /reprint"))
    if still and not patient.is_open():
        text = ngettext("{count} page waits.", "{count} pages wait.", still)
        yield warn("pages", text.format(count=still), _("They are printed when the till is opened."))
    if not lost and not still:
        yield ok("pages", _("all were printed"))
