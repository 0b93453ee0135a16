"""The arithmetic of a basket, in whole minor units of one currency.

A line is its list price less its own discount. A sale's discount is allocated to the lines first, and tax
is derived after that, so that every line can be given back for exactly what it was sold for. `price_sale`
runs at every scan and works out totals only; `line_shares` runs once, when a sale is completed, for what
became of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui_pos.money.discount import Discount, discount_on
from tui_pos.money.rounding import allocate, apportion, divide_half_up, multiply_half_up
from tui_pos.money.tax import TaxKind, TaxRate, TaxRounding, TaxRow, tax_fraction


@dataclass(frozen=True, slots=True)
class PricedLine:
    """list − discount = amount, with or without tax as prices are stated. All negative on a return.

    `fixed_tax_minor` is the tax of goods given back: that of their sale, whatever the amount would bear now.
    """

    list_minor: int
    discount_minor: int
    amount_minor: int
    rate: TaxRate
    fixed_tax_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PricedSale:
    """The sum of the lines' amounts (subtotal) − sale_discount is net or gross, as prices are stated.

    `discount_minor` is that of lines and sale together. net + tax = gross, which is what the customer owes
    before any cash rounding. `rows` has one row per tax rate: taxed ones by falling percentage, then
    zero-rated, exempt, out of scope.
    """

    subtotal_minor: int
    sale_discount_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    rows: tuple[TaxRow, ...]


@dataclass(frozen=True, slots=True)
class LineShare:
    """One line's part of a sale: its share of the sale's discount, its amount after it, and its net and tax.

    The shares of all lines add up to the sale's sale_discount, net and tax, and those of one rate to its row.
    """

    sale_discount_minor: int
    amount_minor: int
    net_minor: int
    tax_minor: int


def price_line(
    quantity: Decimal,
    unit_price_minor: int,
    discount: Discount | None,
    rate: TaxRate,
    *,
    fixed_amount_minor: int | None = None,
    fixed_tax_minor: int | None = None,
) -> PricedLine:
    """One line. `fixed_amount_minor` is a label's price for all of it, in place of quantity × unit price.

    A negative quantity is a return, the exact mirror of the sale; a fixed amount or tax then counts as
    negative too. Raises BadRounding for a quantity that is none.
    """
    if fixed_amount_minor is None:
        list_minor = multiply_half_up(unit_price_minor, quantity)
    else:
        list_minor = -fixed_amount_minor if quantity < 0 else fixed_amount_minor
    discount_minor = discount_on(list_minor, discount)
    if fixed_tax_minor is not None and quantity < 0:
        fixed_tax_minor = -fixed_tax_minor
    return PricedLine(list_minor, discount_minor, list_minor - discount_minor, rate, fixed_tax_minor)


def price_sale(
    lines: Sequence[PricedLine], discount: Discount | None, *, prices_include_tax: bool, rounding: TaxRounding
) -> PricedSale:
    """Totals and tax rows of a basket.

    The discount is taken off what is sold, not off returns in the same basket, which are given back at
    their own price; where there are only returns it is mirrored. A line whose tax is fixed brings that tax to
    its rate's row, and never bears a discount.
    """
    subtotal_minor = 0
    line_discount_minor = 0
    for line in lines:
        subtotal_minor += line.amount_minor
        line_discount_minor += line.discount_minor
    sale_discounts = _allocate_discount(lines, discount)
    sale_discount_minor = sum(sale_discounts)
    amounts = [line.amount_minor - share for line, share in zip(lines, sale_discounts, strict=True)]
    fixed = _fixed_taxes(lines)
    rows = []
    for rate, positions in _by_rate(lines).items():
        free = [i for i in positions if i not in fixed] if fixed else positions
        of_rate = [amounts[i] for i in free]
        row = _tax_row(rate, of_rate, prices_include_tax=prices_include_tax, rounding=rounding)
        if len(free) < len(positions):
            given = [(amounts[i], fixed[i]) for i in positions if i in fixed]
            row = _with_fixed_taxes(row, given, prices_include_tax=prices_include_tax)
        rows.append(row)
    rows.sort(key=_row_order)
    return PricedSale(
        subtotal_minor=subtotal_minor,
        sale_discount_minor=sale_discount_minor,
        discount_minor=line_discount_minor + sale_discount_minor,
        net_minor=sum(row.net_minor for row in rows),
        tax_minor=sum(row.tax_minor for row in rows),
        gross_minor=sum(row.gross_minor for row in rows),
        rows=tuple(rows),
    )


def line_shares(
    lines: Sequence[PricedLine], discount: Discount | None, *, prices_include_tax: bool, rounding: TaxRounding
) -> tuple[LineShare, ...]:
    """What became of each line, in order: the arguments are those of price_sale, to whose result they add up.

    With tax rounded per receipt, each line's tax is its exact tax rounded up or down, so that they make the
    row.
    """
    sale_discounts = _allocate_discount(lines, discount)
    amounts = [line.amount_minor - share for line, share in zip(lines, sale_discounts, strict=True)]
    fixed = _fixed_taxes(lines)
    taxes = [fixed.get(i, 0) for i in range(len(lines))]
    for rate, of_rate in _by_rate(lines).items():
        positions = [i for i in of_rate if i not in fixed]
        numerator, denominator = tax_fraction(rate, prices_include_tax=prices_include_tax)
        exact = [amounts[i] * numerator for i in positions]
        if rounding is TaxRounding.RECEIPT:
            shares = apportion(divide_half_up(sum(exact), denominator), exact, denominator)
        else:
            shares = [divide_half_up(tax, denominator) for tax in exact]
        for i, share in zip(positions, shares, strict=True):
            taxes[i] = share
    return tuple(
        LineShare(sale_discount, amount, amount - tax if prices_include_tax else amount, tax)
        for sale_discount, amount, tax in zip(sale_discounts, amounts, taxes, strict=True)
    )


def _allocate_discount(lines: Sequence[PricedLine], discount: Discount | None) -> list[int]:
    """Each line's share of the sale's discount."""
    if discount is None:
        return [0] * len(lines)
    weights = [max(line.amount_minor, 0) for line in lines]
    if any(weights):
        return allocate(discount_on(sum(weights), discount), weights)
    weights = [-line.amount_minor if line.fixed_tax_minor is None else 0 for line in lines]
    return allocate(discount_on(-sum(weights), discount), weights)


def _fixed_taxes(lines: Sequence[PricedLine]) -> dict[int, int]:
    """The taxes that are not worked out, by the positions of their lines."""
    return {i: line.fixed_tax_minor for i, line in enumerate(lines) if line.fixed_tax_minor is not None}


def _by_rate(lines: Sequence[PricedLine]) -> dict[TaxRate, list[int]]:
    """The positions of the lines of each rate."""
    # Lines mostly share the rate object; its hash, which takes a Decimal's, is asked only once for each.
    by_object: dict[int, list[int]] = {}
    for position, line in enumerate(lines):
        key = id(line.rate)
        if key in by_object:
            by_object[key].append(position)
        else:
            by_object[key] = [position]
    by_value: dict[TaxRate, list[int]] = {}
    for positions in by_object.values():
        by_value.setdefault(lines[positions[0]].rate, []).extend(positions)
    for positions in by_value.values():
        positions.sort()
    return by_value


def _tax_row(rate: TaxRate, amounts: list[int], *, prices_include_tax: bool, rounding: TaxRounding) -> TaxRow:
    """The row of one rate, out of its lines' amounts after all discounts."""
    amount = sum(amounts)
    numerator, denominator = tax_fraction(rate, prices_include_tax=prices_include_tax)
    if rounding is TaxRounding.RECEIPT:
        tax = divide_half_up(amount * numerator, denominator)
    else:
        tax = sum([divide_half_up(each * numerator, denominator) for each in amounts])
    net = amount - tax if prices_include_tax else amount
    return TaxRow(rate, net, tax, net + tax)


def _with_fixed_taxes(row: TaxRow, given: list[tuple[int, int]], *, prices_include_tax: bool) -> TaxRow:
    """The row with more lines, whose amounts and taxes are given."""
    amount = sum(amount for amount, _tax in given)
    tax = sum(tax for _amount, tax in given)
    net = amount - tax if prices_include_tax else amount
    return TaxRow(row.rate, row.net_minor + net, row.tax_minor + tax, row.gross_minor + net + tax)


_KIND_ORDER = {kind: position for position, kind in enumerate(TaxKind)}


def _row_order(row: TaxRow) -> tuple[int, Decimal, str]:
    return _KIND_ORDER[row.rate.kind], -row.rate.percent, row.rate.tax_class
