"""`tui-pos backup` and `tui-pos restore`, as a shell, cron and the running till use them."""

import datetime as dt
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.settings import Settings
from tests.rigs.books import check_books
from tests.rigs.days import Days
from tests.rigs.disks import small_disk
from tests.rigs.people import OWNER
from tests.rigs.shop import TILL, stock_shop
from tui_pos import cli
from tui_pos.keeping.backup import back_up
from tui_pos.keeping.schedule import command
from tui_pos.storage.engine import open_engine, writing

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(days: Days, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [*(n for n in os.environ if n.startswith(("TUI_POS_", "XDG_", "SSH_"))), "LC_ALL", "LANG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    file = tmp_path / "shop.toml"
    file.write_text(
        f'[database]\nurl = "{days.engine.url.render_as_string(hide_password=False)}"\n'
        f'[backup]\nfolders = ["{folder}", "{tmp_path}/gone"]\nkeep = 2\n'
    )
    return file


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main([*words, "--config", str(config)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".db", ".dump"))


def test_there_and_back(days: Days, run: Run, folder: Path, tmp_path: Path) -> None:
    code, out, err = run("backup")
    (file,) = files(folder)
    assert code == 0
    assert out.startswith(f"Backup: {file} (")
    assert out.endswith("The last receipt in it: till1-000006, 2026-03-03 09:00\n")
    assert err == f"No backup in {tmp_path}/gone: it is not there.\n"
    assert "[backup]" in file.with_suffix(".toml").read_text()
    if days.engine.dialect.name == "postgresql":
        return  # tests/keeping/test_restore.py

    code, out, _err = run("restore", str(file), str(tmp_path / "new.db"))
    assert code == 0
    (lines,) = re.findall(r"\n\n(.*?)\n\n", out, re.DOTALL)  # what can be put into the settings as it stands
    assert tomllib.loads(lines) == {"database": {"url": f"sqlite:///{tmp_path}/new.db"}}
    Settings.model_validate(tomllib.loads(lines))
    assert f"The settings of then are in {file.with_suffix('.toml')}." in out
    engine = open_engine(f"sqlite:///{tmp_path}/new.db")
    assert check_books(engine) == check_books(days.engine)
    engine.dispose()
    code, out, err = run("restore", str(file), str(tmp_path / "new.db"))
    assert (code, out) == (1, "")
    assert err.endswith("new.db is there already. Nothing was changed: name a new place.\n")


def test_back_on_a_new_machine(sqlite_engine: Engine, tmp_path: Path, run_new: Run) -> None:
    """To a folder that nobody has made yet, and by an address as the program itself prints it."""
    stock_shop(sqlite_engine)
    (file,) = back_up(sqlite_engine, TILL, [tmp_path], OWNER, dt.datetime.now(dt.UTC), keep=1).files
    for number, place in enumerate((f"{tmp_path}/a/b/shop.db", f"sqlite:///{tmp_path}/c/shop.db")):
        code, out, err = run_new("restore", str(file), place)
        assert (code, err) == (0, ""), number
        made = Path(place.removeprefix("sqlite:///"))
        assert f'url = "sqlite:///{made}"' in out
        assert (made.stat().st_mode & 0o077, made.parent.stat().st_mode & 0o077) == (0, 0)
    code, _out, err = run_new("restore", str(file), "mysql://server/shop")
    assert (code, "neither a file nor" in err) == (1, True)


@pytest.fixture
def run_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Without settings and books."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main([*words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_files_that_are_not_what_they_should_be(run: Run, run_new: Run, tmp_path: Path) -> None:
    code, _out, err = run_new("restore", "/nonexist", str(tmp_path / "new.db"))
    assert (code, err) == (1, "tui-pos: The backup /nonexist cannot be read: it is not there.\n")
    code, _out, err = run("backup", "/etc/passwd")
    assert (code, err) == (1, "tui-pos: No backup was made.\n  /etc/passwd: it is no folder\n")


def test_to_folders_that_are_named(run: Run, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert run("backup", str(other))[0] == 0
    assert (len(files(other)), files(folder)) == (1, [])
    code, out, err = run("backup", str(tmp_path / "gone"))
    assert (code, out) == (1, "")
    assert err == f"tui-pos: No backup was made.\n  {tmp_path}/gone: it is not there\n"


@pytest.mark.parametrize("words", [("backup", ""), ("restore", "books.db", ""), ("restore", "", "new.db")])
def test_an_empty_name_is_not_the_current_folder(
    words: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a variable that is not set: `tui-pos backup "$STICK"`."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2
    assert not list(here.iterdir())


def test_books_that_are_not_whole_have_a_code_of_their_own(
    days: Days, run: Run, folder: Path, tmp_path: Path
) -> None:
    with writing(days.engine) as session:
        if days.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE sale DISABLE TRIGGER sale_no_change"))
        else:
            session.execute(text("DROP TRIGGER sale_no_update"))
        session.execute(text("UPDATE sale SET gross_minor = 7 WHERE number = 2"))
    code, _out, err = run("backup")
    assert code == 3
    assert "The books are not whole: Journal of till1, stream receipts, entry 2" in err
    if days.engine.dialect.name == "sqlite":
        (file,) = files(folder)
        code, _out, err = run("restore", str(file), str(tmp_path / "new.db"))
        assert code == 3
        assert "Look for a better backup" in err


def test_a_folder_that_never_was_there_is_told_by_the_schedule(
    run: Run, config: Path, folder: Path, tmp_path: Path
) -> None:
    told = f"There is no backup in {tmp_path}/gone yet: the folder is not there.\n"
    for _time in range(2):
        code, _out, err = run("backup", "--scheduled")
        assert (code, err) == (4, told)
        assert len(files(folder)) == 1


def test_what_the_till_runs(config: Path, folder: Path, tmp_path: Path) -> None:
    """A program of its own, with the settings of the till, at the lowest priority; twice is once."""
    (tmp_path / "gone").mkdir()
    for _time in range(2):
        done = subprocess.run(command(config), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(files(folder)) == 1


def test_a_stick_that_takes_nothing_costs_no_other_folder_its_backups(
    run: Run, config: Path, folder: Path, tmp_path: Path
) -> None:
    """Only what is due is backed up, and what was due and failed is told."""
    stick = tmp_path / "gone"
    stick.mkdir()
    assert run("backup", "--scheduled")[0] == 0
    before = files(folder)
    for file in stick.iterdir():
        file.unlink()
    with small_disk(stick, 64):
        for _time in range(3):
            code, out, err = run("backup", "--scheduled")
            assert (code, out) == (1, "")
            assert err == f"tui-pos: No backup was made.\n  {stick}: the disk there is full\n"
            assert files(folder) == before
        for file in folder.iterdir():
            file.unlink()
        code, _out, err = run("backup", "--scheduled")
        assert (code, len(files(folder))) == (4, 1)
        assert err == f"No backup in {stick}: the disk there is full.\n"


def test_no_secret_lies_beside_a_backup(
    run: Run, config: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = 'a_note = "postgresql://ada:s3cret@server/shop"  # mail: ada@shop.ie'
    monkeypatch.setenv("TUI_POS_SHOP__NAME", "Corner")
    config.write_text(config.read_text() + f"# {hidden}\n")
    assert run("backup")[0] == 0
    kept = files(folder)[0].with_suffix(".toml").read_text()
    assert "s3cret" not in kept
    assert "mail: ada@shop.ie" in kept
    assert "# TUI_POS_SHOP__NAME=Corner" in kept


def test_help_is_there_at_once() -> None:
    """Neither command makes the start of the others slower."""
    program = "import sys, tui_pos.cli; print([m for m in sys.modules if m in ('sqlite3', 'sqlalchemy')])"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
