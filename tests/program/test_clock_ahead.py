"""A clock that is far ahead of the books is asked about before anything is booked with it; the answer is journalled."""

import datetime as dt
import json

import pytest
from sqlalchemy import Engine, func, select

from config.settings import Settings
from tests.rigs.people import PIN
from tests.rigs.shop import TILL, staff_shop, stock_shop
from tui_pos.app import TillApp
from tui_pos.bootstrap import build_app
from tui_pos.journal.models import JournalEntry
from tui_pos.people.actor import NOBODY
from tui_pos.sales.models import Sale
from tui_pos.screens.access import LogIn
from tui_pos.screens.counter import Counter
from tui_pos.screens.dialogs import Ask
from tui_pos.screens.pay import Pay
from tui_pos.storage.engine import reading
from tui_pos.widgets.bars import MessageBar
from tui_pos.widgets.entry_line import EntryLine

pytestmark = pytest.mark.leaps

FAR = dt.timedelta(days=13_000)


class Clock:
    """A machine's clock, and by how much it is wrong."""

    wrong = dt.timedelta(0)

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.wrong


def open_till(engine: Engine, clock: Clock) -> TillApp:
    settings = {"till": {"name": TILL}, "scanner": {"wedge": False}, "drawer": {"required": False}}
    return build_app(Settings.model_validate(settings), engine, now=clock)


def entries(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(JournalEntry)) or 0


def confirmed(engine: Engine) -> list[tuple[str, int]]:
    with reading(engine) as session:
        found = session.execute(
            select(JournalEntry.actor, JournalEntry.body).where(JournalEntry.event == "clock_confirmed")
        )
        return [(actor, json.loads(body)["data"]["ahead_s"]) for actor, body in found]


def message(app: TillApp) -> str:
    return str(app.screen.query_one(MessageBar)._rows)


async def test_before_anybody_has_logged_in(engine: Engine) -> None:
    stock_shop(engine)
    staff_shop(engine)
    before, clock = entries(engine), Clock()
    clock.wrong = FAR
    app = open_till(engine, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"0000", "enter")  # a wrong PIN: whoever has none is not asked
        assert isinstance(app.screen, LogIn)
        await pilot.press(*PIN, "enter")
        assert isinstance(app.screen, Ask)
        for answer in ("", "y", str(dt.datetime.now(dt.UTC).year)):
            await pilot.press(*answer, "enter")
            assert isinstance(app.screen, Ask)
            assert app.screen.entry.text == ""
        await pilot.press("escape")
        assert isinstance(app.screen, LogIn)
        assert "•" not in str(app.screen.query_one(EntryLine)._rows)  # the PIN was taken
        assert entries(engine) == before

        clock.wrong = dt.timedelta(0)  # somebody has set it right
        await pilot.press(*PIN, "enter")
        assert isinstance(app.screen, Counter)
    assert confirmed(engine) == []


async def test_whoever_says_that_it_is_right_stands_in_the_journal(engine: Engine) -> None:
    stock_shop(engine)
    staff_shop(engine)
    clock = Clock()
    clock.wrong = FAR
    app = open_till(engine, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*PIN, "enter")
        await pilot.press(*str(clock().year), "enter")
        assert isinstance(app.screen, LogIn)
        assert app.till.desk.actor is NOBODY
        await pilot.press(*PIN, "enter")
        assert isinstance(app.screen, Counter)
        assert "clock" in message(app)  # an owner is told
        who = app.till.desk.actor.id
    ((actor, ahead_s),) = confirmed(engine)
    assert actor == who
    assert abs(ahead_s - FAR.total_seconds()) < 600


async def test_one_that_leaps_while_the_till_is_open(engine: Engine) -> None:
    stock_shop(engine)
    staff_shop(engine)
    clock = Clock()
    app = open_till(engine, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*PIN, "enter")
        await pilot.press(*"100", "enter", "f2")
        clock.wrong = FAR
        await pilot.press(*"50", "enter")
        assert isinstance(app.screen, Ask)
        with reading(engine) as session:
            assert session.scalar(select(func.count()).select_from(Sale)) == 0
        clock.wrong = dt.timedelta(0)
        await pilot.press("escape")
        assert isinstance(app.screen, Pay)
        await pilot.press(*"50", "enter")
        with reading(engine) as session:
            (sale,) = session.scalars(select(Sale))
            assert sale.change_minor == 5000 - 189
            assert sale.completed_at.year == dt.datetime.now(dt.UTC).year


async def test_a_till_is_locked_whatever_its_clock_says(engine: Engine) -> None:
    stock_shop(engine)
    staff_shop(engine)
    clock = Clock()
    app = open_till(engine, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*PIN, "enter")
        before = entries(engine)
        clock.wrong = FAR
        await pilot.press("f12")
        assert isinstance(app.screen, LogIn)
        assert entries(engine) == before
