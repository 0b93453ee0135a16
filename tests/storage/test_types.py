"""Quantities and rates come back from a column exactly as they went in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from tui_pos.storage.types import quantity_type

DIALECT = sqlite.dialect()


def there_and_back(value: Decimal) -> Decimal | None:
    column = quantity_type()
    return column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_there_and_back(value: Decimal) -> None:
    assert there_and_back(value) == value


@pytest.mark.parametrize("text", ["3", "100", "-2", "0", "0.412", "0.000001", "-1.5"])
def test_it_is_written_as_before(text: str) -> None:
    assert f"{there_and_back(Decimal(text)):f}" == text


def test_what_would_be_rounded_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 6 decimals"):
        there_and_back(Decimal("0.1234567"))
