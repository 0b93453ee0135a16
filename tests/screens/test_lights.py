"""What the cashier is told of the printer: what happened, and when it is over."""

import datetime as dt
from uuid import uuid4

from hardware.ports import Fault, PrinterStatus
from tui_pos.printing.queue import DRAWER, RECEIPT, JobState, JobView, Trouble
from tui_pos.printing.spooler import PrinterState
from tui_pos.screens.lights import printer_light, printer_news
from tui_pos.widgets.bars import Light, Mood


def state(fault: Fault | None, job: JobView | None = None, waiting: int = 0) -> PrinterState:
    return PrinterState(PrinterStatus(fault=fault), waiting, job)


def lost(kind: str, title: str, fault: str) -> JobView:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    return JobView(uuid4(), kind, title, None, JobState.NOT_PRINTED, fault, now)


def told(before: Light | None, now: PrinterState) -> str | None:
    news = printer_news(before, now)
    return None if news is None else news[0]


def test_each_fault_is_told_once_and_its_end_too() -> None:
    good = printer_light(state(None))
    no_paper = printer_light(state(Fault.NO_PAPER, waiting=2))
    assert "out of paper" in (told(good, state(Fault.NO_PAPER)) or "")
    assert told(no_paper, state(Fault.NO_PAPER, waiting=3)) is None
    assert "cover is open" in (told(no_paper, state(Fault.COVER_OPEN)) or "")
    assert printer_news(no_paper, state(None)) == ("The printer is back.", Mood.GOOD)
    assert told(good, state(None)) is None
    assert told(None, state(None)) is None


def test_a_drawer_that_did_not_open_is_no_page() -> None:
    drawer = told(None, state(None, lost(DRAWER, "", Trouble.TOO_LATE))) or ""
    assert "drawer could not be opened" in drawer
    assert "/reprint" not in drawer
    page = told(None, state(Fault.OFFLINE, lost(RECEIPT, "Receipt till1-000001", Fault.OFFLINE))) or ""
    assert "Receipt till1-000001 was NOT printed" in page
    assert "/reprint" in page
