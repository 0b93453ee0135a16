"""Writing the catalogue as a file that an import takes back."""

import gzip
import io
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from tui_pos.catalogue.code_cells import written, written_sku
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import Barcode, Product
from tui_pos.catalogue.rows import COLUMNS, FURTHER_COLUMNS, NO, YES
from tui_pos.i18n import _
from tui_pos.money.amount import Money
from tui_pos.money.currency import Currency
from tui_pos.storage.csv_files import CsvWriter
from tui_pos.storage.files import EVERYBODY, whole_file

BATCH_ROWS = 2_000


def export_products(session: Session, target: Path, currency: Currency) -> int:
    """Write all products as CSV (UTF-8; gzipped where `target` ends in `.gz`); returns how many they are.

    The columns are `rows.COLUMNS`, and also `rows.FURTHER_COLUMNS` where some product has tags, keeps no stock or
    is not sold any more: an import into an empty shop gives back the same. The file is there whole or not at all.
    Raises CatalogueError if `target` is a folder or a device, OSError if it cannot be written.
    """
    if target.exists() and not target.is_file():  # the whole file would take its place
        raise CatalogueError(_("{file} is a folder or a device: name a file.").format(file=target))
    further = _needs_further_columns(session)
    header = (*COLUMNS, *FURTHER_COLUMNS) if further else COLUMNS
    count = 0
    with whole_file(target, EVERYBODY) as raw:
        is_packed = target.suffix == ".gz"
        binary = cast(BinaryIO, gzip.GzipFile("", "wb", fileobj=raw, mtime=0)) if is_packed else raw
        with io.TextIOWrapper(binary, "utf-8", newline="") as out:
            writer = CsvWriter(out, line_end="\n")
            writer.row(header)
            for product, codes in _with_codes(session):
                writer.row(_cells(product, codes, currency)[: len(header)])
                count += 1
    return count


def _needs_further_columns(session: Session) -> bool:
    telling = or_(Product.tags != "", Product.keeps_stock.is_(False), Product.active.is_(False))
    return session.scalar(select(Product.id).where(telling).limit(1)) is not None


def _with_codes(session: Session) -> Iterator[tuple[Row[*tuple[Any, ...]], list[str]]]:
    """Every product in the order of its id, with its barcodes; a batch of rows in memory at a time."""
    table = Product.__table__
    statement = (
        select(*table.columns, Barcode.code)
        .outerjoin_from(table, Barcode.__table__, Barcode.product_id == Product.id)
        .order_by(Product.id, Barcode.code)
        .execution_options(yield_per=BATCH_ROWS)
    )
    rows = session.connection().execute(statement)
    for _id, group in groupby(rows, key=lambda row: row.id):
        same = list(group)
        yield same[0], [row.code for row in same if row.code is not None]


def _cells(product: Row[*tuple[Any, ...]], codes: list[str], currency: Currency) -> list[str]:
    price = product.price_minor
    return [
        written_sku(product.sku),
        product.name,
        written(codes),
        "" if price is None else f"{Money(price, currency).to_decimal():f}",
        product.tax_class,
        product.unit,
        product.department,
        str(product.min_age or ""),
        product.tags,
        YES if product.keeps_stock else NO,
        YES if product.active else NO,
    ]
