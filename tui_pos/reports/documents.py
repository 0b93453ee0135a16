"""What a report looks like: one page for the screen, for plain text, for paper and for a PDF."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hardware.document import Block, Document, Row, Rule, Text
from tui_pos.drawer.shifts import Purpose
from tui_pos.i18n import _, speaking
from tui_pos.i18n.formatting import format_date, format_money, format_percent, format_quantity, format_time
from tui_pos.journal import chain
from tui_pos.money.currency import Currency
from tui_pos.money.tax import TaxKind
from tui_pos.payments.shifts import drawer_label
from tui_pos.reports.figures import (
    CashEntry,
    Counted,
    CountFigures,
    DrawerOpening,
    Figures,
    ReportKind,
    ShiftFigures,
    TaxFigures,
)
from tui_pos.sales.receipt import tender_name
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import TenderKind

HASH_CHARACTERS = 12


class _Written:
    """How this shop writes amounts, rates and times on paper."""

    def __init__(self, figures: Figures, shop: Shop) -> None:
        self._currency = Currency(figures.currency, figures.exponent, 1)
        drawers = {shift.drawer for shift in figures.shifts} | {each.drawer for each in figures.cash_entries}
        self._several_drawers = len({*shop.drawer.names, *drawers} - {""}) > 1
        self._zone = shop.zone
        self._locale = shop.locale

    def money(self, minor: int | None) -> str:
        if minor is None:
            return "-"
        return format_money(minor, self._currency, self._locale, paper=True)

    def percent(self, percent: Decimal) -> str:
        return format_percent(percent, self._locale, paper=True)

    def quantity(self, quantity: Decimal) -> str:
        return format_quantity(quantity, "piece", self._locale, paper=True)

    def moment(self, at: dt.datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{self.date(local.date())} {format_time(local, self._locale, paper=True)}"

    def time(self, at: dt.datetime) -> str:
        return format_time(at.astimezone(self._zone), self._locale, paper=True)

    def date(self, date: dt.date) -> str:
        return format_date(date, self._locale, paper=True)

    def who(self, each: CashEntry | DrawerOpening) -> list[Block]:
        """When it was, by whom, and where: what a Z of before does not tell is left out."""
        if each.at is None:
            return []
        parts = [self.moment(each.at), each.by, each.till]
        if each.drawer and self._several_drawers:
            parts.append(drawer_label(each.drawer))
        return [Text("    " + ", ".join(filter(None, parts)))]


def report_document(figures: Figures, shop: Shop, members: Sequence[Figures] = ()) -> Document:
    """The page of an X, a Z, or the Zs `members` of the whole shop; in the shop's language, whoever makes it."""
    with speaking(shop.locale):
        return _page(figures, shop, members)


def _page(figures: Figures, shop: Shop, members: Sequence[Figures]) -> Document:
    written = _Written(figures, shop)
    blocks: list[Block] = [
        *_head(figures, shop, written),
        *_takings(figures, written),
        *_by_till(members, written),
        *_taxes(figures, written),
        *_tenders(figures, written),
        *_departments(figures, written),
        *_cashiers(figures, written),
        *_counts(figures, written),
        *_cash(figures, written),
        *_shifts(figures, written),
        *_perpetual(figures, written),
    ]
    if figures.kind == ReportKind.X:
        blocks += _journal(figures)
        blocks += [Rule(), Text(_("Nothing was closed by this."), align="center")]
    elif figures.kind == ReportKind.Z:
        blocks += [Rule(), Row(_("Journal"), ""), Row(_("Closure"), "")]
    return Document(report_title(figures), tuple(blocks))


def _journal(figures: Figures) -> list[Block]:
    """Where each stream had come to when an X was made, and the start of its last entry's hash."""
    names = {
        chain.RECEIPTS: _("Receipts"),
        chain.EVENTS: _("Events"),
        chain.CLOSURES: _("Closures"),
        chain.COPIES: _("Copies"),
        chain.TRAINING: _("Training"),
    }
    rows = [
        Row(f"{name} {figures.journal[stream].seq}", figures.journal[stream].hash[:HASH_CHARACTERS])
        for stream, name in names.items()
        if stream in figures.journal and figures.journal[stream].seq
    ]
    return [*_section(_("Journal")), *rows] if rows else []


def report_title(figures: Figures) -> str:
    """How people name the report."""
    if figures.kind == ReportKind.X:
        return _("X report, {till}").format(till=figures.till)
    if figures.kind == ReportKind.SHOP:
        return _("All tills, {till}").format(till=figures.till)
    return _("Z {number:06d}, {till}").format(number=figures.number, till=figures.till)


def with_proof(document: Document, entry_hash: str, signature: str) -> Document:
    """A Z's page with what ties it to the journal: the start of its entry's hash, and of the closure's proof.

    Both are known only once the page is kept, so it is kept with room for them in its last two rows.
    """
    *blocks, journal, closure = document.blocks
    assert isinstance(journal, Row)
    assert isinstance(closure, Row)
    proof = (replace(journal, right=entry_hash[:HASH_CHARACTERS]), replace(closure, right=signature))
    return replace(document, blocks=(*blocks, *proof))


def _head(figures: Figures, shop: Shop, written: _Written) -> list[Block]:
    blocks: list[Block] = [Text(figures.shop.name, align="center", bold=True, size=2)]
    blocks += [Text(text, align="center") for text in (*figures.shop.address, *shop.header) if text]
    if figures.shop.tax_id:
        text = _("Tax id {tax_id}").format(tax_id=figures.shop.tax_id)
        blocks.append(Text(text, align="center"))
    kinds = {ReportKind.X.value: _("X REPORT"), ReportKind.SHOP.value: _("ALL TILLS")}
    title = kinds.get(figures.kind) or _("Z REPORT {number}").format(number=f"{figures.number:06d}")
    blocks += [Rule("="), Text(title, align="center", bold=True, size=2), Rule("=")]
    blocks.append(Row(_("Till"), figures.till))
    blocks += [
        Row(_("Business date"), written.date(figures.business_date)),
        Row(_("From"), written.moment(figures.since)),
        Row(_("To"), written.moment(figures.until)),
    ]
    if figures.first_receipt is not None and figures.last_receipt is not None:
        blocks.append(Row(_("Receipt numbers"), _receipt_numbers(figures)))
    blocks += [Row(_("Software"), figures.software), Row(_("Currency"), figures.currency)]
    return blocks


def _receipt_numbers(figures: Figures) -> str:
    return f"{figures.first_receipt} - {figures.last_receipt}"


def _section(title: str) -> list[Block]:
    return [Rule(), Text(title, bold=True)]


def _takings(figures: Figures, written: _Written) -> list[Block]:
    money = written.money
    blocks: list[Block] = [
        Rule(),
        Row(_("Receipts"), str(figures.receipts)),
        Row(_("Sold"), money(figures.sales_minor)),
        Row(_("Taken back"), money(figures.returns_minor)),
        Row(_("TAKINGS"), money(figures.gross_minor), bold=True, size=2),
        Row(_("without tax"), money(figures.net_minor)),
        Row(_("tax"), money(figures.tax_minor)),
    ]
    if figures.cash_rounding_minor:
        blocks.append(Row(_("Cash rounding (beside the takings)"), money(figures.cash_rounding_minor)))
    return blocks


def _by_till(members: Sequence[Figures], written: _Written) -> list[Block]:
    """What is summed: each report with its first and last receipt, and its takings."""
    blocks = _section(_("By till"))
    for each in members:
        blocks.append(Row(report_title(each), written.money(each.gross_minor)))
        if each.first_receipt is not None:
            blocks.append(Row("  " + _("Receipt numbers"), _receipt_numbers(each)))
    return blocks if members else []


def _taxes(figures: Figures, written: _Written) -> list[Block]:
    """Each rate by what a customer calls it; two classes at one rate are told apart by their codes."""
    names = {
        TaxKind.ZERO_RATED: _("Zero-rated"),
        TaxKind.EXEMPT: _("Exempt"),
        TaxKind.OUT_OF_SCOPE: _("Not taxed"),
    }

    def name(tax: TaxFigures) -> str:
        return names.get(TaxKind(tax.kind)) or written.percent(tax.percent)

    shared = {each for each, count in Counter(map(name, figures.taxes)).items() if count > 1}
    blocks = _section(_("By tax rate"))
    for tax in figures.taxes:
        label = f"{name(tax)} ({tax.tax_class})" if name(tax) in shared else name(tax)
        amounts = _("{net} + tax {tax}").format(
            net=written.money(tax.net_minor), tax=written.money(tax.tax_minor)
        )
        blocks += [Row(label, written.money(tax.gross_minor)), Row(f"  {amounts}", "")]
    return blocks if figures.taxes else []


def _tenders(figures: Figures, written: _Written) -> list[Block]:
    if not figures.tenders:
        return []
    rows = [
        Row(f"{tender_name(TenderKind(each.kind))} ({each.count})", written.money(each.amount_minor))
        for each in figures.tenders
    ]
    return [*_section(_("Paid by")), *rows]


def _departments(figures: Figures, written: _Written) -> list[Block]:
    if not figures.departments:
        return []
    rows = [
        Row(
            f"{each.name or _('no department')} ({written.quantity(each.quantity)})",
            written.money(each.amount_minor),
        )
        for each in figures.departments
    ]
    return [*_section(_("By department")), *rows]


def _cashiers(figures: Figures, written: _Written) -> list[Block]:
    if not figures.cashiers:
        return []
    rows = [
        Row(f"{each.name} ({each.receipts})", written.money(each.gross_minor)) for each in figures.cashiers
    ]
    return [*_section(_("By cashier")), *rows]


def _counts(figures: Figures, written: _Written) -> list[Block]:
    counted: list[tuple[str, Counted]] = [
        (_("Lines taken back"), figures.returns),
        (_("Discounts"), figures.discounts),
        (_("Lines voided or lowered"), figures.voided_lines),
        (_("Sales voided"), figures.voided_sales),
        (_("Prices changed"), figures.price_changes),
        (_("Tenders taken back"), figures.tenders_taken_back),
        (_("Training, in no total"), figures.training),
    ]
    numbers = [
        (_("Drawer opened in all"), figures.drawer_openings),
        (_("Copies printed"), figures.copies),
        (_("Price checks"), figures.price_checks),
    ]
    rows = [Row(f"{name} ({each.count})", written.money(each.amount_minor)) for name, each in counted]
    openings: list[Block] = [Row(_("Drawer opened without a sale"), str(figures.no_sales))]
    for opening in figures.openings:
        openings += [Text(f"  {opening.reason}"), *written.who(opening)]
    for each in figures.pin_recoveries:
        where = ", ".join(filter(None, (written.moment(each.at), each.by, each.till)))
        openings += [Text(_("PIN of the owner {name} set anew").format(name=each.name)), Text(f"    {where}")]
    counts = (Row(name, str(number)) for name, number in numbers)
    return [*_section(_("Other events")), *rows, *openings, *counts]


def _cash(figures: Figures, written: _Written) -> list[Block]:
    """From the float to what was counted; each sum of cash in and out with what it is made of."""
    cash, money = figures.cash, written.money
    rows = [
        (_("Cash sales"), cash.sales_minor, ""),
        (_("Cash refunds"), -cash.refunds_minor, ""),
        (_("Paid in"), cash.paid_in_minor, "paid_in"),
        (_("Paid out"), -cash.paid_out_minor, "paid_out"),
        (_("Drops to the safe"), -cash.drops_minor, "drop"),
    ]
    blocks: list[Block] = [*_section(_("Cash")), Row(_("Float"), money(cash.float_minor))]
    if cash.float_difference_minor is not None:
        blocks.append(Row("  " + _("Differs from what was left"), money(cash.float_difference_minor)))
    for name, amount, kind in rows:
        entries = [each for each in figures.cash_entries if each.kind == kind]
        blocks.append(Row(f"{name} ({len(entries)})" if kind else name, money(amount)))
        for each in entries:
            signed = each.amount_minor if kind == "paid_in" else -each.amount_minor
            blocks += [Row(f"  {_what_for(each, written)}", money(signed)), *written.who(each)]
    blocks.append(Row(_("Expected"), money(cash.expected_minor), bold=True))
    if cash.counted_minor is not None:
        uncounted_minor = cash.expected_minor + (cash.over_short_minor or 0) - cash.counted_minor
        if uncounted_minor:
            blocks.append(Row("  " + _("of it in no drawer that is counted"), money(uncounted_minor)))
        blocks += [
            Row(_("Counted"), money(cash.counted_minor)),
            Row(_over_or_short(cash.over_short_minor), money(cash.over_short_minor), bold=True),
        ]
    return blocks


def _what_for(entry: CashEntry, written: _Written) -> str:
    if not entry.takes_back:
        return entry.reason
    if entry.takes_back_at is not None:
        return _("takes back “{what}” of {time}: {reason}").format(
            what=entry.takes_back, time=written.time(entry.takes_back_at), reason=entry.reason
        )
    return _("takes back “{what}”: {reason}").format(what=entry.takes_back, reason=entry.reason)


def _over_or_short(minor: int | None) -> str:
    if not minor:
        return _("Difference")
    return _("Over") if minor > 0 else _("Short")


def _shifts(figures: Figures, written: _Written) -> list[Block]:
    if not figures.shifts:
        return []
    blocks = _section(_("Shifts"))
    for shift in figures.shifts:
        blocks += _shift(shift, written)
    return blocks


def _shift(shift: ShiftFigures, written: _Written) -> list[Block]:
    money = written.money
    blocks: list[Block] = [
        Text(_("Shift {number}, {drawer}").format(number=shift.number, drawer=drawer_label(shift.drawer))),
        Row("  " + _("Opened"), written.moment(shift.opened_at)),
    ]
    if shift.closed_at:
        blocks.append(Row("  " + _("Closed"), written.moment(shift.closed_at)))
    else:
        blocks.append(Text("  " + _("still open")))
    people = [shift.opened_by]
    if shift.closed_by and shift.closed_by != shift.opened_by:
        people.append(shift.closed_by)
    blocks += [
        Row(f"  {', '.join(people)}", ""),
        Row("  " + _("Float"), money(shift.float_minor)),
        *_float_left(shift, written),
        *_earlier_counts(shift, written),
    ]
    if shift.closed_at is None:
        if shift.expected_minor is not None:
            blocks.append(Row("  " + _("Expected"), money(shift.expected_minor)))
        return blocks
    blocks += [
        Row("  " + _("Expected"), money(shift.expected_minor)),
        Row("  " + _("Counted"), money(shift.counted_minor)),
        *(_who_counted(count, written) for count in shift.counts if count.closed),
        Row("  " + _over_or_short(shift.over_short_minor), money(shift.over_short_minor)),
    ]
    if shift.explanation:
        blocks.append(Text("    " + _("Explanation: {text}").format(text=shift.explanation)))
    return [*blocks, Row("  " + _("Left in the drawer"), money(shift.left_minor))]


def _float_left(shift: ShiftFigures, written: _Written) -> list[Block]:
    """What the shift before left, where the float is something else."""
    left_minor = shift.left_before_minor
    if left_minor is None or left_minor == shift.float_minor:
        return []
    return [
        Row("    " + _("Left by the last close"), written.money(left_minor)),
        Row("    " + _("Difference"), written.money(shift.float_minor - left_minor)),
    ]


def _earlier_counts(shift: ShiftFigures, written: _Written) -> list[Block]:
    """Each count that the shift was not closed with: those in between, and those that were counted again."""
    blocks: list[Block] = []
    for count in shift.counts:
        if count.closed:
            continue
        name = _("Counted in between")
        if count.purpose == Purpose.CLOSE:
            name = _("Counted to close") if shift.closed_at is None else _("Counted, then recounted")
        over_minor = count.over_short_minor
        blocks += [
            Row("  " + name, written.money(count.total_minor)),
            _who_counted(count, written),
            Row("    " + _over_or_short(over_minor), written.money(over_minor)),
        ]
    return blocks


def _who_counted(count: CountFigures, written: _Written) -> Block:
    return Text(f"    {written.moment(count.at)}, {count.by}")


def _perpetual(figures: Figures, written: _Written) -> list[Block]:
    total, money = figures.perpetual, written.money
    return [
        *_section(_("Since installation, never reset")),
        Row(_("Receipts"), str(total.receipts)),
        Row(_("Sold"), money(total.sales_minor)),
        Row(_("Taken back"), money(total.returns_minor)),
        Row(_("Sold less taken back"), money(total.net_minor)),
        Row(_("Sold and taken back together"), money(total.absolute_minor)),
    ]
