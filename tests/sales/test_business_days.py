"""A till's business date never goes back, whatever zone, daylight saving or clock does; all who tell it agree."""

import datetime as dt
import json
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select

from tests.rigs.days import Days, shop
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.drawer.cash import open_without_sale
from tui_pos.reports.accounts import Accounts
from tui_pos.reports.audit import archive_days, verify_books
from tui_pos.reports.exports.export import export, format_named
from tui_pos.reports.exports.format import DatevRules
from tui_pos.reports.models import ZReport
from tui_pos.sales.models import Sale
from tui_pos.sales.shop import Shop
from tui_pos.storage.engine import reading

OCTOBER = dt.date(2026, 10, 25)
"""At 02:00 of that night clocks in Dublin go back to 01:00, which is 01:00 in UTC."""


class Night(Days):
    """A till whose clock a test sets, in UTC."""

    at = dt.datetime(2026, 10, 25, tzinfo=dt.UTC)

    def __init__(self, engine: Engine, **changes: object) -> None:
        super().__init__(engine)
        self.change(**changes)

    def change(self, **changes: object) -> None:
        """Open the till anew, with other settings."""
        self.shop = replace(self.shop, **changes)  # type: ignore[arg-type]
        self.desk.shop = self.shop

    def now(self) -> dt.datetime:
        self.at += dt.timedelta(microseconds=1)
        return self.at

    def clock(self, text: str) -> None:
        self.at = dt.datetime.fromisoformat(f"{text}+00:00")


def dates(engine: Engine) -> list[dt.date]:
    with reading(engine) as session:
        return list(session.scalars(select(Sale.business_date).order_by(Sale.number)))


def test_the_hour_that_comes_twice_belongs_to_the_day_that_had_begun(engine: Engine) -> None:
    stock_shop(engine)
    night = Night(engine, day_ends_at=dt.time(1, 30))
    for clock in ("2026-10-25T00:29:00", "2026-10-25T00:35:00", "2026-10-25T01:10:00", "2026-10-25T01:40:00"):
        night.clock(clock)  # 01:29 and 01:35 of summer, then 01:10 and 01:40 of winter
        night.sell("100")
    assert dates(engine) == [OCTOBER - dt.timedelta(days=1), OCTOBER, OCTOBER, OCTOBER]


@given(
    zone=st.sampled_from(sorted(available_timezones() - {"localtime"})),
    ends=st.times(),
    start=st.integers(-(10**9), 4 * 10**9),
    seconds=st.lists(st.integers(0, 26 * 3600), min_size=1, max_size=3),
)
def test_by_the_clock_alone_a_later_moment_never_has_an_earlier_day(
    zone: str, ends: dt.time, start: int, seconds: list[int]
) -> None:
    till = replace(shop(), zone=ZoneInfo(zone), day_ends_at=ends)
    later = [dt.datetime.fromtimestamp(start + each, dt.UTC) for each in sorted([0, *seconds])]
    days = [till.business_date(each) for each in later]
    assert all(one <= two for one, two in pairwise(days))
    for moment, day in zip(later, days, strict=True):
        assert till.day_begins(day) <= moment < till.day_begins(day + dt.timedelta(days=1))


def test_a_clock_or_a_zone_that_goes_back_takes_no_day_with_it(engine: Engine) -> None:
    stock_shop(engine)
    night = Night(engine)
    night.clock("2026-10-25T12:00:00")
    night.sell("100")
    night.clock("2026-10-20T12:00:00")
    night.sell("100")
    night.clock("2026-10-26T12:00:00")
    night.sell("100")
    night.change(zone=ZoneInfo("Pacific/Honolulu"), day_ends_at=dt.time(23, 59))
    night.sell("100")
    sunday, monday = OCTOBER, OCTOBER + dt.timedelta(days=1)
    assert dates(engine) == [sunday, sunday, monday, monday]


def test_receipts_zs_exports_and_archive_agree(engine: Engine, tmp_path: Path) -> None:
    """The clock loses five days after the first Z; a Z without a sale, and receipts after it, keep its date."""
    stock_shop(engine)
    night = Night(engine)
    night.clock("2026-10-25T12:00:00")
    night.sell("100")
    night.close()
    night.clock("2026-10-26T12:00:00")
    with night.writing() as session:
        open_without_sale(session, night.shop, "drawer", OWNER, night.now(), "change")
    night.close()  # dated the 26th, by that alone
    night.clock("2026-10-20T12:00:00")
    night.sell("200")
    night.close()
    night.sell("200")

    monday = OCTOBER + dt.timedelta(days=1)
    assert dates(engine) == [OCTOBER, monday, monday]
    signer = night.signer()
    assert signer is not None
    with reading(engine) as session:
        zs = list(session.scalars(select(ZReport.business_date).order_by(ZReport.number)))
        assert zs == [OCTOBER, monday, monday]
        for day, numbers in ((dt.date(2026, 10, 20), []), (OCTOBER, [1]), (monday, [2, 3])):
            file = tmp_path / f"{day}.zip"
            archive_days(session, OWNER, night.shop, signer, day, day, file)
            assert _receipts(file) == numbers
        assert verify_books(session, OWNER)
        exported = export(session, format_named("csv"), Accounts(), DatevRules(), OWNER, monday, monday)
    told = "1 receipt of 2026-10-26 (till1) is in no Z yet: make it, and export again."
    assert (exported.zs, exported.left_out) == (2, [told])


def _receipts(archive: Path) -> list[int]:
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read("receipts.jsonl").splitlines()
    return [json.loads(line)["data"]["number"] for line in lines]


def test_completing_a_sale_asks_for_number_and_day_at_once(sqlite_engine: Engine) -> None:
    stock_shop(sqlite_engine)
    night = Night(sqlite_engine)
    night.scan("100")
    asked: list[str] = []

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    night.pay()
    assert len([each for each in asked if "business_date" in each and each.startswith("SELECT")]) == 1
    assert not any(each.startswith("SELECT max(sale.number)") for each in asked)


def test_the_calendar_s_ends() -> None:
    till: Shop = shop()
    assert till.business_date(dt.datetime(9999, 12, 31, 23, tzinfo=dt.UTC)) == dt.date.max
    assert till.day_begins(dt.date.max) > till.day_begins(dt.date.min)
