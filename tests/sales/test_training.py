"""Practising at the desk: everything as in earnest, and nothing of it in any book."""

import json

import pytest
from sqlalchemy import Engine, func, select

from hardware.document import from_json, to_text
from tests.rigs.days import Days
from tests.rigs.people import CASHIER
from tests.rigs.shop import stock_shop
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.payments.models import CashMovement
from tui_pos.people.actor import NotAllowed
from tui_pos.printing.models import PrintJob
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Desk
from tui_pos.sales.models import Correction, Sale, SaleLine, TrainingSale
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading

BOOKS = (Sale, SaleLine, StockMovement, CashMovement, Correction)


@pytest.fixture
def days(engine: Engine) -> Days:
    stock_shop(engine)
    days = Days(engine)
    days.desk.train(True)
    return days


def count(days: Days, *models: type[object]) -> list[int]:
    with reading(days.engine) as session:
        return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def test_a_practised_sale_is_in_no_book(days: Days) -> None:
    days.scan("100", "3")
    days.scan("200")
    days.desk.void_line("wrong")
    days.desk.change_price(100)
    days.desk.pay_card(100, "", "")
    days.desk.take_back_tender()
    receipt = days.desk.pay_cash(500)

    assert receipt is not None
    assert (receipt.training, receipt.number, receipt.total_minor, receipt.change_minor) == (
        True,
        1,
        300,
        200,
    )
    assert count(days, *BOOKS) == [0] * len(BOOKS)
    assert count(days, TrainingSale) == [1]
    with reading(days.engine) as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
        chain.verify(session, "till1", chain.TRAINING)
        (page,) = session.scalars(select(PrintJob)).all()
    assert {entry.stream for entry in entries} == {chain.TRAINING}
    assert [e.event for e in entries] == ["training_on", "void_line", "price", "tender", "sale"]
    assert json.loads(entries[-1].body)["data"]["lines"][0]["amount_minor"] == 300
    assert page.kind == "training"  # and no pulse for the drawer


def test_its_page_says_so_on_every_part(days: Days) -> None:
    days.scan("100", "3")
    days.desk.pay_cash(1000)
    with reading(days.engine) as session:
        document = session.scalars(select(PrintJob.document)).one()
    text = to_text(from_json(document), 42)
    lines = [line.strip() for line in text.splitlines()]
    parts = text.split("-" * 42 + "\n")
    assert lines[0] == lines[-1] == "TRAINING"
    assert all("TRAINING" in part for part in parts)
    for total in ("TOTAL EUR", "Change"):
        (place,) = [n for n, line in enumerate(lines) if line.startswith(total)]
        assert lines[place + 1] == "TRAINING"
    assert "till1-T000001" in text
    assert "[" not in text  # no barcode and no QR that somebody could scan


def test_the_open_sale_and_held_ones_are_kept_apart(days: Days) -> None:
    days.scan("100")
    days.desk.hold("practice")
    days.scan("200")
    with pytest.raises(SaleError, match="open sale"):
        days.desk.train(False)

    restarted = Desk(days.engine, days.shop, days.desk.actor, days.now)
    assert not restarted.training
    assert list(restarted.basket.lines) == []
    assert restarted.held() == []
    restarted.train(True)
    assert [line.sku for line in restarted.basket.lines] == ["200"]
    assert [held.name for held in restarted.held()] == ["practice"]


def test_numbers_are_a_series_of_their_own(days: Days) -> None:
    days.sell("100")
    days.sell("200")
    days.desk.train(False)
    assert days.sell("100") == "1"
    days.desk.train(True)
    assert days.sell("100") == "3"
    assert count(days, Sale, TrainingSale) == [1, 3]
    assert days.desk.find_sold("till1-T000001") is None


def test_goods_taken_back_in_practice_can_still_be_returned(days: Days) -> None:
    days.desk.train(False)
    number = days.sell("100")
    days.desk.train(True)
    for _time in range(2):
        sold = days.desk.find_sold(number)
        assert sold is not None
        days.desk.return_goods(sold.sale_id, {1: sold.lines[0].left})
        days.pay()
    days.desk.train(False)
    sold = days.desk.find_sold(number)
    assert sold is not None
    assert sold.lines[0].left == 1


def test_not_everybody_begins_it(days: Days) -> None:
    desk = Desk(days.engine, days.shop, CASHIER, days.now)
    with pytest.raises(NotAllowed):
        desk.train(True)
    assert not desk.training
