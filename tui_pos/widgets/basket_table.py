"""The lines of the basket."""

from collections.abc import Callable, Sequence

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
            self._drawn.clear()
            return [self._head(width), *self._greeting(width, height - 1)]
        visible = max(1, height - 1)
        self._top = scrolled(self._top, self._chosen, len(self._lines), visible)
        shown = range(self._top, min(self._top + visible, len(self._lines)))
        rows = [self._head(width), *(self._line(i, width) for i in shown)]
        blank = row((" " * width, None))
        rows.extend([blank] * (height - len(rows)))
        return rows

    def _greeting(self, width: int, height: int) -> list[Row]:
        blank = row((" " * width, None))
        rows = [blank] * height
        words = self._empty_text.splitlines()
        first = max(0, (height - len(words)) // 2)
        for i, text in enumerate(words[:height]):
            rows[first + i] = row((fit(text, width, "center"), self.style("basket--dim")))
        return rows

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
        with_discount = width >= 60
        taken = 2 + 9 + 1 + (10 if with_discount else 0) + 11 + 12
        name_width = max(4, width - taken - 1)
        text = (
            f"{fit(mark, 2)}{fit(quantity, 9, 'right')} {fit(' ' + name, name_width)}"
            f"{fit(discount, 10, 'right') if with_discount else ''}{fit(each, 11, 'right')}{fit(amount, 12, 'right')} "
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
