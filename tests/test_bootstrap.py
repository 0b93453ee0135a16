"""How the till is put together, and why it is not where it cannot be."""

import datetime as dt
import io
import json
import logging
import sqlite3
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from sqlalchemy import Engine, inspect

from config.errors import SettingsError
from config.loading import Loaded, load
from config.settings import Database, Settings
from tests.rigs.people import OWNER
from tui_pos import bootstrap, running
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.taxes import rate_on, set_rate, tax_class_codes, tax_classes_with_rates
from tui_pos.i18n import languages
from tui_pos.money.errors import MoneyError
from tui_pos.settings_check import check_settings, notes
from tui_pos.storage import engine as storage_engine
from tui_pos.storage.engine import reading, writing


def shop_with(**shop: object) -> Settings:
    return Settings.model_validate({"shop": shop})


@pytest.mark.parametrize(
    ("settings", "increment_minor"),
    [
        ({}, 1),
        ({"currency": "CHF"}, 5),
        ({"currency": "CHF", "cash_rounding": "none"}, 1),
        ({"cash_rounding": "0.05"}, 5),
        ({"cash_rounding": Decimal("0.0500")}, 5),
        ({"cash_rounding": "1E+1"}, 1000),
        ({"currency": "JPY", "cash_rounding": "10"}, 10),
        ({"currency": "KWD", "cash_rounding": "0.005"}, 5),
    ],
)
def test_cash_is_rounded_to_what_the_shop_says(settings: dict[str, object], increment_minor: int) -> None:
    assert bootstrap.build_shop(shop_with(**settings)).cash_rounding.increment_minor == increment_minor


@pytest.mark.parametrize(("currency", "increment"), [("EUR", "0.005"), ("EUR", "0.125"), ("JPY", "0.5")])
def test_no_increment_is_cut_to_whole_minor_units(currency: str, increment: str) -> None:
    with pytest.raises(MoneyError):
        bootstrap.build_shop(shop_with(currency=currency, cash_rounding=increment))


def loaded_with(folder: Path, text: str) -> Loaded:
    """Settings as they are read from a file."""
    (folder / "shop.toml").write_text(text)
    return load(folder / "shop.toml")


def refusal(url: str, *, make: bool = False) -> str:
    with pytest.raises(bootstrap.StartError) as caught:
        bootstrap.open_database(Loaded(Settings(database=Database(url=url)), None), make=make)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_database_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database, it only looks like a file")
    (tmp_path / "folder").mkdir()
    told = refusal(f"sqlite:///{tmp_path}/folder")
    assert told.startswith(
        f"The database sqlite:///{tmp_path}/folder cannot be opened: unable to open database file. See to"
    )
    told = refusal(f"sqlite:///{tmp_path}/file")
    assert "file are damaged: file is not a database. Keep that file as it is" in told


@pytest.mark.parametrize(
    ("section", "values"),
    [("database", {"url": "sqlite:///{tmp_path}/file/shop.db"}), ("log", {"folder": "{tmp_path}/file"})],
)
def test_a_folder_that_cannot_be_made_names_its_setting(
    section: str, values: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    ((name, value),) = values.items()
    value = value.format(tmp_path=tmp_path)
    loaded = loaded_with(tmp_path, f'[{section}]\n{name} = "{value}"\n')
    with pytest.raises(SettingsError) as caught:
        bootstrap.open_database(loaded, make=True) if section == "database" else bootstrap.start_log(loaded)
    assert str(caught.value) == (
        f"a setting is wrong:\n  {section}.{name} is '{value}' ({tmp_path}/shop.toml:2): the folder {tmp_path}/file "
        "cannot be used: File exists. See to its rights, or set another one"
    )


def test_a_log_that_cannot_be_written_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "log" / "tui-pos.log").mkdir(parents=True)
    loaded = loaded_with(tmp_path, f'[log]\nfolder = "{tmp_path}/log"\n')
    with pytest.raises(SettingsError, match=r"log\.folder is .*shop\.toml:2\): .*Is a directory"):
        bootstrap.start_log(loaded)


def test_prices_are_never_read_in_another_currency(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)

    def opened(code: str) -> None:
        text = f'[database]\nurl = {json.dumps(url)}\n[shop]\ncurrency = "{code}"\n'
        bootstrap.open_database(loaded_with(tmp_path, text)).dispose()

    opened("eur")
    opened("EUR")
    with pytest.raises(SettingsError) as caught:
        opened("JPY")
    ((problem,),) = (caught.value.problems,)
    assert (problem.key, problem.given, problem.origin) == (
        "shop.currency",
        "'JPY'",
        f"{tmp_path}/shop.toml:4",
    )
    assert (
        "are in EUR, and would be read as JPY. Set EUR; for a shop in JPY set database.url" in problem.allowed
    )
    opened("EUR")


def test_a_country_without_rates_has_a_shop_whose_owner_sets_them(tmp_path: Path) -> None:
    loaded = loaded_with(
        tmp_path, f'[shop]\ncountry = "br"\n[database]\nurl = "sqlite:///{tmp_path}/shop.db"\n'
    )
    check_settings(loaded)
    assert "no tax rates for shop.country BR" in "".join(notes(loaded.settings))
    assert list(notes(Settings())) == []
    engine = bootstrap.open_database(loaded, make=True)
    day = dt.date(2026, 3, 1)
    with writing(engine) as session:
        assert tax_class_codes(session) == ["exempt", "out_of_scope", "reduced", "standard", "zero"]
        with pytest.raises(
            CatalogueError, match=r"no rate on 2026-03-01\. Add .* taxes set standard PERCENT"
        ):
            rate_on(session, "standard", day)
        set_rate(session, "standard", day, Decimal(18), OWNER)
        assert rate_on(session, "standard", day).percent == 18
    engine.dispose()
    bootstrap.open_database(loaded).dispose()


@pytest.mark.parametrize(
    ("kind", "pins", "pin"),
    [("network", (), "2"), ("network", (5, 5), "5"), ("network", (2, 5), ""), ("none", (), "")],
)
def test_drawers_that_open_together_are_named(kind: str, pins: tuple[int, ...], pin: str) -> None:
    printer = {"kind": kind, "host": "192.0.2.9"}
    drawer = {"names": ("left", "right"), "pins": pins}
    told = "".join(notes(Settings.model_validate({"printer": printer, "drawer": drawer})))
    assert (f"left, right open together, each time: all by pin {pin} " in told) is bool(pin)
    assert bool(told) is bool(pin)


@pytest.mark.parametrize(
    ("section", "setting", "told"),
    [
        (
            "shop",
            'country = "UK"',
            "shop.country is 'UK' ({file}:2): allowed is a country of ISO 3166, such as IE, SE or GB; did you mean GB?",
        ),
        (
            "shop",
            'country = "el"',
            "shop.country is 'EL' ({file}:2): allowed is a country of ISO 3166, such as IE, SE or GB; did you mean GR?",
        ),
        (
            "shop",
            'country = "EU"',
            "shop.country is 'EU' ({file}:2): allowed is a country of ISO 3166, such as IE, SE or GB",
        ),
        (
            "printer",
            'profile = "tm-t88 iii"',
            "printer.profile is 'tm-t88 iii' ({file}:2): it is unknown; did you mean TM-T88III? Known are AF-240, ",
        ),
        (
            "printer",
            'code_pages = ["cp9999:1"]',
            "printer.code_pages is 'cp9999:1' ({file}:2): code page 'cp9999:1' is unknown: write name:number",
        ),
    ],
)
def test_what_only_the_till_knows_is_checked_before_it_opens(
    section: str, setting: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        check_settings(loaded_with(tmp_path, f"[{section}]\n{setting}\n"))
    assert str(caught.value).startswith("a setting is wrong:\n  " + told.format(file=tmp_path / "shop.toml"))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = '[shop]\ncountry = "UK"\ncurrency = "ABC"\n[printer]\nprofile = "Epsom"\n'
    with pytest.raises(SettingsError, match="3 settings are wrong"):
        check_settings(loaded_with(tmp_path, text))


def test_what_is_empty_is_not_made_into_a_shop_by_the_way(
    postgres_server: str, postgres_engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "shop.db").touch()
    told = refusal(f"sqlite:///{tmp_path}/shop.db")
    assert told.startswith(f"The database sqlite:///{tmp_path}/shop.db is empty (database.url, default), so")
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [0]
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    url = postgres_engine.url.render_as_string(hide_password=False)
    assert " is empty (database.url, default), so there are no books" in refusal(url)
    assert inspect(postgres_engine).get_table_names() == []


def test_a_server_that_is_away_says_so_and_no_password() -> None:
    told = refusal("postgresql://till:hunter2@127.0.0.1:1/shop")
    assert told.startswith(
        "The database postgresql+psycopg://till:********@127.0.0.1:1/shop cannot be opened: "
    )
    assert "Connection refused. See that the server runs" in told
    assert "hunter2" not in told


def test_a_database_that_another_program_holds_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(storage_engine, "BUSY_TIMEOUT_S", 0.05)
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE sale (number)")
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        told = refusal(f"sqlite:///{path}")
    assert told == (
        f"Another program holds the database sqlite:///{path}. Wait until it is done, then start again."
    )


def test_no_card_number_gets_into_the_log(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    bootstrap.start_log(loaded_with(tmp_path, f'[log]\nfolder = "{tmp_path}"\n'))
    try:
        try:
            raise ValueError("no 4111111111111111 here")
        except ValueError:
            logging.getLogger("till").exception("typed: %s", "4111 1111 1111 1111")
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    written = (tmp_path / "tui-pos.log").read_text()
    assert "typed: ************1111" in written
    assert "no ************1111 here" in written
    assert "1111111" not in written


def test_a_full_disk_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(_engine: Engine) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bootstrap, "upgrade", full)
    assert refusal(f"sqlite:///{tmp_path}/shop.db", make=True) == (
        f"The disk of the database sqlite:///{tmp_path}/shop.db is full. Make room on it, then start again."
    )


def test_the_taxes_of_a_new_shop_are_named_in_its_language(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "shop": {"country": "SE", "locale": "sv_SE"},
            "database": {"url": f"sqlite:///{tmp_path}/shop.db"},
        }
    )
    with reading(engine := bootstrap.open_database(Loaded(settings, None), make=True)) as session:
        names = {each.code: each.name for each, _rates in tax_classes_with_rates(session)}
    engine.dispose()
    assert names["food"] == "Livsmedel"


@pytest.mark.parametrize("missing", ["stdin", "stderr"])
def test_the_counter_needs_a_terminal(missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("stdin", "stderr"):
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda name=name: name != missing)
        monkeypatch.setattr(sys, name, stream)
    settings = Settings.model_validate(
        {"database": {"url": f"sqlite:///{tmp_path}/shop.db"}, "log": {"folder": tmp_path}}
    )
    with pytest.raises(bootstrap.StartError, match="needs a terminal"):
        running.run_counter(Loaded(settings, None))
    with pytest.raises(bootstrap.StartError, match="needs a terminal"):
        running.run_demo("en")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", [*languages(), "sv_SE", "C", "tlh"])
def test_the_demo_writes_as_its_language_does_and_counts_in_euros(language: str, tmp_path: Path) -> None:
    settings = running.demo_settings(tmp_path, language)
    assert settings.shop.currency == "EUR"
    spoken = language[:2] if language[:2] in languages() else "en"
    assert Locale.parse(settings.shop.locale).language == settings.language[:2] == spoken


def test_the_pins_of_the_drawers() -> None:
    two = {"names": ["left", "right"], "pins": [2, 5]}
    assert bootstrap.drawer_pins(Settings.model_validate({"drawer": two})) == {"left": 2, "right": 5}
    assert bootstrap.drawer_pins(Settings.model_validate({"drawer": {"names": ["left", "right"]}})) == {}
