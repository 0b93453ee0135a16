"""X and Z: what they hold, what keeps them from being made, and that what was made stays as it was."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from hardware.document import from_json, mark_copy, to_json
from tests.rigs.books import check_books
from tests.rigs.days import Days
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.shop import stock_shop
from tui_pos.drawer.blockers import BlockerKind, warnings
from tui_pos.drawer.cash import open_without_sale
from tui_pos.drawer.denominations import count_sum
from tui_pos.drawer.shifts import Purpose, close_shift, count, open_shift
from tui_pos.journal import chain, signing
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.money.currency import currency
from tui_pos.money.discount import PercentOff
from tui_pos.people.actor import NotAllowed
from tui_pos.printing.models import PrintJob
from tui_pos.reports.combined import combine, newest_date
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import Counted, Figures, from_bytes
from tui_pos.reports.models import ZReport
from tui_pos.reports.z import (
    CloseBlocked,
    NothingToClose,
    check_needed,
    find_z,
    make_x,
    make_z,
    page_of,
    print_copy,
    what_blocks,
)
from tui_pos.sales.models import Sale
from tui_pos.storage.engine import reading, writing


@pytest.fixture
def days(engine: Engine) -> Days:
    stock_shop(engine)
    return Days(engine)


def x_of(days: Days) -> Figures:
    with writing(days.engine) as session:
        return make_x(session, days.shop, OWNER, days.now())


def test_tax_is_that_of_the_receipts_and_not_of_the_day(days: Days) -> None:
    """The example of docs/opening-and-closing.md: from the gross of the day it would be 1.06."""
    for _receipt in range(3):
        days.sell("100")
    figures = x_of(days)
    (row,) = figures.taxes
    assert (row.gross_minor, row.tax_minor, figures.tax_minor) == (567, 105, 105)


def z_of(days: Days, number: int) -> Figures:
    with reading(days.engine) as session:
        return from_bytes(find_z(session, days.shop.till, number).content)


def blockers(days: Days) -> set[BlockerKind]:
    with reading(days.engine) as session:
        return {blocker.kind for blocker in what_blocks(session, days.shop)}


def test_a_day_with_some_of_everything(days: Days) -> None:
    days.trade()
    days.desk.check("100")
    days.close()

    z = z_of(days, 1)

    # 1.89 + 3.20; 3 x 3.20 - 10 %; three of 0.35 kg at 3.00, 1.89 and 1.19; back: 1.89
    assert (z.number, z.receipts, z.first_receipt, z.last_receipt) == (1, 6, 1, 6)
    assert (z.sales_minor, z.returns_minor, z.gross_minor) == (2612, -189, 2423)
    assert z.net_minor + z.tax_minor == z.gross_minor
    assert sum(t.gross_minor for t in z.taxes) == z.gross_minor
    assert [(t.kind, t.count, t.amount_minor) for t in z.tenders] == [("card", 1, 864), ("cash", 5, 1559)]
    assert (z.returns, z.discounts) == (Counted(1, -189), Counted(1, 96))
    assert (z.voided_lines, z.voided_sales, z.price_changes) == (Counted(1, -119), Counted(), Counted())
    assert (z.no_sales, z.price_checks, z.training) == (1, 1, Counted(1, 189))
    assert z.cash.expected_minor == 10000 + z.cash.sales_minor - z.cash.refunds_minor - 500
    assert z.cash.counted_minor == 11000
    assert z.cash.over_short_minor == 11000 - z.cash.expected_minor
    (shift,) = z.shifts
    assert (shift.number, shift.opened_by, shift.float_minor) == (1, "Owner", 10000)
    assert (shift.expected_minor, shift.counted_minor) == (z.cash.expected_minor, 11000)
    assert (shift.left_minor, shift.explanation) == (10000, "a guess")
    assert [(e.kind, e.amount_minor, e.reason) for e in z.cash_entries] == [("paid_out", 500, "stamps")]
    assert [(c.id, c.name, c.receipts, c.gross_minor) for c in z.cashiers] == [("owner", "Owner", 6, 2423)]
    assert (z.perpetual.sales_minor, z.perpetual.returns_minor) == (2612, -189)
    assert (z.perpetual.net_minor, z.perpetual.absolute_minor) == (2423, 2801)


def test_the_next_period_begins_where_the_last_ended(days: Days) -> None:
    days.trade()
    days.close()
    first = z_of(days, 1)
    days.trade(1)
    days.close()
    second = z_of(days, 2)

    assert second.first_receipt == first.last_receipt + 1 if first.last_receipt else False
    assert (second.since, second.receipts) == (first.until, 4)
    assert (second.voided_lines.count, second.no_sales, second.training.count) == (1, 1, 1)
    assert [shift.number for shift in second.shifts] == [2]
    assert second.perpetual.net_minor == first.gross_minor + second.gross_minor
    check_books(days.engine)


def test_a_clock_that_is_set_back_loses_nothing(days: Days) -> None:
    days.trade()
    days.close()
    days.day -= dt.timedelta(days=5)
    days.trade()
    days.close()

    first, second = z_of(days, 1), z_of(days, 2)
    same = replace(
        second, **{name: getattr(first, name) for name in ("number", "since", "until", "business_date")}
    )
    for name in (
        "receipts",
        "gross_minor",
        "taxes",
        "tenders",
        "voided_lines",
        "no_sales",
        "training",
        "cash",
    ):
        assert getattr(same, name) == getattr(first, name), name


def at_night(days: Days, hour: int, minute: int) -> dt.datetime:
    """A moment of the night after `days.day`, in a month when Dublin's clock is UTC."""
    return dt.datetime.combine(days.day + dt.timedelta(days=1), dt.time(hour, minute), dt.UTC)


def test_the_takings_of_a_day_stand_under_that_day_whenever_they_are_closed(days: Days) -> None:
    days.trade(1)
    with days.writing() as session:
        report = make_z(session, days.shop, OWNER, at_night(days, 4, 5))  # cron's Z: the new day has begun
        assert (report.business_date, from_bytes(report.content).business_date) == (days.day, days.day)
        with pytest.raises(NothingToClose):
            make_z(session, days.shop, OWNER, at_night(days, 4, 6))
        combined = combine(session, days.shop, OWNER, newest_date(session), newest_date(session))
        assert (combined.first_date, len(combined.members)) == (days.day, 1)


def test_a_z_without_sales_has_the_date_of_its_drawer_else_of_today(days: Days) -> None:
    with days.writing() as session:
        open_shift(session, days.shop, "drawer", count_sum(5000), OWNER, days.now())
        kept = count(
            session, days.shop, "drawer", count_sum(5000), Purpose.CLOSE, OWNER, at_night(days, 3, 0)
        )
        close_shift(session, days.shop, "drawer", kept.id, 0, "", OWNER, at_night(days, 3, 1))
        of_drawer = make_z(session, days.shop, OWNER, at_night(days, 9, 0))
        of_nothing = make_z(session, days.shop, OWNER, at_night(days, 9, 1), even_if_unused=True)
        assert of_drawer.business_date == days.day
        assert of_nothing.business_date == days.day + dt.timedelta(days=1)


def test_an_x_changes_nothing(days: Days) -> None:
    days.trade()

    one, other = x_of(days), x_of(days)
    days.close()
    z = z_of(days, 1)

    assert one.kind == "X"
    same: dict[str, Any] = {"kind": "Z", "until": z.until, "journal": z.journal}
    assert replace(one, **same) == replace(other, **same) == z
    with reading(days.engine) as session:
        looked = session.scalar(select(func.count()).where(JournalEntry.event == "x"))
    assert looked == 2


def test_what_is_in_the_way(days: Days) -> None:
    desk = days.desk
    days.shop = desk.shop = replace(days.shop, held_sales_block=True)
    with days.writing() as session:
        open_shift(session, days.shop, "drawer", count_sum(5000), OWNER, days.now())
    days.scan("100")
    assert blockers(days) == {BlockerKind.OPEN_SALE, BlockerKind.OPEN_SHIFT}
    desk.hold("later")
    assert blockers(days) == {BlockerKind.HELD_SALES, BlockerKind.OPEN_SHIFT}

    with pytest.raises(CloseBlocked) as blocked, days.writing() as session:
        make_z(session, days.shop, OWNER, days.now())

    assert {each.kind for each in blocked.value.blockers} == blockers(days)
    with reading(days.engine) as session:
        assert session.scalar(select(func.count()).select_from(ZReport)) == 0
        assert session.scalar(select(func.count()).select_from(Closure)) == 0
    days.shop = replace(days.shop, held_sales_block=False)
    assert blockers(days) == {BlockerKind.OPEN_SHIFT}


def test_unprinted_pages_only_warn(days: Days) -> None:
    days.trade(1)
    with reading(days.engine) as session:
        assert len(warnings(session, days.shop)) == 1
    days.close()
    assert z_of(days, 1).number == 1


def test_an_unused_till_needs_no_z(days: Days) -> None:
    with pytest.raises(NothingToClose):
        days.close()
    x_of(days)
    with pytest.raises(NothingToClose):
        days.close()
    with days.writing() as session:
        report = make_z(session, days.shop, OWNER, days.now(), even_if_unused=True)
        assert (report.number, report.last_sale) == (1, 0)
    with pytest.raises(NothingToClose):
        days.close()


@pytest.mark.parametrize(
    "act", ["nothing", "a sale", "a drawer", "no sale", "a void", "practice", "an x", "a price check"]
)
def test_whether_a_z_is_needed_is_known_before_it_is_made(days: Days, act: str) -> None:
    """Looking first says what making it would say, before the first Z and after it."""
    for _period in range(2):
        happen(days, act)
        try:
            with reading(days.engine) as session:
                check_needed(session, days.shop, days.now())
            needed = True
        except NothingToClose:
            needed = False
        try:
            days.close()
            assert needed
        except NothingToClose:
            assert not needed
    assert needed is (act not in ("nothing", "an x", "a price check"))


def happen(days: Days, act: str) -> None:
    drawer = days.shop.drawer.names[0]
    if act == "a sale":
        days.sell("100")
    elif act == "a drawer":
        with days.writing() as session:
            open_shift(session, days.shop, drawer, count_sum(5000), OWNER, days.now())
            kept = count(session, days.shop, drawer, count_sum(5000), Purpose.CLOSE, OWNER, days.now())
            close_shift(session, days.shop, drawer, kept.id, 0, "", OWNER, days.now())
    elif act == "no sale":
        with days.writing() as session:
            open_without_sale(session, days.shop, drawer, OWNER, days.now(), "change")
    elif act == "a void":
        days.scan("100")
        days.desk.void_sale("gone")
    elif act == "practice":
        days.desk.train(True)
        days.sell("100")
        days.desk.train(False)
    elif act == "an x":
        x_of(days)
    elif act == "a price check":
        days.desk.check("100")


def test_only_who_may_closes(days: Days) -> None:
    days.trade(1)
    with pytest.raises(NotAllowed), days.writing() as session:
        make_z(session, days.shop, CASHIER, days.now())
    with pytest.raises(NotAllowed), days.writing() as session:
        make_x(session, days.shop, CASHIER, days.now())

    allowed = CASHIER.allowed_by(OWNER, "owner is away")
    with days.writing() as session:
        make_z(session, days.shop, allowed, days.now())
    with reading(days.engine) as session:
        body = session.scalar(select(JournalEntry.body).where(JournalEntry.event == "z"))
    assert json.loads(body or b"")["data"]["approved_by"] == "owner"


def test_the_z_stands_in_the_journal_and_its_closure_is_signed(days: Days) -> None:
    days.trade(1)
    days.close()
    with reading(days.engine) as session:
        report = find_z(session, "till1", 1)
        entry = session.scalars(select(JournalEntry).where(JournalEntry.event == "z")).one()
        closure = session.scalars(select(Closure)).one()
        text = to_json(page_of(session, report))
    body = json.loads(entry.body)
    assert body["data"]["z"] == json.loads(report.content)
    assert json.loads(closure.body)["totals"]["net_minor"] == body["data"]["z"]["perpetual"]["net_minor"]
    assert json.loads(closure.body)["heads"][chain.CLOSURES]["seq"] == entry.seq
    assert entry.hash.hex()[:12] in text
    assert signing.signature_text(closure) in text


def test_a_copy_is_the_same_page_marked(days: Days) -> None:
    days.trade(1)
    days.close()
    original = page_as_printed(days, "report")
    later = replace(days.shop, name="Another name", locale="sv_SE")
    days.trade(1)

    with days.writing() as session:
        print_copy(session, later, find_z(session, "till1", 1), OWNER, days.now())

    assert page_as_printed(days, "copy") == to_json(mark_copy(from_json(original), "KOPIA"))
    days.close()
    assert z_of(days, 2).copies == 1


def page_as_printed(days: Days, kind: str) -> str:
    with reading(days.engine) as session:
        newest = select(PrintJob.document).where(PrintJob.kind == kind).order_by(PrintJob.created_at.desc())
        return session.scalars(newest.limit(1)).one()


def test_a_close_that_fails_midway_leaves_nothing(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    days.trade(1)
    before = x_of(days)

    def fail(*_values: object, **_named: object) -> None:
        raise OSError("pulled the plug")

    with monkeypatch.context() as patched:
        patched.setattr("tui_pos.reports.z.queue.enqueue", fail)  # the last thing that a close does
        with pytest.raises(OSError, match="plug"):
            days.close()
    after = x_of(days)
    assert replace(after, until=before.until, journal=before.journal) == before
    days.close()
    assert z_of(days, 1).gross_minor == before.gross_minor


def test_a_currency_is_changed_between_two_periods_only(days: Days) -> None:
    days.trade(1)
    rules = replace(days.shop.rules, currency=currency("SEK"))
    krona = replace(days.shop, rules=rules)
    with pytest.raises(ReportError, match="EUR"), days.writing() as session:
        make_z(session, krona, OWNER, days.now())
    days.close()

    with days.writing() as session:
        report = make_z(session, krona, OWNER, days.now(), even_if_unused=True)
        assert from_bytes(report.content).perpetual.net_minor == 0
    days.trade(1)
    days.close()
    assert z_of(days, 3).perpetual.net_minor == z_of(days, 1).gross_minor + z_of(days, 3).gross_minor


def test_tenders_taken_back_and_voided_sales_have_their_amounts(days: Days) -> None:
    desk = days.desk
    days.trade(1)
    days.scan("100", "2")
    desk.pay_card(100, "", "")
    desk.take_back_tender()
    desk.change_price(100)
    desk.set_quantity(Decimal(1))
    desk.discount_sale(PercentOff(Decimal(50)))
    desk.void_sale("gone")
    days.close()

    z = z_of(days, 1)
    assert z.tenders_taken_back == Counted(1, -100)
    assert z.price_changes == Counted(1, -178)
    assert z.voided_lines == Counted(2, -119 - 100)
    assert z.voided_sales == Counted(1, -50)


def test_other_tills_have_periods_of_their_own(days: Days) -> None:
    other = Days(days.engine, "till2")
    days.trade(1)
    other.trade(2)
    days.close()
    other.close()

    with reading(days.engine) as session:
        one, two = (from_bytes(find_z(session, till, 1).content) for till in ("till1", "till2"))
        sums = dict(session.execute(select(Sale.till, func.sum(Sale.gross_minor)).group_by(Sale.till)).all())
    assert (one.gross_minor, two.gross_minor) == (int(sums["till1"]), int(sums["till2"]))
    assert (one.voided_lines.count, two.voided_lines.count, two.cash.float_minor) == (1, 1, 10000)
