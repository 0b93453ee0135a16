"""Reading a catalogue file: lines of CSV in, drafts of products out."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from tui_pos.catalogue.codes import normalise_code, shown_code
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.taxes import STANDARD, unknown_class
from tui_pos.catalogue.upkeep import BARCODE_MARK, Draft
from tui_pos.i18n import _, ngettext
from tui_pos.money.amount import AmountFault, BadAmount, parse_amount
from tui_pos.money.currency import Currency

COLUMNS = ("sku", "name", "barcodes", "price", "tax", "unit", "department", "min_age")
FURTHER_COLUMNS = ("tags", "keeps_stock", "active")
"""Understood where a file has them, and written where some product needs them."""

ROWS_REMEMBERED = 8192
"""How many different rows need not be read again: a file of sales has each product hundreds of times."""

YES, NO = "yes", "no"
_TRUTH = {YES: True, "true": True, "1": True, NO: False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file: the line that it begins on, and its cells, or why it cannot be read."""

    line: int
    cells: Sequence[str]
    problem: str = ""


class CatalogueFile:
    """An open CSV file (UTF-8 with or without its mark; parted by comma, semicolon or tab; also gzipped)."""

    def __init__(self, path: Path, raw: BinaryIO) -> None:
        self.path = path
        self.size_bytes = path.stat().st_size
        self._raw = raw
        unpacked = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
        # Bytes that are no UTF-8 come through as surrogates: they cost their line, not the file.
        self._text = io.TextIOWrapper(unpacked, "utf-8-sig", "surrogateescape", newline="")
        try:
            first = self._text.readline(csv.field_size_limit())
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(path, error) from error
        self.delimiter = max(",;\t", key=first.count)
        self.header = next(csv.reader([first], delimiter=self.delimiter), [])
        if not any(cell.strip() for cell in self.header):
            nameless = _("{file} does not begin with the names of its columns.")
            raise CatalogueError(nameless.format(file=path))

    @property
    def read_bytes(self) -> int:
        """How far into the file, as it lies on the disk, the reading is."""
        return self._raw.tell()

    def records(self) -> Iterator[Record]:
        """All records after the header; empty lines are left out."""
        reader = csv.reader(self._text, delimiter=self.delimiter)
        while True:
            line = reader.line_num + 2  # the header is line 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (OSError, EOFError, zlib.error) as error:
                raise _damaged(self.path, error) from error
            except csv.Error as error:
                yield Record(line, (), _("The line is no CSV: {error}.").format(error=error))
                continue
            if cells:
                yield Record(line, cells)


@contextmanager
def open_catalogue(path: Path) -> Iterator[CatalogueFile]:
    """Open a file for one reading. Raises CatalogueError if it cannot be read or has no header."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise CatalogueError(
            _("{file} cannot be opened: {error}.").format(file=path, error=error.strerror)
        ) from error
    with raw:
        yield CatalogueFile(path, raw)


def _damaged(path: Path, error: Exception) -> CatalogueError:
    return CatalogueError(
        _("{file} is damaged, nothing was imported: {error}.").format(file=path, error=error)
    )


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A draft, and whether the file gave its SKU; else a barcode stands in, and says which product it is."""

    draft: Draft
    sku_given: bool


class RowParser:
    """Turns the cells of one file into drafts, by the names of its columns."""

    def __init__(
        self,
        header: Sequence[str],
        mapping: Mapping[str, str],
        currency: Currency,
        tax_classes: Sequence[str],
    ) -> None:
        self._columns = len(header)
        self._at = _positions(header, mapping)
        self._tax_classes = tax_classes
        self._currency = currency
        self._read = lru_cache(ROWS_REMEMBERED)(self._read_cells)

    @property
    def has(self) -> frozenset[str]:
        """Which of our columns the file holds."""
        return frozenset(self._at)

    def parse(self, record: Record) -> ParsedRow:
        """The product of one record. Raises CatalogueError, whose text says what is wrong with it."""
        if record.problem:
            raise CatalogueError(record.problem)
        if len(record.cells) != self._columns:
            raise CatalogueError(
                ngettext(
                    "The line has {found} column, the header {wanted}.",
                    "The line has {found} columns, the header {wanted}.",
                    len(record.cells),
                ).format(found=len(record.cells), wanted=self._columns)
            )
        return self._read(tuple(record.cells[at] for at in self._at.values()))

    def _read_cells(self, cells: tuple[str, ...]) -> ParsedRow:
        """The product of the cells that are ours, in the order of `self._at`."""
        cell = {column: text.strip() for column, text in zip(self._at, cells, strict=True)}
        barcodes = tuple(code for code in cell.get("barcodes", "").split(BARCODE_MARK) if code.strip())
        sku = cell.get("sku", "")
        draft = Draft(
            sku=sku or (shown_code(normalise_code(barcodes[0])) if barcodes else ""),
            name=cell.get("name", ""),
            price_minor=_price_minor(cell.get("price", ""), self._currency),
            tax_class=self._tax_class(cell.get("tax", "")),
            unit=_unit(cell.get("unit", "")),
            department=cell.get("department", ""),
            min_age=_years(cell.get("min_age", "")),
            tags=cell.get("tags", ""),
            keeps_stock=_truth("keeps_stock", cell.get("keeps_stock", "")),
            active=_truth("active", cell.get("active", "")),
            barcodes=barcodes,
        )
        return ParsedRow(draft, bool(sku))

    def _tax_class(self, text: str) -> str:
        code = text.lower() or STANDARD
        if code not in self._tax_classes:
            raise unknown_class(code, list(self._tax_classes))
        return code


def _positions(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Where each of our columns stands. Raises CatalogueError for a mapping that does not fit the file."""
    ours = (*COLUMNS, *FURTHER_COLUMNS)
    for column in mapping:
        if column not in ours:
            raise CatalogueError(
                _("{column} is no column of a catalogue. There are: {known}").format(
                    column=column, known=", ".join(ours)
                )
            )
    theirs = [cell.strip().casefold() for cell in header]
    found = {}
    for column in ours:
        wanted = mapping.get(column, column).strip().casefold()
        if wanted in theirs:
            found[column] = theirs.index(wanted)
        elif column in mapping:
            raise CatalogueError(
                _("The file has no column {column}. It has: {known}").format(
                    column=mapping[column], known=", ".join(header)
                )
            )
    if "sku" not in found and "barcodes" not in found:
        raise CatalogueError(
            _(
                "The file has neither a column sku nor barcodes. It has: {known}. "
                "Say which is which with --map sku=NAME or --map barcodes=NAME."
            ).format(known=", ".join(header))
        )
    return found


def _price_minor(text: str, currency: Currency) -> int | None:
    if not text:
        return None
    try:
        return parse_amount(text, currency).minor
    except BadAmount as error:
        shown = text[:40]
        if error.fault is AmountFault.TOO_MANY_DECIMALS:
            problem = _("The price {price} has more decimals than {currency} has: {decimals}.").format(
                price=shown, currency=currency.code, decimals=currency.exponent
            )
        elif error.fault is AmountFault.TOO_LARGE:
            problem = _("The price {price} is too large.").format(price=shown)
        else:
            problem = _("The price {price} is no amount: write it like 1234.50.").format(price=shown)
        raise CatalogueError(problem) from error


def _unit(text: str) -> Unit:
    try:
        return Unit(text.lower() or "piece")
    except ValueError as error:
        raise CatalogueError(
            _("{unit!r} is no unit. There are: {known}").format(unit=text[:40], known=", ".join(Unit))
        ) from error


def _years(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise CatalogueError(_("The minimum age {age!r} is no number of years.").format(age=text[:40]))
    return int(text)


def _truth(column: str, text: str) -> bool:
    if not text:
        return True
    if text.lower() not in _TRUTH:
        raise CatalogueError(
            _("{column} is {text!r}: write yes or no.").format(column=column, text=text[:40])
        )
    return _TRUTH[text.lower()]
