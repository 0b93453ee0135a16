"""Discounts: their bounds, what they take, and how a column keeps them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.money.strategies import DISCOUNTS
from tui_pos.money.discount import (
    AmountOff,
    BadDiscount,
    Discount,
    PercentOff,
    decode_discount,
    discount_on,
    encode_discount,
)


@pytest.mark.parametrize(
    ("amount_minor", "discount", "expected"),
    [
        (1000, None, 0),
        (1000, PercentOff(Decimal(10)), 100),
        (5, PercentOff(Decimal(10)), 1),
        (-5, PercentOff(Decimal(10)), -1),
        (4, PercentOff(Decimal(10)), 0),
        (1000, PercentOff(Decimal(100)), 1000),
        (1000, PercentOff(Decimal("12.5")), 125),
        (1000, AmountOff(250), 250),
        (1000, AmountOff(2500), 1000),
        (-1000, AmountOff(250), -250),
        (-1000, AmountOff(2500), -1000),
        (0, AmountOff(2500), 0),
    ],
)
def test_what_a_discount_takes(amount_minor: int, discount: Discount | None, expected: int) -> None:
    assert discount_on(amount_minor, discount) == expected


@given(st.integers(-(10**9), 10**9), DISCOUNTS)
def test_a_discount_never_takes_more_than_there_is(amount_minor: int, discount: Discount) -> None:
    taken = discount_on(amount_minor, discount)
    assert min(0, amount_minor) <= taken <= max(0, amount_minor)
    assert discount_on(-amount_minor, discount) == -taken


@pytest.mark.parametrize("percent", ["0", "-1", "100.0001", "NaN", "Infinity", "0.00001"])
def test_a_percentage_out_of_bounds_is_refused(percent: str) -> None:
    with pytest.raises(BadDiscount):
        PercentOff(Decimal(percent))


@pytest.mark.parametrize("minor", [0, -1, 10**12 + 1])
def test_an_amount_out_of_bounds_is_refused(minor: int) -> None:
    with pytest.raises(BadDiscount):
        AmountOff(minor)


@pytest.mark.parametrize(
    ("discount", "text"),
    [
        (None, ""),
        (PercentOff(Decimal("10.00")), "10%"),
        (PercentOff(Decimal("1E+2")), "100%"),
        (PercentOff(Decimal("2.5")), "2.5%"),
        (AmountOff(500), "500"),
    ],
)
def test_a_column_keeps_a_discount(discount: Discount | None, text: str) -> None:
    assert encode_discount(discount) == text
    assert decode_discount(text) == discount


@given(DISCOUNTS)
def test_every_discount_is_read_again(discount: Discount) -> None:
    assert decode_discount(encode_discount(discount)) == discount


@pytest.mark.parametrize(
    "text", ["0", "0%", "101%", "-5", "5.0", "%", "10 %", " ", "ten", "1e1%", "9" * 5000, "٥"]
)
def test_what_keeps_no_discount_is_refused(text: str) -> None:
    with pytest.raises(BadDiscount):
        decode_discount(text)
