"""Talking to the terminal, so that bytes which are no text end nothing, and its end ends the program."""

import os
import select
import signal
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import IO, Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

READ_BYTES = 4096
TICK_S = 0.1
"""How long the beginning of a key may wait for its end."""


TERMINAL_GONE = 128 + signal.SIGHUP
"""The code that a shell reports of programs whose terminal has gone."""


class TillDriver(LinuxDriver):
    """Textual's driver takes UTF-8 only and ends the program with the first byte that is none.

    Such bytes come from a scanner that types in another character set, and from a bad line. Here they become �, so
    that the code is refused in words like any other that names nothing.

    It also draws by a thread, which has to wait until this one rests, and which dies with the terminal.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file: Any = _TerminalFile(self._file)

    def write(self, data: str) -> None:
        self._file.write(data)
        self._file.flush()

    def run_input_thread(self) -> None:
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        parser = XTermParser(self._debug)
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], TICK_S)[0]:
                data = self._read()
                if not data:
                    self._app.call_later(self._app.exit, return_code=TERMINAL_GONE)
                    return
                text = decode(data)
                if text:  # nothing: the rest of a character is still to come
                    for message in parser.feed(text):
                        self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing if the terminal is gone."""
        try:
            return os.read(self.fileno, READ_BYTES)
        except OSError:
            return b""


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
