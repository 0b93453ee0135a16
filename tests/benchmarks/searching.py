"""From a key to the list of products that fit what is typed so far; and to the first page of past sales."""

from functools import partial

from tests.benchmarks import past_sales
from tests.benchmarks.report import Figure, median, p99
from tests.benchmarks.scans import Counter, counter, milliseconds
from tests.benchmarks.terminal import Answer

HOW = (
    "Letters are typed one at a time into the open counter; the clock runs from a key until the last byte "
    "came that shows it and the list that fits. Up to 35 ms of it the first keys are held back, until it "
    "is clear that no scanner types them; the first letter starts no search. " + past_sales.HOW
)
WORDS = ("golden oat", "rye bread", "choc", "old mill 750", "xyzzy")


def measure(quick: bool = False) -> list[Figure]:
    """Every key of some words, in a large and in a very large catalogue; then the past sales."""
    products = (100_000,) if quick else (100_000, 1_000_000)
    return [*map(_keys, products), *past_sales.measure(quick)]


def _keys(products: int) -> Figure:
    answers: list[Answer] = []
    with counter(products) as till:
        for word in WORDS:
            answers += _type(till, word)
    times = milliseconds(answers)
    return Figure(
        f"product search among {products:,}, a key, median (p99)",
        f"{median(times):.1f} ({p99(times):.1f}) ms",
    )


def _type(till: Counter, word: str) -> list[Answer]:
    terminal = till.terminal
    answers = []
    for length in range(1, len(word) + 1):
        typed = word[:length]
        answers.append(
            terminal.act(
                terminal.keyboard,
                word[length - 1].encode(),
                partial(terminal.shows, f"› {typed}"),
                typed,
            )
        )
        terminal.settle(0.1)  # slower than any scanner types
    terminal.act(terminal.keyboard, b"\x15", lambda: not terminal.shows(f"› {word}"), "an empty entry line")
    terminal.settle(0.1)
    return answers
