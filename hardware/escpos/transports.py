"""Lines to a printer. Opened when made, used for as long as they live, thrown away when they fail.

Every write goes in small pieces, with a limit on how long the printer may take nothing, and can be called off
from another thread. A broken line is never mended: the next try makes a new one.
"""

import contextlib
import importlib
import os
import select
import socket
import stat
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from hardware.ports import DeviceError, Fault

STALL_LIMIT_S = 5.0
"""A printer that takes no byte for so long is stalled. Printing a raster line or cutting takes far less."""
CONNECT_LIMIT_S = 1.5
_PIECE_BYTES = 512
_TICK_S = 0.1
"""How soon a waiting write notices that it is called off."""


class Transport(Protocol):
    """One open line to a printer. Opening it (making the object) raises DeviceError."""

    answers: bool
    """Whether the printer can be heard: silence then means that it is gone."""
    stays_open: bool
    """Whether the line is kept between pages. A network printer serves one line at a time: others wait."""

    def write(self, data: bytes) -> None:
        """Send everything, or raise DeviceError (OFFLINE: the line broke; TIMEOUT: no byte was taken)."""

    def read(self, timeout_s: float) -> bytes:
        """What the printer says, empty after `timeout_s` of silence. DeviceError if the line broke."""

    def sending_s(self, size_bytes: int) -> float:
        """How long so much may still be under way after `write` returned."""

    def call_off(self) -> None:
        """Let a write or read in another thread end now with DeviceError."""

    def close(self, *, broken: bool = False) -> None:
        """Let go. A broken line's unsent bytes are thrown away. Never raises."""


class _Line:
    """A line that the system knows by a file descriptor."""

    answers = True
    stays_open = True

    def __init__(self, name: str, fd: int, let_go: Callable[[], None], stall_limit_s: float) -> None:
        self._name, self._fd, self._let_go = name, fd, let_go
        self._stall_limit_s = stall_limit_s
        self._called_off = threading.Event()
        os.set_blocking(fd, False)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        taken_at_s = time.monotonic()
        while rest:
            taken = self._write_some(rest[:_PIECE_BYTES])
            if taken:
                rest, taken_at_s = rest[taken:], time.monotonic()
            elif self._called_off.is_set():
                raise DeviceError(Fault.TIMEOUT, f"{self._name}: called off with {len(rest)} bytes to go")
            elif time.monotonic() - taken_at_s > self._stall_limit_s:
                raise DeviceError(Fault.TIMEOUT, f"{self._name}: takes no more, {len(rest)} bytes to go")

    def read(self, timeout_s: float) -> bytes:
        until_s = time.monotonic() + timeout_s
        try:
            while not select.select([self._fd], [], [], max(0.0, min(_TICK_S, until_s - time.monotonic())))[
                0
            ]:
                if self._called_off.is_set():
                    raise DeviceError(Fault.TIMEOUT, f"{self._name}: called off")
                if time.monotonic() >= until_s:
                    return b""
            data = os.read(self._fd, 64)
        except BlockingIOError:
            return b""
        except (OSError, ValueError) as error:  # ValueError: closed meanwhile, the descriptor is -1
            raise self._gone(error) from error
        if not data:
            raise self._gone(EOFError("the other side hung up"))
        return data

    def sending_s(self, size_bytes: int) -> float:
        return 0.0

    def call_off(self) -> None:
        self._called_off.set()

    def close(self, *, broken: bool = False) -> None:
        if broken:
            self._discard()
        with contextlib.suppress(Exception):  # pyserial, sockets and pseudo-terminals each raise their own
            self._let_go()

    def _write_some(self, piece: memoryview) -> int:
        try:
            if not select.select([], [self._fd], [], _TICK_S)[1]:
                return 0
            return os.write(self._fd, piece)
        except BlockingIOError:
            return 0
        except (OSError, ValueError) as error:
            raise self._gone(error) from error

    def _discard(self) -> None:
        """Closing a serial line waits for bytes that nobody will take, unless they are thrown away."""
        with contextlib.suppress(OSError, ValueError, termios.error):
            termios.tcflush(self._fd, termios.TCIOFLUSH)

    def _gone(self, error: Exception) -> DeviceError:
        return DeviceError(Fault.OFFLINE, f"{self._name}: {error}")


class SerialTransport(_Line):
    """A serial line. `flow_control`: none, rtscts or xonxoff. `answers=False` for a one-way cable.

    The modem lines are left as the driver sets them: a pseudo-terminal has none, and fails when asked.
    """

    def __init__(
        self,
        port: str,
        baudrate: int = 38400,
        *,
        flow_control: str = "none",
        answers: bool = True,
        stall_limit_s: float = STALL_LIMIT_S,
    ) -> None:
        serial = importlib.import_module("serial")
        try:
            line: Any = serial.Serial(
                port,
                baudrate,
                timeout=0,
                write_timeout=0,
                exclusive=True,
                rtscts=flow_control == "rtscts",
                xonxoff=flow_control == "xonxoff",
            )
        except (OSError, ValueError, termios.error) as error:
            raise DeviceError(Fault.OFFLINE, f"{port}: {error}", began=False) from error
        super().__init__(port, line.fileno(), line.close, stall_limit_s)
        self.answers = answers
        self._baudrate = baudrate

    def sending_s(self, size_bytes: int) -> float:
        """Ten bits a byte, of what fits the driver's buffer."""
        return min(size_bytes, 4096) * 10 / self._baudrate


class NetworkTransport(_Line):
    """A raw TCP line (port 9100). Opened for each page, so that several tills can share the printer."""

    stays_open = False

    def __init__(
        self, host: str, port: int = 9100, *, answers: bool = True, stall_limit_s: float = STALL_LIMIT_S
    ) -> None:
        try:
            line = socket.create_connection((host, port), timeout=CONNECT_LIMIT_S)
        except (OSError, ValueError) as error:
            raise DeviceError(Fault.OFFLINE, f"{host}:{port}: {error}", began=False) from error
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = line
        super().__init__(f"{host}:{port}", line.fileno(), line.close, stall_limit_s)
        self.answers = answers

    def close(self, *, broken: bool = False) -> None:
        """Unread answers would turn the end of the connection into a reset, which can drop the last lines."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while not broken and self._socket.recv(256):
                pass
        super().close(broken=broken)

    def _discard(self) -> None:
        """A socket keeps no one waiting."""


class FileTransport(_Line):
    """A device file such as /dev/usb/lp0, or a plain file, which is appended to. It cannot be heard."""

    answers = False
    stays_open = False

    def __init__(self, path: Path, *, stall_limit_s: float = STALL_LIMIT_S) -> None:
        try:
            fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY, 0o600)
            plain = stat.S_ISREG(os.fstat(fd).st_mode)
        except OSError as error:
            raise DeviceError(Fault.OFFLINE, f"{path}: {error}", began=False) from error
        super().__init__(str(path), fd, lambda: os.close(fd), stall_limit_s)
        self._plain = plain

    def _discard(self) -> None:
        if not self._plain:
            super()._discard()


class UsbTransport:
    """A printer on USB by vendor and product id, through pyusb (an optional part) and libusb."""

    answers = False  # many USB printers never answer; silence must not mean "gone"
    stays_open = True

    def __init__(self, vendor_id: int, product_id: int, *, stall_limit_s: float = STALL_LIMIT_S) -> None:
        self._stall_limit_s = stall_limit_s
        self._name = f"USB {vendor_id:04x}:{product_id:04x}"
        self._called_off = threading.Event()
        try:
            self._core = importlib.import_module("usb.core")
            self._util = importlib.import_module("usb.util")
        except ImportError as error:
            text = (
                f"{self._name}: pyusb is not installed; add it (pipx inject tui-pos pyusb), or use kind file"
            )
            raise DeviceError(Fault.OFFLINE, text, began=False) from error
        try:
            self._device = self._core.find(idVendor=vendor_id, idProduct=product_id)
            if self._device is None:
                raise DeviceError(Fault.OFFLINE, f"{self._name}: not connected", began=False)
            self._out = self._endpoint()
        except (OSError, ValueError, NotImplementedError) as error:  # no libusb, no rights, no such interface
            raise DeviceError(Fault.OFFLINE, f"{self._name}: {error}", began=False) from error

    def write(self, data: bytes) -> None:
        rest, taken_at_s = data, time.monotonic()
        while rest:
            try:
                taken = self._device.write(self._out, rest[:_PIECE_BYTES], timeout=1000)
            except self._core.USBTimeoutError as error:
                if self._called_off.is_set() or time.monotonic() - taken_at_s > self._stall_limit_s:
                    text = f"{self._name}: takes no more, {len(rest)} bytes to go"
                    raise DeviceError(Fault.TIMEOUT, text) from error
            except OSError as error:  # pyusb's USBError is one
                raise DeviceError(Fault.OFFLINE, f"{self._name}: {error}") from error
            else:
                rest, taken_at_s = rest[taken:], time.monotonic()

    def read(self, timeout_s: float) -> bytes:
        return b""

    def sending_s(self, size_bytes: int) -> float:
        return 0.0

    def call_off(self) -> None:
        self._called_off.set()

    def close(self, *, broken: bool = False) -> None:
        with contextlib.suppress(Exception):
            self._util.dispose_resources(self._device)

    def _endpoint(self) -> Any:
        """The address of the first bulk output of the printer's interface (USB class 7)."""
        for interface in self._device.get_active_configuration():
            if interface.bInterfaceClass != 7:
                continue
            number = interface.bInterfaceNumber
            with contextlib.suppress(NotImplementedError, OSError):
                if self._device.is_kernel_driver_active(number):
                    self._device.detach_kernel_driver(number)
            for endpoint in interface:
                bulk = self._util.endpoint_type(endpoint.bmAttributes) == self._util.ENDPOINT_TYPE_BULK
                outward = self._util.endpoint_direction(endpoint.bEndpointAddress) == self._util.ENDPOINT_OUT
                if bulk and outward:
                    return endpoint.bEndpointAddress
        raise ValueError("has no printer interface with a bulk output")
