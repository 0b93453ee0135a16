"""ESC/POS printers for tests: one that reads and answers, behind a pseudo-terminal or a TCP port.

It interprets what it is sent as a printer would: real-time questions at once, everything else in order, nothing
while it is out of paper. It can stall, fall silent, run out of paper and vanish after so many bytes.
"""

import contextlib
import os
import select
import socket
import struct
import threading
import tty
from collections.abc import Generator
from pathlib import Path

CODE_PAGES = {0: "cp437", 14: "cp737", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 40: "iso8859-15"}


class Machine:
    """The inside of a printer. Not thread-safe by itself; `receive` is called by one thread."""

    def __init__(self) -> None:
        self.received = bytearray()
        """Everything that came, real-time questions included."""
        self.lines: list[str] = []
        """What is on the paper; pictures as [picture WIDTHxHEIGHT], codes as [barcode …] and [qr …]."""
        self.cuts = 0
        self.pulses: list[bytes] = []
        self.cover_open = self.paper_low = self.paper_out = self.error = False
        self.silent = False
        """Switched off, with the cable still in."""
        self.knows_echo = True
        self.paper_lines: int | None = None
        """How many lines are left on the roll; None: enough."""
        self._waiting = bytearray()
        self._real_time = b""
        self._answers = bytearray()
        self._text = ""
        self._page = 0
        self._program = self._interpret()
        next(self._program)

    def receive(self, data: bytes) -> bytes:
        """Take bytes, return the answers to them."""
        self.received += data
        if self.silent:
            return b""
        for byte in data:
            self._take(byte)
        self.go_on()
        answers, self._answers = bytes(self._answers), bytearray()
        return answers

    def go_on(self) -> None:
        """Print what waits, as far as the printer is able to."""
        while self._waiting and not (self.paper_out or self.cover_open or self.error):
            self._program.send(self._waiting.pop(0))

    def put_in_paper(self) -> None:
        self.paper_out, self.paper_lines = False, None

    def _take(self, byte: int) -> None:
        """DLE EOT n and DLE DC4 1 m t act at once; anything else waits for its turn."""
        self._real_time += bytes([byte])
        talk = self._real_time
        if len(talk) == 3 and talk[:2] == b"\x10\x04":
            self._answers.append(self._status(talk[2]))
        elif len(talk) == 5 and talk[:3] == b"\x10\x14\x01":
            self.pulses.append(talk)
        elif any(start.startswith(talk[: len(start)]) for start in (b"\x10\x04", b"\x10\x14\x01")):
            return
        else:
            self._waiting += talk
        self._real_time = b""

    def _status(self, n: int) -> int:
        bits = {
            1: 0x08 * (self.cover_open or self.paper_out or self.error),
            2: 0x04 * self.cover_open + 0x20 * self.paper_out + 0x40 * self.error,
            4: 0x0C * self.paper_low + 0x60 * self.paper_out,
        }
        return 0x12 | bits.get(n, 0)

    def _new_line(self) -> None:
        self._put(self._text)
        self._text = ""

    def _put(self, line: str) -> None:
        self.lines.append(line)
        if self.paper_lines is not None:
            self.paper_lines -= 1
            self.paper_out = self.paper_lines <= 0

    def _interpret(self) -> Generator[None, int, None]:
        while True:
            byte = yield
            if byte == 0x0A:
                self._new_line()
            elif byte == 0x1B:
                yield from self._esc()
            elif byte == 0x1D:
                yield from self._gs()
            elif byte < 0x20:
                raise AssertionError(f"stray control byte {byte:#x} in the text {self._text!r}")
            else:
                self._text += bytes([byte]).decode(CODE_PAGES.get(self._page, "ascii"))

    def _esc(self) -> Generator[None, int, None]:
        command = chr((yield))
        if command == "@":
            self._page, self._text = 0, ""
        elif command == "t":
            self._page = yield
        elif command == "d":
            for _line in range((yield)):
                self._new_line()
        elif command == "p":
            self.pulses.append(b"\x1bp" + (yield from _some(3)))
        elif command in "!EaRM-{GJ3":
            yield
        elif command != "2":
            raise AssertionError(f"unknown command ESC {command}")

    def _gs(self) -> Generator[None, int, None]:
        command = chr((yield))
        if command == "V":
            yield
            self.cuts += 1
        elif command == "r":
            yield
            if self.knows_echo:
                self._answers.append(0x03 * self.paper_low + 0x0C * self.paper_out)
        elif command == "v":
            header = yield from _some(6)
            width_bytes, height = struct.unpack("<HH", header[2:])
            yield from _some(width_bytes * height)
            self._put(f"[picture {width_bytes * 8}x{height}]")
        elif command == "k":
            kind, size = yield from _some(2)
            self._put(f"[barcode {kind} {(yield from _some(size))!r}]")
        elif command == "(":
            yield
            size = struct.unpack("<H", (yield from _some(2)))[0]
            data = yield from _some(size)
            if data[:3] == b"1P0":
                self._put(f"[qr {data[3:].decode()}]")
        elif command in "hwHfB!":
            yield
        else:
            raise AssertionError(f"unknown command GS {command}")


def _some(count: int) -> Generator[None, int, bytes]:
    taken = bytearray()
    for _byte in range(count):
        taken.append((yield))
    return bytes(taken)


class _Rig:
    """A machine behind a file descriptor, served by a thread."""

    def __init__(self) -> None:
        self.machine = Machine()
        self.vanish_after_bytes: int | None = None
        self.stall_after_bytes: int | None = None
        self.stalled = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        self._ended = False
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def stall(self, stalled: bool = True) -> None:
        """Take nothing more, with the cable in (a printer held by its own flow control)."""
        if stalled:
            self.stalled.set()
        else:
            self.stalled.clear()
        self._wake()

    def vanish(self) -> None:
        """Pull the plug."""
        with self._lock:
            self._cut_off()
        self._wake()

    def close(self) -> None:
        self._ended = True
        self._wake()
        self._thread.join(5)
        self._cut_off()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wake(self) -> None:
        os.write(self._wake_write, b"!")

    def _sources(self) -> list[int]:
        raise NotImplementedError

    def _read(self, source: int) -> bytes:
        raise NotImplementedError

    def _answer(self, data: bytes) -> None:
        raise NotImplementedError

    def _cut_off(self) -> None:
        raise NotImplementedError

    def _serve(self) -> None:
        while not self._ended:
            with self._lock:
                sources = [] if self.stalled.is_set() else self._sources()
            try:
                ready = select.select([*sources, self._wake_read], [], [], 5)[0]
            except OSError:  # the plug was pulled at this very moment
                continue
            if self._wake_read in ready:
                os.read(self._wake_read, 64)
            # A number in `ready` may be somebody else's by now: the plug was pulled, and a new file took its place.
            with self._lock, contextlib.suppress(OSError):
                for source in set(ready).intersection(self._sources()):
                    self._pass_on(self._read(source))

    def _pass_on(self, data: bytes) -> None:
        left = self.vanish_after_bytes
        if left is not None and len(data) >= left:
            self.machine.receive(data[:left])
            self.vanish_after_bytes = None
            self._cut_off()
            return
        if left is not None:
            self.vanish_after_bytes = left - len(data)
        answer = self.machine.receive(data)
        if answer:
            self._answer(answer)
        if self.stall_after_bytes is not None and len(self.machine.received) >= self.stall_after_bytes:
            self.stall_after_bytes = None
            self.stalled.set()


class PtyPrinter(_Rig):
    """A printer on a serial line. `port` is a name that stays the same when the printer comes back."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.port = str(folder / "printer0")
        self._master = self._slave = -1
        self.come_back()
        self._thread.start()

    def come_back(self) -> None:
        """Plug it in again: a new device under the old name."""
        with self._lock:
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            Path(self.port).symlink_to(os.ttyname(self._slave))
        if self._thread.is_alive():
            self._wake()

    def _sources(self) -> list[int]:
        return [self._master] if self._master >= 0 else []

    def _read(self, source: int) -> bytes:
        return os.read(source, 4096)

    def _answer(self, data: bytes) -> None:
        os.write(self._master, data)

    def _cut_off(self) -> None:
        if self._master < 0:
            return
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        Path(self.port).unlink(missing_ok=True)


class TcpPrinter(_Rig):
    """A network printer: one connection at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._line: socket.socket | None = None
        self.connections = 0
        self._thread.start()

    def _sources(self) -> list[int]:
        wanted = self._line or self._listener
        return [wanted.fileno()] if wanted else []

    def _read(self, source: int) -> bytes:
        if self._line is None:
            assert self._listener is not None
            self._line = self._listener.accept()[0]
            self.connections += 1
            return b""
        data = self._line.recv(4096)
        if not data:
            self._line.close()
            self._line = None
        return data

    def _answer(self, data: bytes) -> None:
        if self._line is not None:
            self._line.sendall(data)

    def _cut_off(self) -> None:
        """As when the power fails: the connection is reset, and nobody listens any more."""
        if self._line is not None:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._line.close()
            self._line = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
