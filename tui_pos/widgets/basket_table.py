"""The lines of the basket."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.style import Style

from tui_pos.i18n import _
from tui_pos.sales.view import Line
from tui_pos.widgets.painted import Painted, Row, fit, row

MARK = "▸"


class BasketTable(Painted):
    """Quantity, name, discount, unit price and amount of each line; the chosen one is marked, in view always.

    When the lines outgrow the height, the view moves on by half a page at once: moving by one for each scan would
    repaint everything each time.
    """

    COMPONENT_CLASSES = {"basket--head", "basket--line", "basket--chosen", "basket--dim", "basket--note"}

    def __init__(
        self, money: Callable[[int], str], quantity: Callable[[Line], str], *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._money = money
        self._quantity = quantity
        self._lines: tuple[Line, ...] = ()
        self._chosen = -1
        self._top = 0
        self._empty_text = ""
        self._discounted = False  # whether there is a column for discounts
        self._drawn: dict[tuple[int, bool], tuple[Line, Row]] = {}

    def show(self, lines: tuple[Line, ...], chosen: int, empty_text: str = "") -> None:
        """Show these lines, number `chosen` marked (-1: none)."""
        self._lines, self._chosen, self._empty_text = lines, chosen, empty_text
        self.repaint()

    def forget(self) -> None:
        super().forget()
        self._drawn.clear()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if not self._lines:
            self._top = 0
            self._discounted = False
            self._drawn.clear()
            return [self._head(width), *self._greeting(width, height - 1)]
        discounted = any(line.priced.discount_minor for line in self._lines)
        if discounted != self._discounted:
            self._discounted = discounted
            self._drawn.clear()
        visible = max(1, height - 1)
        self._top = scrolled(self._top, self._chosen, len(self._lines), visible)
        shown = range(self._top, min(self._top + visible, len(self._lines)))
        rows = [self._head(width), *(self._line(i, width) for i in shown)]
        blank = row((" " * width, None))
        rows.extend([blank] * (height - len(rows)))
        return rows

    def _greeting(self, width: int, height: int) -> list[Row]:
        """Sentences centred, and what follows a blank line as a block with one left edge."""
        sentences, _blank, block = self._empty_text.partition("\n\n")
        lines = [fit(text, width, "center") for text in sentences.splitlines()]
        if block:
            widest = max(cell_len(text) for text in block.splitlines())
            margin = " " * max(1, (width - widest) // 2)
            lines += [" " * width, *(fit(f"{margin}{text}", width - 1) + " " for text in block.splitlines())]
        above = max(0, (height - len(lines)) // 2)
        lines = [" " * width] * above + lines + [" " * width] * max(0, height - above - len(lines))
        return [row((text, self.style("basket--dim"))) for text in lines[:height]]

    def _head(self, width: int) -> Row:
        return self._cells(
            width,
            ("", _("qty"), _("item"), _("discount"), _("each"), _("amount")),
            self.style("basket--head"),
        )

    def _line(self, index: int, width: int) -> Row:
        line = self._lines[index]
        chosen = index == self._chosen
        cached = self._drawn.get((index, chosen))
        if cached is not None and cached[0] is line:
            return cached[1]
        discount = self._money(-line.priced.discount_minor) if line.priced.discount_minor else ""
        each = self._money(line.unit_price_minor)
        texts = (
            MARK if chosen else "",
            self._quantity(line),
            line.name,
            discount,
            each,
            self._money(line.priced.amount_minor),
        )
        drawn = self._cells(width, texts, self.style("basket--chosen" if chosen else "basket--line"))
        self._drawn[index, chosen] = (line, drawn)
        return drawn

    def _cells(self, width: int, texts: tuple[str, str, str, str, str, str], style: Style) -> Row:
        mark, quantity, name, discount, each, amount = texts
        taken = 2 + 9 + 1 + (10 if self._discounted else 0) + 11 + 12
        name_width = max(4, width - taken - 1)
        text = "".join(
            (
                fit(mark, 2),
                fit(quantity, 9, "right"),
                fit(f"  {name}", name_width + 1),
                fit(discount, 10, "right") if self._discounted else "",
                fit(each, 11, "right"),
                fit(amount, 12, "right"),
                " ",
            )
        )
        return row((text, style)).adjust_cell_length(width, style)


def scrolled(top: int, chosen: int, count: int, visible: int) -> int:
    """The first line to show so that the chosen one is in view, moving by half a page where it must move."""
    top = min(top, max(0, count - 1))
    wanted = chosen if chosen >= 0 else count - 1
    half = max(1, visible // 2)
    while wanted >= top + visible:
        top += half
    while wanted < top:
        top = max(0, top - half)
    return top
