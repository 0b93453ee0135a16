"""What the basket comes to: count, discount, tax, and the one amount that matters, large."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tui_pos.widgets.digits import LEVELS, large
from tui_pos.widgets.painted import Painted, Part, Row, fit, row

WIDE = 50
"""From this width on, the small figures stand beside the large ones instead of above them."""
LEAST_PAIR = 14
"""Columns without which the small figures are left out beside the large ones."""
ROOMY = 40
"""From this width on, the large figures are larger still."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Texts ready to be shown: pairs of label and value, then the large amount with its caption and unit."""

    small: tuple[tuple[str, str], ...]
    caption: str
    amount: str
    unit: str
    emphasis: bool = False  # the amount is change to hand out, not a total to ask for


class Totals(Painted):
    """The panel of totals. Tall and narrow beside the basket, or low and wide below it."""

    COMPONENT_CLASSES = {
        "totals--label",
        "totals--value",
        "totals--caption",
        "totals--amount",
        "totals--change",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._figures = Figures((), "", "", "")

    def show(self, figures: Figures) -> None:
        """Show these figures."""
        self._figures = figures
        self.repaint()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        drawn = (
            self._beside(width, height) if width >= WIDE or height <= LEVELS else self._above(width, height)
        )
        blank = row((" " * width, None))
        return [*drawn, *[blank] * (height - len(drawn))][:height]

    def _amount_rows(self, width: int, *, tall: bool = False) -> list[Part]:
        style = self.style("totals--change" if self._figures.emphasis else "totals--amount")
        if not _has_strokes():
            return [(fit(text, width, "right"), style) for text in ("", self._figures.amount, "")]
        rows = large(self._figures.amount, tall=tall)
        if tall and len(rows[0]) > width:
            rows = large(self._figures.amount)
        if len(rows[0]) > width:  # a sum too long for large digits is still shown whole
            rows = ("", self._figures.amount, "")
        return [(fit(text, width, "right"), style) for text in rows]

    def _pair(self, label: str, value: str, width: int) -> tuple[Part, Part]:
        value = fit(value, min(len(value), width)) if value else ""
        return (
            (fit(label, max(0, width - len(value))), self.style("totals--label")),
            (value, self.style("totals--value")),
        )

    def _above(self, width: int, height: int) -> list[Row]:
        inner = width - 2
        edge = (" ", None)
        figures = self._figures
        small = figures.small[: max(0, height - LEVELS - 2)]
        pairs = [row(edge, *self._pair(label, value, inner), edge) for label, value in small]
        tall = width >= ROOMY and height >= len(pairs) + 12
        blank = row((" " * width, None))
        caption = row((fit(f" {figures.caption}", width), self.style("totals--caption")))
        amount = [row(edge, part, edge) for part in self._amount_rows(inner, tall=tall)]
        unit = row((fit(f"{figures.unit} ", width, "right"), self.style("totals--caption")))
        space = [blank] if height >= len(pairs) + 8 else []
        return [*pairs, *space, caption, *space, *amount, unit]

    def _beside(self, width: int, height: int) -> list[Row]:
        """The large amount at the right, with its caption; at the left as much of the small ones as it leaves."""
        figures = self._figures
        beside = max(len(figures.caption), len(figures.unit), 6)
        room = width - beside - 3
        left = min(34, width // 2 - 2, room - len(large(figures.amount)[0]) - 3)
        left = left if left >= LEAST_PAIR else -3
        amounts = self._amount_rows(room - left - 3)
        words = (figures.caption, "", figures.unit)
        small = [*figures.small, *[("", "")] * LEVELS] if left > 0 else [("", "")] * LEVELS
        return [
            row(
                (" ", None),
                *self._pair(*small[y], max(0, left)),
                (" " * min(3, left + 3), None),
                amounts[y],
                (f" {fit(words[y], beside)} ", self.style("totals--caption")),
            ).adjust_cell_length(width)
            for y in range(min(height, LEVELS))
        ]


@cache
def _has_strokes() -> bool:
    """Whether the terminal's encoding has what large figures are made of."""
    try:
        "┏━┫▪".encode(getattr(sys.__stderr__, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
