"""What a customer is likely to hand over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.money.cash import next_notes
from tui_pos.money.currency import currency


@pytest.mark.parametrize(
    ("code", "due_minor", "expected"),
    [
        ("EUR", 1230, [1500, 2000, 5000, 10000, 20000, 50000]),
        ("EUR", 500, [1000, 2000, 5000, 10000, 20000, 50000]),
        ("EUR", 60001, [80000, 100000]),
        ("SEK", 8700, [10000, 20000, 50000, 100000]),
        ("CHF", 1570, [2000, 5000, 10000, 20000, 100000]),
        ("JPY", 1980, [2000, 5000, 10000]),
        ("KWD", 1250, [5000, 10000, 20000, 50000, 100000, 200000, 500000]),
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
    assert all(given % 10 ** currency(code).exponent == 0 for given in found)
