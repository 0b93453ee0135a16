"""A file of products as it lies on the disk: its encoding, its delimiter, its records, and every line accounted for."""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from tui_pos.catalogue.errors import CatalogueError
from tui_pos.i18n import _

DELIMITERS = ",;\t|"
MAX_LINE_LENGTH = 1_000_000
MAX_HEADER_LINES = 50
_CHUNK_BYTES = 1 << 20
_PEEKED_BYTES = 4096

UTF_8, WINDOWS_1252 = "utf-8-sig", "cp1252"
_BYTE_ORDER_MARKS = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GZIP = b"\x1f\x8b"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods are zip files; xls is OLE
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_NO_UTF_8 = re.compile("[\udc80-\udcff]")

_Trouble = (OSError, EOFError, zlib.error, UnicodeError)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file: the line that it begins on, its cells, its lines, and what is wrong."""

    line: int
    cells: Sequence[str]
    lines: int = 1
    problem: str = ""


class _Lines:
    """The lines of a text for a csv.reader, which can be given back to be read anew."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []  # since the record began

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(MAX_LINE_LENGTH)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE_LENGTH:
            text = _("Line {line} has no end: this is no table of products.")
            raise CatalogueError(text.format(line=self.number))
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)


class CatalogueFile:
    """An open CSV file, parted by comma, semicolon, tab or bar, in the encoding given; also gzipped.

    Empty lines before its header and among its records belong to nothing; a first line `sep=;` names the delimiter.
    """

    def __init__(self, path: Path, raw: io.BufferedReader, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        self.size_bytes = path.stat().st_size
        self._raw = raw
        # Bytes that are no text come through as surrogates: they cost their line, not the file.
        text = io.TextIOWrapper(_unpacked(raw), encoding, "surrogateescape", newline="")
        self._lines = _Lines(text)
        self.blank_lines = self.header_lines = 0
        try:
            self._read_header()
        except _Trouble as error:
            raise _damaged(path, error) from error

    @property
    def read_bytes(self) -> int:
        """How far into the file, as it lies on the disk, the reading is."""
        return self._raw.tell()

    @property
    def lines_read(self) -> int:
        """How many lines were read so far, of whatever kind."""
        return self._lines.number

    def _read_header(self) -> None:
        delimiter = ""
        for line in self._lines:
            separator = _SEPARATOR_LINE.fullmatch(line)
            if separator and not delimiter:
                delimiter = separator[1]
                self.header_lines += 1
            elif line.strip(DELIMITERS + ' "\r\n'):
                self._lines.give_back([line.lstrip("\ufeff")])
                break
            else:
                self.blank_lines += 1
        self.delimiter = delimiter or self._likely_delimiter()
        self._reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        record = self._next()
        if record is None or record.problem:
            nameless = _("{file} does not begin with the names of its columns.")
            raise CatalogueError(nameless.format(file=self.path) + (f" {record.problem}" if record else ""))
        self.header = [" ".join(cell.split()) for cell in record.cells]
        self.header_lines += record.lines

    def _likely_delimiter(self) -> str:
        """The one of which the header has most, outside its quotes."""
        lines: list[str] = []
        for line in self._lines:
            lines.append(line)
            if "".join(lines).count('"') % 2 == 0 or len(lines) == MAX_HEADER_LINES:
                break
        self._lines.give_back(lines)
        bare = re.sub(r'"[^"]*"', "", "".join(lines))
        return max(DELIMITERS, key=bare.count)

    def records(self) -> Iterator[Record]:
        """All records after the header; empty ones are left out, and counted in `blank_lines`."""
        while True:
            try:
                record = self._next(len(self.header))
            except _Trouble as error:
                raise _damaged(self.path, error) from error
            if record is None:
                return
            if record.problem or any(cell and not cell.isspace() for cell in record.cells):
                yield record
            else:
                self.blank_lines += record.lines

    def _next(self, columns: int = 0) -> Record | None:
        """The next record. Where its quotes are wrong, only its first line is one: what follows is read for itself."""
        lines = self._lines
        lines.taken.clear()
        line = lines.number + 1
        try:
            cells = next(self._reader)
        except StopIteration:
            return None
        except csv.Error:
            return self._first_line(line)
        if columns and len(lines.taken) > 1 and self._holds_a_row(columns):
            return self._first_line(line)
        return Record(line, cells, len(lines.taken))

    def _holds_a_row(self, columns: int) -> bool:
        """Whether a line that a quoted cell goes on to is a whole row in itself: then the quote was never closed."""
        for line in self._lines.taken[1:]:
            rest = csv.reader([line], delimiter=self.delimiter)
            if len(next(rest)) == columns:
                return True
        return False

    def _first_line(self, line: int) -> Record:
        first, *rest = self._lines.taken
        self._lines.give_back(rest)
        cells = first.rstrip("\r\n").split(self.delimiter)
        if max(map(len, cells)) > csv.field_size_limit():
            text = _("A cell is longer than {limit} characters.")
            return Record(line, cells, problem=text.format(limit=csv.field_size_limit()))
        text = _(
            "The quotes of this line do not match. A cell that holds a quote stands in quotes, and has it twice: "
            '"Wide 24""".'
        )
        return Record(line, cells, problem=text)


@contextmanager
def open_catalogue(path: Path, encoding: str | None = None) -> Iterator[CatalogueFile]:
    """Open a file for one reading, in the encoding that it is found to have where none is named.

    Raises CatalogueError if it cannot be read, has no header, or is a workbook of a spreadsheet.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise CatalogueError(
            _("{file} cannot be opened: {error}.").format(file=path, error=error.strerror)
        ) from error
    with raw:
        try:
            encoding = encoding or found_encoding(path, raw)
        except _Trouble as error:
            raise _damaged(path, error) from error
        yield CatalogueFile(path, raw, encoding)


def _unpacked(raw: io.BufferedReader) -> BinaryIO:
    packed = raw.peek(2).startswith(_GZIP)
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw


def found_encoding(path: Path, raw: io.BufferedReader) -> str:
    """The encoding of a file, by its byte order mark or, without one, by all of its bytes; `raw` stands where it stood.

    Without a mark it is UTF-16 where every second byte is zero, UTF-8 where the bytes say so, else Windows-1252.
    """
    _refuse_workbook(path, raw.peek(_PEEKED_BYTES))
    if not path.is_file():  # a pipe is read only once
        return UTF_8
    with path.open("rb") as again:
        data = _unpacked(again)
        first = data.read(_PEEKED_BYTES)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if first.startswith(mark):
                return encoding
        zeros = [first[begin::2].count(0) * 4 > len(first) for begin in (0, 1)]
        if zeros[0] != zeros[1]:
            return "utf-16-be" if zeros[0] else "utf-16-le"
        return UTF_8 if _is_utf_8(first, data) else WINDOWS_1252


def _is_utf_8(first: bytes, rest: BinaryIO) -> bool:
    """Whether more letters beyond ASCII are UTF-8 than are not: a line or two may be spoiled."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    chunk = first
    while chunk:
        text = decoder.decode(chunk)
        if not text.isascii():
            wrong = len(_NO_UTF_8.findall(text))
            bad += wrong
            good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        chunk = rest.read(_CHUNK_BYTES)
    return bad <= good


def _refuse_workbook(path: Path, first: bytes) -> None:
    if first.startswith(_WORKBOOKS):
        text = _(
            "{file} is a workbook of a spreadsheet or a packed folder, no CSV file. Open it and save the sheet with "
            "the products as CSV (UTF-8)."
        )
        raise CatalogueError(text.format(file=path))


def _damaged(path: Path, error: Exception) -> CatalogueError:
    if isinstance(error, UnicodeError):
        text = _(
            "{file} is not in the encoding that it was read in ({error}). Name the right one with --encoding."
        )
        return CatalogueError(text.format(file=path, error=error))
    return CatalogueError(
        _("{file} is damaged, nothing was imported: {error}.").format(file=path, error=error)
    )
