"""`tui-pos init --no-input`: a shop set up by a script, and the counter that sells in it."""

import datetime as dt
import io
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from argon2 import PasswordHasher
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import Engine, select

from config.loading import load
from tests.rigs.terminal import PROGRAM, Terminal
from tui_pos import cli
from tui_pos.bootstrap import open_database
from tui_pos.catalogue.taxes import rate_on
from tui_pos.journal.models import JournalEntry
from tui_pos.people import pins
from tui_pos.people.staff import StaffError, members
from tui_pos.setup import folders
from tui_pos.setup.answers import SettingsFile
from tui_pos.setup.perform import set_up
from tui_pos.storage.engine import open_engine, reading

Run = Callable[..., int]

GERMAN = ("--shop-name", "Ännes Eck", "--country", "de", "--address", "Kai 1", "--address", "20457 Hamburg")
ACTING = ("init", "add", "set", "import")
OWNER = ("--owner", "Änne", "--pin-stdin")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of this machine's: no settings, no database, no key ring."""
    for name in list(os.environ):
        if name.startswith(("TUI_POS_", "XDG_", "SSH_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setattr(keyring, "get_keyring", NoKeyring)
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: quick)
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command, with lines on its standard input."""

    owned = False

    def run(*arguments: str, lines: str = "4711\n") -> int:
        """By Änne, once she is the owner and nobody else is named."""
        nonlocal owned
        if owned and "--as" not in arguments and any(word in ACTING for word in arguments):
            arguments, lines = (*arguments, "--as", "Änne"), f"4711\n{lines}"
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        code = cli.main(list(arguments))
        owned = owned or ("--owner" in arguments and code == 0)
        return code

    return run


def files(home: Path) -> list[str]:
    """Every file but what SQLite keeps beside an open database."""
    found = (str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
    return sorted(name for name in found if not name.endswith(("-wal", "-shm")))


def entries(url: str) -> list[tuple[str, str]]:
    engine = open_engine(url)
    with reading(engine) as session:
        rows = session.execute(select(JournalEntry.event, JournalEntry.actor).order_by(JournalEntry.at))
        found = [(event, actor) for event, actor in rows if event != "log_in"]
    engine.dispose()
    return found


def test_a_shop_from_nothing(run: Run, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    out = capsys.readouterr().out
    assert "Änne can log in now, as owner." in out
    assert "secrets/signing-key-" in out
    settings = load().settings
    assert (settings.shop.name, settings.shop.address) == ("Ännes Eck", ("Kai 1", "20457 Hamburg"))
    assert (settings.shop.country, settings.shop.currency, settings.shop.locale) == ("DE", "EUR", "de_DE")
    assert str(settings.shop.timezone) == "Europe/Berlin"
    assert dict(entries(settings.database.url)) == {
        "staff_added": "set-up",
        "set_up": "set-up",
        "new_key": "system",
    }
    engine = open_engine(settings.database.url)
    with reading(engine) as session:
        assert rate_on(session, "standard", dt.date(2026, 3, 2)).percent == 19
    engine.dispose()
    assert run("journal", "verify") == 0
    assert run("staff", "add", "Bo", "--role", "cashier", "--pin-stdin", lines="3816\n") == 0


def test_the_same_again_changes_nothing_and_says_so(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    file = home / ".config" / "tui-pos" / "config.toml"
    text, before = file.read_text(), entries(load().settings.database.url)
    capsys.readouterr()
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    assert "Everything is as it was" in capsys.readouterr().out
    assert file.read_text() == text
    assert entries(load().settings.database.url) == before
    assert not list(file.parent.glob("*.bak"))
    assert run("init", "--no-input") == 0


def test_what_is_not_asked_stays_and_what_is_given_changes(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "shop.toml"
    file.write_text('# mine\n[shop]\nname = "Old"  # for now\n\n[keys]\nlock = "f11"\n')
    assert run("--config", str(file), "init", "--no-input", *GERMAN, *OWNER) == 0
    text = file.read_text()
    assert text.startswith('# mine\n[shop]\nname = "Ännes Eck"  # for now\n')
    assert '[keys]\nlock = "f11"\n' in text
    assert file.with_name("shop.toml.bak").read_text().startswith('# mine\n[shop]\nname = "Old"')
    more = ("--printer-host", "192.0.2.9", "--printer-columns", "48", "--scanner-port", "/dev/ttyACM0")
    assert run("--config", str(file), "init", "--no-input", *more) == 0
    settings = load(file).settings
    assert (settings.printer.kind, settings.printer.columns) == ("network", 48)
    assert (settings.scanner.kind, settings.scanner.port) == ("serial", "/dev/ttyACM0")
    assert settings.shop.name == "Ännes Eck"


def test_a_second_time_only_what_is_other_is_written_and_told(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--no-input", "--shop-name", "Hörnan", "--country", "SE", *OWNER) == 0
    file = home / ".config" / "tui-pos" / "config.toml"
    text = file.read_text()
    capsys.readouterr()
    as_it_is = ("--language", "sv", "--till", "till1", "--drawer", "drawer", "--printer-kind", "none")
    assert run("init", "--no-input", *as_it_is) == 0
    assert file.read_text() == text
    assert run("init", "--no-input", *as_it_is, "--language", "en", "--till", "bar") == 0
    assert set(file.read_text().splitlines()) - set(text.splitlines()) == {
        "[display]", 'language = "en"', "[till]", 'name = "bar"'
    }  # fmt: skip
    assert "Changed: display.language, till.name\n" in capsys.readouterr().out


TWO = ("--drawer", "left", "--drawer", "right", "--printer-host", "192.0.2.9")


def test_drawers_get_their_pins_and_those_that_open_together_are_named(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / ".config" / "tui-pos" / "config.toml"
    assert run("init", "--no-input", *GERMAN, *OWNER, *TWO) == 0
    assert "left, right open together" in capsys.readouterr().out
    run("doctor", "--quick")
    assert "left, right open together" in " ".join(capsys.readouterr().out.split())

    assert run("init", "--no-input", *TWO, "--drawer-pin", "5", "--drawer-pin", "2") == 0
    assert "open together" not in capsys.readouterr().out
    assert "pins = [5, 2]\n" in file.read_text()
    assert load().settings.drawer.pins == (5, 2)
    run("doctor", "--quick")
    assert "open together" not in " ".join(capsys.readouterr().out.split())

    text = file.read_text()
    assert run("init", "--no-input", "--drawer-pin", "2") == 2
    assert "--drawer-pin '2': allowed is as many pins as there are names, or none" in capsys.readouterr().err
    assert run("init", "--no-input", "--drawer-pin", "3", "--drawer-pin", "2") == 2
    assert "--drawer-pin" in capsys.readouterr().err
    assert file.read_text() == text
    assert run("init", "--no-input", "--drawer", "only", "--drawer-pin", "5") == 0
    assert load().settings.drawer.pins == (5,)
    assert run("init", "--no-input", *TWO, "--drawer-pin", "5", "--drawer-pin", "2") == 0
    assert run("init", "--no-input", "--drawer", "only") == 0
    assert (load().settings.drawer.names, load().settings.drawer.pins) == (("only",), ())


def test_the_help_explains_each_option(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("init", "--help")
    text = capsys.readouterr().out
    assert "the shop's name, at the top of each receipt" in text
    assert not re.search(r"^ +(\S+ \S+ +)?[a-z]+\.[a-z_]+$", text, re.MULTILINE)


def test_a_name_of_spaces_and_a_language_without_texts_are_refused(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("--shop-name", "   ", "--language", "fr", "--country", "IE")
    assert run("init", "--no-input", *wrong, *OWNER) == 2
    err = capsys.readouterr().err
    assert "--shop-name: is missing" in err
    assert "--language 'fr': allowed is one of en, sv" in err
    assert files(home) == []


def test_all_that_is_missing_or_wrong_is_told_at_once(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--no-input") == 2
    assert capsys.readouterr().err == (
        "tui-pos: Nothing was set up:\n  --shop-name: is missing\n  --country: is missing\n"
        "  --owner: is missing\n"
        "  --pin-stdin: the owner needs a PIN; give it as a line of standard input, with this option\n"
    )
    wrong = ("--country", "us", "--till", "a b", "--printer-kind", "network", "--owner", "A", "--pin-stdin")
    assert run("init", "--no-input", *wrong, lines="1234\n") == 2
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()[1:]] == [
        "--shop-name:",
        "--timezone:",
        "--till",
        "--printer-host:",
        "--pin-stdin:",
    ]
    assert run("init", "--no-input", "--shop-name", "A", "--country", "qq", *OWNER) == 2
    assert run("init", "--no-input", "--shop-name", "A", "--country", "IE", "--currency", "XXX", *OWNER) == 2
    assert "--currency 'XXX': allowed is a currency" in capsys.readouterr().err
    assert files(home) == []


def standard_percent() -> int:
    engine = open_engine(load().settings.database.url)
    with reading(engine) as session:
        percent = rate_on(session, "standard", dt.date(2026, 3, 2)).percent
    engine.dispose()
    return int(percent)


@pytest.mark.parametrize(("country", "currency", "percent"), [("IE", "EUR", 23), ("SE", "SEK", 25)])
def test_a_wrong_country_is_put_right_while_nothing_is_sold(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str], country: str, currency: str, percent: int
) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    capsys.readouterr()
    assert run("init", "--no-input", "--country", country) == 0
    assert f"Tax classes and rates: those of {country}." in capsys.readouterr().out
    shop = load().settings.shop
    assert (shop.country, shop.currency, standard_percent()) == (country, currency, percent)
    assert run("staff", "list") == 0


def test_a_class_that_the_shop_changed_itself_stays(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    assert run("taxes", "set", "standard", "17", "--from", "2026-01-01") == 0
    capsys.readouterr()
    assert run("init", "--no-input", "--country", "IE") == 0
    assert "stay as they were, and are not those of IE. See: tui-pos taxes" in capsys.readouterr().out
    assert standard_percent() == 17


def test_folders_for_backups_are_made_unless_they_lie_on_what_is_away(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "fstab").write_text(f"# disks\nUUID=1 / ext4\nUUID=2 {home}/my\\040disk ext4 noauto 0 0\n")
    (home / "file").touch()
    monkeypatch.setattr(folders, "FSTAB", home / "fstab")
    monkeypatch.setattr(folders, "MEDIA", (home / "media",))
    wanted = [home / name for name in ("there/deep", "media/usb/copies", "my disk/copies", "file/copies")]
    given = (argument for folder in wanted for argument in ("--backup-folder", str(folder)))
    assert run("init", "--no-input", *GERMAN, *OWNER, *given) == 0
    out = capsys.readouterr().out
    assert f"Made, for backups: {wanted[0]}\n" in out
    assert [folder.exists() for folder in wanted] == [True, False, False, False]
    assert wanted[0].stat().st_mode & 0o777 == 0o700
    for folder, reason in zip(
        wanted[1:], ("it lies on something", "it lies on", "it cannot be made"), strict=True
    ):
        assert f"No backup goes to {folder} before it is there: {reason}" in out
    monkeypatch.setattr(Path, "is_mount", lambda path: path == home / "media" / "usb")
    wanted[0].rmdir()
    assert run("init", "--no-input") == 0
    assert f"Made, for backups: {wanted[1]}\n" in capsys.readouterr().out


def test_once_there_are_prices_taxes_and_currency_stay(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    goods = home / "goods.csv"
    goods.write_text("sku,name,price\n1,Tea,2.99\n")
    assert run("catalogue", "import", str(goods)) == 0
    before = files(home), load().settings
    assert run("init", "--no-input", "--currency", "SEK") == 2
    assert "The books count in EUR, and cannot be turned into SEK." in capsys.readouterr().err
    assert (files(home), load().settings) == before
    assert run("init", "--no-input", "--country", "SE") == 0
    assert "are not those of SE" in capsys.readouterr().out
    assert (load().settings.shop.country, load().settings.shop.currency) == ("SE", "EUR")
    assert standard_percent() == 19


def test_a_till_that_was_looked_at_before_becomes_the_shop_that_is_wanted(run: Run, home: Path) -> None:
    """Without settings the first start made a database by the defaults: euros, and Irish tax."""
    open_database(load(), make=True).dispose()
    assert run("init", "--no-input", "--shop-name", "Hörnan", "--country", "SE", *OWNER) == 0
    settings = load().settings
    assert settings.shop.currency == "SEK"
    engine = open_engine(settings.database.url)
    with reading(engine) as session:
        assert rate_on(session, "standard", dt.date(2026, 3, 2)).percent == 25
    engine.dispose()


def test_prices_that_are_there_stay_in_their_currency(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goods = home / "goods.csv"
    goods.write_text("sku,name,price\n1,Tea,2.99\n")
    assert run("catalogue", "import", str(goods)) == 0
    swedish = ("--shop-name", "Hörnan", "--country", "SE", "--currency", "SEK")
    assert run("init", "--no-input", *swedish, *OWNER) == 2
    assert "The books count in EUR" in capsys.readouterr().err
    assert not (home / ".config" / "tui-pos" / "config.toml").exists()


def test_nobody_sets_a_shop_with_staff_up_anew(run: Run, home: Path) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    file = SettingsFile(home / ".config" / "tui-pos" / "config.toml")
    with pytest.raises(StaffError, match="There is staff already"):
        set_up(file, {"shop.name": "Mine"}, None, dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    assert load().settings.shop.name == "Ännes Eck"


def test_another_owner_is_added_by_who_may(run: Run, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    assert run("staff", "add", "Bo", "--role", "cashier", "--pin-stdin", lines="3816\n") == 0
    second = ("init", "--no-input", "--owner", "Eve", "--pin-stdin")
    assert run(*second, "--as", "Bo", lines="3816\n2974\n") == 1
    assert capsys.readouterr().err == "tui-pos: Bo may not do this.\n"
    assert run(*second, "--as", "Änne", lines="4711\n2974\n") == 0
    engine = open_engine(load().settings.database.url)
    with reading(engine) as session:
        assert [(one.name, one.role) for one in members(session)] == [
            ("Bo", "cashier"),
            ("Eve", "owner"),
            ("Änne", "owner"),
        ]
    engine.dispose()


def test_the_first_owner_on_either_database(
    run: Run, home: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    database = ("--database-url", url)
    assert run("init", "--no-input", *database, *GERMAN, *OWNER) == 0
    assert run("init", "--no-input", *database, *GERMAN, *OWNER) == 0
    assert "Everything is as it was" in capsys.readouterr().out
    with reading(engine) as session:
        assert [one.name for one in members(session)] == ["Änne"]


def test_a_database_that_cannot_be_reached_leaves_nothing(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "shop.db").write_text("no database")
    database = ("--database-url", f"sqlite:///{home / 'shop.db'}")
    assert run("init", "--no-input", *database, *GERMAN, *OWNER) == 1
    assert "cannot be opened" in capsys.readouterr().err
    assert files(home) == ["shop.db"]


def test_without_a_terminal_it_says_how(run: Run, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init") == 2
    assert "--no-input" in capsys.readouterr().err


def test_the_counter_of_a_shop_set_up_by_a_script(home: Path) -> None:
    """By the program itself: set up, log in, sell nothing yet but by price; and a counter without set-up says so."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    before = Terminal([], environment=environment)
    before.wait_for("tui-pos init")
    before.close()
    command: list[str | Path] = [PROGRAM, "init", "--no-input", *GERMAN, *OWNER]
    done = subprocess.run(
        command, input="4711\n", env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    goods = home / "goods.csv"
    goods.write_text("sku,name,barcodes,price\n1,Tee,5449000000996,2.99\n")
    command = [PROGRAM, "catalogue", "import", goods, "--as", "Änne"]
    subprocess.run(command, input="4711\n", text=True, env=environment, capture_output=True, check=True)
    counter = Terminal([], environment=environment)
    try:
        counter.wait_for("Ännes Eck", "PIN ›")
        counter.enter_slowly("4711")
        counter.wait_without("PIN ›")
        counter.enter_slowly("Tee")
        counter.wait_for("1 item", "2,99")
        assert counter.quit() == 0
    finally:
        counter.close()


def test_the_journal_says_which_settings_were_given(run: Run, home: Path) -> None:
    assert run("init", "--no-input", *GERMAN, *OWNER) == 0
    engine = open_engine(load().settings.database.url)
    with reading(engine) as session:
        body = session.scalar(select(JournalEntry.body).where(JournalEntry.event == "set_up"))
    engine.dispose()
    assert body is not None
    given = json.loads(body)["data"]["settings"]
    assert "shop.name" in given
    assert not any(key.startswith("owner") for key in given)
