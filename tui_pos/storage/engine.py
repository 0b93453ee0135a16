"""Opening the database, and the three ways to talk to it: read, write, write durably."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    PoolProxiedConnection,
    RootTransaction,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import Session

from tui_pos.storage.errors import told_in_words

BUSY_TIMEOUT_S = 10
"""How long a write waits for another program's write (an import, a backup) before it gives up."""

_TO_WRITE = "to write"
"""Noted at a connection whose next transaction is to hold the write lock."""


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`; nothing is connected or created yet."""
    # Errors go to the log, and what was typed or scanned does not.
    if url.startswith("sqlite"):
        engine = create_engine(
            url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        # Not as a listener: of an engine that has one, every statement asks several times for more of them.
        engine.dialect.do_begin = _begin_sqlite  # type: ignore[method-assign]
        return engine
    given = make_url(url).query.get("options", "")
    # Of itself a server waits for ever, and writes times in its own zone and way, where year 1 may lie before Christ.
    own = {"lock_timeout": int(BUSY_TIMEOUT_S * 1000), "timezone": "UTC", "datestyle": "ISO"}
    options = f"{given} " + " ".join(f"-c {name}={value}" for name, value in own.items())
    arguments = {"connect_timeout": 5, "options": options.strip()}
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would begin too late
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA recursive_triggers = ON")  # or INSERT OR REPLACE would delete past the guards
    cursor.execute("PRAGMA cache_size = -2048")
    cursor.close()


def _begin_sqlite(dbapi_connection: PoolProxiedConnection) -> None:
    # IMMEDIATE takes the write lock at once: a read that turns into a write would fail instead of waiting.
    how = "BEGIN IMMEDIATE" if dbapi_connection.info.pop(_TO_WRITE, False) else "BEGIN"
    _driver(dbapi_connection).execute(how)


def begin_writing(connection: Connection) -> RootTransaction:
    """Begin a transaction that writes: it waits for whoever else does before anything is read in it."""
    connection.info[_TO_WRITE] = True
    return connection.begin()


class _Writer(Session):
    """A session within a transaction that somebody else began and ends, on the one connection that it has.

    The counter's statements go to that connection directly; finding it again for each would take half as long as
    what SQLite does.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def connection(self, *_args: Any, **_options: Any) -> Connection:
        return self._connection


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session on a consistent snapshot; nothing it does is kept. Raises DatabaseUnavailable."""
    with told_in_words(engine), Session(engine) as session:
        if engine.dialect.name == "postgresql":  # which would show each statement a newer state
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


@contextmanager
def writing(engine: Engine, *, durable: bool = False) -> Iterator[Session]:
    """One transaction: committed at the end of the block, rolled back if the block raises.

    A commit survives the death of the program. With `durable` it also survives a power cut when the block
    has ended (SQLite: synchronous=FULL; PostgreSQL always commits so). Raises DatabaseUnavailable.
    """
    with told_in_words(engine), engine.connect() as connection:
        full = durable and engine.dialect.name == "sqlite"
        if full:
            _set_synchronous(connection, "FULL")
        try:
            with begin_writing(connection), _Writer(connection) as session:
                yield session
                session.flush()
        finally:
            if full:
                _set_synchronous(connection, "NORMAL")


def _set_synchronous(connection: Connection, level: str) -> None:
    """SQLite ignores this pragma inside a transaction, so it goes to the driver's connection directly."""
    _driver(connection.connection).execute(f"PRAGMA synchronous = {level}")


def _driver(connection: PoolProxiedConnection) -> Any:
    """SQLite's own connection, without what SQLAlchemy does around each statement."""
    return connection.driver_connection
