"""A widget that is told its rows and sends only the cells that differ to the terminal.

A scan changes a line, a count and a few digits. Laying the screen out again, or repainting whole widgets for it,
costs ten times the time and seventy times the bytes; so everything on the counter draws itself through this. Where
nothing lies over it, it does not even ask the compositor, which would draw all widgets that share these lines.
"""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from textual.errors import NoWidget
from textual.filter import ANSIToTruecolor
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from tui_pos.widgets.cells import Pen, cells

Row = Strip


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
            (y, before, after)
            for y, (before, after) in enumerate(zip(old, self._rows, strict=True))
            if before is not after and before != after
        ]
        if not changed:
            return
        place = self._free_place()
        if place is None:
            self.refresh(*(Region(0, y, self.size.width, 1) for y, _before, _after in changed))
        else:
            self._send(changed, place)

    def _free_place(self) -> Offset | None:
        """Where the content stands on the terminal; None where something lies over it, or might."""
        screen = self.screen
        filters = [each for each in self.get_line_filters() if not isinstance(each, ANSIToTruecolor)]
        if not screen.is_active or filters or any(w.display and w.styles.layer for w in screen.children):
            return None
        try:
            placed = screen.find_widget(self)
        except NoWidget:
            return None
        content = placed.region.shrink(self.styles.gutter)
        return content.offset if placed.clip.contains_region(content) else None

    def _send(self, changed: Sequence[tuple[int, Row, Row]], place: Offset) -> None:
        """Send the cells that differ, past the compositor: it would draw every widget of these lines again."""
        driver = self.app._driver
        if driver is None or not self.app.is_running:
            return
        top = self.content_offset.y
        self._styles_cache.set_dirty(*(Region(0, y + top, 1, 1) for y, _before, _after in changed))
        base = self.rich_style
        system = self.app.console.color_system
        pen = Pen(COLOR_SYSTEMS[system] if system else None)
        for y, before, after in changed:
            pen.change(cells(before, base), cells(after, base), place.x, place.y + y)
        driver.write(pen.take_sent())

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
