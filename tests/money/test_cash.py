"""Coins and notes: what is in circulation, and what a customer is likely to hand over."""

import pytest

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
    ("code", "due", "first"),
    [
        ("EUR", 1_230, [1_500, 2_000, 5_000]),
        ("AED", 1_230, [1_500, 2_000, 5_000]),
        ("KWD", 1_100, [1_250, 1_500]),
    ],
)
def test_notes_that_cover_what_is_due(code: str, due: int, first: list[int]) -> None:
    assert next_notes(due, currency(code))[: len(first)] == first


def test_nothing_due_needs_no_notes() -> None:
    assert next_notes(0, currency("EUR")) == []
