"""What a receipt says, as plain text; and finding it again by its number."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from hardware.document import Barcode, Document, Logo, Qr, to_text
from tests.rigs.sales import ADA, add, desk_of, gs1, label, make_shop, with_rules
from tui_pos.i18n import speaking
from tui_pos.journal import chain
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.money.tax import TaxRounding
from tui_pos.printing.queue import page_of
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Desk, Question
from tui_pos.sales.receipt import find_receipt, read_label
from tui_pos.sales.scanning import Scanned
from tui_pos.storage.engine import reading


def page(desk: Desk) -> Document:
    assert desk.last_receipt is not None
    with reading(desk.engine) as session:
        return page_of(session, desk.last_receipt.print_job)


def lines(desk: Desk, columns: int = 42) -> list[str]:
    return to_text(page(desk), columns).splitlines()


def test_every_amount_and_how_it_came_about(shop_engine: Engine) -> None:
    desk = desk_of(shop_engine, make_shop("EUR", 5))
    add(desk, "OAT", "3")
    desk.discount_line(PercentOff(Decimal(10)))
    add(desk, "TOM", "0.412")
    add(desk, "BREAD")
    desk.change_price(300)
    desk.discount_sale(AmountOff(50))
    desk.pay_card(100, "AB12", "1234")
    desk.pay_cash(1000)
    said = [" ".join(line.split()) for line in lines(desk)]
    for expected in (
        "Oat drink 1 l 5.67",
        "3 × 1.89",
        "discount 10% -0.57",
        "Tomatoes, loose 1.23",
        "0.412 kg × 2.99",
        "Rye bread 750 g 3.00",
        "instead of 3.20",
        "Subtotal 9.33",
        "discount -0.50",
        "Cash rounding 0.02",
        "Card 1.00",
        "entered by hand, **** 1234, auth. AB12",
        "Cash 10.00",
        "Change 2.15",
        "Zero-rated 1.16 + tax 0.00 = 1.16",
        "Receipt till1-000001 02/03/2026 12:00",
    ):
        assert expected in said, (expected, said)
    assert any(line.startswith("TOTAL EUR") and line.endswith("8.83") for line in said)


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_no_line_is_wider_than_the_paper(shop_engine: Engine, columns: int) -> None:
    desk = desk_of(shop_engine, make_shop(name="A shop with quite a long name over the door"))
    add(desk, "OAT", "99999")
    add(desk, "TOM", "12.345")
    desk.pay_card(desk.basket.total_minor, "ABCDEFGHIJKL", "1234")
    assert max(map(len, lines(desk, columns))) <= columns


def test_the_tax_table_adds_up_for_prices_without_tax(shop_engine: Engine) -> None:
    shop = with_rules(make_shop(), prices_include_tax=False, tax_rounding=TaxRounding.RECEIPT)
    desk = desk_of(shop_engine, shop)
    add(desk, "OAT")
    desk.pay_cash(500)
    said = [" ".join(line.split()) for line in lines(desk)]
    for expected in ("Net 1.89", "Tax 0.43", "23% 1.89 + tax 0.43 = 2.32", "Change 2.68"):
        assert expected in said


def test_what_a_pack_says_of_itself(ada: Desk) -> None:
    ada.scan(Scanned(gs1("5449000000996", ai10="L7", ai21="S1")))
    ada.scan(Scanned(label("22", "12345", 123)))
    ada.pay_cash(10_000)
    said = [" ".join(line.split()) for line in lines(ada)]
    assert {"lot L7", "serial no. S1", "0.411 kg", "Tomatoes, loose 1.23"} <= set(said)


def test_an_age_that_was_checked_is_not_on_paper(ada: Desk) -> None:
    question = ada.scan(Scanned("WINE"))
    assert isinstance(question, Question)
    ada.answer(question)
    ada.pay_cash(1000)
    assert "18" not in "".join(line for line in lines(ada) if "proof" not in line)


def test_customers_are_spoken_to_in_the_shops_language_whatever_the_cashier_reads(ada: Desk) -> None:
    add(ada, "OAT")
    with speaking("sv"):
        ada.pay_cash(189)
    assert page(ada).title.startswith("Receipt")


def test_barcode_logo_and_qr(shop_engine: Engine) -> None:
    desk = desk_of(shop_engine, make_shop(logo="/shop/logo.png", qr="{shop} {till} {number} {date} {total}"))
    add(desk, "OAT")
    desk.pay_cash(189)
    blocks = page(desk).blocks
    assert blocks[0] == Logo("/shop/logo.png")
    assert Barcode("till1-000001") in blocks
    assert Qr("Corner Shop till1 till1-000001 2026-03-02 1.89") in blocks


def test_the_date_in_the_qr_code_is_the_one_on_the_receipt(shop_engine: Engine) -> None:
    after_midnight = dt.datetime(2026, 3, 3, 1, 30, tzinfo=dt.UTC)
    desk = Desk(shop_engine, make_shop(qr="{date}"), ADA, lambda: after_midnight)
    assert desk.shop.business_date(after_midnight) == dt.date(2026, 3, 2)
    add(desk, "OAT")
    desk.pay_cash(189)
    assert Qr("2026-03-03") in page(desk).blocks


def test_the_receipt_shows_the_end_of_the_journal(ada: Desk) -> None:
    add(ada, "OAT")
    ada.pay_cash(189)
    with reading(ada.engine) as session:
        end = chain.head(session, "till1", chain.RECEIPTS)
    assert any(line.endswith(end.hash.hex()[:12]) for line in lines(ada))


def test_a_receipt_is_found_by_its_number(ada: Desk) -> None:
    for _time in range(2):
        add(ada, "OAT")
        ada.pay_cash(189)
    with reading(ada.engine) as session:
        for text in ("2", "000002", "till1-000002", " till1-000002 "):
            assert find_receipt(session, "till1", text).title == "Receipt till1-000002"
        for text in ("3", "0", "", "x", "till2-000002", "till1-", "-2", "9" * 12, "²"):
            with pytest.raises(SaleError, match="no receipt"):
                find_receipt(session, "till1", text)


def test_labels_are_read_for_the_till_that_they_name() -> None:
    assert read_label("17", "till1") == ("till1", 17)
    assert read_label("till-9-000017", "till1") == ("till-9", 17)
    assert read_label("seventeen", "till1") is None


def test_another_locale_and_currency(shop_engine: Engine) -> None:
    shop = replace(make_shop("SEK", 100), locale="sv_SE")
    desk = desk_of(shop_engine, shop)
    add(desk, "TOM", "1.5")
    desk.pay_cash(500)
    said = [" ".join(line.split()) for line in lines(desk)]
    assert {"1,500 kg × 2,99", "Tomatoes, loose 4,49", "Öresavrundning -0,49", "Växel 1,00"} <= set(said)
