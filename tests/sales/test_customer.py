"""A text that says whom a sale is for goes with it from the counter to the books, and ends with it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from hardware.document import to_text
from tests.rigs.people import CASHIER
from tests.rigs.sales import add, desk_of, make_shop
from tui_pos.people.actor import NotAllowed
from tui_pos.people.permissions import RoleRights
from tui_pos.printing.queue import page_of
from tui_pos.sales.desk import Desk
from tui_pos.sales.models import OpenSale, Sale
from tui_pos.storage.engine import reading


@pytest.fixture
def desk(shop_engine: Engine) -> Desk:
    return desk_of(shop_engine, make_shop("EUR", 5))


def kept(desk: Desk) -> list[str]:
    with reading(desk.engine) as session:
        return list(session.scalars(select(OpenSale.customer_text)))


def sold(desk: Desk) -> list[str]:
    with reading(desk.engine) as session:
        return list(session.scalars(select(Sale.customer_text).order_by(Sale.number)))


def last_page(desk: Desk) -> list[str]:
    assert desk.last_receipt is not None
    with reading(desk.engine) as session:
        return to_text(page_of(session, desk.last_receipt.print_job), 42).splitlines()


def test_it_is_noted_before_the_first_line_or_later(desk: Desk) -> None:
    desk.name_customer("Room 12")
    assert kept(desk) == []
    add(desk, "OAT")
    assert kept(desk) == ["Room 12"]
    desk.name_customer("  Åsa \t Öberg, table 7 ")
    assert kept(desk) == ["Åsa Öberg, table 7"]
    desk.pay_cash(1000)
    assert sold(desk) == ["Åsa Öberg, table 7"]
    assert "Customer: Åsa Öberg, table 7" in last_page(desk)
    assert desk.basket.customer_text == ""


def test_it_is_taken_away_by_an_empty_text(desk: Desk) -> None:
    add(desk, "OAT")
    desk.name_customer("Room 12")
    desk.name_customer("  ")
    desk.pay_cash(1000)
    assert (kept(desk), sold(desk)) == ([], [""])
    assert not any("Customer" in line for line in last_page(desk))


def test_it_is_noted_after_money_was_taken_too(desk: Desk) -> None:
    add(desk, "OAT")
    desk.pay_cash(100)
    desk.name_customer("Ng")
    desk.pay_cash(1000)
    assert sold(desk) == ["Ng"]


def test_no_card_number_is_kept_and_nothing_too_long(desk: Desk) -> None:
    add(desk, "OAT")
    desk.name_customer("card 4111 1111 1111 1111")
    assert kept(desk) == ["card ************1111"]
    desk.name_customer("x" * 500)
    assert kept(desk) == ["x" * 80]


def test_a_killed_counter_finds_it_again(desk: Desk) -> None:
    add(desk, "OAT")
    desk.name_customer("Room 12")
    assert desk_of(desk.engine, desk.shop).basket.customer_text == "Room 12"


def test_a_held_sale_keeps_it_beside_its_own_name(desk: Desk) -> None:
    add(desk, "OAT")
    desk.name_customer("Room 12")
    desk.hold("the lady in red")
    assert desk.basket.customer_text == ""
    (held,) = desk.held()
    assert held.name == "the lady in red"
    desk.recall(held.id)
    assert desk.basket.customer_text == "Room 12"


def test_a_return_and_practice_bear_it(desk: Desk) -> None:
    add(desk, "OAT")
    receipt = desk.pay_cash(190)
    assert receipt is not None
    desk.return_goods(receipt.sale_id, {1: Decimal(1)})
    desk.name_customer("Mrs Ng")
    desk.pay_cash(0)
    assert sold(desk) == ["", "Mrs Ng"]
    assert "Customer: Mrs Ng" in last_page(desk)
    desk.train(True)
    add(desk, "OAT")
    desk.name_customer("nobody")
    desk.pay_cash(1000)
    assert "Customer: nobody" in last_page(desk)
    assert len(sold(desk)) == 2


def test_only_who_may_sell_notes_it(desk: Desk) -> None:
    add(desk, "OAT")
    desk.actor = replace(CASHIER, rights=RoleRights(frozenset()))
    with pytest.raises(NotAllowed):
        desk.name_customer("Room 12")
    assert kept(desk) == [""]
