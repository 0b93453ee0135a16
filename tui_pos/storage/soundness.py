"""What the database itself knows of its soundness: its file and indexes, and the guards of what is written once."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, TypeDecorator, Uuid, text
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.storage.base import Base

_UNREADABLE = (
    sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_NOTADB,
)  # fmt: skip
"""SQLite's codes for what is wrong within the file, not around it (https://www.sqlite.org/rescode.html)."""

_LETTER_INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%lower(%'"

_ALL = 2**31 - 1
"""Findings, of which SQLite by itself tells a hundred."""

_D = "[0-9]"
_TIME = f" [0-2]{_D}:[0-5]{_D}:[0-5]{_D}.{_D * 6}"


def damage(session: Session) -> str:
    """The first thing that SQLite finds wrong with its file, as `file_fault`.

    Empty where all is sound, and on PostgreSQL, which keeps its files to itself. Reads the whole file.
    """
    if not _is_sqlite(session):
        return ""
    return file_fault(lambda query: (row[0] for row in session.execute(text(query))))


def file_fault(run: Callable[[str], Iterable[Any]]) -> str:
    """The first thing that SQLite finds wrong with a file, such as an index that differs from its table; or nothing.

    `run` gives the first column of a query's rows. An index on small letters may differ: SQLite built with ICU makes
    others of `É` than one without, and it only helps to find goods.
    """
    apart = tuple(f" index {name}" for name in run(_LETTER_INDEXES))
    for found in run(f"PRAGMA integrity_check({_ALL})"):
        if found != "ok" and not str(found).endswith(apart):
            return " ".join(str(found).split())
    return ""


def dangling_row(session: Session) -> str:
    """The first row that names another one which is not there, as `table → other table`; empty where there is none.

    Only asked of SQLite, where anybody who opens the file can switch the check off.
    """
    if not _is_sqlite(session):
        return ""
    row = session.execute(text("PRAGMA foreign_key_check")).first()
    return "" if row is None else f"{row[0]} → {row[2]}"


def misfit(session: Session) -> str:
    """Where SQLite holds a value that its column cannot hold; empty where there is none.

    SQLite keeps whatever it is given, or finds in a damaged page, and looks at no type. Reads all rows of all tables.
    The value itself is not told: it may be a secret.
    """
    if not _is_sqlite(session):
        return ""
    for table in Base.metadata.sorted_tables:
        wrong = {column.name: _wrong(column) for column in table.columns}
        if not _any_row(session, table.name, " OR ".join(wrong.values())):
            continue
        column = next(name for name in wrong if _any_row(session, table.name, wrong[name]))
        return _("table {table}, column {column}").format(table=table.name, column=column)
    return ""


def _any_row(session: Session, table: str, condition: str) -> bool:
    return session.execute(text(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1")).first() is not None


def _wrong(column: Column[Any]) -> str:
    """SQL that is true of what the column cannot hold.

    Bytes are held against patterns, and nothing else: what SQLite's functions of time, number and letter make of a
    value differs with its version, its build and its settings.
    """
    name = column.name
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, Uuid):
        fits = f"{_text_of(name, 32)} AND {name} NOT GLOB '*[^0-9a-f]*'"
    elif isinstance(kind, DateTime):
        fits = f"{_text_of(name, 26)} AND {_is_day(name, _TIME)} AND substr({name}, 12, 2) <= '23'"
    elif isinstance(kind, Date):
        fits = f"{_text_of(name, 10)} AND {_is_day(name)}"
    elif isinstance(kind, Boolean):
        fits = f"typeof({name}) = 'integer' AND {name} IN (0, 1)"
    elif isinstance(kind, Integer):
        fits = f"typeof({name}) = 'integer'"
    elif isinstance(kind, LargeBinary):
        fits = f"typeof({name}) = 'blob'"
    else:
        fits = f"typeof({name}) = 'text'"
    return f"({name} IS {'NOT NULL AND ' if column.nullable else 'NULL OR '}NOT ({fits}))"


def _text_of(name: str, size_bytes: int) -> str:
    """Counted in bytes: of a text with a NUL in it, `length` and GLOB see only what stands before that."""
    return f"typeof({name}) = 'text' AND length(CAST({name} AS BLOB)) = {size_bytes}"


def _is_day(name: str, and_time: str = "") -> str:
    """SQL that is true of a day of the calendar, 0001-01-01 to 9999-12-31, and the pattern of a time behind it.

    The calendar is only asked where the pattern leaves a doubt: there are millions of rows.
    """
    year, month, day = f"substr({name}, 1, 4)", f"substr({name}, 6, 2)", f"substr({name}, 9, 2)"
    of_four = "{0} GLOB '*[02468][048]' OR {0} GLOB '*[13579][26]'"
    leap = (
        f"({of_four.format(year)}) AND ({year} NOT GLOB '*00' OR {of_four.format(f'substr({name}, 1, 2)')})"
    )
    last = (
        f"CASE WHEN {month} = '02' THEN CASE WHEN {leap} THEN '29' ELSE '28' END "
        f"WHEN {month} IN ('04', '06', '09', '11') THEN '30' ELSE '31' END"
    )
    return (
        f"{name} GLOB '{_D * 4}-[01]{_D}-[0-3]{_D}{and_time}' AND {year} <> '0000' "
        f"AND {month} BETWEEN '01' AND '12' AND {day} >= '01' AND ({day} <= '28' OR {day} <= {last})"
    )


def is_unreadable(error: Exception) -> bool:
    """Whether the database could not give out what it holds: not a matter of trying again."""
    if isinstance(error, UnicodeDecodeError | DataError | ProgrammingError):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else None
    if not isinstance(cause, sqlite3.Error):
        return False
    code = getattr(
        cause, "sqlite_errorcode", None
    )  # none: the bytes of a text, which Python could not decode
    return code is None or code & 0xFF in _UNREADABLE


@contextmanager
def any_text(session: Session) -> Iterator[None]:
    """Read texts of SQLite that are none, too: bytes that are no UTF-8 come out as `\\xff`, to be named."""
    if not _is_sqlite(session):
        yield
        return
    driver = session.connection().connection.driver_connection
    assert driver is not None
    before = driver.text_factory
    driver.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        driver.text_factory = before


def missing_guards(session: Session) -> list[str]:
    """The tables that are written once, and that the database does not guard against changes any more."""
    there = _sqlite_guards(session) if _is_sqlite(session) else _postgresql_guards(session)
    dialect = session.get_bind().dialect.name
    return sorted(
        table.name
        for table in Base.metadata.tables.values()
        if not {
            _plain(statement)
            for statement in table.info.get("ddl", {}).get(dialect, ())
            if statement.startswith(f"CREATE TRIGGER {table.name}_no_")
        }
        <= there
    )


def strange_triggers(session: Session) -> list[str]:
    """The triggers that this program did not make, as `trigger (table)`: such a one can change what it books."""
    dialect = session.get_bind().dialect.name
    own = {
        _bare(statement)
        for table in Base.metadata.tables.values()
        for statement in table.info.get("ddl", {}).get(dialect, ())
    }
    if dialect == "sqlite":
        query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    else:
        query = (
            "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid, true) "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) ORDER BY t.tgname"
        )
    found = session.execute(text(query))
    return [f"{name} ({table})" for name, table, made in found if _bare(str(made)) not in own]


def _sqlite_guards(session: Session) -> set[str]:
    triggers = session.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'"))
    return {_plain(str(statement)) for statement in triggers}


def _postgresql_guards(session: Session) -> set[str]:
    """As they would be created; one that is switched off, or whose function was emptied, is none."""
    triggers = session.scalars(
        text(
            "SELECT pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND p.prosrc LIKE '%RAISE EXCEPTION%written once%' "
            "AND pg_table_is_visible(t.tgrelid)"
        )
    )
    return {_plain(statement) for statement in triggers}


def _plain(statement: str) -> str:
    """A statement without what a database adds when it gives it back."""
    for added in ('"', "public."):
        statement = statement.replace(added, "")
    return " ".join(statement.replace("DELETE OR UPDATE", "UPDATE OR DELETE").split())


def _bare(statement: str) -> str:
    """The same without the casts and brackets that PostgreSQL puts around a condition."""
    plain = _plain(statement).lower()
    for added in ("::text", "(", ")"):
        plain = plain.replace(added, "")
    return plain


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
