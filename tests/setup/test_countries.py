"""What a country suggests to a new shop."""

from zoneinfo import ZoneInfo

import pytest

from config.settings import Settings
from tui_pos.catalogue.presets import countries
from tui_pos.money.currency import currency
from tui_pos.setup.countries import country, country_names, rounds_cash


@pytest.mark.parametrize("code", countries())
def test_what_is_suggested_can_be_set(code: str) -> None:
    place = country(code)
    zone = place.timezone or place.timezones[0]
    shop = {
        "country": code,
        "currency": place.currency,
        "locale": place.locales[0],
        "timezone": zone,
        "cash_rounding": place.cash_rounding,
    }
    assert Settings.model_validate({"shop": shop}).shop.locale.endswith(code)
    for each in place.timezones:
        ZoneInfo(each)


@pytest.mark.parametrize(
    ("code", "money", "locale", "zone"),
    [
        ("IE", "EUR", "en_IE", "Europe/Dublin"),
        ("SE", "SEK", "sv_SE", "Europe/Stockholm"),
        ("DE", "EUR", "de_DE", "Europe/Berlin"),
        ("CH", "CHF", "de_CH", "Europe/Zurich"),
        ("JP", "JPY", "ja_JP", "Asia/Tokyo"),
        ("CN", "CNY", "zh_Hans_CN", "Asia/Shanghai"),
        ("US", "USD", "en_US", ""),
    ],
)
def test_some_countries(code: str, money: str, locale: str, zone: str) -> None:
    place = country(code)
    assert (place.currency, place.locales[0], place.timezone) == (money, locale, zone)


def test_a_language_of_the_country_is_taken() -> None:
    assert country("FI").locale_for("sv") == "sv_FI"
    assert country("CH").locale_for("it") == "it_CH"
    assert country("JP").locale_for("sv") == "ja_JP"
    assert country("DE").locale_for("") == "de_DE"


def test_where_cash_is_rounded() -> None:
    assert rounds_cash("SE", "SEK")
    assert rounds_cash("FI", "EUR")
    assert not rounds_cash("DE", "EUR")
    assert country("FI").cash_rounding == "0.05"
    assert country("SE").cash_rounding == "currency"


def test_countries_have_names_and_currencies() -> None:
    names = country_names("sv")
    assert names["DE"] == "Tyskland"
    assert list(names.values()) == sorted(names.values(), key=str.casefold)
    assert all(currency(country(code).currency) for code in names)
    assert "EU" not in names


def test_a_country_that_is_none_suggests_little() -> None:
    place = country("QQ")
    assert (place.currency, place.locales, place.timezone) == ("", ("en",), "")
    assert "Europe/Dublin" in place.timezones
