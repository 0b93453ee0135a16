"""What is where: at every size of the terminal as much as there is room for, and always a sign of what there is not."""

import re

import pytest
from sqlalchemy import Engine
from textual.screen import Screen

from hardware.simulated import SimulatedPrinter
from tests.rigs.counter import SIZES, at_the_counter
from tests.rigs.sales import ADA, OAT, SOAP
from tui_pos.catalogue.demo import demo_codes
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.screens.actions import ACTIONS
from tui_pos.storage.engine import writing
from tui_pos.widgets.bars import MessageBar
from tui_pos.widgets.basket_table import BasketTable
from tui_pos.widgets.totals import Totals

MORE = re.compile(r"[↓↑…] \d+ more")

NAME = "Wholegrain rye loaf 750g"
"""As long as names may be and still be read whole at 100 columns: 24."""


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_layout_is_made_for_the_terminal(
    shop_engine: Engine, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for a narrow one first: that would be seen, and sent."""
    classes: list[bool] = []
    lay_out = Screen._refresh_layout

    def seen(screen: Screen[object], *args: object, **named: object) -> None:
        if type(screen).__name__ == "Counter":
            classes.append(screen.has_class("-wide"))
        lay_out(screen, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Screen, "_refresh_layout", seen)
    async with at_the_counter(shop_engine, size):
        assert set(classes) == {size[0] >= 100}


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_message_is_read_to_its_end(shop_engine: Engine, size: tuple[int, int]) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan("4000000000006")
        assert ada.app.screen.query_one(MessageBar).size.height == 2
        assert " ".join(ada.shown().split()).find(ada.message.rpartition(": ")[2]) > 0
        assert "/aside to note it." in ada.shown()


# The basket


@pytest.mark.parametrize("size", SIZES)
async def test_names_have_room_beside_every_number(shop_engine: Engine, size: tuple[int, int]) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("LOAF", NAME, 320, "reduced"), ADA)
    async with at_the_counter(shop_engine, size) as ada:
        await ada.type("LOAF", "enter")
        await ada.type("-0.50", "enter")
        await ada.type("0.412*tom", "enter")
        await ada.type("=1.99", "enter")
        for text in (NAME, "−0.50", "was 2.99", "=1.99", "0.412 kg"):
            assert text in ada.shown()


@pytest.mark.parametrize(("columns", "panel"), [(100, 30), (119, 30), (120, 36), (140, 44)])
async def test_the_totals_take_more_where_there_is_more(
    shop_engine: Engine, columns: int, panel: int
) -> None:
    async with at_the_counter(shop_engine, (columns, 30)) as ada:
        assert ada.app.screen.query_one(Totals).outer_size.width == panel


async def test_no_number_is_ever_cut(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type("=1234567.89", "enter")
        await ada.type("*9", "enter")
        for number in ("=1,234,567.89", "11,111,111.01", "was 1.89"):
            assert number in ada.shown()
        await ada.press("delete")
        await ada.scan(OAT)
        assert re.search(r"│▸ +1  Oat drink 1 l +1\.89    1\.89 │", ada.shown())


async def test_a_discount_stands_before_what_a_price_was(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type("=1.50", "enter")
        assert ada.message == "Oat drink 1 l: 1.50 instead of 1.89."
        await ada.type("-0.20", "enter")
        assert "−0.20   =1.50" in ada.shown()
        assert "was 1.89" not in ada.shown()


async def test_a_price_put_back_is_no_changed_price(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type("=1.50", "enter")
        await ada.type("=1.89", "enter")
        assert "was" not in ada.shown()
        assert "=1.89" not in ada.shown()
        assert ada.message == ""


# Lists


async def test_a_list_says_how_much_of_it_is_out_of_view(shop_engine: Engine) -> None:
    async with at_the_counter(
        shop_engine, (80, 24), device=SimulatedPrinter(42), codes_to_try=((OAT, "oats"),)
    ) as ada:
        await ada.type("/")
        assert f"↓ {len(ACTIONS) - 11} more" in ada.shown()
        await ada.press("pagedown", "down")
        assert "↑ 5   ↓ " in ada.shown()
        await ada.press(*["pagedown"] * 4)
        assert re.search(r"↑ \d+ more", ada.shown())
        assert "/quit" in ada.shown()
        await ada.type("pay")
        assert not MORE.search(ada.shown())


async def test_a_tall_terminal_shows_every_action(shop_engine: Engine) -> None:
    async with at_the_counter(
        shop_engine, (160, 50), device=SimulatedPrinter(42), codes_to_try=((OAT, "oats"),)
    ) as ada:
        await ada.type("/")
        for action in ACTIONS:
            assert action.typed in ada.shown()
        assert not MORE.search(ada.shown())


async def test_the_codes_of_the_demo_end_in_a_sign_that_there_are_more(shop_engine: Engine) -> None:
    codes = tuple(demo_codes())
    async with at_the_counter(shop_engine, (80, 24), codes_to_try=codes) as ada:
        count = sum(shows in ada.shown() for _code, shows in codes)
        assert 0 < count < len(codes)
        assert f"… {len(codes) - count} more" in ada.shown()
    async with at_the_counter(shop_engine, (160, 50), codes_to_try=codes) as ada:
        assert not MORE.search(ada.shown())
        await ada.type("/codes", "enter")
        for code, shows in codes:
            assert re.search(rf"{re.escape(code)} +{re.escape(shows)}", ada.shown())


@pytest.mark.parametrize("size", [*SIZES[:2], (160, 60)])
async def test_a_page_shows_what_it_can_and_says_what_it_cannot(
    shop_engine: Engine, size: tuple[int, int]
) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.press("question_mark")
        whole = size[1] == 60
        assert bool(MORE.search(ada.shown())) is not whole
        assert ("/quit" in ada.shown()) is whole
        assert ("scroll" in ada.shown()) is not whole


# Paying


@pytest.mark.parametrize(("size", "beside"), [(SIZES[0], False), (SIZES[1], False), (SIZES[2], True)])
async def test_the_goods_stand_beside_the_tenders_where_there_is_room(
    shop_engine: Engine, size: tuple[int, int], beside: bool
) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(OAT, SOAP)
        await ada.press("f2")
        assert ("Oat drink 1 l" in ada.shown()) is beside
        assert "card, on the stand-alone terminal" in ada.shown()
        assert "▸" not in ada.shown()
        assert ada.app.screen.query_one(BasketTable).display is beside


@pytest.mark.parametrize("size", SIZES)
async def test_money_that_was_taken_is_seen_at_the_counter(
    shop_engine: Engine, size: tuple[int, int]
) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(OAT, SOAP)
        await ada.press("f2")
        await ada.type("1.00", "enter")
        await ada.press("escape")
        for pattern in ("2 items", r"total +4\.04", r"paid +1\.00", "TO PAY"):
            assert re.search(pattern, ada.shown())
    async with at_the_counter(shop_engine, size) as ada:
        assert ada.message.endswith("1.00 was taken already.")
        assert "TO PAY" in ada.shown()


@pytest.mark.parametrize("act", ["ctrl+x", "f4", "ctrl+d", "ctrl+n"])
async def test_what_money_already_forbids_is_refused_at_once(shop_engine: Engine, act: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("f2")
        await ada.type("1.00", "enter")
        await ada.press("escape", act)
        assert (ada.window, ada.typed) == ("Counter", "")
        assert "Money was taken already" in ada.message


# Messages that are over


@pytest.mark.parametrize("act", ["f2", "enter", "f3", "f4", "up", "ctrl+t", "question_mark"])
async def test_a_message_goes_when_the_next_act_succeeds(shop_engine: Engine, act: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT, "4000000000006")
        assert "Unknown code" in ada.message
        await ada.press(act)
        if ada.window != "Counter":
            await ada.press("escape")
        assert ada.window == "Counter"
        assert "Unknown code" not in ada.message


async def test_typing_a_name_keeps_what_was_said_about_the_code(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan("4000000000006")
        await ada.type("oat", "down")
        assert "Unknown code" in ada.message
        await ada.press("enter")
        assert ada.message == ""


@pytest.mark.parametrize("keys", [("1", "enter"), ("5", "escape"), ("k", "escape")])
async def test_a_message_of_the_pay_screen_goes_with_the_next_tender(
    shop_engine: Engine, keys: tuple[str, ...]
) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("f2", "z")
        assert "No tender has the key" in ada.message
        await ada.press(*keys)
        assert ada.window == "Pay"
        assert "No tender has the key" not in ada.message
