import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from config.keys import read_key
from config.loading import shown
from config.settings import (
    DEFAULT_KEYS,
    Action,
    Database,
    Display,
    Log,
    Printer,
    Scanner,
    Security,
    Settings,
    Shop,
    Till,
)


def test_a_till_opens_without_any_setting(empty_home: Path) -> None:
    settings = Settings()

    assert settings.shop.currency == "EUR"
    assert settings.shop.day_ends_at == dt.time(4)
    assert settings.shop.timezone.key == "Europe/Dublin"
    assert settings.database.url == f"sqlite:///{empty_home}/.local/share/tui-pos/shop.db"
    assert settings.log.folder.is_relative_to(empty_home)
    assert settings.scanner.kind == settings.printer.kind == "none"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().till.name = "other"
    with pytest.raises(ValidationError, match="frozen"):
        Settings().till = Till(name="other")


@pytest.mark.parametrize(
    ("model", "values", "allowed"),
    [
        (Shop, {"country": "Ireland"}, "two letters"),
        (Shop, {"currency": "€"}, "three letters"),
        (Shop, {"locale": "xx_YY"}, "a language and country such as en_IE"),
        (Shop, {"locale": "../en"}, "a language and country such as en_IE"),
        (Shop, {"timezone": "Mars/Olympus"}, "invalid timezone"),
        (Shop, {"cash_rounding": "0"}, "currency, none, or the smallest amount"),
        (Shop, {"cash_rounding": "NaN"}, "currency, none, or the smallest amount"),
        (Shop, {"cash_rounding": True}, "currency, none, or the smallest amount"),
        (Shop, {"tax_rounding": "item"}, "'receipt' or 'line'"),
        (Shop, {"in_store_codes": ["21WWWWWWWWWWC"]}, "does not have I in one run"),
        (Shop, {"address": ["x"] * 21}, "at most 20"),
        (Till, {"name": "till 1"}, "letters"),
        (Till, {"name": ""}, "letters"),
        (Database, {"url": "sqlite:///shop.db"}, "a path from the root"),
        (Database, {"url": "mysql://host/db"}, "sqlite:////path/of/shop.db"),
        (Scanner, {"baudrate": 96000}, "one of 1200"),
        (Scanner, {"kind": "serial"}, "port: a serial port"),
        (Printer, {"kind": "serial"}, "port: a serial port"),
        (Printer, {"kind": "network"}, "host: a name or address"),
        (Printer, {"kind": "file"}, "path: a device or file"),
        (Printer, {"kind": "usb"}, "usb_id: such as 04b8:0e15"),
        (Printer, {"usb_id": "epson"}, "vendor:product"),
        (Printer, {"tcp_port": 0}, "greater than or equal to 1"),
        (Printer, {"drawer_pulse_ms": 5000}, "less than or equal to 500"),
        (Printer, {"columns": 40}, "32, 42 or 48"),
        (Printer, {"code_pages": ["cp858"]}, "name:number"),
        (Printer, {"logo": "logo.png"}, "a path from the root or from ~"),
        (Printer, {"qr": "{secret}"}, "a text that may hold {shop}"),
        (Printer, {"qr": "{number.__class__.x}"}, "a text that may hold {shop}"),
        (Security, {"badge_prefix": "5"}, "else goods could not be sold"),
        (Security, {"badge_prefix": "5449"}, "else goods could not be sold"),
        (Security, {"badge_prefix": "   "}, "else goods could not be sold"),
        (Security, {"lock_after": 3}, "greater than or equal to 4"),
        (Display, {"language": "Swedish"}, "a language such as en or sv"),
    ],
)
def test_a_wrong_value_says_what_is_allowed(
    model: type[BaseModel], values: dict[str, object], allowed: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model(**values)
    assert allowed in str(caught.value)


def test_values_are_brought_to_one_form(empty_home: Path) -> None:
    assert Shop(country="se", currency="sek", locale="sv-SE").model_dump(
        include={"country", "currency", "locale"}
    ) == {"country": "SE", "currency": "SEK", "locale": "sv_SE"}
    assert Shop.model_validate({"address": "1 High Street\nDublin"}).address == ("1 High Street", "Dublin")
    assert Shop.model_validate({"cash_rounding": "0.05"}).cash_rounding == Decimal("0.05")
    assert Printer.model_validate({"columns": "32", "drawer_pin": "5"}).columns == 32
    assert Printer.model_validate({"logo": "~/logo.png"}).logo == empty_home / "logo.png"
    assert Printer.model_validate({"logo": ""}).logo is None
    assert Log.model_validate({"folder": ""}).folder == Log().folder
    assert Database(url="postgresql://u@h/d").url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("sqlite:////var/lib/shop@home:1.db", "sqlite:////var/lib/shop@home:1.db"),
        ("postgresql://till:hunter2@db:5432/shop", "postgresql+psycopg://till:********@db:5432/shop"),
        ("postgresql://till:hun:t@er2@db/shop", "postgresql+psycopg://till:********@db/shop"),
        ("postgresql://till:{password}@db/shop", "postgresql+psycopg://till:{password}@db/shop"),
        (
            "postgresql://db/shop?user=u&password=hunter2",
            "postgresql+psycopg://db/shop?user=u&password=********",
        ),
    ],
)
def test_a_password_in_the_url_is_never_shown(url: str, masked: str) -> None:
    database = Database(url=url)

    assert shown("database.url", database.url) == masked
    assert "hun" not in repr(Settings(database=database))


@pytest.mark.parametrize(
    ("country", "region", "expected"),
    [("SE", "country", "se"), ("IE", "country", None), ("IE", "gb", "gb"), ("SE", "none", None)],
)
def test_the_region_of_in_store_codes_follows_the_country(
    country: str, region: str, expected: str | None
) -> None:
    assert Shop.model_validate({"country": country, "in_store_region": region}).region == expected


def test_the_language_follows_the_locale_unless_it_is_set() -> None:
    assert Settings(shop=Shop(locale="sv_SE")).language == "sv_SE"
    assert Settings(shop=Shop(locale="sv_SE"), display=Display(language="en")).language == "en"


def test_every_action_has_a_default_and_no_key_two_actions() -> None:
    keys = [key for keys in DEFAULT_KEYS.values() for key in keys]

    assert tuple(DEFAULT_KEYS) == get_args(Action)
    assert len(keys) == len(set(keys))
    assert not {"f1", "f10", "f11"} & set(keys)


def test_a_key_given_to_another_action_leaves_its_default() -> None:
    keys = Settings.model_validate({"keys": {"pay": "f5", "lock": [], "help": "?, ctrl+g"}}).keys

    assert keys["pay"] == ("f5",)
    assert keys["customer"] == ()
    assert keys["lock"] == ()
    assert keys["help"] == ("question_mark", "ctrl+g")
    assert keys["find"] == DEFAULT_KEYS["find"]


@pytest.mark.parametrize(
    ("spelt", "key"),
    [
        ("F2", "f2"),
        ("Ctrl+X", "ctrl+x"),
        ("shift+ctrl+F2", "ctrl+shift+f2"),
        ("Del", "delete"),
        ("alt+7", "alt+7"),
        ("ctrl+up", "ctrl+up"),
    ],
)
def test_a_key_may_be_spelt_as_people_do(spelt: str, key: str) -> None:
    assert Settings.model_validate({"keys": {"pay": spelt}}).keys["pay"] == (key,)


def test_the_default_keys_are_allowed() -> None:
    for keys in DEFAULT_KEYS.values():
        assert tuple(map(read_key, keys)) == keys


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"pay": "x"}, "types nothing, such as f2 or ctrl+p: x is for the entry line"),
        ({"pay": "/"}, "types nothing"),
        ({"pay": "+"}, "types nothing"),
        ({"pay": "slash"}, "a key such as f2"),
        ({"pay": "space"}, "any key but space: it types something"),
        ({"pay": "Enter"}, "any key but enter: it ends what is typed or scanned"),
        ({"pay": "tab"}, "any key but tab: it ends what is typed or scanned"),
        ({"pay": "esc"}, "any key but escape: it goes back"),
        ({"pay": "up"}, "any key but up: it chooses a line"),
        ({"pay": "pagedown"}, "any key but pagedown: it chooses a line"),
        ({"pay": "home"}, "any key but home: it moves or edits in the entry line"),
        ({"pay": "backspace"}, "any key but backspace: it moves or edits"),
        ({"pay": "ctrl+u"}, "any key but ctrl+u: it moves or edits"),
        ({"pay": "ctrl+h"}, "any key but ctrl+h: terminals send the same for Backspace"),
        ({"pay": "ctrl+I"}, "any key but ctrl+i: terminals send the same for Tab"),
        ({"pay": "ctrl+j"}, "any key but ctrl+j: scanners end a code with it"),
        ({"pay": "ctrl+m"}, "any key but ctrl+m: terminals send the same for Enter"),
        ({"pay": "ctrl+enter"}, "any key but ctrl+enter: terminals send the same for enter alone"),
        ({"pay": "ctrl+1"}, "a key such as f2"),
        ({"pay": "ctrl+ctrl+x"}, "a key such as f2"),
        ({"pay": "shift+x"}, "a key such as f2"),
        ({"pay": "f99"}, "a key such as f2"),
        ({"pay": "?"}, "? for help only"),
        ({"pay": "F 2!"}, "is for the entry line"),
        ({"pay": "f2", "find": "f2"}, "f2 is given to pay and find"),
        ({"dance": "f2"}, "'pay'"),
    ],
)
def test_a_wrong_key_is_refused(keys: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"keys": keys})
    assert message in str(caught.value)


def test_a_pin_for_each_drawer_or_for_none() -> None:
    assert Settings.model_validate({"drawer": {"names": "left right", "pins": "2 5"}}).drawer.pins == (2, 5)
    for pins in ([2], [2, 5, 2], [2, 3]):
        with pytest.raises(ValidationError):
            Settings.model_validate({"drawer": {"names": ["left", "right"], "pins": pins}})
