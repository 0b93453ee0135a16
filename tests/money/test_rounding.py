"""Quotients, allocations and cash totals: exact, and symmetrical about zero."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_pos.money.rounding import (
    BadRounding,
    CashRounding,
    TieRule,
    allocate,
    apportion,
    divide_half_up,
    multiply_half_up,
)

WEIGHTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (5, 2, 3),
        (-5, 2, -3),
        (1, 2, 1),
        (-1, 2, -1),
        (7, 3, 2),
        (8, 3, 3),
        (0, 9, 0),
        (49, 100, 0),
        (-49, 100, 0),
    ],
)
def test_a_half_goes_away_from_zero(numerator: int, denominator: int, expected: int) -> None:
    assert divide_half_up(numerator, denominator) == expected


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_a_quotient_is_what_decimal_calls_half_up(numerator: int, denominator: int) -> None:
    doubled = Fraction(2 * numerator, denominator)
    expected = -((1 - doubled) // 2) if doubled < 0 else (doubled + 1) // 2
    assert divide_half_up(numerator, denominator) == expected


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(denominator: int) -> None:
    with pytest.raises(BadRounding, match=f"cannot divide by {denominator}"):
        divide_half_up(1, denominator)


@given(
    st.integers(-(10**9), 10**9),
    st.decimals(-99_999, 99_999, places=3, allow_nan=False, allow_infinity=False),
)
def test_a_product_is_what_decimal_calls_half_up(minor: int, quantity: Decimal) -> None:
    assert multiply_half_up(minor, quantity) == (minor * quantity).quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+12", "1E+999999", "1E-999999", "0E-999999"]
)
def test_an_absurd_quantity_is_refused_at_once(text: str) -> None:
    with pytest.raises(BadRounding, match="is no quantity"):
        multiply_half_up(100, Decimal(text))


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (100, [1000, 500, 249], [57, 29, 14]),
        (1000, [3333, 3333, 3333], [334, 333, 333]),
        (1, [5, 5], [1, 0]),
        (1, [4, 5], [0, 1]),
        (2, [1, 3], [0, 2]),  # both remainders are a half: the bigger weight has it
        (3, [0, 0], [2, 1]),
        (-3, [0, 0], [-2, -1]),
        (0, [1, 2], [0, 0]),
        (0, [], []),
        (7, [7], [7]),
    ],
)
def test_allocation_by_hand(total: int, weights: list[int], expected: list[int]) -> None:
    assert allocate(total, weights) == expected


@settings(max_examples=1000)
@given(st.integers(-(10**8), 10**8), WEIGHTS)
def test_an_allocation_loses_nothing(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)
    assert sum(shares) == total
    if any(weights):
        exact = [Fraction(total * weight, sum(weights)) for weight in weights]
        assert all(abs(share - fraction) < 1 for share, fraction in zip(shares, exact, strict=True))
    assert allocate(-total, weights) == [-share for share in shares]


@given(WEIGHTS, st.data())
def test_nobody_gives_more_than_he_has(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    assert all(0 <= share <= weight for share, weight in zip(allocate(total, weights), weights, strict=True))


def test_an_allocation_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadRounding, match="no weights"):
        allocate(1, [])
    with pytest.raises(BadRounding, match="negative weight -2"):
        allocate(1, [3, -2])


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=30), st.integers(1, 10**4))
def test_rounding_together_takes_each_up_or_down_and_mirrors(numerators: list[int], denominator: int) -> None:
    total = divide_half_up(sum(numerators), denominator)
    rounded = apportion(total, numerators, denominator)
    assert sum(rounded) == total
    assert all(
        whole in (numerator // denominator, -(-numerator // denominator))
        for whole, numerator in zip(rounded, numerators, strict=True)
    )
    assert apportion(-total, [-numerator for numerator in numerators], denominator) == [
        -whole for whole in rounded
    ]


def test_what_cancels_out_mirrors_too() -> None:
    assert apportion(0, [1, 1, 1, -3], 2) == [1, 1, 0, -2]
    assert apportion(0, [-1, -1, -1, 3], 2) == [-1, -1, 0, 2]


@pytest.mark.parametrize(
    ("ties", "minor", "expected"),
    [
        (TieRule.HALF_UP, 25, 50),
        (TieRule.HALF_UP, 24, 0),
        (TieRule.HALF_DOWN, 25, 0),
        (TieRule.HALF_DOWN, 26, 50),
        (TieRule.UP, 1, 50),
        (TieRule.UP, 50, 50),
        (TieRule.DOWN, 49, 0),
        (TieRule.DOWN, 99, 50),
    ],
)
def test_cash_rounds_by_its_rule(ties: TieRule, minor: int, expected: int) -> None:
    assert CashRounding(50, ties).round(minor) == expected
    assert CashRounding(50, ties).round(-minor) == -expected


def test_cash_by_hand() -> None:
    nickel = CashRounding(5)
    assert nickel.round(1572) == 1570
    assert nickel.round(-1572) == -1570
    assert nickel.round(1573) == 1575
    assert CashRounding(1).round(1573) == 1573


@given(st.integers(-(10**9), 10**9), st.integers(1, 1000), st.sampled_from(TieRule))
def test_cash_is_payable_and_near(minor: int, increment_minor: int, ties: TieRule) -> None:
    rounded = CashRounding(increment_minor, ties).round(minor)
    assert rounded % increment_minor == 0
    assert abs(rounded - minor) < increment_minor


def test_a_coin_is_worth_something() -> None:
    with pytest.raises(BadRounding, match="cash increment of 0"):
        CashRounding(0)
