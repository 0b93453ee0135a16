"""Taking goods back: first the receipt, then its lines, which go into the basket as soon as they are taken."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from hardware.ports import Scan
from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.catalogue.codes import normalise_code
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date, format_quantity
from tui_pos.sales.basket import SaleError
from tui_pos.sales.entry import SetQuantity, parse_entry
from tui_pos.sales.returns import ReturnableLine, SoldReceipt
from tui_pos.sales.scanning import Wanted
from tui_pos.screens.dialogs import REFUSALS, Ask, Dialog
from tui_pos.widgets.bars import KeyLegend, Mood
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter

ALL_KEY = "a"


def ask_receipt(counter: "Counter") -> None:
    """Ask for the receipt that goods come back from."""

    def answered(text: str) -> Callable[[], None]:
        if not text:
            raise SaleError(_("Type the number on the receipt, or scan its barcode."))
        sold = counter.desk.find_sold(text)
        if sold is None:
            raise SaleError(
                _("There is no receipt {number} in these books.").format(number=hide_card_numbers(text)[:48])
            )
        if not any(line.left for line in sold.lines):
            raise SaleError(_("Everything of receipt {label} was returned already.").format(label=sold.label))
        return lambda: _open(counter, sold)

    text = _("Type or scan the number on the receipt. Goods without one cannot be taken back yet.")
    dialog = Ask(
        counter.till, _("Return goods"), text, answered, on_scan=lambda scan: dialog.answer(scan.data)
    )
    counter.app.push_screen(dialog)


def open_scanned(counter: "Counter", code: str) -> bool:
    """Open the receipt that a code at the counter names. False if it names none: then it is an unknown code."""
    sold = counter.desk.find_sold(code) if "-" in code else None
    if sold is None:
        return False
    _open(counter, sold)
    return True


def _open(counter: "Counter", sold: SoldReceipt) -> None:
    counter.app.push_screen(ReturnGoods(counter, sold))


class ReturnGoods(Dialog):
    """The lines of a receipt, with what can still be returned. Goods may be scanned here, too."""

    def __init__(self, counter: "Counter", sold: SoldReceipt) -> None:
        till = counter.till
        date = format_date(sold.sold_at.astimezone(till.shop.zone).date(), till.shop.locale)
        text = _("Sold on {date}. What is taken here goes back for the price that was paid.").format(
            date=date
        )
        super().__init__(till, _("Return of receipt {label}").format(label=sold.label), text)
        self._counter = counter
        self._sold = sold
        self._marked = 0
        self._to_what_is_left()

    def body(self) -> ComposeResult:
        yield Choices()
        yield EntryLine(prompt=_("how many ›"))

    # What is shown

    def show(self) -> None:
        choices = tuple(self._choice(line) for line in self._sold.lines)
        listed = self.query_one(Choices)
        listed.styles.height = self.room_for(len(choices))
        listed.show(choices, self._marked, _("This sale has nothing that could be returned."))
        placeholder = _("Enter: the whole line; or type how many, or scan the goods")
        self.query_one(EntryLine).show(self.entry.text, self.entry.cursor, placeholder)
        self.query_one(KeyLegend).show(
            (("↑ ↓", _("choose")), ("⏎", _("take")), ("A", _("take all")), ("Esc", _("done")))
        )

    def _choice(self, line: ReturnableLine) -> Choice:
        if not line.left:
            return Choice(_("returned"), line.name)
        name = line.name
        if line.left != line.sold:
            name = _("{name} (of {quantity})").format(name=name, quantity=self._quantity(line.sold, line))
        return Choice(self._quantity(line.left, line), name, self.till.money(-line.left_minor))

    def _quantity(self, quantity: Decimal, line: ReturnableLine) -> str:
        return format_quantity(quantity, line.unit, self.till.shop.locale)

    def _to_what_is_left(self) -> None:
        """Mark the next line that can be returned, where the marked one cannot."""
        lines = self._sold.lines
        order = [*range(self._marked, len(lines)), *range(self._marked)]
        self._marked = next((i for i in order if lines[i].left), self._marked)

    # What is typed

    def typed(self, text: str) -> None:
        if not self.entry.text and text.casefold() == ALL_KEY:
            self._give_back({line.position: line.left for line in self._sold.lines if line.left})
            return
        self.entry.insert("".join(c for c in text if c in "0123456789.,"))
        self.show()

    def pressed(self, key: str) -> None:
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
        if key in steps:
            self._marked = max(0, min(len(self._sold.lines) - 1, self._marked + steps[key]))
            self.show()
            self.tell("")
        elif key == "enter":
            self._take_marked()
        elif self.entry.edit(key):
            self.show()
        else:
            super().pressed(key)

    def _take_marked(self) -> None:
        if not self._sold.lines:
            self.close()
            return
        line = self._sold.lines[self._marked]
        text = self.entry.take()
        try:
            entry = parse_entry(f"*{text}", self.till.shop.rules.currency) if text else SetQuantity(line.left)
        except REFUSALS as error:
            self._refuse(error)
            return
        assert isinstance(entry, SetQuantity)
        self._give_back({line.position: entry.quantity})

    def _give_back(self, quantities: Mapping[int, Decimal]) -> None:
        """Put goods into the basket at once, and go on until nothing is left."""
        before = self.till.desk.basket.total_minor
        if not quantities:
            self.tell(
                _("Everything of receipt {label} was returned already.").format(label=self._sold.label),
                Mood.BAD,
            )
            return
        try:
            self.attempt(lambda: self._take_back(quantities, before))
        except REFUSALS as error:
            self._refuse(error)

    def _take_back(self, quantities: Mapping[int, Decimal], before: int) -> None:
        self._sold = self.till.desk.return_goods(self._sold.sale_id, quantities)
        self._counter.show_sale()
        amount = self.till.money(self.till.desk.basket.total_minor - before)
        names = ", ".join(self._sold.line(position).name for position in quantities)
        text = _("Taken back: {names}, {amount}").format(names=names, amount=amount)
        if any(line.left for line in self._sold.lines):
            self._to_what_is_left()
            self.show()
            self.tell(text, Mood.GOOD)
        else:
            self.close(lambda: self._counter.tell(text, Mood.GOOD))

    def _refuse(self, error: Exception) -> None:
        self.tell(str(error), Mood.BAD)
        self.show()

    # What is scanned

    def scanned(self, scan: Scan) -> None:
        """Another receipt, or goods of this one: a piece is taken, of what is weighed the line is chosen."""
        found = self.till.desk.check(scan.data)
        if isinstance(found, Wanted):
            lines = [line for line in self._sold.lines if line.product_id == found.article.id]
            said = (found.particulars.lot, found.particulars.serial)
            lines.sort(key=lambda line: (line.lot, line.serial) != said)
        elif self._is_receipt(found.code):
            return
        else:  # what must not be sold any more may well come back
            article = self.till.desk.find_exactly(found.code)
            product_id = article.id if article else None
            codes = (found.code, scan.data)
            lines = [
                line
                for line in self._sold.lines
                if line.product_id == product_id or normalise_code(line.code) in codes
            ]
        line = next((line for line in lines if line.left), None)
        if line is None:
            self.tell(_("This is not on the receipt, or was returned already."), Mood.BAD)
            return
        self._marked = self._sold.lines.index(line)
        if line.unit == "piece":
            self._give_back({line.position: found.quantity if isinstance(found, Wanted) else Decimal(1)})
        else:
            self.show()
            self.tell(_("{name}: type how much comes back.").format(name=line.name))

    def _is_receipt(self, code: str) -> bool:
        """Go to another receipt, if that was scanned."""
        sold = self.till.desk.find_sold(code) if "-" in code else None
        if sold is None:
            return False
        self.close(lambda: _open(self._counter, sold))
        return True
