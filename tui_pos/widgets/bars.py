"""The bar above and the bars below: where we are and how the devices are; what happened; which keys work now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui_pos.widgets.letters import most_cells
from tui_pos.widgets.painted import Painted, Part, Row, fit, row


class Mood(StrEnum):
    """How good a piece of news is. Each has a sign of its own: no state is told by colour alone."""

    GOOD = "good"
    PLAIN = "plain"
    WARNING = "warning"
    BAD = "bad"


SIGNS = {Mood.GOOD: "✓", Mood.PLAIN: " ", Mood.WARNING: "!", Mood.BAD: "✗"}
LIGHTS = {Mood.GOOD: "●", Mood.PLAIN: "○", Mood.WARNING: "◐", Mood.BAD: "✗"}
SHORT_PLACE = 10
"""Columns of the place that stay however much is said of the person."""


@dataclass(frozen=True, slots=True)
class Light:
    """One device: its name and how it is, in words; `more` is told where there is room for it."""

    name: str
    word: str
    mood: Mood
    more: str = ""


class StatusBar(Painted):
    """Shop, till and cashier on the left; lights and the clock on the right."""

    COMPONENT_CLASSES = {"bar--strong", "bar--dim", "bar--good", "bar--plain", "bar--warning", "bar--bad"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._place = self._person = self._clock = ""
        self._lights: tuple[Light, ...] = ()

    def show(self, place: str, person: str, lights: tuple[Light, ...], clock: str) -> None:
        """Show these texts."""
        self._place, self._person, self._lights, self._clock = place, person, lights, clock
        self.repaint()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        wanted = most_cells(self._place) + 3 + most_cells(self._person)
        for shorter in range(3):
            lights = self._drawn_lights(shorter)
            room = self._room(width, lights)
            if wanted <= room:
                break
        beside = max(SHORT_PLACE, room - most_cells(self._person) - 3)  # the place gives way to the person
        place = fit(self._place, min(room, beside, most_cells(self._place)))
        person = fit(f"   {self._person}", max(0, room - most_cells(place)))
        return [
            row(
                (" ", None),
                (place, self.style("bar--strong")),
                (f"{person} ", self.style("bar--dim")),
                *((text, self.style(style)) for text, style in lights),
                (f"{self._clock} ", self.style("bar--strong")),
            ).adjust_cell_length(width)
        ]

    def _drawn_lights(self, shorter: int) -> list[tuple[str, str]]:
        """Texts with their styles.

        `shorter` by 1 leaves out the word of what is well, since its sign says so, too; by 2, what more is told.
        """
        drawn: list[tuple[str, str]] = []
        for light in self._lights:
            told = [light.word] if light.mood is not Mood.GOOD or not shorter else []
            word = ", ".join([*told, *([light.more] if light.more and shorter < 2 else [])])
            drawn.append((f"{light.name} ", "bar--dim"))
            drawn.append((f"{LIGHTS[light.mood]} {word}".rstrip() + "   ", f"bar--{light.mood}"))
        return drawn

    def _room(self, width: int, lights: Sequence[tuple[str, str]]) -> int:
        """What is left for place and person beside lights and clock, with a gap before the lights."""
        return max(0, width - sum(most_cells(text) for text, _style in lights) - most_cells(self._clock) - 3)


class MessageBar(Painted):
    """What happened last, and what to press now."""

    COMPONENT_CLASSES = {"message--good", "message--plain", "message--warning", "message--bad"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = ""
        self._mood = Mood.PLAIN

    def show(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        """Show a text; it stays until the next one."""
        self._text, self._mood = text, mood
        self.repaint()

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def rows(self, width: int, height: int) -> Sequence[Row]:
        sign = SIGNS[self._mood] if self._text else " "
        style = self.style(f"message--{self._mood}")
        words = wrapped(self._text, width - 4)
        words[height - 1 :] = [" ".join(words[height - 1 :])]  # too long after all: `fit` cuts it
        lines = [fit(f" {sign} {words[0]}", width), *(fit(f"   {more}", width) for more in words[1:])]
        lines.extend([" " * width] * (height - len(lines)))
        return [row((text, style)) for text in lines[:height]]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken between words; a longer word has a line of its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if most_cells(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def narrowed(line: str, width: int) -> list[str]:
    """A line of paper in lines of at most `width` columns: its widest gap gives way first, so that sums stay right."""
    line = line.rstrip()
    excess = most_cells(line) - width
    if excess <= 0:
        return [line]
    if len(set(line)) == 1:  # a rule
        return [line[:width]]
    gap = max(_GAP.finditer(line), key=lambda gap: len(gap[0]), default=None)
    if gap is not None and len(gap[0]) - excess >= 1:
        return [line[: gap.end() - excess] + line[gap.end() :]]
    return wrapped(line, width)


_GAP = re.compile(r"(?<=\S) {2,}|^ +")

LAST_KEYS = 2


def _key_width(key: tuple[str, str]) -> int:
    """Columns that a key and what it does take, with the space around them."""
    return sum(map(most_cells, key)) + 4


class KeyLegend(Painted):
    """The keys that work now. The last two, which lead to all others, are shown however little room there is."""

    COMPONENT_CLASSES = {"legend--key", "legend--text"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: tuple[tuple[str, str], ...]) -> None:
        """Show pairs of key and what it does."""
        self._keys = keys
        self.repaint()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        keys = list(self._keys)
        while len(keys) > LAST_KEYS and sum(map(_key_width, keys)) > width * height:
            del keys[-LAST_KEYS - 1]
        key_style, text_style = self.style("legend--key"), self.style("legend--text")
        rows: list[list[Part]] = [[]]
        taken = 0
        for key, text in keys:
            size = _key_width((key, text))
            if taken + size > width:
                if len(rows) == height:
                    break
                rows.append([])
                taken = 0
            rows[-1] += [(f" {key} ", key_style), (f"{text}  ", text_style)]
            taken += size
        drawn = [row(*parts).adjust_cell_length(width) for parts in rows]
        blank = row((" " * width, None))
        return [*drawn, *[blank] * (height - len(drawn))]
