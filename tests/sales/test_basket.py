"""Filling and correcting the basket; what the database holds is what the desk shows."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, func, select

from tests.rigs.sales import NOW, add, article, desk_of, empty_basket, label, make_shop
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.sales import basket as baskets
from tui_pos.sales.basket import MAX_AMOUNT_MINOR, SaleError, SaleGone, add_article
from tui_pos.sales.desk import Desk, Question
from tui_pos.sales.models import Correction, OpenLine, OpenSale
from tui_pos.sales.scanning import Scanned
from tui_pos.storage.engine import reading, writing


def same_in_the_database(desk: Desk) -> bool:
    """Whether a desk that starts now finds the basket as this one shows it."""
    return desk_of(desk.engine, desk.shop).basket == desk.basket


def count(engine: Engine, model: type) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def corrections(engine: Engine) -> list[tuple[str, str, int, str]]:
    with reading(engine) as session:
        rows = session.scalars(select(Correction).order_by(Correction.id))
        return [(row.kind, row.detail, row.amount_minor, row.reason) for row in rows]


def test_an_empty_basket_leaves_no_row(ada: Desk) -> None:
    assert (ada.basket.lines, ada.basket.total_minor, ada.basket.stored) == ((), 0, False)
    assert count(ada.engine, OpenSale) == 0


def test_a_line_is_saved_when_it_is_added(ada: Desk) -> None:
    add(ada, "OAT")
    add(ada, "TOM", "0.412")
    assert [(line.name, line.quantity, line.priced.amount_minor) for line in ada.basket.lines] == [
        ("Oat drink 1 l", 1, 189),
        ("Tomatoes, loose", Decimal("0.412"), 123),
    ]
    assert same_in_the_database(ada)


def test_one_more_of_the_last_piece_raises_its_line(ada: Desk) -> None:
    add(ada, "OAT")
    add(ada, "OAT", "2")
    add(ada, "MILK")
    add(ada, "OAT")
    assert [(line.sku, line.quantity) for line in ada.basket.lines] == [("OAT", 3), ("MILK", 1), ("OAT", 1)]
    assert same_in_the_database(ada)


def test_what_is_weighed_gets_a_line_each_time(ada: Desk) -> None:
    add(ada, "TOM", "0.2")
    add(ada, "TOM", "0.3")
    assert [line.quantity for line in ada.basket.lines] == [Decimal("0.2"), Decimal("0.3")]


@pytest.mark.parametrize("change", ["price", "discount"])
def test_a_line_that_was_changed_is_not_raised(ada: Desk, change: str) -> None:
    add(ada, "OAT")
    if change == "price":
        ada.change_price(150)
    else:
        ada.discount_line(AmountOff(10))
    add(ada, "OAT")
    assert [line.priced.amount_minor for line in ada.basket.lines][1] == 189


@pytest.mark.parametrize(
    ("sku", "quantity", "why"),
    [
        ("OAT", "0.5", "sold by the piece"),
        ("OAT", "0", "more than nothing"),
        ("OAT", "-1", "more than nothing"),
        ("GONE", "1", "no longer sold"),
        ("GIFT", "1", "has no price"),
    ],
)
def test_what_cannot_be_added(shop_engine: Engine, sku: str, quantity: str, why: str) -> None:
    wanted = article(shop_engine, sku)
    with pytest.raises(SaleError, match=why), writing(shop_engine) as session:
        add_article(session, empty_basket(make_shop()), wanted, NOW, quantity=Decimal(quantity))
    assert count(shop_engine, OpenSale) == 0


@pytest.mark.parametrize("price_minor", [-1, MAX_AMOUNT_MINOR + 1])
def test_no_price_hands_money_out(shop_engine: Engine, price_minor: int) -> None:
    gift = article(shop_engine, "GIFT")
    with pytest.raises(SaleError, match="no price"), writing(shop_engine) as session:
        add_article(session, empty_basket(make_shop()), gift, NOW, price_minor=price_minor)
    desk = desk_of(shop_engine)
    add(desk, "OAT")
    with pytest.raises(SaleError, match="no price"):
        desk.change_price(price_minor)


def test_a_sale_has_a_limit_of_lines(ada: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets, "MAX_LINES", 2)
    add(ada, "OAT")
    add(ada, "MILK")
    add(ada, "MILK")
    with pytest.raises(SaleError, match="2 lines at most"):
        add(ada, "OAT")
    assert same_in_the_database(ada)


def test_a_sale_has_a_limit_of_money(ada: Desk) -> None:
    add(ada, "OAT")
    ada.change_price(MAX_AMOUNT_MINOR)
    for act in (lambda: ada.set_quantity(Decimal(2)), lambda: add(ada, "MILK")):
        with pytest.raises(SaleError, match="larger than this till can hold"):
            act()
    assert same_in_the_database(ada)


def test_fewer_and_other_prices_are_kept_as_corrections(ada: Desk) -> None:
    add(ada, "OAT", "3")
    ada.set_quantity(Decimal(5))
    assert corrections(ada.engine) == []
    ada.set_quantity(Decimal(2))
    ada.change_price(150)
    ada.change_price(160)
    ada.discount_line(PercentOff(Decimal(10)))
    ada.discount_sale(AmountOff(100))
    ada.discount_sale(None)
    assert corrections(ada.engine) == [
        ("quantity", "OAT 5 > 2", -567, ""),
        ("price", "OAT 189 > 150", -78, ""),
        ("price", "OAT 150 > 160", 20, ""),
        ("discount", "OAT 10%", -32, ""),
        ("discount", "100", -100, ""),
        ("discount", "", 100, ""),
    ]
    assert ada.chosen_line.list_price_minor == 189
    assert same_in_the_database(ada)


def test_every_correction_stands_in_the_journal_too(ada: Desk) -> None:
    add(ada, "OAT", "3")
    ada.set_quantity(Decimal(1))
    ada.void_sale("left " * 100)
    with reading(ada.engine) as session:
        chain.verify(session, "till1", chain.EVENTS)
        bodies = [json.loads(entry.body) for entry in session.scalars(select(JournalEntry))]
    rows = [row for body in bodies for row in body["rows"]["correction"]]
    told = [(row["kind"], row["detail"], row["amount_minor"], row["reason"]) for row in rows]
    assert [row["kind"] for row in rows] == [body["event"] for body in bodies]
    assert told == corrections(ada.engine)
    assert len(told[1][3]) == 200


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5"])
def test_quantities_that_are_none(ada: Desk, quantity: str) -> None:
    add(ada, "OAT")
    with pytest.raises(SaleError):
        ada.set_quantity(Decimal(quantity))
    assert same_in_the_database(ada)


def test_the_quantity_behind_a_labels_price_stands(ada: Desk) -> None:
    add(ada, label("22", "54321", 1234))
    with pytest.raises(SaleError, match="scan each pack"):
        ada.set_quantity(Decimal(2))


def test_a_new_price_takes_the_place_of_a_labels(ada: Desk) -> None:
    add(ada, label("22", "12345", 299))
    ada.change_price(100)
    assert ada.chosen_line.fixed_amount_minor is None
    assert ada.chosen_line.priced.amount_minor == 100
    assert same_in_the_database(ada)


def test_voiding_chooses_the_next_line(ada: Desk) -> None:
    for sku in ("OAT", "MILK", "BREAD"):
        add(ada, sku)
    ada.choose(-1)
    assert ada.void_line("dropped").sku == "MILK"
    assert ada.chosen_line.sku == "BREAD"
    assert ada.void_line().sku == "BREAD"
    assert ada.chosen_line.sku == "OAT"
    assert corrections(ada.engine)[0] == ("void_line", "MILK 1 Milk 1 l", -119, "dropped")
    assert same_in_the_database(ada)


def test_with_its_last_line_a_sale_ends(ada: Desk) -> None:
    """What was granted to one customer (an age that was checked, a discount) is not for the next one."""
    question = ada.scan(Scanned("WINE"))
    assert isinstance(question, Question)
    ada.answer(question)
    ada.discount_sale(PercentOff(Decimal(50)))
    before = ada.basket.id
    ada.void_line()
    assert count(ada.engine, OpenSale) == 0
    assert (ada.basket.lines, ada.basket.age_confirmed, ada.basket.discount) == ((), 0, None)
    assert ada.basket.id != before


def test_a_voided_sale_is_gone_and_told(ada: Desk) -> None:
    add(ada, "OAT", "2")
    add(ada, "TOM", "0.5")
    ada.void_sale("customer left")
    assert (count(ada.engine, OpenSale), count(ada.engine, OpenLine)) == (0, 0)
    assert corrections(ada.engine) == [("void_sale", "OAT 2; TOM 0.5", -528, "customer left")]
    with pytest.raises(SaleError, match="no sale to void"):
        ada.void_sale("again")


def test_nothing_can_be_changed_where_there_is_nothing(ada: Desk) -> None:
    for act in (
        lambda: ada.set_quantity(Decimal(2)),
        lambda: ada.change_price(1),
        lambda: ada.discount_line(None),
        lambda: ada.discount_sale(AmountOff(1)),
        ada.void_line,
        lambda: ada.hold("x"),
    ):
        with pytest.raises(SaleError):
            act()


def test_once_money_was_taken_the_goods_stand(ada: Desk) -> None:
    add(ada, "OAT", "3")
    ada.pay_cash(100)
    for act in (
        lambda: add(ada, "MILK"),
        lambda: ada.set_quantity(Decimal(2)),
        lambda: ada.change_price(1),
        lambda: ada.discount_line(AmountOff(1)),
        lambda: ada.discount_sale(AmountOff(1)),
        ada.void_line,
        lambda: ada.void_sale("x"),
        lambda: ada.hold("x"),
    ):
        with pytest.raises(SaleError, match="Money was taken"):
            act()
    assert same_in_the_database(ada)


def test_held_sales_wait_and_come_back(ada: Desk) -> None:
    add(ada, "OAT", "2")
    ada.hold("  Mrs. Byrne  ")
    assert ada.basket.lines == ()
    add(ada, "MILK")
    ada.hold("n" * 100)
    held = ada.held()
    assert [(sale.name, sale.items, sale.total_minor) for sale in held] == [
        ("Mrs. Byrne", 1, 378),
        ("n" * 80, 1, 119),
    ]
    ada.recall(held[0].id)
    assert (ada.basket.total_minor, ada.basket.held_as, ada.chosen_line.sku) == (378, None, "OAT")
    assert same_in_the_database(ada)
    with pytest.raises(SaleError, match="Hold or finish"):
        ada.recall(held[1].id)
    with pytest.raises(SaleGone, match="no longer held"):
        ada.recall(uuid4())


def test_a_held_sale_can_be_recalled_after_all_lines_of_another_were_voided(ada: Desk) -> None:
    add(ada, "OAT")
    ada.hold("a")
    add(ada, "MILK")
    ada.void_line()
    ada.recall(ada.held()[0].id)
    assert ada.basket.total_minor == 189


def test_another_tills_held_sale_stays_there(ada: Desk) -> None:
    add(ada, "OAT")
    ada.hold("a")
    other = desk_of(ada.engine, make_shop(till="till2"))
    assert other.held() == []
    with pytest.raises(SaleGone):
        other.recall(ada.held()[0].id)


def test_acts_on_a_sale_that_is_gone_say_so_and_show_what_is_there(ada: Desk) -> None:
    acts = (
        lambda: add(ada, "MILK"),
        lambda: add(ada, "OAT"),
        lambda: ada.set_quantity(Decimal(2)),
        lambda: ada.change_price(1),
        lambda: ada.discount_line(AmountOff(1)),
        lambda: ada.discount_sale(AmountOff(1)),
        ada.void_line,
        lambda: ada.void_sale("x"),
        lambda: ada.hold("x"),
        lambda: ada.pay_cash(1000),
        lambda: ada.pay_cash(100),
        lambda: ada.pay_card(189, "", ""),
    )
    for act in acts:
        add(ada, "OAT")
        with writing(ada.engine) as session:
            session.execute(delete(OpenSale))
        with pytest.raises(SaleGone):
            act()
        assert ada.basket.lines == ()
    assert count(ada.engine, Correction) == 0


def test_a_card_number_in_a_reason_or_a_name_is_not_kept(shop_engine: Engine) -> None:
    desk = desk_of(shop_engine)
    add(desk, "OAT")
    desk.hold("4111 1111 1111 1111")
    [held] = desk.held()
    assert held.name == "************1111"
    desk.recall(held.id)
    desk.void_sale("card 4111111111111111 refused")
    with reading(shop_engine) as session:
        kept = session.scalars(select(Correction.reason)).all()
        bodies = session.scalars(select(JournalEntry.body)).all()
    assert kept == ["card ************1111 refused"]
    assert not any(b"411111111111" in body for body in bodies)
