import datetime as dt
import time
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.i18n.formatting import format_date, format_money, format_percent, format_quantity, format_time
from tui_pos.money.currency import currency

EUR = currency("EUR")
LOCALES = ("en_IE", "en_US", "en_IN", "sv_SE", "de_DE", "de_CH", "fr_FR", "pl_PL", "tr_TR", "he_IL", "ja_JP")


@pytest.mark.parametrize(
    ("minor", "code", "locale", "text"),
    [
        (0, "EUR", "en_IE", "0.00"),
        (5, "EUR", "en_IE", "0.05"),
        (-5, "EUR", "en_IE", "−0.05"),
        (123456789, "EUR", "en_IE", "1,234,567.89"),
        (123456789, "EUR", "en_IN", "12,34,567.89"),
        (123456789, "EUR", "sv_SE", "1\xa0234\xa0567,89"),
        (123456789, "EUR", "fr_FR", "1\u202f234\u202f567,89"),
        (-123456, "CHF", "de_CH", "−1’234.56"),
        (1234, "JPY", "ja_JP", "1,234"),
        (1234567, "KWD", "en_IE", "1,234.567"),
    ],
)
def test_amounts(minor: int, code: str, locale: str, text: str) -> None:
    assert format_money(minor, currency(code), locale) == text


@pytest.mark.parametrize(
    ("code", "locale", "text"),
    [
        ("EUR", "en_IE", "−€1,234.50"),
        ("EUR", "sv_SE", "−1\xa0234,50\xa0€"),
        ("SEK", "sv_SE", "−1\xa0234,50\xa0kr"),
        ("CHF", "en_IE", "−CHF\xa01,234.50"),
        ("ILS", "he_IL", "−1,234.50\xa0₪"),
    ],
)
def test_amounts_with_the_symbol_of_the_currency(code: str, locale: str, text: str) -> None:
    assert format_money(-123450, currency(code), locale, symbol=True) == text


@pytest.mark.parametrize("locale", LOCALES)
def test_paper_gets_no_sign_that_a_printer_lacks(locale: str) -> None:
    texts = (
        format_money(-123456789, EUR, locale, paper=True),
        format_quantity(Decimal("-1234.5"), "piece", locale, paper=True),
        format_percent(Decimal("13.5"), locale, paper=True),
        format_date(dt.date(2026, 2, 4), locale, paper=True),
    )
    assert "".join(texts).isascii()
    assert texts[0].startswith("-")


def test_paper_gets_an_ordinary_space_in_the_time() -> None:
    assert format_time(dt.time(16, 5), "en_US", paper=True) == "4:05 PM"


@given(st.integers(-(10**15), 10**15), st.sampled_from(LOCALES))
def test_amounts_are_grouped_as_the_locale_groups(minor: int, locale: str) -> None:
    expected = format_decimal(abs(Decimal(minor).scaleb(-2)), "#,##0.00", locale)
    if locale == "en_IN":
        expected = format_decimal(abs(Decimal(minor).scaleb(-2)), "#,##,##0.00", locale)
    assert format_money(minor, EUR, locale).removeprefix("−") == expected


@given(st.integers(-(10**12), 10**12), st.sampled_from(("EUR", "JPY", "KWD")))
def test_an_amount_is_never_changed_by_writing_it(minor: int, code: str) -> None:
    text = format_money(minor, currency(code), "en_IE", paper=True).replace(",", "")
    assert Decimal(text).scaleb(currency(code).exponent) == minor


@pytest.mark.parametrize(
    ("quantity", "unit", "locale", "text"),
    [
        ("3", "piece", "en_IE", "3"),
        ("3.000", "piece", "en_IE", "3"),
        ("-2", "piece", "sv_SE", "−2"),
        ("1000", "piece", "en_IE", "1,000"),
        ("1E+3", "piece", "en_IE", "1,000"),
        ("0.412", "kg", "en_IE", "0.412 kg"),
        ("0.5", "kg", "sv_SE", "0,500 kg"),
        ("0.4125", "kg", "en_IE", "0.4125 kg"),
        ("1.50", "l", "sv_SE", "1,5 l"),
        ("12", "m", "en_IE", "12 m"),
        ("2", "kg", "ru_RU", "2,000 кг"),
    ],
)
def test_quantities(quantity: str, unit: str, locale: str, text: str) -> None:
    assert format_quantity(Decimal(quantity), unit, locale).replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("percent", "locale", "text"),
    [
        ("25", "en_IE", "25%"),
        ("13.50", "en_IE", "13.5%"),
        ("8.875", "en_US", "8.875%"),
        ("6", "sv_SE", "6\xa0%"),
        ("20", "tr_TR", "%20"),
        ("0", "en_IE", "0%"),
    ],
)
def test_percentages(percent: str, locale: str, text: str) -> None:
    assert format_percent(Decimal(percent), locale) == text


@pytest.mark.parametrize(
    ("locale", "date", "clock"),
    [
        ("en_IE", "04/02/2026", "16:05"),
        ("en_US", "2/4/2026", "4:05\u202fPM"),
        ("sv_SE", "2026-02-04", "16:05"),
        ("de_DE", "04.02.2026", "16:05"),
        ("fi_FI", "4.2.2026", "16.05"),
    ],
)
def test_dates_and_times(locale: str, date: str, clock: str) -> None:
    moment = dt.datetime(2026, 2, 4, 16, 5, tzinfo=dt.timezone(dt.timedelta(hours=9)))

    assert format_date(moment.date(), locale) == date
    assert format_time(moment, locale) == clock  # as the shop's clock shows it, not in UTC
    assert format_time(moment.time(), locale) == clock


def test_an_amount_costs_next_to_nothing_to_write() -> None:
    """A full screen writes a hundred amounts; only a slip back to babel would break these 20 µs."""
    format_money(0, EUR, "sv_SE")
    begin_s = time.process_time()
    for minor in range(10_000):
        format_money(minor, EUR, "sv_SE")
    assert time.process_time() - begin_s < 0.2
