"""Keys from the terminal: typing told from a scanner that types, and both handed to the screen in front."""

import re
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.timer import Timer

from hardware.ports import Scan
from hardware.scanner.wedge import Outcome, Pressed, Scanned, Typed, WedgeDetector
from tui_pos.screens.base import KeyedScreen

SOURCE = "keyboard"
GS = "\x1d"
_KEY_NAMES = {"ctrl+j": "enter", "ctrl+right_square_bracket": GS}
"""How terminals report what a scanner sends: LF, and GS between the fields of a GS1 code."""

_ALT_DIGITS = ("alt+0", "alt+2", "alt+9")

_QUANTITY_BEFORE = re.compile(r"[0-9]+([.,][0-9]+)?\*")
_TYPING = re.compile(r"[-+*=/].*|.* .*|[0-9]+[.,][0-9]{1,3}", re.DOTALL)
"""What a macro may type: corrections, actions, several words, an amount with decimals."""


class Keyboard:
    """Sorts key events. With `scanner`, bursts that no person types become scans; without, everything is typing.

    A burst is a code whatever it says, or a printed code could give a discount. With `macros` what only programs for
    typing send (a correction, an action, a PIN) is typing at any speed.
    `front` tells the screen that keys go to; `app` keeps the time.
    """

    def __init__(
        self, app: App[None], front: Callable[[], KeyedScreen], *, scanner: bool, macros: bool
    ) -> None:
        self._app = app
        self._front = front
        self._macros = macros
        self._detector = WedgeDetector() if scanner else None
        self._timer: Timer | None = None

    def key(self, event: events.Key) -> None:
        """Take one key, at the time at which the terminal sent it."""
        key = _KEY_NAMES.get(event.key) or (event.character if event.is_printable else None) or event.key
        if key in _ALT_DIGITS:  # of Alt+029, by which some scanners type GS: the last one tells
            if key != _ALT_DIGITS[-1]:
                return
            key = GS
        if self._detector is None:
            self._act(Typed(key) if len(key) == 1 else Pressed(key), event.time)
            return
        for outcome in self._detector.key(key, event.time):
            self._act(outcome, event.time, ended=key == "enter")
        self._wait(event.time)

    def _wait(self, now_s: float) -> None:
        """See to it that what is held is let go in time."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        deadline_s = self._detector.deadline_s if self._detector else None
        if deadline_s is not None:
            delay_s = max(0.0, deadline_s - now_s)
            self._timer = self._app.set_timer(delay_s, lambda: self._release(deadline_s))

    def _release(self, now_s: float) -> None:
        assert self._detector is not None
        for outcome in self._detector.release(now_s):
            self._act(outcome, now_s)
        self._wait(now_s)

    def _act(self, outcome: Outcome, now_s: float, *, ended: bool = False) -> None:
        screen = self._front()
        match outcome:
            case Typed(text):
                screen.take_text(text)
            case Pressed(key):
                screen.take_key(key)
            case Scanned(code, typed_before):
                screen.take_back(typed_before)
                if not (self._macros and self._typed_by_macro(code, ended)):
                    self._front().take_scan(Scan(code, now_s, SOURCE))

    def _typed_by_macro(self, burst: str, ended: bool) -> bool:
        """Put a burst that looks like typing where the cursor is. False where it is a scan all the same."""
        screen = self._front()
        quantity = _QUANTITY_BEFORE.match(burst)
        typing = quantity or _TYPING.fullmatch(burst) or screen.is_typed(burst)
        if typing:
            screen.take_text(burst)
            if ended:
                screen.take_key("enter")
        return bool(typing)
