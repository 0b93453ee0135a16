import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from config.errors import ConfigError, SettingsError
from config.loading import default_file, load
from config.settings import Settings

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "my.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def problems(path: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return [str(problem) for problem in caught.value.problems]


def origins(path: Path | None = None) -> dict[str, str]:
    return {row.key: row.origin for row in load(path).rows() if row.origin != "default"}


def test_without_file_and_variables_the_defaults_hold() -> None:
    assert load().settings.model_dump() == Settings().model_dump()
    assert not origins()


def test_the_default_file_is_read_where_it_exists() -> None:
    default_file().parent.mkdir(parents=True)
    default_file().write_text('[till]\nname = "bar"\n')

    assert load().settings.till.name == "bar"
    assert origins() == {"till.name": f"{default_file()}:2"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_file_is_read_as_any_editor_saved_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes('[shop]\r\nname = "Café"\r\n'.encode(encoding))
    assert load(path).settings.shop.name == "Café"
    assert origins(path) == {"shop.name": f"{path}:2"}


def test_a_variable_wins_over_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write('[scanner]\nkind = "serial"\nport = "/dev/ttyUSB0"\n')
    monkeypatch.setenv("TUI_POS_SCANNER__PORT", "/dev/ttyUSB7")

    assert load(path).settings.scanner.port == "/dev/ttyUSB7"
    assert origins(path) == {"scanner.kind": f"{path}:2", "scanner.port": "TUI_POS_SCANNER__PORT"}


def test_every_kind_of_value_can_be_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SHOP__DAY_ENDS_AT": "05:30",
        "SHOP__CASH_ROUNDING": "0.05",
        "SHOP__PRICES_INCLUDE_TAX": "no",
        "PRINTER__COLUMNS": "48",
        "PRINTER__HEADER": '["one", "two"]',
        "PRINTER__FOOTER": "Thank you\nCome again",
        "KEYS__VOID_LINE": "f3 ctrl+z",
        "DISPLAY": '{"theme": "light"}',
    }.items():
        monkeypatch.setenv(f"TUI_POS_{name}", value)
    settings = load().settings

    assert settings.shop.day_ends_at.hour == 5
    assert settings.shop.cash_rounding == Decimal("0.05")
    assert settings.shop.prices_include_tax is False
    assert settings.printer.columns == 48
    assert settings.printer.header == ("one", "two")
    assert settings.printer.footer == ("Thank you", "Come again")
    assert settings.keys["void_line"] == ("f3", "ctrl+z")
    assert settings.display.theme == "light"
    assert origins()["display.theme"] == "TUI_POS_DISPLAY"


def test_amounts_in_the_file_are_exact(write: Write) -> None:
    settings = load(write("[shop]\ncash_rounding = 0.10\n")).settings
    assert settings.shop.cash_rounding == Decimal("0.10")


def test_all_wrong_values_are_told_at_once_with_place_value_and_choice(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write('[printer]\n\ncolumns = 40\nqr = """\ncolumns = 3"""\n[scanner]\nkind = "serial"\n')
    monkeypatch.setenv("TUI_POS_PRINTER__TCP_PORT", "nine")

    assert problems(path) == [
        f"scanner.port ({path}:6): is missing: a serial port, since kind is serial",
        "printer.tcp_port is 'nine' (TUI_POS_PRINTER__TCP_PORT): allowed is a whole number",
        f"printer.columns is '40' ({path}:3): allowed is 32, 42 or 48",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[scanner]\nprot = 1", "scanner.prot ({}:2): there is no such setting; did you mean scanner.port?"),
        ("scanner_port = 1", "scanner_port ({}:1): there is no such setting; did you mean scanner.port?"),
        ("[zzz]\nqqq = 1", "zzz ({}:1): there is no such setting"),
        ("[keys]\npey = 'f2'", "keys.pey ({}:2): there is no such setting; did you mean keys.pay?"),
        ("shop = 3", "shop is '3' ({}:1): allowed is a section with its settings"),
        ("keys.pay = 3", "keys.pay is '3' ({}:1): allowed is a text or a list of texts"),
        ("drawer.names = []", "drawer.names is '[]' ({}:1): allowed is a list of 1 or more"),
        (
            "drawer.names = ['a', 'a']",
            "drawer.names is 'a | a' ({}:1): allowed is names that differ from each other",
        ),
        (
            "drawer.pins = [2, 5]",
            "drawer.pins is '2 | 5' ({}:1): allowed is as many pins as there are names, or none",
        ),
        ("[ shop ]\n name=[]", "shop.name is '[]' ({}:2): allowed is a text"),
        ("shop = { tax_id = 1 }", "shop.tax_id is '1' ({}:1): allowed is a text"),
    ],
)
def test_a_problem_names_its_line(write: Write, text: str, problem: str) -> None:
    path = write(text)
    assert problems(path) == [problem.format(path)]


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_SCANER__PORT", "x")
    monkeypatch.setenv("TUI_POS_PRINTER__COLOMNS", "42")
    monkeypatch.setenv("TUI_POS_SECRET_DATABASE_PASSWORD", "fine")

    assert problems() == [
        "scaner.port (TUI_POS_SCANER__PORT): there is no such setting; did you mean TUI_POS_SCANNER__PORT?",
        "printer.colomns (TUI_POS_PRINTER__COLOMNS): there is no such setting; did you mean printer.columns?",
    ]


@pytest.mark.parametrize(
    "url",
    ["mysql://till:hunter2@db/shop", "till:hunter2@db", "postgres:/till:hunter2@db", "x?password=hunter2"],
)
def test_a_password_is_not_told_even_in_a_wrong_url(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TUI_POS_DATABASE__URL", url)
    assert "hunter2" not in "".join(problems())


def test_the_settings_in_force_do_not_show_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_DATABASE__URL", "postgresql://till:hunter2@db/shop")
    shown = {row.key: row.value for row in load().rows()}
    assert shown["database.url"] == "postgresql+psycopg://till:********@db/shop"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[shop\n", "is not TOML.*line 1"), (b"x = '\xff'", "is not UTF-8 text"), (None, "cannot be read")],
)
def test_a_file_that_is_no_settings_file(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "my.toml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load(path)


def test_reading_settings_loads_nothing_that_it_does_not_need() -> None:
    """Each of these takes from the time until the till can sell."""
    heavy = "{'keyring', 'textual', 'sqlalchemy', 'serial', 'escpos', 'rich', 'babel', 'pydantic_settings'}"
    code = (
        "import sys, config.secrets; from config.loading import load; load();"
        f"print(sorted(set(sys.modules) & {heavy}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["logo", "font"])
def test_a_picture_or_font_must_be_there(name: str, write: Write, tmp_path: Path) -> None:
    path = write(f'[printer]\n{name} = "{tmp_path}/absent"\n')
    assert problems(path) == [
        f"printer.{name} is '{tmp_path}/absent' ({path}:2): allowed is a file that is there and can be read"
    ]
    (tmp_path / "absent").mkdir()
    assert problems(path)[0].endswith(": allowed is a file, not a folder or a device")
    (tmp_path / "absent").rmdir()
    (tmp_path / "absent").write_bytes(b"")
    assert getattr(load(path).settings.printer, name) == tmp_path / "absent"


def test_a_device_may_be_plugged_in_later(write: Write) -> None:
    path = write('[printer]\nkind = "file"\npath = "/dev/usb/lp-absent"\n')
    assert load(path).settings.printer.path == Path("/dev/usb/lp-absent")


def test_who_knows_better_can_say_what_is_wrong(write: Write) -> None:
    loaded = load(path := write('[shop]\ncash_rounding = "0.001"\n'))
    assert str(loaded.problem("shop.cash_rounding", "a cent is less")) == (
        f"shop.cash_rounding is '0.001' ({path}:2): a cent is less"
    )


def test_a_section_within_a_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.toml"
    path.write_text('[accounts.datev]\ncash = "1600"\nsales = ["standard = 4400"]\n[accounts]\nsafe = "x"\n')
    loaded = load(path)
    rows = {row.key: row for row in loaded.rows()}
    assert rows["accounts.datev"].value == "cash: 1600; sales: standard = 4400"
    assert rows["accounts.datev"].origin == f"{path}:1"
    assert (rows["accounts.xero"].value, rows["accounts.xero"].origin) == ("", "default")
    assert (rows["accounts.safe"].origin, rows["accounts.cash"].origin) == (f"{path}:5", "default")

    monkeypatch.setenv("TUI_POS_ACCOUNTS__XERO__CASH", "640")
    loaded = load(path)
    assert (loaded.settings.accounts.xero.cash, loaded.settings.accounts.datev.cash) == ("640", "1600")
    origins = {row.key: row.origin for row in loaded.rows()}
    assert origins["accounts.xero"] == "TUI_POS_ACCOUNTS__XERO__CASH"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('sales = ["4400"]', "accounts.datev.sales"),
        ('chash = "1"', "accounts.datev.chash"),
        ('cash = "a\\tb"', "accounts.datev.cash"),
    ],
)
def test_a_wrong_setting_within_a_section_is_named_whole(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(f"[accounts.datev]\n{text}\n")
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert said in str(caught.value)
    assert f"{path}:2" in str(caught.value)
