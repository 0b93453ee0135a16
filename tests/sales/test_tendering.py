"""Taking money: cash and its rounding, cards by hand, several of them, and back again."""

import datetime as dt

import pytest
from sqlalchemy import Engine

from tests.rigs.sales import NOW, add, desk_of, make_shop
from tui_pos.money.rounding import CashRounding
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Desk
from tui_pos.sales.tendering import MAX_TENDERS, Settlement, settle
from tui_pos.sales.view import TenderKind


def swiss(engine: Engine) -> Desk:
    """A till that rounds cash to five."""
    return desk_of(engine, make_shop("CHF", 5))


def owing(desk: Desk, minor: int) -> Desk:
    """The desk, with goods for so much."""
    add(desk, "BAG")
    desk.change_price(minor)
    return desk


def test_exact_cash(ada: Desk) -> None:
    receipt = owing(ada, 1572).pay_cash(1572)
    assert receipt is not None
    assert (receipt.number, receipt.total_minor, receipt.change_minor) == (1, 1572, 0)


def test_change_comes_from_what_is_given_too_much(ada: Desk) -> None:
    receipt = owing(ada, 1572).pay_cash(2000)
    assert receipt is not None
    assert receipt.change_minor == 428


def test_less_than_is_due_covers_that_much(ada: Desk) -> None:
    assert owing(ada, 1572).pay_cash(1000) is None
    assert ada.settlement == Settlement(due=572, cash_due=572, change=0, rounding=0)
    assert desk_of(ada.engine).basket == ada.basket
    receipt = ada.pay_cash(600)
    assert receipt is not None
    assert receipt.change_minor == 28


@pytest.mark.parametrize("given_minor", [0, -100])
def test_nothing_is_no_payment(ada: Desk, given_minor: int) -> None:
    with pytest.raises(SaleError, match="Type what the customer gave"):
        owing(ada, 100).pay_cash(given_minor)


@pytest.mark.parametrize(
    ("total", "cash", "rounding"), [(1572, 1570, -2), (1573, 1575, 2), (1575, 1575, 0), (2, 0, -2), (3, 5, 2)]
)
def test_cash_is_rounded_once_and_the_rest_is_told(
    shop_engine: Engine, total: int, cash: int, rounding: int
) -> None:
    desk = owing(swiss(shop_engine), total)
    assert desk.settlement == Settlement(due=total, cash_due=cash, change=0, rounding=0)
    receipt = desk.pay_cash(cash)
    assert receipt is not None
    assert (receipt.total_minor, receipt.change_minor) == (total, 0)


def test_there_are_no_coins_for_the_unrounded_sum(shop_engine: Engine) -> None:
    desk = owing(swiss(shop_engine), 1572)
    with pytest.raises(SaleError, match="no coins"):
        desk.pay_cash(1572)
    receipt = desk.pay_cash(2000)
    assert receipt is not None
    assert receipt.change_minor == 430


def test_a_card_is_not_rounded(shop_engine: Engine) -> None:
    desk = owing(swiss(shop_engine), 1572)
    assert desk.pay_card(1572, "", "") is not None


def test_only_what_is_left_for_cash_is_rounded(shop_engine: Engine) -> None:
    desk = owing(swiss(shop_engine), 1572)
    desk.pay_card(1001, "", "")
    assert desk.settlement == Settlement(due=571, cash_due=570, change=0, rounding=0)
    with pytest.raises(SaleError):
        desk.pay_cash(571)
    assert desk.pay_cash(570) is not None


def test_a_card_after_cash_settles_without_rounding(shop_engine: Engine) -> None:
    desk = owing(swiss(shop_engine), 1572)
    desk.pay_cash(1000)
    receipt = desk.pay_card(572, "A1B2", "1234")
    assert receipt is not None
    assert receipt.change_minor == 0


@pytest.mark.parametrize(
    ("amount", "code", "digits", "why"),
    [
        (0, "", "", "at most what is due"),
        (-1, "", "", "at most what is due"),
        (1573, "", "", "at most what is due"),
        (100, "", "4111111111111111", "never its whole number"),
        (100, "", "12a4", "last four digits"),
        (100, "", "١٢٣٤", "last four digits"),
        (100, "0123456789ABC", "", "up to twelve"),
        (100, "AB-1", "", "up to twelve"),
    ],
)
def test_cards_that_cannot_be(ada: Desk, amount: int, code: str, digits: str, why: str) -> None:
    with pytest.raises(SaleError, match=why):
        owing(ada, 1572).pay_card(amount, code, digits)
    assert ada.basket.tenders == ()


def test_a_card_by_hand_is_marked_so(ada: Desk) -> None:
    owing(ada, 1572).pay_card(572, "AB12", "1234")
    tender = ada.basket.tenders[0]
    assert (tender.kind, tender.amount_minor, tender.entered_by_hand) == (TenderKind.CARD, 572, True)
    assert (tender.authorisation, tender.last_four) == ("AB12", "1234")
    assert desk_of(ada.engine).basket == ada.basket


def test_tenders_come_back_in_their_order_even_where_the_clock_went_back(shop_engine: Engine) -> None:
    moments = iter(range(10_000, 0, -1))
    desk = desk_of(shop_engine, now=lambda: NOW + dt.timedelta(seconds=next(moments)))
    owing(desk, 10_000)
    for given in (100, 200, 300, 400):
        desk.pay_cash(given)
    assert [t.given_minor for t in desk_of(shop_engine).basket.tenders] == [100, 200, 300, 400]


def test_the_last_tender_can_be_taken_back(ada: Desk) -> None:
    owing(ada, 1572)
    with pytest.raises(SaleError, match="No tender"):
        ada.take_back_tender()
    ada.pay_cash(500)
    ada.pay_card(100, "", "")
    ada.take_back_tender()
    assert [t.kind for t in ada.basket.tenders] == [TenderKind.CASH]
    assert desk_of(ada.engine).basket == ada.basket
    ada.take_back_tender()
    ada.void_line()


def test_a_sale_has_a_limit_of_tenders(ada: Desk) -> None:
    owing(ada, 10_000)
    for _time in range(MAX_TENDERS):
        ada.pay_cash(1)
    with pytest.raises(SaleError, match=f"{MAX_TENDERS} tenders at most"):
        ada.pay_cash(1)


def test_an_empty_basket_takes_no_money(ada: Desk) -> None:
    with pytest.raises(SaleError, match="nothing to pay"):
        ada.pay_cash(100)
    with pytest.raises(SaleError):
        ada.pay_card(100, "", "")
    with pytest.raises(SaleError, match="nothing to pay"):
        ada.complete()


def test_what_is_free_needs_no_tender(ada: Desk) -> None:
    add(ada, "FREE")
    receipt = ada.complete()
    assert (receipt.total_minor, receipt.change_minor) == (0, 0)


def test_what_is_due_cannot_be_left_open(ada: Desk) -> None:
    owing(ada, 5)
    with pytest.raises(SaleError, match="not paid yet"):
        ada.complete()
    assert ada.basket.total_minor == 5


def test_a_settlement_of_nothing(ada: Desk) -> None:
    assert settle(ada.basket, CashRounding(5)) == Settlement(0, 0, 0, 0)
    assert ada.settlement.settled
    assert ada.basket.paid_minor == 0
