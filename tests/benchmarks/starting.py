"""From the start of the program until the counter takes a key, and the memory it takes while it sells."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.report import Figure, against, median
from tests.benchmarks.scans import Counter, counter
from tests.benchmarks.shops import Shop, some_items
from tests.benchmarks.terminal import Terminal, as_in_a_shop

HOW = (
    "Start: from the start of the process until a key that was pressed as soon as the prompt stood is "
    "seen behind it, by turns with `python -c 'import textual.app, sqlalchemy.orm'` until that has ended; "
    "median. Memory: VmRSS of the process with a serial scanner and a printer set up, after sales of ten "
    "lines were sold and printed through the terminal."
)
PROMPT = "PIN ›"
KEY = b"7"
BUDGET_BYTES = 80_000_000


def measure(quick: bool = False) -> list[Figure]:
    """Starts, by turns with the bare imports; then the memory."""
    shop = Shop(1_000)
    ours, bare = [], []
    try:
        start_once(shop)  # Python writes its bytecode, the operating system reads the files
        for _round in range(4 if quick else 12):
            bare.append(bare_imports() * 1000)
            ours.append(start_once(shop) * 1000)
    finally:
        shop.close()
    start = against("start until a key is taken", "≤ 1.5 × bare imports", 1.5, median(ours), median(bare))
    return [start, memory(10 if quick else 50)]


def start_once(shop: Shop) -> float:
    """Seconds until the log-in, which is the first screen, has shown a key."""
    with Terminal(shop.command) as terminal:
        terminal.wait_for(lambda: terminal.shows(PROMPT), "the prompt")
        os.write(terminal.keyboard, KEY)
        shown_s = terminal.wait_for(lambda: terminal.shows(f"{PROMPT} •"), "the key")
        return shown_s - terminal.started_s


def bare_imports() -> float:
    """Seconds that Python needs for the two libraries under all of this."""
    begun_s = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "import textual.app, sqlalchemy.orm"], check=True, env=as_in_a_shop()
    )
    return time.perf_counter() - begun_s


def memory(sales: int) -> Figure:
    """Resident memory after some sales."""
    with counter(100_000, printer=os.devnull) as till:
        for number in range(sales):
            sell(till, number)
        status = Path(f"/proc/{till.terminal.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))
    what = f"memory of the running counter after {sales} sales"
    return Figure(what, f"{resident / 1e6:.1f} MB", budget="≤ 80 MB", ok=resident <= BUDGET_BYTES)


def sell(till: Counter, number: int) -> None:
    """Ten lines, paid exactly in cash."""
    terminal = till.terminal
    for item in some_items(10, 100_000, seed=number):
        till.scan(item)
    os.write(terminal.keyboard, b"\r")
    terminal.wait_for(lambda: terminal.shows("TO PAY"), "the payment")
    os.write(terminal.keyboard, b"\r")
    terminal.wait_for(lambda: terminal.shows("CHANGE"), "the change")
    terminal.settle(0.02)
    till.total_minor = 0
