"""The database's own troubles, in words for the person at the till."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from tui_pos.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Trouble(Enum):
    """What the outer world does to a database."""

    BUSY = auto()  # another program writes
    FULL = auto()
    READ_ONLY = auto()
    DAMAGED = auto()
    FAILING = auto()  # its disk
    AWAY = auto()
    OTHER = auto()


_SAID = {
    Trouble.BUSY: ("locked", "busy", "lock timeout"),
    Trouble.FULL: ("full", "no space"),
    Trouble.READ_ONLY: ("readonly", "read-only", "permission"),
    Trouble.AWAY: ("connect", "server closed", "terminat"),
    Trouble.DAMAGED: ("malformed", "not a database"),
    Trouble.FAILING: ("i/o",),
}
"""What of a driver's words tells each."""


_LEAST_BYTES = 65536

MISTYPED = (ValueError, TypeError, LookupError, AttributeError)
"""How Python meets a value that is not of its column's type: where it is converted, or only where it is used."""


class DatabaseUnavailable(Exception):
    """The database did not take what was to be written, or did not answer. Nothing of it was kept."""

    def __init__(self, text: str, trouble: Trouble = Trouble.OTHER) -> None:
        super().__init__(text)
        self.trouble = trouble


def is_read_only(file: Path) -> bool:
    """Whether a file lies on a disk that can only be read. SQLite says of that only that it cannot open the file."""
    try:
        return bool(os.statvfs(file.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def trouble_of(error: BaseException, file: Path | None = None) -> Trouble:
    """What an error of a driver or the system means; `file` is that of the database, where it is one."""
    if file is not None and is_read_only(file):
        return Trouble.READ_ONLY
    words = str(getattr(error, "orig", None) or error).casefold()
    found = next((each for each, said in _SAID.items() if any(word in words for word in said)), Trouble.OTHER)
    # Where there is no room even for the file that SQLite shares between programs, it only says that input failed.
    return Trouble.FULL if found is Trouble.FAILING and file is not None and _is_full(file) else found


def _is_full(file: Path) -> bool:
    try:
        disk = os.statvfs(file.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_BYTES


@contextmanager
def told_in_words(engine: "Engine | None" = None) -> Iterator[None]:
    """Turn the driver's errors of the outer world (full, locked, read-only, away) into DatabaseUnavailable.

    So are errors of Python's that a value makes which its column cannot hold. Broken rules (a doubled key, a wrong
    statement) are faults of this program and stay what they are.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        trouble = trouble_of(error, file_of(engine) if engine is not None else None)
        raise DatabaseUnavailable(_worded(trouble), trouble) from error
    except MISTYPED as error:
        place = _misfit(engine) if engine is not None and type(error).__module__ == "builtins" else ""
        if not place:
            raise
        text = _(
            "The books are damaged ({place}). Nothing was changed: keep their file, and bring a backup back: {command}"
        )
        text = text.format(place=place, command="tui-pos restore")
        raise DatabaseUnavailable(text, Trouble.DAMAGED) from ValueError(place)


def _misfit(engine: "Engine") -> str:
    """Where the books hold a value that the program fell over; only a look at all of them tells whether they do."""
    from sqlalchemy.orm import Session

    from tui_pos.storage.soundness import misfit

    with suppress(DBAPIError), Session(engine) as session:
        return misfit(session)
    return ""


def file_of(engine: "Engine") -> Path | None:
    """The database's file; None where it is on a server or in memory."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name else None


def _worded(trouble: Trouble) -> str:
    texts = {
        Trouble.BUSY: _(
            "Another program is writing to the database. Nothing was changed: try again in a moment."
        ),
        Trouble.FULL: _("The disk is full. Nothing was changed: make room on it, then do it again."),
        Trouble.READ_ONLY: _(
            "The database cannot be written (read-only). Nothing was changed: see to its disk and rights."
        ),
        Trouble.AWAY: _(
            "The database server cannot be reached. Do it again: what is saved already is not done twice."
        ),
        Trouble.DAMAGED: _(
            "The books are damaged. Nothing was changed: keep their file, and bring a backup back: tui-pos restore"
        ),
        Trouble.FAILING: _("The disk did not do what was asked. Nothing was changed: call for help."),
        Trouble.OTHER: _(
            "The database reports an error. Nothing was changed: try again, and call for help if it stays."
        ),
    }
    return texts[trouble]
