"""A key held down told from one that is pressed again. Pure: no terminal, no clock.

A terminal says of both only that the key came once more. Held down, it comes again after 250 to 600 ms (some keyboards
take a second), and then every 30 to 90 ms; over a slow line several come at once. Nobody presses one key twice within
120 ms. So only the first repeat could be either: it waits until its successor would have come.
"""

from enum import Enum, auto

TWICE_S = 0.12
"""Who presses a key twice takes longer; who holds it down does not."""

PAUSE_S = 0.5
"""A key that was held down is let go when it has been silent for so long."""

FIRST_REPEAT_S = 1.3
"""The longest time after which a key that is held down begins to repeat, and is heard of over a slow line."""

SETTLED_S = 0.25
"""No other one has come for so long: the key was pressed again. Longer than a line collects the repeats of a key."""


class Press(Enum):
    """What another coming of a key is."""

    NEW = auto()
    HELD = auto()
    UNSURE = auto()  # known after SETTLED_S, or when anything else comes


class HeldKey:
    """Judges each key as it comes, by the time at which the terminal sent it. Seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._key = ""
        self._last_s = 0.0
        self._is_held = False

    def press(self, key: str, now_s: float) -> Press:
        """What this coming of the key is. One that is HELD says the same of all that are still UNSURE."""
        gap_s = now_s - self._last_s if key == self._key else float("inf")
        self._key, self._last_s = key, now_s
        self._is_held = gap_s < (PAUSE_S if self._is_held else TWICE_S)
        if self._is_held:
            return Press.HELD
        return Press.UNSURE if gap_s < FIRST_REPEAT_S else Press.NEW
