"""What the cashier is told of the printer: what happened, and when it is over."""

import datetime as dt
from uuid import uuid4

from hardware.ports import Fault, PrinterStatus, ScannerFault, ScannerState
from tui_pos.printing.queue import DRAWER, RECEIPT, JobState, JobView, Trouble
from tui_pos.printing.spooler import PrinterState
from tui_pos.screens.lights import printer_light, printer_news, scanner_news
from tui_pos.widgets.bars import Mood


def state(fault: Fault | None, job: JobView | None = None, waiting: int = 0) -> PrinterState:
    return PrinterState(PrinterStatus(fault=fault), waiting, job)


def lost(kind: str, title: str, fault: str) -> JobView:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    return JobView(uuid4(), kind, title, None, JobState.NOT_PRINTED, fault, now)


def told(before: PrinterState | None, now: PrinterState) -> str | None:
    news = printer_news(before, now)
    return None if news is None else news[0]


def test_each_fault_is_told_once_and_its_end_too() -> None:
    good = state(None)
    no_paper = state(Fault.NO_PAPER, waiting=2)
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


def test_a_scanner_that_comes_and_goes_is_told_once() -> None:
    there, gone = ScannerState(True, "usb"), ScannerState(False, "usb", ScannerFault.LOST)
    dropped = ScannerState(True, "usb", ScannerFault.CODE_DROPPED)
    assert scanner_news(None, there) is None
    assert "unplugged" in (scanner_news(there, gone) or ("",))[0]
    assert scanner_news(gone, gone) is None
    assert scanner_news(gone, there) == ("The scanner is back.", Mood.GOOD)
    assert scanner_news(dropped, dropped) is not None
    assert scanner_news(dropped, there) is None


def test_the_pages_that_wait_are_told_apart_from_the_fault() -> None:
    light = printer_light(state(Fault.NO_PAPER, waiting=2))
    assert (light.word, light.more) == ("no paper", "2 pages wait")
