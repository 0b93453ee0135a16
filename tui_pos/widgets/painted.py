"""A widget that is told its rows and sends only the cells that differ to the terminal.

A scan changes a line, a count and a few digits. Laying the screen out again, or repainting whole widgets for it,
costs ten times the time and seventy times the bytes; so everything on the counter draws itself through this. Where
nothing lies over it, it does not even ask the compositor, which would draw all widgets that share these lines.
"""

import asyncio
from collections.abc import Sequence
from functools import cached_property, lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from textual._styles_cache import StylesCache
from textual.errors import NoWidget
from textual.filter import ANSIToTruecolor
from textual.geometry import Offset, Region
from textual.map_geometry import MapGeometry
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from tui_pos.shown import neutral
from tui_pos.widgets.cells import Cell, Pen, cells
from tui_pos.widgets.letters import JOINER, cut_to_cells, is_certain, most_cells

Row = Strip
Part = tuple[str, Style | None]
"""A text in one style; None: that of the widget."""


# Textual remembers the last thousand calls of this method together with their object, and so holds everything that
# windows drew which were closed long ago. The colours alone are worked out quickly enough.
StylesCache.get_inner_outer = StylesCache.get_inner_outer.__wrapped__  # type: ignore[assignment]


class Sheet(Screen[ScreenResultType]):
    """A screen whose painted widgets send what differs together, once for each act."""

    def __init__(self) -> None:
        super().__init__()
        self._pen: Pen | None = None

    @cached_property
    def color_system(self) -> ColorSystem | None:
        """The colours that the terminal knows."""
        name = self.app.console.color_system
        return COLOR_SYSTEMS[name] if name else None

    @cached_property
    def _above(self) -> list[Widget]:
        """The widgets that may lie over others."""
        return [child for child in self.children if child.styles.layer]

    def is_bare(self) -> bool:
        """Whether this screen is in front, nothing shown above its base, and no filter on its colours."""
        return (
            self.is_active
            and not any(widget.display for widget in self._above)
            and all(isinstance(each, ANSIToTruecolor) for each in self.get_line_filters())
        )

    def change(self, before: list[Cell], after: list[Cell], x: int, y: int) -> None:
        """Make the terminal's cells from column `x` of line `y` on into `after`: when the act is done.

        Whoever knows when that is calls `send_changes`; what is left then is sent as soon as the loop comes to it.
        """
        if self._pen is None:
            self._pen = Pen()
            asyncio.get_running_loop().call_soon(self.send_changes)
        self._pen.change(before, after, x, y)

    def send_changes(self) -> None:
        """Send what was changed, past the compositor: it would draw every widget of these lines again."""
        pen, self._pen = self._pen, None
        driver = self.app._driver
        if pen is None or driver is None or not self.app.is_running:
            return
        if self.is_bare():
            driver.write(pen.take_sent())
        else:  # a window was opened meanwhile
            self.refresh()


class Painted(Widget):
    """Draws rows that fill its content area; `paint` says which ones they are from now on."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Row, ...] = ()
        self._sent: dict[int, list[Cell]] = {}  # of the rows that were sent since all were drawn
        self._placed: MapGeometry | None = None
        self._origin: Offset | None = None

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
            self._sent.clear()
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
        if not (isinstance(screen, Sheet) and screen.is_bare() and (place := self._where(screen))):
            self._sent.clear()
            self.refresh(*(Region(0, y, self.size.width, 1) for y, _before, _after in changed))
            return
        self._drawn_past_compositor([y for y, _before, _after in changed])
        base, system = self._base, screen.color_system
        for y, before, after in changed:
            was = self._sent.pop(y, None)
            if is_certain(before.text) and is_certain(after.text):
                new = cells(after, base, system)
                screen.change(was or cells(before, base, system), new, place.x, place.y + y)
                self._sent[y] = new
            else:  # nobody can say in which cell each letter stands: the whole row is drawn from left to right
                self.refresh(Region(0, y, self.size.width, 1))

    def _where(self, screen: Screen[object]) -> Offset | None:
        """Where the content stands on the terminal; None where it does not stand there whole."""
        try:
            placed = screen.find_widget(self)
        except NoWidget:
            return None
        if placed is not self._placed:
            content = placed.region.shrink(self.styles.gutter)
            self._origin = content.offset if placed.clip.contains_region(content) else None
            self._placed = placed
        return self._origin

    def _drawn_past_compositor(self, lines: Sequence[int]) -> None:
        """Whatever makes the compositor draw these lines later, it must ask for them anew."""
        top = self.content_offset.y
        self._styles_cache.set_dirty(*(Region(0, y + top, 1, 1) for y in lines))

    @cached_property
    def _base(self) -> Style:
        """What holds where a row says nothing else."""
        return self.rich_style

    def forget(self) -> None:
        """Let go of everything drawn for another size or theme."""
        self._rows = ()
        self._sent.clear()
        self._placed = None
        self.__dict__.pop("_base", None)

    def on_resize(self) -> None:
        self.forget()
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.forget()
        self.repaint()

    def render_line(self, y: int) -> Strip:
        base = self._base
        if y >= len(self._rows):
            return Strip.blank(self.size.width, base)
        return self._rows[y].adjust_cell_length(self.size.width, base).apply_style(base)

    def style(self, name: str) -> Style:
        """The style of one of the component classes, over this widget's own colours."""
        return self.get_component_rich_style(name)


def fit(text: str, width: int, align: str = "left") -> str:
    """The text in exactly `width` columns; what might not fit on some terminal ends in an ellipsis."""
    text = _harmless(text)
    if most_cells(text) > width:
        text = cut_to_cells(text, width - 1) + "…" if width > 1 else "…"[:width]
    gap = " " * (width - cell_len(text))
    if align == "right":
        return gap + text
    if align == "center":
        half = len(gap) // 2
        return gap[:half] + text + gap[half:]
    return text + gap


_VISIBLE = {
    **{code: 0x2400 + code for code in range(0x20)},  # ␀ to ␟
    0x7F: 0x2421,
    **dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000)), 0xFFFD),
}
"""What a terminal would obey, or cannot be sent, as signs: a scanned or pasted text may hold it."""


@lru_cache(maxsize=128)
def row(*parts: Part) -> Row:
    """A row out of texts and their styles: the same one for the same parts, so that it is known to be unchanged."""
    return Strip([Segment(_harmless(text), style) for text, style in parts if text])


def _harmless(text: str) -> str:
    if text.isprintable():
        return text
    return neutral(text.translate(_VISIBLE)).strip(JOINER)  # it would join what the name only stands beside
