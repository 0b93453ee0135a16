"""What Zs and shifts must come to: sums made anew, in Python, over the rows themselves."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.payments.models import CashCount, CashMovement, Shift, ShiftClose
from tui_pos.people.models import Staff
from tui_pos.printing.models import PrintJob
from tui_pos.reports.figures import Bounds, Figures, Perpetual, ShiftFigures, from_bytes
from tui_pos.reports.models import ZReport
from tui_pos.reports.z import REPORT
from tui_pos.sales.models import Correction, Sale, SaleLine, SaleTax, SaleTender, TrainingSale

CASH_KINDS = ("paid_in", "paid_out", "drop")


def check_zs(session: Session, till: str = "till1") -> list[Figures]:
    """Each Z is there whole, and is the sum of its own rows. Returns them. Raises AssertionError."""
    reports = session.scalars(select(ZReport).where(ZReport.till == till).order_by(ZReport.number)).all()
    zs = [from_bytes(report.content) for report in reports]
    assert [report.number for report in reports] == list(range(1, len(zs) + 1)), "Zs with gaps"
    _check_whole(session, reports, till)
    for before, after in pairwise(zs):
        assert after.since == before.until, f"Z {after.number} does not go on where the one before ended"
    period = _Rows(session, till)
    last: Figures | None = None
    for z in zs:
        try:
            _check_z(z, last, period)
        except AssertionError as error:
            raise AssertionError(f"Z {z.number}: {error}") from error
        last = z
    return zs


def _check_whole(session: Session, reports: Sequence[ZReport], till: str) -> None:
    """Row, journal entry, closure and page of each, all of them saying the same."""
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.till == till, JournalEntry.event == "z")
        .order_by(JournalEntry.seq)
    ).all()
    closures = session.scalars(select(Closure).where(Closure.till == till).order_by(Closure.number)).all()
    of_zs = [closure for closure in closures if json.loads(closure.body)["kind"] == "z"]
    titles = session.scalars(select(PrintJob.title).where(PrintJob.till == till, PrintJob.kind == REPORT))
    pages = sorted(title for title in titles if title.startswith("Z"))
    assert [json.loads(entry.body)["data"]["z"] for entry in entries] == [
        json.loads(report.content) for report in reports
    ], "the journal has other Zs"
    assert [closure.at for closure in of_zs] == [report.at for report in reports], "closures of other Zs"
    assert pages == [f"Z {report.number:06d}, {till}" for report in reports], f"pages of other Zs: {pages}"


class _Rows:
    """The rows of one till, read once."""

    def __init__(self, session: Session, till: str) -> None:
        def all_of(model: Any) -> Sequence[Any]:
            rows: Sequence[Any] = session.scalars(select(model)).all()
            return rows

        self.sales = [sale for sale in all_of(Sale) if sale.till == till]
        self.shifts = [shift for shift in all_of(Shift) if shift.till == till]
        self.practised = [sale for sale in all_of(TrainingSale) if sale.till == till]
        self.counts = [count for count in all_of(CashCount) if count.purpose != "open"]
        self.closes = {close.shift_id: close for close in all_of(ShiftClose)}
        self.movements = [row for row in all_of(CashMovement) if row.till == till]
        self.corrections = [row for row in all_of(Correction) if row.till == till]
        self.of_sales = {model: all_of(model) for model in (SaleLine, SaleTax, SaleTender)}
        self.names = {str(id): name for id, name in session.execute(select(Staff.id, Staff.name))}
        events = select(JournalEntry.stream, JournalEntry.event, JournalEntry.seq)
        self.entries = session.execute(events.where(JournalEntry.till == till)).all()


def _within(rows: Iterable[Any], after: int, until: int) -> list[Any]:
    return [row for row in rows if after < row.number <= until]


def _check_z(z: Figures, before: Figures | None, rows: _Rows) -> None:
    after, until = before.bounds if before else Bounds(), z.bounds
    sales = _within(rows.sales, after.sale, until.sale)
    shifts = _within(rows.shifts, after.shift, until.shift)
    practised = _within(rows.practised, after.training, until.training)
    ids = {sale.id for sale in sales}
    lines, taxes, tenders = (
        [row for row in rows.of_sales[model] if row.sale_id in ids] for model in (SaleLine, SaleTax, SaleTender)
    )  # fmt: skip
    assert z.receipts == len(sales), "receipts"
    assert (z.first_receipt, z.last_receipt) == ((after.sale + 1, until.sale) if sales else (None, None)), (
        "bounds"
    )
    for column in ("gross_minor", "net_minor", "tax_minor", "cash_rounding_minor"):
        assert getattr(z, column) == sum(getattr(sale, column) for sale in sales), column
    _check_goods(z, sales, lines)
    _check_groups(z, rows, sales, taxes, tenders)
    assert (z.training.count, z.training.amount_minor) == (
        len(practised),
        sum(sale.gross_minor for sale in practised),
    ), "training"
    _check_cash(z, rows, ids, shifts)
    _check_events(z, before, rows)
    _check_perpetual(z, before)


def _check_goods(z: Figures, sales: Sequence[Any], lines: Sequence[Any]) -> None:
    gross = [(line.quantity > 0, line.net_minor + line.tax_minor) for line in lines]
    assert z.sales_minor == sum(amount for out, amount in gross if out), "what was sold"
    assert z.returns_minor == sum(amount for out, amount in gross if not out), "what came back"
    assert z.returns.count == sum(1 for out, _amount in gross if not out), "lines that came back"
    assert z.discounts.amount_minor == sum(sale.discount_minor for sale in sales), "discounts"
    departments: Counter[str] = Counter()
    quantities: dict[str, Decimal] = {}
    for line in lines:
        departments[line.department] += line.net_minor + line.tax_minor
        quantities[line.department] = quantities.get(line.department, Decimal(0)) + line.quantity
    assert {each.name: each.amount_minor for each in z.departments} == dict(departments), "departments"
    assert {each.name: each.quantity for each in z.departments} == quantities, "quantities"


def _sums(rows: Iterable[Any], key: Callable[[Any], Any], column: str) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for row in rows:
        found[key(row)] += getattr(row, column)
    return dict(found)


def _check_groups(
    z: Figures, rows: _Rows, sales: Sequence[Any], taxes: Sequence[Any], tenders: Sequence[Any]
) -> None:
    for column in ("net_minor", "tax_minor", "gross_minor"):

        def rate(row: Any) -> tuple[Any, ...]:
            return row.tax_class, str(row.kind), row.percent

        assert _sums(z.taxes, rate, column) == _sums(taxes, rate, column), f"{column} by rate"
    told = {each.kind: (each.count, each.amount_minor) for each in z.tenders}
    counts = Counter(tender.kind for tender in tenders)
    sums = _sums(tenders, lambda tender: tender.kind, "amount_minor")
    assert told == {kind: (counts[kind], sums[kind]) for kind in counts}, "tenders"
    by_person = {each.id: (each.name, each.receipts, each.gross_minor) for each in z.cashiers}
    receipts = Counter(sale.actor for sale in sales)
    gross = _sums(sales, lambda sale: sale.actor, "gross_minor")
    people = {who: (rows.names.get(who), receipts[who], gross[who]) for who in receipts if who in rows.names}
    assert {who: told for who, told in by_person.items() if who in rows.names} == people, "cashiers"


def _check_cash(z: Figures, rows: _Rows, sales: set[Any], shifts: Sequence[Any]) -> None:
    """Float + cash sales - refunds + paid in - paid out - drops, over the drawers of the period."""
    of_shifts = {shift.id for shift in shifts}
    cash = [row.amount_minor for row in rows.movements if row.kind == "sale" and row.sale_id in sales]
    moved = [row for row in rows.movements if row.kind in CASH_KINDS and row.shift_id in of_shifts]
    floats = sum(shift.float_minor for shift in shifts)
    closes = [rows.closes[shift.id] for shift in shifts]  # a Z is made of closed drawers
    told = z.cash
    assert told.float_minor == floats, "float"
    assert told.sales_minor == sum(amount for amount in cash if amount > 0), "cash sales"
    assert told.refunds_minor == -sum(amount for amount in cash if amount < 0), "cash refunds"
    for kind, amount in zip(
        CASH_KINDS, (told.paid_in_minor, told.paid_out_minor, told.drops_minor), strict=True
    ):
        assert amount == sum(_of_kind(row) for row in moved if row.kind == kind), kind
    expected = floats + sum(cash) + sum(row.amount_minor for row in moved)
    assert told.expected_minor == expected, "expected cash"
    counted = sum(close.counted_minor for close in closes) if closes else None
    assert told.counted_minor == counted, "counted cash"
    assert told.over_short_minor == (None if counted is None else counted - expected), "over or short"
    assert sorted((e.kind, e.amount_minor) for e in z.cash_entries) == sorted(
        (row.kind, _of_kind(row)) for row in moved
    ), "cash entries"
    assert [shift.number for shift in z.shifts] == sorted(shift.number for shift in shifts), "shifts"
    for figures, shift in zip(z.shifts, sorted(shifts, key=lambda shift: shift.number), strict=True):
        _check_counts(figures, shift, rows)


def _check_counts(told: ShiftFigures, shift: Any, rows: _Rows) -> None:
    """Every count of a shift, which of them closed it, and what the one before had left there."""
    counts = [count for count in rows.counts if count.shift_id == shift.id]
    assert sorted((c.at, c.purpose, c.total_minor, c.expected_minor) for c in told.counts) == sorted(
        (c.at, c.purpose, c.total_minor, c.expected_minor) for c in counts
    ), f"counts of shift {shift.number}"
    assert all(c.over_short_minor == c.total_minor - c.expected_minor for c in told.counts), "over or short"
    closed = [(c.purpose, c.total_minor, c.expected_minor) for c in told.counts if c.closed]
    close = rows.closes[shift.id]
    assert closed == [("close", close.counted_minor, close.expected_minor)], "the count that closed"
    before = [s for s in rows.shifts if s.drawer == shift.drawer and s.number < shift.number]
    left = rows.closes[max(before, key=lambda s: s.number).id].left_minor if before else None
    assert told.left_before_minor == left, f"what lay there before shift {shift.number}"


def _of_kind(movement: Any) -> int:
    """How much more was paid in, paid out or dropped by it: less than nothing where it takes one back."""
    amount: int = movement.amount_minor
    return amount if movement.kind == "paid_in" else -amount


def _check_events(z: Figures, before: Figures | None, rows: _Rows) -> None:
    """What was noted, but sold nothing, since the Z before."""

    def since(stream: str) -> int:
        return before.journal[stream].seq if before else 0

    happened = Counter(
        (entry.stream, entry.event)
        for entry in rows.entries
        if since(entry.stream) < entry.seq <= z.journal[entry.stream].seq
    )
    without_sale = happened["events", "no_sale"] + happened["events", "opened_uncounted"]
    assert (z.no_sales, len(z.openings)) == (without_sale, without_sale), "no-sales"
    assert z.price_checks == happened["events", "price_check"], "price checks"
    assert z.copies == sum(count for (stream, _event), count in happened.items() if stream == "copies"), (
        "copies"
    )
    corrected = [row for row in rows.corrections if since("events") < row.entry <= z.journal["events"].seq]
    for told, kinds in (
        (z.voided_lines, ("void_line", "quantity")), (z.voided_sales, ("void_sale",)),
        (z.price_changes, ("price",)), (z.tenders_taken_back, ("tender",)),
    ):  # fmt: skip
        found = [row.amount_minor for row in corrected if row.kind in kinds]
        assert (told.count, told.amount_minor) == (len(found), sum(found)), kinds[0]


def _check_perpetual(z: Figures, before: Figures | None) -> None:
    """The totals since installation are those of the Z before, and this day's."""
    last = before.perpetual if before else Perpetual()
    assert z.perpetual == Perpetual(
        last.sales_minor + z.sales_minor,
        last.returns_minor + z.returns_minor,
        last.net_minor + z.gross_minor,
        last.absolute_minor + z.sales_minor - z.returns_minor,
        last.receipts + z.receipts,
    ), "totals since installation"


def check_shifts(session: Session, till: str = "till1") -> None:
    """Each drawer is open once at most, and what its shifts expect, count and leave hangs together."""
    shifts = session.scalars(select(Shift).where(Shift.till == till).order_by(Shift.number)).all()
    closes = {close.shift_id: close for close in session.scalars(select(ShiftClose))}
    counts = session.scalars(select(CashCount)).all()
    moved: Counter[Any] = Counter()
    for movement in session.scalars(select(CashMovement).where(CashMovement.till == till)):
        moved[movement.shift_id] += movement.amount_minor
    assert [shift.number for shift in shifts] == list(range(1, len(shifts) + 1)), "shifts with gaps"
    assert set(closes) <= {shift.id for shift in shifts}, "the close of no shift"
    left: dict[str, int | None] = {}
    for shift in shifts:
        name = f"shift {shift.number}"
        of_shift = [count for count in counts if count.shift_id == shift.id]
        before = left.get(shift.drawer, 0)
        assert before is not None, f"{name}: the one before is open"
        opened = [count.total_minor for count in of_shift if count.purpose == "open"]
        assert opened == ([] if shift.carried_over else [shift.float_minor]), f"{name}: its float"
        assert not shift.carried_over or shift.float_minor == before, f"{name}: what was carried over"
        close = closes.get(shift.id)
        left[shift.drawer] = close.left_minor if close else None
        if close is None:
            continue
        assert close.expected_minor == shift.float_minor + moved[shift.id], f"{name}: expected cash"
        to_close = [(c.total_minor, c.expected_minor) for c in of_shift if c.purpose == "close"]
        assert (close.counted_minor, close.expected_minor) in to_close, f"{name}: closed without a count"
        assert close.counted_minor == close.expected_minor or close.explanation, f"{name}: not explained"


def check_returns(session: Session) -> None:
    """Nothing comes back twice, and never for more than was paid for it."""
    lines = session.scalars(select(SaleLine)).all()
    sold = {(line.sale_id, line.position): line for line in lines if not line.returns_sale_id}
    quantities: dict[Any, Decimal] = {}
    amounts: Counter[Any] = Counter()
    for line in lines:
        if line.returns_sale_id:
            key = (line.returns_sale_id, line.returns_position)
            quantities[key] = quantities.get(key, Decimal(0)) - line.quantity
            amounts[key] -= line.net_minor + line.tax_minor
    for key, quantity in quantities.items():
        line = sold[key]
        paid = line.net_minor + line.tax_minor
        assert quantity <= line.quantity, f"{line.name}: {quantity} of {line.quantity} came back"
        assert amounts[key] <= paid, f"{line.name}: {amounts[key]} of {paid} was given back"
        assert quantity < line.quantity or amounts[key] == paid, f"{line.name}: not all was given back"
