"""What was found in a drawer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.drawer.denominations import MAX_PIECES, Counted, count_pieces, count_sum
from tui_pos.drawer.errors import DrawerError
from tui_pos.money.cash import denominations
from tui_pos.money.currency import currency

EUR = currency("EUR")


@given(st.dictionaries(st.sampled_from(denominations(EUR)), st.integers(0, MAX_PIECES)))
def test_the_sum_is_that_of_the_pieces(pieces: dict[int, int]) -> None:
    counted = count_pieces(pieces, EUR)

    assert counted.total_minor == sum(worth * number for worth, number in pieces.items())
    assert {int(w): n for w, n in json.loads(counted.encoded() or "{}").items()} == pieces
    assert [worth for worth, _number in counted.pieces] == sorted(pieces, reverse=True)


@pytest.mark.parametrize("pieces", [{3: 1}, {100: -1}, {100: MAX_PIECES + 1}])
def test_what_cannot_lie_there_is_refused(pieces: dict[int, int]) -> None:
    with pytest.raises(DrawerError):
        count_pieces(pieces, EUR)


def test_a_sum_has_no_pieces() -> None:
    assert count_sum(123) == Counted(123)
    assert count_sum(0).encoded() == ""


@pytest.mark.parametrize("total", [-1, 10**13])
def test_a_sum_that_cannot_be_is_refused(total: int) -> None:
    with pytest.raises(DrawerError):
        count_sum(total)
