"""What somebody could do to the books who can write the database, and what a failing disk does to its file."""

import datetime as dt
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, Table, delete, insert, text, update


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nothing guards the tables; all of it is undone at the end."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for (name,) in triggers.all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.rollback()


def where(table: Table, row: Row[Any]) -> Any:
    query = True
    for column in table.primary_key.columns:
        query = (column == row._mapping[column.name]) & query
    return query


def change(connection: Connection, chance: random.Random, table: Table, rows: list[Row[Any]]) -> str:
    row, column = chance.choice(rows), chance.choice(list(table.columns))
    old = row._mapping[column.name]
    new = other_than(chance, old)
    if new is None:
        return ""
    connection.execute(update(table).where(where(table, row)).values({column.name: new}))
    return f"{table.name}.{column.name} of {row}: {old!r} became {new!r}"


def other_than(chance: random.Random, value: Any) -> Any:
    """A value of the same kind, as near as can be."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice((-1, 1))
    if isinstance(value, Decimal):
        return value + Decimal("0.0001")
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1)
    if isinstance(value, dt.date):
        return value + dt.timedelta(days=1)
    if isinstance(value, UUID):
        return UUID(int=value.int ^ 1 << chance.randrange(64))
    if isinstance(value, bytes):
        return flipped(chance, value)
    if isinstance(value, str):
        place = chance.randrange(len(value) + 1)
        changed = value[:place] + chance.choice("x7 é") + value[place + chance.randrange(2) :]
        return changed if changed != value else f"{value}x"
    return None


def rows_of(file: Path, tables: Sequence[Table]) -> dict[str, list[str]] | None:
    """All rows of these tables as they lie in a SQLite file, whatever its indexes say; None where that fails."""
    with closing(sqlite3.connect(file)) as connection:
        connection.text_factory = bytes
        try:
            return {
                table.name: sorted(map(repr, connection.execute(f"SELECT * FROM {table.name} NOT INDEXED")))
                for table in tables
            }
        except (sqlite3.Error, UnicodeDecodeError):  # its messages quote what they cannot read
            return None


def flipped(chance: random.Random, value: bytes) -> bytes:
    changed = bytearray(value or b"\0")
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed) if value else b"\0"


def remove(connection: Connection, chance: random.Random, table: Table, rows: list[Row[Any]]) -> str:
    row = chance.choice(rows)
    connection.execute(delete(table).where(where(table, row)))
    return f"{table.name}: {row} was removed"


def add(connection: Connection, chance: random.Random, table: Table, rows: list[Row[Any]]) -> str:
    """One more row, like another one but for its key."""
    values = dict(chance.choice(rows)._mapping)
    keys = [column.name for column in table.primary_key.columns]
    for key in keys[:1] if chance.random() < 0.5 else keys:
        old = values[key]
        values[key] = uuid4() if isinstance(old, UUID) else f"{old}x" if isinstance(old, str) else old + 999
    if "number" in values and "number" not in keys:
        values["number"] += 999
    connection.execute(insert(table).values(values))
    return f"{table.name}: {values} was added"


def swap(connection: Connection, chance: random.Random, table: Table, rows: list[Row[Any]]) -> str:
    """Two rows exchange a column, or all but their keys."""
    if len(rows) < 2:
        return ""
    one, two = chance.sample(rows, 2)
    keys = {column.name for column in table.primary_key.columns}
    names = [column.name for column in table.columns if column.name not in keys]
    chosen = names if chance.random() < 0.5 else [chance.choice(names)]
    if all(one._mapping[name] == two._mapping[name] for name in chosen):
        return ""
    for row, other in ((one, two), (two, one)):
        values = {name: other._mapping[name] for name in chosen}
        connection.execute(update(table).where(where(table, row)).values(values))
    return f"{table.name}: {one} and {two} exchanged {chosen}"
