"""Bursts of keys in front of each window: scans go into no field, and never become money."""

import asyncio

import pytest
from sqlalchemy import Engine
from textual import events

from tests.rigs.counter import Cashier, at_the_counter

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
async def test_what_no_code_looks_like_is_typing_at_any_speed(shop_engine: Engine, text: str) -> None:
    async with at_the_counter(shop_engine, scanner={"wedge": True}) as cashier:
        await sell_something(cashier)
        await burst(cashier, text, end="")
        assert cashier.typed == text


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


async def sell_something(cashier: Cashier) -> None:
    cashier.app.front.take_text("OAT")
    await cashier.press("enter")
    assert cashier.goods, cashier.message
