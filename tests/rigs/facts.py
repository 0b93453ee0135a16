"""A till as plain facts: what a test says an act makes of it, and what the raw rows say that it made.

The sums here are worked out anew, with nothing of the program's own: goods, discounts, returns and coins.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tui_pos.catalogue.models import Product
from tui_pos.journal.models import JournalEntry
from tui_pos.payments.models import CashMovement, Shift, ShiftClose
from tui_pos.people.models import FailedLogin, Staff
from tui_pos.reports.models import ZReport
from tui_pos.sales.models import OpenLine, OpenSale, OpenTender, Sale, SaleLine, TrainingSale
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading

SMALLEST_COIN_MINOR = 5

Facts = dict[str, Any]
"""By a name such as `open`, `drawer left` or `events/no_sale`. What is nothing (none, 0, empty) is left out."""
Change = Mapping[str, Any]
"""Facts that an act changes, by their names."""


def changed(facts: Facts, change: Change) -> Facts:
    """The facts after a change."""
    return {name: value for name, value in {**facts, **change}.items() if value}


def whole(amount: Decimal) -> int:
    """The nearest minor unit; a half goes up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def coins(amount_minor: int) -> int:
    """What can be paid of it in cash."""
    steps = abs(amount_minor) * 2 // SMALLEST_COIN_MINOR + 1
    rounded = steps // 2 * SMALLEST_COIN_MINOR
    return rounded if amount_minor >= 0 else -rounded


def off(amount_minor: int, discount: str) -> int:
    """What a discount, written "10%" or "500" (minor units), takes off."""
    if discount.endswith("%"):
        return whole(amount_minor * Decimal(discount[:-1]) / 100)
    return min(int(discount or 0), amount_minor)


def parts(total: int, weights: Sequence[int]) -> list[int]:
    """`total` by weight, in whole units: what is over goes to the largest remainders, then to the bigger, the first."""
    everything = sum(weights) or 1
    found = [total * weight // everything for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % everything), -weights[i]))
    for i in order[: total - sum(found)]:
        found[i] += 1
    return found


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of an open sale. What comes back names the line it was sold in (`12/1`), and what it is worth."""

    sku: str
    quantity: Decimal
    each_minor: int
    discount: str = ""
    price_changed: bool = False
    back: str = ""
    worth_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """Without the discount on the whole sale."""
        if self.back:
            return -self.worth_minor
        listed = whole(self.quantity * self.each_minor)
        return listed - off(listed, self.discount)


@dataclass(frozen=True, slots=True)
class Taken:
    """A tender: what it covers, and what was handed over, both in minor units."""

    kind: str
    amount_minor: int
    given_minor: int


@dataclass(frozen=True, slots=True)
class Open:
    """A sale that is open or held."""

    opened_by: str
    lines: tuple[Goods, ...] = ()
    discount: str = ""
    tenders: tuple[Taken, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def amounts(self) -> list[int]:
        """What each line comes to after all discounts. That on the sale is borne by what is sold alone."""
        amounts = [line.amount_minor for line in self.lines]
        weights = [max(0, amount) for amount in amounts]
        shares = parts(off(sum(weights), self.discount), weights)
        return [amount - share for amount, share in zip(amounts, shares, strict=True)]

    @property
    def total_minor(self) -> int:
        return sum(self.amounts)

    @property
    def due_minor(self) -> int:
        return self.total_minor - sum(tender.amount_minor for tender in self.tenders)

    @property
    def cash_in_minor(self) -> int:
        """What the drawer holds more of when this sale is done."""
        cash = [tender for tender in self.tenders if tender.kind == "cash"]
        change = cash[-1].given_minor - coins(cash[-1].amount_minor) if cash else 0
        return sum(tender.given_minor for tender in cash) - change


@dataclass(frozen=True, slots=True)
class SoldGoods:
    """A line of a completed sale, and what was paid for it."""

    sku: str
    quantity: Decimal
    amount_minor: int
    back: str = ""


Sold = tuple[tuple[SoldGoods, ...], int, int]
"""A completed sale: its lines, what it came to, and what its cash added to the drawer."""


def sold(sale: Open) -> Sold:
    """What an open sale becomes."""
    lines = [
        SoldGoods(line.sku, line.quantity, amount, line.back)
        for line, amount in zip(sale.lines, sale.amounts, strict=True)
    ]
    return tuple(lines), sale.total_minor, sale.cash_in_minor


@dataclass(frozen=True, slots=True)
class WrongPins:
    """Wrong PINs in a row, and until when the next one is not looked at."""

    failures: int
    until: dt.datetime


# What the rows say


def read_facts(engine: Engine, till: str = "till1") -> Facts:
    """The facts of one till by its raw rows."""
    with reading(engine) as session:
        facts: Facts = {
            **_open_sales(session),
            **_sales(session),
            **_drawers(session, till),
            **_people(session, till),
            **_stock(session),
            **Counter(
                f"{stream}/{event}"
                for stream, event in session.execute(
                    select(JournalEntry.stream, JournalEntry.event).where(JournalEntry.till == till)
                )
            ),
        }
        facts["shifts"] = len(session.scalars(select(Shift.id)).all())
        facts |= _zs(session)
        facts["practised"] = len(session.scalars(select(TrainingSale.id)).all())
    return changed(facts, {})


def _names(session: Session) -> dict[str, str]:
    return {str(id): name for id, name in session.execute(select(Staff.id, Staff.name))}


def _labels(session: Session) -> dict[Any, int]:
    return {row.id: row.number for row in session.execute(select(Sale.id, Sale.number))}


def _back(numbers: Mapping[Any, int], line: Any) -> str:
    return f"{numbers[line.returns_sale_id]}/{line.returns_position}" if line.returns_sale_id else ""


def _open_sales(session: Session) -> Facts:
    names, numbers = _names(session), _labels(session)
    lines = session.scalars(select(OpenLine).order_by(OpenLine.position)).all()
    tenders = session.scalars(select(OpenTender).order_by(OpenTender.position)).all()
    facts: Facts = {}
    for sale in session.scalars(select(OpenSale)):
        practised = " training" if sale.training else ""
        name = f"held{practised} {sale.held_as}" if sale.held_as is not None else f"open{practised}"
        assert name not in facts, f"two sales are {name}"
        facts[name] = Open(
            names[sale.opened_by],
            tuple(_goods(numbers, line) for line in lines if line.sale_id == sale.id),
            sale.discount,
            tuple(Taken(t.kind, t.amount_minor, t.given_minor) for t in tenders if t.sale_id == sale.id),
        )
    return facts


def _goods(numbers: Mapping[Any, int], line: OpenLine) -> Goods:
    if line.returns_sale_id:
        return Goods(
            line.sku, line.quantity, 0, back=_back(numbers, line), worth_minor=line.fixed_amount_minor or 0
        )
    changed_price = line.list_price_minor is not None
    return Goods(line.sku, line.quantity, line.unit_price_minor, line.discount, changed_price)


def _sales(session: Session) -> Facts:
    numbers = _labels(session)
    cash: Counter[Any] = Counter()
    for sale_id, amount in session.execute(select(CashMovement.sale_id, CashMovement.amount_minor)):
        cash[sale_id] += amount
    lines: dict[Any, list[SoldGoods]] = {}
    for line in session.scalars(select(SaleLine).order_by(SaleLine.position)):
        goods = SoldGoods(line.sku, line.quantity, line.net_minor + line.tax_minor, _back(numbers, line))
        lines.setdefault(line.sale_id, []).append(goods)
    return {
        f"sale {sale.number}": (tuple(lines[sale.id]), sale.gross_minor, cash[sale.id])
        for sale in session.scalars(select(Sale))
    }


def _drawers(session: Session, till: str) -> Facts:
    moved: Counter[Any] = Counter()
    for shift_id, amount in session.execute(select(CashMovement.shift_id, CashMovement.amount_minor)):
        moved[shift_id] += amount
    facts: Facts = {}
    with_close = select(Shift, ShiftClose).outerjoin(ShiftClose, ShiftClose.shift_id == Shift.id)
    for shift, close in session.execute(with_close.where(Shift.till == till).order_by(Shift.number)):
        held = None if close else (shift.number, shift.float_minor + moved[shift.id])
        facts[f"drawer {shift.drawer}"] = held
        facts[f"left in {shift.drawer}"] = (close.left_minor,) if close else None
    return facts


def _zs(session: Session) -> Facts:
    contents = session.scalars(select(ZReport.content).order_by(ZReport.number)).all()
    last = json.loads(contents[-1])["bounds"]["shift"] if contents else 0
    return {"zs": len(contents), "shifts in zs": last}


def _people(session: Session, till: str) -> Facts:
    names = _names(session)
    rows = session.scalars(select(FailedLogin).where(FailedLogin.till == till))
    return {
        f"wrong PINs of {names[str(row.staff_id)]}": WrongPins(row.failures, row.locked_until) for row in rows
    }


def _stock(session: Session) -> Facts:
    facts: Facts = {}
    moved = select(Product.sku, StockMovement.quantity).join(Product, Product.id == StockMovement.product_id)
    for sku, quantity in session.execute(moved):
        facts[f"stock {sku}"] = facts.get(f"stock {sku}", Decimal(0)) + quantity
    return facts
