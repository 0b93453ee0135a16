"""Finding past sales at the counter: typed, scanned, shown whole, copied, saved."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from textual.pilot import Pilot

from config.settings import Settings
from hardware.ports import Scan
from tests.rigs.days import Days
from tests.rigs.people import PINS, named, take_on
from tests.rigs.shop import OAT, stock_shop
from tui_pos.app import TillApp
from tui_pos.bootstrap import build_app
from tui_pos.printing import queue
from tui_pos.printing.models import PrintJob
from tui_pos.reports.search import PAGE_ROWS
from tui_pos.screens.counter import Counter
from tui_pos.screens.reports import ReportPage
from tui_pos.screens.sales_search import SalesSearch
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import MessageBar
from tui_pos.widgets.choices import Choices
from tui_pos.widgets.entry_line import EntryLine

NOW = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
SETTINGS = Settings.model_validate(
    {
        "printer": {"kind": "simulated"},
        "scanner": {"wedge": False},
        "drawer": {"required": False},
        "display": {"sound": False},
    }
)


@pytest.fixture
def sold(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    """Three receipts that were printed: oat drink and bread, oat drink by card, milk."""
    monkeypatch.setenv("HOME", str(tmp_path))
    stock_shop(sqlite_engine)
    take_on(sqlite_engine)
    days = Days(sqlite_engine)
    days.desk.actor = named(sqlite_engine, "Ada")
    days.sell("100", "200")
    days.scan("100")
    days.desk.pay_card(days.desk.basket.due_minor, "A1", "4242")
    days.sell("600")
    with writing(sqlite_engine) as session:
        for job in session.scalars(select(PrintJob)):
            job.state = queue.JobState.PRINTED
    return sqlite_engine


class Till:
    """What somebody does and sees."""

    def __init__(self, app: TillApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def message(self) -> str:
        return self.app.screen.query_one(MessageBar).text

    def drawn(self, widget: type[Choices | EntryLine]) -> str:
        found = self.app.screen.query_one(widget)
        return "\n".join(found.render_line(y).text for y in range(found.size.height))

    @property
    def shown(self) -> list[str]:
        """The receipts of the list, as far as they are in view."""
        lines = self.drawn(Choices).splitlines()
        return [word for line in lines for word in line.split() if word.startswith("till1-")]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press("ctrl+u", *text)


@asynccontextmanager
async def search(
    engine: Engine, who: str = "Bo", size: tuple[int, int] = (80, 24), settings: Settings = SETTINGS
) -> AsyncIterator[Till]:
    app = build_app(settings, engine, now=lambda: NOW, actor=named(engine, who))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        till = Till(app, pilot)
        await till.press("/", *"sales", "enter")
        yield till


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 50)])
async def test_the_list_narrows_as_one_types(sold: Engine, size: tuple[int, int]) -> None:
    async with search(sold, size=size) as till:
        assert isinstance(till.app.screen, SalesSearch)
        assert till.shown == ["till1-000003", "till1-000002", "till1-000001"]
        assert "Oat drink 1 l and 1 more" in till.drawn(Choices)
        assert "5.09" in till.drawn(Choices)
        for typed, found in (
            ("oat", ["till1-000002", "till1-000001"]),
            ("oat *4242", ["till1-000002"]),
            ("#1", ["till1-000001"]),
            ("5.09", ["till1-000001"]),
            ("2026-03-02", ["till1-000003", "till1-000002", "till1-000001"]),
            ("2026-03-03", []),
            ("card", ["till1-000002"]),
            ("o", ["till1-000003", "till1-000002", "till1-000001"]),
        ):
            await till.type(typed)
            assert till.shown == found, typed
        await till.type("nothing")
        assert "No sale fits" in till.drawn(Choices)
        await till.press("enter", "f8", "down")
        assert isinstance(till.app.screen, SalesSearch)
        await till.press("escape")
        assert isinstance(till.app.screen, Counter)


async def test_scanning_a_receipt_or_goods_finds_them(sold: Engine) -> None:
    async with search(sold) as till:
        for code, found in (("]C0till1-000001", ["till1-000001"]), (OAT, ["till1-000002", "till1-000001"])):
            till.app.front.take_scan(Scan(code, 0.0, "test"))
            await till.pilot.pause()
            assert till.shown == found


async def test_a_receipt_is_seen_whole_and_copied(sold: Engine) -> None:
    async with search(sold, size=(100, 40)) as till:
        await till.press("down", "down", "enter")
        assert isinstance(till.app.screen, ReportPage)
        assert any("Rye bread 750 g" in line for line in till.app.screen._lines)
        await till.press("p")
        assert "till1-000001 is printed again, marked COPY" in till.message
        await till.press("escape", "f8")
        assert "till1-000001 is printed again, marked COPY" in till.message
        with reading(sold) as session:
            copies = session.scalars(select(PrintJob).where(PrintJob.kind == queue.COPY)).all()
            assert len(copies) == 2


async def test_the_list_is_saved(sold: Engine, tmp_path: Path) -> None:
    async with search(sold) as till:
        await till.type("oat")
        await till.press("ctrl+s", "enter")
        assert "2 sales were written to" in till.message
        saved = tmp_path / "sales-2026-03-03.csv"
        assert len(saved.read_text().splitlines()) == 3
        await till.press("ctrl+s", "enter")
        assert "is there already" in till.message
        await till.press(*"no/such/folder.csv", "enter")
        assert "cannot be written" in till.message


async def test_a_long_list_is_read_on_as_one_goes_down(sold: Engine) -> None:
    days = Days(sold)
    days.desk.actor = named(sold, "Ada")
    for _sale in range(PAGE_ROWS):
        days.sell("600")
    async with search(sold) as till:
        for _page in range(6):
            await till.press("pagedown")
        assert "till1-000001" in till.shown
        await till.press("up")
        assert "till1-000001" in till.shown


async def test_a_cashier_asks_somebody_who_may(sold: Engine) -> None:
    async with search(sold, who="Cleo") as till:
        assert not isinstance(till.app.screen, SalesSearch)
        await till.press(*"customer asks", "enter")
        await till.press(*"Bo", "enter") if "Bo" in till.drawn(Choices) else None
        await till.press(*PINS["Bo"], "enter")
        assert isinstance(till.app.screen, SalesSearch)
        assert len(till.shown) == 3
        await till.type("oat")
        assert len(till.shown) == 2


async def test_a_till_without_a_printer_says_so(sold: Engine) -> None:
    plain = SETTINGS.model_copy(update={"printer": Settings().printer})
    async with search(sold, settings=plain) as till:
        await till.press("f8")
        assert "has no printer" in till.message


async def test_a_date_is_typed_as_it_is_shown(sold: Engine) -> None:
    async with search(sold) as till:
        day = next(word for word in till.drawn(Choices).split() if word.count("/") == 2)
        assert "03/03/2026" in till.drawn(EntryLine)
        everything = till.shown
        await till.type(day)
        assert till.shown == everything
        await till.type(day[:5])
        assert till.shown == everything
        await till.type("1/1")
        assert till.shown == []
