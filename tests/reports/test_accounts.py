"""A Z in double entry: every journal sums to nought, and cash is what lies in the drawers."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rigs.zs import shift, tax, z
from tui_pos.reports.accounts import Accounts, Left, Rate, Role, entries_of
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import CashEntry, Figures, TaxFigures

ACCOUNTS = Accounts(
    cash="cash",
    safe="safe",
    cash_rounding="rounding",
    over_short="over",
    paid_in="in",
    paid_out="out",
    tenders={"": "clearing:{tender}"},
    sales={"": "sales:{class}:{rate}"},
    tax={"": "tax:{class}:{percent}"},
)


def sums(figures: Figures, left: Left | None = None) -> list[dict[str, int]]:
    """What each journal comes to, by account."""
    told = []
    for entry in entries_of(figures, ACCOUNTS, {} if left is None else left):
        by_account: Counter[str] = Counter()
        for posting in entry.postings:
            by_account[posting.account] += posting.amount_minor
        told.append(dict(by_account))
    return told


def test_a_day_with_some_of_everything() -> None:
    """52.30 at 23 %, 13.50 at 13.5 % and 3.00 of nothing; 30.00 by card; 38.82 in cash came to 38.80, and so on."""
    figures = z(
        17,
        taxes=[
            tax("standard", "23", 4254, 978),
            tax("super_reduced", "13.5", 1189, 161),
            tax("zero", "0", 300, 0, "zero"),
        ],
        tenders={"card": 3000, "cash": 3882},
        rounding_minor=-2,
        entries=[
            CashEntry("paid_in", 2000, "change from the bank"),
            CashEntry("paid_out", 450, "milk"),
            CashEntry("drop", 2500, "too much in the drawer"),
        ],
        shifts=[shift(1, 10000, 12925, 8000)],
        over_short_minor=-5,
    )
    takings, safe = sums(figures)
    assert takings == {
        "sales:standard:23": -4254,
        "sales:super-reduced:13-5": -1189,
        "sales:zero:0": -300,
        "tax:standard:23": -978,
        "tax:super-reduced:13.5": -161,
        "clearing:card": 3000,
        "cash": 3880 + 2000 - 450 - 5,
        "rounding": 2,
        "in": -2000,
        "out": 450,
        "over": 5,
    }
    assert safe == {"cash": 10000 - 4925 - 2500, "safe": -10000 + 4925 + 2500}
    assert takings["cash"] + safe["cash"] == 8000


def test_what_an_entry_is_called() -> None:
    entries = entries_of(
        z(17, taxes=[tax("standard", "23", 100, 23)], shifts=[shift(1, 500, 623, 500)]), ACCOUNTS, {}
    )
    assert [(e.number, e.narration, e.date.isoformat()) for e in entries] == [
        ("Z000017", "till1 daily close", "2026-11-20"),
        ("Z000017", "till1 drawer and safe", "2026-11-20"),
    ]
    sold = entries[0].postings[0]
    assert (sold.role, sold.text, sold.rate) == (
        Role.SALES,
        "sales standard 23 %",
        Rate("standard", "taxed", Decimal(23)),
    )


def test_a_day_of_nothing_is_no_entry() -> None:
    assert entries_of(z(), ACCOUNTS, {}) == []


def test_refunds_go_the_other_way() -> None:
    assert sums(z(taxes=[tax("standard", "23", -1000, -230)], tenders={"card": -1230})) == [
        {"sales:standard:23": 1000, "tax:standard:23": 230, "clearing:card": -1230}
    ]


def test_what_was_taken_back_stands_beside_what_it_takes_back() -> None:
    entries = [CashEntry("paid_out", 5000, "milk"), CashEntry("paid_out", -5000, "it was 5.00", "milk")]
    (takings,) = entries_of(z(entries=entries), ACCOUNTS, {})
    assert [(p.account, p.amount_minor, p.text) for p in takings.postings] == [
        ("cash", -5000, "paid out: milk"),
        ("out", 5000, "paid out: milk"),
        ("cash", 5000, "paid out, taken back: milk: it was 5.00"),
        ("out", -5000, "paid out, taken back: milk: it was 5.00"),
    ]


def test_a_float_that_stayed_in_the_drawer_does_not_come_from_the_safe_again() -> None:
    left: Left = {}
    taxes = [tax("zero", "0", 1000, 0, "zero")]
    assert sums(z(1, taxes=taxes, shifts=[shift(1, 500, 1500, 700)]), left)[1] == {"cash": -300, "safe": 300}
    assert sums(z(2, taxes=taxes, shifts=[shift(2, 700, 1700, 700)]), left)[1] == {
        "cash": -1000,
        "safe": 1000,
    }
    assert sums(z(3, taxes=taxes, shifts=[shift(3, 900, 1900, 0)]), left)[1] == {"cash": -1700, "safe": 1700}
    assert left == {("drawer", "EUR"): 0}


MINOR = st.integers(-(10**9), 10**9)
CLASSES = st.sampled_from(["standard 23", "reduced 13.5", "zero 0", "super_reduced 5.5"])


@st.composite
def days(draw: st.DrawFn) -> Figures:
    """Any Z whose books are in order: what was taken is what was sold, what was counted what should be there."""
    rates = draw(st.lists(CLASSES, unique=True))
    taxes: list[TaxFigures] = []
    for rate in rates:
        tax_class, percent = rate.split()
        taxes.append(tax(tax_class, percent, draw(MINOR), draw(MINOR)))
    gross = sum(row.gross_minor for row in taxes)
    card = draw(MINOR)
    rounding = draw(st.integers(-50, 50))
    entries = [
        CashEntry(
            draw(st.sampled_from(["paid_in", "paid_out", "drop"])), draw(st.integers(-(10**6), 10**6)), "why"
        )
        for _each in range(draw(st.integers(0, 4)))
    ]
    float_minor, left, over = (draw(st.integers(0, 10**6)) for _each in range(3))
    moved = sum(e.amount_minor if e.kind == "paid_in" else -e.amount_minor for e in entries)
    counted = float_minor + gross - card + rounding + moved + over
    return z(
        draw(st.integers(1, 10**6)),
        taxes=taxes,
        tenders={"card": card, "cash": gross - card},
        rounding_minor=rounding,
        entries=entries,
        shifts=[shift(1, float_minor, counted, left)],
        over_short_minor=over,
    )


@given(st.lists(days(), min_size=1, max_size=4))
def test_after_every_close_cash_is_what_was_left_in_the_drawers(reports: list[Figures]) -> None:
    left: Left = {}
    cash = 0
    for each in reports:
        for told in sums(each, left):
            assert sum(told.values()) == 0
            cash += told.get("cash", 0)
        assert cash == left["drawer", "EUR"] == each.shifts[-1].left_minor


def test_a_z_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ReportError, match="Z000003 of till1 does not balance"):
        entries_of(z(3, taxes=[tax("zero", "0", 100, 0)], tenders={"cash": 99}), ACCOUNTS, {})


@pytest.mark.parametrize(
    ("named", "account"),
    [
        ({"": "any", "reduced": "class", "reduced 13.5": "rate"}, "rate"),
        ({"": "any", "reduced": "class"}, "class"),
        ({"": "any", "standard": "other"}, "any"),
        ({"": "any", "reduced": "{class} {percent}/{rate}"}, "Reduced 13.5/13-5"),
    ],
)
def test_the_nearest_name_of_a_rate_counts(named: dict[str, str], account: str) -> None:
    own = Accounts(sales=named).over(ACCOUNTS)
    assert own.of_sales(Rate("reduced", "taxed", Decimal("13.50"))) == account
    assert own.cash == "cash"


def test_an_account_that_nobody_named() -> None:
    nothing = Accounts(cash="cash")
    with pytest.raises(ReportError, match=r"“reduced 7”.* such as sales = "):
        nothing.of_sales(Rate("reduced", "taxed", Decimal(7)))
    with pytest.raises(ReportError, match=r"“card”.* such as tenders = "):
        nothing.of_tender("card")
    assert nothing.of_tender("cash") == "cash"
