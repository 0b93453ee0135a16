"""X, Z and practising through the screens: keys in, screens and books out."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select
from textual.pilot import Pilot
from textual.widgets import Static

from config.settings import Settings
from hardware.document import from_json, to_text
from hardware.ports import Scan
from tests.rigs.people import OWNER
from tests.rigs.shop import OAT, stock_shop
from tui_pos.app import TillApp
from tui_pos.bootstrap import build_app
from tui_pos.journal.models import Closure
from tui_pos.journal.signing import KeysInMemory
from tui_pos.money.currency import currency
from tui_pos.payments.models import CashMovement
from tui_pos.printing.models import PrintJob
from tui_pos.reports.models import ZReport
from tui_pos.sales.desk import Desk
from tui_pos.sales.models import Sale, TrainingSale
from tui_pos.sales.scanning import Scanned
from tui_pos.screens.counter import Counter
from tui_pos.screens.dialogs import Confirm, Page, Pick
from tui_pos.screens.reports import ReportPage
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading
from tui_pos.widgets.bars import MessageBar, StatusBar
from tui_pos.widgets.choices import Choices
from tui_pos.widgets.totals import Totals

NOW = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)
SETTINGS = Settings.model_validate(
    {
        "scanner": {"wedge": False},
        "display": {"sound": False},
        "printer": {"kind": "simulated"},
        "drawer": {"required": False},
    }
)
SIZES = pytest.mark.parametrize("size", [(80, 24), (132, 43)])


@asynccontextmanager
async def till(engine: Engine, size: tuple[int, int] = (80, 24)) -> AsyncIterator["Till"]:
    """The counter, after one sale of two oat drinks for 3.78."""
    stock_shop(engine)
    app = build_app(SETTINGS, engine, now=lambda: NOW, actor=OWNER, signing_keys=KeysInMemory())
    desk = app.till.desk
    desk.scan(Scanned(OAT))
    desk.scan(Scanned(OAT))
    desk.pay_cash(500)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Till(app, pilot, engine)


class Till:
    """What a cashier does and sees."""

    def __init__(self, app: TillApp, pilot: Pilot[None], engine: Engine) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    async def act(self, name: str) -> None:
        await self.press("/", *name, "enter")

    @property
    def message(self) -> str:
        return self.app.screen.query_one(MessageBar).text

    @property
    def page(self) -> str:
        return str(self.app.screen.query_one("#page", Static).render())

    def drawn(self, widget: type[StatusBar | Totals]) -> str:
        found = self.app.screen.query_one(widget)
        return "\n".join(found.render_line(y).text for y in range(found.size.height))

    @property
    def choices(self) -> str:
        found = self.app.screen.query_one(Choices)
        return "\n".join(found.render_line(y).text for y in range(found.size.height))

    def sell(self, till: str = "till1") -> None:
        """Somebody sells an oat drink for 1.89."""
        desk = Desk(self.engine, replace(self.app.till.shop, till=till), OWNER, lambda: NOW)
        desk.scan(Scanned(OAT))
        desk.pay_cash(189)

    def count(self, model: type[object]) -> int:
        with reading(self.engine) as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def printed(self, kind: str) -> list[str]:
        with reading(self.engine) as session:
            found = session.scalars(select(PrintJob.document).where(PrintJob.kind == kind))
            return [to_text(from_json(each), 42) for each in found]


@SIZES
async def test_an_x_is_shown_and_printed(sqlite_engine: Engine, size: tuple[int, int]) -> None:
    async with till(sqlite_engine, size) as counter:
        await counter.act("x")
        assert isinstance(counter.app.screen, ReportPage)
        assert "X REPORT" in counter.page

        await counter.press("p")
        (paper,) = counter.printed("report")
        assert ["TAKINGS", "3.78"] in [line.split() for line in paper.splitlines()]
        assert counter.message == "The X is printed."
        await counter.press("end")
        assert "Nothing was closed by this." in counter.page
        await counter.press("escape")
        assert isinstance(counter.app.screen, Counter)
        assert counter.count(ZReport) == 0


@SIZES
async def test_a_z_asks_once_and_closes(sqlite_engine: Engine, size: tuple[int, int]) -> None:
    async with till(sqlite_engine, size) as counter:
        await counter.act("z")
        assert isinstance(counter.app.screen, Confirm)
        await counter.press("escape")
        assert (counter.count(ZReport), counter.message) == (0, "Nothing was closed.")

        await counter.act("z")
        await counter.press("enter")

        assert isinstance(counter.app.screen, ReportPage)
        assert "Z REPORT 000001" in counter.page
        with reading(counter.engine) as session:
            closure = session.scalars(select(Closure)).one()
        assert closure.signature
        assert len(counter.printed("report")) == 1
        await counter.press("p")
        assert counter.message == "Z 1 is printed again, marked COPY."
        (copy,) = counter.printed("copy")
        assert copy.split()[0] == "COPY"
        await counter.press("escape")
        await counter.act("z")
        assert isinstance(counter.app.screen, Counter)
        assert "needs none" in counter.message
        assert counter.count(ZReport) == 1


async def test_a_z_in_another_currency_is_refused_before_it_is_asked_for(sqlite_engine: Engine) -> None:
    async with till(sqlite_engine) as counter:
        rules = replace(counter.app.till.shop.rules, currency=currency("SEK"))
        counter.app.till.shop = replace(counter.app.till.shop, rules=rules)
        await counter.act("z")
        assert isinstance(counter.app.screen, Counter)
        assert "has sold in EUR" in counter.message


async def test_what_is_in_the_way_is_listed(sqlite_engine: Engine) -> None:
    async with till(sqlite_engine) as counter:
        counter.app.front.take_scan(Scan(OAT, 1.0, "test"))
        await counter.press("/", "z", "enter")

        assert isinstance(counter.app.screen, Page)
        assert "A sale is open: finish it, hold it or void it." in counter.page
        await counter.press("escape")
        assert len(counter.app.till.desk.basket.lines) == 1


async def test_a_scan_does_not_answer_whether_to_close(sqlite_engine: Engine) -> None:
    async with till(sqlite_engine) as counter:
        await counter.act("z")
        counter.app.front.take_scan(Scan(OAT, 1.0, "test"))
        await counter.pilot.pause()
        assert isinstance(counter.app.screen, Confirm)
        assert "No scan is taken" in counter.message
        assert counter.app.till.desk.basket.lines == ()


@SIZES
async def test_practising_is_said_all_over_and_counts_nowhere(
    sqlite_engine: Engine, size: tuple[int, int]
) -> None:
    async with till(sqlite_engine, size) as counter:
        before = [counter.count(model) for model in (Sale, StockMovement, CashMovement)]
        await counter.act("training")
        assert "TRAINING" in counter.drawn(StatusBar)
        assert "TRAINING" in counter.drawn(Totals)
        assert counter.app.screen.has_class("-training")

        counter.app.front.take_scan(Scan(OAT, 1.0, "test"))
        await counter.press("f2")
        assert "TRAINING" in counter.drawn(StatusBar)
        assert "TRAINING" in counter.drawn(Totals)
        await counter.press("enter")

        assert isinstance(counter.app.screen, Counter)
        assert "till1-T000001" in counter.drawn(Totals)
        assert [counter.count(model) for model in (Sale, StockMovement, CashMovement)] == before
        assert counter.count(TrainingSale) == 1
        (paper,) = counter.printed("training")
        assert paper.count("TRAINING") >= 6
        await counter.act("training")
        assert "TRAINING" not in counter.drawn(StatusBar) + counter.drawn(Totals)


async def test_a_filled_basket_does_not_change_sides(sqlite_engine: Engine) -> None:
    async with till(sqlite_engine) as counter:
        counter.app.front.take_scan(Scan(OAT, 1.0, "test"))
        await counter.act("training")
        assert counter.message == "Finish, hold or void the open sale first."
        assert not counter.app.till.desk.training


async def test_without_a_printer_nothing_is_printed(sqlite_engine: Engine) -> None:
    async with till(sqlite_engine) as counter:
        counter.app.till.shop = replace(counter.app.till.shop, prints=False)
        await counter.act("x")
        await counter.press("p")
        assert "no printer" in counter.message
        assert counter.printed("report") == []


@SIZES
async def test_past_zs_are_listed_shown_and_printed_again(
    sqlite_engine: Engine, size: tuple[int, int]
) -> None:
    async with till(sqlite_engine, size) as counter:
        await counter.act("zs")
        assert isinstance(counter.app.screen, Pick)
        assert "This till has made no Z yet." in counter.choices
        await counter.press("escape")
        for _each in range(2):
            counter.sell()
            await counter.act("z")
            await counter.press("enter", "escape")

        await counter.act("zs")
        assert "Z 2" in counter.choices.splitlines()[0]
        assert "1 receipt " in counter.choices.splitlines()[0]
        assert "5.67 EUR" in counter.choices.splitlines()[1]  # and the sale before
        await counter.press("down", "enter")
        assert "Z REPORT 000001" in counter.page
        await counter.press("p")
        assert counter.message == "Z 1 is printed again, marked COPY."
        assert ["Z", "REPORT", "000001"] in [line.split() for line in counter.printed("copy")[0].splitlines()]


async def test_all_tills_now_and_of_a_day(sqlite_engine: Engine) -> None:
    async with till(sqlite_engine) as counter:
        counter.sell("till2")
        await counter.act("alltills")
        await counter.press("enter")
        assert "X REPORT" in counter.page
        assert "till1, till2" in counter.page
        await counter.press("escape")
        await counter.act("z")
        await counter.press("enter", "escape")

        await counter.act("alltills")
        assert "02/03/2026" in counter.choices.splitlines()[1]
        await counter.press("down", "enter")
        assert "ALL TILLS" in counter.page
        await counter.press("p")
        assert counter.message == "The page of all tills is printed."
        assert any("ALL TILLS" in paper for paper in counter.printed("report"))


@pytest.mark.parametrize("command", ["x", "z", "zs", "alltills"])
async def test_who_practises_closes_no_real_day(sqlite_engine: Engine, command: str) -> None:
    async with till(sqlite_engine) as counter:
        await counter.act("training")
        await counter.act(command)
        assert isinstance(counter.app.screen, Counter)
        assert "end practising first" in counter.message
        assert counter.count(ZReport) == 0
