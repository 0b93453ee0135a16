"""Tables as a terminal of 80 columns shows them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rigs.terminal import PROGRAM
from tui_pos.console import print_table, replace_what_cannot_be_shown
from tui_pos.storage.engine import open_engine
from tui_pos.storage.migrate import upgrade

HEADINGS = ("receipt", "sold at", "cashier", "goods", "amount", "customer")
SALES = [
    ("till1-000017", "2026-03-04 09:12", "Bartholomew Longfellow", "Rye bread 750 g (+3)", "12.50 EUR", ""),
    ("till1-000016", "2026-03-04 09:10", "Ada", "Oat drink 1 l", "1,002.50 EUR", ""),
]


def be_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")


def test_a_row_stays_on_its_line_and_only_words_are_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    be_terminal(monkeypatch)
    print_table(HEADINGS, SALES, right=(4,), cut=(2, 3, 5))
    head, first, second = capsys.readouterr().out.splitlines()
    assert "customer" not in head
    assert first.startswith("till1-000017  2026-03-04 09:12  Bartholo")
    assert first.endswith("     12.50 EUR")
    assert second.endswith("  1,002.50 EUR")

    noted = (*SALES[0][:5], "Room 12, Mrs Rosalind Featherstonehaugh")
    print_table(HEADINGS, [noted, SALES[1]], right=(4,), cut=(2, 3, 5))
    assert [len(line) <= 80 for line in capsys.readouterr().out.splitlines()] == [True] * 3


def test_a_key_is_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    be_terminal(monkeypatch)
    print_table(("key", "since"), [("f" * 64, "2026-03-04")])
    assert f"{'f' * 64}  2026-03-04" in capsys.readouterr().out


# Shells of another encoding

NAME = "Café ☕ −1 नम \u202eturned"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "Caf? ? -1 ?? ?turned"), ("latin-1", "Café ? -1 ?? ?turned"), ("utf-8", NAME)],
)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_letters_that_the_shell_lacks_are_replaced(encoding: str, shown: str, stream: str) -> None:
    code = (
        "import sys; from tui_pos.console import replace_what_cannot_be_shown as f; f(); "
        f"print({NAME!a}, file=sys.{stream})"
    )
    done = run_in_shell(encoding, sys.executable, "-c", code)
    assert getattr(done, stream).decode(encoding) == f"{shown}\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("command", ["settings", "doctor", "x", "receipt", "--help", "dance"])
def test_no_command_ends_over_a_letter(tmp_path: Path, encoding: str, command: str) -> None:
    config = tmp_path / "shop.toml"
    database = f"sqlite:///{tmp_path / 'shop.db'}"
    config.write_text(f'[shop]\nname = "Ærøskøbing ☕"\n[database]\nurl = "{database}"\n', encoding="utf-8")
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    done = run_in_shell(encoding, str(PROGRAM), "--config", str(config), command)
    told = (done.stdout + done.stderr).decode(encoding)
    assert "Unicode" not in told
    assert "failed" not in told
    assert told


def test_a_terminal_shows_no_mark_of_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    main, terminal = os.openpty()
    stream = os.fdopen(terminal, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "__stdout__", stream)
    replace_what_cannot_be_shown()
    print("a\u202eb")
    sys.stdout.close()
    assert os.read(main, 100) == b"ab\r\n"
    os.close(main)


def run_in_shell(encoding: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """A program in a shell of that encoding."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment["PYTHONIOENCODING"] = encoding
    return subprocess.run(arguments, env=environment, capture_output=True, check=False)


def test_what_a_pipe_gets_is_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("code", "amount"), [("=17.10", "-5.00 EUR"), ("-3", "")], right=(1,))
    assert capsys.readouterr().out == "'=17.10\t-5.00 EUR\n-3\t\n"
