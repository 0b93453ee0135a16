"""What a printer, a drawer and a scanner promise, and how they fail. No driver in here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hardware.document import Document


class Fault(StrEnum):
    """What is wrong with a device, as far as it can tell."""

    OFFLINE = "offline"
    NO_PAPER = "no paper"
    COVER_OPEN = "cover open"
    TIMEOUT = "timeout"
    ERROR = "error"


class DeviceError(Exception):
    """A device did not do what was asked. `fault` says which kind, the text says what happened.

    `began` is False where nothing was sent to the device, so that the same can safely be asked again.
    """

    def __init__(self, fault: Fault, detail: str = "", *, began: bool = True) -> None:
        super().__init__(detail or fault.value)
        self.fault = fault
        self.detail = detail
        self.began = began


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer says of itself. `known` is False where it cannot be asked (a file, a one-way line)."""

    fault: Fault | None = None
    paper_low: bool = False
    known: bool = True


class Printer(Protocol):
    """A receipt printer, with the cash drawer that hangs on it. Every call ends within its time-out."""

    columns: int

    def print(self, document: Document) -> None:
        """Print and cut one page. Returns when the device has taken and, where it can say so, finished it.

        Raises DeviceError; then the page counts as not printed, whatever part of it came out.
        """

    def open_drawer(self, pin: int | None = None) -> None:
        """Send the drawer pulse, also without paper, never so that it acts later. Raises DeviceError.

        `pin` is that of the plug, 2 or 5; None: the printer's own.
        """

    def status(self) -> PrinterStatus:
        """Ask the device. Never raises: what cannot be reached is Fault.OFFLINE."""

    def close(self) -> None:
        """Let go of the line. Never raises."""


KEYBOARD = "keyboard"
"""The source of codes that a scanner typed."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One whole code as the scanner sent it: framing removed, AIM prefix kept. `source` is its port, or KEYBOARD."""

    data: str
    at_monotonic_s: float
    source: str


class ScannerFault(StrEnum):
    """Why a scanner cannot be read, or what it sent in vain."""

    MISSING = "not there"
    BUSY = "in use by another program"
    REFUSED = "not permitted"
    LOST = "connection lost"
    ERROR = "error"
    CODE_DROPPED = "code too long or cut off"


@dataclass(frozen=True, slots=True)
class ScannerState:
    """What has become of a scanner. `connected` with the fault CODE_DROPPED: it works, one code was lost.

    Each lost code is told; the next good one is followed by the state without the fault.
    """

    connected: bool
    source: str
    fault: ScannerFault | None = None
    detail: str = ""


class Scanner(Protocol):
    """Something that reads codes by itself and tells about each, and about its own state, from its thread."""

    def start(self) -> None:
        """Begin. A device that isn't there yet is waited for: the state says so."""

    def stop(self) -> None:
        """End, and let go of the device. Returns at once; never raises."""
