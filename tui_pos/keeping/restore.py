"""Bringing a backup back: only to a new place, proved before and after."""

import datetime as dt
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.keeping.errors import KeepingError, why
from tui_pos.keeping.files import UNFINISHED, settings_beside
from tui_pos.keeping.proof import Proof, prove, prove_books
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.storage.copies import copy_sqlite, sync
from tui_pos.storage.dumps import is_dump, restore_dump
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.errors import told_in_words
from tui_pos.storage.migrate import upgrade, version

EVENT = "restore"
"""In the journal's stream of events: from here on these are books that were brought back."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Books that were brought back, the settings of then (None where none lay beside), and what they prove."""

    settings: Path | None
    proof: Proof


def restore(file: Path, target: str, till: str, actor: Actor, now: dt.datetime) -> Restored:
    """Bring `file` back to `target`: a file where nothing is yet, as `file_target` gives it, whose folder is made where
    it is not there; or the URL of an empty PostgreSQL database.

    The journal of `till` gets an entry of it. Books that do not prove are brought back all the same, since there may be
    no better ones, and the proof says what is wrong. Raises NotAllowed, KeepingError, DatabaseError, OSError and
    DatabaseUnavailable; then nothing is left at the target, except that a database server may hold part of it.
    """
    actor.require(Permission.RESTORE)
    to_server = target.startswith("postgresql")
    _check_file(file)
    _check_kind(file, to_server)
    proof = (_to_server if to_server else _to_file)(file, target, till, actor, now)
    return Restored(_settings_of(file), proof)


def file_target(target: str) -> Path:
    """The file that a path or a `sqlite:///` address names, absolute. Raises KeepingError for another address."""
    if "://" in target and not target.startswith("sqlite:///"):
        text = _("{target} is neither a file nor the postgresql:// address of an empty database.")
        raise KeepingError(text.format(target=target))
    return Path(target.removeprefix("sqlite:///")).expanduser().absolute()


def _to_server(file: Path, url: str, till: str, actor: Actor, now: dt.datetime) -> Proof:
    engine = open_engine(url)
    try:
        _check_empty(engine)
        before = prove(file)
        restore_dump(file, engine)
        return _taken_up(engine, file, before, till, actor, now)
    finally:
        engine.dispose()


def _to_file(file: Path, target: str, till: str, actor: Actor, now: dt.datetime) -> Proof:
    path = file_target(target)
    _check_free(path)
    before = prove(file)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # as a new machine has none yet
    except OSError as error:
        text = _("The folder {folder} cannot be made: {why}.")
        raise KeepingError(text.format(folder=path.parent, why=why(error))) from error
    _copy_back(file, path)
    engine = open_engine(f"sqlite:///{path}")
    try:
        return _taken_up(engine, file, before, till, actor, now)
    except BaseException:
        engine.dispose()
        for each in (path, *_companions(path)):
            each.unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()


def _companions(path: Path) -> tuple[Path, ...]:
    """What SQLite keeps beside its file."""
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _check_file(file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        text = _("The backup {file} cannot be read: {why}.")
        raise KeepingError(text.format(file=file, why=why(error))) from error


def _check_kind(file: Path, to_server: bool) -> None:
    if is_dump(file) and not to_server:
        raise KeepingError(
            _("{file} is a dump of PostgreSQL: name the URL of an empty database to restore it to.").format(
                file=file
            )
        )
    if to_server and not is_dump(file):
        raise KeepingError(
            _("{file} is no dump of PostgreSQL: name a new file to restore it to.").format(file=file)
        )


def _check_free(path: Path) -> None:
    """Nothing is ever overwritten, nor joined with the companions of books that were there."""
    for each in (path, *_companions(path)):
        if each.exists():
            text = _("{file} is there already. Nothing was changed: name a new place.")
            raise KeepingError(text.format(file=each))


def _check_empty(engine: Engine) -> None:
    with told_in_words(engine), engine.connect() as connection:
        if version(connection) is not None:
            text = _("That database holds books already. Nothing was changed: name an empty one.")
            raise KeepingError(text)


def _copy_back(file: Path, path: Path) -> None:
    unfinished = path.with_name(path.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.touch(0o600)
        copy_sqlite(file, unfinished, pause_s=0)
        sync(unfinished)
        _check_free(path)  # proving took its time
        os.rename(unfinished, path)
        sync(path.parent)
    except (OSError, sqlite3.Error) as error:
        text = _("The backup could not be brought back to {file}: {why}.")
        raise KeepingError(text.format(file=path, why=why(error))) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _taken_up(engine: Engine, file: Path, before: Proof, till: str, actor: Actor, now: dt.datetime) -> Proof:
    """Make the books fit for this program, say in them what happened, and prove them at their new place."""
    upgrade(engine)
    with writing(engine, durable=True) as session:
        data = {
            "file": file.name,
            "last": [{"till": last.till, "number": last.number} for last in before.last_sales],
            "wrong": before.wrong,
            **actor.approval(),
        }
        chain.append(
            session,
            till=till,
            stream=chain.EVENTS,
            event=EVENT,
            actor=actor.id,
            now=now,
            data=data,
            any_time=True,  # a backup may be as old as it likes
        )
    with reading(engine) as session:
        after = prove_books(session)
    if before.proved and (before.last_sales, before.wrong) != (after.last_sales, after.wrong):
        raise KeepingError(_("The books at the new place are not those of the backup: do not use them."))
    return after


def _settings_of(file: Path) -> Path | None:
    beside = settings_beside(file)
    return beside if beside.is_file() else None
