"""A list of which one entry is marked: products that fit, actions, held sales."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_pos.i18n import _
from tui_pos.widgets.basket_table import MARK, scrolled
from tui_pos.widgets.letters import most_cells
from tui_pos.widgets.painted import Painted, Row, fit, row

AROUND = 5
"""Columns for the mark and the space beside the text in front."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry: a short text in front, the name, and something at the right edge."""

    front: str
    name: str
    right: str = ""


class Choices(Painted):
    """Shows entries, the marked one in view, and how many more there are. It takes no keys."""

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
        if not self._choices:
            drawn = [row((fit(f"  {self._empty}", width), self.style("choices--empty")))]
        else:
            drawn = self._listed(width, height)
        blank = row((" " * width, None))
        return [*drawn, *[blank] * (height - len(drawn))]

    def _listed(self, width: int, height: int) -> list[Row]:
        """The entries in view; where that is not all of them, the last row says how many are not."""
        count = len(self._choices)
        visible = height if count <= height else max(1, height - 1)
        self._top = scrolled(self._top, max(0, self._marked), count, visible)
        end = min(self._top + visible, count)
        front = self._front_width(width)
        drawn = [self._entry(i, width, front) for i in range(self._top, end)]
        if visible < min(count, height):
            blank = row((" " * width, None))
            drawn += [blank] * (visible - len(drawn))
            words = f"   {hidden(self._top, count - end)}"
            drawn.append(row((fit(words, width), self.style("choices--empty"))))
        return drawn

    def _front_width(self, width: int) -> int:
        """Columns for the texts in front: as much as the names leave, and a third where these leave less."""
        front = max(most_cells(choice.front) for choice in self._choices)
        rest = max(most_cells(choice.name) + most_cells(choice.right) + 1 for choice in self._choices)
        return min(front, max(width // 3, width - AROUND - rest))

    def _entry(self, index: int, width: int, front: int) -> Row:
        choice = self._choices[index]
        marked = index == self._marked
        right = f"{choice.right} " if choice.right else ""
        name_width = max(1, width - front - AROUND - most_cells(right))
        parts = (
            (f" {MARK if marked else ' '} {fit(choice.front, front)}  ", "choices--front"),
            (fit(choice.name, name_width), "choices--name"),
            (right, "choices--right"),
        )
        whole = self.style("choices--marked") if marked else None
        drawn = row(*((text, whole or self.style(style)) for text, style in parts))
        return drawn.adjust_cell_length(width, whole)


def hidden(above: int, below: int) -> str:
    """How many entries are out of view, and where: `↑ 4   ↓ 12 more`."""
    if not below:
        return _("↑ {above} more").format(above=above)
    words = _("↓ {below} more").format(below=below)
    return f"↑ {above}   {words}" if above else words
