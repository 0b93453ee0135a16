"""One program a till, since two would fill the same basket; and one writer of its numbers at a time."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.storage.migrate import DatabaseError


class TillTaken(DatabaseError):
    """Another program holds this till: its counter is open."""


@contextmanager
def only_one(engine: Engine, till: str) -> Iterator[None]:
    """Hold this till for as long as the block runs. Raises TillTaken if another program holds it.

    The lock is the system's (a locked file beside the database; an advisory lock of the PostgreSQL session), so that
    it is gone with the program, however that ends.
    """
    held = _lock_file(engine, till) if engine.dialect.name == "sqlite" else _lock_server(engine, till)
    with held:
        yield


def is_held(engine: Engine, till: str) -> bool:
    """Whether another program holds this till. Makes no file, and needs no right to write.

    Raises OSError, and DBAPIError where the server is away.
    """
    if engine.dialect.name == "sqlite":
        path = _lock_path(engine, till)
        return path.exists() and _is_locked(path)
    try:
        with _lock_server(engine, till):
            return False
    except TillTaken:
        return True


def _is_locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _lock_path(engine: Engine, till: str) -> Path:
    return Path(f"{engine.url.database}.{till}.lock")


@contextmanager
def _lock_file(engine: Engine, till: str) -> Iterator[None]:
    with _lock_path(engine, till).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(till) from None
        yield


@contextmanager
def _lock_server(engine: Engine, till: str) -> Iterator[None]:
    number = _number(f"tui-pos till {till}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(number))):
            raise _taken(till)
        try:
            yield
        finally:
            # The connection goes back to the pool, and would hold the lock there.
            connection.execute(select(func.pg_advisory_unlock(number)))


def one_at_a_time(session: Session, till: str) -> None:
    """Make others who write numbers of this till (receipts, journal) wait until this transaction has ended.

    On SQLite the transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_number(f"tui-pos numbers of {till}"))))


def _number(name: str) -> int:
    """The server knows its advisory locks by 64 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _taken(till: str) -> TillTaken:
    return TillTaken(
        _(
            "{till} is open in another window or on another machine. Close it there, or set another till.name."
        ).format(till=till)
    )
