"""The entry line's grammar."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_pos.money.currency import Currency, currency
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.sales.entry import (
    MAX_ENTRY_LENGTH,
    BadEntry,
    Code,
    Command,
    Entry,
    FewerOne,
    Help,
    LineDiscount,
    MoreOne,
    NewPrice,
    Pay,
    SaleDiscount,
    Search,
    SetQuantity,
    parse_entry,
    parse_pending_quantity,
)

EUR, JPY, KWD = currency("EUR"), currency("JPY"), currency("KWD")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Pay()),
        ("   ", Pay()),
        ("?", Help()),
        ("+", MoreOne()),
        ("-", FewerOne()),
        ("5449000000996", Code("5449000000996")),
        (" 5449000000996\r\n", Code("5449000000996")),
        ("7", Code("7")),
        ("85123A", Code("85123A")),
        ("A-1*2", Code("A-1*2")),
        ("]C10105449000000996\x1d10AB", Code("]C10105449000000996\x1d10AB")),
        ("https://id.gs1.org/01/05449000000996", Code("https://id.gs1.org/01/05449000000996")),
        ("3*5449000000996", Code("5449000000996", Decimal(3))),
        ("3 * 5449000000996", Code("5449000000996", Decimal(3))),
        ("0.350*12", Code("12", Decimal("0.350"))),
        ("0,350*12", Code("12", Decimal("0.350"))),
        (".5*12", Code("12", Decimal("0.5"))),
        ("99999*12", Code("12", Decimal(99_999))),
        ("2*3*4", Code("3*4", Decimal(2))),
        ("oat", Search("oat")),
        ("rye bread 750", Search("rye bread 750")),
        ("coca-cola", Search("coca-cola")),
        ("शहद", Search("शहद")),
        ("3*oat drink", Search("oat drink", Decimal(3))),
        ("-10%", LineDiscount(PercentOff(Decimal(10)))),
        ("-2,5 %", LineDiscount(PercentOff(Decimal("2.5")))),
        ("-100%", LineDiscount(PercentOff(Decimal(100)))),
        ("-1.50", LineDiscount(AmountOff(150))),
        ("-1,5", LineDiscount(AmountOff(150))),
        ("-0", LineDiscount(None)),
        ("-0%", LineDiscount(None)),
        ("-0.00", LineDiscount(None)),
        ("--10%", SaleDiscount(PercentOff(Decimal(10)))),
        ("--5.00", SaleDiscount(AmountOff(500))),
        ("--0", SaleDiscount(None)),
        ("--0%", SaleDiscount(None)),
        ("=2.99", NewPrice(299)),
        ("=0", NewPrice(0)),
        ("*5", SetQuantity(Decimal(5))),
        ("*0.350", SetQuantity(Decimal("0.350"))),
        ("/", Command("")),
        ("/pay", Command("pay")),
        ("/ hold Ada ", Command("hold Ada")),
    ],
)
def test_what_is_typed_is_understood(text: str, expected: Entry) -> None:
    assert parse_entry(text, EUR) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*0", "A quantity is more than 0. To take a line away, choose it and press Delete."),
        ("0*5449000000996", "A quantity is more than 0. To take a line away, choose it and press Delete."),
        ("*", "That is no quantity. Type it like *5, or 0.350* before a code."),
        ("*-1", "That is no quantity. Type it like *5, or 0.350* before a code."),
        ("*ten", "That is no quantity. Type it like *5, or 0.350* before a code."),
        ("1.2.3*5", "That is no quantity. Type it like *5, or 0.350* before a code."),
        ("*100000", "A quantity is at most 99999. Was that a code?"),
        ("5449000000996*2", "A quantity is at most 99999. Was that a code?"),
        ("*0.1234", "A quantity has at most 3 decimals, like 0.350."),
        ("3*", "After the quantity and * comes a code or a name, like 3*5449000000996."),
        ("3*/pay", "After the quantity and * comes a code or a name, like 3*5449000000996."),
        ("3*-10%", "After the quantity and * comes a code or a name, like 3*5449000000996."),
        ("-101%", "A discount is at most 100%."),
        ("-0.12345%", "A percentage has at most 4 decimals, like -2.5%."),
        ("-%", "That is no percentage. Type it like -10% or -2.5%."),
        ("--ten%", "That is no percentage. Type it like -10% or -2.5%."),
        ("-ten", "That is no amount. Type digits, like 12 or 1.50."),
        ("--", "That is no amount. Type digits, like 12 or 1.50."),
        ("=", "That is no amount. Type digits, like 12 or 1.50."),
        ("=1,234.00", "That is no amount. Type digits, like 12 or 1.50."),
        ("=-1", "That amount has a minus sign too many. A discount is -1.50, a price =2.99."),
        ("---0", "That amount has a minus sign too many. A discount is -1.50, a price =2.99."),
        ("=1.999", "EUR has at most 2 decimals, and “.” begins them. A thousand is 1000."),
        ("-5449000000996", "That amount is too large. Check it and type it again."),
        ("+5", "+ stands alone, for one more. For five type *5."),
        ("??", "That is neither a code nor a name. Type a code, a name, or ? for help."),
        ("5\x000", "No code and no name has such characters. Clear the line with Esc and try again."),
        ("a\ud800b", "No code and no name has such characters. Clear the line with Esc and try again."),
        ("5" * 4297, "No code is longer than 4296 characters. Clear the line with Esc and scan again."),
    ],
)
def test_what_means_nothing_says_what_would_do(text: str, message: str) -> None:
    with pytest.raises(BadEntry) as caught:
        parse_entry(text, EUR)
    assert str(caught.value) == message


def test_amounts_are_in_the_tills_currency() -> None:
    assert parse_entry("=299", JPY) == NewPrice(299)
    assert parse_entry("=2.999", KWD) == NewPrice(2999)
    with pytest.raises(BadEntry, match="JPY has no decimals"):
        parse_entry("=2.99", JPY)


def test_the_longest_code_there_is_fits() -> None:
    code = "5" * MAX_ENTRY_LENGTH
    assert parse_entry(code, EUR) == Code(code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3*", Decimal(3)),
        (" 0,350 * ", Decimal("0.350")),
        ("", None),
        ("3", None),
        ("*", None),
        ("3*5", None),
    ],
)
def test_a_quantity_can_wait_for_a_scan(text: str, expected: Decimal | None) -> None:
    assert parse_pending_quantity(text) == expected


@pytest.mark.parametrize("text", ["0*", "100000*", "1.2345*", ".*"])
def test_a_waiting_quantity_has_bounds(text: str) -> None:
    with pytest.raises(BadEntry):
        parse_pending_quantity(text)


LOOKS_RIGHT = st.text(alphabet="0123456789.,*%-+=/? aé\x1d\x00", max_size=24)


@settings(max_examples=2000)
@given(st.text(st.characters(), max_size=60) | LOOKS_RIGHT, st.sampled_from([EUR, JPY, KWD]))
def test_only_bad_entry_ever_leaves(text: str, money: Currency) -> None:
    with suppress(BadEntry):
        entry = parse_entry(text, money)
        if isinstance(entry, Code | Search):
            assert entry.text
            assert entry.quantity is None or 0 < entry.quantity <= 99_999
    with suppress(BadEntry):
        waiting = parse_pending_quantity(text)
        assert waiting is None or 0 < waiting <= 99_999


@given(st.text("0123456789", min_size=1, max_size=100))
def test_digits_are_always_a_code(text: str) -> None:
    assert parse_entry(text, EUR) == Code(text)
