"""Whom a sale is for, at the counter: asked by F5, shown while the sale is open, gone with it."""

import pytest
from sqlalchemy import Engine

from tests.rigs.counter import SIZES, at_the_counter
from tests.rigs.sales import OAT


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_asked_for_and_shown(shop_engine: Engine, size: tuple[int, int]) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(OAT)
        await ada.press("f5")
        await ada.type("Room 12 [red]", "enter")
        assert ada.message == "This sale is for “Room 12 [red]”."
        assert "for Room 12 [red]" in ada.shown().splitlines()[1]
        await ada.type("/customer", "enter")
        assert ada.typed == "Room 12 [red]"
        await ada.press("ctrl+u", "enter")
        assert ada.message == "No customer is noted."
        assert "Room" not in ada.shown()


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_text_stays_in_its_frame(shop_engine: Engine, size: tuple[int, int]) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(OAT)
        before = ada.shown().splitlines()
        await ada.press("f5")
        await ada.type("Å" * 90, "enter")
        after = ada.shown().splitlines()
        assert "for Å" in after[1]
        assert [before[0], *before[2:4]] == [after[0], *after[2:4]]
        assert len(after[1]) == size[0]
        assert after[1][-1] == before[1][-1]


async def test_the_next_sale_is_for_nobody(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press("f5")
        await ada.type("Mrs Ng", "enter")
        assert "for Mrs Ng" in ada.shown()
        await ada.scan(OAT)
        assert "for Mrs Ng" in ada.shown()
        await ada.type("/hold", "enter")
        await ada.press("enter")
        assert "Mrs Ng" not in ada.shown()
        await ada.type("/recall", "enter")
        await ada.press("enter")
        assert "for Mrs Ng" in ada.shown()
        ada.desk.pay_cash(1000)
        ada.app.screen.show()  # type: ignore[attr-defined]
        await ada.pilot.pause()
        assert "Mrs Ng" not in ada.shown()


async def test_what_the_last_one_got_back_goes_when_the_next_is_named(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("enter")
        await ada.type("10", "enter")
        assert "CHANGE" in ada.shown()
        await ada.press("f5")
        await ada.type("Mrs Ng", "enter")
        assert "CHANGE" not in ada.shown()
