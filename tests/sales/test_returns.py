"""Taking goods back: what they are worth, how many can come, and what the books say of it. On both databases."""

import datetime as dt
import json
import threading
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select

from hardware.document import from_json, to_text
from tests.rigs.people import OWNER
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.money.currency import currency
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.payments.models import CashMovement
from tui_pos.people.actor import built_in_actor
from tui_pos.printing.models import PrintJob
from tui_pos.sales.basket import SaleError, SaleGone
from tui_pos.sales.desk import Desk, Sold
from tui_pos.sales.models import Sale, SaleLine, SaleTax
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import PriceRules, Shop
from tui_pos.sales.view import Receipt
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SHOP = Shop(
    name="Corner Shop",
    till="till1",
    rules=PriceRules(currency("EUR"), True, TaxRounding.RECEIPT),
    cash_rounding=CashRounding(5),
    zone=ZoneInfo("Europe/Dublin"),
    day_ends_at=dt.time(4),
    locale="en_IE",
)


def desk_of(engine: Engine, shop: Shop = SHOP) -> Desk:
    return Desk(engine, shop, built_in_actor("owner", id="ada", name="Ada"), lambda: NOW)


@pytest.fixture
def stocked(engine: Engine) -> Engine:
    with writing(engine) as session:
        install_preset(session, "IE")
        upsert(session, Draft("OAT", "Oat drink", 189, "standard"), OWNER)
        upsert(session, Draft("TRIO", "Soap, three", 334, "standard"), OWNER)
        upsert(session, Draft("BREAD", "Rye bread", 320, "reduced"), OWNER)
        upsert(session, Draft("TOM", "Tomatoes, loose", 299, "zero", Unit.KG), OWNER)
        upsert(session, Draft("BAG", "Bag", 20, "standard", keeps_stock=False), OWNER)
    return engine


@pytest.fixture
def desk(stocked: Engine) -> Desk:
    return desk_of(stocked)


def add(desk: Desk, sku: str, quantity: str = "1") -> None:
    assert isinstance(desk.scan(Scanned(sku), Decimal(quantity)), Sold)


def pay(desk: Desk) -> Receipt:
    receipt = desk.complete() if desk.basket.due_minor == 0 else desk.pay_cash(desk.settlement.cash_due)
    assert receipt is not None
    return receipt


def sell(desk: Desk, *goods: tuple[str, str], discount: str = "") -> Receipt:
    for sku, quantity in goods:
        add(desk, sku, quantity)
    if discount:
        desk.discount_sale(
            PercentOff(Decimal(discount[:-1])) if discount.endswith("%") else AmountOff(int(discount))
        )
    return pay(desk)


def everything(desk: Desk, receipt: Receipt) -> dict[int, Decimal]:
    sold = desk.find_sold(str(receipt.number))
    assert sold is not None
    return {line.position: line.left for line in sold.lines if line.left}


def sale_of(engine: Engine, receipt: Receipt) -> Sale:
    with reading(engine) as session:
        return session.get_one(Sale, receipt.sale_id)


def taxes_of(engine: Engine, receipt: Receipt) -> dict[tuple[str, Decimal], tuple[int, int, int]]:
    with reading(engine) as session:
        rows = session.scalars(select(SaleTax).where(SaleTax.sale_id == receipt.sale_id))
        return {(r.tax_class, r.percent): (r.net_minor, r.tax_minor, r.gross_minor) for r in rows}


GOODS = (("OAT", "3"), ("BREAD", "1"), ("TOM", "0.412"), ("BAG", "2"))
OTHER_RULES = [
    SHOP,
    replace(SHOP, rules=replace(SHOP.rules, tax_rounding=TaxRounding.LINE)),
    replace(SHOP, rules=replace(SHOP.rules, prices_include_tax=False)),
]


@pytest.mark.parametrize("discount", ["", "10%", "100"])
@pytest.mark.parametrize("shop", OTHER_RULES, ids=["gross", "by line", "net"])
def test_everything_returned_is_the_exact_negative(stocked: Engine, shop: Shop, discount: str) -> None:
    desk = desk_of(stocked, shop)
    sold = sell(desk, *GOODS, discount=discount)
    desk.return_goods(sold.sale_id, everything(desk, sold))
    back = pay(desk)
    there, refund = sale_of(stocked, sold), sale_of(stocked, back)
    assert (refund.net_minor, refund.tax_minor, refund.gross_minor, refund.discount_minor) == (
        -there.net_minor,
        -there.tax_minor,
        -there.gross_minor,
        0,
    )
    assert refund.cash_rounding_minor == -there.cash_rounding_minor
    negative = {key: tuple(-minor for minor in row) for key, row in taxes_of(stocked, sold).items()}
    assert taxes_of(stocked, back) == negative


def test_a_shop_that_changed_to_net_prices_gives_the_same_money_back(stocked: Engine) -> None:
    desk = desk_of(stocked)
    sold = sell(desk, *GOODS, discount="10%")
    later = desk_of(stocked, OTHER_RULES[2])
    later.return_goods(sold.sale_id, {1: Decimal(1)})
    pay(later)
    later.return_goods(sold.sale_id, everything(later, sold))
    pay(later)
    with reading(stocked) as session:
        for column in (Sale.net_minor, Sale.tax_minor, Sale.gross_minor):
            assert session.scalar(select(func.sum(column))) == 0


def test_pieces_returned_one_by_one_make_the_whole(stocked: Engine, desk: Desk) -> None:
    """Three at 3.34 less 0.02: 10.00. The thirds are 3.33, 3.34 and 3.33."""
    sold = sell(desk, ("TRIO", "3"), discount="2")
    given = []
    for _piece in range(3):
        desk.return_goods(sold.sale_id, {1: Decimal(1)})
        given.append(desk.basket.total_minor)
        pay(desk)
    assert given == [-333, -334, -333]
    with reading(stocked) as session:
        assert session.scalar(select(func.sum(Sale.tax_minor))) == 0
        assert session.scalar(select(func.sum(StockMovement.quantity))) == 0


def test_a_line_is_raised_and_can_be_taken_out_but_not_changed(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("TRIO", "3"), discount="2")
    assert desk.return_goods(sold.sale_id, {1: Decimal(1)}).line(1).left == 2
    left = desk.return_goods(sold.sale_id, {1: Decimal(1)}).line(1)
    assert (left.left, left.left_minor) == (1, 333)
    (line,) = desk.basket.lines
    assert (line.quantity, line.priced.amount_minor, line.unit_price_minor) == (-2, -667, 334)
    assert desk_of(stocked).basket == desk.basket  # as the database holds it
    for change in (
        lambda: desk.set_quantity(Decimal(1)),
        lambda: desk.change_price(1),
        lambda: desk.discount_line(PercentOff(Decimal(10))),
    ):
        with pytest.raises(SaleError, match="goes back as it was sold"):
            change()
    with pytest.raises(SaleError, match="nothing to discount"):
        desk.discount_sale(PercentOff(Decimal(10)))
    desk.void_line()
    assert everything(desk, sold) == {1: 3}


@pytest.mark.parametrize(
    ("position", "quantity", "message"),
    [
        (1, "4", "Oat drink: at most 3 can be returned"),
        (1, "0.5", "give a whole number"),
        (1, "0", "more than nothing"),
        (2, "0.413", "Tomatoes, loose: at most 0.412 kg"),
    ],
)
def test_what_cannot_be_returned(desk: Desk, position: int, quantity: str, message: str) -> None:
    sold = sell(desk, ("OAT", "3"), ("TOM", "0.412"))
    with pytest.raises(SaleError, match=message):
        desk.return_goods(sold.sale_id, {position: Decimal(quantity)})
    assert not desk.basket.lines


def test_nothing_comes_back_twice(desk: Desk) -> None:
    sold = sell(desk, ("OAT", "1"))
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    with pytest.raises(SaleError, match="everything was returned already"):
        desk.return_goods(sold.sale_id, {1: Decimal(1)})
    back = pay(desk)
    assert everything(desk, sold) == {}
    with pytest.raises(SaleError, match="everything was returned already"):
        desk.return_goods(sold.sale_id, {1: Decimal(1)})
    assert everything(desk, back) == {}, "what a return gave back cannot be returned itself"


def test_of_two_open_baskets_the_second_is_refused(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("TRIO", "3"), discount="2")
    other = desk_of(stocked, replace(SHOP, till="till2"))
    desk.return_goods(sold.sale_id, {1: Decimal(2)})
    other.return_goods(sold.sale_id, {1: Decimal(2)})
    pay(desk)
    with pytest.raises(SaleError, match="till1-000001 was returned meanwhile"):
        other.pay_cash(0)
    assert not other.basket.tenders
    other.void_line()
    other.return_goods(sold.sale_id, {1: Decimal(1)})
    assert pay(other).total_minor == -333


def test_the_price_of_a_part_is_that_of_the_moment_of_completing(stocked: Engine, desk: Desk) -> None:
    """Each of two tills may give one of two for 0.01 back, but not a whole cent each."""
    add(desk, "OAT", "2")
    desk.change_price(1)
    desk.discount_line(AmountOff(1))
    sold = pay(desk)
    other = desk_of(stocked, replace(SHOP, till="till2"))
    for till in (desk, other):
        till.return_goods(sold.sale_id, {1: Decimal(1)})
        assert till.basket.total_minor == -1
    pay(desk)
    with pytest.raises(SaleError, match="meanwhile"):
        other.pay_cash(0)


def test_two_tills_at_once_cannot_return_the_same_goods(
    postgres_engine: Engine, request: pytest.FixtureRequest
) -> None:
    with writing(postgres_engine) as session:
        install_preset(session, "IE")
        upsert(session, Draft("OAT", "Oat drink", 189, "standard"), OWNER)
    sold = sell(desk_of(postgres_engine), ("OAT", "1"))
    tills = [desk_of(postgres_engine, replace(SHOP, till=f"till{n}")) for n in (2, 3)]
    for till in tills:
        till.return_goods(sold.sale_id, {1: Decimal(1)})
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def complete(till: Desk) -> None:
        start.wait(5)
        try:
            till.pay_cash(0)
            outcomes.append("done")
        except SaleError:
            outcomes.append("refused")

    threads = [threading.Thread(target=complete, args=(till,)) for till in tills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["done", "refused"]
    with reading(postgres_engine) as session:
        assert session.scalar(select(func.sum(SaleLine.quantity))) == 0


def test_the_books_of_a_return(stocked: Engine, desk: Desk) -> None:
    """15.72 paid 15.70 in cash; all of it back pays 15.70 out, and every book is at nought again."""
    add(desk, "OAT", "4")
    desk.change_price(393)
    add(desk, "BAG", "1")
    desk.change_price(0)
    sold = pay(desk)
    desk.return_goods(sold.sale_id, everything(desk, sold))
    back = pay(desk)
    assert (sold.total_minor, back.total_minor, back.change_minor) == (1572, -1572, 1570)
    with reading(stocked) as session:
        assert list(
            session.scalars(select(CashMovement.amount_minor).order_by(CashMovement.amount_minor.desc()))
        ) == [
            1570,
            -1570,
        ]
        moves = session.execute(
            select(StockMovement.reason, StockMovement.quantity).order_by(StockMovement.quantity)
        )
        assert [tuple(move) for move in moves] == [("sale", -4), ("return", 4)]
        body = session.scalars(
            select(JournalEntry.body)
            .where(JournalEntry.stream == chain.RECEIPTS)
            .order_by(JournalEntry.seq.desc())
        ).first()
        assert body is not None
        rows = json.loads(body)["rows"]
        assert chain.verify(session, "till1", chain.RECEIPTS).seq == 2
    assert rows["sale_line"][0]["returns_sale_id"] == str(sold.sale_id)
    assert rows["sale_line"][0]["returns_position"] == 1
    assert rows["sale_line"][0]["tax_minor"] == -294
    assert (rows["sale"][0]["gross_minor"], rows["cash_movement"][0]["amount_minor"]) == (-1572, -1570)


def test_an_exchange(stocked: Engine, desk: Desk) -> None:
    """A discount on what is bought leaves what is returned alone; the customer pays the difference."""
    sold = sell(desk, ("OAT", "1"), discount="10%")
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    add(desk, "OAT")
    add(desk, "BREAD")
    assert [line.quantity for line in desk.basket.lines] == [-1, 1, 1], "sold goods are no part of a return"
    desk.discount_sale(PercentOff(Decimal(50)))
    assert desk.basket.total_minor == -170 + 189 + 320 - 255
    receipt = pay(desk)
    assert receipt.change_minor == 0
    add(desk, "OAT")
    desk.return_goods(receipt.sale_id, {2: Decimal(1)})
    assert everything(desk, receipt) == {3: 1}


def test_an_even_exchange_needs_no_money(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("OAT", "1"))
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    add(desk, "OAT")
    assert pay(desk).total_minor == 0
    with reading(stocked) as session:
        assert session.scalar(select(func.sum(StockMovement.quantity))) == -1


def test_a_discount_that_is_left_over_does_not_touch_returns(desk: Desk) -> None:
    sold = sell(desk, ("OAT", "1"))
    add(desk, "BREAD")
    desk.discount_sale(PercentOff(Decimal(50)))
    desk.choose(-1)
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    desk.choose(-1)
    desk.void_line()
    assert desk.basket.total_minor == -189


def test_goods_go_back_with_the_tax_and_name_of_then(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("BREAD", "1"))
    with writing(stocked) as session:
        upsert(session, Draft("BREAD", "Rye bread, new recipe", 400, "standard"), OWNER)
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    (line,) = desk.basket.lines
    assert (line.name, line.tax.tax_class, desk.basket.total_minor) == ("Rye bread", "reduced", -320)


def test_a_line_that_another_window_took_out_is_not_raised(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("OAT", "3"))
    add(desk, "BREAD")
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    desk_of(stocked).void_line()
    with pytest.raises(SaleGone):
        desk.return_goods(sold.sale_id, {1: Decimal(1)})
    assert [line.sku for line in desk.basket.lines] == ["BREAD"]


def test_a_card_refund_by_hand_is_negative(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("OAT", "1"))
    desk.return_goods(sold.sale_id, {1: Decimal(1)})
    with pytest.raises(SaleError, match="at most what is due"):
        desk.pay_card(189, "", "")
    receipt = desk.pay_card(-189, "A1", "4242")
    assert receipt is not None
    assert receipt.change_minor == 0


def test_the_receipt_says_what_came_back_and_of_which_receipt(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, ("OAT", "2"), ("BREAD", "1"))
    desk.return_goods(sold.sale_id, everything(desk, sold))
    back = pay(desk)
    with reading(stocked) as session:
        page = from_json(session.get_one(PrintJob, back.print_job).document)
    lines = [" ".join(line.split()) for line in to_text(page, 42).splitlines()]
    assert "RETURN" in lines
    start = lines.index("Oat drink -3.78")
    assert lines[start + 1 : start + 3] == ["returned, of receipt till1-000001", "-2 × 1.89"]
    assert "Cash -7.00" in lines
    assert "Cash rounding -0.02" in lines


@pytest.mark.parametrize("text", ["1", " 000001", "till1-000001", "till1-1"])
def test_a_receipt_is_found_by_its_number(desk: Desk, text: str) -> None:
    sold = sell(desk, ("OAT", "1"))
    found = desk.find_sold(text)
    assert found is not None
    assert (found.sale_id, found.label) == (sold.sale_id, "till1-000001")


@pytest.mark.parametrize("text", ["", "2", "till2-000001", "till1", "9" * 12, "OAT", "till1-000001x", "٣"])
def test_what_names_no_receipt(desk: Desk, text: str) -> None:
    sell(desk, ("OAT", "1"))
    assert desk.find_sold(text) is None


def test_a_receipt_in_another_currency_is_refused(stocked: Engine, desk: Desk) -> None:
    sell(desk, ("OAT", "1"))
    other = desk_of(stocked, replace(SHOP, rules=replace(SHOP.rules, currency=currency("SEK"))))
    with pytest.raises(SaleError, match="is in EUR"):
        other.find_sold("1")


def test_no_goods_come_back_once_money_was_taken(desk: Desk) -> None:
    sold = sell(desk, ("OAT", "1"))
    add(desk, "BREAD")
    assert desk.pay_cash(100) is None
    with pytest.raises(SaleError, match="Money was taken"):
        desk.return_goods(sold.sale_id, {1: Decimal(1)})


def test_a_killed_till_finds_its_return_again(stocked: Engine, desk: Desk) -> None:
    sold = sell(desk, *GOODS, discount="10%")
    desk.return_goods(sold.sale_id, {1: Decimal(2), 3: Decimal("0.2")})
    again = desk_of(stocked)
    assert again.basket == desk.basket
    back = pay(again)
    assert sale_of(stocked, back).gross_minor == desk.basket.total_minor
    assert sorted(_moves(stocked)) == [-3, -1, Decimal("-0.412"), Decimal("0.2"), 2]


def _moves(engine: Engine) -> list[Decimal]:
    with reading(engine) as session:
        return list(session.scalars(select(StockMovement.quantity)))
