"""All tills together: the sum of their Zs."""

import datetime as dt
import json

import pytest
from sqlalchemy import Engine, select

from hardware.document import to_text
from tests.rigs.days import FIRST_DAY, Days
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.shop import stock_shop
from tui_pos.drawer.denominations import count_sum
from tui_pos.drawer.shifts import open_shift
from tui_pos.journal.models import JournalEntry
from tui_pos.people.actor import NotAllowed
from tui_pos.printing.models import PrintJob
from tui_pos.reports.combined import combine, combine_now, days_with_zs, print_combined
from tui_pos.reports.errors import ReportError
from tui_pos.storage.engine import reading, writing

DAY = dt.timedelta(days=1)


@pytest.fixture
def tills(engine: Engine) -> tuple[Days, Days]:
    """Two tills, two days, the second till with more sales."""
    stock_shop(engine)
    one, two = Days(engine), Days(engine, "till2")
    for _day in range(2):
        one.trade(1)
        one.close()
        two.trade(3)
        two.close()
    return one, two


def test_days_are_summed_over_tills(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    with reading(one.engine) as session:
        day = combine(session, one.shop, OWNER, FIRST_DAY, FIRST_DAY)
        both = combine(session, one.shop, OWNER, FIRST_DAY, FIRST_DAY + DAY)

    assert [(z.till, z.number) for z in day.members] == [("till1", 1), ("till2", 1)]
    assert len(both.members) == 4
    for combined in (day, both):
        total = combined.figures
        for name in ("receipts", "gross_minor", "net_minor", "tax_minor", "sales_minor", "no_sales"):
            assert getattr(total, name) == sum(getattr(z, name) for z in combined.members), name
        assert sum(t.gross_minor for t in total.taxes) == total.gross_minor
        assert sum(t.amount_minor for t in total.tenders) == total.gross_minor
        assert sum(d.amount_minor for d in total.departments) == total.gross_minor
        assert [t.kind for t in total.tenders] == ["card", "cash"]
        assert total.cash.over_short_minor == sum(z.cash.over_short_minor or 0 for z in combined.members)
    newest = [z for z in both.members if z.number == 2]
    assert both.figures.perpetual.net_minor == sum(z.perpetual.net_minor for z in newest)
    assert both.figures.perpetual.net_minor == both.figures.gross_minor


def test_the_page_and_the_json_name_the_zs(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    with reading(one.engine) as session:
        day = combine(session, one.shop, OWNER, FIRST_DAY, FIRST_DAY)
    lines = [line.split() for line in to_text(day.document(one.shop), 42).splitlines()]
    assert ["ALL", "TILLS"] in lines
    for z in day.members:
        place = lines.index(["Z", "000001,", z.till, f"{z.gross_minor / 100:.2f}"])
        assert lines[place + 1] == ["Receipt", "numbers", "1", "-", str(z.last_receipt)]
    place = lines.index(["Paid", "out", "(2)", "-10.00"])
    assert lines[place + 2][-2:] == ["Owner,", "till1"]
    assert lines[place + 4][-2:] == ["Owner,", "till2"]
    place = lines.index(["Drawer", "opened", "without", "a", "sale", "2"])
    assert lines[place + 1] == ["change", "for", "the", "bus"]
    assert lines[place + 4][-2:] == ["Owner,", "till2"]
    content = day.content()
    assert content["kind"] == "SHOP"
    assert [(z["till"], z["number"], z["first_receipt"]) for z in content["reports"]] == [
        ("till1", 1, 1),
        ("till2", 1, 1),
    ]
    assert [entry["till"] for entry in content["cash_entries"]] == ["till1", "till2"]


def test_a_till_without_a_shift_counts_as_nothing_and_one_that_is_open_is_not_counted_yet(
    tills: tuple[Days, Days],
) -> None:
    one, _two = tills
    third = Days(one.engine, "till3")
    third.scan("100")
    third.desk.pay_card(third.desk.basket.due_minor, "", "")
    third.close()
    with reading(one.engine) as session:
        day = combine(session, one.shop, OWNER, FIRST_DAY, FIRST_DAY)
    assert [z.cash.counted_minor for z in day.members] == [11_000, 11_000, None]
    assert day.figures.cash.counted_minor == 22_000
    assert day.figures.cash.over_short_minor == sum(z.cash.over_short_minor or 0 for z in day.members)
    assert "of it in no drawer" not in to_text(day.document(one.shop), 48)

    one.trade(1)
    with third.writing() as session:
        open_shift(session, third.shop, "drawer", count_sum(5_000), OWNER, third.now())
        now = combine_now(session, one.shop, OWNER, one.now())
    assert [x.till for x in now.members] == ["till1", "till3"]
    assert now.figures.cash.counted_minor is None


def test_cash_of_no_shift_is_told_beside_what_was_counted(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    third = Days(one.engine, "till3")
    third.sell("100")
    third.close()
    with reading(one.engine) as session:
        day = combine(session, one.shop, OWNER, FIRST_DAY, FIRST_DAY)
    lines = [" ".join(line.split()) for line in to_text(day.document(one.shop), 48).splitlines()]
    assert "of it in no drawer that is counted 1.90" in lines


def test_days_without_a_z_have_no_sum(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    with reading(one.engine) as session, pytest.raises(ReportError, match="No till"):
        combine(session, one.shop, OWNER, FIRST_DAY - DAY, FIRST_DAY - DAY)
    with reading(one.engine) as session, pytest.raises(NotAllowed):
        combine(session, one.shop, CASHIER, FIRST_DAY, FIRST_DAY)


def test_an_x_of_all_tills_holds_what_no_z_holds_yet(tills: tuple[Days, Days]) -> None:
    one, two = tills
    Days(one.engine, "till3").sell("100")
    two.sell("200")
    with writing(one.engine) as session:
        now = combine_now(session, one.shop, OWNER, one.now())
        again = combine_now(session, one.shop, OWNER, one.now())

    assert [(x.till, x.kind, x.gross_minor) for x in now.members] == [
        ("till2", "X", 320),
        ("till3", "X", 189),
    ]
    assert (now.figures.kind, now.figures.till, now.figures.gross_minor) == ("X", "till2, till3", 509)
    assert again.figures.gross_minor == 509
    text = to_text(now.document(one.shop), 42)
    assert "X REPORT" in text
    assert "X report, till3" in text
    assert "Nothing was closed by this." in text


def test_an_x_of_tills_at_which_nothing_happened(engine: Engine) -> None:
    stock_shop(engine)
    days = Days(engine)
    with writing(engine) as session:
        assert combine_now(session, days.shop, OWNER, days.now()).figures.receipts == 0


def test_the_days_that_have_zs(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    with reading(one.engine) as session:
        assert days_with_zs(session, OWNER) == [(FIRST_DAY + DAY, 2), (FIRST_DAY, 2)]


def test_who_prints_all_tills_is_noted(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    with writing(one.engine) as session:
        together = combine(session, one.shop, OWNER, FIRST_DAY, FIRST_DAY)
        print_combined(session, one.shop, together, OWNER, one.now())
        bodies = session.scalars(
            select(JournalEntry.body).where(JournalEntry.event == "all_tills_printed")
        ).all()
        titles = session.scalars(select(PrintJob.title).where(PrintJob.kind == "report")).all()
    assert [json.loads(body)["data"]["gross_minor"] for body in bodies] == [together.figures.gross_minor]
    assert "All tills, till1, till2" in titles
