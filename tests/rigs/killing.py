"""Killing a till at seeded moments, and saying what must be found afterwards.

Two ways. `run_counter_rounds` runs the whole program in a terminal, does a seeded list of a cashier's acts, kills it
somewhere in them and starts it again: what is in the books then must be what a prefix of those acts makes, and
nothing that the screen had shown may be missing. `run_seller_rounds` has no terminal: processes that sell as fast as
they can are killed within microseconds, mostly in the middle of a commit.
"""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from multiprocessing.connection import Connection
from typing import Literal

from sqlalchemy import Engine

from tests.rigs.books import Books, SoldLine, check_books
from tests.rigs.shop import BREAD, MILK, OAT, ShopRig
from tests.rigs.terminal import Terminal
from tui_pos.sales.receipt import receipt_label

SKU_OF = {OAT: "100", BREAD: "200", MILK: "600"}
CODES = tuple(SKU_OF)
READY = "scan, type, or /"
ACTS_A_ROUND = 12
LONGEST_WAIT_S = 0.03
LONGEST_SELLING_S = 0.1


@dataclass(frozen=True, slots=True)
class State:
    """The till as the acts so far must have left it: the same facts as Books holds."""

    sales: tuple[tuple[SoldLine, ...], ...] = ()
    open: tuple[SoldLine, ...] = ()
    held: tuple[tuple[SoldLine, ...], ...] = ()

    @classmethod
    def of(cls, books: Books) -> "State":
        """What the books hold."""
        return cls(books.sales, books.open, books.held)

    def scanned(self, sku: str) -> "State":
        """One more of an article: on the last line, if it is the same and without discount."""
        last = self.open[-1] if self.open else None
        if last and (last.sku, last.discount) == (sku, ""):
            return self._with_last(replace(last, quantity=last.quantity + 1))
        return replace(self, open=(*self.open, SoldLine(sku, Decimal(1))))

    def _with_last(self, line: SoldLine) -> "State":
        return replace(self, open=(*self.open[:-1], line))

    def corrected(self, *, quantity: Decimal | None = None, discount: str | None = None) -> "State":
        """The chosen line, which in these acts is always the last one, sells another quantity or for less."""
        last = self.open[-1]
        last = replace(last, quantity=last.quantity if quantity is None else quantity)
        return self._with_last(replace(last, discount=last.discount if discount is None else discount))

    def line_voided(self) -> "State":
        """The last line is gone."""
        return replace(self, open=self.open[:-1])

    def completed(self) -> "State":
        """The open sale was paid."""
        return replace(self, sales=(*self.sales, self.open), open=())

    def held_aside(self) -> "State":
        """The open sale was set aside."""
        return replace(self, held=(*self.held, self.open), open=())

    @property
    def items(self) -> str:
        """How the counter counts the open sale."""
        count = sum(int(line.quantity) for line in self.open)
        return f"│ {count} item{'s' * (count != 1)} "


Channel = Literal["keyboard", "scanner"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a cashier does: bytes for the keyboard or from the scanner, what becomes of the till, what it shows."""

    channel: Channel
    data: bytes
    after: State
    shows: str


def acts_from(state: State, seed: random.Random) -> Iterator[Act]:
    """Endless acts of a cashier in a hurry, beginning with a till in `state`."""
    while True:
        act = _next_act(state, seed)
        yield act
        state = act.after


def _next_act(state: State, seed: random.Random) -> Act:
    code = seed.choice(CODES)
    more = state.scanned(SKU_OF[code])
    acts = [
        Act("keyboard", code.encode() + b"\r", more, more.items),
        Act("scanner", code.encode() + b"\r", more, more.items),
    ]
    if state.open:
        quantity = Decimal(seed.randint(1, 9))
        changed, cheaper = state.corrected(quantity=quantity), state.corrected(discount="10%")
        number, paid = receipt_label("till1", len(state.sales) + 1), state.completed()
        acts += [
            Act("keyboard", f"*{quantity}\r".encode(), changed, changed.items),
            Act("keyboard", b"-10%\r", cheaper, cheaper.items),
            Act("keyboard", b"\x1bOQ\r", paid, number),
            Act("keyboard", b"\x1bOQ\r", paid, number),
            Act("keyboard", b"\x1bOQa", paid, number),
            Act("keyboard", b"\x1bOSlater\r", state.held_aside(), "Held as “later”"),
        ]
    if len(state.open) > 1:  # a sale without lines stays open, and looks like none
        shorter = state.line_voided()
        acts.append(Act("keyboard", b"\x1b[3~", shorter, shorter.items))
    return seed.choice(acts)


def run_counter_rounds(shop: ShopRig, rounds: int, seed: int, tell: Callable[[str], None] = print) -> None:
    """Start, act, kill, and look, `rounds` times. Raises AssertionError naming the seed of the bad round."""
    for number in range(seed, seed + rounds):
        try:
            _run_counter_round(shop, random.Random(number))
        except AssertionError as error:
            raise AssertionError(f"seed {number}: {error}") from error
        tell(f"seed {number}: the books are right")


def _run_counter_round(shop: ShopRig, seed: random.Random) -> None:
    before = State.of(check_books(shop.engine))
    terminal = shop.open()
    try:
        possible = _act_until_killed(terminal, shop, before, seed)
    finally:
        terminal.close()
    found = State.of(check_books(shop.engine))
    assert found in possible, f"nothing makes this of the acts: {found}; they make {possible}"


def _act_until_killed(
    terminal: Terminal, shop: ShopRig, before: State, seed: random.Random
) -> tuple[State, ...]:
    """Returns the states that the till may be left in: the last one that was shown, and any that came after."""
    terminal.wait_for(READY, "scanner ● ready", *([before.items] if before.open else []))
    states, shown = [before], [before.items]
    channel: Channel | None = None
    for act in islice(acts_from(before, seed), seed.randint(1, ACTS_A_ROUND)):
        # A text that stood there before tells nothing.
        certain = shown[-1] not in shown[:-1]
        if certain and seed.random() < 0.5:
            if len(shown) > 1:
                terminal.wait_for(shown[-1])
            states, shown = states[-1:], shown[-1:]
        elif channel not in (None, act.channel):
            break  # what two lines send at once has no order of its own
        channel = act.channel
        if channel == "scanner":
            shop.scanner.send(act.data)
        else:
            terminal.send(act.data)
        states.append(act.after)
        shown.append(act.shows)
    time.sleep(seed.uniform(0, LONGEST_WAIT_S))  # the moment of the kill is what is being tried
    terminal.kill()
    return tuple(states)


# Without a terminal


def run_seller_rounds(engine: Engine, shop: ShopRig, rounds: int, seed: int) -> int:
    """Kill sellers at random moments, `rounds` times. Returns how many sales were completed.

    Raises AssertionError naming the seed of the round after which the books were wrong.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.rigs.seller"])
    url = engine.url.render_as_string(hide_password=False)
    for number in range(seed, seed + rounds):
        hearing, telling = processes.Pipe(duplex=False)
        seller = processes.Process(target=_sell, args=(url, shop.config, number, telling), daemon=True)
        seller.start()
        telling.close()
        try:
            told = _kill_while_selling(hearing, seller.kill, random.Random(number))
            seller.join()
            assert seller.exitcode == -signal.SIGKILL, f"the seller ended by itself, with {seller.exitcode}"
            sold = len(check_books(engine).sales)
            assert sold >= told, f"receipt {told} was told and is not there"
            assert sold <= told + 1, f"{sold} sales, of which {told} were told"
        except AssertionError as error:
            raise AssertionError(f"seed {number}: {error}") from error
        finally:
            seller.kill()
            seller.join()
    return len(check_books(engine).sales)


def _sell(*args: object) -> None:
    from tests.rigs.seller import sell_forever

    sell_forever(*args)  # type: ignore[arg-type]


def _kill_while_selling(hearing: Connection, kill: Callable[[], None], seed: random.Random) -> int:
    """Wait until it has sold once, and a moment more. Returns the last receipt number that the seller told."""
    try:
        told = int(hearing.recv())
    except EOFError:
        raise AssertionError("the seller ended before its first sale was completed") from None
    time.sleep(seed.uniform(0, LONGEST_SELLING_S))
    kill()
    try:
        while True:
            told = int(hearing.recv())
    except EOFError:
        return told
