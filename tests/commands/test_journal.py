"""`tui-pos journal …` as it is typed in a shell."""

import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import text

from tests.rigs.days import small_books
from tui_pos import cli
from tui_pos.bootstrap import utc_now
from tui_pos.commands.journal import MIN_KEY_CHARACTERS
from tui_pos.journal import signing, trust, verify_archive
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
    assert told(capsys, "new-key")[0] == 0
    code, out, err = told(capsys, "verify")
    assert (code, out.splitlines()[-1]) == (0, "The journal is whole, and the books say what it says.")
    assert out.startswith("till1: ")
    assert "on 20" in err  # the rig's keys were in memory, so the new one follows a loss
    assert len(set(keys(books)) & set(out.split())) == 3
    assert told(capsys, "verify", "--till", "till1")[0] == 0


def keys(books: Path) -> list[str]:
    """The ids of all keys, oldest first."""
    with closing(sqlite3.connect(books / "shop.db")) as connection:
        rows = connection.execute("SELECT body FROM journal_entry WHERE event = 'new_key' ORDER BY seq")
        return [json.loads(body)["data"]["key"] for (body,) in rows]


def test_the_key_that_was_noted_down(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Books made anew with another key are whole, too: only what is known outside of them tells."""
    code, _out, err = told(capsys, "verify")
    assert (code, "cannot tell whether it is the shop's own" in err) == (3, True)
    first, second = keys(books)
    assert told(capsys, "verify", "--key", first)[::2] == (0, "")
    assert told(capsys, "verify", "--key", second[:16].upper())[::2] == (0, "")
    assert told(capsys, "verify", "--key", "0" * 64, "--key", first)[0] == 0
    code, _out, err = told(capsys, "verify", "--key", "0" * 64)
    assert (code, "does not vouch for them" in err) == (1, True)
    assert told(capsys, "new-key")[0] == 0  # the old one is lost, and vouches for nothing any more
    code, _out, err = told(capsys, "verify", "--key", "0" * 64, "--key", first)
    assert (code, f"key {first} vouches for them up to closure 2 (0 is none). By 20" in err) == (1, True)
    assert f"nothing vouches for what came after, which key {keys(books)[-1]} signs" in err
    assert "another key made them" not in err
    ones, zeros = "1" * 64, "0" * 64
    assert (
        f"none of the keys {ones}, {zeros} vouches"
        in told(capsys, "verify", "--key", ones, "--key", zeros)[2]
    )
    assert told(capsys, "verify", "--key", keys(books)[-1])[0] == 0
    with pytest.raises(SystemExit):
        cli.main(["journal", "verify", "--key", first[:15]])
    assert MIN_KEY_CHARACTERS == trust.MIN_KEY_CHARACTERS


def test_books_that_another_machine_signed(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "new-key")[0] == 0
    engine = open_engine(f"sqlite:///{books / 'shop.db'}")
    with writing(engine) as session:
        signing.new_key(session, "till1", signing.KeysInMemory(), "eve", utc_now())
    engine.dispose()
    lost, newest = keys(books)[-2:]
    code, out, err = told(capsys, "verify")
    assert (code, "The journal is whole" in out) == (3, True)
    assert f"this machine last signed with key {lost}, and by these books the newest key is {newest}" in err
    assert f"by these books key {lost[:16]} was lost on" in err
    assert "but this machine still has it" in err


def test_a_guard_that_was_taken_away_is_told(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "new-key")[0] == 0
    with closing(sqlite3.connect(books / "shop.db")) as connection:
        connection.execute("DROP TRIGGER sale_no_update")
        connection.execute("DROP TRIGGER closure_no_delete")
        connection.execute("CREATE TRIGGER closure_no_delete BEFORE DELETE ON closure BEGIN SELECT 1; END")
    code, _out, err = told(capsys, "verify")
    assert code == 3
    assert "does not guard these tables any more, somebody removed its triggers: closure, sale\n" in err


def test_nothing_to_prove(books: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        told(capsys, "verify", "--till", "nonsense")
    assert left.value.code == 2
    assert "these books have no till nonsense. They have: till1\n" in capsys.readouterr().err
    (books / "shop.db").write_bytes(sqlite_template.read_bytes())
    assert told(capsys, "verify") == (3, "There is nothing to prove: these books are empty.\n", "")


def test_looking_at_the_keys_makes_none(
    books: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (books / "shop.db").write_bytes(sqlite_template.read_bytes())
    assert told(capsys, "keys") == (3, "", "till1 has no key yet: the first Z makes it.\n")
    assert keys(books) == []
    assert not (books / ".config").exists()


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
    (file,) = (books / ".config" / "tui-pos" / "secrets").glob("signing-key-*")
    return file


def test_no_file_is_replaced_unasked(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "new-key")[0] == 0
    days = ("archive", "2026-03-02", "2026-03-03", "--out")
    assert told(capsys, *days, "a.zip")[0] == 0
    code, _out, err = told(capsys, *days, "a.zip")
    assert (code, "a.zip is there already" in err) == (1, True)
    assert told(capsys, *days, "a.zip", "--force")[0] == 0
    (books / "link.db").symlink_to(books / "shop.db")
    before = (books / "shop.db").read_bytes()
    for name in ("shop.db", "link.db", "shop.db-wal"):
        code, _out, err = told(capsys, *days, name, "--force")
        assert (code, "is the database" in err) == (1, True)
    assert "is a folder" in told(capsys, *days, str(books), "--force")[2]
    assert (books / "shop.db").read_bytes() == before


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [("0001-01-01", "9999-12-31", 0), ("9999-12-31", "9999-12-31", 3), ("0001-01-01", "0001-01-01", 3)],
)
def test_all_days_that_there_are(
    books: Path, capsys: pytest.CaptureFixture[str], first: str, last: str, code: int
) -> None:
    assert told(capsys, "new-key")[0] == 0
    done, _out, err = told(capsys, "archive", first, last, "--out", "all.zip")
    assert (done, "proves only that" in err) == (code, code == 3)
    with (books / "all.zip").open("rb") as file:
        manifest = verify_archive.check(file).manifest
    assert manifest["streams"]["receipts"]["count"] == (0 if code else 14)


@pytest.mark.parametrize(
    "arguments", [("archive", "2026-03-02"), ("archive", "march", "april"), (), ("dance",)]
)
def test_wrong_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["journal", *arguments])
    assert left.value.code == 2
    assert capsys.readouterr().err


def test_days_in_the_wrong_order(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        told(capsys, "archive", "2026-03-03", "2026-03-02")
    assert left.value.code == 2
    assert "the last day comes before the first" in capsys.readouterr().err


@pytest.mark.leaps
def test_a_clock_far_ahead_is_asked_about(
    books: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cron cannot be asked: it books nothing, and says by which command somebody answers."""
    code, _out, err = told(capsys, "new-key")
    assert code == 1
    assert "days after the newest entry of the journal (2026-03-04), so nothing was done." in err
    assert "tui-pos journal clock" in err
    assert len(keys(books)) == 2

    answers = (("1999", 3), ("", 3), (str(utc_now().year), 0), ("", 0))
    for answer, code in answers:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer}\n"))
        assert told(capsys, "clock")[0] == code
    assert told(capsys, "new-key")[0] == 0
    assert told(capsys, "verify")[0] == 0
    with closing(sqlite3.connect(books / "shop.db")) as connection:
        said = "SELECT actor FROM journal_entry WHERE event = 'clock_confirmed'"
        ((actor,),) = connection.execute(said).fetchall()
    assert actor.startswith("shell:")
