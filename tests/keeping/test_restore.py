"""What was backed up comes back to a new place, is the same, and says that it came back."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, select, text

from tests.rigs.books import check_books
from tests.rigs.days import Days
from tests.rigs.people import CASHIER, OWNER
from tui_pos.journal.models import JournalEntry
from tui_pos.keeping.backup import back_up
from tui_pos.keeping.errors import KeepingError
from tui_pos.keeping.restore import restore
from tui_pos.people.actor import NotAllowed
from tui_pos.reports.audit import verify_books
from tui_pos.storage.engine import open_engine, reading
from tui_pos.storage.errors import DatabaseUnavailable, Trouble
from tui_pos.storage.migrate import DatabaseError

NOW = dt.datetime(2026, 11, 22, 5, 0, tzinfo=dt.UTC)
TILL = "till1"


@pytest.fixture
def backup(days: Days, folder: Path) -> Path:
    return back_up(days.engine, TILL, [folder], OWNER, NOW, keep=1, settings="[shop]\n").files[0]


@pytest.fixture
def target(engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place where nothing is yet."""
    if engine.dialect.name == "sqlite":
        yield str(tmp_path / "new.db")
        return
    server = request.getfixturevalue("postgres_server")
    name = f"r{uuid4().hex}"
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.format(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def opened(target: str) -> Engine:
    return open_engine(target if target.startswith("postgresql") else f"sqlite:///{target}")


def test_the_books_come_back_and_sell_on(days: Days, backup: Path, target: str) -> None:
    before = check_books(days.engine)
    days.sell("100")  # is in no backup

    done = restore(backup, target, TILL, OWNER, NOW)

    assert done.proof.wrong == ""
    assert [(last.till, last.number) for last in done.proof.last_sales] == [(TILL, 6)]
    assert done.settings == backup.with_suffix(".toml")
    engine = opened(target)
    assert check_books(engine) == before
    with reading(engine) as session:
        entry = session.scalars(
            select(JournalEntry).where(JournalEntry.stream == "events").order_by(JournalEntry.seq.desc())
        ).first()
        assert entry is not None
        assert (entry.event, json.loads(entry.body)["data"]["file"]) == ("restore", backup.name)
    again = Days(engine)
    again.day, again.seconds = days.day, 5000
    assert again.sell("100", "200") == "7"
    with reading(engine) as session:
        verify_books(session, OWNER)
    engine.dispose()


def test_nothing_is_overwritten(days: Days, backup: Path, target: str) -> None:
    restore(backup, target, TILL, OWNER, NOW)
    engine = opened(target)
    before = check_books(engine)
    with pytest.raises(KeepingError, match="Nothing was changed"):
        restore(backup, target, TILL, OWNER, NOW)
    assert check_books(engine) == before
    engine.dispose()


def test_a_database_that_is_not_there_is_to_be_made(postgres_server: str, tmp_path: Path) -> None:
    dump = tmp_path / "books.dump"
    dump.write_bytes(b"PGDMP")
    with pytest.raises(DatabaseUnavailable, match=r"has no database nowhere.*createdb nowhere") as caught:
        restore(dump, postgres_server.format("nowhere"), TILL, OWNER, NOW)
    assert caught.value.trouble is Trouble.NOT_MADE


def test_only_who_may(backup: Path, target: str) -> None:
    with pytest.raises(NotAllowed):
        restore(backup, target, TILL, CASHIER, NOW)
    assert target.startswith("postgresql") or not Path(target).exists()


def test_a_backup_is_not_changed_by_its_proof(backup: Path, target: str) -> None:
    before = backup.read_bytes()
    restore(backup, target, TILL, OWNER, NOW)
    assert backup.read_bytes() == before
    assert sorted(path.suffix for path in backup.parent.iterdir() if path.suffix) == sorted(
        [backup.suffix, ".lock", ".toml"]
    )


def test_a_damaged_backup_is_not_brought_back(backup: Path, target: str) -> None:
    content = bytearray(backup.read_bytes())
    begin = len(content) * 2 // 3
    content[begin : begin + 8192] = bytes(8192)
    backup.write_bytes(content)
    with pytest.raises(DatabaseError):
        restore(backup, target, TILL, OWNER, NOW)
    assert target.startswith("postgresql") or not Path(target).exists()


@pytest.mark.parametrize("leftover", ["new.db-wal", "new.db-journal"])
def test_companions_of_books_that_were_there_are_not_joined(
    sqlite_engine: Engine, folder: Path, tmp_path: Path, leftover: str
) -> None:
    (file,) = back_up(sqlite_engine, TILL, [folder], OWNER, NOW, keep=1).files
    (tmp_path / leftover).write_text("of other books")
    with pytest.raises(KeepingError, match=f"{leftover} is there already"):
        restore(file, str(tmp_path / "new.db"), TILL, OWNER, NOW)
    (tmp_path / "note").touch()
    with pytest.raises(KeepingError, match=r"The folder .*note cannot be made"):
        restore(file, str(tmp_path / "note" / "new.db"), TILL, OWNER, NOW)


def test_the_kind_of_file_and_the_place_must_fit(sqlite_engine: Engine, folder: Path, tmp_path: Path) -> None:
    (file,) = back_up(sqlite_engine, TILL, [folder], OWNER, NOW, keep=1).files
    with pytest.raises(KeepingError, match="is no dump of PostgreSQL"):
        restore(file, "postgresql+psycopg://nowhere/shop", TILL, OWNER, NOW)
    dump = tmp_path / "x.dump"
    dump.write_bytes(b"PGDMP and so on")
    with pytest.raises(KeepingError, match="is a dump of PostgreSQL"):
        restore(dump, str(tmp_path / "new.db"), TILL, OWNER, NOW)
