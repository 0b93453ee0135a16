"""A widget that is told its rows and sends only the cells that differ to the terminal.

A scan changes a line, a count and a few digits. Laying the screen out again, or repainting whole widgets for it,
costs ten times the time and seventy times the bytes; so everything on the counter draws itself through this.
"""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Row = Strip
Cell = tuple[str, Style | None]


class Painted(Widget):
    """Draws rows that fill its content area; `paint` says which ones they are from now on."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Row, ...] = ()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """The rows of a content area of this size. Called by `repaint`, never while drawing."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Work the rows out again and send what differs."""
        if not self.is_mounted or not self.size.width:
            return
        old = self._rows
        self._rows = tuple(self.rows(self.size.width, self.size.height))
        if len(old) != len(self._rows):
            self.refresh()
            return
        changed = [
            Region(start, y, end - start, 1)
            for y, (before, after) in enumerate(zip(old, self._rows, strict=True))
            if before is not after and before != after
            for start, end in [changed_span(before, after)]
        ]
        if changed:
            self.refresh(*changed)

    def forget(self) -> None:
        """Let go of everything drawn for another size or theme."""
        self._rows = ()

    def on_resize(self) -> None:
        self.forget()
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.forget()
        self.repaint()

    def render_line(self, y: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        return self._rows[y].adjust_cell_length(self.size.width, self.rich_style).apply_style(self.rich_style)

    def style(self, name: str) -> Style:
        """The style of one of the component classes, over this widget's own colours."""
        return self.get_component_rich_style(name)


def changed_span(before: Row, after: Row) -> tuple[int, int]:
    """The first and one past the last column in which two rows of the same width differ."""
    old, new = _cells(before), _cells(after)
    width = max(len(old), len(new))
    if len(old) != len(new):
        return 0, width
    start = next(i for i in range(width) if old[i] != new[i])
    end = next(i for i in range(width, 0, -1) if old[i - 1] != new[i - 1])
    # A wide character's second cell is empty and is sent with its first one.
    while start > 0 and new[start][0] == "":
        start -= 1
    while end < width and new[end][0] == "":
        end += 1
    return start, end


def _cells(row: Row) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, _control in row:
        for character in text:
            width = cell_len(character)
            cells.append((character, style))
            cells.extend([("", style)] * (width - 1))
    return cells


def fit(text: str, width: int, align: str = "left") -> str:
    """The text in exactly `width` columns; what does not fit ends in an ellipsis."""
    taken = cell_len(text)
    if taken > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"[:width]
    gap = " " * (width - taken)
    if align == "right":
        return gap + text
    if align == "center":
        half = len(gap) // 2
        return gap[:half] + text + gap[half:]
    return text + gap


def row(*parts: tuple[str, Style | None]) -> Row:
    """A row out of texts and their styles."""
    return Strip([Segment(text, style) for text, style in parts if text])
