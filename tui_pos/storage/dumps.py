"""Dumps of a PostgreSQL database: made while tills sell on it, read without a server, and put into an empty one."""

import datetime as dt
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    func,
    select,
    text,
)
from sqlalchemy.schema import CreateTable

from tui_pos.i18n import _
from tui_pos.storage.base import Base
from tui_pos.storage.copies import Rows
from tui_pos.storage.migrate import DatabaseError
from tui_pos.storage.types import ScaledDecimal, UtcDateTime

_MAGIC = b"PGDMP"
_BATCH_ROWS = 2000
_COPY = re.compile(r"COPY (?:(?:\w+|\"[^\"]+\")\.)?\"?(\w+)\"? \((.*)\) FROM stdin;\n")
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

Cell = str | int | bytes | None


def is_dump(file: Path) -> bool:
    """Whether a file is a dump in pg_dump's own format. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def dump(engine: Engine, target: Path) -> Rows:
    """Write all of the database into the new file `target`. Returns how many rows each table had at that moment.

    Raises DatabaseError where pg_dump is missing or fails.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        moment = connection.scalar(select(func.pg_export_snapshot()))
        names = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        ).all()
        rows = {
            name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # of our own tables
            for name in names
        }
        _run(engine, "pg_dump", "-Fc", "-E", "UTF8", "--snapshot", str(moment), "-f", str(target), "-d")
    return rows


def restore_dump(file: Path, engine: Engine) -> None:
    """Put a dump into the empty database of `engine`, whole or not at all. Raises DatabaseError."""
    options = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
    _run(engine, "pg_restore", *options, "-d", file=file)


def _run(engine: Engine, name: str, *options: str, file: Path | None = None) -> None:
    """Run one of PostgreSQL's own programs; the last option is followed by the database's address."""
    url, environment = address(engine)
    command = [_program(name), *options, url, *([str(file)] if file else [])]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise DatabaseError(_failed(name, done.stderr))


def address(engine: Engine) -> tuple[str, dict[str, str]]:
    """The database as PostgreSQL's programs take it, and the environment for them.

    The password is in the latter: arguments are there for everybody on the machine to read.
    """
    url = engine.url.set(drivername="postgresql")
    # However the server writes bytes, a dump is read in one way. In an address libpq would take the spaces for signs.
    given = (os.environ.get("PGOPTIONS", ""), str(url.query.get("options", "")), "-c bytea_output=hex")
    url = url.difference_update_query(["options"])
    environment = {**os.environ, "PGTZ": "UTC", "PGOPTIONS": " ".join(filter(None, given))}
    if url.password:
        environment["PGPASSWORD"] = url.password
    return url._replace(password=None).render_as_string(), environment


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        text = _("{name} is not installed. Install PostgreSQL's programs (Debian: postgresql-client) first.")
        raise DatabaseError(text.format(name=name))
    return found


def _failed(name: str, words: str) -> str:
    said = " ".join(words.split())
    if "server version mismatch" in said:
        text = _("{name} is older than the server: install the programs of the server's version. ({what})")
    else:
        text = _("{name} failed: {what}")
    return text.format(name=name, what=said)


# Reading a dump without a server


def read_dump(file: Path, target: Path) -> Rows:
    """Read a dump into the new SQLite file `target`. Returns how many rows of each table it holds.

    The tables are as this program knows them, without their guards and indexes; others are only counted.
    Raises DatabaseError for a dump that is cut off or damaged.
    """
    rows: Rows = {}
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        try:
            for table, columns, lines in _tables(file):
                rows[table] = _load(connection, table, columns, lines)
        except (ValueError, sqlite3.Error) as error:
            raise DatabaseError(
                _("{file} is damaged: {what}").format(file=file, what=" ".join(str(error).split()))
            ) from error
        connection.commit()
    return rows


def _tables(file: Path) -> Iterator[tuple[str, list[str], Iterator[str]]]:
    """Each table of a dump: name, columns, and its rows as lines, which must be taken before the next one."""
    command = [_program("pg_restore"), "--data-only", "-f", "-", str(file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        for line in reader.stdout:
            if match := _COPY.fullmatch(line):
                names = [name.strip().strip('"') for name in match[2].split(",")]
                yield match[1], names, iter(reader.stdout.readline, "\\.\n")
        words = reader.stderr.read()
    if reader.returncode:
        raise DatabaseError(_failed("pg_restore", words))


def _load(connection: sqlite3.Connection, table: str, names: list[str], lines: Iterator[str]) -> int:
    known = Base.metadata.tables.get(table)
    if table == "alembic_version":
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        readers: Sequence[Callable[[str], Cell]] = [str]
    elif known is None or not set(names) <= set(known.columns.keys()):
        return sum(1 for line in lines if line or _cut_off())
    else:
        _create(connection, known)
        readers = [_reader(known.columns[name]) for name in names]
    marks = ", ".join("?" * len(names))
    columns = ", ".join(f'"{name}"' for name in names)
    insert = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'
    count = 0
    while batch := list(islice(lines, _BATCH_ROWS)):
        connection.executemany(insert, (_cells(line, readers) for line in batch))
        count += len(batch)
    return count


def _create(connection: sqlite3.Connection, table: Table) -> None:
    from sqlalchemy.dialects import sqlite

    connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))


def _cells(line: str, readers: Sequence[Callable[[str], Cell]]) -> list[Cell]:
    if not line:
        _cut_off()
    cells = line.removesuffix("\n").split("\t")
    return [
        None if cell == "\\N" else read(_plain(cell) if "\\" in cell else cell)
        for read, cell in zip(readers, cells, strict=True)
    ]


def _cut_off() -> bool:
    raise DatabaseError(_("The dump ends in the middle of a table."))


def _plain(cell: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), cell)


def _reader(column: Column[Any]) -> Callable[[str], Cell]:
    """How PostgreSQL's text of a value becomes what SQLite would hold."""
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, Uuid):
        return lambda cell: cell.replace("-", "")
    if isinstance(kind, Boolean):
        return lambda cell: int(cell == "t")
    if isinstance(kind, LargeBinary):
        return lambda cell: bytes.fromhex(cell.removeprefix("\\x"))
    if isinstance(kind, BigInteger | Integer | ScaledDecimal):
        return int
    return str


def _moment(cell: str) -> str:
    moment = dt.datetime.fromisoformat(cell).astimezone(dt.UTC).replace(tzinfo=None)
    return moment.isoformat(
        " ", "microseconds"
    )  # strftime writes year 999 with three digits here, with four there
