"""Making a backup: a true copy of all books, proved from its medium, in one folder or in several.

A file gets its name only when it is whole, synced and proved, so that what has the name of a backup is one. The first
folder that can takes the copy from the database; the others take the same bytes, and are read back and compared.
"""

import datetime as dt
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.keeping.errors import BackupRunning, KeepingError, why
from tui_pos.keeping.files import (
    DOUBTFUL,
    SUFFIXES,
    UNFINISHED,
    Backup,
    held,
    name_of,
    remove_old,
    settings_beside,
)
from tui_pos.keeping.proof import Proof, prove
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.storage.copies import Rows, copy_sqlite, sync
from tui_pos.storage.dumps import dump
from tui_pos.storage.engine import writing
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.storage.migrate import DatabaseError

EVENT = "backup"
"""In the journal's stream of events: made, or not made."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A folder that did not take the copy, and why."""

    folder: Path
    why: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A backup: its files, one a folder, and what they prove."""

    files: tuple[Path, ...]
    skipped: tuple[Skipped, ...]
    size_bytes: int
    sha256: str
    proof: Proof
    unrecorded: str = ""
    """Why the journal could not take its entry; the backup is there all the same."""


@dataclass(slots=True)
class _Run:
    """What all folders of one backup share."""

    engine: Engine
    till: str
    at: dt.datetime
    name: str
    keep: int
    settings: str
    files: list[Path] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    proof: Proof = field(default_factory=Proof)
    sha256: str = ""


def back_up(
    engine: Engine,
    till: str,
    folders: Sequence[Path],
    actor: Actor,
    now: dt.datetime,
    *,
    keep: int,
    settings: str = "",
) -> Made:
    """Copy all books into each folder that is there, and keep the newest `keep` of this till's copies in it.

    `settings` is the text of the settings file, which is laid beside. Tills go on selling meanwhile. The journal gets
    an entry of the outcome. Raises NotAllowed, and KeepingError where no folder took the copy.
    """
    actor.require(Permission.BACKUP)
    wanted = list(dict.fromkeys(folders))
    if not wanted:
        raise KeepingError(
            _("There is no folder to back up to: name one, or set backup.folders in the settings.")
        )
    at = now.astimezone(dt.UTC).replace(microsecond=0)  # as its name says
    run = _Run(engine, till, at, name_of(till, at, SUFFIXES[engine.dialect.name]), keep, settings)
    for folder in wanted:
        try:
            _into(run, folder)
        except (OSError, sqlite3.Error, DatabaseError, DatabaseUnavailable, BackupRunning) as error:
            run.skipped.append(Skipped(folder, why(error), folder.is_dir()))
    if not run.files:
        _record(run, actor, now)
        reasons = "\n".join(f"  {each.folder}: {each.why}" for each in run.skipped)
        raise KeepingError(_("No backup was made.") + "\n" + reasons)
    made = Made(tuple(run.files), tuple(run.skipped), run.files[0].stat().st_size, run.sha256, run.proof)
    return replace(made, unrecorded=_record(run, actor, now))


def _into(run: _Run, folder: Path) -> None:
    """Make the backup in one folder. Raises whatever keeps it from being made there; then nothing of it is left."""
    with held(folder, run.till):
        unfinished = folder / (run.name + UNFINISHED)
        try:
            unfinished.touch(0o600, exist_ok=False)  # hashes of PINs and secrets of phones are in it
            if run.files:
                _copy_again(run, unfinished)
            else:
                _copy_books(run, unfinished)
            file = folder / run.name
            _finish(unfinished, file)
            _lay_settings_beside(run, file)
        finally:
            unfinished.unlink(missing_ok=True)
        run.files.append(file)
        remove_old(folder, run.till, run.keep, Backup(file, run.at))


def _copy_books(run: _Run, target: Path) -> None:
    rows = _copied(run.engine, target)
    run.sha256 = _digest(target)
    _onto_medium(run, target)
    run.proof = prove(target, rows)
    if run.proof.wrong:  # true to books that are not: it must not take the place of an older, better one
        suffix = SUFFIXES[run.engine.dialect.name]
        run.name = run.name.removesuffix(suffix) + DOUBTFUL + suffix


def _copied(engine: Engine, target: Path) -> Rows:
    if engine.dialect.name == "postgresql":
        return dump(engine, target)
    assert engine.url.database is not None
    return copy_sqlite(Path(engine.url.database), target)


def _copy_again(run: _Run, target: Path) -> None:
    """The same bytes, which were proved."""
    shutil.copyfile(run.files[0], target)
    _onto_medium(run, target)


def _onto_medium(run: _Run, target: Path) -> None:
    """Wait until it is there, and read it back from there. Raises DatabaseError where that gives other bytes."""
    sync(target)
    if _digest(target) != run.sha256:
        raise DatabaseError(_("What was written there reads otherwise: do not trust this medium."))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _finish(unfinished: Path, file: Path) -> None:
    """Give a file that is on its medium its name, and wait until the name is there, too."""
    os.replace(unfinished, file)
    sync(file.parent)


def _lay_settings_beside(run: _Run, file: Path) -> None:
    if not run.settings:
        return
    unfinished = file.with_name(settings_beside(file).name + UNFINISHED)
    try:
        unfinished.touch(0o600)
        unfinished.write_text(run.settings, encoding="utf-8")
        sync(unfinished)
        _finish(unfinished, settings_beside(file))
    finally:
        unfinished.unlink(missing_ok=True)


def _record(run: _Run, actor: Actor, now: dt.datetime) -> str:
    """Journal the outcome. Returns why not, for a full disk or a clock that is far ahead: the backup stands."""
    data: dict[str, Any] = {
        "made": bool(run.files),
        "file": run.name,
        "folders": [str(file.parent) for file in run.files],
        "skipped": [{"folder": str(each.folder), "why": each.why} for each in run.skipped],
        "sha256": run.sha256,
        "wrong": run.proof.wrong,
        **actor.approval(),
    }
    try:
        with writing(run.engine, durable=True) as session:
            chain.append(
                session, till=run.till, stream=chain.EVENTS, event=EVENT, actor=actor.id, now=now, data=data
            )
    except (DatabaseUnavailable, chain.ClockAhead) as error:
        return str(error)
    return ""
