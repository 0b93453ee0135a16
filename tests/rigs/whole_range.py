"""Sound books that hold in every column values from end to end of what it can hold: rows of every table, journalled."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, Table, Uuid, insert
from sqlalchemy.orm import Session

from tests.storage.schema import METADATA
from tui_pos.journal import chain
from tui_pos.journal.rows import table_of
from tui_pos.people.models import Staff
from tui_pos.reports.audit import VOUCHED
from tui_pos.storage.base import Base
from tui_pos.storage.types import ScaledDecimal, UtcDateTime

TILLS = ("till1", "Ünter–2")
ROWS = 24
"""Of each table: more than the values of any type, so that each of them is met."""

MICROSECONDS = (0, 1, 499, 500, 499_999, 500_000, 999_000, 999_499, 999_500, 999_501, 999_999)
YEARS = (1, 4, 99, 999, 1000, 1582, 1883, 1900, 1969, 1970, 2000, 2024, 2026, 2038, 2062, 2100, 9999)
ZONES = tuple(
    dt.timezone(dt.timedelta(minutes=each)) for each in (0, 60, -210, 345, 14 * 60, -12 * 60, 23 * 60 + 59)
)
DAYS = tuple(
    [
        dt.date.min,
        dt.date.max,
        dt.date(4, 2, 29),
        dt.date(1600, 2, 29),
        dt.date(1900, 2, 28),
        dt.date(2000, 2, 29),
    ]
    + [dt.date(2026, month, 1) for month in range(1, 13)]
    + [dt.date(2025 + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1) for month in range(12)]
)
TEXTS = (
    "", " ", "plain", "ẞßſSs", "İIıi", "ǅǆ", "ﬁ", "Å\u0041\u030a", "नमस्ते", "👍🏽", "\u202etrohs\u202c", "\ufeffx",
    "\uffff", "\U0010ffff", "\x01\x1f\x7f\x85\u2028", "\t\r\n\v", "\\N", "\\.", "'; --", '"', "NULL", "12", "1e5",
    "0x10", "-0.0",
)  # fmt: skip


def _moments() -> Iterator[dt.datetime]:
    for number in count():
        clock = dt.time(number % 24, 59 - number % 60, (number * 59) % 60, MICROSECONDS[number % 11])
        moment = dt.datetime.combine(dt.date(YEARS[number % 17], number % 12 + 1, 28), clock, dt.UTC)
        zone = ZONES[number % 7]
        yield moment.astimezone(zone) if 1 < moment.year < 9999 else moment


def _texts(column: Column[Any]) -> Iterator[str]:
    length = getattr(column.type, "length", None) or 400
    alone = column.unique or column.primary_key or column.name == "name"
    for number in count():
        text = TEXTS[number % len(TEXTS)] if number % 7 else "é" * length
        yield f"{text[: length - 5]}{number}" if alone else text[:length]


def _whole(bits: int) -> tuple[int, ...]:
    most = 2 ** (bits - 1) - 1
    return (0, 1, -1, most, -most - 1, 255, -(10**6), 10**9)


def _cycle(values: tuple[Any, ...]) -> Iterator[Any]:
    return (values[number % len(values)] for number in count())


def _values(column: Column[Any]) -> Iterator[Any]:
    """Values of a column, without an end: every kind of them within `ROWS`."""
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return _moments()
    if isinstance(kind, ScaledDecimal):
        return (Decimal(each).scaleb(-kind.places) for each in _cycle(_whole(64)))
    if isinstance(kind, Boolean):
        return _cycle((False, True))
    if isinstance(kind, Date):
        return _cycle(DAYS)
    if isinstance(kind, Uuid):
        return (
            UUID(int=each)
            for each in _cycle((0, 2**128 - 1, 10**31, int("1234567890" * 3), int("e" * 32, 16)))
        )
    if isinstance(kind, LargeBinary):
        return _cycle((b"", b"\0", b"text", bytes(range(256)), b"\xff" * 32))
    if isinstance(kind, Integer):
        return _cycle(_whole(64 if isinstance(kind, BigInteger) else 32))
    return _texts(column)


class WholeRange:
    """Fills an empty, migrated database. Every row of a table that the journal vouches for is stated by an entry."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.moments = _moments()
        self.keys: dict[str, list[dict[str, Any]]] = {}  # the rows of each table

    def fill(self) -> None:
        """All tables, parents first; those of the journal itself are filled by that."""
        models = {table_of(each.class_).name: each.class_ for each in Base.registry.mappers}
        for table in METADATA.sorted_tables:
            if table.name in ("journal_entry", "closure", "badge_key"):
                continue
            model = models[table.name]
            for till in TILLS:
                rows = self._rows(table, till)
                self.session.execute(insert(table), rows)
                self.keys.setdefault(table.name, []).extend(rows)
                self._state(model, till, rows)
        self.session.execute(insert(METADATA.tables["badge_key"]), [{"id": 1, "key": b"\0" * 32}])

    def _state(self, model: type[Base], till: str, rows: list[dict[str, Any]]) -> None:
        if model in VOUCHED:
            for stream, few in zip(chain.STREAMS, (rows[each::5] for each in range(5)), strict=True):
                for row in few if "number" not in rows[0] else (rows if stream == chain.EVENTS else ()):
                    self._append(till, stream, "generated", {}, {model: [row]})
        elif model is Staff:
            for row in rows:
                said = {"staff": str(row["id"]), "name": row["name"], "role": row["role"]}
                self._append(till, chain.EVENTS, "staff_added", said, {})

    def _append(self, till: str, stream: str, event: str, data: dict[str, str], rows: Any) -> None:
        chain.append(
            self.session,
            till=till,
            stream=stream,
            event=event,
            actor="ÅÄÖ",
            now=next(self.moments),
            data=data,
            rows=rows,
        )

    def _rows(self, table: Table, till: str) -> list[dict[str, Any]]:
        makers = {column.name: self._maker(table, column, till) for column in table.columns}
        return [{name: make(number) for name, make in makers.items()} for number in range(ROWS)]

    def _maker(self, table: Table, column: Column[Any], till: str) -> Callable[[int], Any]:
        before = len(self.keys.get(table.name, ()))
        if column.name == "till":
            return lambda _number: till
        if column.name == "number":
            return lambda number: number + 1
        if column.foreign_keys:
            key = next(iter(column.foreign_keys)).column
            parents = self.keys[key.table.name]
            own = [row for row in parents if row.get("till", till) == till]
            return lambda number: own[(number + before) % len(own)][key.name]
        values = _values(column)
        for _each in range(before):
            next(values)
        if (
            column.primary_key
            and isinstance(column.type, Integer)
            and not isinstance(column.type, ScaledDecimal)
        ):
            return lambda number: number + before + 1
        if column.primary_key and isinstance(column.type, Uuid):
            most = 2**128 - 1
            return lambda number: UUID(int=most - number - before if number % 2 else number + before)
        if column.name == "takes_back":
            return lambda _number: None
        if column.name == "price_minor" and table.name == "product":
            return lambda _number: max(next(values), 0)
        if column.nullable:
            return lambda number: None if number % 5 == 4 else next(values)
        return lambda _number: next(values)
