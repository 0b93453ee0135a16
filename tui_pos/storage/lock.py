"""One program a till: two would give the same receipt numbers and fill the same basket."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from tui_pos.i18n import _
from tui_pos.storage.migrate import DatabaseError


@contextmanager
def only_one(engine: Engine, till: str) -> Iterator[None]:
    """Hold this till for as long as the block runs. Raises DatabaseError if another program holds it.

    The lock is the system's (a locked file beside the database; an advisory lock of the PostgreSQL session), so that
    it is gone with the program, however that ends.
    """
    held = _lock_file(engine, till) if engine.dialect.name == "sqlite" else _lock_server(engine, till)
    with held:
        yield


@contextmanager
def _lock_file(engine: Engine, till: str) -> Iterator[None]:
    path = Path(f"{engine.url.database}.{till}.lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(till) from None
        yield


@contextmanager
def _lock_server(engine: Engine, till: str) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(f"tui-pos till {till}".encode()).digest()[:8], signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}).scalar():
            raise _taken(till)
        yield


def _taken(till: str) -> DatabaseError:
    return DatabaseError(
        _(
            "{till} is open in another window or on another machine. Close it there, or set another till.name."
        ).format(till=till)
    )
