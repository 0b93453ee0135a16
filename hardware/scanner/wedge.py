"""A scanner that types: its bursts told from a person at the keyboard. Pure: no terminal, no clock.

How the two differ. A scanner sends a key every 1 to 20 ms and ends with Enter or Tab, or just stops; a person
needs 60 ms and more between two keys, and now and then rolls over two or three in less. So keys that follow
each other quickly are held back until it is clear whose they were, at most `max_gap_s` after the last one.
Four or more of them are nobody's typing: those may pause for up to `stall_s`, since over SSH a burst arrives
in pieces. A key held down repeats one character, and a paste comes as a paste; neither is a scan.
"""

from dataclasses import dataclass

from hardware.scanner.framing import MAX_CODE_BYTES

ENDS = ("enter", "tab")

# A burst that ends with nothing but silence is a scan if it is as long as the shortest EAN.
LENGTH_WITHOUT_END = 8

# A code can begin with equal characters, so a repeated one is watched this long before it is let through.
REPEAT_HOLD_S = 0.15


@dataclass(frozen=True, slots=True)
class Typed:
    """A person typed this text: put it where the cursor is."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A person pressed this key, which is no character: handle it as ever."""

    key: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanner sent this code. Its first `typed_before` characters were given out as typed: remove them."""

    code: str
    typed_before: int = 0


Outcome = Typed | Pressed | Scanned


class WedgeDetector:
    """Takes every key that is pressed and says, a moment later, what it was.

    Feed `key` with each key and the time at which it came from the terminal (not that of handling it, by
    which a person's type-ahead would look quick). Act on the outcomes in their order and on nothing else: a
    key without outcome is held, or belonged to a scan. Call `release` at `deadline_s`, wherever that is set.

    Times are seconds of one monotonic clock.
    """

    def __init__(self, max_gap_s: float = 0.035, min_length: int = 4, stall_s: float = 0.1) -> None:
        self._max_gap_s = max_gap_s
        self._min_length = min_length
        self._stall_s = stall_s
        self._run = ""
        self._given_out = 0
        self._first_s = 0.0
        self._last_s = 0.0
        self._enter_ignored_until_s = float("-inf")

    @property
    def deadline_s(self) -> float | None:
        """When `release` is due, None while nothing is held."""
        if self._given_out == len(self._run):
            return None
        due_s = self._last_s + self._patience_s
        return min(due_s, self._first_s + REPEAT_HOLD_S) if self._is_one_character else due_s

    def key(self, key: str, now_s: float) -> tuple[Outcome, ...]:
        """Take one key: a single character (GS too), or the name of any other, such as `enter` or `left`."""
        before = self.release(now_s)
        if len(key) == 1:
            return before + self._character(key, now_s)
        if key in ENDS:
            return before + self._end(key, now_s)
        return before + self._pressed(key)

    def release(self, now_s: float) -> tuple[Outcome, ...]:
        """Let go of what has been held for long enough. Does nothing before `deadline_s`."""
        deadline_s = self.deadline_s
        if deadline_s is None or now_s < deadline_s:
            return ()
        if self._looks_scanned and len(self._run) >= LENGTH_WITHOUT_END:
            return self._scanned(now_s)
        return self._give_out()

    @property
    def _is_one_character(self) -> bool:
        return self._run != "" and self._run.strip(self._run[0]) == ""

    @property
    def _looks_scanned(self) -> bool:
        return len(self._run) >= self._min_length and not self._is_one_character

    @property
    def _patience_s(self) -> float:
        return self._stall_s if self._looks_scanned else self._max_gap_s

    def _character(self, character: str, now_s: float) -> tuple[Outcome, ...]:
        outcomes: tuple[Outcome, ...] = ()
        if now_s - self._last_s > self._patience_s or len(self._run) >= MAX_CODE_BYTES:
            outcomes = self._give_out()
            self._forget()
        if not self._run:
            self._first_s = now_s
        self._run += character
        self._last_s = now_s
        self._enter_ignored_until_s = float("-inf")
        return outcomes

    def _end(self, key: str, now_s: float) -> tuple[Outcome, ...]:
        if key == "enter" and not self._run and now_s <= self._enter_ignored_until_s:
            self._enter_ignored_until_s = now_s + self._max_gap_s
            return ()
        if self._looks_scanned and now_s - self._last_s <= self._stall_s:
            return self._scanned(now_s)
        # Another one at once is the LF of a CR-LF behind a code too short for a scan, or Enter held down.
        self._enter_ignored_until_s = now_s + self._max_gap_s
        return self._pressed(key)

    def _scanned(self, now_s: float) -> tuple[Outcome, ...]:
        code = Scanned(self._run, typed_before=self._given_out)
        self._forget()
        self._enter_ignored_until_s = now_s + self._stall_s
        return (code,)

    def _pressed(self, key: str) -> tuple[Outcome, ...]:
        outcomes = (*self._give_out(), Pressed(key))
        self._forget()
        return outcomes

    def _give_out(self) -> tuple[Outcome, ...]:
        held = self._run[self._given_out :]
        self._given_out = len(self._run)
        return (Typed(held),) if held else ()

    def _forget(self) -> None:
        self._run = ""
        self._given_out = 0
