"""Settings held against what the till knows and `config` does not: currencies, countries, printers."""

from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import Engine

from config.errors import Problem, SettingsError
from config.loading import Loaded, load
from config.settings import Settings
from config.settings import Shop as ShopSettings
from tui_pos.i18n import _, languages
from tui_pos.money.amount import parse_amount
from tui_pos.money.currency import UnknownCurrency, currency
from tui_pos.money.errors import MoneyError
from tui_pos.storage.engine import reading

NO_COUNTRIES = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))
"""Codes that CLDR names beside those of countries: unions, the outer oceans, stand-ins for tests."""
_ALSO_CALLED = {"EL": "GR"}  # in VAT numbers; other old and mistaken codes are known to CLDR


def load_checked(file: Path | None) -> Loaded:
    """The settings in force. Raises SettingsError for everything in them that the till cannot work with."""
    loaded = load(file)
    check_settings(loaded)
    return loaded


def check_settings(loaded: Loaded) -> None:
    """Raises SettingsError for everything that the till cannot work with, all of it at once."""
    problems = (
        *_wrong_language(loaded),
        *_wrong_money(loaded),
        *_wrong_country(loaded),
        *_wrong_printer(loaded),
    )
    if problems:
        raise SettingsError(problems)


def check_roles(loaded: Loaded, engine: Engine) -> None:
    """Raises SettingsError where a code is demanded of a role that nobody can have: of a mistyped one, say."""
    missing = missing_roles(loaded.settings, engine)
    if missing:
        text = f"there is no role {', '.join(missing)}. tui-pos staff roles lists those that there are"
        raise SettingsError((loaded.problem("security.second_factor_roles", text),))


def missing_roles(settings: Settings, engine: Engine) -> list[str]:
    """The roles that a code is demanded of, and that the shop does not have."""
    demanded = settings.security.second_factor_roles
    if not demanded:
        return []
    from tui_pos.people.roles import roles

    with reading(engine) as session:
        known = roles(session)
    return [role for role in demanded if role not in known]


def notes(settings: Settings) -> Iterator[str]:
    """What is worth knowing of settings that are not wrong."""
    from tui_pos.catalogue.presets import countries

    if settings.shop.country not in countries():
        yield _(
            "There are no tax rates for shop.country {country} in the program: a new shop has its classes without "
            "them, and sells once they have rates (tui-pos taxes set CLASS PERCENT)."
        ).format(country=settings.shop.country)
    yield from drawers_together(settings)


def drawers_together(settings: Settings) -> Iterator[str]:
    """Which drawers open by one pulse, whoever's sale it is for."""
    drawer = settings.drawer
    if settings.printer.kind in ("none", "simulated"):
        return
    pins = drawer.pins or (settings.printer.drawer_pin,) * len(drawer.names)
    for pin in sorted(set(pins)):
        names = [name for name, own in zip(drawer.names, pins, strict=True) if own == pin]
        if len(names) > 1:
            yield _(
                "The drawers {names} open together, each time: all by pin {pin} of the printer's plug. Give each its "
                "own in drawer.pins, such as [2, 5]."
            ).format(names=", ".join(names), pin=pin)


def cash_increment_minor(shop: ShopSettings) -> int:
    """What cash is rounded to: the currency's smallest coin, nothing, or what the shop says.

    Raises MoneyError for what is no whole number of the currency's minor units.
    """
    money = currency(shop.currency)
    if shop.cash_rounding == "currency":
        return money.cash_increment_minor
    if isinstance(shop.cash_rounding, Decimal):
        return parse_amount(f"{shop.cash_rounding.normalize():f}", money).minor
    return 1


def _wrong_language(loaded: Loaded) -> Iterator[Problem]:
    language = loaded.settings.display.language
    if language and language[:2] not in languages():
        yield loaded.problem("display.language", f"allowed is one of {', '.join(languages())}, or nothing")


def _wrong_money(loaded: Loaded) -> Iterator[Problem]:
    shop = loaded.settings.shop
    try:
        money = currency(shop.currency)
    except UnknownCurrency:
        allowed = "allowed is a currency of ISO 4217, such as EUR, SEK or GBP"
        yield loaded.problem("shop.currency", allowed)
        return
    try:
        cash_increment_minor(shop)
    except MoneyError:
        smallest = Decimal(1).scaleb(-money.exponent)
        allowed = f"currency, none, or a multiple of {smallest:f}, the smallest amount of {money.code}"
        yield loaded.problem("shop.cash_rounding", f"allowed is {allowed}")


def _wrong_country(loaded: Loaded) -> Iterator[Problem]:
    """A country without tax rates of ours is a country all the same."""
    from tui_pos.catalogue.presets import countries

    country = loaded.settings.shop.country
    if country in countries():
        return
    from babel import Locale
    from babel.core import get_global

    if country in Locale("en").territories and country not in NO_COUNTRIES:
        return
    meant = _ALSO_CALLED.get(country) or (get_global("territory_aliases").get(country) or [""])[0]
    allowed = "allowed is a country of ISO 3166, such as IE, SE or GB"
    yield loaded.problem("shop.country", f"{allowed}; did you mean {meant}?" if meant else allowed)


def _wrong_printer(loaded: Loaded) -> Iterator[Problem]:
    """Names of the library that drives the printers."""
    printer = loaded.settings.printer
    if printer.profile == "default" and not printer.code_pages:
        return
    from hardware.escpos.pages import parse_code_pages, profile_names
    from hardware.ports import DeviceError

    known = profile_names()
    if printer.profile not in known:
        folded = {name.casefold(): name for name in known}
        near = get_close_matches(printer.profile.casefold(), folded, n=1)
        meant = f"did you mean {folded[near[0]]}? " if near else ""
        yield loaded.problem("printer.profile", f"it is unknown; {meant}Known are {', '.join(known)}")
        return
    try:
        parse_code_pages(printer.code_pages, printer.profile)
    except DeviceError as error:
        yield loaded.problem("printer.code_pages", error.detail)
