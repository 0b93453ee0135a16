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
from tui_pos.widgets.bars import MessageBar, narrowed
from tui_pos.widgets.basket_table import BasketTable
from tui_pos.widgets.digits import large
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


# The smallest screens

SMALL = [(40, 12), (50, 12), (50, 20), (80, 12), (79, 17), (100, 12), (160, 12), (80, 24), (160, 50)]


@pytest.mark.parametrize("size", SMALL)
async def test_total_last_line_and_entry_line_stand_on_every_screen(
    shop_engine: Engine, size: tuple[int, int]
) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(*[OAT] * 3, SOAP, OAT)
        await ada.type("=1234.56", "enter")
        await ada.scan(SOAP, OAT, SOAP)
        await ada.type("=2713.05", "enter")
        assert re.search(r"▸ +1 +Soap.* 2,713\.05 ", ada.shown())
        total = ada.app.till.money(ada.desk.basket.total_minor)
        for stroke in large(total, tall=size == (160, 50)):
            assert stroke.strip() in ada.shown()
        assert "TOTAL" in ada.shown()
        await ada.type("oa")
        assert re.search(r" › oa +\n", ada.shown())
        assert "TOTAL" in ada.shown()


async def test_a_sum_too_long_for_large_figures_is_whole_on_the_smallest_screen(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, (40, 12)) as ada:
        await ada.scan(OAT)
        await ada.type("=99999999.99", "enter")
        assert [line.count("99,999,999.99") for line in ada.shown().splitlines()][2:8].count(1) == 2


@pytest.mark.parametrize("size", [(39, 12), (40, 11), (10, 3)])
@pytest.mark.parametrize("window", ["Counter", "Pay", "Ask"])
async def test_a_screen_that_is_too_small_says_so_and_nothing_else(
    shop_engine: Engine, size: tuple[int, int], window: str
) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press(*{"Counter": (), "Pay": ("f2",), "Ask": ("ctrl+x",)}[window])
        before = ada.shown()
        await ada.pilot.resize_terminal(*size)
        await ada.pilot.pause()
        shown = " ".join(ada.shown().split())
        assert shown.startswith("This window is too small"[: size[0]].rsplit(" ", 1)[0])
        assert "1.89" not in shown
        assert ada.window == window
        await ada.pilot.resize_terminal(80, 24)
        await ada.pilot.pause()
        assert ada.shown() == before


@pytest.mark.parametrize("size", [(40, 12), (50, 20)])
@pytest.mark.parametrize(
    ("acts", "shown"),
    [
        (("f2",), ("cash, exact", "1.89", "cash ›", "Esc back")),
        (("ctrl+x",), ("Why?", "›  reason", "⏎ go on", "Esc leave")),
        (("f4",), ("Name it", "›  12:00", "⏎ go on", "Esc leave")),
        (("/open", "enter"), ("1  count coins", "2  type one sum", "⏎ take")),
        (("/open", "enter", "1"), ("500.00", "COUNTED", "pieces ›")),
        (("/switch", "enter"), ("Who takes over?", "›", "Esc back")),
        (("/x", "enter"), ("My shop", "Esc leave")),
        (("/sales", "enter"), ("›", "Esc leave")),
    ],
)
async def test_windows_can_be_read_and_used_on_small_screens(
    shop_engine: Engine, size: tuple[int, int], acts: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(OAT)
        for act in acts:
            await (ada.type(act) if act.startswith("/") else ada.press(act))
        for text in shown:
            assert text in ada.shown()


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("Oat drink 1 l               1.89", ["Oat drink 1 l       1.89"]),
        ("==============================", ["=" * 24]),
        ("        My shop             ", ["        My shop"]),
        ("one two three four five six seven", ["one two three four five", "six seven"]),
    ],
)
def test_a_line_of_paper_keeps_its_sum_at_the_right_on_a_narrow_page(line: str, lines: list[str]) -> None:
    assert narrowed(line, 24) == lines


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
