"""What must be true of a shop's books at any moment, however its programs ended."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from hardware.document import from_json
from tui_pos.catalogue.models import Product
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.payments.models import CashMovement
from tui_pos.printing.models import PrintJob
from tui_pos.sales.models import (
    Correction,
    OpenLine,
    OpenSale,
    OpenTender,
    Sale,
    SaleLine,
    SaleTax,
    SaleTender,
)
from tui_pos.sales.receipt import receipt_label
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading

NO_SALE = "no_sale"
ROWS_OF_EVENTS = ("void_line", "void_sale", "quantity", "price", "discount", "tender", NO_SALE)
"""Events of which each made one row; what others made is checked where they are."""


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line as far as a test tells them apart."""

    sku: str
    quantity: Decimal
    discount: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """What the books hold: the lines of each sale by its number, of the open sale, and of those on hold."""

    sales: tuple[tuple[SoldLine, ...], ...]
    open: tuple[SoldLine, ...]
    held: tuple[tuple[SoldLine, ...], ...]
    takings_minor: int


def check_books(engine: Engine, till: str = "till1") -> Books:
    """Read one till's books and hold them against each other. Raises AssertionError that says what is wrong."""
    with reading(engine) as session:
        if engine.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        sales = session.scalars(select(Sale).where(Sale.till == till).order_by(Sale.number)).all()
        numbers = [sale.number for sale in sales]
        assert numbers == list(range(1, len(sales) + 1)), f"receipt numbers with gaps: {numbers}"
        rows = _Rows(session)
        for sale in sales:
            _check_sale(sale, rows)
        _check_strays({sale.id for sale in sales}, rows)
        _check_receipts_journal(session, sales, rows)
        _check_events_journal(session, till)
        open_lines, held = _check_open(session, till, {sale.id for sale in sales})
        return Books(
            sales=tuple(_plain(rows.lines[sale.id]) for sale in sales),
            open=open_lines,
            held=held,
            takings_minor=sum(sale.gross_minor for sale in sales),
        )


def stock(engine: Engine) -> dict[str, Decimal]:
    """What has moved of each SKU, by the ledger."""
    with reading(engine) as session:
        moved: dict[str, Decimal] = {}
        query = select(Product.sku, StockMovement.quantity).join(
            Product, Product.id == StockMovement.product_id
        )
        for sku, quantity in session.execute(query):
            moved[sku] = moved.get(sku, Decimal(0)) + quantity
        return moved


class _Rows:
    """Everything that belongs to sales, by the sale's id."""

    def __init__(self, session: Session) -> None:
        self.lines = _by_sale(session.scalars(select(SaleLine).order_by(SaleLine.position)).all())
        self.taxes = _by_sale(session.scalars(select(SaleTax)).all())
        self.tenders = _by_sale(session.scalars(select(SaleTender).order_by(SaleTender.position)).all())
        self.movements = _by_sale(session.scalars(select(StockMovement)).all())
        self.cash = _by_sale(session.scalars(select(CashMovement).where(CashMovement.kind == "sale")).all())
        of_sales = (PrintJob.sale_id.is_not(None), PrintJob.kind != "training")
        self.jobs = _by_sale(session.scalars(select(PrintJob).where(*of_sales)).all())
        self.keeps_stock = {
            row.id: row.keeps_stock for row in session.execute(select(Product.id, Product.keeps_stock))
        }


def _by_sale(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    grouped: dict[UUID, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.sale_id, []).append(row)
    return grouped


def _check_sale(sale: Sale, rows: _Rows) -> None:
    """Lines, tax, tenders, stock, drawer and receipt of one sale say the same."""
    name = f"sale {sale.number}"
    lines, taxes, tenders = (group.get(sale.id, []) for group in (rows.lines, rows.taxes, rows.tenders))
    assert [line.position for line in lines] == list(range(1, len(lines) + 1)), f"{name}: lines are missing"
    assert lines, f"{name} has no line"
    for column in ("net_minor", "tax_minor"):
        told = getattr(sale, column)
        assert sum(getattr(line, column) for line in lines) == told, f"{name}: {column} of its lines"
        assert sum(getattr(tax, column) for tax in taxes) == told, f"{name}: {column} of its tax table"
    assert sale.net_minor + sale.tax_minor == sale.gross_minor, f"{name}: net and tax are not gross"
    assert sum(tax.gross_minor for tax in taxes) == sale.gross_minor, f"{name}: gross of its tax table"
    assert sum(tender.amount_minor for tender in tenders) == sale.gross_minor, f"{name} is not paid exactly"
    moved = Counter((m.product_id, m.quantity, m.lot) for m in rows.movements.get(sale.id, []))
    gone = Counter((x.product_id, -x.quantity, x.lot) for x in lines if rows.keeps_stock[x.product_id])
    assert moved == gone, f"{name}: stock moved {moved}, sold {gone}"
    given = [tender.given_minor for tender in tenders if tender.kind == "cash"]
    cash = [movement.amount_minor for movement in rows.cash.get(sale.id, [])]
    assert cash == ([sum(given) - sale.change_minor] if given else []), f"{name}: cash in the drawer"
    if given and len(tenders) == 1:
        assert cash == [sale.gross_minor + sale.cash_rounding_minor], f"{name}: cash taken"
    _check_jobs(sale, rows.jobs.get(sale.id, []), bool(given))


def _check_jobs(sale: Sale, jobs: list[PrintJob], paid_in_cash: bool) -> None:
    kinds = Counter(job.kind for job in jobs)
    assert kinds["receipt"] == 1, f"sale {sale.number} has {kinds['receipt']} receipts"
    assert kinds["drawer"] == int(paid_in_cash), f"sale {sale.number}: {kinds['drawer']} drawer pulses"
    receipt = from_json(next(job.document for job in jobs if job.kind == "receipt"))
    assert receipt_label(sale.till, sale.number) in receipt.title


def _check_strays(sales: set[UUID], rows: _Rows) -> None:
    """Nothing belongs to a sale that is not there."""
    for what in ("lines", "taxes", "tenders", "movements", "cash", "jobs"):
        strays = set(getattr(rows, what)) - sales
        assert not strays, f"{what} of sales that do not exist: {strays}"


def _check_receipts_journal(session: Session, sales: Sequence[Sale], rows: _Rows) -> None:
    """One entry a sale, in the order of the numbers, with the sale's own amounts under the hash."""
    till = sales[0].till if sales else "till1"
    assert chain.verify(session, till, chain.RECEIPTS).seq == len(sales), "journal and sales differ in number"
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.till == till, JournalEntry.stream == chain.RECEIPTS)
        .order_by(JournalEntry.seq)
    )
    for sale, entry in zip(sales, entries, strict=True):
        stated = json.loads(entry.body)["rows"]
        told = tuple(stated["sale"][0][column] for column in ("id", "number", "gross_minor"))
        assert told == (str(sale.id), sale.number, sale.gross_minor), f"journal entry {entry.seq}"
        amounts = [line["amount_minor"] for line in stated["sale_line"]]
        assert amounts == [line.amount_minor for line in rows.lines[sale.id]], f"journal entry {entry.seq}"
        assert len(stated.get("sale_tender", [])) == len(rows.tenders.get(sale.id, [])), (
            f"journal entry {entry.seq}"
        )


def _check_events_journal(session: Session, till: str) -> None:
    """Every correction, and every opening of the drawer without a sale, stands in the journal too."""
    chain.verify(session, till, chain.EVENTS)
    entries = Counter(
        session.scalars(
            select(JournalEntry.event).where(JournalEntry.till == till, JournalEntry.stream == chain.EVENTS)
        )
    )
    kept = Counter(session.scalars(select(Correction.kind).where(Correction.till == till)))
    kept.update(session.scalars(select(CashMovement.kind).where(CashMovement.kind == NO_SALE)))
    entries[NO_SALE] += entries.pop("opened_uncounted", 0)
    entries = Counter({event: count for event, count in entries.items() if event in ROWS_OF_EVENTS and count})
    assert entries == kept, f"the journal has {entries}, the tables {kept}"


def _check_open(
    session: Session, till: str, done: set[UUID]
) -> tuple[tuple[SoldLine, ...], tuple[tuple[SoldLine, ...], ...]]:
    """At most one sale is open, and one practised; none of them is completed. Returns its lines, and those on hold."""
    sales = session.scalars(select(OpenSale).where(OpenSale.till == till).order_by(OpenSale.id)).all()
    assert not {sale.id for sale in sales} & done, "a completed sale is still open"
    lines = _by_sale(session.scalars(select(OpenLine).order_by(OpenLine.position)).all())
    tenders = set(session.scalars(select(OpenTender.sale_id)))
    assert (set(lines) | tenders) <= {sale.id for sale in sales}, "lines or tenders of no open sale"
    unheld = Counter(sale.training for sale in sales if sale.held_as is None)
    assert all(count <= 1 for count in unheld.values()), f"{unheld} sales are open at once"
    real = [
        sale for sale in sales if not sale.training
    ]  # a practised one waits for the next time that one practises
    open_lines = [_plain(lines.get(sale.id, [])) for sale in real if sale.held_as is None]
    held = tuple(_plain(lines.get(sale.id, [])) for sale in real if sale.held_as is not None)
    return (open_lines[0] if open_lines else ()), held


def _plain(lines: Sequence[Any]) -> tuple[SoldLine, ...]:
    return tuple(SoldLine(line.sku, line.quantity, line.discount) for line in lines)
