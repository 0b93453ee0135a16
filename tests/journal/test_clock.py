"""A clock that goes back: nothing is refused, the order stands, and both the books and the till say so."""

import datetime as dt
import json
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.rigs.days import Days
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.journal import chain, clock
from tui_pos.journal.clock import ClockWatch, behind
from tui_pos.journal.models import JournalEntry
from tui_pos.journal.verify_archive import check
from tui_pos.reports.audit import archive_days, verify_books
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
TILL = "till1"


def bodies(engine: Engine, stream: str) -> list[dict[str, object]]:
    with reading(engine) as session:
        found = session.scalars(
            select(JournalEntry.body).where(JournalEntry.stream == stream).order_by(JournalEntry.seq)
        )
        return [json.loads(body) for body in found]


def appended(engine: Engine, *seconds: int) -> list[object]:
    for each in seconds:
        with writing(engine) as session:
            now = NOW + dt.timedelta(seconds=each)
            chain.append(session, till=TILL, stream=chain.EVENTS, event="x", actor="ada", now=now, data={})
    return [body.get("clock_back_s") for body in bodies(engine, chain.EVENTS)]


def test_the_first_entry_after_a_set_back_says_so(engine: Engine) -> None:
    assert appended(engine, 0, 7200, 3600, 3601, 3590, 10000) == [None, None, 3600, None, None, None]
    with reading(engine) as session:
        assert chain.verify(session, TILL, chain.EVENTS).seq == 6


def test_sales_go_on_in_their_order(engine: Engine, tmp_path: Path) -> None:
    stock_shop(engine)
    days = Days(engine)
    days.trade(0)
    days.day -= dt.timedelta(days=400)
    days.trade(1)
    days.close()

    receipts = bodies(engine, chain.RECEIPTS)
    assert [body["seq"] for body in receipts] == list(range(1, len(receipts) + 1))
    back = [body["clock_back_s"] for body in receipts if "clock_back_s" in body]
    assert len(back) == 1
    assert [one["at"] > two["at"] for one, two in pairwise(receipts)].count(True) == 1  # type: ignore[operator]
    with reading(engine) as session:
        (proven,) = verify_books(session, OWNER)
        assert proven.entries[chain.RECEIPTS] == len(receipts)
        signer = days.signer()
        assert signer is not None
        begin, end = NOW.date() - dt.timedelta(days=4000), NOW.date() + dt.timedelta(days=4000)
        file = tmp_path / "journal.zip"
        archive_days(session, OWNER, days.shop, signer, begin, end, file)
    with file.open("rb") as opened:
        check(opened)


def test_how_far_the_clock_is_behind(engine: Engine) -> None:
    with reading(engine) as session:
        assert not behind(session, TILL, NOW)
    appended(engine, 0)
    with reading(engine) as session:
        for seconds in (0, 60, -60, 10**9):
            assert not behind(session, TILL, NOW + dt.timedelta(seconds=seconds))
        assert behind(session, TILL, NOW - dt.timedelta(hours=3)) == dt.timedelta(hours=3)
        assert not behind(session, "till2", NOW - dt.timedelta(hours=3))


def test_what_is_written_after_it_was_set_back_does_not_make_it_right(engine: Engine) -> None:
    appended(engine, 8_640_000, 0, 60)
    with reading(engine) as session:
        assert behind(session, TILL, NOW) == dt.timedelta(days=100)


def test_a_clock_that_is_set_back_while_the_till_runs(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told once for each time; a clock that goes forward, or is trimmed, is nobody's business."""
    passed_s, wrong_s = 100.0, 0.0
    monkeypatch.setattr(time, "monotonic", lambda: passed_s)
    watch = ClockWatch(
        sqlite_engine, TILL, lambda: NOW + dt.timedelta(seconds=passed_s + wrong_s), lambda _by: None
    )
    told = []
    for passed_s, wrong_s in ((110, 0), (120, -5), (130, 500), (140, -3100), (150, -3100), (160, -3170)):  # noqa: B007
        told.append(watch.jumped_back().total_seconds())
    assert told == [0, 0, 0, 3600, 0, 70]


def written(engine: Engine, stream: str, at: dt.datetime, *, any_time: bool = False) -> bool:
    """Whether the journal took an entry of that moment."""
    with suppress(chain.ClockAhead), writing(engine) as session:
        chain.append(
            session, till=TILL, stream=stream, event="x", actor="ada", now=at, data={}, any_time=any_time
        )
        return True
    return False


@pytest.mark.leaps
def test_nothing_is_written_by_a_clock_that_is_far_ahead(engine: Engine) -> None:
    day = dt.timedelta(days=1)
    assert written(engine, chain.EVENTS, NOW)  # books that begin have nothing to be held against
    assert written(engine, chain.EVENTS, NOW + chain.FAR_AHEAD)
    newest = NOW + chain.FAR_AHEAD
    assert not written(engine, chain.EVENTS, newest + chain.FAR_AHEAD + day)
    assert not written(engine, chain.COPIES, newest + 400 * day)  # a stream that has no entry yet
    assert written(engine, chain.COPIES, newest + 20 * day)
    assert written(engine, chain.EVENTS, newest + 45 * day)  # its own last one is old, and another's is not
    with reading(engine) as session:
        assert not clock.ahead(session, TILL, newest + 46 * day)
        assert clock.ahead(session, TILL, newest + 100 * day) == 55 * day
        assert not clock.ahead(session, "till2", newest + 100 * day)
    assert written(engine, chain.EVENTS, NOW - 400 * day)  # one that is behind is only told


@pytest.mark.leaps
def test_once_somebody_said_that_it_is_right_all_goes_on(engine: Engine) -> None:
    assert written(engine, chain.EVENTS, NOW)
    later = NOW + dt.timedelta(days=13_000)
    with writing(engine) as session:
        clock.confirm(session, TILL, "ada", later)
    assert all(written(engine, stream, later) for stream in chain.STREAMS)
    said = bodies(engine, chain.EVENTS)[1]
    assert (said["event"], said["actor"], said["data"]) == (
        clock.CONFIRMED, "ada", {"ahead_s": 13_000 * 24 * 3600},
    )  # fmt: skip
