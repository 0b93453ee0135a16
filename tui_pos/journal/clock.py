"""A clock that was set back or far ahead: the order of the journal is that of its numbers, and somebody must know.

Times in the books are those of the machine. Where they go backwards nothing is refused: sales go on, each entry that
comes before its predecessor by the clock says so itself (`chain.append`), and the till warns. Where they leap far ahead
somebody is asked before anything is written (`chain.ClockAhead`), since days that are booked never go back.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tui_pos.journal import chain
from tui_pos.journal.chain import CLOCK_TOLERANCE, EVENTS, STREAMS, append, newest_at
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.storage.engine import reading
from tui_pos.storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10

CONFIRMED = "clock_confirmed"
"""In the journal's stream of events: somebody said that a clock far ahead is right."""

RECENT = 2000
"""Entries of each stream: some days of a busy till."""

_NOTHING = dt.timedelta(0)


def behind(session: Session, till: str, now: dt.datetime) -> dt.timedelta:
    """How far the clock is behind the newest time in a till's journal; nothing where that is within tolerance.

    The newest time, not the last entry's: whatever is written after a clock was set back has the times of that clock.
    Looked for among the last `RECENT` entries of each stream and all closures, so that a start never reads all books.
    """
    times = [session.scalar(select(func.max(Closure.at)).where(Closure.till == till))]
    for stream in STREAMS:
        last = (
            select(JournalEntry.at)
            .where(JournalEntry.till == till, JournalEntry.stream == stream)
            .order_by(JournalEntry.seq.desc())
            .limit(RECENT)
            .subquery()
        )
        times.append(session.scalar(select(func.max(last.c.at))))
    by = max((at - now for at in times if at is not None), default=_NOTHING)
    return by if by > CLOCK_TOLERANCE else _NOTHING


def ahead(session: Session, till: str, now: dt.datetime) -> dt.timedelta:
    """How far the clock is ahead of the newest entry in a till's journal; nothing where that is within reason."""
    newest = newest_at(session, till)
    by = now - newest if newest is not None else _NOTHING
    return by if by > chain.FAR_AHEAD else _NOTHING


def confirm(session: Session, till: str, actor: str, now: dt.datetime) -> None:
    """Write down that `actor` was asked about a clock that is far ahead, and said that it is right."""
    data = {"ahead_s": int(ahead(session, till, now).total_seconds())}
    append(session, till=till, stream=EVENTS, event=CONFIRMED, actor=actor, now=now, data=data, any_time=True)


def begun_at(session: Session, till: str) -> dt.datetime | None:
    """When a till's journal began; None where it is empty."""
    first = select(func.min(JournalEntry.at)).where(
        JournalEntry.till == till, JournalEntry.stream.in_(STREAMS), JournalEntry.seq == 1
    )
    return session.scalar(first)


class ClockWatch:
    """Looks at the start whether the clock is behind the journal, and then whether somebody sets it back."""

    def __init__(
        self,
        engine: Engine,
        till: str,
        now: Callable[[], dt.datetime],
        set_back: Callable[[dt.timedelta], object],
    ) -> None:
        self._engine = engine
        self._till = till
        self._now = now
        self._set_back = set_back
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._ahead_s = self._offset_s()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def _run(self) -> None:
        try:
            with reading(self._engine) as session:
                self._tell(behind(session, self._till, self._now()))
        except DatabaseUnavailable as error:
            log.warning("the clock could not be held against the journal: %s", error.__cause__)
        while not self._ended.wait(LOOK_EVERY_S):
            self._tell(self.jumped_back())

    def jumped_back(self) -> dt.timedelta:
        """By how much it was set back since the last look, held against the time that really passed."""
        offset_s = self._offset_s()
        back = dt.timedelta(seconds=self._ahead_s - offset_s)
        if back > CLOCK_TOLERANCE:
            self._ahead_s = offset_s
            return back
        self._ahead_s = max(self._ahead_s, offset_s)
        return _NOTHING

    def _offset_s(self) -> float:
        return self._now().timestamp() - time.monotonic()

    def _tell(self, by: dt.timedelta) -> None:
        if by:
            log.warning("the clock is %s behind", by)
            self._set_back(by)
