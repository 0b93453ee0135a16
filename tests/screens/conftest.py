"""A stocked shop."""

import pytest
from sqlalchemy import Engine

from tests.rigs.sales import stock


@pytest.fixture
def shop_engine(sqlite_engine: Engine) -> Engine:
    """The products of tests.rigs.sales. What screens ask of the database, the rooms' tests try on both kinds."""
    stock(sqlite_engine)
    return sqlite_engine
