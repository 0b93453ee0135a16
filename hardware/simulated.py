"""Stand-ins for devices, the same ones in the demo, in a shop without a printer, and in tests."""

import threading
from collections import deque

from hardware.document import Document, to_text
from hardware.ports import DeviceError, Fault, PrinterStatus

PAGES_KEPT = 100


class SimulatedPrinter:
    """A printer whose paper is text that can be seen on the screen, and which fails on command.

    Any thread may call any method. `paper` holds the last 100 pages, also a page that broke off.
    """

    def __init__(self, columns: int = 42) -> None:
        self.columns = columns
        self._lock = threading.Lock()
        self._pages: deque[str] = deque(maxlen=PAGES_KEPT)
        self._pins: list[int | None] = []
        self._fault: Fault | None = None
        self._dies_after_lines: int | None = None
        self._paper_low = False

    @property
    def paper(self) -> tuple[str, ...]:
        """What came out, oldest page first."""
        with self._lock:
            return tuple(self._pages)

    @property
    def drawer_pulses(self) -> int:
        """How often the drawer was told to open."""
        with self._lock:
            return len(self._pins)

    @property
    def drawer_pins(self) -> tuple[int | None, ...]:
        """By which pin each pulse went; None where the printer's own was meant."""
        with self._lock:
            return tuple(self._pins)

    def fail(self, fault: Fault) -> None:
        """From now on refuse everything with `fault`, until `mend`."""
        with self._lock:
            self._fault = fault

    def die_in_page(self, after_lines: int) -> None:
        """Break off the next page after so many lines and be gone, until `mend`."""
        with self._lock:
            self._dies_after_lines = after_lines

    def run_low(self) -> None:
        """Warn of little paper, until `mend`."""
        with self._lock:
            self._paper_low = True

    def mend(self) -> None:
        """Paper in, cover shut, cable back."""
        with self._lock:
            self._fault = None
            self._dies_after_lines = None
            self._paper_low = False

    def print(self, document: Document) -> None:
        page = to_text(document, self.columns)
        with self._lock:
            self._check()
            if self._dies_after_lines is None:
                self._pages.append(page)
                return
            self._pages.append("".join(page.splitlines(keepends=True)[: self._dies_after_lines]))
            self._dies_after_lines = None
            self._fault = Fault.OFFLINE
            raise DeviceError(Fault.OFFLINE, "the simulated printer went away in the middle of a page")

    def open_drawer(self, pin: int | None = None) -> None:
        with self._lock:
            if self._fault not in (Fault.NO_PAPER, Fault.COVER_OPEN):  # the pulse needs power and cable only
                self._check()
            self._pins.append(pin)

    def status(self) -> PrinterStatus:
        with self._lock:
            return PrinterStatus(fault=self._fault, paper_low=self._paper_low)

    def close(self) -> None:
        """There is no line to let go of."""

    def _check(self) -> None:
        if self._fault is not None:
            raise DeviceError(self._fault, f"the simulated printer says: {self._fault.value}", began=False)
