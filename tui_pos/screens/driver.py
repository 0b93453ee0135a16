"""Talking to the terminal, so that bytes which are no text end nothing, and its end ends the program."""

import os
import select
import signal
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import IO, Any

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui_pos.widgets.letters import steadied

READ_BYTES = 4096
TICK_S = 0.1
"""How long the beginning of a key may wait for its end."""


PASTE_QUIET_S = 0.5
PASTE_LASTS_S = 2.0
"""A paste whose end does not come is over after so much silence, or so long after it began."""

TERMINAL_GONE = 128 + signal.SIGHUP
"""The code that a shell reports of programs whose terminal has gone."""


class TillDriver(LinuxDriver):
    """Textual's driver takes UTF-8 only and ends the program with the first byte that is none.

    Such bytes come from a scanner that types in another character set, and from a bad line. Here they become �, so
    that the code is refused in words like any other that names nothing.

    It also draws by a thread, which has to wait until this one rests, and which dies with the terminal; it trusts the
    terminal with the width of every letter; and it takes all that follows for a part of a paste until its end comes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file: Any = _TerminalFile(self._file)

    def write(self, data: str) -> None:
        self._file.write(steadied(data))
        self._file.flush()

    def run_input_thread(self) -> None:
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        parser = XTermParser(self._debug)
        paste = OpenPaste()
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], TICK_S)[0]:
                data = self._read()
                if not data:
                    self._app.call_later(self._app.exit, return_code=TERMINAL_GONE)
                    return
                text = decode(data)
                if text:  # nothing: the rest of a character is still to come
                    paste.read(text, time.monotonic())
                    for message in parser.feed(text):
                        self.process_message(message)
            if paste.is_overdue(time.monotonic()):
                paste = OpenPaste()
                for message in parser.feed(BRACKETED_PASTE_END):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing if the terminal is gone."""
        try:
            return os.read(self.fileno, READ_BYTES)
        except OSError:
            return b""


class OpenPaste:
    """Knows whether a paste has begun whose end has not come, from what was read and when. Pure: no terminal."""

    def __init__(self) -> None:
        self._begun_s: float | None = None
        self._last_s = 0.0
        self._tail = ""  # a mark may come in two pieces

    def read(self, text: str, now_s: float) -> None:
        """Take note of what came from the terminal."""
        seen = self._tail + text
        begin, end = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        if end > begin:
            self._begun_s = None
        elif begin >= 0 and self._begun_s is None:
            self._begun_s = now_s
        self._tail = seen[1 - len(BRACKETED_PASTE_END) :]
        self._last_s = now_s

    def is_overdue(self, now_s: float) -> bool:
        """Whether its end will not come any more."""
        if self._begun_s is None:
            return False
        return now_s - self._last_s >= PASTE_QUIET_S or now_s - self._begun_s >= PASTE_LASTS_S


class _TerminalFile:
    """What is drawn on: once the terminal is gone it is drawn for nobody, until the program has ended."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()
