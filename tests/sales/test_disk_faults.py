"""A till whose disk is full or cannot be written, or whose books somebody else holds: it says so, and loses nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from tests.rigs.books import check_books
from tests.rigs.days import Days
from tests.rigs.disks import protect, small_disk, unprotect
from tests.rigs.shop import stock_shop
from tui_pos.sales.desk import Desk
from tui_pos.storage.engine import open_engine, writing
from tui_pos.storage.errors import DatabaseUnavailable


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, 8192):
        yield folder


@pytest.fixture
def days(disk: Path, sqlite_template: Path) -> Iterator[Days]:
    """A shop on that disk with one sale done, and one that is open."""
    (disk / "shop.db").write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{disk / 'shop.db'}")
    stock_shop(engine)
    days = Days(engine)
    days.sell("100")
    days.scan("100")
    days.scan("200")
    yield days
    engine.dispose()


def lines(desk: Desk) -> list[str]:
    return [line.sku for line in desk.basket.lines]


def fill(disk: Path) -> Path:
    """Leave no room at all."""
    film = disk / "film"
    with film.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                pass
    return film


def scan_until_refused(days: Days) -> None:
    """The database's own files have some room in them."""
    for _scan in range(500):
        days.scan("600")


def test_a_full_disk(days: Days, disk: Path) -> None:
    film = fill(disk)
    with pytest.raises(DatabaseUnavailable, match=r"The disk is full\. Nothing was changed: make room"):
        scan_until_refused(days)
    shown = days.desk.basket
    with pytest.raises(DatabaseUnavailable, match="The disk is full"):
        days.pay()
    assert Desk(days.engine, days.shop, days.desk.actor, days.now).basket.lines == shown.lines

    film.unlink()

    assert days.pay() == "2"
    books = check_books(days.engine)
    assert len(books.sales[0]) == 1
    assert sum(line.quantity for line in books.sales[1]) == sum(line.quantity for line in shown.lines)


def test_a_disk_that_can_only_be_read(days: Days, disk: Path) -> None:
    days.engine.dispose()
    protect(disk)
    with pytest.raises(DatabaseUnavailable):
        days.pay()
    unprotect(disk)
    days.engine.dispose()
    assert days.pay() == "2"
    assert len(check_books(days.engine).sales) == 2


def test_books_that_must_not_be_written(sqlite_engine: Engine) -> None:
    """The same where only the rights of the file are wrong."""
    stock_shop(sqlite_engine)
    days = Days(sqlite_engine)
    days.scan("100")

    @event.listens_for(sqlite_engine, "begin")
    def _only_read(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # type: ignore[attr-defined]

    with pytest.raises(DatabaseUnavailable, match=r"cannot be written \(read-only\)"):
        days.pay()
    event.remove(sqlite_engine, "begin", _only_read)
    with sqlite_engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA query_only = OFF")  # type: ignore[union-attr]
    assert days.pay() == "1"


def test_somebody_else_who_writes_for_too_long(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL it waits for who numbers the same till's sales; SQLite has one writer at a time."""
    stock_shop(engine)
    monkeypatch.setattr("tui_pos.storage.engine.BUSY_TIMEOUT_S", 0.2)
    days = Days(open_engine(engine.url.render_as_string(hide_password=False)))
    days.scan("100")
    begun, ended = threading.Event(), threading.Event()

    def write() -> None:
        from tui_pos.storage.lock import one_at_a_time

        with writing(engine) as session:
            one_at_a_time(session, "till1")
            session.execute(text("DELETE FROM unknown_code"))
            begun.set()
            ended.wait(30)

    other = threading.Thread(target=write)
    other.start()
    try:
        assert begun.wait(10)
        with pytest.raises(DatabaseUnavailable, match="Another program is writing to the database"):
            days.pay()
        assert lines(days.desk) == ["100"]
    finally:
        ended.set()
        other.join()
    assert days.pay() == "1"
    assert len(check_books(engine).sales) == 1
    days.engine.dispose()


def test_a_file_that_was_spoilt(days: Days, disk: Path) -> None:
    days.engine.dispose()
    with (disk / "shop.db").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 200_000)
    with pytest.raises(DatabaseUnavailable, match="The books are damaged"):
        days.pay()
