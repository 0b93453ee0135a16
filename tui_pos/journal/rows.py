"""A table's row in JSON's own types, so that the journal can vouch for it to the last column.

The same text comes from the values that are inserted and from what either database gives back years later.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    type_coerce,
)
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from tui_pos.storage.base import Base
from tui_pos.storage.types import ScaledDecimal, UtcDateTime

Plain = int | str | None
"""What stands in the journal: whole numbers and flags as they are, everything else as its one text."""

SQLITE_TIME_CHARACTERS = len("2026-03-02 09:00:00.000000")

_PLAIN = frozenset((int, bool, str, type(None)))
"""What most of a sale's hundreds of values are, which are exact already."""

Convert = Callable[[Any], Plain]


def exact(value: Any) -> Plain:
    """The one form of a value. Bytes stand as their SHA-256. Raises TypeError for what has no exact form."""
    if value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 0.350 typed and 0.35 read back are the same
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return str(value)
    if isinstance(value, bytes):
        return f"sha256:{hashlib.sha256(value).hexdigest()}"
    raise TypeError(f"{type(value).__name__} has no exact form")


def exact_row(model: type[Base], values: Mapping[str, Any]) -> dict[str, Plain]:
    """All columns of a row that is inserted with `values`: what is left out stands as the default that it gets."""
    row = {**_defaults(model), **values}
    for name, value in row.items():
        if type(value) not in _PLAIN:
            row[name] = exact(value)
    return row


@cache
def _defaults(model: type[Base]) -> dict[str, Any]:
    return {column.key: default_of(column) for column in table_of(model).columns}


def default_of(column: Column[Any]) -> Any:
    """What a row holds where it was not told: also one written before the column was there."""
    return column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None


def stored_moment(value: Any) -> Plain:
    """The exact form of a moment that was selected as it is stored, on either database."""
    return exact(value) if isinstance(value, dt.datetime) else _sqlite_time(value)


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


# Reading: a year has millions of rows, so they are taken as the driver gives them, not through Decimal and datetime.


def stored_type(column: Column[Any], dialect: str) -> TypeEngine[Any]:
    """The type that hands a stored value out as it is."""
    kind = column.type
    if isinstance(kind, ScaledDecimal):
        return BigInteger()
    if dialect == "sqlite":
        if isinstance(kind, UtcDateTime | Uuid | Date):
            return String()
        if isinstance(kind, Boolean):
            return Integer()
    return kind


def as_stored(model: type[Base], dialect: str) -> list[ColumnElement[Any]]:
    """All columns of a table, to be selected as they are stored: a value that was spoilt is read and told, too."""
    columns = table_of(model).columns
    return [type_coerce(column, stored_type(column, dialect)).label(column.name) for column in columns]


def converter(column: Column[Any], dialect: str) -> Convert | None:
    """How a stored value becomes its exact form; None where it is that already."""
    kind = column.type
    if isinstance(kind, ScaledDecimal):
        return _scaled(kind.places)
    if isinstance(kind, LargeBinary):
        return exact
    if isinstance(kind, UtcDateTime):
        return _sqlite_time if dialect == "sqlite" else exact
    if isinstance(kind, Uuid):
        return _sqlite_uuid if dialect == "sqlite" else exact
    if isinstance(kind, Date):
        return None if dialect == "sqlite" else exact
    return None


@cache
def _scaled(places: int) -> Convert:
    @lru_cache(maxsize=4096)
    def convert(stored: Any) -> Plain:
        if not isinstance(stored, int):
            return stored  # type: ignore[no-any-return]
        return exact(Decimal(stored).scaleb(-places))

    return convert


def _sqlite_time(stored: Any) -> Plain:
    """SQLite compares moments as text: one that is written in any other way than ours is another one."""
    if not isinstance(stored, str):
        return stored  # type: ignore[no-any-return]
    if len(stored) != SQLITE_TIME_CHARACTERS or stored[10] != " ":
        return repr(stored)  # which no entry states
    return f"{stored[:10]}T{stored[11:]}+00:00"


def _sqlite_uuid(stored: Any) -> Plain:
    if not isinstance(stored, str):
        return stored  # type: ignore[no-any-return]
    return f"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"
