"""The database's own troubles, in words for the person at the till."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    NOT_MADE = auto()  # the server has no database of that name
    OTHER = auto()


_SAID = {
    Trouble.DAMAGED: (
        "malformed", "not a database", "no such table", "no such column", "has no column", "could not decode",
    ),
    Trouble.BUSY: ("locked", "busy", "lock timeout"),
    Trouble.FULL: ("full", "no space"),
    Trouble.READ_ONLY: ("readonly", "read-only", "permission"),
    Trouble.AWAY: ("connect", "server closed", "terminat"),
    Trouble.FAILING: ("i/o",),
}  # fmt: skip
"""What of a driver's words tells each; damage first, whose words quote names of tables."""


_LEAST_BYTES = 65536

_NO_DATABASE = re.compile(r'database ".*" does not exist')
_NO_SUCH = ("42P01", "42703")
"""PostgreSQL's codes for a table and a column that are not there
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

MISTYPED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""How Python meets a value that is not of its column's type: where it is converted, or only where it is used."""

_OURS = ("tui_pos", "hardware", "config")
"""Whose errors say what they mean: they are not looked into."""


class DatabaseUnavailable(Exception):
    """The database did not take what was to be written, or did not answer. Nothing of it was kept."""

    def __init__(self, text: str, trouble: Trouble = Trouble.OTHER) -> None:
        super().__init__(text)
        self.trouble = trouble


def damaged(place: str) -> DatabaseUnavailable:
    """What to raise where the books hold what this program never wrote; `place` names the table, receipt or Z."""
    text = _(
        "The books are damaged ({place}). Keep the file; see what is wrong: {verify}. Bring a backup back: {restore}"
    )
    text = text.format(place=place, verify="tui-pos journal verify", restore="tui-pos restore")
    return DatabaseUnavailable(text, Trouble.DAMAGED)


def stored_json(text: str | bytes, place: str) -> dict[str, Any]:
    """An object that was stored as JSON. Raises DatabaseUnavailable, as `damaged`, for anything else."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise damaged(place) from error
    if not isinstance(content, dict):
        raise damaged(place)
    return content


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
    cause = getattr(error, "orig", None) or error
    words = str(cause).casefold()
    if _NO_DATABASE.search(words):
        return Trouble.NOT_MADE
    if getattr(cause, "sqlstate", None) in _NO_SUCH:
        return Trouble.DAMAGED
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
    except IntegrityError:
        raise
    except DBAPIError as error:
        trouble = trouble_of(error, file_of(engine) if engine is not None else None)
        if trouble is Trouble.DAMAGED:
            raise damaged(_first_line(error)) from error
        if isinstance(error, ProgrammingError):
            raise
        raise DatabaseUnavailable(_worded(trouble, engine), trouble) from error
    except MISTYPED as error:
        foreign = type(error).__module__.partition(".")[0] not in _OURS
        place = _misfit(engine) if engine is not None and foreign else ""
        if not place:
            raise
        raise damaged(place) from ValueError(place)


def _first_line(error: DBAPIError) -> str:
    """The driver's own words; further lines are the statement."""
    return " ".join(str(error.orig).strip().partition("\n")[0].split())


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


def _worded(trouble: Trouble, engine: "Engine | None") -> str:
    if trouble is Trouble.NOT_MADE:
        text = _("The server has no database {name}. Make it there, then do it again: {command}")
        name = str(engine.url.database) if engine is not None else "…"
        return text.format(name=name, command=f"createdb {name}")
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
        Trouble.FAILING: _("The disk did not do what was asked. Nothing was changed: call for help."),
        Trouble.OTHER: _(
            "The database reports an error. Nothing was changed: try again, and call for help if it stays."
        ),
    }
    return texts[trouble]
