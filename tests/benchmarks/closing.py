"""How long a Z takes, and how that grows with the day."""

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from tests.benchmarks.report import Figure, median
from tests.rigs.days import Days
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.payments.models import CashMovement
from tui_pos.reports.z import make_z
from tui_pos.sales.models import Sale, SaleLine, SaleTax, SaleTender
from tui_pos.storage.base import Base
from tui_pos.storage.engine import open_engine, writing
from tui_pos.storage.ids import new_id
from tui_pos.storage.migrate import upgrade

HOW = (
    "A day of sales with ten lines, two tax rates and one tender each is put into a fresh SQLite database; then the Z "
    "is made in its one durable commit (figures, page, journal, closure, print job), rolled back and made again; "
    "median of five. Growing no faster than the day: the time for a sale may be 1.2 times that of the smaller day."
)
BUDGET_S = 0.5
BATCH = 2000
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)

Rows = dict[type[Base], list[dict[str, Any]]]


class _NotKept(Exception):
    """Rolls a Z back, so that it can be made again."""


def measure(quick: bool = False) -> list[Figure]:
    """A day of 5,000 sales, and one twenty times as long."""
    small, large = (1_000, 5_000) if quick else (5_000, 100_000)
    one, other = close_s(small), close_s(large)
    grown = (other / large) / (one / small)
    return [
        Figure(f"Z of {small:,} sales", f"{one * 1000:.0f} ms", budget="≤ 0.5 s", ok=one <= BUDGET_S),
        Figure(
            f"Z of {large:,} sales, a sale ÷ of {small:,}",
            f"{other * 1000:.0f} ms",
            f"{one * 1000:.0f} ms",
            f"{grown:.2f}",
            "≤ 1.2",
            grown <= 1.2,
        ),
    ]


def close_s(sales: int) -> float:
    """Seconds that the Z of so many sales takes."""
    with tempfile.TemporaryDirectory(prefix="tui-pos-bench-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'shop.db'}")
        upgrade(engine)
        stock_shop(engine)
        fill(engine, sales)
        days = Days(engine)
        taken = [_close_once(days) for _round in range(5)]
        engine.dispose()
    return median(taken)


def _close_once(days: Days) -> float:
    begun_s = time.perf_counter()
    try:
        with writing(days.engine, durable=True) as session:
            make_z(session, days.shop, OWNER, days.now())
            session.flush()
            raise _NotKept
    except _NotKept:
        return time.perf_counter() - begun_s


def fill(engine: Engine, sales: int) -> None:
    """Write a day of so many sales, without the till: selling them would take minutes."""
    rows: Rows = {Sale: [], SaleLine: [], SaleTax: [], SaleTender: [], CashMovement: []}
    for number in range(1, sales + 1):
        for model, row in _sale(number, NOON + dt.timedelta(milliseconds=number)):
            rows[model].append(row)
        if number % BATCH == 0 or number == sales:
            with writing(engine) as session:
                for model, each in rows.items():
                    if each:
                        session.execute(insert(model), each)
            rows = {model: [] for model in rows}


def _sale(number: int, at: dt.datetime) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    sale_id = new_id(at)
    cash = number % 2
    yield (
        Sale,
        {
            "id": sale_id,
            "till": "till1",
            "number": number,
            "business_date": at.date(),
            "actor": "owner",
            "opened_at": at,
            "completed_at": at,
            "currency": "EUR",
            "exponent": 2,
            "prices_include_tax": True,
            "tax_rounding": "receipt",
            "discount": "",
            "discount_reason": "",
            "net_minor": 900,
            "tax_minor": 100,
            "gross_minor": 1000,
            "discount_minor": 0,
            "cash_rounding_minor": 0,
            "change_minor": 0,
        },
    )
    for position in range(1, 11):
        yield (
            SaleLine,
            {
                "sale_id": sale_id,
                "position": position,
                "product_id": 1,
                "sku": "100",
                "name": "Oat drink",
                "unit": "piece",
                "department": f"Department {position % 7}",
                "quantity": 1,
                "unit_price_minor": 100,
                "discount": "",
                "line_discount_minor": 0,
                "sale_discount_minor": 0,
                "tax_class": "standard",
                "tax_kind": "taxed",
                "tax_percent": 23,
                "amount_minor": 100,
                "net_minor": 90,
                "tax_minor": 10,
            },
        )
    for tax_class, percent in (("standard", 23), ("reduced", 13)):
        amounts = {"net_minor": 450, "tax_minor": 50, "gross_minor": 500}
        rate = {"tax_class": tax_class, "percent": percent, "kind": "taxed"}
        yield SaleTax, {"sale_id": sale_id, **rate, **amounts}
    tender = {"kind": "cash" if cash else "card", "amount_minor": 1000, "given_minor": 1000}
    yield SaleTender, {"sale_id": sale_id, "position": 1, **tender}
    if cash:
        movement = {
            "till": "till1",
            "kind": "sale",
            "amount_minor": 1000,
            "currency": "EUR",
            "actor": "owner",
        }
        yield CashMovement, {"id": new_id(at), "sale_id": sale_id, "at": at, **movement}
