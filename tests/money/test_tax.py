"""Tax rates and rows, and every published case of tax rounding that this till's two modes can meet."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tui_pos.money.pricing import PricedSale, price_line, price_sale
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import BadTax, TaxKind, TaxRate, TaxRounding, TaxRow, tax_of

CASES = 23
# Where prices hold their tax, the customer pays the price on the shelf: a mode that changes the gross total
# (500.00 becomes 499.98) so that net × rate fits is for invoices between firms.
NOT_OFFERED = {"sum_by_net": "it changes the price that the shelf states"}
MODES = {"line": TaxRounding.LINE, "sum_by_net_keep_gross": TaxRounding.RECEIPT}


def taxed(percent: str) -> TaxRate:
    return TaxRate("standard", TaxKind.TAXED, Decimal(percent))


def in_units(amount: str, precision: str) -> int:
    """`amount` as a whole number of the smallest unit, whatever that is: a cent, a yen, 0.05 or 0.000001."""
    units = Decimal(amount) / Decimal(precision)
    assert units == int(units)
    return int(units)


def sell(amounts: list[int], percent: str, *, include: bool, rounding: TaxRounding) -> PricedSale:
    lines = [price_line(Decimal(1), amount, None, taxed(percent)) for amount in amounts]
    return price_sale(lines, None, prices_include_tax=include, rounding=rounding)


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared_data / "tax_rounding_vectors.json").read_text())
    return found


def test_no_case_is_overlooked(cases: list[dict[str, Any]]) -> None:
    assert len(cases) == CASES
    assert {case["kind"] for case in cases} == {"doc", "line", "cash"}
    assert {case["mode"] for case in cases if case["kind"] == "doc"} == MODES.keys() | NOT_OFFERED.keys()
    assert {case["rounding"] for case in cases if case["kind"] == "line"} == {"round_per_line"}


@pytest.mark.parametrize("number", range(CASES))
def test_a_published_case(cases: list[dict[str, Any]], number: int) -> None:
    case = cases[number]
    match case["kind"]:
        case "doc" if case["mode"] in NOT_OFFERED:
            pytest.skip(NOT_OFFERED[case["mode"]])
        case "doc":
            check_document(case)
        case "line":
            check_line(case)
        case "cash":
            check_cash(case)
        case unknown:
            pytest.fail(f"no way to check a case of kind {unknown}")


def check_document(case: dict[str, Any]) -> None:
    precision = "1" if case["currency"] == "JPY" else "0.01"
    price = in_units(case["line_gross"], precision)
    sale = sell([price] * case["lines"], case["rate"], include=True, rounding=MODES[case["mode"]])
    assert tax_of(price, taxed(case["rate"]), prices_include_tax=True) == in_units(
        case["line_tax"], precision
    )
    assert sale.gross_minor == in_units(case["total_gross"], precision)
    assert sale.tax_minor == in_units(case["total_tax"], precision)


def check_line(case: dict[str, Any]) -> None:
    price = in_units(case["amount"], case["precision"])
    for rounding in TaxRounding:  # one line alone is the same either way
        sale = sell([price], case["rate"], include=case["price_includes_tax"], rounding=rounding)
        assert sale.gross_minor == in_units(case["total_included"], case["precision"])
        assert sale.net_minor == in_units(case["total_excluded"], case["precision"])
        assert sale.tax_minor == in_units(case["tax"], case["precision"])


def check_cash(case: dict[str, Any]) -> None:
    assert case["method"] == "HALF-UP"
    sale = sell([in_units(case["net"], "0.01")], case["rate"], include=False, rounding=TaxRounding.RECEIPT)
    assert sale.tax_minor == in_units(case["tax"], "0.01")
    assert sale.gross_minor == in_units(case["total"], "0.01")
    coins = CashRounding(in_units(case["increment"], "0.01"))
    assert coins.round(sale.gross_minor) == in_units(case["cash_paid"], "0.01")


@pytest.mark.parametrize(
    ("amounts", "percent", "include", "rounding", "net_minor", "tax_minor"),
    [
        ([10000] * 5, "19", True, TaxRounding.LINE, 42015, 7985),
        ([10000] * 5, "19", True, TaxRounding.RECEIPT, 42017, 7983),
        ([5250], "12", True, TaxRounding.RECEIPT, 4687, 563),
        ([801], "20", True, TaxRounding.RECEIPT, 667, 134),
        ([592, 152, 154, 39], "21", False, TaxRounding.LINE, 937, 196),
        ([592, 152, 154, 39], "21", False, TaxRounding.RECEIPT, 937, 197),
        ([1000], "8.875", False, TaxRounding.RECEIPT, 1000, 89),
    ],
)
def test_tax_by_hand(
    amounts: list[int], percent: str, include: bool, rounding: TaxRounding, net_minor: int, tax_minor: int
) -> None:
    sale = sell(amounts, percent, include=include, rounding=rounding)
    assert (sale.net_minor, sale.tax_minor) == (net_minor, tax_minor)


@pytest.mark.parametrize("percent", ["-1", "100.1", "NaN", "Infinity", "8.87551"])
def test_an_impossible_rate_is_refused(percent: str) -> None:
    with pytest.raises(BadTax, match="tax class standard"):
        taxed(percent)


@pytest.mark.parametrize("kind", [TaxKind.ZERO_RATED, TaxKind.EXEMPT, TaxKind.OUT_OF_SCOPE])
def test_only_what_is_taxed_has_a_percentage(kind: TaxKind) -> None:
    assert TaxRate("some", kind, Decimal(0)).percent == 0
    with pytest.raises(BadTax, match=rf"tax class some is {kind}, so its rate is 0 %, not 5 %"):
        TaxRate("some", kind, Decimal(5))


def test_a_row_adds_up() -> None:
    assert TaxRow(taxed("19"), 100, 19, 119).gross_minor == 119
    with pytest.raises(BadTax, match="100 \\+ 19 is not 120"):
        TaxRow(taxed("19"), 100, 19, 120)
