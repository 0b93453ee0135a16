"""The whole program, as a cashier meets it: a terminal, a scanner on a line, a printer on a line, and the books."""

import time
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from tests.program.conftest import OpenShop, job_states, until
from tests.rigs.books import SoldLine, check_books, stock
from tests.rigs.shop import BREAD, MILK, OAT, WHISKY, ShopRig
from tests.rigs.terminal import Terminal
from tui_pos.catalogue.models import UnknownCode
from tui_pos.journal import chain
from tui_pos.sales.models import Correction, Sale, SaleTender
from tui_pos.storage.engine import reading

UNKNOWN = "9771234567003"
GREETING = "Scan the first item"
READING_S = 0.3
"""A yes within milliseconds of its question is not taken: nobody can have read it."""
BOTH_READY = ("scanner ● ready", "printer ● ready")


def scan(shop: ShopRig, *codes: str) -> None:
    shop.scanner.send("".join(f"{code}\r\n" for code in codes).encode())


def opened(shop: ShopRig, **size: int) -> Terminal:
    till = shop.open(**size)
    till.wait_for(GREETING, *BOTH_READY)
    return till


def paper(shop: ShopRig, pages: int) -> str:
    """What is on the paper once so many pages were cut off."""
    printer = shop.printer
    assert printer is not None
    until(lambda: printer.machine.cuts >= pages, f"page {pages}")
    return "\n".join(printer.machine.lines)


def sku(number: str, quantity: str = "1", discount: str = "") -> SoldLine:
    return SoldLine(number, Decimal(quantity), discount)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 50)])
def test_scanned_corrected_paid_and_printed(shop: ShopRig, columns: int, rows: int) -> None:
    till = opened(shop, columns=columns, rows=rows)
    scan(shop, OAT)
    till.wait_for("Oat drink 1 l", "1 item ")
    scan(shop, OAT, BREAD)
    till.wait_for("3 items")
    till.enter("*3")  # three loaves
    till.wait_for("5 items", "9.60")
    till.enter("=2.80")
    till.wait_for("8.40")
    till.enter("-10%")
    till.wait_for("7.56")
    till.enter("0.412*300")
    till.wait_for("Tomatoes, loose", "1.24", "6 items")
    scan(shop, MILK)
    till.wait_for("7 items")
    till.press("delete")
    till.wait_for("6 items", "Milk 1 l was taken out")
    till.enter("--1.00")
    till.wait_for("discount", "1.84")  # 0.84 off the bread, 1.00 off the sale
    till.press("f2")
    till.wait_for("cash, exact", "11.58")  # 3.78 + 7.56 + 1.24 − 1.00
    till.enter("20")
    till.wait_for("CHANGE", "till1-000001")

    printed = paper(shop, 1)
    for text in (
        "Corner Shop",
        "Oat drink 1 l                         3.78",
        "  2 × 1.89",
        "  3 × 2.80",
        "instead of 3.20",
        "-0.84",
        "  0.412 kg × 3.00",
        "TOTAL EUR       11.58",
        "Cash                                 20.00",
        "Change                                8.42",
        "Receipt till1-000001",
        "Zero-rated",
        "[barcode 73 b'{Btill1-000001']",
    ):
        assert text in printed, f"{text!r} is not on the paper:\n{printed}"
    assert "Milk" not in printed
    assert shop.printer
    assert len(shop.printer.machine.pulses) == 1

    books = check_books(shop.engine)
    assert books.sales == ((sku("100", "2"), sku("200", "3", "10%"), sku("300", "0.412")),)
    assert books.takings_minor == 1158
    assert stock(shop.engine) == {"100": Decimal(-2), "200": Decimal(-3), "300": Decimal("-0.412")}
    until(lambda: job_states(shop) == [("drawer", "printed"), ("receipt", "printed")], "printed")
    with reading(shop.engine) as session:
        assert chain.verify(session, "till1", chain.RECEIPTS).seq == 1
        kinds = set(session.scalars(select(Correction.kind)))
        assert kinds == {"price", "discount", "void_line"}
    assert till.quit() == 0
    assert "ERROR" not in shop.log


def test_held_recalled_and_paid_by_card(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, OAT)
    till.wait_for("1 item ")
    till.press("f4")
    till.wait_for("Hold this sale")
    till.enter("red coat")
    till.wait_for("Held as “red coat”")
    scan(shop, BREAD)
    till.wait_for("Rye bread", "1 item ")
    till.enter("")
    till.wait_for("cash, exact")
    till.press("enter")
    till.wait_for("till1-000001")
    till.press("f4")
    till.wait_for("Held sales", "red coat, 1 line")
    till.press("enter")
    till.wait_for("“red coat” goes on", "Oat drink 1 l", "1 item ")
    till.enter("/pay")
    till.wait_for("cash, exact")
    till.enter("1")
    till.wait_for("Taken. 0.89 is left")
    till.press("k")
    till.wait_for("Amount that the terminal took?")
    till.enter("")
    till.wait_for("Authorisation code")
    till.enter("A1B2C3")
    till.wait_for("Last four digits")
    till.enter("4242")
    till.wait_for("till1-000002", "total                 1.89")
    printed = paper(shop, 2)
    assert "entered by hand, **** 4242, auth. A1B2C3" in printed
    assert check_books(shop.engine).sales == ((sku("200"),), (sku("100"),))
    with reading(shop.engine) as session:
        tenders = session.execute(
            select(SaleTender.kind, SaleTender.amount_minor).order_by(SaleTender.position, SaleTender.kind)
        ).all()
    assert sorted(tuple(row) for row in tenders) == [("card", 89), ("cash", 100), ("cash", 320)]


def test_a_code_that_names_nothing_is_never_sold(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, OAT)
    till.wait_for("1 item ")
    scan(shop, UNKNOWN)
    till.wait_for(f"Unknown code {UNKNOWN}")
    till.enter("/aside")
    till.wait_for("is noted for the back office")
    scan(shop, OAT[:-1] + "7")
    till.wait_for("wrong check digit")
    scan(shop, BREAD)
    till.wait_for("2 items")
    assert check_books(shop.engine).open == (sku("100"), sku("200"))
    with reading(shop.engine) as session:
        assert len(session.scalars(select(UnknownCode.code)).all()) == 1


def test_the_scanner_pulled_and_put_back(shop: ShopRig) -> None:
    till = opened(shop)
    for count in (1, 2, 3):
        scan(shop, OAT)
        till.wait_for(f"{count} item")
        shop.scanner.send(b"54490")  # cut off in the middle of a code
        shop.scanner.unplug()
        till.wait_for("The scanner is gone", "Codes can be typed")
        shop.scanner.plug()
        till.wait_for("The scanner is back", "scanner ● ready")
    till.press("f2")
    till.wait_for("cash, exact")
    shop.scanner.unplug()  # in front of another screen
    till.wait_for("The scanner is gone")
    till.press("enter")
    till.wait_for("till1-000001")
    till.enter(f"2*{BREAD}")
    till.wait_for("2 items")
    till.wait_for("scanner ✗")
    shop.scanner.plug()
    till.wait_for("scanner ● ready")
    scan(shop, MILK)
    till.wait_for("3 items")
    books = check_books(shop.engine)
    assert (books.sales, books.open) == (((sku("100", "3"),),), (sku("200", "2"), sku("600")))


def sell_one(shop: ShopRig, till: Terminal, number: int) -> None:
    scan(shop, OAT)
    till.wait_for("1 item ")
    till.press("f2", "enter")
    till.wait_for(f"till1-{number:06d}")


def test_the_printer_pulled_and_put_back(shop: ShopRig) -> None:
    printer = shop.printer
    assert printer is not None
    till = opened(shop)
    sell_one(shop, till, 1)
    paper(shop, 1)
    printer.vanish()
    sell_one(shop, till, 2)
    till.wait_for("printer", "offline, 1 page waits")
    sell_one(shop, till, 3)
    till.wait_for("2 pages wait")
    printer.come_back()
    printed = paper(shop, 3)
    till.wait_for("printer ● ready")
    for number in (1, 2, 3):
        assert printed.count(f"Receipt till1-00000{number}") == 1
    check_books(shop.engine)


def test_a_page_that_broke_off_is_printed_again_only_when_asked(shop: ShopRig) -> None:
    printer = shop.printer
    assert printer is not None
    till = opened(shop)
    sell_one(shop, till, 1)
    paper(shop, 1)
    printer.vanish_after_bytes = 200
    sell_one(shop, till, 2)
    till.wait_for("Receipt till1-000002 was NOT printed")
    until(lambda: ("receipt", "not_printed") in job_states(shop), "not printed")
    printer.come_back()
    till.wait_for("printer ● ready")
    sell_one(shop, till, 3)
    printed = paper(shop, 2)
    assert "till1-000002" not in printed
    till.press("f8")
    till.wait_for("Receipt till1-000002", "NOT PRINTED")
    till.press("enter")
    till.wait_for("printed again, marked COPY")
    printed = paper(shop, 3)
    assert "COPY" in printed
    assert "Receipt till1-000002" in printed
    check_books(shop.engine)


def test_a_sale_never_waits_for_a_printer_without_paper(shop: ShopRig) -> None:
    printer = shop.printer
    assert printer is not None
    till = opened(shop)
    printer.machine.paper_out = True
    sell_one(shop, till, 1)
    till.wait_for("no paper, 1 page waits")
    until(lambda: len(printer.machine.pulses) == 1, "the drawer opens all the same")
    printer.machine.put_in_paper()
    assert "Receipt till1-000001" in paper(shop, 1)


def test_a_scan_is_never_typed_into_a_window(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, OAT)
    till.wait_for("1 item ")
    for key, title in (("ctrl+x", "Void this sale"), ("f4", "Hold this sale"), ("f7", "Open drawer")):
        till.press(key)
        till.wait_for(title)
        scan(shop, BREAD)
        screen = till.wait_for("No scan is taken here")
        assert BREAD not in screen
        till.press("escape")
        till.wait_without(title)
    assert check_books(shop.engine).open == (sku("100"),)


def test_scans_wait_while_the_age_is_asked(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, WHISKY, BREAD, MILK)
    till.wait_for("(18)?")
    time.sleep(READING_S)
    till.press("enter")
    till.wait_for("3 items")
    scan(shop, WHISKY)
    till.wait_for("4 items")  # nobody is asked twice
    assert check_books(shop.engine).open == (sku("400"), sku("200"), sku("600"), sku("400"))


def test_a_scan_while_paying_goes_back_to_the_goods_until_money_was_taken(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, OAT)
    till.wait_for("1 item ")
    till.press("f2")
    till.wait_for("cash, exact")
    scan(shop, BREAD)
    till.wait_for("2 items")
    till.press("f2")
    till.wait_for("cash, exact")
    till.enter("1")
    till.wait_for("Taken.")
    scan(shop, MILK)
    till.wait_for("Not sold: money was taken already")
    till.press("enter")
    till.wait_for("till1-000001")
    assert check_books(shop.engine).sales == ((sku("100"), sku("200")),)


def test_keys_sent_at_once_are_all_taken_in_their_order(shop: ShopRig) -> None:
    till = opened(shop)
    keys = (
        f"{OAT}\r2*{BREAD}\r"
        "\x1bOQ"  # F2: pay, which is not on the screen yet
        "50\r"
        f"{MILK}\r*4\r"
        "\x1bOSlater\r"  # F4: hold, and the name
        f"{BREAD}\r\x1bOQa"
    )
    till.type(keys)
    till.wait_for("till1-000002")
    books = check_books(shop.engine)
    assert books.sales == ((sku("100"), sku("200", "2")), (sku("200"),))
    assert books.held == ((sku("600", "4"),),)


def test_a_burst_of_scans_is_all_taken_in_its_order(shop: ShopRig) -> None:
    till = opened(shop)
    codes = [OAT, BREAD, MILK] * 33 + [OAT]
    scan(shop, *codes)
    till.wait_for("100 items")
    skus = {OAT: "100", BREAD: "200", MILK: "600"}
    assert [line.sku for line in check_books(shop.engine).open] == [skus[code] for code in codes]


def test_what_is_typed_while_the_program_starts_is_taken(shop: ShopRig) -> None:
    till = shop.open()
    till.wait_until(lambda screen: screen.strip() != "", what="the first character")
    till.enter(BREAD)
    till.wait_for("Rye bread", "1 item ")


def test_double_enter_takes_money_once(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, OAT)
    till.wait_for("1 item ")
    till.press("enter", "enter", "enter")  # pay, exact, and one too many
    till.wait_for("till1-000001")
    scan(shop, OAT)
    till.wait_for("1 item ")
    assert len(check_books(shop.engine).sales) == 1
    till.press("f2")
    till.wait_for("cash, exact")
    till.type("20")
    till.press("enter", "enter")
    till.wait_for("till1-000002")
    till.press("ctrl+p")
    till.wait_for("Price check")
    with reading(shop.engine) as session:
        assert session.scalar(select(func.sum(Sale.change_minor))) == 2000 - 189
    assert len(check_books(shop.engine).sales) == 2


def test_a_scanner_that_types_is_told_from_a_person(open_shop: OpenShop, sqlite_engine: Engine) -> None:
    shop = open_shop(sqlite_engine, wedge=True, scanner={"kind": "none"})
    till = shop.open()
    till.wait_for(GREETING)
    till.type(f"{OAT}\r\n")  # its LF is no Enter, which would open the payment
    till.wait_for("1 item ")
    till.type(f"{BREAD}\r{MILK}\r{BREAD}\r")
    till.wait_for("4 items")
    till.press("f4")
    till.wait_for("Hold this sale")
    till.type(f"{OAT}\r")
    screen = till.wait_for("No scan is taken here", "Hold this sale")
    assert OAT not in screen
    till.press("escape")
    till.wait_without("Hold this sale")
    till.type("3*")
    till.wait_for("› 3*")
    till.type(f"{MILK}\r")
    till.wait_for("7 items")
    books = check_books(shop.engine)
    assert books.open == (sku("100"), sku("200"), sku("600"), sku("200"), sku("600", "3"))
    assert books.held == ()


def test_the_open_sale_is_there_again_after_the_program_ended(shop: ShopRig) -> None:
    till = opened(shop)
    scan(shop, OAT, BREAD)
    till.wait_for("2 items")
    till.enter("--10%")
    till.wait_for("0.51")
    assert till.quit() == 0
    again = shop.open()
    again.wait_for("This sale of 2 lines was still open", "2 items", "0.51")
    again.enter("/voidsale")
    again.wait_for("Void this sale")
    again.enter("changed their mind")
    again.wait_for("The sale was voided")
    books = check_books(shop.engine)
    assert (books.sales, books.open) == ((), ())


def test_one_till_is_open_once(shop: ShopRig) -> None:
    opened(shop)
    second = shop.start()
    second.wait_for("till1 is open in another window")
    assert second.wait_ended() == 1
