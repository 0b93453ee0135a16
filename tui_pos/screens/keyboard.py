"""Keys from the terminal: typing told from a scanner that types, and both handed to the screen in front."""

import re
from collections import deque
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.timer import Timer

from hardware.ports import KEYBOARD, Scan
from hardware.scanner.wedge import Outcome, Pressed, Scanned, Typed, WedgeDetector
from tui_pos.screens.base import KeyedScreen
from tui_pos.screens.entry_buffer import EDITING_KEYS
from tui_pos.screens.held_key import SETTLED_S, HeldKey, Press

GS = "\x1d"
_KEY_NAMES = {"ctrl+j": "enter", "ctrl+right_square_bracket": GS}
"""How terminals report what a scanner sends: LF, and GS between the fields of a GS1 code."""

_ALT_DIGITS = ("alt+0", "alt+2", "alt+9")

_QUANTITY_BEFORE = re.compile(r"[0-9]+([.,][0-9]+)?\*")
_TYPING = re.compile(r"[-+*=/].*|.* .*|[0-9]+[.,][0-9]{1,3}", re.DOTALL)
"""What a macro may type: corrections, actions, several words, an amount with decimals."""


_MAY_REPEAT = (EDITING_KEYS - {"delete"}) | {"up", "down", "pageup", "pagedown"}
"""Keys that go on for as long as they are held down. All others do something, and do it once."""


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
        self._held = HeldKey()
        self._press = Press.NEW  # of the key that came last
        self._unsure: deque[Typed | Pressed] = deque()

    def key(self, event: events.Key) -> None:
        """Take one key, at the time at which the terminal sent it."""
        key = _KEY_NAMES.get(event.key) or (event.character if event.is_printable else None) or event.key
        if key in _ALT_DIGITS:  # of Alt+029, by which some scanners type GS: the last one tells
            if key != _ALT_DIGITS[-1]:
                return
            key = GS
        if self._detector is not None:  # what came before was judged when it came
            for outcome in self._detector.release(event.time):
                self._act(outcome, event.time)
        self._press = self._held.press(key, event.time)
        if self._press is Press.HELD:
            self._unsure.clear()
        elif self._press is Press.NEW:
            self._settle(len(self._unsure))
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
            case Typed() | Pressed():
                self._keyed(outcome)
            case Scanned(code, typed_before):
                screen.take_back(typed_before)
                if not (self._macros and self._typed_by_macro(code, ended)):
                    self._front().take_scan(Scan(code, now_s, KEYBOARD))

    def _keyed(self, outcome: Typed | Pressed) -> None:
        """Do what a person's key means; where it would do something again, only if it was pressed again."""
        if self._press is Press.NEW or self._only_edits(outcome):
            self._do(outcome)
        elif self._press is Press.UNSURE:
            self._unsure.append(outcome)
            self._app.set_timer(SETTLED_S, lambda: self._settle(1, outcome))

    def _only_edits(self, outcome: Typed | Pressed) -> bool:
        """Whether it moves about or goes into a text. A letter that the entry line does not hold may do something."""
        front = self._front()
        empty = front.takes_letters_as_keys
        match outcome:
            case Typed(text):
                return not (empty and text.isalpha())
            case Pressed("delete"):
                return not empty
            case Pressed("enter"):
                return front.enter_only_moves
            case Pressed(key):
                return key in _MAY_REPEAT

    def _settle(self, most: int, due: Typed | Pressed | None = None) -> None:
        """What was unsure was pressed again: do it, in its order. `due` is done only where it still waits."""
        if due is not None and not any(each is due for each in self._unsure):
            return
        for _each in range(most):
            self._do(self._unsure.popleft())

    def _do(self, outcome: Typed | Pressed) -> None:
        match outcome:
            case Typed(text):
                self._front().take_text(text)
            case Pressed(key):
                self._front().take_key(key)

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
