"""CSV files that are handed out: the one place where a text that a spreadsheet would obey is made harmless.

A cell that begins with one of these characters is a formula to Excel, LibreOffice or Sheets, and may fetch, send or run
something (OWASP, "CSV Injection"). An apostrophe before it makes it text. Numbers stay numbers.

The tables in an archive of the journal are written by `journal.verify_archive.plain`, which must stand alone and holds
the same rule.
"""

import csv
import re
from collections.abc import Sequence
from typing import TextIO

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


def guarded(cell: str) -> str:
    """`cell`, behind an apostrophe where a spreadsheet would take it for a formula. `restored` gives it back.

    So does a text that has an apostrophe there already get one more: else it would lose its own.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def restored(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


class CsvWriter:
    """Writes rows of guarded cells as RFC 4180 wants them: quotes where needed, doubled within."""

    def __init__(self, out: TextIO, *, delimiter: str = ",", line_end: str = "\r\n") -> None:
        self._writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""
        self._writer.writerow([guarded(cell) for cell in cells])
