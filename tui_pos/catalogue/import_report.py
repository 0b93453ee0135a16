"""What an import tells: how the file was read, where its lines went, and what was found doubtful in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was taken in although it looks like a mistake: the first (line of the file), and how many."""

    line: int
    what: str
    count: int


class Question(StrEnum):
    """What is asked once for a whole file."""

    ROUND = "round"
    """Shall prices with more decimals than the currency has be rounded? Else their rows are rejected."""
    LEAVE_OUT = "leave out"
    """Shall rows whose barcode is another product's be taken without it? Else they are rejected."""


Decide = Callable[[Question, Doubt], bool]
"""Told the first row in question, and how many there are; asked outside of any transaction."""


def refuse(_question: Question, _doubt: Doubt) -> bool:
    """Decides for nobody: what is in question is rejected."""
    return False


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file was read: its encoding (as Python names it), and whose layout it has (empty: none that is known).

    `taken_from` tells for columns of ours which heading was taken for them, where it is another name; `taxes_unread` is
    the heading of taxes that are told in a way of their own, and so were not taken.
    """

    encoding: str
    program: str
    taken_from: Mapping[str, str]
    taxes_unread: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the lines of a file went: each is counted once, so the kinds add up to all of them."""

    header: int
    taken: int
    rejected: int
    passed_over: int
    blank: int

    @property
    def total(self) -> int:
        """As many as the file has."""
        return self.header + self.taken + self.rejected + self.passed_over + self.blank


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. Rows are those of the file, `lines` its lines; the rest counts products.

    `rejected_file` holds every rejected row with its line and reason; None where there was none. `locked_s` is how
    long the catalogue was being written: so long a sale on the same SQLite database may have had to wait.

    None where there are none: `misread`, new barcodes with a wrong check digit; `free`, products that come to cost
    nothing; `mended`, barcodes that stood there as no scanner sends them; `zeros`, those that got lost zeros back;
    `made`, products under a SKU that was made up; `foreign`, prices with the sign of another currency; `left_out`,
    barcodes that were not taken since they are another product's; `rounded`, prices.
    """

    rows: int
    rejected: int
    added: int
    updated: int
    unchanged: int
    rejected_file: Path | None
    locked_s: float
    reading: Reading
    lines: Lines
    misread: Doubt | None
    free: Doubt | None
    mended: Doubt | None
    zeros: Doubt | None
    made: Doubt | None
    foreign: Doubt | None
    left_out: Doubt | None
    rounded: Doubt | None

    @property
    def repeated(self) -> int:
        """Good rows beyond the one that each product was made like: rows of products that came more than once."""
        return self.rows - self.rejected - self.added - self.updated - self.unchanged
