"""The counter: what is typed, pressed and scanned, and what the screen says then."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from hardware.ports import Scan
from tests.rigs.counter import SIZES, at_the_counter
from tests.rigs.sales import ADA, OAT, SOAP, desk_of, gs1
from tui_pos.catalogue.unknown import unknown_codes
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.sales.models import OpenSale
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.choices import Choices


@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_sale_at_every_size(shop_engine: Engine, size: tuple[int, int]) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        assert "Scan the first item" in ada.shown()
        await ada.scan(OAT, OAT)
        await ada.type("0.412*tom", "enter")
        screen = ada.shown()
        for text in ("Oat drink 1 l", "3.78", "0.412 kg", "1.23", "3 items", "F2", "/ all actions", "? help"):
            assert text in screen
        assert len(screen.splitlines()) == size[1]
        await ada.press("enter")
        assert ada.window == "Pay"
        for text in ("TO PAY", "cash, exact", "5.01", "change 4.99", "K", "A–D"):
            assert text in ada.shown()
        await ada.press("a")
        assert ada.window == "Counter"
        for text in ("CHANGE", "till1-000001", "Next customer"):
            assert text in ada.shown()
        await ada.scan(OAT)
        assert "CHANGE" not in ada.shown()


async def test_a_scan_is_drawn_before_anything_else_is_done(
    shop_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_counter(shop_engine) as ada:
        written: list[str] = []
        monkeypatch.setattr(ada.app._driver, "write", written.append)
        ada.app.front.take_scan(Scan(OAT, 1.0, "port"))
        assert "Oat drink 1 l" in "".join(written)


async def test_every_entry_of_the_help_does_what_it_says(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type(OAT, "enter")
        await ada.type(f"3*{OAT}", "enter")
        assert ada.goods == [("OAT", 4, 756)]
        await ada.type("*5", "enter")
        await ada.type("+", "enter")
        await ada.type("-", "enter")
        await ada.type("-", "enter")
        assert ada.goods == [("OAT", 4, 756)]
        await ada.type("-10%", "enter")
        assert ada.goods == [("OAT", 4, 680)]
        await ada.type("-1.50", "enter")
        assert ada.goods == [("OAT", 4, 606)]
        await ada.type("-0", "enter")
        await ada.type("=1.50", "enter")
        assert ada.goods == [("OAT", 4, 600)]
        await ada.type("--10%", "enter")
        assert ada.desk.basket.total_minor == 540
        await ada.type("--5.00", "enter")
        assert ada.desk.basket.total_minor == 100
        await ada.type("--0", "enter")
        assert ada.desk.basket.total_minor == 600
        await ada.type("2*milk", "enter")
        assert ada.goods[1] == ("MILK", 2, 238)
        await ada.press("up", "delete")
        assert ada.goods == [("MILK", 2, 238)]
        assert "Oat drink 1 l was taken out" in ada.message


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("-x%", "no percentage"),
        ("=1.234", "at most 2 decimals"),
        ("3*", "comes a code"),
        ("/nosuch", "no action /nosuch"),
        ("nosuch product", "Nothing fits"),
        ("-5.00", "no line to change"),
        (OAT[:-1] + "5", "wrong check digit"),
        ("4000000000006", "Unknown code 4000000000006"),
    ],
)
async def test_what_means_nothing_is_said_and_sounds(
    shop_engine: Engine, typed: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_counter(shop_engine) as ada:
        rung: list[bool] = []
        monkeypatch.setattr(ada.app, "bell", lambda: rung.append(True))
        await ada.type(typed, "enter")
        assert why in ada.message
        assert rung
        assert ada.typed == ""
        assert ada.goods == []


async def test_a_quiet_shop_hears_no_bell(shop_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_the_counter(shop_engine, display={"sound": False}) as ada:
        monkeypatch.setattr(ada.app, "bell", lambda: pytest.fail("it rang"))
        await ada.scan("4000000000006")
        assert "Unknown code" in ada.message


# Finding


async def test_products_are_found_as_one_types(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        found = ada.app.screen.query_one("#found", Choices)
        await ada.type("o")
        assert not found.display
        await ada.type("a")
        assert found.display
        assert "Oat drink 1 l" in ada.shown()
        await ada.press("backspace", "backspace")
        assert not found.display


async def test_one_of_several_is_picked_by_the_arrows(shop_engine: Engine) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("OAT2", "Oat drink, barista", 249), ADA)
    async with at_the_counter(shop_engine) as ada:
        await ada.type("oat dr", "down", "down", "up", "down", "enter")
        assert ada.goods == [("OAT2", 1, 249)]
        await ada.type("oat dr", "down", "up", "enter")
        assert ada.goods[1:] == [("OAT", 1, 189)]


async def test_a_part_of_a_code_sells_nothing_unless_it_was_picked(shop_engine: Engine) -> None:
    """Somebody who mistypes a barcode must not sell its neighbour; who picks it from the list means it."""
    async with at_the_counter(shop_engine) as ada:
        await ada.type(OAT[:8])
        assert "Oat drink 1 l" in ada.shown()
        assert "▸" not in ada.shown()
        await ada.press("enter")
        assert ada.goods == []
        await ada.type(OAT[:8], "down", "enter")
        assert ada.goods == [("OAT", 1, 189)]


async def test_escape_clears_what_was_typed(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("oat dr", "escape")
        assert ada.typed == ""
        assert not ada.app.screen.query_one("#found", Choices).display


async def test_delete_in_a_text_voids_nothing(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type("abc", "delete", "home", "delete", "backspace", "end", "left", "delete")
        assert ada.typed == "b"
        assert len(ada.goods) == 1


# Actions


async def test_every_action_can_be_typed(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, (80, 24)) as ada:
        await ada.type("/")
        assert "take money for the sale" in ada.shown()
        await ada.type("the", "enter")
        assert ada.app.theme == "till-light"
        await ada.type("/help", "enter")
        assert ada.window == "Page"


async def test_keys_can_be_other_ones(shop_engine: Engine) -> None:
    async with at_the_counter(
        shop_engine, (160, 60), keys={"pay": "f5", "void_line": ["f9", "ctrl+d"]}
    ) as ada:
        await ada.scan(OAT, SOAP)
        assert "F5 pay" in ada.shown()
        await ada.press("f2")
        assert ada.window == "Counter"
        await ada.press("ctrl+d")
        assert ada.goods == [("OAT", 1, 189)]
        await ada.press("f5")
        assert ada.window == "Pay"
        await ada.press("escape", "question_mark")
        assert "/voidsale" in ada.shown()


@pytest.mark.parametrize("key", ["ctrl+d", "ctrl+n"])
async def test_keys_that_start_an_entry(shop_engine: Engine, key: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press(key)
        assert "no line" in ada.message
        await ada.scan(OAT)
        await ada.press(key)
        await ada.type({"ctrl+d": "1", "ctrl+n": "3"}[key], "enter")
        assert ada.goods == [{"ctrl+d": ("OAT", 1, 89), "ctrl+n": ("OAT", 3, 567)}[key]]


@pytest.mark.parametrize("typed", ["-50", "--500"])
async def test_a_discount_of_more_than_there_is_to_pay_is_a_slip(shop_engine: Engine, typed: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type(typed, "enter")
        assert ada.goods == [("OAT", 1, 189)]
        assert "more than there is to pay" in ada.message


async def test_a_card_number_is_refused_where_it_was_typed(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("f2")
        await ada.type("k", "enter")
        await ada.type("4111111111111111", "enter")
        assert "up to twelve letters and digits" in ada.message
        for _each in range(16):
            await ada.press("backspace")
        await ada.type("A17", "enter")
        await ada.type("4242", "enter")
        assert ada.desk.last_receipt is not None


async def test_a_new_price_by_name(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type("/newprice", "enter")
        await ada.type("1.00", "enter")
        assert ada.goods == [("OAT", 1, 100)]


async def test_themes_take_turns(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        seen = []
        for _time in range(3):
            await ada.press("ctrl+t")
            seen.append(ada.app.theme)
            assert "Scan the first item" in ada.shown()
    assert seen == ["till-light", "till-high-contrast", "till-dark"]


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
async def test_the_settings_choose_the_theme(shop_engine: Engine, theme: str) -> None:
    async with at_the_counter(shop_engine, display={"theme": theme}) as ada:
        assert ada.app.theme == f"till-{theme}"


async def test_quitting_keeps_the_sale(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("ctrl+q")
    assert [line.sku for line in desk_of(shop_engine).basket.lines] == ["OAT"]
    async with at_the_counter(shop_engine) as ada:
        assert "still open: it stands as it was" in ada.message
        assert "Oat drink 1 l" in ada.shown()


# Scans


async def test_a_scan_is_never_typed(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("bre")
        await ada.scan(OAT)
        assert (ada.typed, ada.goods) == ("bre", [("OAT", 1, 189)])
        await ada.press("enter")
        assert ada.goods[1:] == [("BREAD", 1, 320)]


async def test_a_quantity_that_was_typed_is_for_the_next_scan(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("3*")
        await ada.scan(OAT)
        assert (ada.typed, ada.goods) == ("", [("OAT", 3, 567)])


async def test_a_quantity_out_of_bounds_sells_nothing(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("9999999*")
        await ada.scan(OAT)
        assert "at most" in ada.message
        assert ada.goods == []


async def test_an_unknown_code_can_be_noted(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("/aside", "enter")
        assert "No unknown code" in ada.message
        await ada.scan("4000000000006")
        await ada.type("/aside", "enter")
        assert "noted for the back office" in ada.message
    with reading(shop_engine) as session:
        assert [row.code for row in unknown_codes(session)] == ["04000000000006"]


async def test_a_warning_and_the_other_code_of_a_pack_are_told(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(gs1(OAT, ai15="260301"), OAT)
        assert "stands once" in ada.message
        await ada.scan(gs1(SOAP, ai15="260301"), at_s=9.0)
        assert "past its best-before date" in ada.message
        await ada.scan(gs1(SOAP, ai17="260301"), at_s=19.0)
        assert "must not be sold" in ada.message
        assert len(ada.goods) == 2


async def test_a_hundred_codes_in_one_burst(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(*[OAT, SOAP] * 50)
        assert len(ada.goods) == 100
        assert ada.desk.basket == desk_of(shop_engine, ada.desk.shop).basket


async def test_the_basket_scrolls_to_what_is_chosen(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(*[OAT, SOAP] * 20, "BREAD")
        assert "Rye bread" in ada.shown()
        for _line in range(41):
            ada.app.front.take_key("up")
        await ada.pilot.pause()
        assert "▸        1  Oat drink" in ada.shown()
        assert "Rye bread" not in ada.shown()


async def test_a_sale_that_ended_elsewhere_is_not_shown_any_longer(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        with writing(shop_engine) as session:
            session.query(OpenSale).delete()
        await ada.scan(SOAP)
        assert "no longer open" in ada.message
        assert "Oat drink" not in ada.shown()
        await ada.scan(SOAP)
        assert ada.goods == [("SOAP", 1, 215)]


async def test_a_till_does_not_die_of_an_error(shop_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        with monkeypatch.context() as patch:
            patch.setattr(ada.desk, "scan", lambda *_args: 1 // 0)
            await ada.scan(OAT)
        assert "Something went wrong (error " in ada.message
        await ada.scan(OAT)
        assert ada.goods == [("OAT", 2, Decimal(378))]


async def test_a_missing_rate_is_said_while_one_types(shop_engine: Engine) -> None:
    with writing(shop_engine) as session:
        from sqlalchemy import text

        session.execute(text("DELETE FROM tax_rate WHERE tax_class = 'standard'"))
    async with at_the_counter(shop_engine) as ada:
        await ada.type("oat")
        assert "has no rate" in ada.message
        assert ada.typed == "oat"
