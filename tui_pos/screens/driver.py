"""Reading the terminal's input, so that bytes which are no text end nothing."""

import os
import select
from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

READ_BYTES = 4096
TICK_S = 0.1
"""How long the beginning of a key may wait for its end."""


class TillDriver(LinuxDriver):
    """Textual's driver takes UTF-8 only and ends the program with the first byte that is none.

    Such bytes come from a scanner that types in another character set, and from a bad line. Here they become �, so
    that the code is refused in words like any other that names nothing.
    """

    def run_input_thread(self) -> None:
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        parser = XTermParser(self._debug)
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], TICK_S)[0]:
                data = self._read()
                if not data:
                    self._app.call_later(self._app.exit)
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
