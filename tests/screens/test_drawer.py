"""The drawer through the screens: a day that is opened, counted and closed by keys alone."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine, select, update
from textual.pilot import Pilot
from textual.widgets import Static

from config.settings import Settings
from hardware.ports import Fault, PrinterStatus, ScannerState
from tests.rigs.people import CASHIER, OWNER
from tui_pos.app import PrinterChanged, TillApp
from tui_pos.bootstrap import build_app
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.i18n import use_language
from tui_pos.payments.models import CashCount, CashMovement, Shift, ShiftClose
from tui_pos.people.actor import Actor
from tui_pos.printing.models import PrintJob
from tui_pos.printing.spooler import PrinterState
from tui_pos.screens.count_drawer import CountDrawer
from tui_pos.screens.counter import Counter
from tui_pos.screens.dialogs import Ask, Confirm, Page, Pick
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import KeyLegend, MessageBar, StatusBar
from tui_pos.widgets.choices import Choices
from tui_pos.widgets.painted import Painted
from tui_pos.widgets.totals import Totals

NOW = dt.datetime(2026, 3, 2, 8, 2, tzinfo=dt.UTC)


@pytest.fixture
def shop(sqlite_engine: Engine) -> Engine:
    with writing(sqlite_engine) as session:
        install_preset(session, "IE")
        upsert(session, Draft("OAT", "Oat drink", 189, "standard"), OWNER)
    return sqlite_engine


class Till:
    """What somebody does and sees."""

    def __init__(self, app: TillApp, pilot: Pilot[None], engine: Engine) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine

    @property
    def front(self) -> type[object]:
        return type(self.app.screen)

    @property
    def message(self) -> str:
        return self.app.screen.query_one(MessageBar).text

    def text(self, widget: type[Painted]) -> str:
        drawn = self.app.screen.query_one(widget)
        return "\n".join(drawn.render_line(y).text for y in range(drawn.size.height))

    async def enter(self, *texts: str) -> None:
        """Type each and press Enter."""
        for text in texts:
            if text:
                self.app.front.take_text(text)
            self.app.front.take_key("enter")
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def rows(self, model: type) -> list:  # type: ignore[type-arg]
        with reading(self.engine) as session:
            return list(session.scalars(select(model)))


@asynccontextmanager
async def counter(
    shop: Engine, size: tuple[int, int] = (80, 24), actor: Actor = OWNER, **drawer: object
) -> AsyncIterator[Till]:
    settings = Settings.model_validate(
        {
            "scanner": {"wedge": False},
            "display": {"sound": False},
            "printer": {"kind": "simulated"},
            "drawer": drawer,
        }
    )
    clock = [NOW]

    def now() -> dt.datetime:
        clock[0] += dt.timedelta(milliseconds=10)
        return clock[0]

    app = build_app(settings, shop, now=now, actor=actor)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Till(app, pilot, shop)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_day_by_keys_alone(shop: Engine, size: tuple[int, int]) -> None:
    async with counter(shop, size) as till:
        assert "drawer closed" in till.text(StatusBar)
        await till.enter("OAT", "", "")
        assert "open it first (/open)" in till.message
        await till.press("escape")
        await till.enter("/open")
        assert till.front is Pick
        await till.enter("coins")
        assert till.front is CountDrawer
        await till.enter("", "", "1", "0", "5")  # one of 100.00, none of 50.00, five of 20.00
        await till.press("pagedown", "enter")
        assert till.front is Counter
        assert till.message == "Shift 1 is open with a float of 200.00."
        assert "shift 1, since 08:02" in till.text(StatusBar)

        await till.enter("", "20")
        await till.enter("/payout", "5", "stamps")
        assert till.message == "Paid out: 5.00."
        await till.enter("/payin", "10", "from the bank")
        await till.enter("/drop", "150", "to the safe")
        await till.enter("/count")
        await till.enter("", "", "", "", "2", "1", "1", "0", "1", "1", "1", "1", "1")
        await till.press("pagedown", "enter")
        assert "Over" in till.message or "Short" in till.message

        await till.enter("/close")
        await till.enter("", "", "", "", "2", "1", "1", "0", "1", "1", "1", "1", "1")
        await till.press("pagedown", "enter")
        assert till.front is Ask
        await till.enter("")
        assert "explain the difference" in till.message
        await till.enter("somebody's coin", "50")
        assert till.front is Counter
        assert "Shift 1 is closed. 50.00 stays in the drawer" in till.message
        assert "drawer closed" in till.text(StatusBar)

        (close,) = till.rows(ShiftClose)
        assert close.expected_minor == 20_000 + 189 - 500 + 1_000 - 15_000
        assert (close.left_minor, close.explanation) == (5_000, "somebody's coin")
        assert len([job for job in till.rows(PrintJob) if job.kind == "slip"]) == 6

        await till.enter("/open")
        await till.enter("carry over")
        assert "Shift 2 is open with a float of 50.00." in till.message


async def test_a_float_that_is_not_what_was_left_is_asked_once(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "one sum", "30", "/close", "", "", "", "", "1", "1")
        await till.press("pagedown", "enter")
        await till.enter("30")
        assert len(till.rows(ShiftClose)) == 1
        await till.enter("/open", "coins", "", "22739")
        await till.press("pagedown", "enter")
        assert till.front is Confirm
        asked = " ".join(str(words.render()) for words in till.app.screen.query(Static))
        assert "A float of 4,547,800.00? The last close left 30.00." in asked
        assert len(till.rows(Shift)) == 1
        await till.press("escape")
        assert till.front is CountDrawer
        assert "22739  × 200.00" in till.text(Choices)
        await till.press("escape")
        assert "Esc again throws this count away" in till.message
        await till.enter("", "2")
        await till.press("pagedown", "enter", "enter")
        assert till.front is Counter
        assert "Shift 2 is open with a float of 400.00. The last close left 30.00." in till.message


async def test_a_sum_that_is_not_the_usual_float_is_asked_once(shop: Engine) -> None:
    async with counter(shop, float="1500", count="sum") as till:
        await till.enter("/open", "one sum", "15000")
        asked = " ".join(str(words.render()) for words in till.app.screen.query(Static))
        assert "A float of 15,000.00? The usual one is 1,500.00." in asked
        await till.press("escape")
        assert till.front is Ask
        await till.press("backspace", "backspace", "backspace", "backspace")
        await till.enter("")
        assert till.message == "Shift 1 is open with a float of 1,500.00."


async def test_the_usual_float_where_another_was_left_goes_back_to_the_choice(shop: Engine) -> None:
    async with counter(shop, float="100", count="sum") as till:
        await till.enter("/open", "the usual", "/close", "100", "30", "/open", "the usual")
        assert till.front is Confirm
        await till.press("escape")
        assert till.front is Pick
        await till.enter("carry over")
        assert till.message == "Shift 2 is open with a float of 30.00."
        assert [row.kind for row in till.rows(CashMovement)] == []


async def test_esc_counts_again_with_what_was_typed(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open")
        await till.enter("one sum")
        await till.enter("100")
        await till.enter("/close")
        await till.enter("", "", "1")
        await till.press("up", "up", "up")
        await till.enter("", "", "0", "1")  # a hundred it was not, but a fifty
        await till.press("pagedown", "enter")
        assert till.front is Ask
        await till.press("escape")
        assert till.front is CountDrawer
        assert "1  × 50.00" in till.text(Choices)
        await till.enter("", "", "1", "0")
        await till.press("pagedown", "enter")
        assert till.front is Ask
        await till.enter("")
        assert "100.00 stays in the drawer, 0.00 leaves it" in till.message
        assert [count.total_minor for count in till.rows(CashCount)] == [10_000, 5_000, 10_000]


async def test_a_count_is_thrown_away_by_a_second_esc_only(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "coins", "", "", "1")
        await till.press("escape")
        assert till.front is CountDrawer
        assert "Esc again throws this count away" in till.message
        await till.press("up", "escape")  # something between: it must be said anew
        assert till.front is CountDrawer
        assert "1  × 100.00" in till.text(Choices)
        await till.press("escape")
        assert till.front is Counter
        assert "opened without a sale" in till.message
        assert (till.rows(Shift), till.rows(CashCount)) == ([], [])
        await till.enter("/open", "coins")
        assert "1  × 100.00" not in till.text(Choices)


async def test_a_recount_that_is_thrown_away_leaves_the_count_before_it(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "one sum", "100", "/close", "", "", "1")
        await till.press("pagedown", "enter")
        assert till.front is Ask  # it agrees: how much stays?
        await till.press("escape")
        await till.enter("/close", "", "", "2")
        await till.press("pagedown", "enter", "escape")
        assert till.front is CountDrawer  # counted again
        await till.enter("3")
        await till.press("escape")
        assert "Esc again throws this count away" in till.message
        before = till.rows(CashMovement)
        await till.press("escape")
        assert till.front is Counter
        assert [c.total_minor for c in till.rows(CashCount) if c.purpose == "close"] == [10_000, 20_000]
        assert (till.rows(ShiftClose), len(till.rows(CashMovement))) == ([], len(before))
        await till.enter("/close")
        assert "2  × 100.00" not in till.text(Choices)


async def test_the_legend_says_what_esc_does_after_a_difference(shop: Engine) -> None:
    async with counter(shop, count="sum") as till:
        await till.enter("/open", "one sum", "100", "/close", "90")
        assert "Esc count again" in till.text(KeyLegend)


async def test_what_is_in_the_way_is_listed(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open")
        await till.enter("one sum")
        await till.enter("100", "OAT", "/close")
        assert till.front is Page
        await till.press("escape")
        assert till.rows(ShiftClose) == []


async def test_pages_that_were_not_printed_only_warn(shop: Engine) -> None:
    async with counter(shop, count="sum") as till:
        await till.enter("/open", "one sum", "100")
        with writing(shop) as session:
            session.execute(update(PrintJob).values(state="not_printed"))
        await till.enter("/close")
        assert "1 page was not printed" in till.message
        await till.enter("100", "")
        assert len(till.rows(ShiftClose)) == 1


async def test_a_blind_count_shows_no_expected_sum(shop: Engine) -> None:
    async with counter(shop, actor=CASHIER, count="sum") as till:
        await till.enter("/open")
        await till.enter("one sum")
        await till.enter("100", "/count")
        assert till.front is Ask
        await till.enter("90")
        assert till.message == "Counted 90.00. It does not agree with the books."
        await till.enter("/count", "100")
        assert till.message == "Counted 100.00. It agrees with the books."


async def test_a_shop_that_shows_what_is_expected(shop: Engine) -> None:
    async with counter(shop, blind=False) as till:
        await till.enter("/open")
        await till.enter("one sum")
        await till.enter("100", "/count")
        assert "100.00" in till.text(Totals)
        assert "expected" in till.text(Totals)
        assert all(not count.blind for count in till.rows(CashCount) if count.purpose == "check")


@pytest.mark.parametrize("text", ["1.5", "1,5", "1x", "-1", "123456", "²"])
@pytest.mark.parametrize("key", ["enter", "down"])
async def test_what_is_no_whole_number_of_pieces_is_refused_as_a_whole(
    shop: Engine, text: str, key: str
) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "coins", "3")
        for character in text:
            till.app.front.take_text(character)
        await till.press(key)
        assert till.message == f"“{text}” is no number of pieces: type a whole number, at most 99999."
        assert "▸     ·  × 200.00" in till.text(Choices)
        await till.enter("2")
        assert till.message == ""
        assert "2  × 200.00" in till.text(Choices)


async def test_a_count_of_nothing_is_not_kept(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "coins")
        await till.press("pagedown", "enter")
        assert till.front is CountDrawer
        assert "Type how many there are" in till.message
        assert "▸" in till.text(Choices)
        await till.press("escape")
        assert till.rows(Shift) == []


@pytest.mark.parametrize("command", ["drop", "payout"])
async def test_more_than_the_drawer_should_hold_is_asked_once(shop: Engine, command: str) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "one sum", "105")
        await till.enter(f"/{command}", "500")
        assert till.front is Confirm
        asked = " ".join(str(words.render()) for words in till.app.screen.query(Static))
        assert "500.00: that is more than the drawer should hold. Sure?" in asked
        assert "105" not in asked
        await till.press("escape")
        assert till.front is Counter
        assert till.rows(CashMovement) == []
        await till.enter(f"/{command}", "105.01", "", "counted by hand")
        await till.enter("/payin", "1000", "from the bank", f"/{command}", "999.99", "all of it")
        assert till.front is Counter
        assert [row.amount_minor for row in till.rows(CashMovement)] == [-10_501, 100_000, -99_999]


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_what_was_mistyped_is_taken_back_from_a_list(shop: Engine, size: tuple[int, int]) -> None:
    async with counter(shop, size) as till:
        await till.enter("/voidcash")
        assert "open it first (/open)" in till.message
        await till.enter(
            "/open", "one sum", "100", "/payout", "50", "stamps", "/payin", "20", "from the bank"
        )
        await till.enter("/voidcash")
        assert till.front is Pick
        assert [line.split()[1:] for line in till.text(Choices).splitlines()[:2]] == [
            ["08:02", "Paid", "in:", "from", "the", "bank", "·", "owner", "20.00"],
            ["Paid", "out:", "stamps", "·", "owner", "50.00"],
        ]
        await till.press("down", "enter")
        assert till.front is Ask
        await till.enter("")
        assert "Type the reason" in till.message
        await till.enter("it was 5.00")
        assert till.front is Counter
        assert till.message == "Taken back: 50.00."
        assert [row.amount_minor for row in till.rows(CashMovement)] == [-5_000, 2_000, 5_000]

        await till.enter("/voidcash", "bank", "not fetched yet", "/voidcash")
        assert "Nothing was paid in, paid out or dropped" in till.text(Choices)
        await till.press("escape")
        assert till.front is Counter


async def test_who_may_not_pay_out_does_not_learn_by_trying_what_the_drawer_holds(shop: Engine) -> None:
    async with counter(shop, actor=CASHIER) as till:
        await till.enter("/open", "one sum", "105", "/payout", "500")
        assert till.front is Ask


async def test_an_empty_drawer_is_counted_by_a_0_at_the_end(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "coins")
        await till.press("pagedown", "enter")
        assert "0 if the drawer is empty" in till.message
        await till.enter("0")
        assert till.front is Counter
        assert till.message == "Shift 1 is open with a float of 0.00."
        (count,) = till.rows(CashCount)
        assert count.total_minor == 0


@pytest.mark.parametrize("code", ["50123452", "96385074"])
async def test_a_code_typed_as_a_sum_of_cash_is_asked_about(shop: Engine, code: str) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "2", code)
        assert till.front is Confirm
        await till.press("escape")
        assert till.front is Ask
        await till.enter("200")
        assert "a float of 200.00" in till.message
        await till.enter("/payin", code)
        assert till.front is Confirm
        await till.press("escape")
        await till.enter("10", "from the bank")
        assert till.message == "Paid in: 10.00."


async def test_nothing_else_is_typed_at_the_end_of_a_count(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "coins", "1")
        await till.press("pagedown")
        for text in ("0", "5"):
            await till.enter(text)
            assert till.front is CountDrawer
            assert "Enter keeps the count" in till.message
        await till.enter("")
        assert till.message == "Shift 1 is open with a float of 500.00."


async def test_two_drawers_to_choose_from(shop: Engine) -> None:
    async with counter(shop, names=["left", "right"]) as till:
        assert "left: drawer closed" in till.text(StatusBar)
        await till.enter("/drawer-use")
        assert till.text(Choices).count("▸") == 1
        assert [("in use" in line) for line in till.text(Choices).splitlines()[:2]] == [True, False]
        await till.enter("right")
        assert "right: drawer closed" in till.text(StatusBar)
        await till.enter("/open")
        await till.enter("one sum")
        await till.enter("30", "OAT", "", "")
        (shift,) = till.rows(Shift)
        (movement,) = till.rows(CashMovement)
        assert (shift.drawer, movement.shift_id) == ("right", shift.id)


async def test_practising_leaves_the_drawer_alone(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/training")
        await till.enter("/open")
        assert "real money" in till.message
        assert till.rows(Shift) == []


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_all_keys_of_the_count_are_shown(shop: Engine, size: tuple[int, int]) -> None:
    async with counter(shop, size) as till:
        await till.enter("/open")
        await till.enter("coins")
        await till.enter("2", "3")
        assert "2  × 500.00" in till.text(Choices)
        assert "600.00" in till.text(Choices)
        assert "leave" in till.text(KeyLegend)
        assert "PgDn to the end" in till.text(KeyLegend)
        assert "▸     · " in till.text(Choices)


async def test_the_shift_is_shown_whole_beside_both_lights(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "one sum", "100")
        till.app.till.scanner = ScannerState(True, "usb")
        till.app.till.printer = PrinterState(PrinterStatus(), 0, None)
        till.app.front.devices_changed()
        await till.pilot.pause()

        bar = till.text(StatusBar)
        assert "Owner · shift 1, since 08:02" in bar
        assert "scanner ●   printer ●" in bar


async def test_how_many_pages_wait_gives_way_before_the_person_and_always_leaves_a_gap(shop: Engine) -> None:
    async with counter(shop, names=["left", "right"]) as till:
        till.app.till.scanner = ScannerState(True, "usb")
        for fault, word in ((Fault.NO_PAPER, "no paper"), (Fault.TIMEOUT, "no answer")):
            till.app.till.printer = PrinterState(PrinterStatus(fault=fault), 2, None)
            till.app.front.devices_changed()
            await till.pilot.pause()
            bar = till.text(StatusBar)
            assert "My shop" in bar
            assert "Owner · left: drawer cl" in bar
            assert f" scanner ●   printer ✗ {word}   " in bar


async def test_the_lights_speak_the_language_of_whoever_is_there(shop: Engine) -> None:
    async with counter(shop) as till:
        till.app.on_printer_changed(
            PrinterChanged(PrinterState(PrinterStatus(fault=Fault.NO_PAPER), 0, None))
        )
        await till.pilot.pause()
        assert "✗ no paper" in till.text(StatusBar)
        use_language("sv")
        try:
            till.app.front.show()
            await till.pilot.pause()
            assert "✗ papper slut" in till.text(StatusBar)
        finally:
            use_language("en")


async def test_out_of_paper_the_drawer_opens_all_the_same(shop: Engine) -> None:
    async with counter(shop, required=False) as till:
        for fault, says in ((Fault.NO_PAPER, "The drawer opens."), (Fault.OFFLINE, "use its key")):
            till.app.till.printer = PrinterState(PrinterStatus(fault=fault), 0, None)
            await till.enter("/drawer", "change")
            assert says in till.message


async def test_the_drawer_that_is_open_is_named_where_another_is_in_use(shop: Engine) -> None:
    async with counter(shop, names=["left", "right"]) as till:
        await till.enter("/open", "one sum", "100", "/drawer-use")
        await till.press("2")  # lists with numbers take them at once
        assert "right: drawer closed" in till.text(StatusBar)
        for command in ("/close", "/count"):
            await till.enter(command)
            assert "“right” is closed" in till.message
            assert "Open is “left”: /drawer-use" in till.message
        await till.enter("/z")
        assert isinstance(till.app.screen, Page)
        words = " ".join(till.app.screen._lines)
        assert "Shift 1 of the drawer “left” is open: take that drawer up (/drawer-use)" in words


async def test_a_thousand_with_a_comma_is_told_what_it_was_read_as(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "one sum", "100", "/payin", "1,000")
        assert "“,” begins them. A thousand is 1000." in till.message


async def test_ctrl_q_in_a_window_says_what_to_leave_first(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.enter("/open", "coins")
        for front in (CountDrawer, Counter):
            assert till.front is front
            if front is CountDrawer:
                till.app.front.take_key("ctrl+q")
                assert "leave this first (Esc)" in till.message
                await till.press("escape")


@pytest.mark.parametrize(("command", "kind"), [("count", Ask), ("close", CountDrawer), ("open", Pick)])
async def test_a_drawer_that_opens_to_be_counted_and_is_not_counts_as_opened_without_a_sale(
    shop: Engine, command: str, kind: type[object]
) -> None:
    """A cashier may count, and may not open the drawer without a sale: no way round by a count that is left."""
    way = "denomination" if kind is CountDrawer else "sum"
    async with counter(shop, actor=CASHIER, count=way) as till:
        if command != "open":
            await till.enter("/open", "", "100")
            if till.front is CountDrawer:
                await till.press("pagedown")
                await till.enter("")
        with writing(shop) as session:
            before = len(session.scalars(select(CashMovement)).all())
        await till.enter(f"/{command}")
        assert till.front is kind
        await till.press("escape")
        assert till.front is Counter
        assert "opened without a sale" in till.message
    with reading(shop) as session:
        kept = session.scalars(select(CashMovement).order_by(CashMovement.at)).all()[before:]
        pulses = [job.kind for job in session.scalars(select(PrintJob)) if job.kind == "drawer"]
    assert [(row.kind, row.amount_minor, row.actor) for row in kept] == [("no_sale", 0, CASHIER.id)]
    assert len(pulses) == (1 if command == "open" else 2)
