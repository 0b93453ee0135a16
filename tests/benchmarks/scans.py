"""From the last byte of a code until its line and the new total stand on the screen."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks.report import Figure, against, median, p99
from tests.benchmarks.shops import PIN, Item, Shop, some_items
from tests.benchmarks.terminal import Answer, Serial, Terminal
from tui_pos.i18n.formatting import format_money
from tui_pos.money.currency import currency
from tui_pos.widgets.basket_table import MARK
from tui_pos.widgets.digits import large

HOW = (
    "The program runs in a pseudo-terminal of 120×36 with its database on disk. A code is written to its "
    "serial line (also a pseudo-terminal), or typed into its terminal as a keyboard scanner does; the "
    "clock runs from the write of the last byte until the last byte came that a terminal emulator (pyte) "
    "needs to show the marked line with its amount and the new total in large digits. Every code is "
    "another product, so the basket grows by a line each time. The baseline is the smallest Textual app "
    "that paints one line on Enter (`tests/benchmarks/smallest.py`), as Textual runs it, through the same "
    "terminal, by turns with the counter."
)
KEY_GAP_S = 0.002  # between the keys of a scanner that types
EUR = currency("EUR")


@dataclass(slots=True)
class Counter:
    """An open counter, and what its basket must come to."""

    terminal: Terminal
    cable: int
    total_minor: int = 0

    def scan(self, item: Item, *, typed: bool = False) -> Answer:
        """Scan one item and wait until it is shown."""
        self.total_minor += item.price_minor
        line = self.terminal.keyboard if typed else self.cable
        os.write(line, item.code.encode())
        time.sleep(KEY_GAP_S)
        return self.terminal.act(line, b"\r", lambda: self.shows(item), item.name)

    def shows(self, item: Item) -> bool:
        """Whether the item's line is the marked one and the total is right."""
        amount = format_money(item.price_minor, EUR, "en_IE")
        rows = self.terminal.text()
        marked = any(MARK in row and item.name[:20] in row and amount in row for row in rows)
        return marked and shows_large(rows, format_money(self.total_minor, EUR, "en_IE"))


def shows_large(rows: list[str], amount: str) -> bool:
    """Whether the amount stands somewhere in large digits."""
    glyphs = large(amount)
    for y in range(len(rows) - 2):
        x = rows[y].find(glyphs[0])
        while x >= 0:
            if all(rows[y + i][x : x + len(glyphs[i])] == glyphs[i] for i in (1, 2)):
                return True
            x = rows[y].find(glyphs[0], x + 1)
    return False


@contextmanager
def counter(products: int, printer: str = "") -> Iterator[Counter]:
    """The counter of a shop of that size, ready, with a serial scanner."""
    line = Serial()
    shop = Shop(products, scanner=line.path, printer=printer)
    try:
        with Terminal(shop.command) as terminal:
            terminal.wait_for(lambda: terminal.shows("PIN ›"), "the log-in")
            for key in f"{PIN}\r":  # as a person types it: no scanner is so slow
                os.write(terminal.keyboard, key.encode())
                terminal.settle(0.05)
            terminal.wait_for(lambda: terminal.shows("ready"), "the scanner's light")
            terminal.settle()
            yield Counter(terminal, line.cable)
    finally:
        line.close()
        shop.close()


@contextmanager
def smallest() -> Iterator[Callable[[], Answer]]:
    """The baseline, ready; called, it answers to one Enter."""
    count = 0

    def press() -> Answer:
        nonlocal count
        count = count + 1
        return terminal.act(
            terminal.keyboard, b"\r", lambda: terminal.shows(f"line {count} "), f"line {count}"
        )

    with Terminal([sys.executable, "-P", "-m", "tests.benchmarks.smallest"]) as terminal:
        terminal.settle(1.0)
        yield press


def measure(quick: bool = False) -> list[Figure]:
    """Baseline and counters by turns, into baskets that grow by a line each time."""
    lines = 60 if quick else 200
    by_serial: list[Answer] = []
    by_keys: list[Answer] = []
    base: list[Answer] = []
    with smallest() as press, counter(100_000) as serial, counter(100_000) as wedge:
        for item in some_items(lines, 100_000):
            base.append(press())
            by_serial.append(serial.scan(item))
            by_keys.append(wedge.scan(item, typed=True))
    return [
        *_times("serial line", by_serial, base),
        *_times("keyboard", by_keys, base),
        _growth(by_serial, by_keys),
        _written(by_serial),
        _sizes(quick),
    ]


def milliseconds(answers: Sequence[Answer]) -> list[float]:
    """How long each took."""
    return [answer.shown_after_s * 1000 for answer in answers]


def _times(kind: str, answers: Sequence[Answer], base: Sequence[Answer]) -> list[Figure]:
    ours, theirs = milliseconds(answers), milliseconds(base)
    return [
        against(f"scan by {kind}, {name} of {len(ours)}", "≤ 1.5 × smallest app", 1.5, of(ours), of(theirs))
        for name, of in (("median", median), ("p99", p99))
    ]


def _growth(*baskets: Sequence[Answer]) -> Figure:
    """The last twentieth of a basket's lines against its first, but for the very first ones, which wake things up."""
    few = max(10, len(baskets[0]) // 10)
    early = [time for basket in baskets for time in milliseconds(basket[2 : 2 + few])]
    late = [time for basket in baskets for time in milliseconds(basket[-few:])]
    what = f"scan, lines to {len(baskets[0])} ÷ lines from 3, {few} of each, median"
    return against(what, "≤ 1.2", 1.2, median(late), median(early))


def _written(answers: Sequence[Answer]) -> Figure:
    sizes = [float(answer.written_bytes) for answer in answers]
    what = "bytes written to the terminal for a scan, median"
    figure = f"{median(sizes):.0f} (a page turned: {max(sizes):.0f})"
    return Figure(what, figure, budget="≤ 400", ok=median(sizes) <= 400)


def _sizes(quick: bool) -> Figure:
    """A large catalogue against a small one, by turns."""
    large_count = 100_000 if quick else 1_000_000
    with counter(1_000) as small, counter(large_count) as big:
        few, many = [], []
        for in_few, in_many in zip(some_items(60, 1_000), some_items(60, large_count), strict=True):
            few.append(small.scan(in_few))
            many.append(big.scan(in_many))
    what = f"scan among {large_count:,} products ÷ among 1,000, median"
    return against(what, "≤ 1.1", 1.1, median(milliseconds(many)), median(milliseconds(few)))
