"""Coins and notes: what is in circulation, and what a customer is likely to hand over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.money.cash import denominations, next_notes
from tui_pos.money.currency import currency

KNOWN = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF INR ISK JPY KRW KWD MXN NOK NZD PLN RON SEK SGD TRY USD ZAR"
)


def test_the_euro_has_fifteen_kinds() -> None:
    assert denominations(currency("EUR")) == (
        *(50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500),
        *(200, 100, 50, 20, 10, 5, 2, 1),
    )


@pytest.mark.parametrize(
    ("code", "greatest", "smallest"),
    [
        ("CHF", 100_000, 5),
        ("SEK", 100_000, 100),
        ("DKK", 50_000, 50),
        ("HUF", 2_000_000, 500),
        ("JPY", 10_000, 1),
        ("KWD", 20_000, 5),
        ("USD", 10_000, 1),
        ("CAD", 10_000, 5),
        ("NZD", 10_000, 10),
    ],
)
def test_worths_are_in_minor_units(code: str, greatest: int, smallest: int) -> None:
    worths = denominations(currency(code))

    assert (worths[0], worths[-1]) == (greatest, smallest)


@pytest.mark.parametrize("code", KNOWN.split())
def test_kinds_differ_and_descend(code: str) -> None:
    worths = denominations(currency(code))

    assert list(worths) == sorted(set(worths), reverse=True)
    assert worths[-1] >= 1


@pytest.mark.parametrize("code", ["CHF", "SEK", "NOK", "DKK", "HUF", "CZK", "CAD"])
def test_what_cash_is_rounded_to_can_be_paid(code: str) -> None:
    money = currency(code)

    assert money.cash_increment_minor % denominations(money)[-1] == 0


def test_a_coin_and_a_note_of_one_worth_are_one_kind() -> None:
    assert denominations(currency("INR")).count(2_000) == 1


def test_nobody_guesses_the_coins_of_other_currencies() -> None:
    assert denominations(currency("AED")) == ()


@pytest.mark.parametrize(
    ("code", "due_minor", "expected"),
    [
        ("EUR", 1230, [1500, 2000, 5000, 10000, 20000, 50000]),
        ("EUR", 500, [1000, 2000, 5000, 10000, 20000, 50000]),
        ("EUR", 60001, [80000, 100000]),
        ("SEK", 8700, [10000, 20000, 50000, 100000]),
        ("CHF", 1570, [2000, 5000, 10000, 20000, 100000]),
        ("JPY", 1980, [2000, 5000, 10000]),
        ("KWD", 1250, [1500, 2000, 5000, 10000, 20000]),
        ("AED", 1230, [1500, 2000, 5000, 10000, 20000, 50000]),
        ("EUR", 0, []),
        ("EUR", -100, []),
    ],
)
def test_the_next_notes(code: str, due_minor: int, expected: list[int]) -> None:
    assert next_notes(due_minor, currency(code)) == expected


@given(st.integers(1, 10**9), st.sampled_from(["EUR", "SEK", "USD", "JPY", "KWD", "HUF", "INR"]))
def test_each_covers_the_sum_with_change(due_minor: int, code: str) -> None:
    found = next_notes(due_minor, currency(code))
    assert found == sorted(set(found))
    assert all(given > due_minor for given in found)
    smallest = 250 if code == "KWD" else 10 ** currency(code).exponent  # a quarter of a dinar is a note
    assert all(given % smallest == 0 for given in found)
