"""What a country suggests to a new shop: currency, languages, time zone, how cash is rounded. By CLDR, where it knows.

Nothing here binds anybody: every answer can be another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tui_pos.money.currency import UnknownCurrency, currency

_MAIN_ZONES = {
    "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "EC": "America/Guayaquil",
    "ES": "Europe/Madrid", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon",
    "UA": "Europe/Kiev",
}  # fmt: skip
"""Where nearly everybody lives in one of a country's zones. In others, such as the United States, nobody guesses."""

_NO_DIFFERENCE = frozenset(("Europe/Busingen",))
"""Zones of their own for what was before computers kept time; a shop there has its country's."""

_CASH_ROUNDING = {
    **dict.fromkeys(("AU", "BE", "EE", "FI", "IE", "IT", "LT", "NL", "SG", "SK"), "0.05"),
    **dict.fromkeys(("HK", "NZ", "ZA"), "0.10"),
}
"""What shops round cash to by law or habit where the currency itself has smaller coins, in the main unit."""

_WITHOUT_TAX = ("CA", "US")
"""Where prices on the shelf do not hold the tax."""


@dataclass(frozen=True, slots=True)
class Country:
    """Suggestions, the likeliest first; `timezone` is empty where there are several and none is the obvious one."""

    code: str
    currency: str
    locales: tuple[str, ...]
    timezones: tuple[str, ...]
    timezone: str
    prices_include_tax: bool
    cash_rounding: str

    def locale_for(self, language: str) -> str:
        """The country's locale in this language, if there is one, else in its first."""
        own = [name for name in self.locales if name.partition("_")[0] == language.partition("_")[0]]
        return (own or list(self.locales))[0]


@cache
def country(code: str) -> Country:
    """What is known of a country (ISO 3166, two capitals); of an unknown one little, and no error."""
    zones = timezones(code)
    zone = zones[0] if len(zones) == 1 else _MAIN_ZONES.get(code, "")
    return Country(
        code=code,
        currency=_currency(code),
        locales=_locales(code),
        timezones=tuple(sorted(zones, key=lambda name: (name != zone, name))),
        timezone=zone,
        prices_include_tax=code not in _WITHOUT_TAX,
        cash_rounding=_CASH_ROUNDING.get(code, "currency"),
    )


def rounds_cash(code: str, money: str) -> bool:
    """Whether a shop there has to say how cash is rounded: elsewhere every amount can be paid to the last unit."""
    return code in _CASH_ROUNDING or currency(money).cash_increment_minor > 1


def country_names(language: str) -> dict[str, str]:
    """Every country's code and its name in `language`, by name."""
    from babel import Locale

    from tui_pos.settings_check import NO_COUNTRIES

    names = Locale.parse(language[:2]).territories
    found = {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES and _currency(code)
    }
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


@cache
def country_codes() -> dict[str, tuple[str, ...]]:
    """By country, its code and what else it goes by: UK is GB, and the codes of three letters are known, too."""
    from babel.core import get_global

    found: dict[str, tuple[str, ...]] = {}
    for other, codes in sorted(get_global("territory_aliases").items()):
        if len(codes) == 1 and other.isalpha():
            found[codes[0]] = (*found.get(codes[0], ()), other)
    return found


def timezones(code: str) -> Sequence[str]:
    """The country's time zones by their IANA names; all there are, where none is known to be the country's."""
    from babel.core import get_global

    zones = get_global("zone_territories")
    found = {zone for zone, territory in zones.items() if territory == code} - _NO_DIFFERENCE
    return sorted(found or zones)


def _currency(code: str) -> str:
    from babel.numbers import get_territory_currencies

    for name in get_territory_currencies(code, tender=True):
        try:
            return currency(name).code
        except UnknownCurrency:
            continue
    return ""


def _locales(code: str) -> tuple[str, ...]:
    """Its official languages first, then all others that CLDR writes there."""
    from babel.languages import get_official_languages
    from babel.localedata import locale_identifiers

    written = [name for name in locale_identifiers() if name.endswith(f"_{code}")]
    written.sort(key=lambda name: (name.count("_"), name))  # a language in its usual script first
    official = get_official_languages(code, de_facto=True)
    first = [name for language in official for name in written if name.partition("_")[0] == language]
    return (*first, *(name for name in written if name not in first)) or ("en",)
