"""The spooler against a printer that fails on command."""

import datetime as dt
import queue as stdlib_queue
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, update

from hardware.document import Document, Text
from hardware.escpos import EscPosPrinter, SerialTransport
from hardware.ports import DeviceError, Fault, PrinterStatus
from hardware.simulated import SimulatedPrinter
from tests.rigs.people import OWNER
from tests.rigs.printer import PtyPrinter
from tui_pos.printing import queue
from tui_pos.printing.models import PrintJob
from tui_pos.printing.queue import JobState, Trouble
from tui_pos.printing.spooler import PrinterState, Spooler
from tui_pos.printing.words import fault_text, light_text
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
LIMIT_S = 10.0


class Till:
    """A spooler, its printer, its clock, and what it said."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.printer = SimulatedPrinter(columns=32)
        self.now = NOW
        self.events: stdlib_queue.Queue[PrinterState] = stdlib_queue.Queue()
        self.spooler = self.make(self.printer)

    def make(self, printer: object) -> Spooler:
        return Spooler(
            self.engine,
            printer,  # type: ignore[arg-type]
            "till1",
            self.events.put,
            clock=lambda: self.now,
            poll_s=0.02,
        )

    def put(self, text: str = "Corner Shop", kind: str = "receipt") -> UUID:
        with writing(self.engine) as session:
            job = queue.enqueue(
                session,
                till="till1",
                kind=kind,
                title=text,
                document=None if kind == "drawer" else Document(text, (Text(text),)),
                sale_id=None,
                now=self.now,
            )
        self.now += dt.timedelta(milliseconds=1)
        self.spooler.wake()
        return job

    def wait(self, wanted: Callable[[PrinterState], bool]) -> PrinterState:
        """The first event from now on that is `wanted`."""
        while True:
            event = self.events.get(timeout=LIMIT_S)
            if wanted(event):
                return event

    def wait_for(self, job_id: UUID) -> PrinterState:
        return self.wait(lambda event: event.job is not None and event.job.id == job_id)

    def state(self, job_id: UUID) -> tuple[JobState, str]:
        with reading(self.engine) as session:
            job = queue.find(session, job_id)
        assert job is not None
        return job.state, job.fault


@pytest.fixture
def till(sqlite_engine: Engine) -> Iterator[Till]:
    till = Till(sqlite_engine)
    yield till
    till.spooler.stop()


@pytest.fixture
def till_on_both(engine: Engine) -> Iterator[Till]:
    till = Till(engine)
    yield till
    till.spooler.stop()


def test_pages_come_out_in_order_and_are_saved_before_they_are_told(till_on_both: Till) -> None:
    till = till_on_both
    jobs = [till.put(f"page {number}") for number in range(3)]
    till.spooler.start()
    for left, job in zip((2, 1, 0), jobs, strict=True):
        event = till.wait_for(job)
        assert event.job is not None
        assert (event.job.state, event.waiting) == (JobState.PRINTED, left)
        assert till.state(job) == (JobState.PRINTED, "")
    assert till.printer.paper == ("page 0\n", "page 1\n", "page 2\n")


def test_what_is_queued_later_wakes_it(till: Till) -> None:
    till.spooler.start()
    till.wait(lambda event: event.status.fault is None)
    assert till.wait_for(till.put()).status == PrinterStatus()


@pytest.mark.parametrize("fault", list(Fault))
def test_a_page_waits_for_the_printer_to_come_back(till: Till, fault: Fault) -> None:
    till.printer.fail(fault)
    till.spooler.start()
    job = till.put()
    assert till.wait(lambda event: event.waiting == 1).status.fault is fault
    assert till.state(job) == (JobState.QUEUED, "")
    till.printer.mend()
    assert till.wait_for(job).status == PrinterStatus()
    assert till.printer.paper == ("Corner Shop\n",)


def test_a_page_that_broke_off_is_printed_again_only_on_request(till: Till) -> None:
    till.printer.die_in_page(after_lines=0)
    till.spooler.start()
    job = till.put()
    event = till.wait_for(job)
    assert event.status.fault is Fault.OFFLINE
    assert till.state(job) == (JobState.NOT_PRINTED, "offline")

    till.printer.mend()
    after = till.put("the next one")
    till.wait_for(after)
    assert till.state(job) == (JobState.NOT_PRINTED, "offline")
    with writing(till.engine) as session:
        copy = queue.reprint(session, job, till="till1", actor=OWNER, now=till.now)
    till.spooler.wake()
    till.wait_for(copy)
    assert till.printer.paper[-1].count("COPY") == 2


def test_a_page_in_hand_at_the_last_crash_is_reported_not_repeated(till: Till) -> None:
    job = till.put()
    with writing(till.engine) as session:
        queue.claim(session, job)
    till.spooler.start()
    till.wait_for(job)
    assert till.state(job) == (JobState.NOT_PRINTED, Trouble.INTERRUPTED)
    assert till.printer.paper == ()


def test_the_drawer_opens_before_the_page_and_without_paper(till: Till) -> None:
    till.printer.fail(Fault.NO_PAPER)
    page, drawer = till.put(), till.put(kind="drawer")
    till.spooler.start()
    till.wait_for(drawer)
    assert till.state(drawer) == (JobState.PRINTED, "")
    assert till.printer.drawer_pulses == 1
    assert till.state(page) == (JobState.QUEUED, "")


def test_a_drawer_never_springs_open_later(till: Till) -> None:
    till.printer.fail(Fault.OFFLINE)
    till.spooler.start()
    drawer = till.put(kind="drawer")
    till.wait(lambda event: event.status.fault is Fault.OFFLINE)
    till.now = NOW + dt.timedelta(seconds=11)
    till.wait_for(drawer)
    till.printer.mend()
    till.wait_for(till.put("after"))
    assert till.state(drawer) == (JobState.NOT_PRINTED, Trouble.TOO_LATE)
    assert till.printer.drawer_pulses == 0


def test_a_page_that_cannot_be_read_does_not_block_the_next(till: Till) -> None:
    bad, good = till.put(), till.put("good")
    with writing(till.engine) as session:
        session.execute(update(PrintJob).where(PrintJob.id == bad).values(document="{"))
    till.spooler.start()
    till.wait_for(good)
    assert till.state(bad) == (JobState.NOT_PRINTED, Trouble.UNREADABLE)


def test_the_light_follows_the_printer_without_repeating_itself(till: Till) -> None:
    till.spooler.start()
    till.wait(lambda event: event.status == PrinterStatus())
    till.printer.run_low()
    till.wait(lambda event: event.status.paper_low)
    till.printer.fail(Fault.COVER_OPEN)
    till.wait(lambda event: event.status.fault is Fault.COVER_OPEN)
    till.printer.mend()
    till.wait(lambda event: event.status == PrinterStatus())
    assert till.events.empty()


def test_neither_a_bug_nor_a_listener_ends_the_thread(till: Till) -> None:
    class Faulty(SimulatedPrinter):
        def print(self, document: Document) -> None:
            if document.title == "bug":
                raise AttributeError("no such thing")
            super().print(document)

    def listen(event: PrinterState) -> None:
        till.events.put(event)
        raise RuntimeError("the screen is gone")

    till.spooler = Spooler(till.engine, Faulty(), "till1", listen, clock=lambda: till.now, poll_s=0.02)
    till.spooler.start()
    bug, good = till.put("bug"), till.put("good")
    till.wait_for(good)
    assert till.state(bug) == (JobState.NOT_PRINTED, Fault.ERROR)


def test_what_the_database_refused_for_a_while_is_saved_later(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = queue.finish, []

    def finish(*args: object, **kwargs: object) -> None:
        calls.append(args)
        if len(calls) == 1:
            raise RuntimeError("database is locked")
        real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "finish", finish)
    till.spooler.start()
    first, second = till.put("first"), till.put("second")
    till.wait_for(second)
    assert till.state(first) == till.state(second) == (JobState.PRINTED, "")
    assert till.printer.paper == ("first\n", "second\n")


class StalledPrinter(SimulatedPrinter):
    """Takes nothing more in the middle of a page, until its line is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()
        self.closed = threading.Event()

    def print(self, document: Document) -> None:
        self.began.set()
        self.closed.wait(LIMIT_S)
        raise DeviceError(Fault.TIMEOUT, "closed in the middle of a page")

    def close(self) -> None:
        self.closed.set()


def test_stop_ends_a_stalled_page_in_two_seconds(till: Till) -> None:
    printer = StalledPrinter()
    till.spooler = till.make(printer)
    till.spooler.start()
    job = till.put()
    assert printer.began.wait(LIMIT_S)
    began_s = time.monotonic()
    till.spooler.stop()
    assert time.monotonic() - began_s < 2.5
    assert till.state(job) == (JobState.NOT_PRINTED, "timeout")


def test_over_a_line_that_is_pulled_in_mid_page_and_put_back(till: Till, tmp_path: Path) -> None:
    rig = PtyPrinter(tmp_path)
    till.spooler = till.make(EscPosPrinter(partial(SerialTransport, rig.port), columns=32))
    rig.vanish_after_bytes = 60
    till.spooler.start()
    broken, waiting = till.put("half a page " * 20), till.put("the next page")
    assert till.wait_for(broken).status.fault is Fault.OFFLINE
    assert till.state(broken) == (JobState.NOT_PRINTED, "offline")
    rig.come_back()
    assert till.wait_for(waiting).status == PrinterStatus()
    assert (rig.machine.lines[-7], rig.machine.cuts) == ("the next page", 1)
    till.spooler.stop()
    rig.close()


def test_stop_before_start_and_twice_is_no_error(till: Till) -> None:
    till.spooler.stop()
    till.spooler = till.make(till.printer)
    till.spooler.start()
    till.spooler.stop()
    till.spooler.stop()


def test_every_fault_has_words() -> None:
    for fault in (*Fault, *Trouble):
        assert fault_text(fault.value).endswith(".")
    assert {light_text(PrinterStatus(fault=fault)) for fault in Fault}.isdisjoint({""})
    assert light_text(PrinterStatus()) == ""
    assert light_text(PrinterStatus(paper_low=True)) == "paper low"


def test_each_drawer_opens_by_its_own_pin(till: Till) -> None:
    pins = {"left": 2, "right": 5}
    till.spooler = Spooler(
        till.engine, till.printer, "till1", till.events.put, clock=lambda: till.now, poll_s=0.02, pins=pins
    )
    till.spooler.start()
    for drawer in ("right", "left", "drawer"):
        with writing(till.engine) as session:
            job = queue.enqueue_pulse(session, till="till1", drawer=drawer, now=till.now)
        till.spooler.wake()
        till.wait_for(job)
    assert till.printer.drawer_pins == (5, 2, None)
