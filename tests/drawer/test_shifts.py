"""Shifts of a drawer: what it should hold, what was found, and what is kept of it. On both databases."""

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from hardware.document import from_json, to_text
from tests.drawer.conftest import EVENING, SHOP, Counting, stock
from tui_pos.drawer.blockers import BlockerKind, DrawerBlocked
from tui_pos.drawer.cash import CashKind, move_cash
from tui_pos.drawer.denominations import count_pieces
from tui_pos.drawer.errors import DrawerError
from tui_pos.drawer.shifts import Purpose, left_in, release, see_expected
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.money.currency import currency
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.payments.models import CashCount, CashMovement, Shift, ShiftClose
from tui_pos.people.actor import NOBODY, NotAllowed, built_in_actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.models import PrintJob
from tui_pos.reports.figures import ReportKind
from tui_pos.reports.period import figures_since_last_z
from tui_pos.sales.attending import leave, take_over
from tui_pos.sales.basket import SaleError
from tui_pos.sales.models import OpenTender, Sale
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import DrawerRules, PriceRules
from tui_pos.storage.engine import open_engine, reading, writing

ADA = built_in_actor("cashier", id="ada", name="Ada")
BO = built_in_actor("supervisor", id="bo", name="Bo")
MOVEMENT = uuid4()
TillOf = Callable[..., Counting]


def entries(till: Counting) -> list[JournalEntry]:
    with reading(till.engine) as session:
        query = select(JournalEntry).where(JournalEntry.stream == chain.EVENTS).order_by(JournalEntry.seq)
        return list(session.scalars(query))


def events(till: Counting) -> list[str]:
    return [entry.event for entry in entries(till)]


def slips(till: Counting, columns: int = 42) -> list[str]:
    with reading(till.engine) as session:
        jobs = session.scalars(select(PrintJob).where(PrintJob.kind == "slip").order_by(PrintJob.id))
        return [to_text(from_json(job.document), columns) for job in jobs]


# What the drawer should hold


def test_change_is_not_in_the_expected_cash(till: Counting) -> None:
    till.open(10_000)

    till.sell("OAT", given_minor=5_000)

    assert till.expected_minor == 10_000 + 189


def test_cards_are_not_in_it_either(till: Counting) -> None:
    till.open(10_000)

    till.sell_by_card("OAT", "BREAD")

    assert till.expected_minor == 10_000


def test_part_card_part_cash_counts_the_cash(till: Counting) -> None:
    till.open(0)
    till.desk.scan(Scanned("BREAD"))
    till.desk.pay_card(200, "", "")

    till.sell(given_minor=500)

    assert till.expected_minor == 120


def test_refunds_leave_it(till: Counting) -> None:
    till.open(10_000)
    sold = till.sell("OAT", "BREAD", given_minor=1_000)

    till.desk.return_goods(sold.sale_id, {1: Decimal(1)})
    till.sell()

    assert till.expected_minor == 10_000 + 320


def test_cash_is_counted_as_it_was_rounded(till_of: TillOf) -> None:
    francs = PriceRules(currency("CHF"), True, TaxRounding.RECEIPT)
    till = till_of(rules=francs, cash_rounding=CashRounding(5))
    till.open(10_000)

    till.sell("OAT")  # 1.89 pays 1.90
    till.sell("MILK", given_minor=2_000)  # 1.19 pays 1.20

    assert till.expected_minor == 10_000 + 190 + 120


def test_what_comes_and_goes_without_a_sale_counts(till: Counting) -> None:
    till.open(10_000)

    till.move(CashKind.PAID_IN, 5_000)
    till.move(CashKind.PAID_OUT, 1_250)
    till.move(CashKind.DROP, 8_000)
    till.no_sale()

    assert till.expected_minor == 10_000 + 5_000 - 1_250 - 8_000


Acts = st.lists(
    st.one_of(
        st.tuples(st.just("cash"), st.sampled_from(["OAT", "BREAD", "MILK"]), st.integers(0, 5_000)),
        st.tuples(st.just("card"), st.sampled_from(["OAT", "BREAD", "MILK"]), st.just(0)),
        st.tuples(st.just("in"), st.just(""), st.integers(1, 50_000)),
        st.tuples(st.just("out"), st.just(""), st.integers(1, 50_000)),
        st.tuples(st.just("drop"), st.just(""), st.integers(1, 50_000)),
        st.tuples(st.just("count"), st.just(""), st.integers(0, 50_000)),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Counting:
    """One till for many days: each example opens and closes its own shift."""
    path = tmp_path_factory.mktemp("standing") / "shop.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    stock(engine)
    return Counting(engine)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(float_minor=st.integers(0, 50_000), acts=Acts, counted=st.integers(0, 200_000), left=st.integers(0, 9))
def test_over_or_short_is_what_was_counted_less_what_is_expected(
    standing: Counting, float_minor: int, acts: list[tuple[str, str, int]], counted: int, left: int
) -> None:
    till = standing
    prices = {"OAT": 189, "BREAD": 320, "MILK": 119}
    kinds = {"in": CashKind.PAID_IN, "out": CashKind.PAID_OUT, "drop": CashKind.DROP}
    shift = till.open(float_minor)
    hand_made = float_minor
    for act, sku, amount in acts:
        if act == "cash":
            till.sell(sku, given_minor=prices[sku] + amount)
            hand_made += prices[sku]
        elif act == "card":
            till.sell_by_card(sku)
        elif act == "count":
            till.count(amount, Purpose.CHECK)
        else:
            till.move(kinds[act], amount)
            hand_made += amount if act == "in" else -amount

    left_minor = counted * left // 9
    closed = till.close(counted, left_minor, explanation="we cannot tell")

    with reading(till.engine) as session:
        row = session.get_one(ShiftClose, shift.id)
        assert (row.counted_minor, row.expected_minor) == (counted, hand_made)
        assert left_in(session, till.shop, till.drawer) == left_minor
    assert closed.taken_minor == counted - left_minor


def test_the_z_reports_expect_what_the_drawer_expects(till: Counting) -> None:
    till.open(10_000)
    till.sell("OAT", given_minor=1_000)
    till.move(CashKind.DROP, 5_000)
    till.count(123, Purpose.CHECK)
    expected = till.expected_minor

    with writing(till.engine) as session:
        figures = figures_since_last_z(session, till.shop, till.actor, till.now(), ReportKind.X)

    assert figures.cash.expected_minor == expected
    assert (figures.cash.counted_minor, figures.cash.drops_minor) == (None, 5_000)


# Opening


def test_a_float_is_counted_coin_by_coin(till: Counting) -> None:
    counted = count_pieces({5_000: 1, 1_000: 4, 50: 20, 1: 0}, currency("EUR"))

    opened = till.open(counted=counted)

    with reading(till.engine) as session:
        kept = session.scalars(select(CashCount)).one()
        shift = session.scalars(select(Shift)).one()
    assert opened.float_minor == shift.float_minor == kept.total_minor == 10_000
    assert json.loads(kept.pieces) == {"5000": 1, "1000": 4, "50": 20, "1": 0}
    assert (kept.purpose, kept.blind, shift.carried_over) == ("open", False, False)


def test_what_was_left_is_carried_over(till: Counting) -> None:
    till.open(10_000)
    till.close(10_000, left_minor=7_500)

    opened = till.open(None)

    assert (opened.number, opened.float_minor) == (2, 7_500)
    assert till.expected_minor == 7_500
    assert "Carried over" in slips(till)[-1]


def test_a_float_that_is_not_what_was_left_shows(till: Counting) -> None:
    till.open(10_000)
    till.close(10_000, left_minor=10_000)

    till.open(9_800)

    assert "-2.00" in slips(till)[-1]
    with reading(till.engine) as session:
        counts = list(session.scalars(select(CashCount).where(CashCount.purpose == "open")))
    assert sorted(count.expected_minor for count in counts) == [0, 10_000]


def test_nothing_is_carried_over_into_the_first_shift(till: Counting) -> None:
    with pytest.raises(DrawerError, match="never closed"):
        till.open(None)


def test_a_drawer_is_opened_once(till: Counting) -> None:
    till.open()

    with pytest.raises(DrawerError, match="Shift 1 of this drawer is open already"):
        till.open()


def test_cash_needs_an_open_drawer(till: Counting) -> None:
    till.desk.scan(Scanned("OAT"))

    with pytest.raises(SaleError, match="/open"):
        till.desk.pay_cash(189)

    assert till.desk.basket.tenders == ()
    till.open()
    assert till.desk.pay_cash(189) is not None


def test_a_card_needs_none(till: Counting) -> None:
    assert till.sell_by_card("OAT").number == 1


def test_a_shop_may_do_without(till_of: TillOf) -> None:
    till = till_of(drawer=DrawerRules(required=False))

    till.sell("OAT")

    with reading(till.engine) as session:
        assert session.scalars(select(CashMovement.shift_id)).one() is None


def test_practising_needs_no_drawer(till: Counting) -> None:
    till.desk.train(True)

    till.sell("OAT")

    with reading(till.engine) as session:
        assert session.scalars(select(CashMovement)).all() == []


def test_sales_are_booked_on_the_shift(till: Counting) -> None:
    shift = till.open()

    till.sell("OAT")
    till.sell_by_card("BREAD")
    till.no_sale()

    with reading(till.engine) as session:
        assert set(session.scalars(select(Sale.shift_id))) == {shift.id}
        assert set(session.scalars(select(CashMovement.shift_id))) == {shift.id}


# Counting and closing


@pytest.mark.parametrize("counted", [0, 9_999, 10_000, 10_001, 5_000_000])
def test_a_drawer_is_closed_with_whatever_was_counted(till: Counting, counted: int) -> None:
    till.open(10_000)

    till.close(counted, explanation="" if counted == 10_000 else "a guess")

    assert till.desk.shift is None


def test_a_difference_wants_an_explanation(till: Counting) -> None:
    till.open(10_000)
    kept = till.count(9_900)

    with pytest.raises(DrawerError, match="explain"):
        till.close_with(kept, explanation="  ")
    till.close_with(kept, explanation="wrong change, a note of 1.00")

    with reading(till.engine) as session:
        row = session.scalars(select(ShiftClose)).one()
    assert (row.expected_minor, row.counted_minor) == (10_000, 9_900)
    assert row.explanation == "wrong change, a note of 1.00"


def test_only_the_difference_is_a_difference(till: Counting) -> None:
    till.open(10_000)
    till.sell("OAT", "BREAD", given_minor=2_000)

    till.close(10_500, explanation="one coin short")

    with writing(till.engine) as session:
        figures = figures_since_last_z(session, till.shop, till.actor, till.now(), ReportKind.X)
    assert (figures.cash.expected_minor, figures.cash.over_short_minor) == (10_509, -9)


def test_the_second_shift_begins_with_its_own_float(till: Counting) -> None:
    till.open(10_000)
    till.sell("OAT")
    till.close(10_189, left_minor=5_000)

    till.open(None)
    till.sell("BREAD")

    assert till.expected_minor == 5_000 + 320


def test_a_drawer_is_closed_once(till: Counting) -> None:
    till.open(10_000)
    kept = till.count(10_000)
    till.close_with(kept)

    with pytest.raises(DrawerError, match="closed"):
        till.close_with(kept)
    with pytest.raises(DrawerError, match="closed"):
        till.count(10_000)


def test_every_recount_is_kept(till: Counting) -> None:
    till.open(10_000)

    for total in (9_000, 9_500, 10_000):
        till.count(total)

    with reading(till.engine) as session:
        counts = session.scalars(select(CashCount).where(CashCount.purpose == "close"))
        assert sorted(count.total_minor for count in counts) == [9_000, 9_500, 10_000]
    assert events(till).count("counted") == 3


def test_a_count_that_is_no_longer_true_closes_nothing(till: Counting) -> None:
    till.open(10_000)
    kept = till.count(10_000)
    till.sell("OAT")

    with pytest.raises(DrawerError, match="since the drawer was counted"):
        till.close_with(kept)


def test_a_count_in_between_closes_nothing(till: Counting) -> None:
    till.open(10_000)

    with pytest.raises(DrawerError, match="not counted to be closed"):
        till.close_with(till.count(10_000, Purpose.CHECK))


def test_no_more_is_left_than_there_is(till: Counting) -> None:
    till.open(10_000)

    with pytest.raises(DrawerError, match="No more"):
        till.close(10_000, left_minor=10_001)


def test_who_may_not_know_learns_only_whether_it_agrees(till: Counting) -> None:
    till.open(10_000)
    ada = till.by(ADA)
    ada.desk.take_drawer(till.drawer)

    wrong, right = ada.count(9_000), ada.count(10_000)

    assert (wrong.agrees, wrong.expected_minor, wrong.over_short_minor) == (False, None, None)
    assert (right.agrees, right.expected_minor) == (True, None)
    ada.count(9_000, Purpose.CHECK)
    ada.close_with(wrong, explanation="who knows")
    assert not any("Expected" in slip for slip in slips(till))


def test_who_may_know_is_told_after_the_count(till: Counting) -> None:
    till.open(10_000)
    bo = till.by(BO)
    bo.desk.take_drawer(till.drawer)

    kept = bo.count(9_900)

    assert (kept.expected_minor, kept.over_short_minor) == (10_000, -100)
    bo.close_with(kept, explanation="short")
    assert "Expected" in slips(till)[-1]
    assert "-1.00" in slips(till)[-1]


def test_a_count_is_blind_unless_the_shop_shows_what_is_expected(till_of: TillOf) -> None:
    till = till_of(drawer=DrawerRules(required=True, blind=False))
    till.open(10_000)
    till.count(10_000, Purpose.CHECK)
    till.by(ADA).count(10_000, Purpose.CHECK)

    with reading(till.engine) as session:
        counts = session.scalars(select(CashCount).where(CashCount.purpose == "check").order_by(CashCount.id))
        assert {count.actor: count.blind for count in counts} == {"owner": False, "ada": True}


# What is in the way


def test_an_open_sale_is_in_the_way(till: Counting) -> None:
    till.open(10_000)
    till.desk.scan(Scanned("OAT"))

    with pytest.raises(DrawerBlocked) as blocked:
        till.close(10_000)

    assert [blocker.kind for blocker in blocked.value.blockers] == [BlockerKind.OPEN_SALE]
    till.desk.void_sale("gone")
    till.close(10_000)


def test_a_payment_in_flight_is_in_the_way(till: Counting) -> None:
    till.open(10_000)
    till.desk.scan(Scanned("OAT"))
    with writing(till.engine) as session:
        session.execute(
            insert(OpenTender).values(
                id=uuid4(),
                sale_id=till.desk.basket.id,
                position=1,
                state="in_flight",
                taken_at=EVENING,
                kind="card",
                amount_minor=189,
                given_minor=189,
                entered_by_hand=False,
                authorisation="",
                last_four="",
            )
        )

    with pytest.raises(DrawerBlocked) as blocked:
        till.close(10_000)

    kinds = [blocker.kind for blocker in blocked.value.blockers]
    assert kinds == [BlockerKind.OPEN_SALE, BlockerKind.IN_FLIGHT]


@pytest.mark.parametrize("in_the_way", [True, False])
def test_held_sales_are_in_the_way_as_the_shop_says(till_of: TillOf, in_the_way: bool) -> None:
    till = till_of(held_sales_block=in_the_way)
    till.open(10_000)
    till.desk.scan(Scanned("OAT"))
    till.desk.hold("the customer's name")

    if in_the_way:
        with pytest.raises(DrawerBlocked, match="1 sale is held"):
            till.close(10_000)
    else:
        till.close(10_000)


def test_a_practised_sale_is_in_nobodys_way(till: Counting) -> None:
    till.open(10_000)
    till.desk.train(True)
    till.desk.scan(Scanned("OAT"))

    till.close(10_000)


# Several drawers, several days


def test_two_drawers_hold_their_own(till_of: TillOf) -> None:
    till = till_of(drawer=DrawerRules(names=("left", "right"), required=True))
    ada, bo = till.by(ADA), till.by(BO)

    ada.open(10_000)
    bo.desk.take_drawer()
    bo.open(5_000)
    ada.sell("OAT")
    bo.sell("BREAD")

    assert (ada.drawer, bo.drawer) == ("left", "right")
    assert (ada.expected_minor, bo.expected_minor) == (10_189, 5_320)
    assert (till.by(ADA).drawer, till.by(BO).drawer) == ("left", "right")  # also after a restart
    assert [shift.number for shift in (ada.desk.shift, bo.desk.shift) if shift] == [1, 2]
    ada.close(10_189)
    assert bo.expected_minor == 5_320


@pytest.mark.parametrize("restarted", [False, True])
def test_a_sale_that_is_half_paid_ends_in_the_drawer_that_it_began_with(
    till_of: TillOf, restarted: bool
) -> None:
    till = till_of(drawer=DrawerRules(names=("left", "right"), required=True))
    ada, bo = till.by(ADA), till.by(BO)
    ada.open(10_000)
    bo.desk.take_drawer()
    bo.open(5_000)

    desk = till.by(ADA).desk
    desk.scan(Scanned("BREAD"))
    assert desk.pay_cash(100) is None
    leave(desk, "lock")
    if restarted:
        desk = till.by(NOBODY).desk
    assert take_over(desk, BO)
    assert desk.pay_cash(220) is not None

    assert (ada.expected_minor, bo.expected_minor) == (10_320, 5_000)
    assert desk.drawer == "right"  # the next sale is Bo's own


def test_a_second_cashier_takes_over_the_only_drawer(till: Counting) -> None:
    till.by(ADA).open(10_000)

    bo = till.by(BO)
    bo.sell("OAT")

    assert bo.expected_minor == 10_189


def test_a_night_belongs_to_one_shift_and_one_day(till: Counting) -> None:
    shift = till.open(10_000)
    till.sell("OAT")
    till.clock = EVENING + dt.timedelta(hours=5, minutes=30)
    till.sell("BREAD")
    till.clock += dt.timedelta(minutes=30)

    till.close(10_509)

    with reading(till.engine) as session:
        sales = session.scalars(select(Sale).order_by(Sale.number)).all()
        closed = session.scalars(select(ShiftClose)).one()
    assert {sale.business_date for sale in sales} == {dt.date(2026, 3, 2)}
    assert {sale.shift_id for sale in sales} == {shift.id}
    assert closed.expected_minor == closed.counted_minor


def test_a_shift_in_another_currency_is_closed_first(till: Counting) -> None:
    till.open(10_000)
    euros = till.shop.rules
    abroad = Counting(till.engine, replace(SHOP, rules=replace(euros, currency=currency("SEK"))))
    abroad.desk.scan(Scanned("OAT"))

    with pytest.raises(SaleError, match="opened in EUR"):
        abroad.desk.pay_cash(200)
    with pytest.raises(DrawerError, match="opened in EUR"):
        abroad.count(0)
    till.desk.take_drawer()
    abroad.desk.void_sale("a mistake")
    till.close(10_000, left_minor=10_000)
    with pytest.raises(DrawerError, match="never closed"):
        abroad.open(None)


# The journal


def test_everything_stands_in_the_journal(till: Counting) -> None:
    till.open(10_000)
    till.move(CashKind.PAID_IN, 500, "from the bank")
    till.move(CashKind.PAID_OUT, 300, "stamps")
    till.move(CashKind.DROP, 200, "to the safe")
    till.no_sale("a stuck coin")
    with writing(till.engine) as session:
        release(session, till.shop, till.drawer, Purpose.CLOSE, till.actor, till.now())
    till.close(10_000)

    assert events(till) == [
        "shift_opened",
        "paid_in",
        "paid_out",
        "drop",
        "no_sale",
        "drawer_opened",
        "counted",
        "shift_closed",
    ]
    stated = [json.loads(entry.body).get("rows", {}) for entry in entries(till)]
    assert set(stated[0]) == {"shift", "cash_count"}
    assert stated[1]["cash_movement"][0]["amount_minor"] == 500
    assert stated[2]["cash_movement"][0]["amount_minor"] == -300
    assert stated[6]["cash_count"][0]["total_minor"] == 10_000
    assert stated[7]["shift_close"][0]["expected_minor"] == 10_000
    with reading(till.engine) as session:
        chain.verify(session, till.shop.till, chain.EVENTS)


def test_who_allowed_it_stands_there_too(till: Counting) -> None:
    till.open(10_000)
    ada = till.by(ADA)
    with pytest.raises(NotAllowed):
        ada.move(CashKind.PAID_OUT, 300, "stamps")

    till.by(ADA.allowed_by(BO, "the letters must go")).move(CashKind.PAID_OUT, 300, "stamps")

    said = json.loads(entries(till)[-1].body)
    assert (said["actor"], said["data"]["approved_by"]) == ("ada", "bo")


@pytest.mark.parametrize(
    ("role", "act", "permission"),
    [
        ("bookkeeper", lambda till: till.open(), Permission.SHIFT),
        ("bookkeeper", lambda till: till.count(0), Permission.SHIFT),
        ("cashier", lambda till: till.move(CashKind.DROP, 1), Permission.CASH_IN_OUT),
        ("cashier", lambda till: till.no_sale(), Permission.NO_SALE),
        ("cashier", lambda till: expected_for(till), Permission.SEE_EXPECTED),
    ],
)
def test_acts_need_their_permission(
    till: Counting, role: str, act: Callable[[Counting], object], permission: Permission
) -> None:
    with pytest.raises(NotAllowed) as refused:
        act(till.by(built_in_actor(role)))

    assert refused.value.permission is permission


def expected_for(till: Counting) -> int:
    with reading(till.engine) as session:
        return see_expected(session, till.shop, till.drawer, till.actor)


# Cash without a sale


def test_a_movement_that_is_asked_for_again_is_booked_once(till: Counting) -> None:
    till.open(10_000)
    for _press in range(2):
        with writing(till.engine, durable=True) as session:
            move_cash(
                session,
                till.shop,
                till.drawer,
                CashKind.PAID_OUT,
                300,
                "stamps",
                till.actor,
                till.now(),
                movement_id=MOVEMENT,
            )

    assert till.expected_minor == 9_700
    assert events(till).count("paid_out") == 1


@pytest.mark.parametrize(("amount", "reason"), [(0, "stamps"), (-5, "stamps"), (10**13, "stamps"), (5, "  ")])
def test_a_movement_needs_an_amount_and_a_reason(till: Counting, amount: int, reason: str) -> None:
    till.open(10_000)

    with pytest.raises(DrawerError):
        till.move(CashKind.PAID_OUT, amount, reason)


def test_nothing_moves_while_the_drawer_is_closed(till: Counting) -> None:
    with pytest.raises(DrawerError, match="/open"):
        till.move(CashKind.PAID_IN, 500)


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_slips_fit_every_paper(till: Counting, columns: int) -> None:
    till.open(counted=count_pieces({5_000: 1, 1: 12_345}, currency("EUR")))
    till.move(CashKind.DROP, 123_456_789, "to the safe, with the day's letters and everything else besides")
    till.count(7, Purpose.CHECK)
    till.close(1_000_000_000, explanation="one more word than fits a line of narrow paper")

    pages = slips(till, columns)

    assert len(pages) == 4
    assert all(len(line) <= columns for page in pages for line in page.splitlines())
    assert "1,234,567.89" in pages[1]
    assert "12345 × 0.01" in pages[0]


def test_a_till_without_a_printer_keeps_its_slips(till_of: TillOf) -> None:
    till = till_of(prints=False)
    till.open(10_000)
    till.move(CashKind.DROP, 500)
    with writing(till.engine) as session:
        release(session, till.shop, till.drawer, Purpose.CHECK, till.actor, till.now())

    with reading(till.engine) as session:
        assert set(session.scalars(select(PrintJob.state))) == {"dismissed"}
    assert "drawer_opened" not in events(till)


def test_an_old_shift_is_found_among_many(sqlite_engine: Engine) -> None:
    stock(sqlite_engine)
    till = Counting(sqlite_engine, replace(SHOP, drawer=DrawerRules(names=("a", "b"), required=True)))
    till.desk.take_drawer("b")
    till.open(700)
    for _day in range(3):
        till.desk.take_drawer("a")
        till.open(100)
        till.close(100)

    till.desk.take_drawer("b")

    assert till.expected_minor == 700


def test_a_slip_says_each_thing_once(till: Counting) -> None:
    till.open()
    till.move(CashKind.PAID_OUT, 500, "stamps")
    with reading(till.engine) as session:
        head = chain.head(session, "till1", chain.EVENTS)
    lines = [line.split() for line in slips(till)[-1].splitlines()]
    assert [" ".join(line) for line in lines].count("Paid out") == 1
    assert ["Amount", "5.00"] in lines
    assert ["Owner", "proof", head.hash.hex()[:12]] in lines


def test_each_act_opens_the_drawer_that_it_is_about(till_of: TillOf) -> None:
    till = till_of(drawer=DrawerRules(names=("left", "right"), required=True))
    till.desk.take_drawer("right")
    till.open()
    till.sell("OAT")
    till.no_sale()
    till.move(CashKind.DROP, 100)
    with writing(till.engine) as session:
        release(session, till.shop, "right", Purpose.CHECK, till.actor, till.now())
        jobs = session.scalars(select(PrintJob.title).where(PrintJob.kind == "drawer")).all()
    assert jobs == ["right"] * 4
