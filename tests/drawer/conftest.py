"""A shop whose drawers can be opened, on both databases, with a clock that the test sets."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from tests.rigs.people import OWNER
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.drawer import cash, shifts
from tui_pos.drawer.denominations import Counted, count_sum
from tui_pos.drawer.shifts import CountKept, Purpose, ShiftClosed
from tui_pos.money.currency import currency
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.payments.shifts import OpenShift, expected_minor
from tui_pos.people.actor import Actor
from tui_pos.sales.desk import Desk
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import DrawerRules, PriceRules, Shop
from tui_pos.sales.view import Receipt
from tui_pos.storage.engine import reading, writing

EVENING = dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC)
SHOP = Shop(
    name="Corner Shop",
    till="till1",
    rules=PriceRules(currency("EUR"), True, TaxRounding.RECEIPT),
    cash_rounding=CashRounding(1),
    zone=ZoneInfo("Europe/Dublin"),
    day_ends_at=dt.time(4),
    locale="en_IE",
    drawer=DrawerRules(required=True),
)
PRICES = {"OAT": 189, "BREAD": 320, "MILK": 119}


class Counting:
    """A till with its drawer, as a test uses them: each method is one act of `actor`."""

    def __init__(self, engine: Engine, shop: Shop = SHOP, actor: Actor = OWNER) -> None:
        self.engine = engine
        self.shop = shop
        self.actor = actor
        self.clock = EVENING
        self.desk = Desk(engine, shop, actor, self.now)

    def now(self) -> dt.datetime:
        """A second later each time: what happened after something else is newer."""
        self.clock += dt.timedelta(seconds=1)
        return self.clock

    @property
    def drawer(self) -> str:
        return self.desk.drawer

    def open(self, float_minor: int | None = 10_000, counted: Counted | None = None) -> OpenShift:
        """With that float, or (None) with what was left."""
        if counted is None and float_minor is not None:
            counted = count_sum(float_minor)
        with writing(self.engine, durable=True) as session:
            opened = shifts.open_shift(session, self.shop, self.drawer, counted, self.actor, self.now())
        self.desk.take_drawer(self.drawer)
        return opened

    def sell(self, *skus: str, given_minor: int | None = None) -> Receipt:
        for sku in skus:
            self.desk.scan(Scanned(sku))
        due_minor = self.desk.settlement.cash_due
        receipt = self.desk.pay_cash(due_minor if given_minor is None else given_minor)
        assert receipt is not None
        return receipt

    def sell_by_card(self, *skus: str) -> Receipt:
        for sku in skus:
            self.desk.scan(Scanned(sku))
        receipt = self.desk.pay_card(self.desk.settlement.due, "", "")
        assert receipt is not None
        return receipt

    def move(self, kind: cash.CashKind, amount_minor: int, reason: str = "a reason") -> None:
        with writing(self.engine, durable=True) as session:
            cash.move_cash(
                session, self.shop, self.drawer, kind, amount_minor, reason, self.actor, self.now()
            )

    def movements(self) -> list[cash.MovedCash]:
        """What can be taken back, newest first."""
        with reading(self.engine) as session:
            return cash.to_take_back(session, self.shop, self.drawer, self.actor)

    def take_back(self, movement_id: UUID, reason: str = "mistyped") -> None:
        with writing(self.engine, durable=True) as session:
            cash.take_back(session, self.shop, self.drawer, movement_id, reason, self.actor, self.now())

    def no_sale(self, reason: str = "change for the bus") -> None:
        with writing(self.engine, durable=True) as session:
            cash.open_without_sale(session, self.shop, self.drawer, self.actor, self.now(), reason)

    def count(self, total: int | Counted, purpose: Purpose = Purpose.CLOSE) -> CountKept:
        counted = count_sum(total) if isinstance(total, int) else total
        with writing(self.engine, durable=True) as session:
            return shifts.count(session, self.shop, self.drawer, counted, purpose, self.actor, self.now())

    def close_with(self, kept: CountKept, left_minor: int = 0, explanation: str = "") -> ShiftClosed:
        with writing(self.engine, durable=True) as session:
            closed = shifts.close_shift(
                session, self.shop, self.drawer, kept.id, left_minor, explanation, self.actor, self.now()
            )
        self.desk.take_drawer(self.drawer)
        return closed

    def close(self, total_minor: int, left_minor: int = 0, explanation: str = "") -> ShiftClosed:
        return self.close_with(self.count(total_minor), left_minor, explanation)

    @property
    def expected_minor(self) -> int:
        with reading(self.engine) as session:
            return expected_minor(session, shifts.find_open(session, self.shop, self.drawer))

    def by(self, actor: Actor) -> "Counting":
        """The same till with somebody else at it."""
        return Counting(self.engine, self.shop, actor)


def stock(engine: Engine) -> None:
    with writing(engine) as session:
        install_preset(session, "IE")
        for sku, price_minor in PRICES.items():
            upsert(session, Draft(sku, sku.capitalize(), price_minor, "standard"), OWNER)


@pytest.fixture
def till(engine: Engine) -> Counting:
    stock(engine)
    return Counting(engine)


@pytest.fixture
def till_of(engine: Engine) -> Callable[..., Counting]:
    """Builds a till whose shop differs from the usual one."""
    stock(engine)

    def build(**changes: object) -> Counting:
        return Counting(engine, replace(SHOP, **changes))  # type: ignore[arg-type]

    return build
