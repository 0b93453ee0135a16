"""The spooler: one thread that prints what is queued, so that no sale ever waits for a printer.

It saves first, in sessions of its own, and tells afterwards. What was not begun waits for the printer to come
back; what broke off is not printed, and only a person may ask for it again.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hardware.document import Document, DocumentError
from hardware.ports import DeviceError, Fault, Printer, PrinterStatus
from tui_pos.printing import queue
from tui_pos.printing.queue import JobView
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

POLL_S = 3.0
"""How often an idle printer is asked how it is."""
GRACE_S = 1.5
"""How long `stop` lets the page in hand come out before it takes the line away."""


@dataclass(frozen=True, slots=True)
class PrinterState:
    """How the printer is, how many pages wait, and the job whose state has just changed.

    `job` is None when the news is of the printer only.
    """

    status: PrinterStatus
    waiting: int
    job: JobView | None


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Spooler:
    """Prints the queue of one till. `on_event` is called in the spooler's thread, after saving.

    `pins` are those of the drawers, by their names; one that is not there hangs on the printer's own pin.
    """

    def __init__(
        self,
        engine: Engine,
        printer: Printer,
        till: str,
        on_event: Callable[[PrinterState], None],
        *,
        pins: Mapping[str, int] = MappingProxyType({}),
        clock: Callable[[], dt.datetime] = utc_now,
        poll_s: float = POLL_S,
    ) -> None:
        self._engine = engine
        self._printer = printer
        self._till = till
        self._on_event = on_event
        self._pins = pins
        self._clock = clock
        self._poll_s = poll_s
        self._told: PrinterState | None = None
        self._unsaved: Callable[[Session], None] | None = None
        self._stop = threading.Event()
        self._work = threading.Event()
        self._thread = threading.Thread(target=self._run, name="print-spooler", daemon=True)

    def start(self) -> None:
        """Give up what an earlier run left half printed, then print what is queued."""
        self._thread.start()

    def wake(self) -> None:
        """Something was queued: look now. Call it after the commit."""
        self._work.set()

    def stop(self) -> None:
        """End within about two seconds, also with a stalled printer; what is queued stays queued."""
        self._stop.set()
        self._work.set()
        if not self._thread.is_alive():
            return
        self._thread.join(GRACE_S)
        for _attempt in range(3):
            self._printer.close()
            self._thread.join(0.2)
            if not self._thread.is_alive():
                return
        log.warning("the printer's thread did not end in time: its page will count as not printed")

    def _run(self) -> None:
        self._guarded(self._begin)
        while not self._stop.is_set():
            self._work.clear()
            if not self._guarded(self._round):
                self._work.wait(self._poll_s)
        self._printer.close()

    def _guarded(self, step: Callable[[], bool]) -> bool:
        """Whatever goes wrong (a busy database, a bug), the thread lives on and tries again later."""
        try:
            return step()
        except Exception:
            log.exception("the print spooler failed; it goes on")
            return False

    def _begin(self) -> bool:
        with writing(self._engine) as session:
            left = queue.abandon_interrupted(session, self._till, self._clock())
        status = self._printer.status()
        for job in left:
            self._tell(status, job.id)
        self._tell(status)
        return True

    def _round(self) -> bool:
        """Do one job. False if there is nothing that can be done now."""
        self._save()
        with reading(self._engine) as session:
            job = queue.next_queued(session, self._till)
        if job is not None and job.kind == queue.DRAWER:
            pin = self._pins.get(job.title)
            return self._drop_late_drawers() or self._do(job, lambda: self._printer.open_drawer(pin))
        status = self._printer.status()
        self._tell(status)
        if job is None or status.fault is not None:
            return False
        return self._print(job)

    def _drop_late_drawers(self) -> bool:
        """True if any was too old: then the queue has to be looked at again."""
        with writing(self._engine) as session:
            late = queue.drop_late_drawers(session, self._till, self._clock())
        for dropped in late:
            log.warning("drawer %s was not opened within %s s", dropped.id, queue.DRAWER_LIMIT_S)
            self._tell(self._last_status(), dropped.id)
        return bool(late)

    def _print(self, job: JobView) -> bool:
        def page() -> Document:
            with reading(self._engine) as session:
                return queue.page_of(session, job.id)

        return self._do(job, lambda: self._printer.print(page()))

    def _do(self, job: JobView, act: Callable[[], None]) -> bool:
        """Claim, act, save what came of it, tell. False if the device has to come back first."""
        # Durable: after a power cut a page that was begun must not come out again by itself.
        with writing(self._engine, durable=True) as session:
            if not queue.claim(session, job.id):
                return True
        try:
            act()
        except DeviceError as error:
            log.warning("%s %s: %s (%s)", job.kind, job.id, error.fault, error.detail)
            return self._failed(job, error)
        except (DocumentError, DatabaseUnavailable) as error:
            log.error("%s %s cannot be read: %s", job.kind, job.id, error.__cause__ or error)
            self._finish(job.id, queue.Trouble.UNREADABLE)
        except Exception:
            log.exception("%s %s failed", job.kind, job.id)
            self._finish(job.id, Fault.ERROR)
        else:
            self._finish(job.id, "")
        self._tell(self._last_status(), job.id)
        return True

    def _failed(self, job: JobView, error: DeviceError) -> bool:
        if error.began:
            self._finish(job.id, error.fault)
        else:
            self._save(lambda session: queue.put_back(session, job.id))
        self._tell(PrinterStatus(fault=error.fault), job.id if error.began else None)
        return False

    def _finish(self, job_id: UUID, fault: str) -> None:
        now = self._clock()
        self._save(lambda session: queue.finish(session, job_id, now=now, fault=fault))

    def _save(self, outcome: Callable[[Session], None] | None = None) -> None:
        """Save what came of a job; if the database is busy, the next round saves it before anything else."""
        self._unsaved = outcome or self._unsaved
        if self._unsaved is not None:
            with writing(self._engine) as session:
                self._unsaved(session)
            self._unsaved = None

    def _last_status(self) -> PrinterStatus:
        return self._told.status if self._told else PrinterStatus()

    def _tell(self, status: PrinterStatus, job_id: UUID | None = None) -> None:
        """Pass on what is new; an idle printer that says the same again is no news."""
        with reading(self._engine) as session:
            job = None if job_id is None else queue.find(session, job_id)
            state = PrinterState(status, queue.waiting(session, self._till), job)
        if job is None and self._told and (status, state.waiting) == (self._told.status, self._told.waiting):
            return
        self._told = state
        try:
            self._on_event(state)
        except Exception:
            log.exception("whoever listens to the printer failed")
