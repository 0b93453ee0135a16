"""All tills together: the sum of their Zs."""

import datetime as dt

import pytest
from sqlalchemy import Engine

from hardware.document import to_text
from tests.rigs.days import FIRST_DAY, Days
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.shop import stock_shop
from tui_pos.people.actor import NotAllowed
from tui_pos.reports.combined import combine
from tui_pos.reports.errors import ReportError
from tui_pos.storage.engine import reading

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
    assert ["Z", "000001,", "till2"] in lines
    content = day.content()
    assert content["kind"] == "SHOP"
    assert [(z["till"], z["number"]) for z in content["reports"]] == [("till1", 1), ("till2", 1)]


def test_days_without_a_z_have_no_sum(tills: tuple[Days, Days]) -> None:
    one, _two = tills
    with reading(one.engine) as session, pytest.raises(ReportError, match="No till"):
        combine(session, one.shop, OWNER, FIRST_DAY - DAY, FIRST_DAY - DAY)
    with reading(one.engine) as session, pytest.raises(NotAllowed):
        combine(session, one.shop, CASHIER, FIRST_DAY, FIRST_DAY)
