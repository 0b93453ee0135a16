"""Sound books prove whole, whatever they hold and whatever SQLite or PostgreSQL reads them; spoilt ones never do."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from tests.rigs.days import Days, small_books
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tests.rigs.whole_range import MICROSECONDS, WholeRange
from tui_pos.journal.rows import table_of
from tui_pos.people.models import Staff
from tui_pos.reports.audit import strange_triggers, unguarded_tables, verify_books
from tui_pos.sales.models import Sale
from tui_pos.storage import soundness
from tui_pos.storage.copies import check_sqlite, copy_sqlite
from tui_pos.storage.engine import open_engine, reading, writing


def check_whole(session: Session) -> int:
    """Every check of the books. Returns how many rows the journal vouches for."""
    assert soundness.damage(session) == ""
    assert soundness.misfit(session) == ""
    assert soundness.dangling_row(session) == ""
    assert unguarded_tables(session, OWNER) == []
    assert strange_triggers(session, OWNER) == []
    return sum(each.rows for each in verify_books(session, OWNER))


@pytest.fixture(params=["sqlite3", "pysqlite3"])
def driver(request: pytest.FixtureRequest) -> ModuleType:
    """The SQLite of this Python, and the newest one that can be had."""
    try:
        return import_module(request.param)
    except ImportError:
        pytest.skip(f"{request.param} is not installed")


@pytest.fixture
def opened(driver: ModuleType, tmp_path: Path) -> Iterator[Engine]:
    """The books of `sqlite_engine`, read by that SQLite."""
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}", module=driver)
    yield engine
    engine.dispose()


def test_values_from_end_to_end_of_every_column(engine: Engine) -> None:
    with writing(engine) as session:
        WholeRange(session).fill()
    with reading(engine) as session:
        assert check_whole(session) > 500


def test_every_sqlite_calls_them_sound(sqlite_engine: Engine, opened: Engine) -> None:
    with writing(sqlite_engine) as session:
        WholeRange(session).fill()
    with Session(opened) as session:
        assert check_whole(session) > 500


def test_days_of_a_shop_whose_acts_fall_on_any_microsecond(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def now(days: Days) -> dt.datetime:
        days.seconds += 1
        zone = dt.timezone(dt.timedelta(minutes=(days.seconds * 97) % 1680 - 840))
        at = dt.datetime.combine(days.day, dt.time(9, 58, 59, MICROSECONDS[days.seconds % 11]), dt.UTC)
        return (at + dt.timedelta(seconds=days.seconds)).astimezone(zone)

    monkeypatch.setattr(Days, "now", now)
    small_books(engine)
    with reading(engine) as session:
        assert check_whole(session) > 100


def test_a_server_that_writes_times_in_its_own_way(postgres_engine: Engine) -> None:
    """Before 1900 an hour of New York is an odd one, and the first day of year 1 is one before Christ."""
    name = postgres_engine.url.database
    with postgres_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("timezone = 'America/New_York'", "datestyle = 'SQL, DMY'", "bytea_output = 'escape'"):
            connection.execute(text(f"ALTER DATABASE {name} SET {setting}"))
    other = open_engine(postgres_engine.url.render_as_string(hide_password=False))
    with writing(other) as session:
        WholeRange(session).fill()
    with reading(other) as session:
        assert check_whole(session) > 500
    other.dispose()


MOMENT = table_of(Staff).columns["created_at"]
DAY = table_of(Sale).columns["business_date"]


def misfits(driver: ModuleType, column: Column[Any], *values: object) -> list[object]:
    """Those of the values that this SQLite calls damage, once they are in such a column."""
    condition = soundness._wrong(column).replace(column.name, "value")
    with closing(driver.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE one (value DATETIME)")
        connection.executemany("INSERT INTO one VALUES (?)", [(each,) for each in values])
        return [row[0] for row in connection.execute(f"SELECT value FROM one WHERE {condition}")]


@given(st.datetimes())
def test_every_moment_is_one(moment: dt.datetime) -> None:
    assert misfits(sqlite3, MOMENT, moment.isoformat(" ", "microseconds")) == []


def test_every_day_of_a_leap_year_and_no_other(driver: ModuleType) -> None:
    """Held against Python's own calendar, as the column's type is."""
    days = [
        f"{year:04}-{month:02}-{day:02}"
        for year in (0, 1, 4, 100, 400, 1900, 2000, 2023, 2024, 2100, 9996, 9999)
        for month in range(14)
        for day in range(33)
    ]
    assert misfits(driver, DAY, *days) == [each for each in days if not _is_date(each)]


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "value",
    [
        "", "2026-03-02", "2026-03-02 09:00:00", "2026-03-02 09:00:00.00000", "2026-03-02 09:00:00.0000000",
        "2026-03-02T09:00:00.000000", "2026-03-02 24:00:00.000000", "2026-03-02 09:60:00.000000",
        "2026-03-02 09:00:60.000000", "2026-02-29 09:00:00.000000", "0000-03-02 09:00:00.000000",
        "2026-03-02 09:00:00,000000", "2026-03-02 09:00:00.00000x", "٢٠٢٦-03-02 09:00:00.000000",
        "2026-03-02 09:00:00.000000\0", "2026-03-02 09:00:00.000000Z", b"2026-03-02 09:00:00.000000",
        12, 2461101.5, "now",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_damage(driver: ModuleType, value: object) -> None:
    assert misfits(driver, MOMENT, value, "2026-03-02 09:00:00.999500") == [value]


def test_an_index_on_letters_made_by_another_sqlite_is_no_damage(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    """SQLite built with ICU makes a small letter of É, and others do not. Another index that differs is damage."""
    stock_shop(sqlite_engine)
    with writing(sqlite_engine) as session:
        session.execute(text("UPDATE product SET name = 'CRÈME ' || sku"))

    def icu(connection: Any, _record: Any) -> None:
        connection.create_function("lower", 1, str.lower, deterministic=True)

    event.listen(sqlite_engine, "connect", icu)
    sqlite_engine.dispose()
    with reading(sqlite_engine) as session:
        findings = session.scalars(text("PRAGMA integrity_check")).all()
        assert any("ix_product_name_lower" in each for each in findings)
        assert soundness.damage(session) == ""
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.create_function("lower", 1, str.lower, deterministic=True)
        connection.execute("REINDEX")
    copy_sqlite(tmp_path / "shop.db", tmp_path / "copy.db")
    check_sqlite(tmp_path / "copy.db")
