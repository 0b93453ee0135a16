"""Bringing a database to the tables that this program knows, after taking a copy of it."""

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from tui_pos.i18n import _
from tui_pos.storage.engine import begin_writing
from tui_pos.storage.errors import file_of

HEAD = "0004"
"""The newest migration. Known here so that Alembic is imported only when there is something to do."""

KNOWN = ("0001", "0002", "0003", "0004")

MIGRATIONS = Path(__file__).parent / "migrations"

_UPGRADING = 0x7475692D706F73  # "tui-pos": the server's advisory lock of whoever upgrades


class DatabaseError(Exception):
    """The database cannot be used as it is; the text says why and what to do."""


def version(connection: Connection) -> str | None:
    """The migration that the database is at; None for an empty one. Raises DatabaseError for a stranger's."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found
    if tables:
        raise DatabaseError(
            _(
                "The database holds tables of another program ({tables}). Set database.url to an empty one."
            ).format(tables=", ".join(sorted(tables)[:3]))
        )
    return None


def is_empty(engine: Engine) -> bool:
    """Whether nothing was ever put there. Makes nothing: merely connecting makes a file of SQLite's.

    Raises DatabaseError for a stranger's.
    """
    file = file_of(engine)
    if file is not None and not (file.exists() and file.stat().st_size):
        return True
    with engine.connect() as connection:
        return version(connection) is None


def upgrade(engine: Engine) -> Path | None:
    """Create or upgrade all tables. Returns where the copy of an older database was put, if one was taken.

    Raises DatabaseError if the database is newer than this program, or if no copy could be taken.
    """
    found = _usable_version(engine)
    if found == HEAD:
        return None
    copy = _back_up(engine, found) if found is not None else None
    _run_migrations(engine)
    return copy


def check_newest(engine: Engine) -> None:
    """For whoever must not upgrade, since tills may be running. Raises DatabaseError if it is older or newer."""
    if _usable_version(engine) != HEAD:
        raise DatabaseError(
            _(
                "The database was written by an older tui-pos, and nothing was changed. Close all tills on it and "
                "upgrade the program on each; then start the till, which takes a copy and upgrades the database."
            )
        )


def _usable_version(engine: Engine) -> str | None:
    """The migration that the database is at. Raises DatabaseError if it is newer than this program."""
    with engine.connect() as connection:
        found = version(connection)
    if found is not None and found not in KNOWN:
        raise DatabaseError(
            _(
                "The database was written by a newer tui-pos (its version is {found}, this program knows {known}). "
                "Nothing was changed. Install the newer program, or open a backup taken before."
            ).format(found=found, known=HEAD)
        )
    return found


def _run_migrations(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection, begin_writing(connection):
        if engine.dialect.name == "postgresql":  # on SQLite the one who writes is alone anyway
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _back_up(engine: Engine, found: str) -> Path:
    """A full copy of the database as it is: beside it (SQLite), or in the working folder (PostgreSQL).

    Raises DatabaseError if there can be none; then nothing of it is left.
    """
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    name = engine.url.database or "tui-pos"
    is_file = engine.dialect.name == "sqlite"
    target = Path(f"{name}.{found}.{stamp}.{'bak' if is_file else 'dump'}")
    try:
        target.touch(0o600)  # as private as the books should be
        if is_file:
            _copy_file(name, target)
        else:
            _dump(engine, target)
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        target.unlink(missing_ok=True)
        reason = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise DatabaseError(
            _("The database could not be copied before its upgrade: {error}").format(error=reason)
        ) from error
    return target


def _copy_file(name: str, target: Path) -> None:
    with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _dump(engine: Engine, target: Path) -> None:
    pg_dump = shutil.which("pg_dump")
    if pg_dump is None:
        raise DatabaseError(
            _(
                "The database must be upgraded, and pg_dump is not installed to copy it first. Install it, start again."
            )
        )
    url = engine.url.set(drivername="postgresql")
    # Not among the arguments: those are there for everybody on the machine to read.
    environment = {**os.environ, "PGPASSWORD": url.password} if url.password else None
    command = [pg_dump, "-Fc", "-f", str(target), "-d", url._replace(password=None).render_as_string()]
    subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
