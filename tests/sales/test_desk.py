"""What a desk remembers between two acts, and finds again after it was killed."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import Engine

from tests.rigs.sales import ADA, NOW, add, article, desk_of, make_shop, stock
from tui_pos.sales.desk import Desk, Sold


def test_a_new_desk_goes_on_where_the_old_one_was_killed(ada: Desk) -> None:
    add(ada, "OAT", "2")
    add(ada, "TOM", "0.412")
    ada.pay_cash(100)
    again = desk_of(ada.engine)
    assert again.basket == ada.basket
    assert again.chosen_line.sku == "TOM"


def test_a_held_sale_does_not_open_by_itself(ada: Desk) -> None:
    add(ada, "OAT")
    ada.hold("a")
    assert desk_of(ada.engine).basket.lines == ()


def test_each_till_has_its_own_sale(ada: Desk) -> None:
    add(ada, "OAT")
    assert desk_of(ada.engine, make_shop(till="till2")).basket.lines == ()


def test_choosing_stays_within_the_basket(ada: Desk) -> None:
    ada.choose(1)
    assert (ada.chosen, ada.chosen_index) == (None, -1)
    for sku in ("OAT", "MILK", "BREAD"):
        add(ada, sku)
    for step, sku in ((1, "BREAD"), (-1, "MILK"), (-5, "OAT"), (1, "MILK"), (9, "BREAD")):
        ada.choose(step)
        assert ada.chosen_line.sku == sku


def test_what_was_sold_last_is_chosen(ada: Desk) -> None:
    add(ada, "OAT")
    add(ada, "MILK")
    ada.choose(-1)
    add(ada, "BREAD")
    assert ada.chosen_line.sku == "BREAD"
    add(ada, "BREAD")
    assert (ada.chosen_line.quantity, ada.chosen_index) == (2, 2)


def test_lines_that_did_not_change_stay_the_same_objects(ada: Desk) -> None:
    """The counter redraws only what is new."""
    add(ada, "OAT")
    first = ada.basket.lines[0]
    add(ada, "MILK")
    ada.set_quantity(Decimal(3))
    assert ada.basket.lines[0] is first


def test_a_picked_article_is_sold(ada: Desk) -> None:
    outcome = ada.want(article(ada.engine, "OAT"), Decimal(2))
    assert isinstance(outcome, Sold)
    assert outcome.line.quantity == 2


def test_after_a_sale_a_new_one_begins(ada: Desk) -> None:
    add(ada, "OAT")
    before = ada.basket.id
    receipt = ada.pay_cash(189)
    assert (ada.basket.lines, ada.chosen, ada.last_receipt) == ((), None, receipt)
    assert ada.basket.id != before


def test_the_rate_is_that_of_the_business_day(sqlite_engine: Engine) -> None:
    """Ireland lowered its standard rate for half a year on 1 September 2020; the night belongs to the day before."""
    stock(sqlite_engine)
    for moment, percent in (
        (dt.datetime(2020, 9, 1, 1, tzinfo=dt.UTC), 23),
        (dt.datetime(2020, 9, 1, 9, tzinfo=dt.UTC), 21),
        (NOW, 23),
    ):
        desk = Desk(sqlite_engine, make_shop(), ADA, lambda moment=moment: moment)  # type: ignore[misc]
        add(desk, "OAT")
        assert desk.chosen_line.tax.percent == percent
        desk.void_sale("next")
