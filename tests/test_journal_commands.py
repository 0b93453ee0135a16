"""`tui-pos journal …` as it is typed in a shell."""

import subprocess
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import text

from tests.rigs.days import small_books
from tui_pos import cli
from tui_pos.storage.engine import open_engine, writing


@pytest.fixture
def books(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Books of some days that were closed without a key, as the program's own settings find them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TUI_POS_DATABASE__URL", f"sqlite:///{tmp_path / 'shop.db'}")
    monkeypatch.setattr(keyring, "get_keyring", NoKeyring)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    small_books(engine)
    engine.dispose()
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["journal", *arguments])
    output = capsys.readouterr()
    return code, output.out, output.err


def test_whole_books(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "verify")
    assert (code, err) == (0, "")
    assert out.startswith("till1: ")
    assert out.endswith("The journal is whole, and the books say what it says.\n")
    assert told(capsys, "verify", "--till", "till1")[0] == 0


def test_books_that_somebody_changed(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = open_engine(f"sqlite:///{books / 'shop.db'}")
    with writing(engine) as session:
        session.execute(text("DROP TRIGGER sale_no_update"))
        session.execute(text("UPDATE sale SET gross_minor = gross_minor - 100 WHERE number = 3"))
    engine.dispose()
    code, out, err = told(capsys, "verify")
    assert (code, out) == (1, "")
    assert err.startswith(
        "tui-pos: Journal of till1, stream receipts, entry 3: column gross_minor of its row"
    )


def test_a_lost_key_a_new_one_and_an_archive(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rig's keys were in memory: to these commands they are lost."""
    code, out, err = told(capsys, "keys")
    assert (code, len(out.splitlines())) == (3, 2)
    assert "tui-pos journal new-key" in err
    code, _out, err = told(capsys, "archive", "2026-03-02", "2026-03-03")
    assert code == 1
    assert "cannot be read here" in err
    assert not list(books.glob("*.zip"))

    code, out, _err = told(capsys, "new-key")
    assert code == 0
    first = secret_file(books)
    assert f"key {first.name.removeprefix('signing-key-')}" in out
    assert first.stat().st_mode & 0o777 == 0o600
    assert "the signing key was lost" in told(capsys, "verify")[2]
    assert told(capsys, "new-key")[0] == 0
    assert secret_file(books) != first  # the old one is thrown away

    code, out, _err = told(capsys, "archive", "2026-03-02", "2026-03-03")
    assert code == 0
    assert "journal-till1-2026-03-02-2026-03-03.zip, signed by key" in out
    code, source, _err = told(capsys, "verifier")
    (books / "verify_archive.py").write_text(source)
    name = "journal-till1-2026-03-02-2026-03-03.zip"
    key = told(capsys, "keys")[1].splitlines()[-1].split("\t")[0]
    command = [sys.executable, "-I", "verify_archive.py", name, "--key", key]
    done = subprocess.run(command, cwd=books, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"signed by key {key}" in done.stdout


def secret_file(books: Path) -> Path:
    (file,) = (books / ".config" / "tui-pos" / "secrets").iterdir()
    return file


@pytest.mark.parametrize(
    "arguments", [("archive", "2026-03-02"), ("archive", "march", "april"), (), ("dance",)]
)
def test_wrong_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["journal", *arguments])
    assert left.value.code == 2
    assert capsys.readouterr().err


def test_days_in_the_wrong_order(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _out, err = told(capsys, "archive", "2026-03-03", "2026-03-02")
    assert (code, err) == (1, "tui-pos: The last day comes before the first. Nothing was written.\n")
