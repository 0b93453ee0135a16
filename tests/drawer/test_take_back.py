"""What was paid in, paid out or dropped by mistake is taken back: once, by a movement that names it."""

import json

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from hardware.document import from_json, to_text
from tests.drawer.conftest import Counting
from tests.rigs.people import CASHIER, OWNER
from tui_pos.drawer.cash import CashKind
from tui_pos.drawer.errors import DrawerError
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.payments.models import CashMovement
from tui_pos.people.actor import NotAllowed
from tui_pos.people.permissions import Permission
from tui_pos.printing.models import PrintJob
from tui_pos.reports.audit import verify_books
from tui_pos.reports.figures import CashEntry, Figures, from_bytes
from tui_pos.reports.z import make_x, make_z
from tui_pos.storage.engine import reading, writing

KINDS = list(CashKind)


def all_movements(till: Counting) -> list[CashMovement]:
    with reading(till.engine) as session:
        return list(session.scalars(select(CashMovement).order_by(CashMovement.at)))


def x_of(till: Counting) -> Figures:
    with writing(till.engine) as session:
        return make_x(session, till.shop, OWNER, till.now())


@pytest.mark.parametrize("kind", KINDS)
def test_the_drawer_is_expected_to_hold_what_it_held(till: Counting, kind: CashKind) -> None:
    till.open(10_000)
    till.move(kind, 5_000, "stamps")
    (meant,) = till.movements()
    assert (meant.kind, meant.amount_minor, meant.reason) == (kind, 5_000, "stamps")

    till.take_back(meant.id)

    assert till.expected_minor == 10_000
    assert till.movements() == []
    first, undoing = all_movements(till)
    assert (undoing.takes_back, undoing.kind) == (first.id, first.kind)
    assert undoing.amount_minor == -first.amount_minor
    assert (first.takes_back, undoing.reason) == (None, "mistyped")


def test_the_journal_vouches_for_it_and_a_slip_tells_it(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.PAID_OUT, 5_000, "stamps")
    till.take_back(till.movements()[0].id, "it was 5.00")

    with reading(till.engine) as session:
        chain.verify(session, till.shop.till, chain.EVENTS)
        entry = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).first()
        slip = session.scalars(select(PrintJob).where(PrintJob.kind == "slip")).all()[-1]
        verify_books(session, OWNER)
    assert entry is not None
    body = json.loads(entry.body)
    (stated,) = body["rows"]["cash_movement"]
    assert (body["event"], body["data"]) == (
        "cash_taken_back",
        {"drawer": "drawer", "reason": "it was 5.00"},
    )
    assert (stated["amount_minor"], stated["takes_back"]) == (5_000, str(all_movements(till)[0].id))
    text = " ".join(to_text(from_json(slip.document), 32).split())
    for wanted in ("Taken back: Paid out", "-50.00", "stamps", "it was 5.00", "Signature"):
        assert wanted in text


def test_x_and_z_show_both(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.PAID_OUT, 5_000, "stamps")
    till.move(CashKind.PAID_OUT, 500, "stamps, again")
    till.take_back(till.movements()[1].id, "one nought too many")

    first, second, undoing = all_movements(till)
    x = x_of(till)
    assert (x.cash.paid_out_minor, x.cash.expected_minor) == (500, 9_500)
    assert x.cash_entries == (
        CashEntry("paid_out", 5_000, "stamps", at=first.at, by="Owner", drawer="drawer"),
        CashEntry("paid_out", 500, "stamps, again", at=second.at, by="Owner", drawer="drawer"),
        CashEntry(
            "paid_out",
            -5_000,
            "one nought too many",
            "stamps",
            at=undoing.at,
            by="Owner",
            drawer="drawer",
            takes_back_at=first.at,
        ),
    )
    assert x.drawer_openings == 3
    till.close(9_500)
    with writing(till.engine, durable=True) as session:
        report = make_z(session, till.shop, OWNER, till.now())
        assert from_bytes(report.content).cash_entries == x.cash_entries
        page = to_text(from_json(report.document), 48)
    lines = [" ".join(line.split()) for line in page.splitlines()]
    place = lines.index("Paid out (3) -5.00")
    assert lines[place + 1 : place + 7] == [
        "stamps -50.00",
        "02/03/2026 20:00, Owner",
        "stamps, again -5.00",
        "02/03/2026 20:00, Owner",
        "takes back “stamps” of 20:00: one nought",
        "too many 50.00",
    ]


def test_it_is_taken_back_once(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.DROP, 5_000)
    (meant,) = till.movements()
    till.take_back(meant.id)
    with pytest.raises(DrawerError, match="already"):
        till.take_back(meant.id)
    assert till.expected_minor == 10_000


def test_the_database_itself_takes_nothing_back_twice(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.DROP, 5_000)
    till.take_back(till.movements()[0].id)
    undoing = all_movements(till)[1]
    columns = CashMovement.__table__.columns.keys()
    again = {name: getattr(undoing, name) for name in columns} | {"id": undoing.shift_id}
    with pytest.raises(IntegrityError), writing(till.engine) as session:
        session.execute(insert(CashMovement).values(again))


def test_what_takes_back_is_not_taken_back_itself_nor_is_a_sale(till: Counting) -> None:
    till.open(10_000)
    till.sell("OAT")
    till.no_sale()
    till.move(CashKind.DROP, 5_000)
    till.take_back(till.movements()[0].id)
    for each in all_movements(till):
        with pytest.raises(DrawerError):
            till.take_back(each.id)


def test_only_in_the_open_shift_of_that_drawer(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.DROP, 5_000)
    (meant,) = till.movements()
    till.close(5_000, 5_000)
    with pytest.raises(DrawerError, match="closed"):
        till.take_back(meant.id)
    till.open(None)
    assert till.movements() == []
    with pytest.raises(DrawerError, match="since this drawer was opened"):
        till.take_back(meant.id)


def test_it_needs_what_the_movement_needs_and_a_reason(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.DROP, 5_000)
    (meant,) = till.movements()
    with pytest.raises(NotAllowed) as refused:
        till.by(CASHIER).take_back(meant.id)
    assert refused.value.permission is Permission.CASH_IN_OUT
    with pytest.raises(DrawerError, match="reason"):
        till.take_back(meant.id, "  ")
    till.by(CASHIER.allowed_by(OWNER, "mistyped")).take_back(meant.id)
    with reading(till.engine) as session:
        entry = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).first()
    assert entry is not None
    assert json.loads(entry.body)["data"]["approved_by"] == OWNER.id


def test_a_count_to_close_with_is_no_longer_true(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.DROP, 5_000)
    kept = till.count(5_000)
    till.take_back(till.movements()[0].id)
    with pytest.raises(DrawerError, match="count it again"):
        till.close_with(kept)
