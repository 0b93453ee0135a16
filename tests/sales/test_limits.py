"""How far somebody may go: discounts and prices within the limits of their role, however they are put together."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.rigs.days import Days
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.shop import stock_shop
from tui_pos.journal.models import JournalEntry
from tui_pos.money.discount import AmountOff, Discount, PercentOff
from tui_pos.people.actor import NotAllowed, built_in_actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import SaleError
from tui_pos.storage.engine import reading

OAT, BREAD = "100", "200"  # 1.89 and 3.20
BO = built_in_actor("supervisor")


@pytest.fixture
def days(engine: Engine) -> Days:
    """A till at which a cashier stands: 10 % off, prices 10 % up or down."""
    stock_shop(engine)
    days = Days(engine)
    days.desk.actor = CASHIER
    return days


@pytest.fixture
def stocked(sqlite_engine: Engine) -> Engine:
    stock_shop(sqlite_engine)
    return sqlite_engine


def percent(value: str) -> Discount:
    return PercentOff(Decimal(value))


@pytest.mark.parametrize(
    ("discount", "fits"),
    [
        (percent("10"), True),
        (percent("10.5"), False),
        (percent("11"), False),
        (percent("50"), False),
        (AmountOff(32), True),
        (AmountOff(33), False),
    ],
)
def test_a_discount_on_a_line(days: Days, discount: Discount, fits: bool) -> None:
    days.scan(BREAD)
    if fits:
        days.desk.discount_line(discount)
        return
    before = days.desk.basket
    with pytest.raises(NotAllowed) as caught:
        days.desk.discount_line(discount)
    assert caught.value.permission is Permission.DISCOUNT
    assert days.desk.basket == before


@pytest.mark.parametrize(
    ("price", "fits"), [(288, True), (352, True), (287, False), (353, False), (0, False)]
)
def test_a_price(days: Days, price: int, fits: bool) -> None:
    days.scan(BREAD)
    if fits:
        days.desk.change_price(price)
    else:
        with pytest.raises(NotAllowed, match="up to 10 %"):
            days.desk.change_price(price)


def test_a_price_is_measured_by_the_catalogues_not_by_the_last_one(days: Days) -> None:
    days.scan(BREAD)
    days.desk.change_price(300)
    with pytest.raises(NotAllowed):
        days.desk.change_price(280)
    days.desk.change_price(320)


@pytest.mark.parametrize("order", ["line first", "sale first", "price first"])
def test_what_is_off_adds_up(days: Days, order: str) -> None:
    desk = days.desk
    days.scan(BREAD)
    if order == "line first":
        desk.discount_line(percent("8"))
        with pytest.raises(NotAllowed):
            desk.discount_sale(percent("8"))
    elif order == "sale first":
        desk.discount_sale(percent("8"))
        with pytest.raises(NotAllowed):
            desk.discount_line(percent("8"))
    else:
        desk.change_price(294)
        with pytest.raises(NotAllowed):
            desk.discount_line(percent("8"))


def test_voiding_the_rest_does_not_make_a_small_discount_large(days: Days) -> None:
    desk = days.desk
    days.scan(BREAD, "9")
    days.scan(OAT)
    desk.discount_sale(AmountOff(300))  # of 30.69
    desk.choose(-1)
    with pytest.raises(NotAllowed):
        desk.void_line()
    with pytest.raises(NotAllowed):
        desk.set_quantity(Decimal(1))
    desk.discount_sale(None)
    desk.void_line()


def test_what_another_allowed_stays_allowed(days: Days) -> None:
    desk = days.desk
    days.scan(OAT)
    days.scan(BREAD)
    desk.actor = CASHIER.allowed_by(BO, "torn bag")
    desk.discount_line(percent("40"))
    desk.actor = CASHIER
    desk.choose(-1)
    desk.void_line()
    desk.set_quantity(Decimal(2))
    with pytest.raises(NotAllowed):
        desk.discount_line(percent("41"))
    desk.discount_line(percent("10"))


def test_returned_goods_are_measured_by_nothing(days: Days) -> None:
    desk = days.desk
    desk.actor = OWNER
    days.trade(1)
    sold = desk.find_sold("1")
    assert sold is not None
    desk.actor = CASHIER
    desk.return_goods(sold.sale_id, {2: Decimal(1)})
    days.scan(OAT)
    desk.discount_sale(percent("10"))


def test_who_allowed_it_and_why_stands_with_the_act(days: Days) -> None:
    days.scan(BREAD)
    days.desk.actor = CASHIER.allowed_by(BO, "torn bag")
    days.desk.discount_line(percent("40"))
    with reading(days.engine) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.event == "discount")).one()
    assert entry.actor == CASHIER.id
    data = json.loads(entry.body)["data"]
    assert (data["approved_by"], data["approval_reason"]) == (BO.id, "torn bag")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["line", "sale", "price", "quantity", "void", "scan", "up"]), st.integers(1, 60)
        ),
        max_size=12,
    )
)
def test_no_order_of_acts_takes_more_off_than_the_role_allows(
    stocked: Engine, acts: list[tuple[str, int]]
) -> None:
    """Whatever a cashier does, no line ends more than 10 % (and the cents of three roundings) below its price."""
    days = Days(stocked)
    if days.desk.basket.lines:
        days.desk.void_sale("the next example")
    days.desk.actor = CASHIER
    desk = days.desk
    days.scan(BREAD, "4")
    for kind, number in acts:
        try:
            if kind == "line":
                desk.discount_line(percent(str(number)) if number < 40 else AmountOff(number))
            elif kind == "sale":
                desk.discount_sale(percent(str(number)) if number < 30 else AmountOff(number))
            elif kind == "price":
                desk.change_price(number * 7)
            elif kind == "quantity":
                desk.set_quantity(Decimal(number % 7 + 1))
            elif kind == "void":
                desk.void_line()
            elif kind == "scan":
                days.scan(OAT if number % 2 else BREAD)
            else:
                desk.choose(-1)
        except (NotAllowed, SaleError):  # then nothing changed
            continue
    for line, share in zip(desk.basket.lines, desk.basket.shares(), strict=True):
        listed = int((line.list_price_minor or line.unit_price_minor) * line.quantity)
        assert share.amount_minor >= listed * 90 // 100 - 3 - int(line.quantity)
