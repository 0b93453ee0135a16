"""A few days of a small shop, with all that the journal vouches for: sales, a return, corrections, cash, Zs, keys."""

import datetime as dt
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.rigs.people import OWNER
from tests.rigs.shop import MILK, stock_shop
from tui_pos.drawer.cash import CashKind, move_cash, open_without_sale
from tui_pos.drawer.denominations import count_sum
from tui_pos.drawer.shifts import Purpose, close_shift, count, open_shift
from tui_pos.journal import signing
from tui_pos.journal.signing import KeysInMemory, KeyStore, Signer
from tui_pos.money.currency import currency
from tui_pos.money.discount import PercentOff
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.reports.z import make_z
from tui_pos.sales.desk import Desk, Sold
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import PriceRules, Shop
from tui_pos.storage.engine import writing

FIRST_DAY = dt.date(2026, 3, 2)
MARKED_MILK = f"]d201{MILK:0>14}10L7\x1d21S1"  # with lot, separator and serial number, as a scanner sends it


def shop(till: str = "till1") -> Shop:
    return Shop(
        name="Corner Shop",
        till=till,
        rules=PriceRules(currency("EUR"), True, TaxRounding.RECEIPT),
        cash_rounding=CashRounding(5),
        zone=ZoneInfo("Europe/Dublin"),
        day_ends_at=dt.time(4),
        locale="en_IE",
    )


class KeyFolder:
    """Private keys as files: they outlive the program, and are not in the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str) -> str | None:
        file = self.folder / name
        return file.read_text() if file.exists() else None

    def keep(self, name: str, value: str) -> None:
        (self.folder / name).write_text(value)

    def forget(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


class Days:
    """A shop on the database of `engine` (migrated, empty), with a clock of its own and its keys in memory."""

    def __init__(self, engine: Engine, till: str = "till1") -> None:
        self.engine = engine
        self.shop = shop(till)
        self.store: KeyStore = KeysInMemory()
        self.day = FIRST_DAY
        self.seconds = 0
        self.desk = Desk(engine, self.shop, OWNER, self.now)

    def now(self) -> dt.datetime:
        self.seconds += 1
        nine = dt.datetime.combine(self.day, dt.time(9), dt.UTC)
        return nine + dt.timedelta(seconds=self.seconds)

    def scan(self, sku: str, quantity: str = "1") -> Sold:
        outcome = self.desk.scan(Scanned(sku), Decimal(quantity))
        assert isinstance(outcome, Sold)
        return outcome

    def sell(self, *goods: str) -> str:
        """Sell one of each for cash. Returns the receipt's number."""
        for sku in goods:
            self.scan(sku)
        return self.pay()

    def pay(self) -> str:
        receipt = self.desk.pay_cash(max(self.desk.settlement.cash_due, 0))
        assert receipt is not None
        return str(receipt.number)

    def trade(self, sales: int = 3) -> None:
        """A day with some of everything."""
        with self.writing() as session:
            drawer = self.shop.drawer.names[0]
            open_shift(session, self.shop, drawer, count_sum(10000), OWNER, self.now())
        self.desk.take_drawer(drawer)
        first = self.sell("100", "200")
        self.scan("200", "3")
        self.desk.discount_line(PercentOff(Decimal(10)))
        self.scan("600")
        self.desk.void_line("wrong one")
        self.desk.pay_card(self.desk.basket.due_minor, "A1", "4242")
        for _sale in range(sales):
            self.scan("300", "0.35")
            self.sell("100", MARKED_MILK)
        sold = self.desk.find_sold(first)
        assert sold is not None
        self.desk.return_goods(sold.sale_id, {sold.lines[0].position: Decimal(1)})
        self.pay()
        with self.writing() as session:
            move_cash(session, self.shop, drawer, CashKind.PAID_OUT, 500, "stamps", OWNER, self.now())
            open_without_sale(session, self.shop, drawer, OWNER, self.now(), "change for the bus")
        self.desk.train(True)
        self.sell("100")
        self.desk.train(False)
        with self.writing() as session:
            kept = count(session, self.shop, drawer, count_sum(11000), Purpose.CLOSE, OWNER, self.now())
            close_shift(session, self.shop, drawer, kept.id, 10000, "a guess", OWNER, self.now())

    def writing(self) -> AbstractContextManager[Session]:
        return writing(self.engine, durable=True)

    def signer(self) -> Signer | None:
        with self.writing() as session:
            return signing.ensure_key(session, self.shop.till, self.store, "system", self.now())

    def close(self) -> int:
        """Make the Z, and go on to the next day. Returns its number."""
        signer = self.signer()
        with self.writing() as session:
            number = make_z(session, self.shop, OWNER, self.now(), signer=signer).number
        self.day += dt.timedelta(days=1)
        return number

    def new_key(self) -> None:
        with self.writing() as session:
            signing.new_key(session, self.shop.till, self.store, "owner", self.now())

    def lose_key(self) -> None:
        self.store = KeysInMemory()


def small_books(engine: Engine) -> Days:
    """Three days, the key changed after the first, and some sales that no Z has closed yet."""
    stock_shop(engine)
    days = Days(engine)
    days.trade()
    days.close()
    days.new_key()
    days.trade(1)
    days.close()
    days.trade(1)
    return days
