"""The rejected rows of an import: given back in a file of their own, each with its line and the reason."""

import filecmp
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from sqlalchemy import Connection

from tui_pos.catalogue import staging
from tui_pos.catalogue.codes import shown_code
from tui_pos.catalogue.csv_source import CatalogueFile, open_catalogue
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.upkeep import owned_text
from tui_pos.i18n import _
from tui_pos.money.currency import Currency
from tui_pos.storage.csv_files import CsvWriter
from tui_pos.storage.files import EVERYBODY, whole_file

Place = Callable[[Path], Path]
"""Given the file that was written, where it shall lie."""


def write_rejected(
    connection: Connection, source: Path, encoding: str, currency: Currency, target: Path, place: Place
) -> tuple[Path | None, int]:
    """Read the source once more and copy the rejected rows to `target`, or where `place` wants them instead.

    Returns that place, and how many they are.
    """
    pending = _rejects(connection, currency)
    reject = next(pending, None)
    if reject is None:
        return None, 0
    written = 0
    try:
        with (
            open_catalogue(source, encoding) as file,
            tempfile.NamedTemporaryFile() as whole,
            io.TextIOWrapper(whole, "utf-8", errors="surrogateescape", newline="") as out,
        ):
            writer = CsvWriter(out, delimiter=file.delimiter)
            writer.row([*file.header, "line", "reason"])
            for record in file.records():
                if record.line == reject[0]:
                    writer.row(_rejected_cells(file, record.cells, reject))
                    written += 1
                    reject = next(pending, None)
                    if reject is None:
                        break
            out.flush()
            target = place(Path(whole.name))
            whole.seek(0)
            with whole_file(target, EVERYBODY) as copy:
                shutil.copyfileobj(whole, copy)
    except OSError as error:
        raise CatalogueError(
            _(
                "The rejected rows cannot be written to {file} ({error}), so nothing was imported. "
                "Name a place for them with --rejected FILE."
            ).format(file=target, error=error.strerror)
        ) from error
    return target, written


def free_place(wanted: Path, written: Path) -> Path:
    """`wanted`, or `wanted-2` and so on where files with anything else than `written` are there."""
    names = (f"{wanted.stem}-{number}{wanted.suffix}" for number in count(2))
    place = wanted
    while place.exists() and not filecmp.cmp(place, written, shallow=False):
        place = wanted.with_name(next(names))
    return place


def _rejected_cells(file: CatalogueFile, cells: Sequence[str], reject: tuple[int, str]) -> list[str]:
    """The row as it was, then its line and reason; cells beyond the header's come last, so none is lost."""
    width = len(file.header)
    padded = [*cells[:width], *[""] * (width - len(cells))]
    return [*padded, str(reject[0]), reject[1], *cells[width:]]


def _rejects(connection: Connection, currency: Currency) -> Iterator[tuple[int, str]]:
    """Line and reason of every rejected row, by line."""
    line = 0
    while batch := staging.rejects(connection, line):
        for line, kind, detail, owner, was in batch:
            yield line, _reason(kind, detail, owner, was, currency)


def _reason(kind: str, detail: str, owner: str, was: str, currency: Currency) -> str:
    if kind in (staging.OWNED, staging.CLAIMED):
        text = owned_text(detail, owner)
        lost = _("{was} was read as {code}, which by its check digit has lost its leading zeros.")
        return text + " " + lost.format(was=was, code=shown_code(detail)) if was else text
    if kind == staging.DECIMALS:
        return _("The price {price} has more decimals than {currency} has: {decimals}.").format(
            price=detail, currency=currency.code, decimals=currency.exponent
        )
    if kind == staging.AMBIGUOUS:
        text = _("The price {price} may have thousands or decimals: write it like 1234.50.")
        return text.format(price=detail)
    if kind == staging.NAMELESS:
        return _("{sku} is new, so it needs a name.").format(sku=detail)
    return detail


def rejected_path(source: Path) -> Path:
    """Where the rejected rows of a file go: `a/goods.csv.gz` → `a/goods.rejected.csv`.

    Where nobody may write beside the file, the working folder takes its place.
    """
    name = source.name.removesuffix(".gz").removesuffix(".csv") + ".rejected.csv"
    beside = source.parent / name
    return beside if os.access(source.parent, os.W_OK) else Path(name)
