"""The receipt of a past sale: the page that was kept, or one made anew of the books where none was."""

import datetime as dt
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hardware.document import Barcode, Blank, Block, Document, Row, Rule, Text, mark_copy
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date, format_money, format_percent, format_quantity, format_time
from tui_pos.journal import chain
from tui_pos.money.tax import TaxKind
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing import queue
from tui_pos.reports.errors import ReportError
from tui_pos.sales import kept_pages
from tui_pos.sales.models import Sale, SaleLine, SaleTax, SaleTender
from tui_pos.sales.receipt import customer_block, proof_of, receipt_label, sold_in, tender_name
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import TenderKind


def receipt_page(session: Session, shop: Shop, sale_id: UUID, actor: Actor) -> Document:
    """The whole receipt. Raises NotAllowed, ReportError where there is no such sale, SaleError for a changed page."""
    actor.require(Permission.SEARCH_SALES)
    job = queue.receipt_of(session, sale_id)
    return kept_pages.page_of(session, job.id) if job else _made_anew(session, shop, sale_id)


def print_copy(session: Session, shop: Shop, sale_id: UUID, actor: Actor, now: dt.datetime) -> UUID:
    """Print it, marked COPY, on this till's printer; the journal counts it. Returns the print job.

    Raises NotAllowed; SaleError where the kept page was changed; PrintingError while the receipt itself still waits;
    ReportError where there is no printer or no such sale.
    """
    actor.require(Permission.REPRINT)
    if not shop.prints:
        raise ReportError(_("This till has no printer (printer.kind is none)."))
    job = queue.receipt_of(session, sale_id)
    if job:
        return kept_pages.reprint(session, job.id, till=shop.till, actor=actor, now=now)
    page = _made_anew(session, shop, sale_id)
    chain.append(
        session,
        till=shop.till,
        stream=chain.COPIES,
        event="copy",
        actor=actor.id,
        now=now,
        data={"sale": str(sale_id), "title": page.title, **actor.approval()},
    )
    return queue.enqueue(
        session,
        till=shop.till,
        kind=queue.COPY,
        title=page.title,
        document=mark_copy(page, _("COPY")),
        sale_id=sale_id,
        now=now,
    )


def _made_anew(session: Session, shop: Shop, sale_id: UUID) -> Document:
    """What the receipt said, of the rows; head and foot are the shop's of today, and it says that it is no original."""
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise ReportError(_("There is no such sale in these books."))
    return _Anew(session, shop, sale).page()


class _Anew:
    """A sale's rows, written as a receipt writes them."""

    def __init__(self, session: Session, shop: Shop, sale: Sale) -> None:
        self._session = session
        self._shop = shop
        self._sale = sale
        self._currency = sold_in(sale)
        self._label = receipt_label(sale.till, sale.number)
        rows = select(SaleLine).where(SaleLine.sale_id == sale.id).order_by(SaleLine.position)
        self._rows = session.scalars(rows).all()

    def page(self) -> Document:
        """The whole of it."""
        title = _("Receipt {label}").format(label=self._label)
        note = Text(_("Made anew from the books"), align="center")
        head = Text(self._shop.name, align="center", bold=True, size=2)
        address = [Text(line, align="center") for line in self._shop.address if line]
        blocks = [head, *address, note, Rule(), *self._lines(), *self._totals(), *self._tenders()]
        return Document(title, (*blocks, *self._taxes(), *self._identity(title)))

    def _money(self, minor: int) -> str:
        return format_money(minor, self._currency, self._shop.locale, paper=True)

    def _lines(self) -> list[Block]:
        blocks: list[Block] = []
        for line in self._rows:
            stated = line.amount_minor + line.line_discount_minor + line.sale_discount_minor
            blocks.append(Row(line.name, self._money(stated)))
            if line.quantity != 1 or line.unit != "piece":
                quantity = format_quantity(line.quantity, line.unit, self._shop.locale, paper=True)
                blocks.append(Text(f"  {quantity} × {self._money(line.unit_price_minor)}"))
            if line.serial:
                blocks.append(Text("  " + _("serial no. {serial}").format(serial=line.serial)))
            if line.supplement:
                blocks.append(Text("  " + _("issue {number}").format(number=line.supplement)))
            if line.line_discount_minor:
                blocks.append(Row("  " + _("discount"), self._money(-line.line_discount_minor)))
        return blocks

    def _totals(self) -> list[Block]:
        sale = self._sale
        blocks: list[Block] = [Rule()]
        discount_minor = sum(line.sale_discount_minor for line in self._rows)
        if discount_minor:
            subtotal_minor = sum(line.amount_minor for line in self._rows) + discount_minor
            blocks.append(Row(_("Subtotal"), self._money(subtotal_minor)))
            blocks.append(Row(_("discount"), self._money(-discount_minor)))
        if not sale.prices_include_tax:
            blocks.append(Row(_("Net"), self._money(sale.net_minor)))
            blocks.append(Row(_("Tax"), self._money(sale.tax_minor)))
        total = _("TOTAL {currency}").format(currency=sale.currency)
        return [*blocks, Row(total, self._money(sale.gross_minor), bold=True, size=2)]

    def _tenders(self) -> list[Block]:
        blocks: list[Block] = []
        if self._sale.cash_rounding_minor:
            blocks.append(Row(_("Cash rounding"), self._money(self._sale.cash_rounding_minor)))
        rows = select(SaleTender).where(SaleTender.sale_id == self._sale.id).order_by(SaleTender.position)
        for tender in self._session.scalars(rows):
            name = tender_name(TenderKind(tender.kind)) if tender.kind in list(TenderKind) else tender.kind
            blocks.append(Row(name, self._money(tender.given_minor)))
            if tender.last_four:
                blocks.append(Text(f"  **** {tender.last_four}"))
        if self._sale.change_minor:
            blocks.append(Row(_("Change"), self._money(self._sale.change_minor), bold=True))
        return blocks

    def _taxes(self) -> list[Block]:
        blocks: list[Block] = [Rule()]
        names = {
            TaxKind.ZERO_RATED: _("Zero-rated"),
            TaxKind.EXEMPT: _("Exempt"),
            TaxKind.OUT_OF_SCOPE: _("Not taxed"),
        }
        rows = select(SaleTax).where(SaleTax.sale_id == self._sale.id)
        for row in self._session.scalars(rows.order_by(SaleTax.percent.desc(), SaleTax.tax_class)):
            amounts = _("{net} + tax {tax} = {gross}").format(
                net=self._money(row.net_minor),
                tax=self._money(row.tax_minor),
                gross=self._money(row.gross_minor),
            )
            percent = format_percent(row.percent, self._shop.locale, paper=True)
            blocks.append(Row(names.get(TaxKind(row.kind)) or percent, amounts))
        return blocks

    def _identity(self, title: str) -> list[Block]:
        local = self._sale.completed_at.astimezone(self._shop.zone)
        locale = self._shop.locale
        when = f"{format_date(local.date(), locale, paper=True)} {format_time(local, locale, paper=True)}"
        proof = Row("", _("proof {hash}").format(hash=self._proof()))
        customer = customer_block(self._sale.customer_text)
        return [Rule(), Row(title, when), proof, *customer, Blank(), Barcode(self._label)]

    def _proof(self) -> str:
        """What the receipt printed of its journal entry."""
        entry = kept_pages.entry_of(self._session, self._sale)
        return proof_of(entry.hash) if entry else "-"
