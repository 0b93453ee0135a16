"""Taking a file of products into the catalogue, while the till goes on selling."""

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tui_pos.catalogue import settling, staging
from tui_pos.catalogue.codes import shown_code
from tui_pos.catalogue.csv_source import Record, open_catalogue
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.import_report import Decide, Doubt, ImportReport, Lines, Question, Reading, refuse
from tui_pos.catalogue.rejects import Place, free_place, rejected_path, write_rejected
from tui_pos.catalogue.rows import ParsedRow, RowParser
from tui_pos.catalogue.taxes import tax_class_codes
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.money.currency import Currency
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.storage.engine import begin_writing

MAX_ATTEMPTS = 3
"""How often the sorting out begins anew because somebody changed barcodes in the meantime."""

Progress = Callable[[int, int], None]
"""Told how many bytes of the file are read, and of how many."""

Journal = Callable[[Session, int, int], None]
"""Told how many products are added and changed, in the transaction that does so."""


@dataclass(slots=True)
class _Staged:
    """What is known of the file once it is read: our columns that it has, its rows, and what was found in them."""

    reading: Reading
    columns: frozenset[str]
    barcodes_from: str
    header_lines: int
    rows: int = 0
    passed_over_lines: int = 0
    blank_lines: int = 0
    doubts: dict[str, Doubt] = field(default_factory=dict)

    def note(self, kind: str, line: int, what: str) -> None:
        """Count one more of a kind of doubt."""
        known = self.doubts.get(kind)
        self.doubts[kind] = Doubt(known.line, known.what, known.count + 1) if known else Doubt(line, what, 1)


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
    encoding: str | None = None,
    decide: Decide = refuse,
) -> ImportReport:
    """Take the products of a CSV file (also gzipped; see `rows.COLUMNS` and `layouts`) into the catalogue.

    `mapping` says which column of the file stands for one of ours: {"barcodes": "gtin"}; it goes before what the file's
    layout says. `encoding` is that of the file, where it is not to be found out; `decide` is asked what to do about
    each Question that the file raises. All good rows go in as one
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
                staged = _stage(connection, source, encoding, mapping or {}, currency, tax_classes, progress)
                staging.index(connection)
                _settle(connection, staged, currency)
            if (fine := staged.doubts.pop("too_fine", None)) and decide(Question.ROUND, fine):
                with connection.begin():
                    settling.round_prices(connection)
                staged.doubts["rounded"] = fine
            journal = partial(_journal, source=source, till=till, actor=actor, now=now)
            place = partial(free_place, target) if rejected is None else lambda _written: target
            return _finish(
                connection, source, target, place, staged, currency, decide, None if dry_run else journal
            )
        finally:
            connection.rollback()
            with connection.begin():
                staging.drop(connection)


def _settle(connection: Connection, staged: _Staged, currency: Currency) -> None:
    """Decide what only the whole file can tell. Raises CatalogueError where its column of barcodes holds none."""
    if found := settling.no_barcodes(connection):
        text = _(
            "The column {column} holds no barcodes but something else, such as {what} in line {line}. Say which column "
            "holds them, with --map barcodes=NAME, or take it out of the file."
        )
        raise CatalogueError(text.format(column=staged.barcodes_from, what=found[1], line=found[0]))
    for kind, doubt in (
        ("zeros", settling.put_back_zeros(connection)),
        ("too_fine", settling.settle_prices(connection, currency)),
    ):
        if doubt:
            staged.doubts[kind] = Doubt(*doubt)


def _finish(
    connection: Connection,
    source: Path,
    target: Path,
    place: Place,
    staged: _Staged,
    currency: Currency,
    decide: Decide,
    journal: Journal | None,
) -> ImportReport:
    """Sort out, write the rejected rows, and take in the good ones; anew if the catalogue changed meanwhile.

    Without `journal` nothing is taken in.
    """
    leave_out = _sorted_out(connection, staged, decide)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with connection.begin():
            if attempt > 1:
                staging.resolve(connection, staged.columns, leave_out=leave_out)
            counted = staging.counts(connection)
            misread, free = staging.misread(connection), staging.free(connection)
            rejected_file, rejected = write_rejected(
                connection, source, staged.reading.encoding, currency, target, place
            )
            taken_lines, rejected_lines = staging.line_counts(connection)
        try:
            added, updated = counted.get("add", 0), counted.get("update", 0)
            locked_s = _apply(connection, journal, added, updated) if journal else 0.0
        except IntegrityError:
            if attempt == MAX_ATTEMPTS:
                raise
            continue
        break
    return ImportReport(
        rows=staged.rows,
        rejected=rejected,
        added=added,
        updated=updated,
        unchanged=counted.get("none", 0),
        rejected_file=rejected_file,
        locked_s=locked_s,
        reading=staged.reading,
        lines=Lines(
            staged.header_lines, taken_lines, rejected_lines, staged.passed_over_lines, staged.blank_lines
        ),
        misread=misread and Doubt(*misread),
        free=free and Doubt(*free),
        **{kind: staged.doubts.get(kind) for kind in _NOTED},
    )


_NOTED = ("mended", "zeros", "made", "foreign", "left_out", "rounded")


def _sorted_out(connection: Connection, staged: _Staged, decide: Decide) -> bool:
    """Whether barcodes that are another product's are to be left out: asked where there are some."""
    with connection.begin():
        staging.resolve(connection, staged.columns)
        taken = staging.taken_codes(connection)
    if not taken:
        return False
    doubt = Doubt(taken[0], shown_code(taken[1]), taken[2])
    leave_out = decide(Question.LEAVE_OUT, doubt)
    with connection.begin():  # anew in any case: an answer may have taken its time
        count = staging.resolve(connection, staged.columns, leave_out=leave_out)
    if count:
        staged.doubts["left_out"] = Doubt(doubt.line, doubt.what, count)
    return leave_out


def _apply(connection: Connection, journal: Journal, added: int, updated: int) -> float:
    """The one act. Returns how many seconds the database was held."""
    with begin_writing(connection), Session(connection) as session:
        began_s = time.monotonic()
        staging.apply(connection)
        journal(session, added, updated)  # last: on a server the till waits only for this
    return time.monotonic() - began_s


def _journal(
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
    encoding: str | None,
    mapping: Mapping[str, str],
    currency: Currency,
    tax_classes: Sequence[str],
    progress: Progress | None,
) -> _Staged:
    """Read the file into the staging tables."""
    with open_catalogue(source, encoding) as file:
        parser = RowParser(file.header, mapping, currency, tax_classes)
        taken_from = parser.taken_from
        staged = _Staged(
            reading=Reading(file.encoding, parser.layout.program, taken_from, parser.taxes_unread),
            columns=parser.has,
            barcodes_from=taken_from.get("barcodes", "barcodes"),
            header_lines=file.header_lines,
        )
        good: list[tuple[Record, ParsedRow]] = []
        bad: list[tuple[Record, str]] = []
        for read, record in enumerate(file.records(), start=1):
            try:
                row = parser.parse(record)
            except CatalogueError as error:
                bad.append((record, str(error)))
            else:
                if row is None:
                    staged.passed_over_lines += record.lines
                    staged.rows -= 1
                else:
                    good.append((record, row))
                    _note_doubts(staged, record.line, row)
            staged.rows += 1
            if read % staging.BATCH_ROWS == 0:
                _save_batch(connection, good, bad)
                if progress is not None:
                    progress(file.read_bytes, file.size_bytes)
        _save_batch(connection, good, bad)
        staged.blank_lines = file.blank_lines
        if progress is not None:
            progress(file.size_bytes, file.size_bytes)
        return staged


def _note_doubts(staged: _Staged, line: int, row: ParsedRow) -> None:
    for code in row.codes:
        if code.mended:
            staged.note("mended", line, f"{code.given!r} → {shown_code(code.code)}")
    if row.sku_made:
        staged.note("made", line, row.draft.sku)
    if row.price.foreign:
        staged.note("foreign", line, row.price.foreign)


def _save_batch(
    connection: Connection, good: list[tuple[Record, ParsedRow]], bad: list[tuple[Record, str]]
) -> None:
    staging.add_rows(connection, good)
    staging.add_unreadable(connection, bad)
    good.clear()
    bad.clear()
