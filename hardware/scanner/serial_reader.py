"""A scanner on a serial line (RS-232, USB-CDC, Bluetooth SPP), read by a thread of its own."""

import errno
import logging
import os
import select
import socket
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import serial
from serial.tools import list_ports as serial_list_ports

from hardware.ports import Scan, ScannerFault, ScannerState
from hardware.scanner.framing import DEFAULT_PAUSE_S, Framer, Terminator

log = logging.getLogger(__name__)

RETRY_S = 1.0
JOIN_TIMEOUT_S = 2.0
READ_BYTES = 4096

# pyserial lets a plain OSError and a termios.error of a dead line through, and says ValueError to a baud rate
# or a port name that cannot be.
_LINE_ERRORS = (OSError, termios.error, ValueError)

_T = TypeVar("_T")


class SerialScanner:
    """Reads codes from `port` until stopped; opens it again whenever it is gone.

    `on_scan` is called for each code, `on_state` whenever the state changes, both from the reader's thread;
    what they raise is logged and changes nothing. A port that does not exist yet is waited for.
    """

    def __init__(
        self,
        port: str,
        baudrate: int,
        terminator: Terminator,
        on_scan: Callable[[Scan], None],
        on_state: Callable[[ScannerState], None],
        *,
        pause_s: float = DEFAULT_PAUSE_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._port = port
        self._baudrate = baudrate
        self._terminator: Terminator = terminator
        self._on_scan = on_scan
        self._on_state = on_state
        self._pause_s = pause_s
        self._retry_s = retry_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._waker: socket.socket | None = None
        self._told: ScannerState | None = None

    def start(self) -> None:
        """Begin to read. Calling it again changes nothing."""
        if self._thread is not None:
            return
        self._waker, woken = socket.socketpair()
        self._thread = threading.Thread(
            target=self._run, args=(woken,), name=f"scanner {self._port}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the line; from then on nothing is called any more."""
        self._stopping.set()
        if self._waker is None or self._thread is None:
            return
        self._waker.close()
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_TIMEOUT_S)

    def _run(self, woken: socket.socket) -> None:
        with woken:
            while not self._stopping.is_set():
                try:
                    line = serial.Serial(self._port, self._baudrate, timeout=0, exclusive=True)
                except _LINE_ERRORS as error:
                    self._tell_failed(_why_not_opened(error), error)
                else:
                    self._read_until_lost(line, woken)
                self._stopping.wait(self._retry_s)

    def _read_until_lost(self, line: serial.Serial, woken: socket.socket) -> None:
        self._tell(ScannerState(connected=True, source=self._port))
        try:
            self._read(line, woken)
        except _LINE_ERRORS as error:
            self._tell_failed(ScannerFault.LOST, error)
        finally:
            _close(line)

    def _read(self, line: serial.Serial, woken: socket.socket) -> None:
        """Hand on codes until stop() closes the other end of `woken`, or the line fails."""
        framer = Framer(self._terminator, self._pause_s)
        while not self._stopping.is_set():
            # Nothing is polled: the line, stop() or the end of a pause wakes this thread.
            deadline_s = framer.deadline_s
            timeout_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
            readable, _, _ = select.select([line.fileno(), woken], [], [], timeout_s)
            data = line.read(READ_BYTES) if line.fileno() in readable else b""
            self._hand_on(framer, data, time.monotonic())

    def _hand_on(self, framer: Framer, data: bytes, now_s: float) -> None:
        dropped_before = framer.dropped
        codes = framer.feed(data, now_s)
        for code in codes:
            self._call(self._on_scan, Scan(code, now_s, self._port))
        if framer.dropped > dropped_before:
            self._told = None  # one more lost code is news, also right after another one
            fault = ScannerFault.CODE_DROPPED
            self._tell(ScannerState(True, self._port, fault, fault.value))
        elif codes:
            self._tell(ScannerState(connected=True, source=self._port))

    def _tell_failed(self, fault: ScannerFault, error: Exception) -> None:
        number = getattr(error, "errno", None)
        detail = os.strerror(number) if number else str(error)
        self._tell(ScannerState(connected=False, source=self._port, fault=fault, detail=detail))

    def _tell(self, state: ScannerState) -> None:
        # Trying again and failing the same way is no news.
        if state != self._told:
            self._told = state
            log.info("scanner %s: %s", self._port, state.fault or "connected")
            self._call(self._on_state, state)

    def _call(self, callback: Callable[[_T], None], value: _T) -> None:
        if self._stopping.is_set():
            return
        try:
            callback(value)
        except Exception:
            log.exception("scanner %s: a %s could not be handed on", self._port, type(value).__name__)


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial port of this machine. `path` stays the same for a device across restarts, where it can."""

    path: str
    device: str
    description: str


def list_ports() -> list[SerialPort]:
    """The serial ports of this machine, by path."""
    stable = {os.path.realpath(link): str(link) for link in Path("/dev/serial/by-id").glob("*")}
    ports = [
        SerialPort(stable.get(port.device, port.device), port.device, _words_of(port.description))
        for port in serial_list_ports.comports()
    ]
    return sorted(ports, key=lambda port: port.path)


def _words_of(description: str | None) -> str:
    """What is plugged in; nothing where pyserial writes that it does not know."""
    return "" if description in (None, "n/a") else str(description)


def _why_not_opened(error: Exception) -> ScannerFault:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO):
        return ScannerFault.MISSING
    # The advisory lock of another program says EAGAIN, a driver that admits only one says EBUSY.
    if number in (errno.EAGAIN, errno.EBUSY):
        return ScannerFault.BUSY
    if number in (errno.EACCES, errno.EPERM):
        return ScannerFault.REFUSED
    return ScannerFault.ERROR


def _close(line: serial.Serial) -> None:
    try:
        line.close()
    except _LINE_ERRORS:
        log.debug("a lost line could not be closed", exc_info=True)
