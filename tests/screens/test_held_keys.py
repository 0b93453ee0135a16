"""Keys held down: whatever window they open, they do nothing in it; and whoever presses twice is obeyed twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine, select
from textual import events

from tests.rigs.counter import Cashier, at_the_counter
from tests.rigs.sales import OAT, SOAP
from tui_pos.sales.models import Sale
from tui_pos.screens.held_key import HeldKey, Press
from tui_pos.storage.engine import reading

REPEATS_MS = (30, 50, 90)
DELAYS_MS = (250, 500, 600)


@pytest.fixture
def keys_are_pressed_apart() -> None:
    """Here they are pressed as the tests say."""


def held(delay_ms: int, every_ms: int) -> list[float]:
    """When a key comes that is held down for three seconds."""
    return [0.0, *(ms / 1000 for ms in range(delay_ms, 3000, every_ms))]


def bunched(times_s: Sequence[float], together_s: float) -> list[float]:
    """The same over a line that collects what came within so long, and hands it out at once."""
    return [(int(time_s / together_s) + 1) * together_s if time_s else 0.0 for time_s in times_s]


def judged(times_s: Sequence[float]) -> list[float]:
    """When the key did something, by the rule of `Press`: at once, or once it has settled."""
    key, done = HeldKey(), []
    unsure: list[float] = []
    for time_s in times_s:
        done += [each for each in unsure if each + 0.25 <= time_s]
        unsure = [each for each in unsure if each + 0.25 > time_s]
        press = key.press("enter", time_s)
        if press is Press.HELD:
            unsure = []
        elif press is Press.UNSURE:
            unsure.append(time_s)
        else:
            done += [*unsure, time_s]
            unsure = []
    return done + unsure


@pytest.mark.parametrize("delay_ms", [*DELAYS_MS, 1000])
@pytest.mark.parametrize("every_ms", REPEATS_MS)
@pytest.mark.parametrize("together_s", [0.0, 0.05, 0.1, 0.2])
def test_a_key_held_down_counts_once(delay_ms: int, every_ms: int, together_s: float) -> None:
    times_s = held(delay_ms, every_ms)
    assert judged(bunched(times_s, together_s) if together_s else times_s) == [0.0]


@pytest.mark.parametrize("gap_s", [0.15, 0.2, 0.3, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_whoever_presses_again_is_obeyed_again(gap_s: float, count: int) -> None:
    times_s = [gap_s * i for i in range(count)]
    assert judged(times_s) == times_s


def test_after_it_was_let_go_the_key_works_again() -> None:
    assert judged([*held(250, 30), 3.6]) == [0.0, 3.6]


# At the counter. The times are those of the terminal; the test does not wait for them.


class AtTheKeys:
    """A cashier whose keys come at the times that a test says."""

    def __init__(self, cashier: Cashier) -> None:
        self.cashier = cashier
        self.now_s = 1000.0

    async def come(self, key: str, times_s: Sequence[float]) -> None:
        """Send one key at each of these seconds from now, each when the one before has had its effect."""
        for time_s in times_s:
            event = events.Key(key, key if len(key) == 1 else None)
            event.time = self.now_s + time_s
            self.cashier.app.post_message(event)
            await self.cashier.pilot.pause()
        self.now_s += times_s[-1]

    async def hold(self, key: str, delay_ms: int = 250, every_ms: int = 30) -> None:
        """Hold a key down for three seconds, and look a while later."""
        self.now_s += 5
        await self.come(key, held(delay_ms, every_ms))
        await self.settle()

    async def settle(self) -> None:
        await asyncio.sleep(0.3)
        await self.cashier.pilot.pause()


@asynccontextmanager
async def keys_at_the_counter(engine: Engine, *, wedge: bool) -> AsyncIterator[AtTheKeys]:
    async with at_the_counter(engine, scanner={"wedge": wedge}) as cashier:
        yield AtTheKeys(cashier)


@pytest.mark.parametrize("wedge", [True, False])
@pytest.mark.parametrize("every_ms", REPEATS_MS)
async def test_enter_held_down_opens_the_payment_and_takes_nothing(
    shop_engine: Engine, wedge: bool, every_ms: int
) -> None:
    async with keys_at_the_counter(shop_engine, wedge=wedge) as ada:
        await ada.cashier.scan(OAT)
        await ada.hold("enter", every_ms=every_ms)
        assert ada.cashier.window == "Pay"
        assert ada.cashier.desk.basket.tenders == ()
        ada.now_s += 2
        await ada.come("enter", [0.0])
        assert ada.cashier.window == "Counter"
    with reading(shop_engine) as session:
        assert len(session.scalars(select(Sale).where(Sale.number.is_not(None))).all()) == 1


@pytest.mark.parametrize("wedge", [True, False])
async def test_two_presses_take_exact_cash(shop_engine: Engine, wedge: bool) -> None:
    async with keys_at_the_counter(shop_engine, wedge=wedge) as ada:
        await ada.cashier.scan(OAT)
        await ada.come("enter", [0.0, 0.15])
        await ada.settle()
        assert ada.cashier.window == "Counter"
        assert ada.cashier.desk.last_receipt is not None


async def test_what_is_pressed_next_finds_what_was_pressed_twice_done(shop_engine: Engine) -> None:
    async with keys_at_the_counter(shop_engine, wedge=False) as ada:
        await ada.cashier.scan(OAT, SOAP)
        await ada.come("delete", [0.0, 0.2])
        await ada.come("/", [0.1])
        assert ada.cashier.goods == []


@pytest.mark.parametrize("wedge", [True, False])
async def test_an_enter_stuck_behind_a_scan_takes_nothing(shop_engine: Engine, wedge: bool) -> None:
    async with keys_at_the_counter(shop_engine, wedge=wedge) as ada:
        for place, digit in enumerate(OAT):
            await ada.come(digit, [place * 0.0])
            ada.now_s += 0.005
        await ada.come("enter", [i * 0.03 for i in range(100)])
        await ada.settle()
        assert ada.cashier.goods == [("OAT", 1, 189)]
        assert ada.cashier.desk.basket.tenders == ()


@pytest.mark.parametrize("wedge", [True, False])
async def test_delete_held_down_takes_one_line_out(shop_engine: Engine, wedge: bool) -> None:
    async with keys_at_the_counter(shop_engine, wedge=wedge) as ada:
        await ada.cashier.scan(OAT, SOAP)
        await ada.hold("delete")
        assert ada.cashier.goods == [("OAT", 1, 189)]


@pytest.mark.parametrize("wedge", [True, False])
async def test_undo_held_down_gives_one_tender_back(shop_engine: Engine, wedge: bool) -> None:
    async with keys_at_the_counter(shop_engine, wedge=wedge) as ada:
        await ada.cashier.scan(OAT)
        await ada.come("f2", [0.0])
        for _each in range(2):
            await ada.cashier.type("0.50")
            ada.now_s += 2
            await ada.come("enter", [0.0])
        assert len(ada.cashier.desk.basket.tenders) == 2
        await ada.hold("u", every_ms=50)
        assert len(ada.cashier.desk.basket.tenders) == 1


async def test_a_void_is_not_confirmed_by_the_key_that_asked_for_it(shop_engine: Engine) -> None:
    async with keys_at_the_counter(shop_engine, wedge=False) as ada:
        await ada.cashier.scan(OAT)
        await ada.cashier.type("/voidsale")
        await ada.hold("enter")
        assert (ada.cashier.window, len(ada.cashier.goods)) == ("Ask", 1)


async def test_a_count_is_not_kept_by_the_key_that_went_to_its_end(shop_engine: Engine) -> None:
    async with keys_at_the_counter(shop_engine, wedge=False) as ada:
        await ada.cashier.type("/open")
        await ada.come("enter", [0.0])
        await ada.come("1", [0.0])
        await ada.cashier.type("3")
        await ada.hold("enter")
        assert ada.cashier.window == "CountDrawer"
        assert "Enter keeps the count" in ada.cashier.shown()
        assert ada.cashier.desk.shift is None


async def test_text_and_moves_may_repeat(shop_engine: Engine) -> None:
    async with keys_at_the_counter(shop_engine, wedge=False) as ada:
        await ada.cashier.scan(OAT, SOAP)
        await ada.hold("o")
        assert ada.cashier.typed == "o" * len(held(250, 30))
        await ada.hold("backspace")
        assert ada.cashier.typed == ""
        for digit in "1100":
            await ada.come(digit, [0.01])
        assert ada.cashier.typed == "1100"
