"""A real shop's year (online_retail), to be sold at the desk day by day, and what each day must come to.

Left out: cancellations and adjustments (`C…`, `A…`: credit notes and bad debts, no sales), invoices of negative
quantities (what was broken or lost in the store room, booked as invoices at no price), and those with a price of less
than a penny, which no till can ask for. Prices of nought are in: given away.

The file knows no tax rates and no tenders, so both are dealt out here by fixed rules: a code always bears the same
tax class, and every third invoice is paid in cash, by card, or by both.
"""

import csv
import datetime as dt
import gzip
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from config.settings import Settings
from tests.rigs.people import OWNER
from tui_pos.bootstrap import build_shop, build_signer
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.journal.signing import KeysInMemory
from tui_pos.reports.figures import Figures
from tui_pos.reports.models import ZReport
from tui_pos.reports.z import make_z
from tui_pos.sales.desk import Desk, Sold
from tui_pos.sales.scanning import Scanned
from tui_pos.storage.engine import writing

FILE = "online_retail_541909.csv.gz"
LONDON = ZoneInfo("Europe/London")
PENNY = Decimal("0.01")
FIVE_PENCE = Decimal("0.05")
CLASSES = ("standard", "reduced", "zero")
TWENTY_PERCENT_FROM = dt.date(2011, 1, 4)
SETTINGS = Settings.model_validate(
    {
        "shop": {
            "country": "GB",
            "currency": "GBP",
            "locale": "en_GB",
            "timezone": "Europe/London",
            "cash_rounding": "0.05",
        },
        "drawer": {"required": False},
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the file."""

    code: str
    name: str
    quantity: int
    price: Decimal
    at: dt.datetime


Invoices = dict[str, list[Item]]


def read_invoices(folder: Path) -> Invoices:
    """Every invoice of the file by its number, in the file's order."""
    found: Invoices = defaultdict(list)
    with gzip.open(folder / FILE, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for number, code, name, quantity, at, price, _customer, _country in rows:
            moment = dt.datetime.fromisoformat(at).replace(tzinfo=LONDON)
            found[number].append(Item(code, name, int(quantity), Decimal(price), moment))
    return found


def why_not_sold(number: str, items: Sequence[Item]) -> str:
    """Why an invoice is no sale of a till; empty where it is one."""
    if not number.isdigit():
        return f"{number[0]}…"
    if any(item.quantity <= 0 for item in items):
        return "negative quantity"
    if any(item.price % PENNY for item in items):
        return "price below a penny"
    return ""


def sold_between(invoices: Invoices, first: dt.date, last: dt.date) -> list[list[Item]]:
    """The invoices of these days that a till can sell, in the order of their times."""
    chosen = [
        items
        for number, items in invoices.items()
        if first <= items[0].at.date() <= last and not why_not_sold(number, items)
    ]
    return sorted(chosen, key=lambda items: items[0].at)


def by_day(sales: Iterable[list[Item]]) -> Iterator[tuple[dt.date, list[list[Item]]]]:
    for day, each in groupby(sales, key=lambda items: items[0].at.date()):
        yield day, list(each)


def rate_of(code: str) -> str:
    """The tax class that a code always bears."""
    return CLASSES[zlib.crc32(code.encode()) % len(CLASSES)]


def percent_of(tax_class: str, day: dt.date) -> Decimal:
    """The rates of Britain in those years: the standard one rose from 17.5 % to 20 % on 4 January 2011."""
    standard = Decimal(20) if day >= TWENTY_PERCENT_FROM else Decimal("17.5")
    return {"standard": standard, "reduced": Decimal(5), "zero": Decimal(0)}[tax_class]


def stock(engine: Engine, sold: Iterable[Sequence[Item]]) -> Mapping[str, Decimal]:
    """Give every code the price that it has most often, and return them; the others are changed at the desk."""
    prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for items in sold:
        for item in items:
            prices[item.code][item.price] += 1
            names[item.code] = item.name.strip() or names.get(item.code, item.code)
    usual = {code: seen.most_common(1)[0][0] for code, seen in prices.items()}
    with writing(engine) as session:
        install_preset(session, "GB")
        for code, price in usual.items():
            upsert(session, Draft(code, names[code], int(price * 100), rate_of(code)), OWNER)
    return usual


@dataclass(slots=True)
class Expected:
    """What a day must come to, by sums that know nothing of the program's."""

    receipts: int = 0
    gross: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))  # by tax class
    tax: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    tenders: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rounding: Decimal = Decimal(0)
    price_changes: int = 0

    def add(self, items: Sequence[Item], card: Decimal, cash: Decimal) -> None:
        """One more receipt, of which `card` and `cash` were paid so."""
        self.receipts += 1
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for item in items:
            sums[rate_of(item.code)] += item.quantity * item.price
        for rate, gross in sums.items():
            percent = percent_of(rate, items[0].at.date())
            self.gross[rate] += gross
            self.tax[rate] += (gross * percent / (100 + percent)).quantize(PENNY, ROUND_HALF_UP)
        self.tenders["card"] += card
        self.tenders["cash"] += cash
        rounded = (cash / FIVE_PENCE).quantize(Decimal(1), ROUND_HALF_UP) * FIVE_PENCE
        self.rounding += rounded - cash


class RealShop:
    """The shop's till, on the database of `engine`, with the invoices' own clock."""

    def __init__(self, engine: Engine, sold: Sequence[list[Item]]) -> None:
        self.engine = engine
        self.shop = build_shop(SETTINGS)
        self.usual = stock(engine, sold)
        self.clock = sold[0][0].at.astimezone(dt.UTC)
        self.desk = Desk(engine, self.shop, OWNER, lambda: self.clock)
        self.signer = build_signer(engine, self.shop.till, self.clock, KeysInMemory())
        self.turn = 0

    def sell_day(self, sales: Iterable[Sequence[Item]]) -> Expected:
        """Sell a day's invoices. Returns what its Z must say."""
        expected = Expected()
        for items in sales:
            self.clock = items[0].at.astimezone(dt.UTC)
            self._sell(items, expected)
        return expected

    def close(self, day: dt.date) -> ZReport:
        """The day's Z, in the evening."""
        self.clock = dt.datetime.combine(day, dt.time(22), LONDON).astimezone(dt.UTC)
        with writing(self.engine, durable=True) as session:
            report = make_z(session, self.shop, OWNER, self.clock, signer=self.signer)
            session.expunge(report)
        return report

    def _sell(self, items: Sequence[Item], expected: Expected) -> None:
        """Other prices come first: more of what was sold last goes onto its line, and a price is a line's."""
        desk = self.desk
        for item in sorted(items, key=lambda item: item.price == self.usual[item.code]):
            outcome = desk.scan(Scanned(item.code), Decimal(item.quantity))
            assert isinstance(outcome, Sold), f"{item}: {outcome}"
            price_minor = int(item.price * 100)
            if outcome.line.unit_price_minor != price_minor:
                desk.change_price(price_minor)
                expected.price_changes += 1
        total = sum((item.quantity * item.price for item in items), Decimal(0))
        card = (Decimal(0), total, (total / 2).quantize(PENNY))[self.turn % 3]
        self.turn += 1
        if card:
            desk.pay_card(int(card * 100), "", "")
        if card != total:
            desk.pay_cash(desk.settlement.cash_due)
        if not total:
            desk.complete()
        assert not desk.basket.lines, f"not paid: {items}"
        expected.add(items, card, total - card)


def check_day(z: Figures, sums: Expected) -> None:
    """By rate and tender, to the penny."""
    assert z.receipts == sums.receipts
    assert {t.tax_class: t.gross_minor * PENNY for t in z.taxes} == dict(sums.gross)
    assert {t.tax_class: t.tax_minor * PENNY for t in z.taxes} == dict(sums.tax)
    paid = {kind: amount for kind, amount in sums.tenders.items() if amount}
    assert {t.kind: t.amount_minor * PENNY for t in z.tenders if t.amount_minor} == paid
    gross = sum(sums.gross.values(), Decimal(0))
    assert (z.gross_minor * PENNY, z.sales_minor, z.returns_minor) == (gross, z.gross_minor, 0)
    assert z.tax_minor * PENNY == sum(sums.tax.values(), Decimal(0))
    assert z.net_minor == z.gross_minor - z.tax_minor
    assert z.cash_rounding_minor * PENNY == sums.rounding
    assert z.cash.sales_minor * PENNY == sums.tenders["cash"] + sums.rounding
    assert z.price_changes.count == sums.price_changes
    assert sum(d.amount_minor for d in z.departments) == z.gross_minor


def check_sequence(zs: list[Figures]) -> None:
    """Numbers without gaps, periods that touch and never overlap, totals that are never reset."""
    assert [z.number for z in zs] == list(range(1, len(zs) + 1))
    total = receipts = 0
    for before, z in zip([None, *zs], zs, strict=False):
        assert z.first_receipt == (before.last_receipt or 0) + 1 if before else z.first_receipt == 1
        assert before is None or z.since == before.until
        total += z.gross_minor
        receipts += z.receipts
        assert (z.perpetual.sales_minor, z.perpetual.net_minor) == (total, total)
        assert (z.perpetual.absolute_minor, z.perpetual.receipts) == (total, receipts)
        assert z.last_receipt == receipts
