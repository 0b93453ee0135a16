"""The files of backups in a folder: what they are called, which of them stay, and who may write there now."""

import datetime as dt
import fcntl
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tui_pos.keeping.errors import BackupRunning

log = logging.getLogger(__name__)

UNFINISHED = ".part"
"""What the name of a file ends with until it is whole, on its medium, and proved."""

DOUBTFUL = ".doubtful"
"""Before the suffix: a true copy of books that do not prove. It takes nobody's place."""

SETTINGS = ".toml"
SUFFIXES = {"sqlite": ".db", "postgresql": ".dump"}
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its file, and when it was made (UTC)."""

    path: Path
    at: dt.datetime


def name_of(till: str, now: dt.datetime, suffix: str) -> str:
    """Such as tui-pos-till1-20261122T050000Z.db: names sort as the times do."""
    return f"tui-pos-{till}-{now.astimezone(dt.UTC):{_STAMP}}{suffix}"


def backups(folder: Path, till: str, *, doubtful: bool = False) -> list[Backup]:
    """A till's finished backups, newest first; none of another till's, and no other file. Raises OSError."""
    mark = re.escape(DOUBTFUL) if doubtful else ""
    pattern = re.compile(rf"tui-pos-{re.escape(till)}-(\d{{8}}T\d{{6}}Z){mark}\.(db|dump)")
    found = []
    for path in folder.iterdir():
        match = pattern.fullmatch(path.name)
        if match is None:
            continue
        with suppress(ValueError):  # digits that are no time: no backup of ours has such a name
            at = dt.datetime.strptime(match[1], _STAMP).replace(tzinfo=dt.UTC)
            found.append(Backup(path, at))
    return sorted(found, key=lambda backup: backup.path.name, reverse=True)


def remove_old(folder: Path, till: str, keep: int, made: Backup) -> list[Path]:
    """Remove all but the newest `keep` of a till's backups, with their settings. Returns what was removed.

    Those that are later than `made` are counted apart: either the clock was wrong then or it is wrong now, and neither
    kind may push the other out. Books only grow: where `made` is less than half of an older one it is of other
    books, of an empty file made by a mistyped database.url, say, and nothing is removed. Raises OSError.
    """
    doubtful = DOUBTFUL in made.path.suffixes
    every = backups(folder, till, doubtful=doubtful)
    most = 1 if doubtful else keep
    later = [each for each in every if each.at > made.at]
    others = [each for each in every if each.at <= made.at]
    if 2 * made.path.stat().st_size < max(each.path.stat().st_size for each in every):
        log.warning("%s is far smaller than an older backup: no older one is removed", made.path)
        return []
    gone = [each.path for each in (*later[most:], *others[most:])]
    for path in gone:
        path.unlink()
        settings_beside(path).unlink(missing_ok=True)
    return gone


def settings_beside(path: Path) -> Path:
    """Where the settings of a backup are."""
    return path.with_suffix(SETTINGS)


@contextmanager
def held(folder: Path, till: str) -> Iterator[None]:
    """Write there alone while the block runs; what a killed program left unfinished is removed.

    Raises BackupRunning, or OSError for a folder that is not there or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(20, "Not a folder", str(folder))
    if not folder.is_dir():
        raise FileNotFoundError(2, "No such folder", str(folder))
    with (folder / f".tui-pos-{till}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRunning from None
        for left in _unfinished(folder, till):
            left.unlink()
        yield


def _unfinished(folder: Path, till: str) -> list[Path]:
    """Also the journal that SQLite keeps beside a file while it writes."""
    pattern = re.compile(
        rf"tui-pos-{re.escape(till)}-\d{{8}}T\d{{6}}Z.*{re.escape(UNFINISHED)}(-journal|-wal|-shm)?"
    )
    return [path for path in folder.iterdir() if pattern.fullmatch(path.name)]
