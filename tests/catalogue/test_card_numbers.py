"""What looks like the number of a payment card, and what only has as many digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.scanner.gtin import check_digit
from tui_pos.catalogue.card_numbers import hide_card_numbers, holds_card_number

# Numbers that card schemes publish for tests.
CARDS = (
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "30569309025904",
    "4222222222222",
    "6304000000000000",
    "6759649826438453",
    "4000000000000000006",
)


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found_wherever_it_stands(number: str) -> None:
    for text in (number, f"%B{number}^DOE/JOHN^2512101", f";{number}=2512101?", f"card {number}."):
        assert holds_card_number(text)
        hidden = hide_card_numbers(text)
        assert number not in hidden
        assert hidden == text.replace(number, "*" * (len(number) - 4) + number[-4:])


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("4111 1111 1111 1111", "************1111"),
        ("4111-1111-1111-1111", "************1111"),
        ("3782 822463 10005", "***********0005"),
        ("4000 0000 0000 0000 006 x", "***************0006 x"),
    ],
)
def test_as_it_stands_on_the_card(text: str, hidden: str) -> None:
    assert hide_card_numbers(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # its last digit is wrong
        "411111111111",  # too short
        "41111111111111111111",  # too long
        "0000000000000000",
        "5449000000996",
        "2026-03-01 12:00:00,123 4 1 2",
        "85123A",
        "",
    ],
)
def test_other_numbers_stay_as_they_are(text: str) -> None:
    assert not holds_card_number(text)
    assert hide_card_numbers(text) == text


@given(st.from_regex(r"[0-9]{12,13}", fullmatch=True))
def test_no_gtin_is_taken_for_a_card(payload: str) -> None:
    assert not holds_card_number(payload + check_digit(payload))


@given(st.from_regex(r"[1-9][0-9]{14,17}", fullmatch=True))
def test_of_ten_last_digits_one_makes_a_card_number(payload: str) -> None:
    assert sum(holds_card_number(f"{payload}{digit}") for digit in range(10)) == 1
