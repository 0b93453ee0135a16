"""Bursts of keys in front of each window: scans go into no field, and never become money."""

import asyncio

import pytest
from sqlalchemy import Engine
from textual import events

from tests.rigs.counter import Cashier, at_the_counter
from tests.rigs.people import CASHIER
from tests.rigs.sales import ADA, OAT, SOAP, gs1
from tests.rigs.shop import staff_shop
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.storage.engine import writing

BURSTS = ["CABLES", "10011", "22423", "9520000000012", "TOMATOES", "4111", "SKU-17"]


async def burst(cashier: Cashier, text: str, end: str = "enter") -> None:
    """Keys that all came in one read, as over SSH."""
    for character in text:
        cashier.app.post_message(events.Key(character, character))
    if end:
        cashier.app.post_message(events.Key(end, None))
    await cashier.pilot.pause()
    await asyncio.sleep(0.12)
    await cashier.pilot.pause()


@pytest.mark.parametrize("text", BURSTS)
async def test_a_burst_on_the_pay_window_takes_no_money(shop_engine: Engine, text: str) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        await cashier.press("f2")
        sold = cashier.desk.basket
        await burst(cashier, text)
        assert cashier.desk.basket.tenders == ()
        assert cashier.desk.last_receipt is None
        assert cashier.desk.basket.lines[: len(sold.lines)] == sold.lines


@pytest.mark.parametrize("text", BURSTS)
async def test_a_burst_in_a_dialog_is_typed_into_nothing(shop_engine: Engine, text: str) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        await cashier.press("f4")
        await burst(cashier, text)
        assert (cashier.window, cashier.typed) == ("Ask", "")
        assert "No scan is taken here" in cashier.message
        assert cashier.desk.held() == []


@pytest.mark.parametrize("text", ["-10%", "--1.50", "/hold", "*3"])
async def test_what_no_code_looks_like_is_typing_where_macros_are_allowed(
    shop_engine: Engine, text: str
) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True, "macros": True}) as cashier:
        await sell_something(cashier)
        await burst(cashier, text, end="")
        assert cashier.typed == text


TRICKS = ["=17.10", "--100%", "*500", "-1.90", "/hold", "3*OAT", "+1234", "/void sale"]


@pytest.mark.parametrize("text", TRICKS)
async def test_a_printed_correction_corrects_nothing(shop_engine: Engine, text: str) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        sold = cashier.desk.basket
        await burst(cashier, text)
        assert (cashier.window, cashier.typed) == ("Counter", "")
        assert cashier.desk.basket == sold
        assert cashier.message.startswith(f"Unknown code {text}")


@pytest.mark.parametrize("text", TRICKS)
async def test_a_code_gives_no_reason_for_an_approval(shop_engine: Engine, text: str) -> None:
    staff_shop(shop_engine)
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        cashier.desk.actor = CASHIER
        await cashier.type("-90%", "enter")
        assert "Permission needed" in cashier.shown()
        await burst(cashier, text)
        assert (cashier.window, cashier.typed) == ("_Why", "")
        assert "No scan is taken here" in cashier.message


@pytest.mark.parametrize(
    ("code", "slowly"),
    [
        *(("=17.10", slowly) for slowly in (False, True)),
        *(("AB 123", slowly) for slowly in (False, True)),
        *(("+H123456789", slowly) for slowly in (False, True)),
        ("/hold", False),  # typed it is the action: that is listed and marked, and what is seen is done
    ],
)
async def test_a_code_of_the_catalogue_is_sold_on_every_line(
    shop_engine: Engine, code: str, slowly: bool
) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("OTHER", "Ab 123 adapter cable", 999, "standard"), ADA)
        upsert(session, Draft("MEANT", "The right goods", 100, "standard", barcodes=(code,)), ADA)
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await (cashier.type(code, "enter") if slowly else burst(cashier, code))
        assert cashier.goods == [("MEANT", 1, 100)]


async def test_the_discount_of_a_label_is_asked(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as cashier:
        for answer, amount in (("enter", 172), ("escape", 215)):
            await cashier.scan(gs1(SOAP, ai3940="0020"))
            assert cashier.window == "Confirm"
            assert "Its label takes 20 % off" in cashier.shown()
            await cashier.pilot.pause()
            await cashier.press(answer)
            assert cashier.window == "Counter"
            assert cashier.goods[-1] == ("SOAP", 1, amount)


async def test_the_discount_of_a_label_beyond_the_limit_wants_somebody_elses_leave(
    shop_engine: Engine,
) -> None:
    staff_shop(shop_engine)
    async with at_the_counter(shop_engine) as cashier:
        cashier.desk.actor = CASHIER
        await cashier.scan(gs1(SOAP, ai3940="0050"))
        await cashier.pilot.pause()
        await cashier.press("enter")
        assert "Discount of 50 % on Soap" in cashier.shown()
        assert cashier.goods == []
        await cashier.press("escape")
        assert cashier.window == "Confirm"
        await cashier.press("escape")
        assert cashier.goods == [("SOAP", 1, 215)]


async def test_letters_that_no_product_has_are_sold_as_nothing(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await burst(cashier, "CABLES")
        assert cashier.goods == []
        assert "Unknown code CABLES" in cashier.message


async def test_more_cash_than_anybody_would_give_is_asked_for_again(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        await cashier.press("f2")
        await cashier.type("10011", "enter")
        assert cashier.window == "Confirm"
        assert cashier.desk.basket.tenders == ()
        await cashier.press("escape")
        assert cashier.window == "Pay"
        await cashier.type("10011", "enter")
        await cashier.pilot.pause()
        await cashier.press("enter")
        assert cashier.window == "Counter"
        assert cashier.desk.last_receipt is not None


@pytest.mark.parametrize("code", ["96385074", "50123453"])
async def test_a_code_typed_where_a_price_is_asked_is_asked_about(shop_engine: Engine, code: str) -> None:
    async with at_the_counter(shop_engine) as cashier:
        await cashier.type("GIFT", "enter")
        await cashier.type(code, "enter")
        assert cashier.window == "Confirm"
        assert "That looks like a barcode" in cashier.shown()
        await cashier.press("escape")
        assert (cashier.window, cashier.goods) == ("Ask", [])
        await cashier.type("15", "enter")
        assert cashier.goods == [("GIFT", 1, 1500)]
        await cashier.type(f"={code}", "enter")
        assert cashier.window == "Confirm"
        await cashier.press("escape")
        assert cashier.goods == [("GIFT", 1, 1500)]


async def test_a_code_of_a_scanner_for_another_country_is_taken_and_told_once(shop_engine: Engine) -> None:
    """5449000000996, as an American scanner types it at a French computer."""
    typed = "(''çààààààçç-"
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await burst(cashier, typed)
        assert cashier.goods == [("OAT", 1, 189)]
        assert "set its keyboard language to FR" in cashier.message
        await burst(cashier, typed)
        assert cashier.goods == [("OAT", 2, 378)]
        assert cashier.message == ""


@pytest.mark.parametrize("typed", ["TILL1-000001", "till1ß000001", "TILL1/000001"])
async def test_a_receipt_scanned_with_another_keyboard_opens(shop_engine: Engine, typed: str) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        cashier.desk.pay_cash(1000)
        await burst(cashier, typed)
        assert cashier.window == "ReturnGoods"
        assert "till1-000001" in cashier.shown()


@pytest.mark.parametrize("typed", ["STAFF-4711-0815", "staff-4711-0815", "STQFF)'&&)àè&("])
async def test_a_badge_that_nobody_has_is_neither_shown_nor_noted(shop_engine: Engine, typed: str) -> None:
    staff_shop(shop_engine)
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        for window in ("Counter", "Ask"):
            if window == "Ask":
                await cashier.type("/price", "enter")
            await burst(cashier, typed)
            assert cashier.desk.actor is ADA
            assert "4711" not in cashier.shown()
            assert typed not in cashier.shown()
        await cashier.press("escape")
        await cashier.type("/aside", "enter")
        assert "No unknown code was scanned" in cashier.message


async def test_the_separator_that_a_keyboard_types_as_alt_029_is_one(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        for sign in (*f"010{OAT}10L7", "alt+0", "alt+2", "alt+9", *"17261231", "enter"):
            cashier.app.post_message(events.Key(sign, sign if len(sign) == 1 else None))
        await cashier.pilot.pause()
        await asyncio.sleep(0.12)
        await cashier.pilot.pause()
        assert cashier.goods == [("OAT", 1, 189)]
        assert cashier.desk.chosen_line.lot == "L7"


async def sell_something(cashier: Cashier) -> None:
    cashier.app.front.take_text("OAT")
    await cashier.press("enter")
    assert cashier.goods, cashier.message
