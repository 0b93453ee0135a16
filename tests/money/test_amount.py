"""Amounts: whole minor units that refuse floats, and refuse to mix."""

import operator
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.money.amount import AmountFault, BadAmount, CurrencyMismatch, Money, parse_amount
from tui_pos.money.currency import Currency, currency

EUR, SEK, JPY, KWD = currency("EUR"), currency("SEK"), currency("JPY"), currency("KWD")


def euro(minor: int) -> Money:
    return Money(minor, EUR)


def test_amounts_add_up() -> None:
    assert euro(150) + euro(-50) == euro(100)
    assert euro(150) - euro(200) == euro(-50)
    assert -euro(5) == euro(-5)
    assert abs(euro(-5)) == euro(5)
    assert sum([euro(1), euro(2)], Money.zero(EUR)) == euro(3)
    assert euro(1) < euro(2) <= euro(2)
    assert euro(2) > euro(1) >= euro(1)
    assert max(euro(1), euro(3), euro(2)) == euro(3)


@pytest.mark.parametrize(
    "operation", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge]
)
def test_currencies_never_mix(operation: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(CurrencyMismatch, match=r"1\.00 EUR and 1\.00 SEK cannot be taken together"):
        operation(euro(100), Money(100, SEK))
    with pytest.raises(TypeError):
        operation(euro(100), 100)
    assert euro(100) != Money(100, SEK)


@pytest.mark.parametrize("minor", [1.0, True, Decimal(1), "1", None])
def test_only_whole_numbers_are_money(minor: Any) -> None:
    with pytest.raises(TypeError, match="whole number of minor units"):
        Money(minor, EUR)


def test_a_quantity_is_a_decimal() -> None:
    assert euro(299).times(Decimal("0.412")) == euro(123)
    assert euro(1).times(Decimal("0.5")) == euro(1)
    assert euro(1).times(Decimal("-0.5")) == euro(-1)
    not_exact: Any = 0.5
    with pytest.raises(TypeError, match="quantity is a Decimal"):
        euro(1).times(not_exact)
    with pytest.raises(TypeError):
        euro(1) * not_exact


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (euro(1230), "12.30 EUR"),
        (euro(-5), "-0.05 EUR"),
        (Money(1230, JPY), "1230 JPY"),
        (Money(1, KWD), "0.001 KWD"),
        (euro(10**40 + 1), f"1{'0' * 38}.01 EUR"),
        (Money.zero(JPY), "0 JPY"),
        (Money(1, Currency("ZZZ", 6, 1)), "0.000001 ZZZ"),
    ],
)
def test_an_amount_is_written_in_full(amount: Money, text: str) -> None:
    assert str(amount) == text


@pytest.mark.parametrize(
    ("text", "money", "minor"),
    [
        ("12", EUR, 1200),
        ("12.3", EUR, 1230),
        ("12,30", EUR, 1230),
        (" 12.30 ", EUR, 1230),
        (".5", EUR, 50),
        ("-0,99", EUR, -99),
        ("0", EUR, 0),
        ("00012", EUR, 1200),
        ("12", JPY, 12),
        ("1.234", KWD, 1234),
        ("9999999999.99", EUR, 999_999_999_999),
    ],
)
def test_amounts_as_people_type_them(text: str, money: Currency, minor: int) -> None:
    assert parse_amount(text, money) == Money(minor, money)


@pytest.mark.parametrize(
    ("text", "money", "fault", "message"),
    [
        ("", EUR, AmountFault.NOT_A_NUMBER, "'' is no amount: give digits, like 12.50"),
        (".", EUR, AmountFault.NOT_A_NUMBER, "'.' is no amount: give digits, like 12.50"),
        ("5.", EUR, AmountFault.NOT_A_NUMBER, "'5.' is no amount: give digits, like 12.50"),
        ("1,234.00", EUR, AmountFault.NOT_A_NUMBER, "'1,234.00' is no amount: give digits, like 12.50"),
        ("1e3", JPY, AmountFault.NOT_A_NUMBER, "'1e3' is no amount: give digits, like 12"),
        ("+1", EUR, AmountFault.NOT_A_NUMBER, "'+1' is no amount: give digits, like 12.50"),
        ("١٢", EUR, AmountFault.NOT_A_NUMBER, "'١٢' is no amount: give digits, like 12.50"),
        ("NaN", EUR, AmountFault.NOT_A_NUMBER, "'NaN' is no amount: give digits, like 12.50"),
        ("1.234", EUR, AmountFault.TOO_MANY_DECIMALS, "'1.234' has too many decimals: EUR has 2"),
        ("1.0", JPY, AmountFault.TOO_MANY_DECIMALS, "'1.0' has too many decimals: JPY has none"),
        ("10000000000", EUR, AmountFault.TOO_LARGE, "'10000000000' is too large for an amount of EUR"),
        ("9" * 99_999, EUR, AmountFault.TOO_LARGE, f"'{'9' * 40}' is too large for an amount of EUR"),
    ],
)
def test_what_is_no_amount_says_why(text: str, money: Currency, fault: AmountFault, message: str) -> None:
    with pytest.raises(BadAmount) as caught:
        parse_amount(text, money)
    assert (caught.value.fault, str(caught.value)) == (fault, message)


def test_the_decimal_mark_can_be_one_only() -> None:
    assert parse_amount("1,5", EUR, decimal_marks=",") == euro(150)
    with pytest.raises(BadAmount):
        parse_amount("1.5", EUR, decimal_marks=",")


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.sampled_from([EUR, JPY, KWD]))
def test_what_is_written_is_read_again(minor: int, money: Currency) -> None:
    amount = Money(minor, money)
    assert parse_amount(f"{amount.to_decimal():f}", money) == amount


@given(st.text() | st.from_regex(r"-?[0-9.,]{0,20}"))
def test_only_bad_amount_leaves(text: str) -> None:
    with suppress(BadAmount):
        assert isinstance(parse_amount(text, EUR), Money)
