"""Codes that are typed: as short as a letter, and those that must not be kept."""

import pytest
from sqlalchemy import Engine, text

from tests.rigs.counter import at_the_counter
from tests.rigs.sales import ADA
from tests.storage.schema import METADATA
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.storage.engine import reading, writing


async def test_a_code_of_one_letter_is_sold(shop_engine: Engine) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("M", "Stamp", 110), ADA)
        upsert(session, Draft("MM", "Two stamps", 220), ADA)
    async with at_the_counter(shop_engine) as ada:
        await ada.type("M", "enter")
        await ada.type("2*m", "enter")
        assert ada.goods == [("M", 3, 330)]
        await ada.type("mm", "enter")
        assert ada.goods[1:] == [("MM", 1, 220)]
        await ada.type("q", "enter")
        assert "Nothing fits “q”" in ada.message
        assert len(ada.goods) == 2


@pytest.mark.parametrize(
    "typed", ["4111111111111111", "4111 1111 1111 1111", "%B4111111111111111^DOE/JOHN^2512101"]
)
async def test_a_payment_card_is_refused_and_kept_nowhere(shop_engine: Engine, typed: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        for give in (lambda: ada.type(typed, "enter"), lambda: ada.scan(typed)):
            await give()
            assert "looks like the number of a payment card" in ada.message
            assert ada.goods == []
            await ada.type("/aside", "enter")
            assert "No unknown code" in ada.message
        assert "4111" not in ada.shown()
    with reading(shop_engine) as session:
        for table in METADATA.sorted_tables:
            rows = session.execute(text(f"SELECT * FROM {table.name}")).all()
            assert "1111111" not in str(rows), table.name


async def test_a_long_number_with_a_wrong_check_digit_is_not_shown_whole(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("4222222222222", "enter")
        assert "*********2222 has a wrong check digit" in ada.message
