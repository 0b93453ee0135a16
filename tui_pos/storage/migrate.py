"""Bringing a database to the tables that this program knows, after taking a copy of it."""

import datetime as dt
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from tui_pos.i18n import _

HEAD = "0001"
"""The newest migration. Known here so that Alembic is imported only when there is something to do."""

KNOWN = ("0001",)


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


def upgrade(engine: Engine) -> Path | None:
    """Create or upgrade all tables. Returns where the copy of an older database was put, if one was taken.

    Raises DatabaseError if the database is newer than this program, or if no copy could be taken.
    """
    with engine.connect() as connection:
        found = version(connection)
    if found == HEAD:
        return None
    if found is not None and found not in KNOWN:
        raise DatabaseError(
            _(
                "The database was written by a newer tui-pos (its version is {found}, this program knows {known}). "
                "Nothing was changed. Install the newer program, or open a backup taken before."
            ).format(found=found, known=HEAD)
        )
    copy = _back_up(engine, found) if found is not None else None
    _run_migrations(engine)
    return copy


def _run_migrations(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection.execution_options(writing=True)
        command.upgrade(config, "head")
        connection.commit()


def _back_up(engine: Engine, found: str) -> Path:
    """A full copy of the database as it is, beside it (SQLite) or in the working folder (PostgreSQL)."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    name = engine.url.database or "tui-pos"
    if engine.dialect.name == "sqlite":
        target = Path(f"{name}.{found}.{stamp}.bak")
        with sqlite3.connect(name) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        return target
    target = Path(f"{name}.{found}.{stamp}.dump")
    pg_dump = shutil.which("pg_dump")
    if pg_dump is None:
        raise DatabaseError(
            _(
                "The database must be upgraded, and pg_dump is not installed to copy it first. Install it, start again."
            )
        )
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run(
        [pg_dump, "-Fc", "-f", str(target), url], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DatabaseError(
            _("The database could not be copied before its upgrade: {error}").format(error=done.stderr)
        )
    return target
