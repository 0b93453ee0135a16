"""Counts, recounts and floats on X and Z: who counted what, and what a Z of before says that knew nothing of it."""

import json
import re
import zlib
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from hardware.document import to_text
from tests.drawer.conftest import Counting, stock
from tests.rigs.people import CASHIER, OWNER
from tui_pos.drawer.shifts import Purpose
from tui_pos.reports.combined import combine
from tui_pos.reports.documents import report_document
from tui_pos.reports.figures import Figures, from_bytes, to_bytes
from tui_pos.reports.pdf import to_pdf
from tui_pos.reports.z import make_x, make_z, page_of
from tui_pos.storage.engine import reading, writing


@pytest.fixture
def till(engine: Engine) -> Counting:
    stock(engine)
    return Counting(engine)


def x_of(till: Counting) -> Figures:
    with writing(till.engine) as session:
        return make_x(session, till.shop, OWNER, till.now())


def z_of(till: Counting) -> Figures:
    with writing(till.engine, durable=True) as session:
        return from_bytes(make_z(session, till.shop, OWNER, till.now()).content)


def recounted(till: Counting) -> None:
    """Opened with 100.00, counted in between; to close first 97.00, then 99.00, with 90.00 left."""
    till.open(10_000)
    till.count(10_001, Purpose.CHECK)
    till.actor = CASHIER
    till.count(9_700)
    till.actor = OWNER
    till.close(9_900, 9_000, "a coin is gone")


def lines_of(figures: Figures, till: Counting, columns: int) -> list[str]:
    text = to_text(report_document(figures, till.shop), columns)
    assert max(map(len, text.splitlines())) <= columns
    return [" ".join(line.split()) for line in text.splitlines()]


def test_every_count_is_told_with_who_when_and_by_how_much(till: Counting) -> None:
    recounted(till)
    (shift,) = z_of(till).shifts
    assert [
        (c.purpose, c.by, c.total_minor, c.expected_minor, c.over_short_minor, c.closed) for c in shift.counts
    ] == [
        ("check", "Owner", 10_001, 10_000, 1, False),
        ("close", "cashier", 9_700, 10_000, -300, False),
        ("close", "Owner", 9_900, 10_000, -100, True),
    ]
    assert [c.blind for c in shift.counts] == [True, True, True]
    assert shift.counts[0].at < shift.counts[1].at < shift.counts[2].at


def test_the_count_that_closed_is_known_among_equal_ones(till: Counting) -> None:
    till.open(10_000)
    till.count(9_900)
    till.count(9_900, Purpose.CHECK)
    till.close(9_900, 0, "a coin is gone")
    (shift,) = z_of(till).shifts
    assert [c.closed for c in shift.counts] == [False, False, True]


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_recounts_stand_on_paper_before_the_count_that_closed(till: Counting, columns: int) -> None:
    recounted(till)
    z = z_of(till)
    lines = lines_of(z, till, columns)
    when = [f"02/03/2026 20:00, {count.by}" for count in z.shifts[0].counts]
    place = lines.index("Counted in between 100.01")
    assert lines[place : place + 10] == [
        "Counted in between 100.01",
        when[0],
        "Over 0.01",
        "Counted, then recounted 97.00",
        when[1],
        "Short -3.00",
        "Expected 100.00",
        "Counted 99.00",
        when[2],
        "Short -1.00",
    ]
    assert "Counted, then recounted" in _drawn(
        to_pdf(report_document(z, till.shop), z.until, lambda _x: None)
    )


def _drawn(pdf: bytes) -> str:
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    return b"".join(zlib.decompress(each) for each in streams if each[:1] == b"x").decode("latin-1")


def test_an_x_tells_the_counts_of_a_shift_that_is_open(till: Counting) -> None:
    till.open(10_000)
    till.count(9_700)
    x = x_of(till)
    assert [(c.total_minor, c.closed) for c in x.shifts[0].counts] == [(9_700, False)]
    lines = lines_of(x, till, 42)
    place = lines.index("Counted to close 97.00")
    assert lines[place + 2] == "Short -3.00"


def test_a_float_that_is_not_what_was_left_is_told(till: Counting) -> None:
    recounted(till)
    till.open(8_500)
    till.close(8_500, 8_500)
    till.open(None)
    till.close(8_500)
    z = z_of(till)
    assert [s.left_before_minor for s in z.shifts] == [None, 9_000, 8_500]
    lines = lines_of(z, till, 32)
    place = lines.index("Float 85.00")
    assert lines[place + 1 : place + 3] == ["Left by the last close 90.00", "Difference -5.00"]
    assert lines.count("Left by the last close 90.00") == 1
    assert z.cash.float_difference_minor == -500
    place = lines.index("Cash")
    assert lines[place + 2 : place + 4] == ["Differs from what was", "left -5.00"]
    assert "Left by the last close 85.00" not in lines


def test_what_was_left_before_the_last_z_counts_and_another_drawer_does_not(till: Counting) -> None:
    recounted(till)
    z_of(till)
    till.open(8_000)
    till.desk.take_drawer("second")
    till.open(5_000)
    assert [(s.drawer, s.left_before_minor) for s in x_of(till).shifts] == [
        ("drawer", 9_000),
        ("second", None),
    ]


def before_counts(figures: Figures) -> bytes:
    """The same Z as it was written when no count was told."""
    content = json.loads(to_bytes(figures))
    content["schema"] = 1
    for shift in content["shifts"]:
        del shift["left_before_minor"], shift["counts"]
    for entry in content["cash_entries"]:
        for key in ("takes_back", "takes_back_at", "at", "by", "drawer", "till"):
            del entry[key]
    del content["openings"], content["cash"]["float_difference_minor"]
    return json.dumps(content).encode()


def test_a_z_of_before_is_read_as_one_without_counts(till: Counting) -> None:
    recounted(till)
    z = z_of(till)
    old = from_bytes(before_counts(z))
    assert old == replace(z, schema=1, shifts=(replace(z.shifts[0], left_before_minor=None, counts=()),))
    lines = lines_of(old, till, 42)
    assert "Counted in between 100.01" not in lines
    assert "Counted 99.00" in lines


def test_zs_of_before_and_of_now_stand_together_and_stored_pages_stay(till: Counting) -> None:
    recounted(till)
    with writing(till.engine, durable=True) as session:
        first = make_z(session, till.shop, OWNER, till.now())
        kept = (first.content, first.document)
    till.open(None)
    till.close(9_000)
    z_of(till)
    with reading(till.engine) as session:
        day = from_bytes(kept[0]).business_date
        combined = combine(session, till.shop, OWNER, day, day)
        again = session.get_one(type(first), first.id)
        assert (again.content, again.document) == kept
        assert "Counted in between" in to_text(page_of(session, again), 42)
    assert (combined.figures.schema, len(combined.members)) == (4, 2)
