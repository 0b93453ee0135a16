"""Keys from the terminal: typing told from a scanner that types, and both handed to the screen in front."""

import time
from typing import TYPE_CHECKING

from textual import events

from hardware.ports import Scan

if TYPE_CHECKING:
    from tui_pos.app import TillApp


class Keyboard:
    """Sorts key events. With `scanner`, bursts that no person types become scans."""

    def __init__(self, app: "TillApp", *, scanner: bool) -> None:
        self._app = app
        self._scanner = scanner

    def key(self, event: events.Key) -> None:
        """Hand one key on."""
        character = event.character if event.is_printable else None
        if character is not None:
            self._app.front.take_text(character)
        else:
            self._app.front.take_key(event.key)

    def scan(self, code: str) -> None:
        """A burst was a scan."""
        self._app.front.take_scan(Scan(code, time.monotonic(), "keyboard"))
