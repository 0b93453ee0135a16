"""How the till is put together, and why it is not where it cannot be."""

import datetime as dt
import io
import sqlite3
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from sqlalchemy import Engine

from config.settings import Database, Settings
from tui_pos import bootstrap
from tui_pos.catalogue.taxes import tax_classes_with_rates
from tui_pos.i18n import languages, speaking
from tui_pos.money.errors import MoneyError
from tui_pos.storage import engine as storage_engine
from tui_pos.storage.engine import reading


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


def refusal(url: str) -> str:
    with pytest.raises(bootstrap.StartError) as caught:
        bootstrap.open_database(Settings(database=Database(url=url)))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_database_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database, it only looks like a file")
    (tmp_path / "folder").mkdir()
    for place, reason in (
        ("file", "file is not a database"),
        ("folder", "unable to open database file"),
        ("file/below.db", "File exists"),
    ):
        told = refusal(f"sqlite:///{tmp_path}/{place}")
        assert told.startswith(
            f"The database sqlite:///{tmp_path}/{place} cannot be opened: {reason}. See to"
        )


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
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        told = refusal(f"sqlite:///{path}")
    assert told == (
        f"Another program holds the database sqlite:///{path}. Wait until it is done, then start again."
    )


def test_a_full_disk_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(_engine: Engine) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bootstrap, "upgrade", full)
    assert refusal(f"sqlite:///{tmp_path}/shop.db") == (
        f"The disk of the database sqlite:///{tmp_path}/shop.db is full. Make room on it, then start again."
    )


def test_the_taxes_of_a_new_shop_are_named_in_its_language(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "shop": {"country": "SE", "locale": "sv_SE"},
            "database": {"url": f"sqlite:///{tmp_path}/shop.db"},
        }
    )
    with reading(engine := bootstrap.open_database(settings)) as session:
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
        bootstrap.run_counter(settings)
    with pytest.raises(bootstrap.StartError, match="needs a terminal"):
        bootstrap.run_demo("en")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", [*languages(), "sv_SE", "C", "tlh"])
def test_the_demo_writes_as_its_language_does_and_counts_in_euros(language: str, tmp_path: Path) -> None:
    settings = bootstrap.demo_settings(tmp_path, language)
    assert settings.shop.currency == "EUR"
    spoken = language[:2] if language[:2] in languages() else "en"
    assert Locale.parse(settings.shop.locale).language == settings.language[:2] == spoken


def test_the_cashier_has_a_name_in_the_language_of_the_till(sqlite_engine: Engine) -> None:
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    with speaking("sv"):
        app = bootstrap.build_app(Settings(), sqlite_engine, now=lambda: now)
    assert app.till.desk.actor.name == "Kassör"
    assert app.till.desk.actor.id == bootstrap.CASHIER.id
