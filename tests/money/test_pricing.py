"""The arithmetic of a basket: by hand, and what holds for every basket there can be."""

from collections import Counter
from dataclasses import astuple
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.money.strategies import DISCOUNTS
from tui_pos.money.discount import AmountOff, Discount, PercentOff
from tui_pos.money.pricing import LineShare, PricedLine, line_shares, price_line, price_sale
from tui_pos.money.tax import TaxKind, TaxRate, TaxRounding, TaxRow

STANDARD = TaxRate("standard", TaxKind.TAXED, Decimal(19))
REDUCED = TaxRate("reduced", TaxKind.TAXED, Decimal(7))
FINE = TaxRate("fine", TaxKind.TAXED, Decimal("8.875"))
ZERO = TaxRate("zero", TaxKind.ZERO_RATED, Decimal(0))
EXEMPT = TaxRate("exempt", TaxKind.EXEMPT, Decimal(0))
OUTSIDE = TaxRate("deposit", TaxKind.OUT_OF_SCOPE, Decimal(0))
RATES = [STANDARD, REDUCED, FINE, ZERO, EXEMPT, OUTSIDE]


def sold(amount_minor: int, rate: TaxRate = STANDARD) -> PricedLine:
    return price_line(Decimal(1), amount_minor, None, rate)


# What price_line is given, so that a basket can be given back with its quantities negated.
LINES = st.tuples(
    st.integers(1, 99_999_000).map(lambda thousandths: Decimal(thousandths).scaleb(-3)),
    st.integers(0, 100_000),
    st.none() | DISCOUNTS,
    st.sampled_from(RATES),
    st.none() | st.integers(0, 10_000),
)
SIGNED_LINES = st.tuples(LINES, st.sampled_from([1, 1, 1, -1]))
MODES: Any = st.fixed_dictionaries(
    {"prices_include_tax": st.booleans(), "rounding": st.sampled_from(TaxRounding)}
)


def price(line: tuple[Any, ...], sign: int = 1) -> PricedLine:
    quantity, unit_price_minor, discount, rate, fixed_amount_minor = line
    return price_line(
        sign * quantity, unit_price_minor, discount, rate, fixed_amount_minor=fixed_amount_minor
    )


@pytest.mark.parametrize(
    ("quantity", "unit_price_minor", "discount", "fixed_amount_minor", "expected"),
    [
        ("3", 120, None, None, (360, 0, 360)),
        ("0.412", 299, None, None, (123, 0, 123)),
        ("0.5", 1, None, None, (1, 0, 1)),
        ("1", 749, AmountOff(50), None, (749, 50, 699)),
        ("3", 100, AmountOff(50), None, (300, 50, 250)),
        ("1", 30, AmountOff(50), None, (30, 30, 0)),
        ("2", 745, PercentOff(Decimal(10)), None, (1490, 149, 1341)),
        ("0.412", 299, None, 150, (150, 0, 150)),
        ("0.412", 299, PercentOff(Decimal(10)), 150, (150, 15, 135)),
    ],
)
def test_a_line_by_hand_and_its_return(
    quantity: str,
    unit_price_minor: int,
    discount: Discount | None,
    fixed_amount_minor: int | None,
    expected: tuple[int, int, int],
) -> None:
    for sign in (1, -1):
        line = price_line(
            sign * Decimal(quantity),
            unit_price_minor,
            discount,
            STANDARD,
            fixed_amount_minor=fixed_amount_minor,
        )
        assert astuple(line)[:3] == tuple(sign * minor for minor in expected)
        assert line.rate is STANDARD


def test_a_sale_by_hand() -> None:
    lines = [sold(1000), sold(500, REDUCED), sold(249), sold(100, EXEMPT), sold(25, OUTSIDE), sold(70, ZERO)]
    sale = price_sale(lines, None, prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    assert sale.rows == (
        TaxRow(STANDARD, 1050, 199, 1249),
        TaxRow(REDUCED, 467, 33, 500),
        TaxRow(ZERO, 70, 0, 70),
        TaxRow(EXEMPT, 100, 0, 100),
        TaxRow(OUTSIDE, 25, 0, 25),
    )
    assert (sale.subtotal_minor, sale.net_minor, sale.tax_minor, sale.gross_minor) == (1944, 1712, 232, 1944)


def test_an_empty_basket_owes_nothing() -> None:
    for discount in (None, AmountOff(500), PercentOff(Decimal(10))):
        sale = price_sale([], discount, prices_include_tax=True, rounding=TaxRounding.RECEIPT)
        assert (sale.gross_minor, sale.discount_minor, sale.rows) == (0, 0, ())
        assert line_shares([], discount, prices_include_tax=True, rounding=TaxRounding.RECEIPT) == ()


@pytest.mark.parametrize(
    ("amounts", "off", "expected"),
    [([1000, 500, 249], 100, [57, 29, 14]), ([3333] * 3, 1000, [334, 333, 333]), ([30, 20], 90, [30, 20])],
)
def test_a_sale_discount_by_hand(amounts: list[int], off: int, expected: list[int]) -> None:
    for sign in (1, -1):
        lines = [price_line(Decimal(sign), amount, None, STANDARD) for amount in amounts]
        shares = line_shares(lines, AmountOff(off), prices_include_tax=True, rounding=TaxRounding.RECEIPT)
        assert [share.sale_discount_minor for share in shares] == [sign * minor for minor in expected]


def test_a_sale_discount_comes_before_tax() -> None:
    lines = [sold(10000, STANDARD), sold(10000, REDUCED)]
    sale = price_sale(lines, PercentOff(Decimal(50)), prices_include_tax=False, rounding=TaxRounding.RECEIPT)
    assert [row.tax_minor for row in sale.rows] == [950, 350]
    assert (sale.sale_discount_minor, sale.net_minor, sale.gross_minor) == (10000, 10000, 11300)


def test_a_sale_discount_leaves_a_return_in_the_basket_alone() -> None:
    lines = [sold(2000), price_line(Decimal(-1), 1500, None, STANDARD)]
    sale = price_sale(lines, PercentOff(Decimal(10)), prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    shares = line_shares(
        lines, PercentOff(Decimal(10)), prices_include_tax=True, rounding=TaxRounding.RECEIPT
    )
    assert (sale.sale_discount_minor, sale.gross_minor) == (200, 300)
    assert [share.amount_minor for share in shares] == [1800, -1500]


def test_tax_of_the_receipt_is_shared_out_among_its_lines() -> None:
    lines = [sold(10000)] * 5
    shares = line_shares(lines, None, prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    assert [share.tax_minor for share in shares] == [1597, 1597, 1597, 1596, 1596]
    assert shares[0] == LineShare(sale_discount_minor=0, amount_minor=10000, net_minor=8403, tax_minor=1597)


def test_an_exchange_keeps_each_lines_own_tax() -> None:
    lines = [sold(1000), price_line(Decimal(-1), 999, None, STANDARD)]
    shares = line_shares(lines, None, prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    assert [share.tax_minor for share in shares] == [160, -160]


def test_equal_rates_are_one_row_however_they_were_made() -> None:
    again = TaxRate("standard", TaxKind.TAXED, Decimal("19.0000"))
    lines = [sold(100), sold(100, again), sold(100, REDUCED)]
    sale = price_sale(lines, None, prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    assert [row.gross_minor for row in sale.rows] == [200, 100]
    lines = [sold(10000, rate) for rate in (STANDARD, again, STANDARD, again, STANDARD)]
    shares = line_shares(lines, None, prices_include_tax=True, rounding=TaxRounding.RECEIPT)
    assert [share.tax_minor for share in shares] == [1597, 1597, 1597, 1596, 1596]


@settings(max_examples=500)
@given(st.lists(SIGNED_LINES, max_size=12), st.none() | DISCOUNTS, MODES)
def test_every_basket_adds_up(
    basket: list[tuple[Any, int]], discount: Discount | None, modes: dict[str, Any]
) -> None:
    lines = [price(line, sign) for line, sign in basket]
    sale = price_sale(lines, discount, **modes)
    shares = line_shares(lines, discount, **modes)

    assert all(line.list_minor - line.discount_minor == line.amount_minor for line in lines)
    assert sale.subtotal_minor == sum(line.amount_minor for line in lines)
    assert sale.discount_minor == sale.sale_discount_minor + sum(line.discount_minor for line in lines)
    assert sale.net_minor + sale.tax_minor == sale.gross_minor
    stated = sale.gross_minor if modes["prices_include_tax"] else sale.net_minor
    assert stated == sale.subtotal_minor - sale.sale_discount_minor

    assert sum(share.sale_discount_minor for share in shares) == sale.sale_discount_minor
    by_rate: dict[TaxRate, Counter[str]] = {}
    for line, share in zip(lines, shares, strict=True):
        assert share.amount_minor == line.amount_minor - share.sale_discount_minor
        gross = share.net_minor + share.tax_minor
        assert share.amount_minor == (gross if modes["prices_include_tax"] else share.net_minor)
        sums = by_rate.setdefault(line.rate, Counter())
        sums.update(net=share.net_minor, tax=share.tax_minor, gross=gross)
    assert len(sale.rows) == len(by_rate)
    for row in sale.rows:
        sums = by_rate[row.rate]
        assert (row.net_minor, row.tax_minor, row.gross_minor) == (sums["net"], sums["tax"], sums["gross"])


@settings(max_examples=350)
@given(st.lists(LINES, max_size=12), st.none() | DISCOUNTS, MODES)
def test_a_refund_of_everything_is_the_exact_negative(
    basket: list[tuple[Any, ...]], discount: Discount | None, modes: dict[str, Any]
) -> None:
    sale, refund = ([price(line, sign) for line in basket] for sign in (1, -1))
    assert totals(refund, discount, modes) == [-minor for minor in totals(sale, discount, modes)]


@settings(max_examples=200)
@given(st.lists(SIGNED_LINES, max_size=12), MODES)
def test_a_mixed_basket_mirrors_too(basket: list[tuple[Any, int]], modes: dict[str, Any]) -> None:
    there, back = ([price(line, way * sign) for line, sign in basket] for way in (1, -1))
    assert totals(back, None, modes) == [-minor for minor in totals(there, None, modes)]


def totals(lines: list[PricedLine], discount: Discount | None, modes: dict[str, Any]) -> list[int]:
    """Every amount that pricing says of a sale."""
    sale = price_sale(lines, discount, **modes)
    found = list(astuple(sale)[:-1])
    for row in sale.rows:
        found += [row.net_minor, row.tax_minor, row.gross_minor]
    for share in line_shares(lines, discount, **modes):
        found += astuple(share)
    return found


@settings(max_examples=200)
@given(st.lists(SIGNED_LINES, max_size=12), MODES, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(
    basket: list[tuple[Any, int]], modes: dict[str, Any], random: Any
) -> None:
    lines = [price(line, sign) for line, sign in basket]
    shuffled = random.sample(lines, len(lines))
    assert price_sale(shuffled, None, **modes) == price_sale(lines, None, **modes)


@settings(max_examples=200)
@given(st.lists(LINES, max_size=12), DISCOUNTS, MODES, st.randoms(use_true_random=False))
def test_order_does_not_change_what_a_discounted_sale_is_worth(
    basket: list[tuple[Any, ...]], discount: Discount, modes: dict[str, Any], random: Any
) -> None:
    """Which of two equal lines bears the odd cent depends on the order; how much is taken off does not."""
    lines = [price(line) for line in basket]
    there = price_sale(lines, discount, **modes)
    again = price_sale(random.sample(lines, len(lines)), discount, **modes)
    assert there.discount_minor == again.discount_minor
    if modes["prices_include_tax"]:
        assert there.gross_minor == again.gross_minor
    else:
        assert there.net_minor == again.net_minor


@settings(max_examples=200)
@given(st.lists(LINES, max_size=12), DISCOUNTS, MODES)
def test_a_discount_never_turns_a_sale_into_a_debt(
    basket: list[tuple[Any, ...]], discount: Discount, modes: dict[str, Any]
) -> None:
    lines = [price(line) for line in basket]
    sale = price_sale(lines, discount, **modes)
    assert 0 <= sale.sale_discount_minor <= sale.subtotal_minor
    assert min([sale.net_minor, sale.tax_minor, *astuple(sale)[:-1]]) >= 0
    for share in line_shares(lines, discount, **modes):
        assert min(astuple(share)) >= 0
