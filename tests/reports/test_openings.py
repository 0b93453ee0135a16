"""Each opening of a drawer on X and Z: by whom, when, why, and counted once; two drawers are told apart."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from hardware.document import from_json, to_text
from tests.drawer.conftest import Counting, stock
from tests.rigs.people import CASHIER, OWNER
from tui_pos.drawer.cash import CashKind, opened_uncounted
from tui_pos.drawer.shifts import Purpose, release
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.models import PrintJob
from tui_pos.reports.documents import report_document
from tui_pos.reports.figures import Figures, from_bytes
from tui_pos.reports.z import make_x, make_z
from tui_pos.sales.shop import DrawerRules, Shop
from tui_pos.storage.engine import reading, writing

NAMES = ("left", "right")


@pytest.fixture
def till(engine: Engine) -> Counting:
    stock(engine)
    return Counting(engine)


@pytest.fixture
def two(till: Counting) -> Counting:
    """The left drawer open with 100.00, the right one with 50.00, which is in hand."""
    return two_drawers(till)


def two_drawers(till: Counting) -> Counting:
    shop = replace(till.shop, drawer=DrawerRules(names=NAMES, required=True))
    till = Counting(till.engine, shop)
    for name, float_minor in zip(NAMES, (10_000, 5_000), strict=True):
        till.desk.take_drawer(name)
        till.open(float_minor)
    return till


def x_of(till: Counting, actor: Actor = OWNER) -> Figures:
    with writing(till.engine) as session:
        return make_x(session, till.shop, actor, till.now())


def z_of(till: Counting) -> Figures:
    with writing(till.engine, durable=True) as session:
        return from_bytes(make_z(session, till.shop, OWNER, till.now()).content)


def leave_the_count(till: Counting, actor: Actor = OWNER) -> None:
    with writing(till.engine, durable=True) as session:
        release(session, till.shop, till.drawer, Purpose.CHECK, actor, till.now())
    with writing(till.engine, durable=True) as session:
        opened_uncounted(session, till.shop, till.drawer, actor, till.now())


def lines_of(figures: Figures, shop: Shop) -> list[str]:
    return [" ".join(line.split()) for line in to_text(report_document(figures, shop), 48).splitlines()]


def test_a_drawer_that_was_not_counted_was_opened_once(till: Counting) -> None:
    till.open()
    leave_the_count(till, CASHIER)
    till.no_sale()
    x = x_of(till)
    with reading(till.engine) as session:
        pulses = session.scalars(select(PrintJob).where(PrintJob.kind == "drawer")).all()
    assert (x.no_sales, x.drawer_openings) == (2, len(pulses)) == (2, 2)


def test_each_opening_without_a_sale_is_listed_until_its_z(till: Counting) -> None:
    till.no_sale("before the drawer was opened")
    till.open()
    leave_the_count(till, CASHIER)
    till.close(10_000)
    z = z_of(till)
    assert [(each.by, each.drawer, each.reason) for each in z.openings] == [
        ("Owner", "drawer", "before the drawer was opened"),
        ("cashier", "drawer", "opened to be counted, and not counted"),
    ]
    lines = lines_of(z, till.shop)
    place = lines.index("Drawer opened without a sale 2")
    assert lines[place + 1 : place + 5] == [
        "before the drawer was opened",
        "02/03/2026 20:00, Owner",
        "opened to be counted, and not counted",
        "02/03/2026 20:00, cashier",
    ]
    till.no_sale("after it")
    assert [each.reason for each in x_of(till).openings] == ["after it"]


def test_the_drawer_stands_with_each_movement_and_on_its_slip(two: Counting) -> None:
    two.move(CashKind.PAID_OUT, 500, "stamps")
    two.take_back(two.movements()[0].id)
    two.no_sale()
    lines = lines_of(x_of(two), two.shop)
    assert lines.count("02/03/2026 20:00, Owner, right") == 3
    with reading(two.engine) as session:
        slips = session.scalars(
            select(PrintJob).where(PrintJob.kind == "slip").order_by(PrintJob.created_at)
        ).all()
    for slip in slips[-2:]:
        assert "till1, shift 2, right" in to_text(from_json(slip.document), 48)


def test_an_x_tells_what_each_open_drawer_should_hold_to_who_may_know(two: Counting) -> None:
    two.move(CashKind.PAID_OUT, 500, "stamps")
    x = x_of(two)
    assert [shift.expected_minor for shift in x.shifts] == [10_000, 4_500]
    lines = lines_of(x, two.shop)
    place = lines.index("Shifts")
    told = [line for line in lines[place:] if line.startswith("Expected")]
    assert told == ["Expected 100.00", "Expected 45.00"]
    rights = replace(OWNER.rights, permissions=OWNER.rights.permissions - {Permission.SEE_EXPECTED})
    blind = x_of(two, replace(OWNER, rights=rights))
    assert [shift.expected_minor for shift in blind.shifts] == [None, None]
