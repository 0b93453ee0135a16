"""The whole program in a terminal of our own: what it draws can be read, and what is typed reaches it."""

import contextlib
import errno
import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

WAIT_S = 60.0
"""How long the screen may take to show what a test waits for; generous, since machines are busy."""

TWICE_S = 0.15
"""A person takes so long to press one key twice."""

PROGRAM = Path(sys.executable).with_name("tui-pos")

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "tab": "\t",
    "backspace": "\x7f",
    "escape": "\x1b[27u",  # a lone ESC would have to be told from the beginning of another key by waiting
    "up": "\x1b[A",
    "down": "\x1b[B",
    "delete": "\x1b[3~",
    "pagedown": "\x1b[6~",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "ctrl+p": "\x10",
    "ctrl+q": "\x11",
    "ctrl+x": "\x18",
}

# The program asks its terminal what it can do. Pyte would draw some of the questions; one is answered, since a
# program that may mark the beginning and end of its frames is never seen in the middle of one.
_QUESTIONS = re.compile(rb"\x1b\[[<>=?][0-9;]*(?:u|c|q|m|\$p)")
_CAN_FRAME, _YES_IT_CAN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_FRAME_BEGINS, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"


class Terminal:
    """A program in a pseudo-terminal of `columns` × `rows`, from its start until it is killed or ends."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        columns: int = 100,
        rows: int = 30,
        program: Path = PROGRAM,
    ) -> None:
        self.written_bytes = 0
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._in_frame = False
        self._last_key, self._pressed_s = "", 0.0
        self._ended = False
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process = subprocess.Popen(
            [program, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **environment},
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    # What the program shows

    @property
    def text(self) -> str:
        """The screen as it is now, one line a row."""
        return self.wait_until(lambda _screen: True)

    def wait_for(self, *texts: str, timeout_s: float = WAIT_S) -> str:
        """The screen as soon as it shows all of `texts`. Fails with the screen in its message."""
        return self.wait_until(
            lambda screen: all(text in screen for text in texts), timeout_s, what=" and ".join(texts)
        )

    def wait_without(self, text: str, timeout_s: float = WAIT_S) -> str:
        """The screen as soon as it no longer shows `text`."""
        return self.wait_until(lambda screen: text not in screen, timeout_s, what=f"the end of {text}")

    def wait_until(self, fits: Callable[[str], bool], timeout_s: float = WAIT_S, what: str = "it") -> str:
        """The screen as soon as it fits. Fails when the time is up or the program has ended."""
        until_s = time.monotonic() + timeout_s
        with self._changed:
            while True:
                screen = "\n".join(self._screen.display)
                if not self._in_frame and fits(screen):
                    return screen
                left_s = until_s - time.monotonic()
                if left_s <= 0 or self._ended:
                    why = "the program ended" if self._ended else f"not within {timeout_s} s"
                    raise AssertionError(f"{what!r} did not appear: {why}. The screen:\n{screen}")
                self._changed.wait(left_s)

    # What a person does

    def type(self, text: str) -> None:
        """Send characters as they are, all in one go."""
        if text:
            self._last_key = ""
        self.send(text.encode())

    def press(self, *keys: str) -> None:
        """Send keys by their names; one character stands for itself."""
        for key in keys:
            if key == self._last_key:  # at a person's pace, or it would be a key that is held down
                time.sleep(max(0.0, self._pressed_s + TWICE_S - time.monotonic()))
            self.send(KEYS.get(key, key).encode())
            self._last_key, self._pressed_s = key, time.monotonic()

    def enter(self, text: str) -> None:
        """Type a text and Enter."""
        self.type(text)
        self.press("enter")

    def enter_slowly(self, text: str) -> None:
        """Type a text and Enter as a person does: no scanner is so slow."""
        for key in (*text, "\r"):
            self.send(key.encode())
            time.sleep(0.05)

    def send(self, data: bytes) -> None:
        """Put bytes on the program's input."""
        while data:
            data = data[os.write(self._master, data) :]

    # Its end

    def kill(self) -> None:
        """End the program as a power switch would: at once, in the middle of whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(WAIT_S)
        self._let_go()

    def quit(self) -> int:
        """Ask the program to end, and wait for it. Returns its exit code."""
        self.press("ctrl+q")
        return self.wait_ended()

    def wait_ended(self) -> int:
        """Wait until the program has ended by itself. Returns its exit code."""
        code = self._process.wait(WAIT_S)
        self._let_go()
        return code

    def close(self) -> None:
        """Leave nothing behind, whatever state the program is in."""
        self.kill()

    def _let_go(self) -> None:
        self._reader.join(WAIT_S)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError as error:
                if error.errno != errno.EIO:  # EIO: nobody holds the other end any more
                    raise
                data = b""
            with self._changed:
                if not data:
                    self._ended = True
                else:
                    self.written_bytes += len(data)
                    rest = self._feed(rest + data)
                self._changed.notify_all()
            if not data:
                return

    def _feed(self, data: bytes) -> bytes:
        """Draw what is complete. Returns the beginning of a sequence whose end has not come yet."""
        if _CAN_FRAME in data:
            self.send(_YES_IT_CAN)
        data = _QUESTIONS.sub(b"", data)
        cut = data.rfind(b"\x1b")
        if cut < 0 or len(data) - cut > 32 or re.match(rb"\x1b(\[[0-9;<>=?]*[@-~$]|[^\[])", data[cut:]):
            cut = len(data)
        self._stream.feed(data[:cut])
        begin, end = data.rfind(_FRAME_BEGINS, 0, cut), data.rfind(_FRAME_ENDS, 0, cut)
        if begin != end:
            self._in_frame = begin > end
        return data[cut:]
