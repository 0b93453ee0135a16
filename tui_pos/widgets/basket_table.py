"""The lines of the basket."""

from collections.abc import Callable, Sequence

from rich.style import Style
from textual.content import Content

from tui_pos.i18n import _
from tui_pos.sales.view import Line
from tui_pos.widgets.letters import most_cells
from tui_pos.widgets.painted import Painted, Row, fit, row

MARK = "▸"

Numbers = tuple[str, str, str, str]
"""Quantity, discount, unit price, amount."""

LEAST = (8, 0, 6, 6)
"""Columns that each of them takes at least: enough for grams and for 999.99, so that few sales widen any."""

GAP = 2
"""Columns between one cell and the next."""

LEAST_NAME = 12
"""Columns of a name that the discount, and then the price for one, give way to on a narrow screen."""


class BasketTable(Painted):
    """Quantity, name, discount, unit price and amount of each line; the chosen one is marked, in view always.

    When the lines outgrow the height, the view moves on by half a page at once: moving by one for each scan would
    repaint everything each time. The columns of numbers are as wide as the numbers are, and only grow while a sale
    lasts, for the same reason.
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
        self._customer = ""
        self._widths: tuple[int, ...] = LEAST
        self._said: dict[int, tuple[Line, Numbers]] = {}
        self._drawn: dict[tuple[int, bool], tuple[Line, Row]] = {}

    def show(self, lines: tuple[Line, ...], chosen: int, empty_text: str = "") -> None:
        """Show these lines, number `chosen` marked (-1: none)."""
        self._lines, self._chosen, self._empty_text = lines, chosen, empty_text
        self.repaint()

    def show_customer(self, customer: str) -> None:
        """Say in the frame whom it is for; empty for nobody."""
        if customer != self._customer:
            self._customer = customer
            self.border_title = Content(customer)  # as it is: brackets in it are no markup

    def forget(self) -> None:
        super().forget()
        self._drawn.clear()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if not self._lines:
            self._top = 0
            self._widths = LEAST
            self._said.clear()
            self._drawn.clear()
            return [self._head(width), *self._greeting(width, height - 1)]
        visible = max(1, height - 1)
        self._top = scrolled(self._top, self._chosen, len(self._lines), visible)
        shown = range(self._top, min(self._top + visible, len(self._lines)))
        said = [self._said_of(i) for i in shown]  # all of them first: each may widen a column
        rows = [
            self._head(width),
            *(self._line(i, numbers, width) for i, numbers in zip(shown, said, strict=True)),
        ]
        blank = row((" " * width, None))
        rows.extend([blank] * (height - len(rows)))
        return rows

    def _greeting(self, width: int, height: int) -> list[Row]:
        """Sentences centred, and what follows a blank line as a block with one left edge."""
        sentences, _blank, block = self._empty_text.partition("\n\n")
        lines = [fit(text, width, "center") for text in sentences.splitlines()]
        if block:
            listed = _cut(block.splitlines(), height - len(lines) - 1)
            widest = max(map(most_cells, listed))
            margin = " " * max(1, (width - widest) // 2)
            lines += [" " * width, *(fit(f"{margin}{text}", width - 1) + " " for text in listed)]
        above = max(0, (height - len(lines)) // 2)
        lines = [" " * width] * above + lines + [" " * width] * max(0, height - above - len(lines))
        return [row((text, self.style("basket--dim"))) for text in lines[:height]]

    def _head(self, width: int) -> Row:
        return self._laid_out(width, "", _("item"), _heads(), self.style("basket--head"))

    def _line(self, index: int, numbers: Numbers, width: int) -> Row:
        line = self._lines[index]
        chosen = index == self._chosen
        cached = self._drawn.get((index, chosen))
        if cached is not None and cached[0] is line:
            return cached[1]
        style = self.style("basket--chosen" if chosen else "basket--line")
        drawn = self._laid_out(width, MARK if chosen else "", line.name, numbers, style)
        self._drawn[index, chosen] = (line, drawn)
        return drawn

    def _said_of(self, index: int) -> Numbers:
        line = self._lines[index]
        cached = self._said.get(index)
        if cached is None or cached[0] is not line:
            cached = self._said[index] = (line, self._say(line))
            self._make_room_for(cached[1])
        return cached[1]

    def _make_room_for(self, numbers: Numbers) -> None:
        """Widen the columns that are too narrow for these. One that all lines leave empty takes nothing."""
        wanted = (
            max(most_cells(text), most_cells(head)) if text else 0
            for text, head in zip(numbers, _heads(), strict=True)
        )
        widths = tuple(map(max, self._widths, wanted))
        if widths != self._widths:
            self._widths = widths
            self._drawn.clear()

    def _say(self, line: Line) -> Numbers:
        """A changed price bears the = that it was typed with; what it was stands beside it where there is room."""
        discount, each = "", self._money(line.unit_price_minor)
        if line.list_price_minor not in (None, line.unit_price_minor):
            each = f"={each}"
            discount = _("was {price}").format(price=self._money(line.list_price_minor))
        if line.priced.discount_minor:
            discount = self._money(-line.priced.discount_minor)
        return self._quantity(line), discount, each, self._money(line.priced.amount_minor)

    def _laid_out(self, width: int, mark: str, name: str, numbers: Numbers, style: Style) -> Row:
        first, *widths = self._widths
        left = width - len(MARK) - 1 - first - GAP - 1  # what is left beside mark and quantity
        columns = [GAP + each if each else 0 for each in widths]
        hidden = 0
        while hidden < len(columns) - 1 and left - sum(columns[hidden:]) < LEAST_NAME:
            hidden += 1
        right = "".join(
            fit(text, column, "right")
            for text, column in zip(numbers[1 + hidden :], columns[hidden:], strict=True)
        )
        named = fit(name, max(4, left - sum(columns[hidden:])))
        quantity = fit(numbers[0], first, "right")
        text = f"{fit(mark, 2)}{quantity}{' ' * GAP}{named}{right} "
        return row((text, style)).adjust_cell_length(width, style)


def _heads() -> Numbers:
    return _("qty"), _("discount"), _("each"), _("amount")


def _cut(block: list[str], height: int) -> list[str]:
    """As much of a list as there is room for; its last row says how much more there is."""
    if len(block) <= height:
        return block
    shown = max(0, height - 1)
    return [*block[:shown], _("… {count} more").format(count=len(block) - shown)]


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
