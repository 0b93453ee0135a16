"""Past sales as a CSV file: what a search has found, a row each."""

import io
from pathlib import Path

from sqlalchemy.orm import Session

from tui_pos.people.actor import Actor
from tui_pos.reports.exports.format import exact, plain
from tui_pos.reports.search import FoundSale, Wanted, every_sale
from tui_pos.sales.shop import Shop
from tui_pos.storage.csv_files import CsvWriter
from tui_pos.storage.files import whole_file

COLUMNS = (
    "receipt", "till", "number", "business_date", "completed_at", "cashier", "lines", "first_item", "net", "tax",
    "gross", "currency", "tenders", "last_four", "discount_reason", "customer",
)  # fmt: skip


def write_sales(session: Session, wanted: Wanted, actor: Actor, shop: Shop, target: Path) -> int:
    """Write all that fits, newest first; returns how many. The file is there whole or not at all, for its owner alone.

    UTF-8, amounts with all decimals of their currency, times in the shop's zone; `tenders` are kinds with what each
    covered, parted by `|`. Raises NotAllowed, OSError.
    """
    count = 0
    with whole_file(target) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as out:
        writer = CsvWriter(out)
        writer.row(COLUMNS)
        for sale in every_sale(session, wanted, actor):
            writer.row(_cells(sale, shop))
            count += 1
    return count


def _cells(sale: FoundSale, shop: Shop) -> tuple[str, ...]:
    exponent = sale.currency.exponent
    return (
        sale.label,
        sale.till,
        str(sale.number),
        sale.business_date.isoformat(),
        sale.completed_at.astimezone(shop.zone).isoformat(timespec="seconds"),
        plain(sale.cashier),
        str(sale.lines),
        plain(sale.first_item),
        exact(sale.net_minor, exponent),
        exact(sale.tax_minor, exponent),
        exact(sale.gross_minor, exponent),
        sale.currency.code,
        " | ".join(f"{kind} {exact(amount, exponent)}" for kind, amount in sale.tenders),
        sale.last_four,
        plain(sale.discount_reason),
        plain(sale.customer),
    )
