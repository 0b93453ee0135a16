"""February 2011 of a real shop, sold at the desk with a Z every evening: each Z is what its invoices add up to.

The invoices of up to 40 lines, to be quick: 949 of the month's 1,126. The whole year is in the benchmarks.
"""

import datetime as dt
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from tests.rigs.real_shop import Expected, RealShop, by_day, read_invoices, sold_between
from tui_pos.journal import chain
from tui_pos.reports.figures import Figures, from_bytes, to_bytes
from tui_pos.reports.z import list_z
from tui_pos.storage.engine import reading

LINES = 40
HUNDREDTH = Decimal("0.01")


def test_every_z_is_what_its_day_adds_up_to(sqlite_engine: Engine, shared_data: Path) -> None:
    month = sold_between(read_invoices(shared_data), dt.date(2011, 2, 1), dt.date(2011, 2, 28))
    sold = [items for items in month if len(items) <= LINES]
    assert (len(month), len(sold)) == (1126, 949)
    shop = RealShop(sqlite_engine, sold)

    expected = []
    for day, sales in by_day(sold):
        expected.append((day, shop.sell_day(sales)))
        shop.close(day)

    with reading(sqlite_engine) as session:
        reports = list_z(session, "till1")[::-1]
        zs = [from_bytes(report.content) for report in reports]
        assert [to_bytes(z) for z in zs] == [report.content for report in reports]
        assert chain.verify(session, "till1", chain.RECEIPTS).seq == len(sold)
        assert chain.verify(session, "till1", chain.CLOSURES).seq == len(zs)
        chain.verify(session, "till1", chain.EVENTS)
    assert len(zs) == len(expected) == 24
    for z, (day, sums) in zip(zs, expected, strict=True):
        assert z.business_date == day
        check_day(z, sums)
    check_sequence(zs)


def check_day(z: Figures, sums: Expected) -> None:
    """By rate and tender, to the penny."""
    assert z.receipts == sums.receipts
    assert {t.tax_class: t.gross_minor * HUNDREDTH for t in z.taxes} == dict(sums.gross)
    assert {t.tax_class: t.tax_minor * HUNDREDTH for t in z.taxes} == dict(sums.tax)
    paid = {kind: amount for kind, amount in sums.tenders.items() if amount}
    assert {t.kind: t.amount_minor * HUNDREDTH for t in z.tenders if t.amount_minor} == paid
    gross = sum(sums.gross.values(), Decimal(0))
    assert (z.gross_minor * HUNDREDTH, z.sales_minor, z.returns_minor) == (gross, z.gross_minor, 0)
    assert z.tax_minor * HUNDREDTH == sum(sums.tax.values(), Decimal(0))
    assert z.net_minor == z.gross_minor - z.tax_minor
    assert z.cash_rounding_minor * HUNDREDTH == sums.rounding
    assert z.cash.sales_minor * HUNDREDTH == sums.tenders["cash"] + sums.rounding
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
