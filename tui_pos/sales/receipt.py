"""What a receipt says: one document for the screen, for plain text and for paper."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hardware.document import Barcode, Blank, Block, Document, Logo, Qr, Row, Rule, Text
from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.i18n import _, speaking
from tui_pos.i18n.formatting import format_date, format_money, format_percent, format_quantity, format_time
from tui_pos.money.currency import Currency
from tui_pos.money.discount import PercentOff
from tui_pos.money.errors import MoneyError
from tui_pos.money.tax import TaxKind, TaxRate
from tui_pos.people.actor import Actor
from tui_pos.printing.queue import JobView, receipt_of
from tui_pos.sales.basket import SaleError
from tui_pos.sales.models import Sale
from tui_pos.sales.shop import Shop
from tui_pos.sales.tendering import Settlement
from tui_pos.sales.view import Basket, Line, Tender, TenderKind
from tui_pos.storage.errors import damaged

NO_RETURNS: Mapping[UUID, str] = {}

HASH_CHARACTERS = 12
"""How much of the journal's hash is printed: enough to show that the chain's end was cut off later."""

NO_PROOF = "0" * HASH_CHARACTERS
"""What stands in a page's room for its proof, until the journal's entry is made."""


def receipt_document(
    basket: Basket,
    shop: Shop,
    actor: Actor,
    now: dt.datetime,
    number: int,
    settlement: Settlement,
    returned_from: Mapping[UUID, str] = NO_RETURNS,
) -> Document:
    """The receipt of a sale that is being completed as number `number`, in the customers' language: the shop's.

    `returned_from` names the receipts, by their sales' ids, of what is given back. There is room for the proof, which
    `kept_pages.with_proof` fills.
    """
    with speaking(shop.locale):
        money = Money(shop)
        label = (training_label if basket.training else receipt_label)(shop.till, number)
        blocks: list[Block] = [
            *_header(shop),
            *_kind(basket),
            *(block for line in basket.lines for block in _line(line, money, returned_from)),
            *_totals(basket, money),
            *_tenders(basket, settlement, money),
            *_taxes(basket, money),
            *_identity(shop, actor, now, label),
            *customer_block(basket.customer_text),
            *_footer(shop, label, now, basket.total_minor, money),
        ]
        page = Document(_("Receipt {label}").format(label=label), tuple(blocks))
        return mark_training(page) if basket.training else page


def proof_of(entry_hash: bytes) -> str:
    """What paper shows of a journal entry: the first digits of its hash."""
    return entry_hash.hex()[:HASH_CHARACTERS]


def receipt_label(till: str, number: int) -> str:
    """How people name a sale: the till, and its number there."""
    return f"{till}-{number:06d}"


def sold_in(sale: Any) -> Currency:
    """The currency of a Sale, or of a row with its columns. Raises DatabaseUnavailable where there is none such."""
    try:
        return Currency(sale.currency, sale.exponent, 1)
    except MoneyError as error:
        text = _("receipt {label}, table sale")
        raise damaged(text.format(label=receipt_label(sale.till, sale.number))) from error


def read_label(text: str, till: str) -> tuple[str, int] | None:
    """The till and the number that a person or a barcode names: `till1-000017`, or `17` at `till` itself.

    The prefix by which a scanner names the kind of barcode (such as ]C0) is left out.
    """
    match = re.fullmatch(r"(?:\][A-Za-z].)?(?:([A-Za-z0-9_-]{1,40})-)?([0-9]{1,9})", text.strip())
    return (match[1] or till, int(match[2])) if match else None


def training_label(till: str, number: int) -> str:
    """How a practised sale is named. No field takes it for a receipt's number."""
    return f"{till}-T{number:06d}"


def mark_training(document: Document) -> Document:
    """The same page with TRAINING at its head, its foot, the head of each part and under each total; no codes."""
    word = _("TRAINING")
    banner = Text(word, align="center", bold=True, size=2)
    blocks: list[Block] = [banner, Text(_("Practice only: this is no receipt."), align="center")]
    for block in document.blocks:
        if isinstance(block, Barcode | Qr):
            continue
        blocks.append(block)
        if isinstance(block, Rule) or (isinstance(block, Row) and block.bold):
            blocks.append(Text(word, align="right" if isinstance(block, Row) else "center", bold=True))
    return Document(document.title, (*blocks, banner))


class Money:
    """Formats this shop's amounts for paper: ASCII minus, no symbol."""

    def __init__(self, shop: Shop) -> None:
        self.currency = shop.rules.currency
        self.locale = shop.locale

    def __call__(self, minor: int) -> str:
        return format_money(minor, self.currency, self.locale, paper=True)

    def quantity(self, quantity: Decimal, unit: str) -> str:
        return format_quantity(quantity, unit, self.locale, paper=True)

    def percent(self, percent: Decimal) -> str:
        return format_percent(percent, self.locale, paper=True)


def _header(shop: Shop) -> list[Block]:
    blocks: list[Block] = [Logo(shop.logo)] if shop.logo else []
    blocks.append(Text(shop.name, align="center", bold=True, size=2))
    blocks += [Text(text, align="center") for text in (*shop.address, *shop.header) if text]
    if shop.tax_id:
        blocks.append(Text(_("Tax id {tax_id}").format(tax_id=shop.tax_id), align="center"))
    return [*blocks, Rule()]


def _kind(basket: Basket) -> list[Block]:
    """A page that only gives back says so at its head."""
    if not all(line.returns_sale_id for line in basket.lines):
        return []
    return [Text(_("RETURN"), align="center", bold=True, size=2), Rule()]


def _line(line: Line, money: Money, returned_from: Mapping[UUID, str]) -> list[Block]:
    """The name and the amount; under it how the amount came about, where that is not plain."""
    if line.returns_sale_id is not None:
        return _returned_line(line, money, returned_from.get(line.returns_sale_id, ""))
    price = line.priced
    blocks: list[Block] = [Row(line.name, money(price.list_minor))]
    if line.quantity != 1 or line.unit != "piece":
        quantity = money.quantity(line.quantity, line.unit)
        by_label = line.fixed_amount_minor is not None  # its price need not be quantity times unit price
        blocks.append(Text(f"  {quantity}" if by_label else f"  {quantity} × {money(line.unit_price_minor)}"))
    if line.list_price_minor is not None:
        blocks.append(Text("  " + _("instead of {price}").format(price=money(line.list_price_minor))))
    if line.lot:
        blocks.append(Text("  " + _("lot {lot}").format(lot=line.lot)))
    if line.serial:
        blocks.append(Text("  " + _("serial no. {serial}").format(serial=line.serial)))
    if line.supplement:
        blocks.append(Text("  " + _("issue {number}").format(number=line.supplement)))
    if price.discount_minor:
        blocks.append(Row("  " + _discount_label(line.discount, money), money(-price.discount_minor)))
    return blocks


def _returned_line(line: Line, money: Money, label: str) -> list[Block]:
    """What is given back, and of which receipt."""
    blocks: list[Block] = [
        Row(line.name, money(line.priced.amount_minor)),
        Text("  " + _("returned, of receipt {label}").format(label=label)),
    ]
    if line.quantity != -1 or line.unit != "piece":
        quantity = money.quantity(line.quantity, line.unit)
        blocks.append(Text(f"  {quantity} × {money(line.unit_price_minor)}"))
    if line.serial:
        blocks.append(Text("  " + _("serial no. {serial}").format(serial=line.serial)))
    return blocks


def _discount_label(discount: object, money: Money) -> str:
    if isinstance(discount, PercentOff):
        return _("discount {percent}").format(percent=money.percent(discount.percent))
    return _("discount")


def _totals(basket: Basket, money: Money) -> list[Block]:
    priced = basket.priced
    blocks: list[Block] = [Rule()]
    if priced.sale_discount_minor:
        blocks.append(Row(_("Subtotal"), money(priced.subtotal_minor)))
        blocks.append(Row(_discount_label(basket.discount, money), money(-priced.sale_discount_minor)))
    if not basket.rules.prices_include_tax:
        blocks.append(Row(_("Net"), money(priced.net_minor)))
        blocks.append(Row(_("Tax"), money(priced.tax_minor)))
    total = _("TOTAL {currency}").format(currency=money.currency.code)
    return [*blocks, Row(total, money(priced.gross_minor), bold=True, size=2)]


def _tenders(basket: Basket, settlement: Settlement, money: Money) -> list[Block]:
    blocks: list[Block] = []
    if settlement.rounding:
        blocks.append(Row(_("Cash rounding"), money(settlement.rounding)))
    for tender in basket.tenders:
        blocks.append(Row(tender_name(tender.kind), money(tender.given_minor)))
        if tender.kind is TenderKind.CARD:
            blocks.append(Text("  " + _card_details(tender)))
    if settlement.change:
        blocks.append(Row(_("Change"), money(settlement.change), bold=True))
    return blocks


def tender_name(kind: TenderKind) -> str:
    """What people call this way of paying."""
    return {TenderKind.CASH: _("Cash"), TenderKind.CARD: _("Card")}[kind]


def _card_details(tender: Tender) -> str:
    parts = [_("entered by hand")] if tender.entered_by_hand else []
    if tender.last_four:
        parts.append(f"**** {tender.last_four}")
    if tender.authorisation:
        parts.append(_("auth. {code}").format(code=tender.authorisation))
    return ", ".join(parts)


def _taxes(basket: Basket, money: Money) -> list[Block]:
    """The tax table: base, tax and gross of each rate; what bears no tax says why."""
    blocks: list[Block] = [Rule()]
    for rate_row in basket.priced.rows:
        amounts = _("{net} + tax {tax} = {gross}").format(
            net=money(rate_row.net_minor), tax=money(rate_row.tax_minor), gross=money(rate_row.gross_minor)
        )
        blocks.append(Row(rate_name(rate_row.rate, money), amounts))
    return blocks


def rate_name(rate: TaxRate, money: Money) -> str:
    """A rate as the tax table names it."""
    names = {
        TaxKind.ZERO_RATED: _("Zero-rated"),
        TaxKind.EXEMPT: _("Exempt"),
        TaxKind.OUT_OF_SCOPE: _("Not taxed"),
    }
    return names.get(rate.kind) or money.percent(rate.percent)


def _identity(shop: Shop, actor: Actor, now: dt.datetime, label: str) -> list[Block]:
    local = now.astimezone(shop.zone)
    when = (
        f"{format_date(local.date(), shop.locale, paper=True)} {format_time(local, shop.locale, paper=True)}"
    )
    return [
        Rule(),
        Row(_("Receipt {label}").format(label=label), when),
        Row(
            _("Served by {name}").format(name=actor.name),
            _("proof {hash}").format(hash=NO_PROOF),
        ),
    ]


def customer_block(customer_text: str) -> list[Block]:
    """Whom the sale was for, where that was noted."""
    return [Text(_("Customer: {text}").format(text=customer_text))] if customer_text else []


def _footer(shop: Shop, label: str, now: dt.datetime, total_minor: int, money: Money) -> list[Block]:
    blocks: list[Block] = [Blank(), Barcode(label)]
    if shop.qr:
        date = shop.local_date(now).isoformat()  # the one that stands above it
        total = money(total_minor)
        values = {"shop": shop.name, "till": shop.till, "number": label, "date": date, "total": total}
        blocks.append(Qr(shop.qr.format(**values)))
    return [*blocks, *(Text(text, align="center") for text in shop.footer if text)]


def find_receipt(session: Session, till: str, number: str) -> JobView:
    """The receipt that a person asks for by its number, with or without the till's name: `17` or `till1-000017`.

    Raises SaleError if there is none.
    """
    named = read_label(number, till)
    sale_id = named and session.scalar(select(Sale.id).where(Sale.till == named[0], Sale.number == named[1]))
    job = receipt_of(session, sale_id) if sale_id else None
    if job is None:
        raise SaleError(
            _("There is no receipt {number} at this till.").format(number=hide_card_numbers(number))
        )
    return job
