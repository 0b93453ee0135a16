"""A year of a real shop, sold day by day with a Z each evening: `make bench ARGS=year`, ten minutes or so."""

import datetime as dt
import tempfile
import time
from pathlib import Path

from tests.benchmarks.report import Figure, median, p99
from tests.rigs.people import OWNER
from tests.rigs.real_shop import RealShop, by_day, check_day, check_sequence, read_invoices, sold_between
from tui_pos.reports.audit import verify_books
from tui_pos.reports.figures import from_bytes
from tui_pos.reports.z import list_z
from tui_pos.storage.engine import open_engine, reading
from tui_pos.storage.migrate import upgrade

HOW = (
    "The invoices of online_retail (December 2010 to 2011) that a till can sell are sold through the functions "
    "that the counter calls, with a Z each evening, on one SQLite database. Every Z must equal the sum of its invoices "
    "by day, rate and tender, made apart from the program; numbers must have no gaps, "
    "and the journal, its rows and its signatures must prove whole."
)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FIRST, LAST = dt.date(2010, 12, 1), dt.date(2011, 12, 9)


def measure(quick: bool = False) -> list[Figure]:
    """The whole year; two weeks of it, if it must be quick."""
    last = dt.date(2010, 12, 14) if quick else LAST
    sold = sold_between(read_invoices(DATA), FIRST, last)
    with tempfile.TemporaryDirectory(prefix="tui-pos-bench-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'shop.db'}")
        upgrade(engine)
        shop = RealShop(engine, sold)
        closing = []
        begun_s = time.perf_counter()
        for day, sales in by_day(sold):
            sums = shop.sell_day(sales)
            closing_s = time.perf_counter()
            z = from_bytes(shop.close(day).content)
            closing.append(time.perf_counter() - closing_s)
            assert z.business_date == day
            check_day(z, sums)
        selling_s = time.perf_counter() - begun_s - sum(closing)
        with reading(engine) as session:
            zs = [from_bytes(report.content) for report in list_z(session, "till1", OWNER)[::-1]]
            proving_s = time.perf_counter()
            verify_books(session, OWNER)
            proving_s = time.perf_counter() - proving_s
        engine.dispose()
    check_sequence(zs)
    lines = sum(len(items) for items in sold)
    return [
        Figure(f"{len(zs)} days of a real shop, each Z held against its invoices", "all equal", ok=True),
        Figure(f"{len(sold):,} sales of {lines:,} lines sold", f"{selling_s:.0f} s"),
        Figure(
            "the Z of such a day, median (p99)",
            f"{median(closing) * 1000:.0f} ({p99(closing) * 1000:.0f}) ms",
        ),
        Figure("the year proved: every row, entry and signature", f"{proving_s:.0f} s"),
    ]
