"""An ESC/POS printer: keeps hardware.ports.Printer's promise over any transport."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hardware.document import Document
from hardware.escpos.render import Renderer
from hardware.escpos.status import Dialogue, Finish
from hardware.escpos.transports import Transport
from hardware.ports import DeviceError, Fault, PrinterStatus

log = logging.getLogger(__name__)

_MISSING_KEPT = 200


class EscPosPrinter:
    """`open_line` makes a new transport each time the last one is gone.

    `code_pages` are the printer's own, as `name:number` (none: the profile's); `font` is asked first for
    letters that no page has. Raises DeviceError for an unknown profile or code page. Thread-safe.
    """

    def __init__(
        self,
        open_line: Callable[[], Transport],
        *,
        columns: int = 42,
        profile: str = "default",
        code_pages: tuple[str, ...] = (),
        drawer_pin: int = 2,
        drawer_pulse_ms: int = 100,
        font: Path | None = None,
    ) -> None:
        self.columns = columns
        self.missing: frozenset[str] = frozenset()
        """Letters that came up for printing and that neither a code page nor a font of this machine has."""
        self._open_line = open_line
        self._renderer = Renderer(columns, profile, code_pages, font)
        self._drawer_pin, self._drawer_pulse_ms = drawer_pin, drawer_pulse_ms
        self._finish = Finish()
        self._lock = threading.Lock()
        self._line: Transport | None = None
        self._last = PrinterStatus(known=False)

    def print(self, document: Document) -> None:
        with self._lock, self._letting_go():
            rendered = self._renderer.page(document)
            self._remember(rendered.missing)
            line, status = self._ready()
            if status.fault is not None:
                raise DeviceError(status.fault, f"before the page: {status.fault.value}", began=False)
            line.write(rendered.data)
            if line.answers:
                self._finish.wait(line, len(rendered.data))

    def open_drawer(self, pin: int | None = None) -> None:
        """A printer that waits for paper would keep ESC p for later, so it gets the real-time pulse."""
        with self._lock, self._letting_go():
            pin = pin or self._drawer_pin
            pulse = self._renderer.drawer_pulse(pin, self._drawer_pulse_ms)
            line, status = self._ready()
            if status.fault in (Fault.NO_PAPER, Fault.COVER_OPEN):
                pulse = self._real_time_pulse(pin)
            elif status.fault is not None:
                raise DeviceError(status.fault, f"the drawer: {status.fault.value}", began=False)
            line.write(pulse)
            if line.answers and Dialogue(line).ask().fault is Fault.OFFLINE:
                raise DeviceError(Fault.OFFLINE, "the printer fell silent while the drawer opened")

    def status(self) -> PrinterStatus:
        if not self._lock.acquire(timeout=0.2):
            return self._last  # a page is printing: no time for questions
        try:
            with self._letting_go():
                self._last = self._ready()[1]
                if self._last.fault is Fault.OFFLINE:
                    self._drop(broken=True)
        except DeviceError as error:
            self._last = PrinterStatus(fault=error.fault)
        finally:
            self._lock.release()
        return self._last

    def close(self) -> None:
        """A page that is being sent breaks off at once."""
        line = self._line
        if line is not None:
            line.call_off()
        if self._lock.acquire(timeout=0.5):
            try:
                self._drop(broken=False)
            finally:
                self._lock.release()

    def _ready(self) -> tuple[Transport, PrinterStatus]:
        """A line, and how the printer at its end is. A line that died since its last use is replaced."""
        if self._line is not None:
            with suppress(DeviceError):
                status = _ask(self._line)
                if status.fault is not Fault.OFFLINE:
                    return self._line, status
            self._drop(broken=True)
        self._line = self._open_line()
        return self._line, _ask(self._line)

    @contextmanager
    def _letting_go(self) -> Iterator[None]:
        """After any failure the line is thrown away: the next try opens a new one."""
        try:
            yield
        except BaseException:
            self._drop(broken=True)
            raise
        if self._line is not None and not self._line.stays_open:
            self._drop(broken=False)

    def _drop(self, *, broken: bool) -> None:
        if self._line is not None:
            self._line.close(broken=broken)
            self._line = None

    def _real_time_pulse(self, pin: int) -> bytes:
        """DLE DC4 1 m t: acts at once or never; t in steps of 100 ms, 1 to 8."""
        steps = max(1, min(8, round(self._drawer_pulse_ms / 100)))
        return bytes([0x10, 0x14, 1, 0 if pin == 2 else 1, steps])

    def _remember(self, missing: frozenset[str]) -> None:
        new = missing - self.missing
        if new and len(self.missing) < _MISSING_KEPT:
            self.missing |= new
            log.warning("no code page and no font has %s: printed as ?", " ".join(sorted(new)))


def _ask(line: Transport) -> PrinterStatus:
    """Before anything is sent, so that a failure means that nothing began."""
    if not line.answers:
        return PrinterStatus(known=False)
    try:
        return Dialogue(line).ask()
    except DeviceError as error:
        raise DeviceError(error.fault, error.detail, began=False) from error
