"""A list of which one entry is marked: products that fit, actions, held sales."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_pos.widgets.basket_table import MARK, scrolled
from tui_pos.widgets.painted import Painted, Row, fit, row


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry: a short text in front, the name, and something at the right edge."""

    front: str
    name: str
    right: str = ""


class Choices(Painted):
    """Shows entries, the marked one in view. It takes no keys."""

    COMPONENT_CLASSES = {
        "choices--front",
        "choices--name",
        "choices--right",
        "choices--marked",
        "choices--empty",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices: tuple[Choice, ...] = ()
        self._marked = 0
        self._top = 0
        self._empty = ""

    def show(self, choices: tuple[Choice, ...], marked: int, empty: str = "") -> None:
        """Show these entries; `empty` is said where there are none."""
        self._choices, self._marked, self._empty = choices, marked, empty
        self.repaint()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        blank = row((" " * width, None))
        if not self._choices:
            return [
                row((fit(f"  {self._empty}", width), self.style("choices--empty"))),
                *[blank] * (height - 1),
            ]
        self._top = scrolled(self._top, max(0, self._marked), len(self._choices), height)
        front = min(40, max(len(choice.front) for choice in self._choices))
        shown = [
            self._entry(i, width, front)
            for i in range(self._top, min(self._top + height, len(self._choices)))
        ]
        return [*shown, *[blank] * (height - len(shown))]

    def _entry(self, index: int, width: int, front: int) -> Row:
        choice = self._choices[index]
        marked = index == self._marked
        right = f"{choice.right} " if choice.right else ""
        name_width = max(1, width - front - 5 - len(right))
        parts = (
            (f" {MARK if marked else ' '} {fit(choice.front, front)}  ", "choices--front"),
            (fit(choice.name, name_width), "choices--name"),
            (right, "choices--right"),
        )
        if marked:
            return row((fit("".join(text for text, _style in parts), width), self.style("choices--marked")))
        return row(*((text, self.style(style)) for text, style in parts)).adjust_cell_length(width)
