"""A stocked shop on both databases, and Ada at its till."""

import pytest
from sqlalchemy import Engine

from tests.rigs.sales import desk_of, stock
from tui_pos.sales.desk import Desk


@pytest.fixture
def shop_engine(engine: Engine) -> Engine:
    """Both databases in turn, with the products of tests.rigs.sales."""
    stock(engine)
    return engine


@pytest.fixture
def ada(shop_engine: Engine) -> Desk:
    """The desk of till1."""
    return desk_of(shop_engine)
