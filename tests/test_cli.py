"""The commands, with a bootstrap that stands in for the till."""

import datetime as dt
import gc
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.loading import Loaded
from config.settings import Printer as PrinterSettings
from config.settings import Scanner as ScannerSettings
from config.settings import Settings
from hardware.ports import Fault, Scan, ScannerFault, ScannerState
from hardware.simulated import SimulatedPrinter
from tui_pos import bootstrap, cli, running
from tui_pos.devices_check import test_page as make_test_page
from tui_pos.i18n import use_language
from tui_pos.settings_check import load_checked


class FakeScanner:
    """Says all it has to say as soon as it is started."""

    def __init__(self, say: Callable[[], None]) -> None:
        self.start = say
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


class StandIn:
    """What the commands ask of bootstrap for opening tills and devices, and a note of what they asked."""

    def __init__(self) -> None:
        self.opened: list[Settings | str] = []
        self.printer = SimulatedPrinter()
        self.events: list[Scan | ScannerState] = []
        self.failure: Exception | None = None

    def run_counter(self, loaded: Loaded) -> None:
        if self.failure:
            raise self.failure
        self.opened.append(loaded.settings)

    def run_demo(self, language: str) -> None:
        self.opened.append(f"demo in {language}")

    def build_printer(self, settings: PrinterSettings) -> SimulatedPrinter | None:
        return self.printer if settings.kind != "none" else None

    def build_scanner(
        self,
        settings: ScannerSettings,
        on_scan: Callable[[Scan], None],
        on_state: Callable[[ScannerState], None],
    ) -> FakeScanner | None:
        if settings.kind == "none":
            return None

        def say() -> None:
            for event in self.events:
                on_scan(event) if isinstance(event, Scan) else on_state(event)

        return FakeScanner(say)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIn:
    for name in [
        *(n for n in os.environ if n.startswith(("TUI_POS_", "XDG_"))),
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
    ]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    stand_in = StandIn()
    for room, name in (
        (running, "run_counter"),
        (running, "run_demo"),
        (bootstrap, "build_printer"),
        (bootstrap, "build_scanner"),
    ):
        monkeypatch.setattr(room, name, getattr(stand_in, name))
    return stand_in


def test_no_command_opens_the_counter_with_the_settings(stand_in: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text('[till]\nname = "bar"\n')

    assert cli.main(["--config", str(file)]) == 0
    assert [opened.till.name for opened in stand_in.opened if isinstance(opened, Settings)] == ["bar"]


def test_demo_asks_for_no_settings(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_TILL__NAME", "not allowed!")
    assert cli.main(["demo"]) == 0
    assert stand_in.opened == ["demo in en"]


def test_the_demo_speaks_the_language_of_the_terminal_or_the_one_asked_for(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["demo", "--language", "sv"]) == 0
    monkeypatch.setenv("LANG", "sv_SE.UTF-8")
    assert cli.main(["demo"]) == 0
    use_language("en")
    assert stand_in.opened == ["demo in sv", "demo in sv_SE"]


def test_garbage_is_not_searched_for_until_the_counter_is_up(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching = []
    monkeypatch.setattr(running, "run_demo", lambda _language: searching.append(gc.isenabled()))
    assert cli.main(["demo"]) == 0
    assert searching == [False]
    assert gc.isenabled()


def test_wrong_settings_are_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUI_POS_TILL__NAME", "not allowed!")

    assert cli.main([]) == 2
    told = capsys.readouterr().err
    assert told.startswith("tui-pos: a setting is wrong:\n  till.name is 'not allowed!' (TUI_POS_TILL__NAME)")
    assert "Traceback" not in told


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_settings_file_may_be_named_before_or_after_the_command(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    option = ["--config", "/absent.toml"]
    assert cli.main([*option, "settings"] if place == "before" else ["settings", *option]) == 2
    assert capsys.readouterr().err == "tui-pos: /absent.toml: there is no such file\n"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OSError(28, "No space left on device"), "The disk is full. Make room on it, then do it again."),
        (
            OSError(13, "Permission denied", "/x"),
            "/x: Permission denied. See to the rights there, or name another place.",
        ),
        (OSError(2, "No such file or directory", "/x"), "/x: No such file or directory"),
        (TimeoutError("slow"), "slow"),
        (bootstrap.StartError("The disk is full."), "The disk is full."),
        (
            ZeroDivisionError("odd\n  thing"),
            "The program failed (ZeroDivisionError: odd thing). What was saved is safe. "
            "Please report this, and what you did.",
        ),
    ],
)
def test_a_failure_is_one_line(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str], failure: Exception, told: str
) -> None:
    stand_in.failure = failure
    assert cli.main([]) == 1
    assert capsys.readouterr().err == f"tui-pos: {told}\n"


def test_interrupting_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_language: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run_demo", interrupted)
    assert cli.main(["demo"]) == 130


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["dance"])
    assert left.value.code == 2
    assert "invalid choice: 'dance'" in capsys.readouterr().err


def test_settings_shows_each_value_with_its_origin_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUI_POS_DATABASE__URL", "postgresql://till:{password}@db/shop")
    monkeypatch.setenv("TUI_POS_SECRET_DATABASE_PASSWORD", "hunter2")

    assert cli.main(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "till.name\ttill1\tdefault" in lines
    assert "database.url\tpostgresql+psycopg://till:{password}@db/shop\tTUI_POS_DATABASE__URL" in lines
    assert lines[-1] == "secret database-password\t********\tvariable TUI_POS_SECRET_DATABASE_PASSWORD"


def test_settings_is_a_table_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "dumb")
    assert cli.main(["settings"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["setting", "value", "from"]
    assert ["till.name", "till1", "default"] in lines


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from tui_pos import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'textual', 'sqlalchemy', 'pydantic', 'rich', 'babel', 'serial', 'escpos', 'keyring'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    assert "devices" in done.stdout


def test_the_counter_imports_nothing_that_its_first_screen_does_not_need() -> None:
    """Each of these would take some of its start, and stay in its memory."""
    code = (
        "import sys, tui_pos.cli, tui_pos.running, tui_pos.app\n"
        "heavy = {'alembic', 'argon2', 'biip', 'cryptography', 'escpos', 'fpdf', 'keyring', 'PIL', 'psycopg',"
        " 'barcode', 'pydantic_settings', 'qrcode', 'serial', 'sqlalchemy.dialects.postgresql', 'wcwidth', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"tui-pos {version('tui-pos')}\n"


def test_devices_without_devices(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["devices", "--seconds", "0"]) == 0
    told = capsys.readouterr().out
    assert "Printer: none in the settings (printer.kind)" in told
    assert "Scanner: none on a serial line (scanner.kind)" in told


def test_a_test_page_needs_a_printer() -> None:
    assert cli.main(["devices", "--seconds", "0", "--print"]) == 1


@pytest.fixture
def both_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_PRINTER__KIND", "simulated")
    monkeypatch.setenv("TUI_POS_SCANNER__KIND", "serial")
    monkeypatch.setenv("TUI_POS_SCANNER__PORT", "/dev/ttyS9")


@pytest.mark.usefixtures("both_devices")
def test_devices_shows_what_arrives_and_prints(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in.events = [
        ScannerState(connected=True, source="/dev/ttyS9"),
        Scan("5449000000996", 0.0, "/dev/ttyS9"),
        Scan("]C10105449000000996\x1d10A1", 0.0, "/dev/ttyS9"),
        Scan("5449000000997", 0.0, "/dev/ttyS9"),
    ]

    assert cli.main(["devices", "--seconds", "0", "--print"]) == 0
    told = capsys.readouterr().out
    assert "Printer: the test page was printed" in told
    assert "/dev/ttyS9 is open" in told
    assert "Scanner: '5449000000996' → gtin 05449000000996\n" in told
    assert "gtin 05449000000996, lot A1\n" in told
    assert "'5449000000997' cannot be sold by: 5449000000997 has a wrong check digit" in told
    assert "1.234,50" in "".join(stand_in.printer.paper)


@pytest.mark.usefixtures("both_devices")
def test_devices_that_do_not_work_fail_the_command(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.printer.fail(Fault.NO_PAPER)
    stand_in.events = [ScannerState(False, "/dev/ttyS9", ScannerFault.MISSING, "No such file or directory")]

    assert cli.main(["devices", "--seconds", "0", "--print"]) == 1
    told = capsys.readouterr().out
    assert "out of paper" in told
    assert "/dev/ttyS9: not there (No such file or directory)" in told


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_the_test_page_fits_every_paper(columns: int) -> None:
    from hardware.document import to_text

    text = to_text(make_test_page("Shop", dt.datetime(2026, 2, 4, 16, 5, tzinfo=dt.UTC)), columns)
    assert "2026-02-04 16:05" in text


@pytest.fixture
def goods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "goods.csv"
    path.write_text(
        "code,what,price\n5449000000996,Cola,1.20\n5449000000997,Cola that is not,1.20\nT1,Tea,2\n"
    )
    return path


MAPPED = ("--map", "barcodes=code", "--map", "name=what")


def test_a_catalogue_goes_in_and_out(goods: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["catalogue", "import", str(goods), *MAPPED]) == 0
    told = capsys.readouterr()
    assert told.out == (
        "Products added: 3, changed: 0, left as they were: 0.\n"
        "Lines in the file: 4. Header: 1, taken: 3, rejected: 0, passed over: 0, empty: 0.\n"
    )
    assert "1 barcode has a wrong check digit (5449000000997, line 3)" in told.err

    assert cli.main(["catalogue", "export"]) == 0
    assert "written to catalogue.csv" in capsys.readouterr().out
    assert "Cola" in (tmp_path / "catalogue.csv").read_text()
    before = goods.read_text()
    assert cli.main(["catalogue", "export", str(goods)]) == 1
    assert f"{goods} is there already: name another file" in capsys.readouterr().err
    assert goods.read_text() == before
    assert cli.main(["catalogue", "export", str(goods), "--force"]) == 0
    assert cli.main(["catalogue", "export", "/nope/x.csv"]) == 1
    assert capsys.readouterr().err == "tui-pos: /nope is not there.\n"


@pytest.mark.usefixtures("books")
def test_a_dry_run_changes_nothing(goods: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["catalogue", "import", str(goods), *MAPPED, "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("Nothing was changed. Products to add: ")
    assert cli.main(["catalogue", "export", "out.csv"]) == 0
    assert "Cola" not in (tmp_path / "out.csv").read_text()


def test_rejected_lines_are_told(goods: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goods.write_text("sku,name,price\nA,Apple,1.00\nB,Bread,one\nA,Apple,1.10\nC,Can,0\n")
    assert cli.main(["catalogue", "import", str(goods)]) == 3
    told = capsys.readouterr()
    assert "added: 2" in told.out
    assert "Lines in the file: 5. Header: 1, taken: 3, rejected: 1, passed over: 0, empty: 0." in told.out
    assert "1 line was of a product that came more than once." in told.out
    assert "1 line was rejected" in told.err
    assert "goods.rejected.csv" in told.err
    assert "1 product costs nothing (SKU C, line 5)" in told.err


UNSURE = "sku,name,barcodes,price\nA,Nut,9520000000011,0.125\nB,Bolt,,1.50\nC,Cup,9520000000011,2.00\n"


@pytest.mark.usefixtures("books")
def test_what_is_asked_about_a_file_can_be_said_beforehand(
    goods: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goods.write_text(UNSURE)
    asked = ["catalogue", "import", str(goods), "--force", "--dry-run"]
    assert cli.main(asked) == 3
    told = capsys.readouterr()
    assert "These lines are rejected; --decimals round rounds them." in told.err
    assert "to add: 2" in told.out  # nobody else claims the barcode once the first line is rejected
    assert cli.main([*asked, "--decimals", "refuse"]) == 3
    assert "--decimals" not in capsys.readouterr().err
    assert cli.main([*asked, "--decimals", "round"]) == 3
    told = capsys.readouterr()
    assert "1 price was rounded (0.125, line 2)." in told.err
    assert (
        "is another product's (9520000000011, line 4). These lines are rejected; --same-barcode" in told.err
    )
    assert cli.main([*asked, "--decimals", "round", "--same-barcode", "without"]) == 0
    assert (
        "1 barcode was left out, since another product has it (9520000000011, line 4)."
        in capsys.readouterr().err
    )


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(("answers", "code"), [("y\nYes\n", 0), ("\n\n", 3), ("n\n", 3), ("", 3)])
def test_on_a_terminal_it_is_asked_once(
    goods: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: str, code: int
) -> None:
    goods.write_text(UNSURE)
    typed = io.StringIO(answers)
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert cli.main(["catalogue", "import", str(goods), "--force", "--dry-run"]) == code
    told = capsys.readouterr().err
    assert "Round to the nearest amount? Else these lines are rejected. [y/N] " in told
    assert ("Take these products without it?" in told) == (code == 0)


@pytest.mark.usefixtures("books")
def test_how_a_file_was_read_is_said_once(goods: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goods.write_bytes(
        "Handle;Title;Option1 Value;Variant SKU;Variant Price;Variant Taxable\ntee;Thé;;T;1,00;x\n".encode(
            "cp1252"
        )
    )
    assert cli.main(["catalogue", "import", str(goods), "--dry-run"]) == 0
    told = capsys.readouterr().err
    assert told.count("The file was read as Windows-1252.") == 1
    assert "taken for products of Shopify: sku = Variant SKU, name = Title, price = Variant Price." in told
    assert "Taxes were not taken from the file (Variant Taxable)" in told
    assert cli.main(["catalogue", "import", str(goods), "--dry-run", "--encoding", "cp1252"]) == 0
    assert "was read as" not in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["catalogue", "import", str(goods), "--encoding", "rot13"])
    assert "rot13 is no encoding of texts" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["x"], ["=x"], ["sku="]])
def test_a_mapping_has_two_sides(goods: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["catalogue", "import", str(goods), "--map", *wrong])
    assert left.value.code == 2
    assert "is not of the form OURS=THEIRS" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["catalogue", "import", "/absent.csv"]) == 1
    assert capsys.readouterr().err == "tui-pos: /absent.csv cannot be opened: No such file or directory.\n"


def test_catalogue_alone_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["catalogue"])
    assert left.value.code == 2


def test_rejected_lines_go_where_they_are_told(
    goods: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goods.write_text("sku,name,price\nB,Bread,one\n")
    asked = ["catalogue", "import", str(goods), "--rejected", str(tmp_path / "bad.csv")]
    assert cli.main(asked) == 3
    assert capsys.readouterr().err == f"1 line was rejected; it and the reason are in {tmp_path}/bad.csv.\n"
    assert cli.main(asked) == 1
    assert "bad.csv is there already: name another file" in capsys.readouterr().err
    assert cli.main([*asked, "--force"]) == 3

    assert cli.main(["catalogue", "import", str(goods), "--rejected", "/absent/bad.csv"]) == 1
    assert "/absent is not there." in capsys.readouterr().err


@pytest.mark.usefixtures("books")
def test_corrections_among_the_rejected_lines_are_not_written_over(
    goods: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["catalogue", "import", str(goods)]
    goods.write_text("sku,name,price\nA,Apple,1.00\nB,Bread,one\n")
    first = tmp_path / "goods.rejected.csv"
    for further in (["--dry-run"], []):  # the same lines need no second file
        assert cli.main([*asked, *further]) == 3
        assert [path.name for path in tmp_path.glob("goods.rejected*")] == ["goods.rejected.csv"]
    mended = first.read_text().replace("one", "1.00")
    first.write_text(mended)
    capsys.readouterr()
    assert cli.main(asked) == 3
    assert "are in goods.rejected-2.csv." in capsys.readouterr().err.replace(f"{tmp_path}/", "")
    assert first.read_text() == mended
    assert "Bread,one" in (tmp_path / "goods.rejected-2.csv").read_text()
    assert cli.main([*asked, "--force"]) == 3
    assert "Bread,one" in first.read_text()

    goods.write_text("sku,name,price\nA,Apple,1.00\nB,Bread,1.00\n")
    capsys.readouterr()
    assert cli.main(asked) == 0
    assert capsys.readouterr().err == f"No line was rejected this time: {first} is of an earlier import.\n"


@pytest.fixture
def books(stand_in: StandIn) -> None:
    """A shop of no settings that was opened before."""
    bootstrap.open_database(load_checked(None), make=True).dispose()


def told_by(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """What a command prints that succeeds, line by line."""
    assert cli.main(words) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("books")
def test_taxes_are_listed_changed_and_added(capsys: pytest.CaptureFixture[str]) -> None:
    listed = told_by(capsys, "taxes")
    assert "standard\tStandard rate\ttaxed\t23%\t2021-03-01\tin force" in listed
    assert "zero\tZero rate\tzero_rated\t\t\t" in listed

    told = told_by(capsys, "taxes", "set", "Standard", "24,5", "--from", "2101-01-31")
    assert told == ["Tax class standard is 24.5% from 2101-01-31 on."]
    assert "standard\tStandard rate\ttaxed\t24.5%\t2101-01-31\t" in told_by(capsys, "taxes")

    told_by(capsys, "taxes", "add", "spirits", "Spirits", "--kind", "taxed", "30", "--from", "2001-01-01")
    told_by(capsys, "taxes", "add", "books", "Books", "--kind", "exempt")
    listed = told_by(capsys, "taxes")
    assert "spirits\tSpirits\ttaxed\t30%\t2001-01-01\tin force" in listed
    assert "books\tBooks\texempt\t\t\t" in listed


@pytest.mark.usefixtures("books")
def test_a_rate_holds_from_today_where_no_day_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    late = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(bootstrap, "utc_now", lambda: late)
    monkeypatch.setenv("TUI_POS_SHOP__TIMEZONE", "Pacific/Auckland")
    told = told_by(capsys, "taxes", "set", "standard", "24")
    assert told == ["Tax class standard is 24% from 2026-03-02 on."]
    assert "standard\tStandard rate\ttaxed\t24%\t2026-03-02\tin force" in told_by(capsys, "taxes")


@pytest.mark.usefixtures("books")
def test_a_preset_adds_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert told_by(capsys, "taxes", "preset") == [
        "There was nothing to add: what the shop set itself stays as it is."
    ]
    assert told_by(capsys, "taxes", "preset", "no") == ["New classes or rates: food."]
    assert cli.main(["taxes", "preset", "xx"]) == 1
    assert "There is no tax preset for 'XX'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["set", "standard", "much"], "much is no percentage, such as 25 or 8.875"),
        (["set", "standard", "24", "--from", "soon"], "soon is no day, such as 2027-01-31"),
        (["add", "Spirits!", "Spirits", "--kind", "exempt"], "Spirits! is no code for a tax class"),
        (["add", "spirits", " ", "--kind", "exempt"], "a name of 1 to 80 letters is needed"),
        (["add", "spirits", "Spirits", "--kind", "odd"], "odd is none of taxed, zero_rated, exempt"),
        (["add", "spirits", "Spirits", "--kind", "taxed"], "--kind taxed needs one percentage"),
        (["add", "spirits", "Spirits", "--kind", "taxed", "-"], "- is no percentage"),
        (["add", "spirits", "Spirits", "--kind", "exempt", "5"], "every other kind none"),
    ],
)
def test_wrong_words_about_taxes_are_refused_before_anything_is_opened(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["taxes", *words])
    assert left.value.code == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / ".local").exists()


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("words", [["set", "odd", "5"], ["set", "zero", "5"], ["set", "standard", "101"]])
def test_rates_that_cannot_be_are_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["taxes", *words]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_secret_is_read_from_a_pipe_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("keyring.get_keyring", lambda: SimpleNamespace(priority=0))
    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter 2\nnot this\n"))
    assert cli.main(["secret", "set", "database-password"]) == 0
    told = capsys.readouterr()
    path = tmp_path / ".config/tui-pos/secrets/database-password"
    assert (told.out, told.err) == (f"database-password is kept here: file {path}\n", "")
    assert path.read_text() == "hunter 2\n"


def test_a_secret_is_typed_without_echo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompt.partition(" ")[0] + "-typed")
    monkeypatch.setattr("config.secrets.store_secret", lambda name, value: stored.append((name, value)))
    assert cli.main(["secret", "set", "database-password"]) == 0
    assert stored == [("database-password", "database-password-typed")]


def test_only_secrets_that_are_used_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["secret", "set", "pin"]) == 2
    assert capsys.readouterr().err == "tui-pos: There is no secret pin. There are: database-password\n"


@pytest.mark.parametrize("words", [["taxes", "add"], ["secret"], ["receipt"], ["catalogue", "import"]])
def test_half_a_command_is_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 2


@pytest.mark.parametrize(
    "words",
    [
        "sales",
        "receipt 17 --print",
        "x --print",
        "z",
        "z --list",
        "export beancount --from 2026-11-01 --to 2026-11-30 --out zs.txt",
        "journal verify",
        "journal archive 2026-11-01 2026-11-30",
        "journal keys",
        "journal new-key",
        "backup .",
        "restore shop.db new.db --as Ann",
        "catalogue export",
        "catalogue unknown --clear",
        "catalogue import goods.csv --dry-run",
        "taxes",
        "taxes set standard 24",
        "staff list",
        "staff role seller --may sell",
        "init --no-input --as Ann",
    ],
)
def test_only_who_begins_a_shop_makes_its_books(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped address must not become an empty shop, nor its key the one that this machine remembers."""
    file = tmp_path / "mistyped" / "shop.db"
    monkeypatch.setenv("TUI_POS_DATABASE__URL", f"sqlite:///{file}")
    monkeypatch.chdir(tmp_path)
    assert cli.main(words.split()) == 2
    told = capsys.readouterr()
    assert told.err == (
        f"tui-pos: There is no database at sqlite:///{file} (database.url, TUI_POS_DATABASE__URL), so there are no "
        "books to use. Nothing was made. Put database.url right; a new shop is begun by: tui-pos init\n"
    )
    assert (told.out, list(tmp_path.iterdir())) == ("", [])


@pytest.mark.usefixtures("books")
def test_a_receipt_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["receipt", "17"]) == 1
    assert capsys.readouterr().err == "tui-pos: There is no receipt 17 at this till.\n"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            {"CASH_ROUNDING": "0.001"},
            "shop.cash_rounding is '0.001' (TUI_POS_SHOP__CASH_ROUNDING): "
            "allowed is currency, none, or a multiple of 0.01, the smallest amount of EUR",
        ),
        (
            {"CASH_ROUNDING": "0.5", "CURRENCY": "jpy"},
            "shop.cash_rounding is '0.5' (TUI_POS_SHOP__CASH_ROUNDING): "
            "allowed is currency, none, or a multiple of 1, the smallest amount of JPY",
        ),
        (
            {"CURRENCY": "ABC"},
            "shop.currency is 'ABC' (TUI_POS_SHOP__CURRENCY): "
            "allowed is a currency of ISO 4217, such as EUR, SEK or GBP",
        ),
    ],
)
def test_what_the_currency_does_not_have_is_a_wrong_setting(
    variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"TUI_POS_SHOP__{name}", value)
    for words in ([], ["settings"], ["taxes"]):
        assert cli.main(words) == 2
        assert capsys.readouterr().err == f"tui-pos: a setting is wrong:\n  {told}\n"


@pytest.mark.parametrize("words", [["catalogue", "import", "goods.csv"], ["catalogue", "export"], ["taxes"]])
def test_no_command_reads_prices_in_another_currency(
    words: list[str], goods: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["catalogue", "import", str(goods), *MAPPED]) == 0
    monkeypatch.setenv("TUI_POS_SHOP__CURRENCY", "JPY")
    assert cli.main(words) == 2
    told = capsys.readouterr().err
    assert "shop.currency is 'JPY' (TUI_POS_SHOP__CURRENCY): the prices in the database sqlite:" in told
    assert "shop.db are in EUR, and would be read as JPY. Set EUR;" in told


def test_settings_that_are_not_wrong_may_need_a_note(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUI_POS_SHOP__COUNTRY", "BR")
    assert cli.main(["settings"]) == 0
    told = capsys.readouterr()
    assert "shop.country\tBR\tTUI_POS_SHOP__COUNTRY" in told.out
    assert told.err.startswith("There are no tax rates for shop.country BR in the program")
