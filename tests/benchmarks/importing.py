"""Taking a file of products into an empty catalogue, and the memory that it takes to do so."""

import csv
import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.report import Figure
from tests.benchmarks.shops import Shop, item

HOW = (
    "A CSV file of that many products (SKU, name, barcode, price, tax class) is imported into an empty "
    "catalogue by a process of its own, which reports its time and its highest resident memory. Constant "
    "memory means that a file ten times as long takes at most a fifth more of it."
)
BUDGET_S = 30.0
GROWTH = 1.2

_IMPORT = """
import datetime as dt, json, sys, time
from pathlib import Path
from tui_pos.catalogue.importing import import_products
from tui_pos.people.actor import built_in_actor
from tui_pos.money.currency import currency
from tui_pos.storage.engine import open_engine
engine = open_engine("sqlite:///" + sys.argv[1])
begun_s = time.perf_counter()
now = dt.datetime.now(dt.UTC)
report = import_products(engine, Path(sys.argv[2]), currency("EUR"), "till1", built_in_actor("owner"), now)
took_s = time.perf_counter() - begun_s
status = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps([report.added, report.rejected, took_s, peak]))
"""


def measure(quick: bool = False) -> list[Figure]:
    """A tenth, then the whole."""
    count = 20_000 if quick else 100_000
    _nothing_s, idle = _import(100)
    _part_s, part = _import(count // 10)
    took_s, whole = _import(count)
    time_row = Figure(
        f"import of {count:,} products",
        f"{took_s:.1f} s",
        budget=f"≤ {BUDGET_S:.0f} s",
        ok=took_s <= BUDGET_S,
    )
    memory_row = Figure(
        f"memory at its highest, import of {count:,} ÷ of {count // 10:,}",
        f"{whole / 1e6:.0f} MB",
        f"{part / 1e6:.0f} MB",
        f"{whole / part:.2f}",
        f"≤ {GROWTH}",
        whole <= part * GROWTH,
    )
    idle_row = Figure("memory at its highest, import of 100", f"{idle / 1e6:.0f} MB")
    return [time_row, memory_row, idle_row]


def _import(count: int) -> tuple[float, int]:
    """Seconds, and bytes of memory at the most."""
    shop = Shop(0)
    source = shop.folder / "products.csv"
    _write(source, count)
    done = subprocess.run(
        [sys.executable, "-P", "-c", _IMPORT, str(shop.database), str(source)],
        check=True,
        capture_output=True,
        text=True,
    )
    shop.close()
    added, rejected, took_s, peak = json.loads(done.stdout)
    assert (added, rejected) == (count, 0), done.stdout
    return took_s, peak


def _write(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("sku", "name", "barcodes", "price", "tax"))
        for number in range(1, count + 1):
            made = item(number)
            rows.writerow(
                (f"B{number:07d}", made.name, made.code, f"{made.price_minor / 100:.2f}", "standard")
            )
