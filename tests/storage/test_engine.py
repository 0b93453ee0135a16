"""Reading sees one moment, writing is all or nothing, and what must survive a power cut is synced."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tui_pos.storage.engine import begin_writing, reading, writing

ADD = text("INSERT INTO tax_class (code, name, kind) VALUES (:code, 'A class', 'taxed')")
COUNT = text("SELECT count(*) FROM tax_class")


def test_what_is_written_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(ADD, {"code": "a"})
    with reading(engine) as session:
        assert session.scalar(COUNT) == 1


def test_nothing_of_a_block_that_raises_is_kept(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.execute(ADD, [{"code": "a"}, {"code": "a"}])
    with reading(engine) as session:
        assert session.scalar(COUNT) == 0


def test_nothing_done_while_reading_is_kept(engine: Engine) -> None:
    with reading(engine) as session:
        session.execute(ADD, {"code": "a"})
    with reading(engine) as session:
        assert session.scalar(COUNT) == 0


def test_a_reader_sees_one_moment(engine: Engine) -> None:
    with reading(engine) as session:
        before = session.scalar(COUNT)
        with writing(engine) as other:
            other.execute(ADD, {"code": "a"})
        assert session.scalar(COUNT) == before


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])  # SQLite's NORMAL and FULL
def test_durable_commits_are_synced(sqlite_engine: Engine, durable: bool, level: int) -> None:
    with writing(sqlite_engine, durable=durable) as session:
        assert session.scalar(text("PRAGMA synchronous")) == level
    with reading(sqlite_engine) as session:
        assert session.scalar(text("PRAGMA synchronous")) == 1


def test_a_durable_block_that_raises_leaves_the_usual_level(sqlite_engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(sqlite_engine, durable=True):
        raise ZeroDivisionError
    with writing(sqlite_engine) as session:
        assert session.scalar(text("PRAGMA synchronous")) == 1


def test_sqlite_is_set_up_for_a_till(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA recursive_triggers")) == 1


def test_only_the_transaction_that_writes_holds_others_up(sqlite_engine: Engine) -> None:
    with closing(sqlite3.connect(str(sqlite_engine.url.database), timeout=0)) as other:
        other.isolation_level = None
        with sqlite_engine.connect() as connection:
            with begin_writing(connection), pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            with connection.begin():
                assert connection.scalar(COUNT) == 0
                other.execute("BEGIN IMMEDIATE")


def test_a_statement_looks_for_no_listeners(sqlite_engine: Engine) -> None:
    """An engine with a single one asks for more of them at each step of every statement: a tenth of a scan."""
    assert not sqlite_engine._has_events
