"""What a backup must prove: that it opens, has the rows of the books, and that its journal vouches for them all.

A dump of PostgreSQL is read into a SQLite file for that, so that it is proved without a server to restore it to.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal.chain import JournalBroken
from tui_pos.keeping.errors import KeepingError
from tui_pos.people.actor import built_in_actor
from tui_pos.reports.audit import verify_books
from tui_pos.sales.models import Sale
from tui_pos.storage.copies import Rows, check_rows, check_sqlite, opened_copy
from tui_pos.storage.dumps import is_dump, read_dump
from tui_pos.storage.engine import reading
from tui_pos.storage.migrate import HEAD, KNOWN, version

_PROGRAM = built_in_actor("owner", id="system")
"""The program itself looks at what it made; who asked for the backup need not be allowed to see the journal."""

_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class LastSale:
    """The newest receipt of a till, so that a person can hold it against paper."""

    till: str
    number: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found in a file. `wrong` is the first thing that its journal does not vouch for; empty: all is whole.

    Books of an older version of the program are proved once they are upgraded: then `proved` is False.
    """

    last_sales: tuple[LastSale, ...] = ()
    wrong: str = ""
    proved: bool = True


def prove(file: Path, rows: Rows | None = None) -> Proof:
    """Open a backup and prove it; `rows` are those of the books that it was made from, where they are known.

    Raises DatabaseError for a file that is damaged or differs, KeepingError for one that is no backup, and OSError.
    """
    with _readable(file, rows) as engine:
        with engine.connect() as connection:
            found = version(connection)
        if found not in KNOWN:
            raise KeepingError(_not_ours(file, found))
        if found != HEAD:
            return Proof(proved=False)
        with reading(engine) as session:
            return prove_books(session)


def prove_books(session: Session) -> Proof:
    """Walk all books of an open database. What is wrong with them is told, not raised."""
    last = _last_sales(session)
    try:
        verify_books(session, _PROGRAM)
    except JournalBroken as broken:
        return Proof(last, wrong=str(broken))
    return Proof(last)


@contextmanager
def _readable(file: Path, rows: Rows | None) -> Iterator[Engine]:
    """An engine on what the file holds, which was found sound."""
    if is_dump(file):
        with tempfile.TemporaryDirectory(prefix="tui-pos-proof-") as folder:
            unpacked = Path(folder) / "dump.db"
            found = read_dump(file, unpacked)
            if rows is not None:
                check_rows(rows, found)
            with opened_copy(unpacked) as engine:
                yield engine
    elif _begins_as_sqlite(file):
        check_sqlite(file, rows)
        with opened_copy(file) as engine:
            yield engine
    else:
        raise KeepingError(_("{file} is no backup: neither a SQLite file nor a dump.").format(file=file))


def _begins_as_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


def _not_ours(file: Path, found: str | None) -> str:
    if found is None:
        return _("{file} holds no books.").format(file=file)
    text = _("{file} was written by a newer tui-pos (its version is {found}, this program knows {known}).")
    return text.format(file=file, found=found, known=HEAD) + " " + _("Install the newer program.")


def _last_sales(session: Session) -> tuple[LastSale, ...]:
    newest = select(Sale.till, func.max(Sale.number).label("number")).group_by(Sale.till).subquery()
    sales = select(Sale.till, Sale.number, Sale.completed_at).join(
        newest, (Sale.till == newest.c.till) & (Sale.number == newest.c.number)
    )
    # Sorted here: databases differ in which of “Bar” and “bar-2” comes first.
    return tuple(sorted((LastSale(*row) for row in session.execute(sales)), key=lambda last: last.till))
