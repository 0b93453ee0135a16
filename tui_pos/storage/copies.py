"""True copies of a whole SQLite database: made while tills sell from it, and opened again without changing them.

A copy is one file without companions, so that it can lie on any stick. It shows one moment: the transaction that reads
it out stays open from the first page to the last, and in WAL mode keeps no till from writing.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine

from tui_pos.i18n import _
from tui_pos.storage.errors import is_read_only
from tui_pos.storage.migrate import DatabaseError
from tui_pos.storage.soundness import file_fault

Rows = dict[str, int]
"""How many rows each table has."""

STEP_PAGES = 256
PAUSE_S = 0.004
"""A megabyte at a time, and the disk is left to the till in between."""

_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "AND sql NOT LIKE 'CREATE VIRTUAL %'"
)


def copy_sqlite(source: Path, target: Path, *, pause_s: float = PAUSE_S) -> Rows:
    """Copy the database into the empty or new file `target`. Returns how many rows each table had at that moment.

    Raises sqlite3.Error or OSError; what is then left of `target` is nothing to keep.
    """

    def pause(_status: int, _remaining: int, _total: int) -> None:
        time.sleep(pause_s)

    with closing(_read_only(source)) as books, closing(sqlite3.connect(target)) as copy:
        books.execute("BEGIN")
        rows = _count(books)  # with the first of these reads the moment is fixed
        books.backup(copy, pages=STEP_PAGES, progress=pause)
        copy.execute("PRAGMA journal_mode = DELETE")  # it says WAL, as its source: that is three files
    return rows


def check_sqlite(copy: Path, rows: Rows | None = None) -> None:
    """Open a copy and look whether it is sound and has these rows. Raises DatabaseError."""
    try:
        with closing(_read_only(copy)) as connection:
            found = file_fault(lambda query: (row[0] for row in connection.execute(query)))
            counted = _count(connection)
    except sqlite3.Error as error:
        raise _damaged(copy, str(error)) from error
    if found:
        raise _damaged(copy, found)
    if rows is not None:
        check_rows(rows, counted)


def _damaged(file: Path, what: str) -> DatabaseError:
    text = _("{file} is damaged: {what}")
    return DatabaseError(text.format(file=file, what=" ".join(what.split())))


def check_rows(wanted: Rows, found: Rows) -> None:
    """Raises DatabaseError naming the first table of a copy that does not have as many rows as its source."""
    for table in sorted(wanted.keys() | found.keys()):
        if wanted.get(table) != found.get(table):
            text = _("The copy differs: table {table} has {found} rows there, and {wanted} in the books.")
            raise DatabaseError(
                text.format(table=table, found=found.get(table, 0), wanted=wanted.get(table, 0))
            )


@contextmanager
def opened_copy(file: Path) -> Iterator[Engine]:
    """An engine on a SQLite file that can only be read, whatever is done with it."""
    engine = create_engine("sqlite://", creator=lambda: _read_only(file), hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


def sync(path: Path) -> None:
    """Return when a file (or a folder's list of names) is on its medium. The next read of it comes from there."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
        if hasattr(os, "posix_fadvise") and not path.is_dir():
            os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(opened)


def _read_only(file: Path) -> sqlite3.Connection:
    # Even to read, SQLite makes companions of its file. Where none can be made and none is there, the file is all.
    log = file.with_name(file.name + "-wal")
    alone = is_read_only(file) and not (log.exists() and log.stat().st_size)
    # The thread check is off: an engine may hand its connection on.
    uri = f"file:{quote(str(file.absolute()))}?{'immutable=1' if alone else 'mode=ro'}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _count(connection: sqlite3.Connection) -> Rows:
    names = [str(row[0]) for row in connection.execute(_TABLES)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
