"""Somebody to try things on; hashing costs nothing here."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from tests.rigs.people import take_on
from tui_pos.people import pins


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: quick)


@pytest.fixture
def staffed(engine: Engine) -> Engine:
    """Ada the owner, Bo the supervisor with a badge, Cleo the cashier, Dora the bookkeeper."""
    take_on(engine)
    return engine
