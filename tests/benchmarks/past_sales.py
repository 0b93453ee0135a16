"""From what is typed to the first page of past sales, among a million sold lines."""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.benchmarks.report import Figure, median
from tests.rigs.days import Days, shop
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.reports.search import every_sale, find_sales, read_wanted
from tui_pos.storage.base import Base
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.migrate import upgrade

HOW = (
    "Past sales: sales of five lines on two years, goods out of 5,000 products, a customer noted with every third, "
    "in a SQLite file. The clock runs from what was typed until the newest fifty that fit are there as values; median "
    "of five of each of the questions (no word, a word of a thousand products, of one, of none, words that meet in few "
    "sales, a customer, an amount, a card, a day), the slowest of which counts."
)
BUDGET_S = 0.1
PRODUCTS = 5000
LINES = 5
QUESTIONS = (
    "", "butter", "butter card 2025-06", "rye 4711", "nothing of that name", "zebra", "Room 12", "room", "*1234",
    "butter *1234", "12.50", "2025-03-05", "2024-01..2025-12", "@owner", "@nobody", "complaint",
)  # fmt: skip

WORDS = (
    "Butter", "Rye", "Oat", "Coast", "Milk", "Apple", "Red", "Old", "Farm", "bread", "juice", "soap", "rice", "honey",
)  # fmt: skip
"""Names are one of the first nine and one of the other five."""

_ID = "lower(printf('%012x7%03x8%015x', 1704186000000 + n * 300000, n % 4096, n))"
_MOMENT = r"strftime('%Y-%m-%d %H\:%M\:%S.000000', 1704186000 + n * 300, 'unixepoch')"


def measure(quick: bool = False) -> list[Figure]:
    """The slowest question; and that the list of a word is whole."""
    sales = 20_000 if quick else 200_000
    with tempfile.TemporaryDirectory(prefix="tui-pos-bench-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'shop.db'}")
        upgrade(engine)
        fill(engine, sales)
        taken = {question: _asked_s(engine, question) for question in QUESTIONS}
        missing = _missing(engine)
        engine.dispose()
    slowest = max(taken, key=lambda question: taken[question])
    return [
        Figure(
            f"past sales among {sales * LINES:,} lines, first page, slowest question (“{slowest}”)",
            f"{taken[slowest] * 1000:.1f} ms",
            budget="≤ 100 ms",
            ok=taken[slowest] <= BUDGET_S,
        ),
        Figure(
            "sales of a word of a thousand products that its list lacks",
            f"{missing}",
            budget="0",
            ok=not missing,
        ),
    ]


def _asked_s(engine: Engine, question: str) -> float:
    wanted = read_wanted(question, shop())
    taken = []
    for _round in range(5):
        with reading(engine) as session:
            begun_s = time.perf_counter()
            find_sales(session, wanted, OWNER)
            taken.append(time.perf_counter() - begun_s)
    return median(taken)


def _missing(engine: Engine) -> int:
    """How many sales of one word are not listed, by a plain count."""
    with reading(engine) as session:
        listed = sum(1 for _sale in every_sale(session, read_wanted("butter 2025-06", shop()), OWNER))
        sold = session.scalar(
            text(
                "SELECT count(*) FROM sale WHERE business_date BETWEEN '2025-06-01' AND '2025-06-30' AND id IN (SELECT "
                "sale_id FROM sale_line WHERE product_id IN (SELECT id FROM product WHERE name LIKE '%butter%'))"
            )
        )
    return abs(int(sold or 0) - listed)


def fill(engine: Engine, sales: int) -> None:
    """Sell once by the till, then write that sale again and again: to sell so much would take hours."""
    stock_shop(engine)
    days = Days(engine)
    days.scan("100")
    days.desk.pay_card(days.desk.basket.due_minor, "A1", "4242")
    words = " || ' ' || ".join(
        f"(SELECT value FROM words WHERE key = {each})" for each in ("n % 9", "9 + n % 5")
    )
    name = f"CASE WHEN n = 4999 THEN 'Zebra' ELSE {words} END || ' ' || n"
    sale = {"id": _ID, "number": "n", "business_date": f"date({_MOMENT})"}
    sale |= dict.fromkeys(("opened_at", "completed_at"), _MOMENT)
    sale["gross_minor"] = "100 + n * 7919 % 20000"
    sale["customer_text"] = "CASE WHEN n % 3 THEN '' ELSE 'Room ' || n % 90 END"
    sale["discount_reason"] = "CASE WHEN n % 1000 THEN '' ELSE 'a complaint' END"
    tender = {"sale_id": _ID, "kind": "CASE WHEN n % 2 THEN 'cash' ELSE 'card' END"}
    tender["last_four"] = "CASE WHEN n % 2 THEN '' ELSE printf('%04d', n % 9973) END"
    with writing(engine) as session:
        _again(session, "product", PRODUCTS, {"id": "n + 100", "sku": "'S' || n", "name": name})
        _again(session, "sale", sales, sale)
        for position in range(LINES):
            product_id = f"102 + (n * {LINES} + {position}) * 7919 % ({PRODUCTS} - 1)"
            line = {"sale_id": _ID, "position": f"{position + 1}", "product_id": product_id}
            _again(session, "sale_line", sales, line)
        _again(session, "sale_tender", sales, tender)


def _again(session: Session, table: str, count: int, changed: Mapping[str, str]) -> None:
    """Write a table's first row again for each n from 2 to `count`, with some columns by these expressions of n."""
    columns = list(Base.metadata.tables[table].columns.keys())
    series = f"WITH RECURSIVE series(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM series WHERE n < {count})"
    words = ", ".join(f"({key}, '{word}')" for key, word in enumerate(WORDS))
    values = ", ".join(changed.get(column, f"first.{column}") for column in columns)
    session.execute(
        text(
            f"{series}, words(key, value) AS (VALUES {words}) INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {values} FROM series, (SELECT * FROM {table} ORDER BY rowid LIMIT 1) AS first"
        )
    )
