"""Days of random acts: Zs part the receipts among them, and each is the sum of its own, by any column."""

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.rigs.books import check_books
from tests.rigs.day_sums import check_zs
from tests.rigs.days import Days
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.reports.z import NothingToClose, make_x
from tui_pos.sales.models import Sale
from tui_pos.storage.engine import open_engine, reading, writing

ACTS = (
    "sell", "sell", "sell", "card", "both", "void", "give up", "cheaper", "off", "off all", "back", "train", "x", "z",
)  # fmt: skip


class Cashier:
    """Does one random act after the other, all of them allowed."""

    def __init__(self, days: Days, data: st.DataObject) -> None:
        self.days = days
        self.desk = days.desk
        self.draw = data.draw
        self.given_up = self.voided = 0

    def act(self, name: str) -> None:
        getattr(self, f"_{name.replace(' ', '_')}")()

    def _fill(self) -> None:
        for sku in self.draw(st.lists(st.sampled_from(("100", "200", "300", "600")), min_size=1, max_size=3)):
            self.days.scan(sku, str(self.draw(st.integers(1, 5))))

    def _sell(self) -> None:
        self._fill()
        self.days.pay()

    def _card(self) -> None:
        self._fill()
        self.desk.pay_card(self.desk.basket.due_minor, "", "")

    def _both(self) -> None:
        self._fill()
        self.desk.pay_card(self.desk.basket.due_minor // 2, "", "")
        self.days.pay()

    def _void(self) -> None:
        self._fill()
        self.days.scan("100")
        self.desk.void_line()
        self.voided += 1
        if self.desk.basket.lines:
            self.days.pay()

    def _give_up(self) -> None:
        self._fill()
        self.desk.void_sale("no money")
        self.given_up += 1

    def _cheaper(self) -> None:
        self._fill()
        self.desk.change_price(self.draw(st.integers(1, 400)))
        self.days.pay()

    def _off(self) -> None:
        self._fill()
        self.desk.discount_line(PercentOff(Decimal(self.draw(st.integers(1, 99)))))
        self.days.pay()

    def _off_all(self) -> None:
        self._fill()
        self.desk.discount_sale(AmountOff(self.draw(st.integers(1, 100))))
        self.days.pay()

    def _back(self) -> None:
        sold = self.desk.find_sold(str(self.draw(st.integers(1, 20))))
        left = [line for line in sold.lines if line.left] if sold else []
        if sold and left:
            line = self.draw(st.sampled_from(left))
            quantity = Decimal(self.draw(st.integers(1, int(line.left)))) if line.left >= 1 else line.left
            self.desk.return_goods(sold.sale_id, {line.position: quantity})
            if self.desk.settlement.due:
                self.days.pay()
            else:
                self.desk.complete()

    def _train(self) -> None:
        self.desk.train(True)
        self._void()
        self.voided -= 1
        self._sell()
        self.desk.train(False)

    def _x(self) -> None:
        with writing(self.days.engine) as session:
            make_x(session, self.days.shop, OWNER, self.days.now())

    def _z(self) -> None:
        try:
            self.days.close()
        except NothingToClose:
            self.days.seconds += 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_zs_part_the_receipts_and_sum_them(sqlite_template: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        shutil.copy(sqlite_template, path)
        days = Days(open_engine(f"sqlite:///{path}"))
        stock_shop(days.engine)
        cashier = Cashier(days, data)
        for name in data.draw(st.lists(st.sampled_from(ACTS), min_size=1, max_size=20)):
            cashier.act(name)
        days.sell("100")
        days.close()
        check_books(days.engine)
        with reading(days.engine) as session:
            zs = check_zs(session)
            sales = session.scalar(select(func.count()).select_from(Sale))
        assert sum(z.receipts for z in zs) == zs[-1].bounds.sale == sales
        assert sum(z.voided_sales.count for z in zs) == cashier.given_up
        assert sum(z.voided_lines.count for z in zs) == cashier.voided
        days.engine.dispose()
