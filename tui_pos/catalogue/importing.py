"""Taking a file of products into the catalogue, while the till goes on selling."""

import csv
import datetime as dt
import filecmp
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tui_pos.catalogue import staging
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.rows import CatalogueFile, ParsedRow, RowParser, open_catalogue
from tui_pos.catalogue.taxes import tax_class_codes
from tui_pos.catalogue.upkeep import owned_text
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.money.currency import Currency
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.storage.engine import begin_writing
from tui_pos.storage.files import EVERYBODY, whole_file

MAX_ATTEMPTS = 3
"""How often the sorting out begins anew because somebody changed barcodes in the meantime."""

Progress = Callable[[int, int], None]
"""Told how many bytes of the file are read, and of how many."""

Place = Callable[[Path], Path]
"""Given the file that was written, where it shall lie."""

Record = Callable[[Session, int, int], None]
"""Told how many products are added and changed, in the transaction that does so."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was taken in although it looks like a mistake: the first (line of the file), and how many."""

    line: int
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. Rows are those of the file, the rest counts products.

    `rejected_file` holds every rejected row with its line and reason; None where there was none. `locked_s` is how
    long the catalogue was being written: so long a sale on the same SQLite database may have had to wait. `misread`
    are new barcodes with a wrong check digit, `free` products that come to cost nothing; None where there are none.
    """

    rows: int
    rejected: int
    added: int
    updated: int
    unchanged: int
    rejected_file: Path | None
    locked_s: float
    misread: Doubt | None
    free: Doubt | None

    @property
    def repeated(self) -> int:
        """Good rows beyond the one that each product was made like: rows of products that came more than once."""
        return self.rows - self.rejected - self.added - self.updated - self.unchanged


def import_products(
    engine: Engine,
    source: Path,
    currency: Currency,
    till: str,
    actor: Actor,
    now: dt.datetime,
    *,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    rejected: Path | None = None,
) -> ImportReport:
    """Take the products of a CSV file (`.csv` or `.csv.gz`, see `rows.COLUMNS`) into the catalogue.

    `mapping` says which column of the file stands for one of ours: {"barcodes": "gtin"}. All good rows go in as one
    transaction, with their entry in the journal of `till`, and every bad one is written to `rejected`, with its line
    and reason; by itself to the file beside the source that `rejected_path` names, or, where another is there that
    somebody may be mending, to the next free name. A product is known again by its SKU,
    or without one by its barcodes; it is then made like the file, but keeps what the file has no column for, its name
    where the file has none, and its other barcodes. New products without a price are asked for it at the till;
    without a SKU their barcode is the SKU. A product that comes several times is as its last line says, a line with a
    price above zero before one without.

    A dry run leaves the catalogue alone, and still writes the rejected rows. Raises CatalogueError if the file
    cannot be read or lacks what is needed, or if the rejected rows cannot be written; then nothing was changed.
    """
    actor.require(Permission.CATALOGUE)
    target = rejected or rejected_path(source)
    if target.exists() and source.exists() and target.samefile(source):
        raise CatalogueError(
            _("{file} is the file to import: name another one for the rejected rows.").format(file=target)
        )
    with Session(engine) as session:
        tax_classes = tax_class_codes(session)
    with engine.connect() as connection:
        try:
            with connection.begin():
                staging.create(connection)
                columns, rows = _stage(connection, source, mapping or {}, currency, tax_classes, progress)
                staging.index(connection)
            record = partial(_record, source=source, till=till, actor=actor, now=now)
            place = partial(_free_place, target) if rejected is None else lambda _written: target
            return _finish(connection, source, target, place, columns, rows, None if dry_run else record)
        finally:
            connection.rollback()
            with connection.begin():
                staging.drop(connection)


def _finish(
    connection: Connection,
    source: Path,
    target: Path,
    place: Place,
    columns: frozenset[str],
    rows: int,
    record: Record | None,
) -> ImportReport:
    """Sort out, write the rejected rows, and take in the good ones; anew if the catalogue changed meanwhile.

    Without `record` nothing is taken in.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with connection.begin():
            staging.resolve(connection, columns)
            counted = staging.counts(connection)
            misread, free = staging.misread(connection), staging.free(connection)
            rejected_file, rejected = _write_rejected(connection, source, target, place)
        try:
            added, updated = counted.get("add", 0), counted.get("update", 0)
            locked_s = _apply(connection, record, added, updated) if record else 0.0
        except IntegrityError:
            if attempt == MAX_ATTEMPTS:
                raise
            continue
        break
    return ImportReport(
        rows=rows,
        rejected=rejected,
        added=added,
        updated=updated,
        unchanged=counted.get("none", 0),
        rejected_file=rejected_file,
        locked_s=locked_s,
        misread=misread and Doubt(*misread),
        free=free and Doubt(*free),
    )


def _apply(connection: Connection, record: Record, added: int, updated: int) -> float:
    """The one act. Returns how many seconds the database was held."""
    with begin_writing(connection), Session(connection) as session:
        began_s = time.monotonic()
        staging.apply(connection)
        record(session, added, updated)  # last: on a server the till waits only for this
    return time.monotonic() - began_s


def _record(
    session: Session, added: int, updated: int, *, source: Path, till: str, actor: Actor, now: dt.datetime
) -> None:
    """Prices change what every later receipt says: the journal knows from where they came, and by whom."""
    if added + updated:
        chain.append(
            session,
            till=till,
            stream=chain.EVENTS,
            event="catalogue_import",
            actor=actor.id,
            now=now,
            data={"file": source.name, "added": added, "changed": updated},
        )


def _stage(
    connection: Connection,
    source: Path,
    mapping: Mapping[str, str],
    currency: Currency,
    tax_classes: Sequence[str],
    progress: Progress | None,
) -> tuple[frozenset[str], int]:
    """Read the file into the staging tables; returns our columns that it has, and how many rows it has."""
    with open_catalogue(source) as file:
        parser = RowParser(file.header, mapping, currency, tax_classes)
        good: list[tuple[int, ParsedRow]] = []
        bad: list[tuple[int, str]] = []
        rows = 0
        for record in file.records():
            rows += 1
            try:
                good.append((record.line, parser.parse(record)))
            except CatalogueError as error:
                bad.append((record.line, str(error)))
            if rows % staging.BATCH_ROWS == 0:
                _save_batch(connection, good, bad)
                if progress is not None:
                    progress(file.read_bytes, file.size_bytes)
        _save_batch(connection, good, bad)
        if progress is not None:
            progress(file.size_bytes, file.size_bytes)
        return parser.has, rows


def _save_batch(
    connection: Connection, good: list[tuple[int, ParsedRow]], bad: list[tuple[int, str]]
) -> None:
    staging.add_rows(connection, good)
    staging.add_unreadable(connection, bad)
    good.clear()
    bad.clear()


def _write_rejected(
    connection: Connection, source: Path, target: Path, place: Place
) -> tuple[Path | None, int]:
    """Read the source once more and copy the rejected rows to `target`, or where `place` wants them instead.

    Returns that place, and how many they are.
    """
    pending = _rejects(connection)
    reject = next(pending, None)
    if reject is None:
        return None, 0
    written = 0
    try:
        with (
            open_catalogue(source) as file,
            tempfile.NamedTemporaryFile() as whole,
            io.TextIOWrapper(whole, "utf-8", errors="surrogateescape", newline="") as out,
        ):
            writer = csv.writer(out, delimiter=file.delimiter)
            writer.writerow([*file.header, "line", "reason"])
            for record in file.records():
                if record.line == reject[0]:
                    writer.writerow(_rejected_cells(file, record.cells, reject))
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


def _free_place(wanted: Path, written: Path) -> Path:
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


def _rejects(connection: Connection) -> Iterator[tuple[int, str]]:
    """Line and reason of every rejected row, by line."""
    line = 0
    while batch := staging.rejects(connection, line):
        for line, kind, detail, owner in batch:
            yield line, _reason(kind, detail, owner)


def _reason(kind: str, detail: str, owner: str) -> str:
    if kind in (staging.OWNED, staging.CLAIMED):
        return owned_text(detail, owner)
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
