"""Completing a sale: one commit, everything in it, and nothing twice."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session

from tests.rigs.books import check_books
from tests.rigs.sales import ADA, NOW, SOAP, add, desk_of, gs1, make_shop, stock, ticking, with_rules
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.journal.rows import exact_row
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.money.tax import TaxRounding
from tui_pos.payments.models import CashMovement
from tui_pos.printing.models import PrintJob
from tui_pos.sales import checkout
from tui_pos.sales import desk as desks
from tui_pos.sales.basket import SaleError, SaleGone
from tui_pos.sales.desk import Desk, Question, Sold
from tui_pos.sales.models import OpenLine, OpenSale, OpenTender, Sale, SaleLine, SaleTax, SaleTender
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import Shop
from tui_pos.sales.tendering import pay_cash
from tui_pos.sales.view import Basket
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.errors import DatabaseUnavailable

TABLES = (Sale, SaleLine, SaleTax, SaleTender, StockMovement, CashMovement, PrintJob, JournalEntry)


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {
            model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in TABLES
        }


def test_everything_of_a_sale_is_written(ada: Desk) -> None:
    add(ada, "OAT", "3")
    add(ada, "TOM", "0.412")
    add(ada, "BAG")
    ada.discount_sale(AmountOff(100))
    ada.pay_card(200, "A1", "1234")
    assert ada.pay_cash(1000) is not None
    assert counts(ada.engine) == {
        "sale": 1, "sale_line": 3, "sale_tax": 2, "sale_tender": 2, "stock_movement": 2,
        "cash_movement": 1, "print_job": 2, "journal_entry": 2,
    }  # fmt: skip
    check_books(ada.engine)
    with reading(ada.engine) as session:
        sale = session.scalars(select(Sale)).one()
        assert (sale.number, sale.actor, sale.currency, sale.gross_minor) == (1, "ada", "EUR", 610)
        assert sale.change_minor == 1000 - 410
        assert session.scalars(select(CashMovement.amount_minor)).one() == 410
        assert session.scalar(select(func.count()).select_from(OpenSale)) == 0


def test_the_journal_holds_the_whole_sale(ada: Desk) -> None:
    ada.scan(Scanned(gs1(SOAP, ai10="L7", ai17="261231")))
    add(ada, "TOM", "0.350")
    ada.pay_cash(10_000)
    with reading(ada.engine) as session:
        entry = session.scalars(select(JournalEntry)).one()
        told = json.loads(entry.body)["rows"]
        rows = {
            model.__tablename__: [_told(row) for row in session.scalars(select(model))]
            for model in (Sale, SaleLine, SaleTax, SaleTender, StockMovement, CashMovement)
        }
    assert told.keys() == rows.keys()
    for table, stated in told.items():
        assert sorted(map(_text, stated)) == sorted(map(_text, rows[table])), table


def _text(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _told(row: Any) -> dict[str, Any]:
    return exact_row(type(row), {column.key: getattr(row, column.key) for column in row.__table__.columns})


def test_the_same_sale_is_journalled_the_same_after_a_restart(shop_engine: Engine) -> None:
    """Numbers that went through a column are the same numbers: 0.350 kg is not hashed as 0.35 another time."""
    told = []
    for restart in (False, True):
        desk = desk_of(shop_engine)
        add(desk, "TOM", "0.350")
        add(desk, "OAT", "10")
        desk = desk_of(shop_engine) if restart else desk
        desk.pay_cash(10_000)
    with reading(shop_engine) as session:
        for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.seq)):
            lines = json.loads(entry.body)["rows"]["sale_line"]
            told.append([{key: value for key, value in line.items() if key != "sale_id"} for line in lines])
    assert told[0] == told[1]


def test_numbers_have_no_gaps_and_are_each_tills_own(shop_engine: Engine) -> None:
    for till, expected in (("till1", 1), ("till1", 2), ("till2", 1), ("till1", 3)):
        desk = desk_of(shop_engine, make_shop(till=till))
        add(desk, "OAT")
        receipt = desk.pay_cash(189)
        assert receipt is not None
        assert receipt.number == expected


def test_a_completion_that_fails_leaves_no_trace_and_no_gap(
    ada: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ada, "OAT")
    before = counts(ada.engine)
    with monkeypatch.context() as patch:
        patch.setattr(checkout, "receipt_document", _breaks)
        with pytest.raises(ZeroDivisionError):
            ada.pay_cash(200)
    assert counts(ada.engine) == before
    assert desk_of(ada.engine).basket == ada.basket
    assert ada.basket.tenders == ()
    receipt = ada.pay_cash(200)
    assert receipt is not None
    assert receipt.number == 1


def _breaks(*_args: object) -> None:
    raise ZeroDivisionError


def test_a_sale_is_completed_once_though_two_desks_show_it(ada: Desk) -> None:
    add(ada, "OAT")
    other = desk_of(ada.engine)
    assert ada.pay_cash(189) is not None
    with pytest.raises(SaleGone):
        other.pay_cash(189)
    assert other.basket.lines == ()
    assert counts(ada.engine)["sale"] == 1
    check_books(ada.engine)


def test_what_another_window_added_is_not_lost_without_a_word(ada: Desk) -> None:
    add(ada, "OAT")
    other = desk_of(ada.engine)
    add(other, "MILK")
    with pytest.raises(SaleGone, match="changed in another window"):
        ada.pay_cash(189)
    assert [line.sku for line in ada.basket.lines] == ["OAT", "MILK"]
    assert ada.pay_cash(308) is not None


def test_money_that_another_window_took_is_not_taken_again(ada: Desk) -> None:
    add(ada, "OAT")
    other = desk_of(ada.engine)
    other.pay_cash(100)
    with pytest.raises(SaleGone):
        ada.pay_cash(189)
    assert ada.basket.paid_minor == 100


@pytest.mark.parametrize("tills", [("till1", "till1"), ("till1", "till2")])
def test_numbers_are_never_doubled(shop_engine: Engine, tills: tuple[str, str]) -> None:
    """Two threads that complete as fast as they can; held sales, since one till has one open sale at a time."""
    each = 8
    desks: list[list[tuple[Shop, Basket]]] = []
    for till in tills:
        desk = desk_of(shop_engine, make_shop(till=till))
        desks.append([])
        for _time in range(each):
            add(desk, "OAT")
            desks[-1].append((desk.shop, desk.basket))
            desk.hold("x")
    start = threading.Barrier(2)
    numbers: dict[str, list[int]] = {"till1": [], "till2": []}
    errors: list[BaseException] = []

    def complete(baskets: list[tuple[Shop, Basket]]) -> None:
        try:
            start.wait(timeout=10)
            for shop, basket in baskets:
                with writing(shop_engine, durable=True) as session:
                    paid = pay_cash(session, basket, 189, shop.cash_rounding, ADA, NOW)
                    receipt = checkout.complete(session, paid, shop, ADA, NOW)
                numbers[shop.till].append(receipt.number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=complete, args=(baskets,)) for baskets in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for till in set(tills):
        assert sorted(numbers[till]) == list(range(1, each * tills.count(till) + 1))
        with reading(shop_engine) as session:
            assert chain.verify(session, till, chain.RECEIPTS).seq == each * tills.count(till)


def lose_the_next_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that commits once more, and is gone before it says so."""
    left = [True]

    @contextmanager
    def without_answer(engine: Engine, *, durable: bool = False) -> Iterator[Session]:
        with writing(engine, durable=durable) as session:
            yield session
        if left:
            left.clear()
            raise DatabaseUnavailable("gone")

    monkeypatch.setattr(desks, "writing", without_answer)


def test_a_sale_whose_commit_was_not_answered_is_not_sold_twice(
    ada: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ada, "OAT")
    lose_the_next_answer(monkeypatch)
    with pytest.raises(DatabaseUnavailable):
        ada.pay_cash(200)
    receipt = ada.pay_cash(200)
    assert receipt is not None
    assert (receipt.number, receipt.change_minor) == (1, 11)
    assert ada.basket.lines == ()
    assert counts(ada.engine)["sale"] == 1


@pytest.mark.parametrize("act", ["add", "tender"])
def test_an_act_whose_commit_was_not_answered_is_shown_before_anything_else(
    ada: Desk, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    add(ada, "OAT")
    lose_the_next_answer(monkeypatch)
    again = {"add": lambda: ada.scan(Scanned("MILK")), "tender": lambda: ada.pay_cash(100)}[act]
    with pytest.raises(DatabaseUnavailable):
        again()
    with pytest.raises(SaleError, match="saved after all"):
        again()
    assert desk_of(ada.engine).basket == ada.basket
    assert (len(ada.basket.lines), len(ada.basket.tenders)) == {"add": (2, 0), "tender": (1, 1)}[act]
    assert ada.pay_cash(1000) is not None


def test_after_an_act_that_was_really_not_saved_the_till_goes_on(ada: Desk) -> None:
    add(ada, "OAT")
    ada._unsure = True
    add(ada, "MILK")
    assert [line.sku for line in ada.basket.lines] == ["OAT", "MILK"]


# What is true of every sale

SKUS = ("OAT", "MILK", "BREAD", "TOM", "BAG", "SOAP", "FREE")
QUANTITIES = {"TOM": st.decimals("0.001", "9.999", places=3)}
PIECES = st.integers(1, 12).map(Decimal)
DISCOUNTS = (
    st.none()
    | st.integers(1, 400).map(AmountOff)
    | st.integers(1, 100).map(lambda percent: PercentOff(Decimal(percent)))
)
LINES = st.sampled_from(SKUS).flatmap(lambda sku: st.tuples(st.just(sku), QUANTITIES.get(sku, PIECES)))
ACTS = st.one_of(
    st.tuples(st.just("add"), LINES),
    st.tuples(st.just("discount_line"), DISCOUNTS),
    st.tuples(st.just("discount_sale"), DISCOUNTS),
    st.tuples(st.just("change_price"), st.integers(0, 5000)),
    st.tuples(st.just("set_quantity"), st.integers(1, 9).map(Decimal)),
    st.tuples(st.just("choose"), st.integers(-3, 3)),
    st.tuples(st.just("void_line"), st.just("")),
)
RULES = [
    (True, TaxRounding.RECEIPT),
    (True, TaxRounding.LINE),
    (False, TaxRounding.RECEIPT),
    (False, TaxRounding.LINE),
]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(ACTS, min_size=1, max_size=12),
    rules=st.sampled_from(RULES),
    increment=st.sampled_from([1, 5, 100]),
    tendering=st.sampled_from(["cash", "more cash", "card", "card and cash", "two of cash"]),
)
def test_whatever_is_sold_the_books_agree(
    request: pytest.FixtureRequest,
    kind: str,
    acts: list[tuple[str, Any]],
    rules: tuple[bool, TaxRounding],
    increment: int,
    tendering: str,
) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    with reading(engine) as session:
        stocked = session.scalar(text("SELECT count(*) FROM product"))
    if not stocked:
        stock(engine)
    shop = with_rules(
        make_shop(cash_increment_minor=increment), prices_include_tax=rules[0], tax_rounding=rules[1]
    )
    desk = desk_of(engine, shop)
    for act, value in [("add", ("OAT", Decimal(1))), *acts]:
        try:
            if act == "add":
                assert isinstance(desk.scan(Scanned(value[0]), value[1]), Sold)
            else:
                getattr(desk, act)(value)
        except SaleError:
            pass
        found = desk_of(engine, shop).basket
        assert found == desk.basket if desk.basket.stored else found.lines == ()
    if desk.basket.lines:
        pay(desk, tendering)
    check_books(engine)
    check_drawer(engine)


def pay(desk: Desk, tendering: str) -> None:
    due = desk.settlement.due
    increment = desk.shop.cash_rounding.increment_minor
    if due == 0:
        desk.complete()
        return
    if tendering == "card" or (tendering == "card and cash" and due > 1):
        if desk.pay_card(due if tendering == "card" else due // 2, "A1", ""):
            return
    elif tendering == "two of cash" and desk.settlement.cash_due > increment:
        desk.pay_cash(increment)
    if desk.basket.lines:
        extra = 2000 if tendering == "more cash" else 0
        receipt = desk.pay_cash(desk.settlement.cash_due + extra)
        assert receipt is not None
        assert receipt.change_minor == extra


def check_drawer(engine: Engine) -> None:
    """Cash in the drawer is what cash covered, rounded; and the rounding has its own place in the books."""
    with reading(engine) as session:
        for sale in session.scalars(select(Sale)):
            covered = sum(
                session.scalars(
                    select(SaleTender.amount_minor).where(
                        SaleTender.sale_id == sale.id, SaleTender.kind == "cash"
                    )
                )
            )
            drawer = sum(
                session.scalars(select(CashMovement.amount_minor).where(CashMovement.sale_id == sale.id))
            )
            assert drawer == covered + sale.cash_rounding_minor
            assert abs(sale.cash_rounding_minor) * 2 <= 100


def test_questions_are_no_sales(ada: Desk) -> None:
    assert isinstance(ada.scan(Scanned("WINE")), Question)
    with reading(ada.engine) as session:
        assert session.scalar(select(func.count()).select_from(OpenLine)) == 0


@pytest.mark.parametrize(
    "statement", [delete(Sale), update(SaleLine).values(amount_minor=0), delete(JournalEntry)]
)
def test_what_was_sold_cannot_be_changed(ada: Desk, statement: Any) -> None:
    add(ada, "OAT")
    ada.pay_cash(189)
    with pytest.raises(Exception, match="written once"), writing(ada.engine) as session:
        session.execute(statement)


def test_an_in_flight_payment_completes_nothing(ada: Desk) -> None:
    add(ada, "OAT", "2")
    ada.pay_cash(100)
    with writing(ada.engine) as session:
        session.execute(update(OpenTender).values(state="in_flight"))
    desk = desk_of(ada.engine)
    assert desk.settlement.due == 378
    with pytest.raises(SaleError, match="not known yet"):
        desk.take_back_tender()
    with pytest.raises(SaleError, match="not paid yet"):
        desk.pay_cash(378)
    assert counts(ada.engine)["sale"] == 0


def test_the_clock_of_the_till_dates_the_sale(shop_engine: Engine) -> None:
    night = dt.datetime(2026, 7, 1, 2, 30, tzinfo=dt.UTC)  # half past three in Dublin: still the day before
    desk = desk_of(shop_engine, now=ticking(night))
    add(desk, "OAT")
    desk.pay_cash(189)
    with reading(shop_engine) as session:
        assert session.scalars(select(Sale.business_date)).one() == dt.date(2026, 6, 30)
