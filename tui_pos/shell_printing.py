"""Paper for commands: a page that was queued at a shell comes out now, whether or not a counter is open.

Where the till's counter is open its spooler prints, and the command waits for it. Where it is not, the command holds
the till and prints for a moment itself: what waits there already comes out first, as it would at the counter.
"""

import queue as stdlib_queue
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO
from uuid import UUID

from tui_pos.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings
    from hardware.ports import Printer
    from tui_pos.printing.queue import JobView
    from tui_pos.printing.spooler import PrinterState

LIMIT_S = 20.0
"""How long a command waits for a page, from the last sign of life of the printer."""
LOOK_S = 0.2


PRINTED, NOT_PRINTED = 0, 5
"""Exit codes of commands that print: 5 is done, but not on paper."""


def print_out(
    settings: "Settings", engine: "Engine", job_id: UUID, title: str, out: TextIO | None = None
) -> int:
    """Have a queued page printed, and say to `out` (standard output) that it is; or why it is not, to standard error.

    Returns the exit code.
    """
    why_not = print_now(settings, engine, job_id)
    if not why_not:
        print(_("{title} is printed.").format(title=title), file=out)
        return PRINTED
    words = [_("{title} is not printed.").format(title=title), why_not]
    if _waits(engine, job_id):
        words.append(_("It waits, and prints at the counter."))
    print(*words, file=sys.stderr)
    return NOT_PRINTED


def _waits(engine: "Engine", job_id: UUID) -> bool:
    from tui_pos.printing import queue
    from tui_pos.storage.engine import reading

    with reading(engine) as session:
        job = queue.find(session, job_id)
    return job is not None and job.state in (queue.JobState.QUEUED, queue.JobState.PRINTING)


def print_now(settings: "Settings", engine: "Engine", job_id: UUID, limit_s: float = LIMIT_S) -> str:
    """Have a queued page of the settings' till printed. Returns why it was not, in a sentence; "" once it is.

    A page that was not begun stays queued, and prints at the counter.
    """
    from tui_pos import bootstrap
    from tui_pos.storage.lock import TillTaken, only_one

    till = settings.till.name
    try:
        with only_one(engine, till):
            printer = (
                None if settings.printer.kind == "simulated" else bootstrap.build_printer(settings.printer)
            )
            if printer is None:
                return _("No real printer is set (printer.kind).")
            pins = bootstrap.drawer_pins(settings)
            return _by_ourselves(engine, printer, till, pins, job_id, limit_s)
    except TillTaken:
        return _by_the_counter(engine, job_id, limit_s)


def _by_ourselves(
    engine: "Engine", printer: "Printer", till: str, pins: Mapping[str, int], job_id: UUID, limit_s: float
) -> str:
    from tui_pos.printing.spooler import Spooler
    from tui_pos.printing.words import fault_text

    news: stdlib_queue.SimpleQueue[PrinterState] = stdlib_queue.SimpleQueue()
    spooler = Spooler(engine, printer, till, news.put, pins=pins)
    spooler.start()
    try:
        while True:
            state = news.get(timeout=limit_s)
            if state.job is not None and state.job.id == job_id:
                return _outcome(state.job) or ""
            if state.status.fault is not None:
                return fault_text(state.status.fault)
    except stdlib_queue.Empty:
        return _("The printer does not answer.")
    finally:
        spooler.stop()


def _by_the_counter(engine: "Engine", job_id: UUID, limit_s: float) -> str:
    from tui_pos.printing import queue
    from tui_pos.storage.engine import reading

    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        with reading(engine) as session:
            job = queue.find(session, job_id)
        outcome = None if job is None else _outcome(job)
        if outcome is not None:
            return outcome
        time.sleep(LOOK_S)
    return _("The counter is open, and its printer has not taken the page yet.")


def _outcome(job: "JobView") -> str | None:
    """Why the page was not printed, "" where it was; None while it waits or prints."""
    from tui_pos.printing.queue import JobState
    from tui_pos.printing.words import fault_text

    if job.state in (JobState.QUEUED, JobState.PRINTING):
        return None
    if job.state is JobState.PRINTED:
        return ""
    return fault_text(job.fault) or _("Somebody gave the page up.")
