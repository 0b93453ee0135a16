"""Cells that no spreadsheet obeys."""

import ast
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_pos
from tui_pos.journal import verify_archive
from tui_pos.storage.csv_files import CsvWriter, guarded, restored

MARKS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "'", "1", ".", "a"])


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("@x", "'@x"), ("-x", "'-x"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
        ("＝1", "'＝1"), ("-", "'-"), ("--100%", "'--100%"), ("-1.5x", "'-1.5x"), ("'=1", "''=1"),
        ("-12.50", "-12.50"), ("-3", "-3"), ("12.50", "12.50"), ("a=", "a="), ("'tis", "'tis"), ("", ""),
    ],
)  # fmt: skip
def test_formulas_become_texts_and_numbers_stay(cell: str, written: str) -> None:
    assert guarded(cell) == written
    assert restored(written) == cell


@given(st.text(MARKS, max_size=6))
def test_what_was_guarded_can_be_had_back(cell: str) -> None:
    assert restored(guarded(cell)) == cell
    assert guarded(cell)[:1] not in tuple("=+@\t\r\n＝")


@given(st.text(MARKS, max_size=6).filter(lambda cell: not cell.startswith("'")))
def test_the_archive_that_stands_alone_holds_the_same_rule(cell: str) -> None:
    assert verify_archive.plain(cell) == guarded(cell)


def test_rows_are_written_whole() -> None:
    out = io.StringIO()
    CsvWriter(out, delimiter=";").row(["=a;b", 'say "hi"', "-1.00"])
    assert out.getvalue() == "'=a;b".join(['"', '"']) + ';"say ""hi""";-1.00\r\n'


def test_nothing_else_writes_csv() -> None:
    """Whoever hands out a CSV file writes it here, but for the archive's own program."""
    package = Path(tui_pos.__file__).parent
    writing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
        if isinstance(node.value, ast.Name) and node.value.id == "csv"
    }
    assert writing == {"storage/csv_files.py", "journal/verify_archive.py"}
