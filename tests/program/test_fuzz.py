"""Whatever a scanner sends and whoever leans on the keyboard: the program goes on, and its sale stays right."""

import asyncio
import logging
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from config.settings import DEFAULT_KEYS, Settings
from hardware.ports import Fault, PrinterStatus, Scan, ScannerFault, ScannerState
from hardware.scanner.framing import Framer, Terminator
from hardware.simulated import SimulatedPrinter
from tests.program.conftest import OpenShop
from tests.rigs.books import SoldLine, check_books
from tests.rigs.shop import CATALOGUE, TILL, stock_shop
from tui_pos.app import PrinterChanged, ScanArrived, ScannerChanged, TillApp
from tui_pos.bootstrap import CASHIER, build_app, build_shop, utc_now
from tui_pos.printing.spooler import PrinterState
from tui_pos.sales.attending import take_over
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Desk
from tui_pos.sales.scanning import Scanned
from tui_pos.screens.access import LogIn
from tui_pos.screens.base import TillScreen
from tui_pos.storage.engine import open_engine

TERMINATORS: tuple[Terminator, ...] = get_args(Terminator)
CODES = [code for draft in CATALOGUE for code in (draft.sku, *draft.barcodes)]
GS1 = ["010544900000099610A1\x1d21B2", "]C1010544900000099617300101", "https://id.gs1.org/01/05449000000996"]

codes = st.sampled_from([*CODES, *GS1])
text = st.text(max_size=30)
control_text = st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"]), max_size=12)
numbers = st.from_regex(r"[0-9]{0,15}([.,][0-9]{0,5})?%?", fullmatch=True)
entries = st.one_of(
    codes,
    text,
    control_text,
    st.builds("".join, st.tuples(st.sampled_from(["", "-", "--", "=", "*", "+", "/", "?"]), numbers)),
    st.builds("".join, st.tuples(numbers, st.just("*"), codes)),
    st.sampled_from(
        [f"/{name}" for name in ("pay", "hold", "recall", "void", "voidsale", "price", "reprint")]
    ),
)
# `quit` ends the program, which is what it is for.
keys = st.sampled_from(
    [
        *("enter", "escape", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab"),
        *("backspace", "delete", "ctrl+u", "ctrl+j", "f1", "f13", "shift+f2", "ctrl+c", "ctrl+z", "ctrl+s"),
        *(key for action, keys in DEFAULT_KEYS.items() if action != "quit" for key in keys),
        *"abcdku?/+-*=",
    ]
)
scans = st.one_of(codes, text, control_text)
news = st.sampled_from(
    [
        ScannerChanged(ScannerState(False, "port", ScannerFault.LOST)),
        ScannerChanged(ScannerState(True, "port", ScannerFault.CODE_DROPPED)),
        ScannerChanged(ScannerState(True, "port")),
        PrinterChanged(PrinterState(PrinterStatus(Fault.NO_PAPER), 2, None)),
        PrinterChanged(PrinterState(PrinterStatus(), 0, None)),
    ]
)
events = st.lists(
    st.one_of(
        st.tuples(st.just("entry"), entries),
        st.tuples(st.just("keys"), st.lists(keys, min_size=1, max_size=6)),
        st.tuples(st.just("scan"), scans),
        st.tuples(st.just("paste"), text),
        st.tuples(st.just("news"), news),
    ),
    min_size=1,
    max_size=25,
)

CALM = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
"""A busy machine is no fault of the program, and the fixture hands out a path only."""


@pytest.fixture(scope="module")
def stocked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's database, to be copied for each example."""
    path = tmp_path_factory.mktemp("fuzz") / "shop.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    stock_shop(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@contextmanager
def fresh(stocked: Path) -> Iterator[Engine]:
    path = stocked.with_name("example.db")
    for leftover in path.parent.glob("example.db*"):
        leftover.unlink()
    shutil.copy(stocked, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def shop_settings(*, wedge: bool) -> Settings:
    return Settings.model_validate(
        {"till": {"name": TILL}, "scanner": {"wedge": wedge}, "drawer": {"required": False}}
    )


def check_basket(desk: Desk) -> None:
    """What the desk shows is what the database holds, and what it comes to is what its lines come to."""
    again = Desk(desk.engine, desk.shop, CASHIER, utc_now)
    if desk.basket.stored:
        assert again.basket.lines == desk.basket.lines
        assert (again.basket.id, again.basket.discount) == (desk.basket.id, desk.basket.discount)
        assert again.basket.tenders == desk.basket.tenders
        assert again.basket.priced == desk.basket.priced
    else:
        assert again.basket.lines == desk.basket.lines == ()
    basket = desk.basket
    shares = basket.shares()
    assert sum(share.net_minor for share in shares) == basket.priced.net_minor
    assert sum(share.tax_minor for share in shares) == basket.priced.tax_minor
    assert basket.priced.net_minor + basket.priced.tax_minor == basket.total_minor
    assert all(line.quantity > 0 for line in basket.lines)


@settings(CALM, max_examples=150)
@given(
    pieces=st.lists(st.one_of(st.binary(max_size=60), codes.map(str.encode)), max_size=12),
    end=st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x00", b""]),
    terminator=st.sampled_from(TERMINATORS),
)
def test_what_a_line_carries_sells_rightly_or_not_at_all(
    stocked: Path, pieces: list[bytes], end: bytes, terminator: Terminator
) -> None:
    framer = Framer(terminator, 0.05)
    now_s = 0.0
    with fresh(stocked) as engine:
        desk = Desk(engine, build_shop(shop_settings(wedge=False)), CASHIER, utc_now)
        for piece in pieces:
            for code in framer.feed(piece + end, now_s):
                with suppress(SaleError):  # refused in words
                    desk.scan(Scanned(code, now_s))
            now_s += 0.06
        check_basket(desk)
        check_books(engine)


class Complaints(logging.Handler):
    """Errors that the program survived and logged: each is a fault all the same."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def no_complaints() -> Iterator[None]:
    complaints = Complaints()
    root = logging.getLogger()
    root.addHandler(complaints)
    try:
        yield
    finally:
        root.removeHandler(complaints)
    for record in complaints.records:
        raise AssertionError(record.getMessage()) from (record.exc_info[1] if record.exc_info else None)


@pytest.mark.parametrize("wedge", [False, True], ids=["typing", "wedge"])
@settings(CALM, max_examples=12)
@given(happenings=events)
@example(
    happenings=[("paste", "👩‍👩‍👧 🇸🇪 e\u0301"), ("entry", "a\x1d\u0301"), ("entry", "☺\ufe0f"), ("entry", "")]
)
@example(happenings=[("entry", "300"), ("keys", ["f12"])])  # locked in front of the question for a price
@example(happenings=[("entry", CODES[0]), ("keys", ["f2", "enter", "enter", "f8", "enter"])])
@example(
    happenings=[
        ("scan", "400"),
        ("scan", "500"),
        ("keys", ["enter"]),
        ("entry", "1.00"),
        ("keys", ["f2", "k"]),
    ]
)
def test_whatever_is_pressed_typed_and_scanned(
    stocked: Path, wedge: bool, happenings: list[tuple[str, Any]]
) -> None:
    with fresh(stocked) as engine, no_complaints():
        asyncio.run(
            _happen(
                build_app(shop_settings(wedge=wedge), engine, SimulatedPrinter(42), actor=CASHIER), happenings
            )
        )
        check_books(engine)


async def _happen(app: TillApp, happenings: list[tuple[str, Any]]) -> None:
    from textual import events

    async with app.run_test(size=(80, 24)) as pilot:
        for kind, what in happenings:
            match kind:
                case "entry":
                    for character in what:
                        app.post_message(events.Key(character, character))
                    app.post_message(events.Key("enter", "\r"))
                case "keys":
                    for key in what:
                        app.post_message(events.Key(key, key if len(key) == 1 else None))
                case "scan":
                    app.post_message(ScanArrived(Scan(what, 0.0, "port")))
                case "paste":
                    app.post_message(events.Paste(what))
                case "news":
                    app.post_message(type(what)(what.state))
            if len(happenings) < 6:
                await pilot.pause()
        await pilot.pause(0.05)
        assert app.is_running
        assert isinstance(app.screen, TillScreen)
        check_basket(app.till.desk)
        await _a_sale_still_goes_through(app, pilot)


async def _press_escape(app: TillApp, pilot: Any) -> None:
    for _window in range(10):
        await pilot.pause()
        app.front.take_key("escape")
    await pilot.pause()


async def _a_sale_still_goes_through(app: TillApp, pilot: Any) -> None:
    """Whatever stands there, a cashier gets back to the counter by Esc, and sells."""
    await _press_escape(app, pilot)
    if isinstance(app.screen, LogIn):  # locked, which Esc rightly does not undo
        take_over(app.till.desk, CASHIER)
        app.front.close()
        await _press_escape(app, pilot)  # what was open when it was locked
    assert len(app.screen_stack) == 2
    desk = app.till.desk
    while desk.basket.tenders:
        desk.take_back_tender()
    app.post_message(ScanArrived(Scan(CODES[0], 1e6, "port")))
    await pilot.pause()
    before = desk.last_receipt
    app.front.take_key("f2")
    await pilot.pause()
    app.front.take_key("enter")
    await pilot.pause()
    assert desk.last_receipt != before


@pytest.mark.parametrize("seed", range(3))
def test_noise_on_the_keyboards_line(open_shop: OpenShop, sqlite_engine: Engine, seed: int) -> None:
    """Bytes that are no text, and halves of keys: what a bad line or a scanner set to another language sends."""
    shop = open_shop(sqlite_engine, wedge=bool(seed % 2))
    till = shop.open()
    till.wait_for("Scan the first item")
    chance = random.Random(seed)
    quits = {0x11}
    for _burst in range(20):
        till.send(bytes(byte for byte in chance.randbytes(40) if byte not in quits))
        till.send(
            chance.choice([b"\xe4\xf6\r", b"\x1b", b"\x1b[", b"\x1b[200~", b"\xf0\x9f", b"\r", b"\x1bO"])
        )
    till.send(b"\x1b[201~")
    till.press(*["escape"] * 10)
    till.wait_for("scan, type, or / for all actions", "TOTAL")
    till.enter(CODES[0])
    till.wait_for("Oat drink 1 l")
    assert check_books(sqlite_engine).open == (SoldLine("100", Decimal(1)),)
    assert "ERROR" not in shop.log
