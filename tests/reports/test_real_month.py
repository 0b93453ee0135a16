"""February 2011 of a real shop, sold at the desk with a Z every evening: each Z is what its invoices add up to.

The invoices of up to 40 lines, to be quick: 949 of the month's 1,126. The whole year is in the benchmarks.
"""

import datetime as dt
from pathlib import Path

from sqlalchemy import Engine

from tests.rigs.people import OWNER
from tests.rigs.real_shop import RealShop, by_day, check_day, check_sequence, read_invoices, sold_between
from tui_pos.journal import chain
from tui_pos.reports.audit import verify_books
from tui_pos.reports.figures import from_bytes, to_bytes
from tui_pos.reports.z import list_z
from tui_pos.storage.engine import reading

LINES = 40


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
        reports = list_z(session, "till1", OWNER)[::-1]
        zs = [from_bytes(report.content) for report in reports]
        assert [to_bytes(z) for z in zs] == [report.content for report in reports]
        verify_books(session, OWNER)
        assert chain.head(session, "till1", chain.RECEIPTS).seq == len(sold)
        assert chain.head(session, "till1", chain.CLOSURES).seq == 1 + len(zs)  # the key comes first
    assert len(zs) == len(expected) == 24
    for z, (day, sums) in zip(zs, expected, strict=True):
        assert z.business_date == day
        check_day(z, sums)
    check_sequence(zs)
