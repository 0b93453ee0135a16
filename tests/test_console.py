"""Tables as a terminal of 80 columns shows them."""

import sys

import pytest

from tui_pos.console import print_table

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


def test_what_a_pipe_gets_is_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("code", "amount"), [("=17.10", "-5.00 EUR"), ("-3", "")], right=(1,))
    assert capsys.readouterr().out == "'=17.10\t-5.00 EUR\n-3\t\n"
