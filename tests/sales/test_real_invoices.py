"""A thousand invoices of a real shop's year, sold at the desk: each day's takings are what the invoices add up to."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from config.settings import Settings
from tests.rigs.books import check_books
from tests.rigs.real_shop import Invoices, Item, read_invoices, stock, why_not_sold
from tui_pos.bootstrap import CASHIER, build_shop
from tui_pos.sales.desk import Desk, Sold
from tui_pos.sales.models import Sale
from tui_pos.sales.scanning import Scanned
from tui_pos.storage.engine import reading

LINES = 12
"""The thousand are such of up to so many lines, to be quick; the longest of the file is sold besides."""


@pytest.fixture(scope="module")
def invoices(shared_data: Path) -> Invoices:
    """Every invoice of the file by its number."""
    return read_invoices(shared_data)


def test_what_is_left_out(invoices: Invoices) -> None:
    reasons = Counter(why_not_sold(number, items) for number, items in invoices.items())
    assert reasons == {
        "C…": 3836,
        "A…": 3,
        "negative quantity": 1336,
        "price below a penny": 4,
        "": 20721,
    }


def chosen(invoices: Invoices) -> list[list[Item]]:
    """A thousand from the whole year, in its order, and the longest one."""
    sales = [items for number, items in invoices.items() if not why_not_sold(number, items)]
    short = [items for items in sales if len(items) <= LINES]
    assert len(short) == 9253
    longest = max(sales, key=len)
    assert len(longest) == 1114
    return sorted([*short[:: len(short) // 1000][:1000], longest], key=lambda items: items[0].at)


def sell(desk: Desk, items: Sequence[Item], usual: Mapping[str, Decimal]) -> None:
    """Type every item with its quantity, and its price where that was another one; then take cash for all.

    Those with other prices come first: more of what was sold last goes onto its line, and a price holds for a line.
    """
    for item in sorted(items, key=lambda item: item.price == usual[item.code]):
        outcome = desk.scan(Scanned(item.code), Decimal(item.quantity))
        assert isinstance(outcome, Sold), f"{item}: {outcome}"
        price_minor = int(item.price * 100)
        if outcome.line.unit_price_minor != price_minor:
            desk.change_price(price_minor)
    due_minor = desk.settlement.cash_due
    receipt = desk.pay_cash(due_minor) if due_minor else desk.complete()
    assert receipt is not None


def test_takings_of_each_day_are_what_its_invoices_add_up_to(
    sqlite_engine: Engine, invoices: Invoices
) -> None:
    sold = chosen(invoices)
    usual = stock(sqlite_engine, sold)
    shop = {"country": "GB", "currency": "GBP", "locale": "en_GB", "timezone": "Europe/London"}
    clock = [sold[0][0].at]
    settings = Settings.model_validate({"shop": shop, "drawer": {"required": False}})
    desk = Desk(sqlite_engine, build_shop(settings), CASHIER, lambda: clock[0])
    expected: dict[dt.date, Decimal] = defaultdict(Decimal)
    pieces = 0
    for items in sold:
        clock[0] = items[0].at.astimezone(dt.UTC)
        sell(desk, items, usual)
        expected[items[0].at.date()] += sum((item.quantity * item.price for item in items), Decimal(0))
        pieces += sum(item.quantity for item in items)

    query = select(Sale.business_date, func.sum(Sale.gross_minor)).group_by(Sale.business_date)
    with reading(sqlite_engine) as session:
        takings = {row[0]: Decimal(row[1]) / 100 for row in session.execute(query)}
    assert takings == dict(expected)
    assert len(takings) > 250
    books = check_books(sqlite_engine)
    assert len(books.sales) == 1001
    assert sum(line.quantity for sale in books.sales for line in sale) == pieces
