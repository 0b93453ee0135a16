"""Completed sales a second, against SQLite alone writing the same rows in the same transactions."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from config.loading import Loaded
from config.settings import Settings
from tests.benchmarks.report import Figure, median
from tests.benchmarks.shops import Shop, some_items
from tui_pos import bootstrap
from tui_pos.sales.desk import Desk, Sold
from tui_pos.sales.scanning import Scanned

HOW = (
    "Sales of ten lines paid in cash, through the functions that the counter calls (look-up, line saved, "
    "tender, completing with number, tax, stock, drawer, journal and print jobs), without a screen. Each "
    "statement that writes is recorded once and played back on a fresh copy of the database through "
    "Python's `sqlite3` alone, with the same pragmas (WAL; synchronous FULL for the commit that "
    "completes, NORMAL for lines) and the same transactions; its reads are left out. Medians of rounds, "
    "by turns. The budget is that of completing; the whole sale, with a look-up and a commit for each of "
    "its lines, stands beside it."
)
LINES = 10
PRODUCTS = 1_000

Statement = tuple[str, Any, bool]
"""SQL, its parameters, and whether these are many rows."""


@dataclass(slots=True)
class Transaction:
    """What one transaction writes; `completes` the sale that it is part of, durably."""

    statements: list[Statement] = field(default_factory=list)

    @property
    def completes(self) -> bool:
        return any(sql.startswith("INSERT INTO sale ") for sql, _parameters, _many in self.statements)


def measure(quick: bool = False) -> list[Figure]:
    """Rounds of the till and of SQLite alone, by turns."""
    sales = 30 if quick else 100
    written = _recorded(sales)
    ours, ours_whole, raw, raw_whole = [], [], [], []
    for _round in range(2 if quick else 4):
        with _desk() as desk:
            whole, completing = _sell(desk, sales)
        ours.append(sales / completing)
        ours_whole.append(sales / whole)
        whole, completing = _play_back(written)
        raw.append(sales / completing)
        raw_whole.append(sales / whole)
    return [
        _row("sales completed a second", median(ours), median(raw), budget=0.3),
        _row(f"the same with {LINES} scans for each", median(ours_whole), median(raw_whole)),
    ]


def _row(what: str, ours: float, raw: float, budget: float | None = None) -> Figure:
    ratio = ours / raw
    return Figure(
        what,
        f"{ours:.0f}/s",
        f"{raw:.0f}/s",
        f"{ratio:.2f}",
        "" if budget is None else f"≥ {budget} × SQLite alone",
        None if budget is None else ratio >= budget,
    )


@contextmanager
def _desk() -> Iterator[Desk]:
    shop = Shop(PRODUCTS)
    settings = Settings.model_validate(
        {"database": {"url": f"sqlite:///{shop.database}"}, "drawer": {"required": False}}
    )
    engine = bootstrap.open_database(Loaded(settings, None), make=True)
    try:
        yield Desk(engine, bootstrap.build_shop(settings), bootstrap.CASHIER, bootstrap.utc_now)
    finally:
        engine.dispose()
        shop.close()


def _sell(desk: Desk, sales: int) -> tuple[float, float]:
    """Seconds for all, and those of them that completing took."""
    completing_s = 0.0
    begun_s = time.perf_counter()
    for number in range(sales):
        for item in some_items(LINES, PRODUCTS, seed=number):
            outcome = desk.scan(Scanned(item.code))
            assert isinstance(outcome, Sold), outcome
        paying_s = time.perf_counter()
        receipt = desk.pay_cash(desk.basket.total_minor)
        completing_s += time.perf_counter() - paying_s
        assert receipt is not None
    return time.perf_counter() - begun_s, completing_s


def _recorded(sales: int) -> Sequence[Transaction]:
    """Everything that so many sales write."""
    with _desk() as desk:
        transactions = _record(desk.engine, lambda: _sell(desk, sales))
    return [transaction for transaction in transactions if transaction.statements]


def _record(engine: Engine, act: Callable[[], object]) -> list[Transaction]:
    transactions = [Transaction()]

    def executing(_c: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            transactions[-1].statements.append((sql, parameters, many))

    event.listen(engine, "before_cursor_execute", executing)
    event.listen(engine, "commit", lambda _connection: transactions.append(Transaction()))
    act()
    return transactions


def _play_back(transactions: Sequence[Transaction]) -> tuple[float, float]:
    """Seconds for all, and those of them that completing took, with SQLite alone."""
    shop = Shop(PRODUCTS)
    books = sqlite3.connect(shop.database, isolation_level=None)
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "cache_size = -2048",
    ):
        books.execute(f"PRAGMA {pragma}")
    completing_s = 0.0
    begun_s = time.perf_counter()
    for transaction in transactions:
        transaction_s = time.perf_counter()
        books.execute(f"PRAGMA synchronous = {'FULL' if transaction.completes else 'NORMAL'}")
        books.execute("BEGIN IMMEDIATE")
        for sql, parameters, many in transaction.statements:
            (books.executemany if many else books.execute)(sql, parameters)
        books.execute("COMMIT")
        if transaction.completes:
            completing_s += time.perf_counter() - transaction_s
    whole_s = time.perf_counter() - begun_s
    books.close()
    shop.close()
    return whole_s, completing_s
