"""A day as a shop has it, from the counted float to the Z, through the program's own terminal, scanner and printer."""

import datetime as dt
import json
import subprocess
import time

import pytest
from sqlalchemy import Engine

from tests.program.conftest import OpenShop, until
from tests.program.test_day import READING_S, paper, scan
from tests.rigs.books import check_books
from tests.rigs.day_sums import check_shifts, check_zs
from tests.rigs.people import BADGE, OWNER, PIN, PINS
from tests.rigs.shop import BREAD, MILK, OAT, TILL, ShopRig
from tests.rigs.terminal import PROGRAM, Terminal
from tui_pos.people.staff import add
from tui_pos.storage.engine import reading, writing

TAKEN_ON = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
PLACES = {"Bo": "1", "Cashier": "2", "Cleo": "3"}
"""Where the list of people has them. “Cashier” is the rig's own, and owns the shop."""
WORTHS = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
FLOAT = {5000: 1, 2000: 1, 1000: 2, 500: 1, 200: 2, 100: 1}
IN_THE_EVENING = {5000: 1, 500: 1}


@pytest.fixture
def staffed(open_shop: OpenShop, sqlite_engine: Engine) -> ShopRig:
    """A shop with scanner and printer, where cash is taken only while the drawer is open, and three people."""
    shop = open_shop(sqlite_engine, printer=True, drawer={"required": True})
    shop.scanner.plug()
    with writing(sqlite_engine) as session:
        for name, role, badge in (("Bo", "supervisor", BADGE), ("Cleo", "cashier", "")):
            add(
                session,
                name=name,
                role=role,
                pin=PINS[name],
                badge=badge,
                till=TILL,
                actor=OWNER,
                now=TAKEN_ON,
            )
    return shop


def answer(till: Terminal, asked: str, text: str) -> None:
    """Type an answer once it is asked for."""
    till.wait_for(asked)
    till.enter(text)


def count(till: Terminal, pieces: dict[int, int]) -> None:
    """Count from the greatest note down, and pass over what is not there."""
    till.wait_for("how many of 500.00?")
    till.type("".join(f"{pieces.get(worth, '')}\r" for worth in WORTHS if worth >= min(pieces)))
    till.press("pagedown")
    till.wait_for("Enter keeps the count")
    till.press("enter")


def hand_over(till: Terminal, name: str, pin: str) -> None:
    till.enter("/switch")
    till.wait_for("Who takes over?")
    till.press(str(sorted(PLACES).index(name) + 1))  # one number, whoever else is in the list
    answer(till, "PIN ›", pin)
    till.wait_without("PIN ›")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 50)])
def test_the_whole_day(staffed: ShopRig, columns: int, rows: int) -> None:
    till = staffed.start(columns=columns, rows=rows)
    come_to_work(till)
    open_the_drawer(till)
    sell_in_the_morning(staffed, till)
    ask_the_supervisor(staffed, till)
    hand_over_the_sale(staffed, till)
    close_the_drawer(till)
    close_the_day(staffed, till)
    assert till.quit() == 0
    look_into_the_books(staffed)
    ask_from_a_shell(staffed)
    assert "ERROR" not in staffed.log


def come_to_work(till: Terminal) -> None:
    till.wait_for("Who is it?", "Bo", "Cashier", "Cleo")
    till.press(PLACES["Cleo"])
    answer(till, "PIN ›", "9182")
    till.wait_for("are not right")
    till.enter(PINS["Cleo"])
    till.wait_for("Hello Cleo", "drawer closed", "scanner ●", "printer ●")


def open_the_drawer(till: Terminal) -> None:
    till.enter("/open")
    till.wait_for("What lies in the drawer to begin with?", "count coins and notes")
    till.press("enter")
    count(till, FLOAT)
    till.wait_for("Shift 1 is open with a float of 100.00", "shift 1, since")


def sell_in_the_morning(shop: ShopRig, till: Terminal) -> None:
    scan(shop, OAT, BREAD)
    till.wait_for("2 items")
    till.press("f2")
    answer(till, "cash, exact", "10")
    till.wait_for("till1-000001", "CHANGE", "5.09")
    scan(shop, MILK)
    till.wait_for("1 item ")
    till.press("f2")
    till.wait_for("cash, exact")
    till.press("k")
    answer(till, "Amount that the terminal took?", "")
    answer(till, "Authorisation code", "A1B2C3")
    answer(till, "Last four digits", "4242")
    till.wait_for("till1-000002")


def ask_the_supervisor(shop: ShopRig, till: Terminal) -> None:
    """A sale is given up by a PIN, and cash paid out by a badge; Cleo stays logged in."""
    scan(shop, OAT)
    till.wait_for("1 item ")
    till.enter("/voidsale")
    answer(till, "Void this sale", "left the purse at home")
    till.wait_for("Void this sale: 1.89", "Cleo asks: left the purse at home")
    till.press("1")
    answer(till, "PIN ›", PINS["Bo"])
    till.wait_for("The sale was voided", "Cleo")
    till.enter("/payout")
    answer(till, "How much?", "2.50")
    answer(till, "what for?", "stamps")
    till.wait_for("Pay out: 2.50", "Cleo asks: stamps")
    scan(shop, BADGE)
    till.wait_for("Paid out: 2.50", "Cleo")


def hand_over_the_sale(shop: ShopRig, till: Terminal) -> None:
    """Bo takes it over, sets it aside, sees to the drawer; Cleo goes on with it."""
    scan(shop, BREAD)
    till.wait_for("1 item ")
    hand_over(till, "Bo", PINS["Bo"])
    till.wait_for("Bo goes on with this sale")
    till.press("f4")
    answer(till, "Hold this sale", "red coat")
    till.wait_for("Held as “red coat”")
    till.enter("/drop")
    answer(till, "How much?", "50")
    answer(till, "what for?", "to the safe")
    till.wait_for("Dropped to the safe: 50.00")
    till.press("f7")
    answer(till, "Opening the drawer without a sale", "change for the bus")
    till.wait_for("The drawer opens")
    till.press("f4")
    till.wait_for("Held sales", "red coat, 1 line")
    till.press("enter")
    till.wait_for("“red coat” goes on")
    hand_over(till, "Cleo", PINS["Cleo"])
    till.wait_for("Cleo goes on with this sale")
    till.press("f2")
    till.wait_for("cash, exact")
    till.press("enter")
    till.wait_for("till1-000003")


def close_the_drawer(till: Terminal) -> None:
    """100.00 + 10.00 - 4.91 + 3.20 - 2.50 - 50.00 = 55.79, which Cleo is never told."""
    till.enter("/close")
    count(till, IN_THE_EVENING)
    screen = till.wait_for("Counted 55.00", "It does not agree with the books", "What may explain it?")
    assert "55.79" not in screen
    till.enter("wrong change")
    answer(till, "How much stays in the drawer", "50")
    screen = till.wait_for("Shift 1 is closed. 50.00 stays in the drawer, 5.00 leaves it", "drawer closed")
    assert "55.79" not in screen


def close_the_day(shop: ShopRig, till: Terminal) -> None:
    hand_over(till, "Cashier", PIN)
    till.wait_for("Hello Cashier")
    till.enter("/z")
    till.wait_for("It cannot be undone")
    time.sleep(READING_S)
    till.press("enter")
    till.wait_for("Z 000001, till1")
    till.press("escape")
    till.wait_for("The day is closed with Z 1")
    printer = shop.printer
    assert printer is not None
    # The open and the close of the shift, paid out, dropped, three receipts, the Z
    printed = paper(shop, 8)
    for text in (
        "Z REPORT 000001",
        "wrong change",
        "-0.79",
        "55.79",
        "stamps",
        "to the safe",
        "Drops to the safe (1)               -50.00",
    ):
        assert text in printed, f"{text!r} is not on the paper:\n{printed}"
    # Opened to be counted twice, by two cash sales, paid out, dropped, and by the no-sale
    until(lambda: len(printer.machine.pulses) == 7, "every opening")


def look_into_the_books(shop: ShopRig) -> None:
    books = check_books(shop.engine)
    assert (len(books.sales), books.takings_minor, books.open, books.held) == (3, 509 + 119 + 320, (), ())
    with reading(shop.engine) as session:
        check_shifts(session)
        (z,) = check_zs(session)
    assert (z.cash.expected_minor, z.cash.counted_minor, z.cash.over_short_minor) == (5579, 5500, -79)
    assert (z.no_sales, z.voided_sales.count, z.receipts) == (1, 1, 3)


def ask_from_a_shell(shop: ShopRig) -> None:
    number, _date, receipts, gross = run(shop, "z", "--list").rstrip("\n").split("\t")
    assert (number, receipts, gross) == ("1", "3", "9.48")
    assert "Z REPORT 000001" in run(shop, "z", "--show", "1")
    told = json.loads(run(shop, "z", "--show", "1", "--json"))
    assert (told["number"], told["gross_minor"], told["cash"]["over_short_minor"]) == (1, 948, -79)
    assert [(each["kind"], each["amount_minor"]) for each in told["tenders"]] == [
        ("card", 119),
        ("cash", 829),
    ]
    assert "The journal is whole" in run(shop, "journal", "verify")


def run(shop: ShopRig, *words: str) -> str:
    """What a command says that succeeds."""
    command = [str(PROGRAM), "--config", str(shop.config), *words]
    done = subprocess.run(
        command, env=shop.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
