"""What goes back for returned goods: by hand, and what holds however they come back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.money.strategies import DISCOUNTS
from tests.money.test_pricing import LINES, MODES, REDUCED, STANDARD, price, sold, totals
from tui_pos.money.discount import AmountOff, Discount, PercentOff
from tui_pos.money.pricing import PricedLine, line_shares, price_line, price_sale
from tui_pos.money.returning import NOTHING, BadReturn, Portion, part_of
from tui_pos.money.tax import TaxRounding


def piece_by_piece(whole: Portion) -> list[tuple[int, int]]:
    returned, parts = NOTHING, []
    while returned.quantity < whole.quantity:
        part = part_of(whole, returned, Decimal(1))
        returned += part
        parts.append((part.amount_minor, part.tax_minor))
    return parts


@pytest.mark.parametrize(
    ("quantity", "amount", "tax", "expected"),
    [
        (1, 699, 112, [(699, 112)]),
        (3, 1000, 160, [(333, 53), (334, 54), (333, 53)]),
        (3, 1, 0, [(0, 0), (1, 0), (0, 0)]),
        (2, 0, 0, [(0, 0), (0, 0)]),
        (4, 2, 1, [(1, 1), (0, 0), (1, 0), (0, 0)]),
    ],
)
def test_pieces_by_hand(quantity: int, amount: int, tax: int, expected: list[tuple[int, int]]) -> None:
    assert piece_by_piece(Portion(Decimal(quantity), amount, tax)) == expected


def test_a_weight_comes_back_in_part() -> None:
    whole = Portion(Decimal("0.412"), 123, 20)
    assert part_of(whole, NOTHING, Decimal("0.206")) == Portion(Decimal("0.206"), 62, 10)


@pytest.mark.parametrize("quantity", ["0", "-1", "2.000001", "3"])
def test_no_more_comes_back_than_is_left(quantity: str) -> None:
    with pytest.raises(BadReturn, match="2 of 3 is left"):
        part_of(Portion(Decimal(3), 300, 48), Portion(Decimal(1), 100, 16), Decimal(quantity))


def test_what_two_tills_gave_at_once_is_made_up_for() -> None:
    """Both gave the first of three for 10.00; the last one is worth what is then left."""
    returned = Portion(Decimal(2), 666, 106)
    assert part_of(Portion(Decimal(3), 1000, 160), returned, Decimal(1)) == Portion(Decimal(1), 334, 54)


QUANTITIES = st.integers(1, 10_000).map(lambda thousandths: Decimal(thousandths).scaleb(-3))


@given(
    st.lists(QUANTITIES, min_size=1, max_size=8),
    st.integers(0, 100_000),
    st.floats(0, 1),
)
def test_the_parts_make_the_whole(quantities: list[Decimal], amount: int, tax_part: float) -> None:
    whole = Portion(sum(quantities, Decimal(0)), amount, int(amount * tax_part))
    returned = NOTHING
    for quantity in quantities:
        part = part_of(whole, returned, quantity)
        assert 0 <= part.tax_minor <= part.amount_minor
        returned += part
        exact = whole.amount_minor * returned.quantity / whole.quantity
        assert abs(returned.amount_minor - exact) <= Decimal("0.5000001")
    assert returned == whole


@given(st.lists(LINES, min_size=1, max_size=8), st.none() | DISCOUNTS, MODES, DISCOUNTS)
def test_everything_returned_is_the_exact_negative_of_the_sale(
    basket: list[tuple[Any, ...]], discount: Discount | None, modes: dict[str, Any], other: Discount
) -> None:
    """Net, tax and gross, in sum and for each rate; and a discount on the returning sale does not touch it."""
    lines = [price(line) for line in basket]
    there = price_sale(lines, discount, **modes)
    back = [
        given_back(line, Decimal(1), share.amount_minor, share.tax_minor)
        for line, share in zip(lines, line_shares(lines, discount, **modes), strict=True)
    ]
    refund = price_sale(back, other, **modes)
    assert (refund.net_minor, refund.tax_minor, refund.gross_minor, refund.discount_minor) == (
        -there.net_minor,
        -there.tax_minor,
        -there.gross_minor,
        0,
    )
    assert [(row.rate, -row.net_minor, -row.tax_minor) for row in refund.rows] == [
        (row.rate, row.net_minor, row.tax_minor) for row in there.rows
    ]
    adds_up(back, other, modes)


@given(st.lists(LINES, min_size=1, max_size=5), st.lists(LINES, max_size=5), st.none() | DISCOUNTS, MODES)
def test_goods_sold_beside_returned_ones_cost_what_they_cost_alone(
    returned: list[tuple[Any, ...]], bought: list[tuple[Any, ...]], discount: Discount | None, modes: Any
) -> None:
    assume(any(price(line).amount_minor for line in bought) or not bought)
    back = [
        given_back(line, Decimal(1), share.amount_minor, share.tax_minor)
        for line, share in zip(
            map(price, returned), line_shares(list(map(price, returned)), None, **modes), strict=True
        )
    ]
    fresh = [price(line) for line in bought]
    together = price_sale([*back, *fresh], discount, **modes)
    alone, refund = price_sale(fresh, discount, **modes), price_sale(back, None, **modes)
    assert together.gross_minor == alone.gross_minor + refund.gross_minor
    assert together.tax_minor == alone.tax_minor + refund.tax_minor
    adds_up([*back, *fresh], discount, modes)


def given_back(line: PricedLine, quantity: Decimal, amount_minor: int, tax_minor: int) -> PricedLine:
    return price_line(
        -quantity, 0, None, line.rate, fixed_amount_minor=amount_minor, fixed_tax_minor=tax_minor
    )


def adds_up(lines: list[PricedLine], discount: Discount | None, modes: dict[str, Any]) -> None:
    """The lines' shares are the sale's totals, and each fixed tax is its line's."""
    sale, shares = price_sale(lines, discount, **modes), line_shares(lines, discount, **modes)
    assert sum(share.net_minor for share in shares) == sale.net_minor
    assert sum(share.tax_minor for share in shares) == sale.tax_minor
    assert sum(share.sale_discount_minor for share in shares) == sale.sale_discount_minor
    for line, share in zip(lines, shares, strict=True):
        assert line.fixed_tax_minor in (None, share.tax_minor)


def test_an_exchange_by_hand() -> None:
    """The returned line keeps its 1.61 of tax, though 19 % of 9.99 would be 1.60; the discount is not its own."""
    back = price_line(Decimal(-1), 0, None, STANDARD, fixed_amount_minor=999, fixed_tax_minor=161)
    lines = [back, sold(2000), sold(100, REDUCED)]
    sale = price_sale(lines, PercentOff(Decimal(10)), prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    assert sale.sale_discount_minor == 210
    assert [(row.tax_minor, row.gross_minor) for row in sale.rows] == [(287 - 161, 801), (6, 90)]
    assert totals([back], AmountOff(100), {"prices_include_tax": False, "rounding": TaxRounding.LINE})[:6] == [
        -999, 0, 0, -999, -161, -1160,
    ]  # fmt: skip
