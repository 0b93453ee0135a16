"""The currency table, against CLDR's."""

import json
from pathlib import Path

import pytest

from tui_pos.money import currency as table
from tui_pos.money.currency import Currency, UnknownCurrency, currency
from tui_pos.money.errors import MoneyError

# CLDR writes these with other decimals than ISO 4217 counts; banks, and so this till, count as ISO does.
WRITTEN_OTHERWISE = """
    AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR SOS SYP YER
"""


@pytest.fixture(scope="module")
def cldr(shared_data: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((shared_data / "cldr_currency_fractions.json").read_text())
    return found


def cldr_digits(cldr: dict[str, dict[str, str]], code: str) -> int:
    return int(cldr.get(code, cldr["DEFAULT"])["_digits"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("EUR", Currency("EUR", 2, 1)),
        ("JPY", Currency("JPY", 0, 1)),
        ("KWD", Currency("KWD", 3, 1)),
        ("CLF", Currency("CLF", 4, 1)),
        ("CHF", Currency("CHF", 2, 5)),
        ("DKK", Currency("DKK", 2, 50)),
        ("SEK", Currency("SEK", 2, 100)),
        ("HUF", Currency("HUF", 2, 500)),
    ],
)
def test_well_known_currencies(code: str, expected: Currency) -> None:
    assert currency(code) == expected


def test_all_codes_are_there_once() -> None:
    assert len(table._CODES) == len(table._LIST_ONE.split()) == 165
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in table._CODES)
    assert table._EXPONENTS.keys() | table._CASH_INCREMENTS_MINOR.keys() <= table._CODES


def test_exponents_are_those_of_cldr_but_for_named_ones(cldr: dict[str, dict[str, str]]) -> None:
    different = {code for code in table._CODES if currency(code).exponent != cldr_digits(cldr, code)}
    assert different == set(WRITTEN_OTHERWISE.split())


def test_cash_increments_are_those_of_cldr(cldr: dict[str, dict[str, str]]) -> None:
    for code in table._CODES:
        entry = cldr.get(code, cldr["DEFAULT"])
        digits = int(entry.get("_cashDigits", entry["_digits"]))
        steps = int(entry.get("_cashRounding", entry["_rounding"])) or 1
        assert currency(code).cash_increment_minor == steps * 10 ** (currency(code).exponent - digits), code


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "XAU", "HRK", "E" * 10_000])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(
        UnknownCurrency, match=f"'{code[:20]}' is no ISO 4217 currency: give a code in capitals"
    ):
        currency(code)


@pytest.mark.parametrize(("exponent", "increment"), [(-1, 1), (7, 1), (2, 0)])
def test_an_impossible_currency_is_refused(exponent: int, increment: int) -> None:
    with pytest.raises(MoneyError, match="currency ZZZ"):
        Currency("ZZZ", exponent, increment)
