"""A widget that is told its rows and sends only the cells that differ to the terminal.

A scan changes a line, a count and a few digits. Laying the screen out again, or repainting whole widgets for it,
costs ten times the time and seventy times the bytes; so everything on the counter draws itself through this. Where
nothing lies over it, it does not even ask the compositor, which would draw all widgets that share these lines.
"""

import asyncio
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from textual.errors import NoWidget
from textual.filter import ANSIToTruecolor
from textual.geometry import Offset, Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from tui_pos.widgets.cells import Cell, Pen, cells

Row = Strip


class Sheet(Screen[ScreenResultType]):
    """A screen whose painted widgets send what differs together, once for each act."""

    def __init__(self) -> None:
        super().__init__()
        self._pen: Pen | None = None

    def free_place(self, widget: Widget) -> Offset | None:
        """Where the widget's content stands on the terminal; None where something lies over it, or might."""
        if not self._is_bare():
            return None
        try:
            placed = self.find_widget(widget)
        except NoWidget:
            return None
        content = placed.region.shrink(widget.styles.gutter)
        return content.offset if placed.clip.contains_region(content) else None

    def _is_bare(self) -> bool:
        """Whether this screen is in front, nothing shown above its base, and no filter on its colours."""
        return (
            self.is_active
            and not any(child.display and child.styles.layer for child in self.children)
            and all(isinstance(each, ANSIToTruecolor) for each in self.get_line_filters())
        )

    def change(self, before: list[Cell], after: list[Cell], x: int, y: int) -> None:
        """Make the terminal's cells from column `x` of line `y` on into `after`, when the act is done."""
        if self._pen is None:
            system = self.app.console.color_system
            self._pen = Pen(COLOR_SYSTEMS[system] if system else None)
            asyncio.get_running_loop().call_soon(self._send)
        self._pen.change(before, after, x, y)

    def _send(self) -> None:
        """Send what was changed, past the compositor: it would draw every widget of these lines again."""
        pen, self._pen = self._pen, None
        driver = self.app._driver
        if pen is None or driver is None or not self.app.is_running:
            return
        if self._is_bare():
            driver.write(pen.take_sent())
        else:  # a window was opened meanwhile
            self.refresh()


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
        screen = self.screen
        if not (isinstance(screen, Sheet) and (place := screen.free_place(self))):
            self.refresh(*(Region(0, y, self.size.width, 1) for y, _before, _after in changed))
            return
        self._drawn_past_compositor([y for y, _before, _after in changed])
        base = self.rich_style
        for y, before, after in changed:
            screen.change(cells(before, base), cells(after, base), place.x, place.y + y)

    def _drawn_past_compositor(self, lines: Sequence[int]) -> None:
        """Whatever makes the compositor draw these lines later, it must ask for them anew."""
        top = self.content_offset.y
        self._styles_cache.set_dirty(*(Region(0, y + top, 1, 1) for y in lines))

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
