"""A program in a terminal of 120×36, as a person in front of it sees it, with the time at which each byte came.

Bytes are only noted while something is timed; what they paint is worked out afterwards, chunk by chunk, so that the
terminal here does not slow down the program there.
"""

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
import tty
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import pyte

COLUMNS, ROWS = 120, 36
READ_BYTES = 65536
QUIET_S = 0.025
"""Nothing more is painted for one act when nothing came for so long."""

TIMEOUT_S = 15.0


def as_in_a_shop() -> dict[str, str]:
    """The variables for a program: without sizes of another terminal, and with the bytecode that Python keeps."""
    elsewhere = ("COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in elsewhere}


class NotShown(Exception):
    """The program never showed what it was waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one act: seconds until it stood on the screen, and bytes written until the screen was quiet."""

    shown_after_s: float
    written_bytes: int


class Serial:
    """The far end of a serial line; `path` is the port that the program opens."""

    def __init__(self) -> None:
        self.cable, self._device = os.openpty()
        tty.setraw(self._device)
        self.path = os.ttyname(self._device)

    def close(self) -> None:
        """Pull the cable."""
        os.close(self.cable)
        os.close(self._device)


class Terminal:
    """Runs a program for as long as the block does."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.keyboard, device = os.openpty()
        fcntl.ioctl(device, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started_s = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=device,
            stdout=device,
            stderr=device,
            env={**as_in_a_shop(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})},
            start_new_session=True,
        )
        os.close(device)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.keyboard)

    def text(self) -> list[str]:
        """The rows on the screen."""
        return list(self.screen.display)

    def shows(self, text: str) -> bool:
        """Whether one of the rows holds `text`."""
        return any(text in row for row in self.screen.display)

    def settle(self, quiet_s: float = 0.3) -> None:
        """Paint whatever comes until nothing does."""
        while chunk := self._read(quiet_s):
            self._stream.feed(chunk)

    def wait_for(self, shown: Callable[[], bool], what: str) -> float:
        """Paint until `shown`; the moment at which the last byte for it came."""
        give_up_s = time.perf_counter() + TIMEOUT_S
        while time.perf_counter() < give_up_s:
            chunk = self._read(0.1)
            came_s = time.perf_counter()
            if chunk:
                self._stream.feed(chunk)
            if shown():
                return came_s
        raise NotShown(f"never shown: {what}\n" + "\n".join(self.text()))

    def act(self, line: int, data: bytes, shown: Callable[[], bool], what: str) -> Answer:
        """Write `data` to a line (the keyboard or a scanner's cable) and time until `shown`."""
        chunks: list[tuple[float, bytes]] = []
        begun_s = time.perf_counter()
        os.write(line, data)
        # The first bytes may take their time, afterwards silence is the end.
        while chunk := self._read(QUIET_S if chunks else 2.0):
            chunks.append((time.perf_counter(), chunk))
        shown_s = None
        for came_s, chunk in chunks:
            self._stream.feed(chunk)
            if shown_s is None and shown():
                shown_s = came_s
        if shown_s is None:
            shown_s = self.wait_for(shown, what)
        return Answer(shown_s - begun_s, sum(len(chunk) for _came_s, chunk in chunks))

    def _read(self, timeout_s: float) -> bytes:
        ready, _, _ = select.select([self.keyboard], [], [], timeout_s)
        if not ready:
            return b""
        try:
            return os.read(self.keyboard, READ_BYTES)
        except OSError:  # the program has ended
            return b""
