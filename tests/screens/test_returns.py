"""Returns through the screens: keys and scans in, screens and books out."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from tests.rigs.counter import Cashier
from tests.rigs.people import OWNER
from tui_pos.bootstrap import CASHIER, build_app
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.sales.scanning import Scanned
from tui_pos.screens.counter import Counter
from tui_pos.screens.dialogs import Ask
from tui_pos.screens.pay import Pay
from tui_pos.screens.returns import ReturnGoods
from tui_pos.storage.engine import writing
from tui_pos.widgets.choices import Choices
from tui_pos.widgets.entry_line import EntryLine
from tui_pos.widgets.totals import Totals

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
OAT, BREAD = "5449000000996", "4006381333931"
SETTINGS = Settings.model_validate(
    {
        "shop": {"cash_rounding": "0.05"},
        "scanner": {"wedge": False},
        "drawer": {"required": False},
        "display": {"sound": False},
    }
)


@pytest.fixture
def shop(sqlite_engine: Engine) -> Engine:
    with writing(sqlite_engine) as session:
        install_preset(session, "IE")
        upsert(session, Draft("OAT", "Oat drink", 189, "standard", barcodes=(OAT,)), OWNER)
        upsert(session, Draft("BREAD", "Rye bread", 320, "reduced", barcodes=(BREAD,)), OWNER)
        upsert(session, Draft("TOM", "Tomatoes, loose", 299, "zero", Unit.KG), OWNER)
    return sqlite_engine


@asynccontextmanager
async def counter(shop: Engine, size: tuple[int, int] = (80, 24)) -> AsyncIterator["Till"]:
    """The counter, after one sale: three oat drinks, a bread, 0.412 kg of tomatoes."""
    app = build_app(SETTINGS, shop, now=lambda: NOW, actor=CASHIER)
    desk = app.till.desk
    for sku, quantity in (("OAT", "3"), ("BREAD", "1"), ("TOM", "0.412")):
        desk.scan(Scanned(sku), Decimal(quantity))
    desk.pay_cash(desk.settlement.cash_due)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Till(app, pilot)


class Till(Cashier):
    """The same, with a look at single parts of the screen."""

    def text(self, widget: type[Choices | Totals | EntryLine]) -> str:
        drawn = self.app.screen.query_one(widget)
        return "\n".join(drawn.render_line(y).text for y in range(drawn.size.height))

    def basket(self) -> list[tuple[str, Decimal, int]]:
        return [(line.name, line.quantity, line.priced.amount_minor) for line in self.desk.basket.lines]


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 50)])
async def test_a_whole_receipt_comes_back_in_cash(shop: Engine, size: tuple[int, int]) -> None:
    """10.10 in all: 5.67 + 3.20 + 1.23."""
    async with counter(shop, size) as till:
        await till.press("f6", "1", "enter")
        assert isinstance(till.app.screen, ReturnGoods)
        shown = till.text(Choices)
        assert "Oat drink" in shown
        assert "0.412 kg" in shown
        await till.press("a")
        assert isinstance(till.app.screen, Counter)
        assert till.basket() == [
            ("Oat drink", -3, -567),
            ("Rye bread", -1, -320),
            ("Tomatoes, loose", Decimal("-0.412"), -123),
        ]
        await till.press("enter")
        assert isinstance(till.app.screen, Pay)
        assert "10.10" in till.text(Choices)
        assert "-10.10" not in till.text(Choices)
        assert "−10.10" not in till.text(Choices)
        await till.press("5", "enter")
        assert "hands out all of it" in till.message
        await till.press("enter")
        assert isinstance(till.app.screen, Counter)
        assert "GIVE BACK" in till.text(Totals) or size[0] < 100
        last = till.desk.last_receipt
        assert last is not None
        assert (last.total_minor, last.change_minor) == (-1010, 1010)


async def test_lines_are_chosen_and_counted(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.press("f6", *"till1-000001", "enter")
        await till.press("2", "enter")
        assert till.basket() == [("Oat drink", -2, -378)]
        assert "Taken back: Oat drink" in till.message
        assert "(of 3)" in till.text(Choices)
        await till.press("down", "enter")
        assert till.basket()[1:] == [("Rye bread", -1, -320)]
        await till.press("0", ".", "2", "enter")
        assert till.basket()[2:] == [("Tomatoes, loose", Decimal("-0.2"), -60)]
        await till.press("9", "enter")
        assert "at most 0.212" in till.message
        await till.press("up", "enter")
        assert "everything was returned" in till.message
        await till.press("escape")
        assert isinstance(till.app.screen, Counter)
        assert len(till.basket()) == 3
        assert "4 returned" in till.text(Totals)
        await till.scan(OAT)
        assert "1 item, 4 returned" in till.text(Totals)


async def test_scanning_a_receipt_opens_it_anywhere(shop: Engine) -> None:
    async with counter(shop) as till:
        for before in ((), ("f6",), ("enter",)):
            if before == ("enter",):
                await till.press(*"BREAD", "enter", "enter")
                assert isinstance(till.app.screen, Pay)
            else:
                await till.press(*before)
            await till.scan("]C0till1-000001")
            assert isinstance(till.app.screen, ReturnGoods), before
            await till.press("escape")
            assert isinstance(till.app.screen, Counter)


async def test_typing_its_number_at_the_counter_opens_it(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.press(*"till1-000001", "enter")
        assert isinstance(till.app.screen, ReturnGoods)


async def test_goods_are_scanned_back(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.scan("till1-000001")
        await till.scan(OAT)
        await till.scan(OAT)
        assert till.basket() == [("Oat drink", -2, -378)]
        await till.scan("TOM")
        assert "type how much" in till.message
        await till.press("enter")
        assert till.basket()[1:] == [("Tomatoes, loose", Decimal("-0.412"), -123)]
        await till.scan(OAT)
        await till.scan(OAT)
        assert "not on the receipt, or was returned" in till.message
        assert till.desk.basket.lines[0].quantity == -3
        assert till.text(EntryLine).count(OAT) == 0
        await till.scan("nothing-known")
        assert "not on the receipt" in till.message


async def test_from_one_receipt_to_another(shop: Engine) -> None:
    async with counter(shop) as till:
        till.desk.scan(Scanned("BREAD"))
        till.desk.pay_cash(320)
        await till.scan("till1-000001")
        await till.scan("till1-000002")
        screen = till.app.screen
        assert isinstance(screen, ReturnGoods)
        assert "Oat" not in till.text(Choices)
        await till.press("enter")
        assert till.basket() == [("Rye bread", -1, -320)]
        assert isinstance(till.app.screen, Counter)


async def test_what_the_question_refuses(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.press("/", *"return", "enter")
        assert isinstance(till.app.screen, Ask)
        for typed, said in (("", "or scan its barcode"), ("77", "no receipt 77"), ("oat", "no receipt oat")):
            await till.press(*typed, "enter")
            assert said in till.message
            await till.press("ctrl+u")
        await till.scan(OAT)
        assert "no receipt" in till.message
        assert OAT not in till.text(EntryLine)
        await till.press("1", "enter", "a", "enter", "enter")
        await till.press("f6", "1", "enter")
        assert "returned already" in till.message
        await till.press("escape")
        for number in ("1", "2"):  # all of it came back; it is a return itself
            await till.scan(f"till1-00000{number}")
            await till.press("a")
            assert "returned already" in till.message
            assert till.basket() == []
            await till.press("escape")


@pytest.mark.parametrize(
    "paid_by", [("enter",), ("k", "5", "enter", "enter", "enter", "enter")], ids=["cash", "card and cash"]
)
async def test_keys_typed_ahead_reach_the_windows_that_they_open(
    shop: Engine, paid_by: tuple[str, ...]
) -> None:
    async with counter(shop) as till:
        for key in ("f6", "1", "enter", "a", "enter", *paid_by):
            if len(key) == 1:
                till.app.front.take_text(key)
            else:
                till.app.front.take_key(key)
        for _each in range(len(paid_by) + 2):
            await till.pilot.pause()
        last = till.desk.last_receipt
        assert last is not None
        assert last.total_minor == -1010
        assert isinstance(till.app.screen, Counter)


async def test_part_of_a_refund_on_a_card_and_undone(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.press("f6", "1", "enter", "a", "enter")
        await till.press("k", "5", "enter", "enter", "enter")
        assert till.desk.settlement.due == -510
        await till.press("u")
        assert "take the money back" in till.message
        await till.press("k", "enter", "enter", "enter")
        last = till.desk.last_receipt
        assert last is not None
        assert (last.total_minor, last.change_minor) == (-1010, 0)


async def test_a_return_line_is_not_corrected(shop: Engine) -> None:
    async with counter(shop) as till:
        await till.press("f6", "1", "enter", "enter", "escape")
        for entry in ("+", "*2", "=1.00", "-10%"):
            await till.press(*entry, "enter")
            assert "goes back as it was sold" in till.message
        assert till.basket() == [("Oat drink", -3, -567)]
        await till.press("delete")
        assert till.basket() == []
