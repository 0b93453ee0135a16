"""Unknown codes are noted for the back office, each once."""

import datetime as dt

import pytest
from sqlalchemy import Engine

from tests.rigs.people import CASHIER
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.unknown import set_aside, unknown_codes
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_a_code_is_noted_once_and_counted(engine: Engine) -> None:
    for minutes, (code, till) in enumerate((("123", "till1"), ("9" * 100, "till1"), ("123", "till2"))):
        with writing(engine) as session:
            set_aside(session, code, till, CASHIER, NOW + dt.timedelta(minutes=minutes))
    with reading(engine) as session:
        noted = [(row.code, row.till, row.times, row.first_at, row.last_at) for row in unknown_codes(session)]
    later = NOW + dt.timedelta(minutes=2)
    one = NOW + dt.timedelta(minutes=1)
    assert noted == [("123", "till2", 2, NOW, later), ("9" * 80, "till1", 1, one, one)]


@pytest.mark.parametrize(
    "code", ["4111111111111111", "%B378282246310005^DOE/JOHN^2512101", "4111 1111 1111 1111"]
)
def test_a_payment_card_is_never_noted(sqlite_engine: Engine, code: str) -> None:
    with pytest.raises(CatalogueError, match="payment card"), writing(sqlite_engine) as session:
        set_aside(session, code, "till1", CASHIER, NOW)
    with reading(sqlite_engine) as session:
        assert unknown_codes(session) == []
