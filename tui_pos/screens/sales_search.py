"""Finding past sales at the counter: type to narrow, Enter shows the whole receipt."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from hardware.document import to_text
from hardware.ports import Scan
from tui_pos.i18n import _, ngettext
from tui_pos.i18n.formatting import format_date, format_time, read_date
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.reports import past_receipt
from tui_pos.reports.errors import ReportError
from tui_pos.reports.sales_list import write_sales
from tui_pos.reports.search import FoundSale, Wanted, find_sales, read_wanted
from tui_pos.screens.dialogs import REFUSALS, Ask, Dialog
from tui_pos.screens.reports import ReportPage
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import KeyLegend, Mood
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter

EXPORT_KEY = "ctrl+s"
MOST_SHOWN = 20
"""Sales in view at once, where the terminal has room for so many."""

FEWEST_LETTERS = 2
"""One letter means hundreds of goods: words are looked for from the second one on."""


def open_search(counter: "Counter") -> None:
    """Open the list of past sales. Whoever opens it keeps, while it is open, the permission that it was opened by."""
    actor = counter.desk.actor
    actor.require(Permission.SEARCH_SALES)
    counter.app.push_screen(SalesSearch(counter.till, actor))


class SalesSearch(Dialog):
    """Past sales, newest first: what fits what is typed. Further ones are read as one goes down."""

    def __init__(self, till: Till, actor: Actor) -> None:
        super().__init__(till, _("Past sales"))
        self._actor = actor
        self._sales: tuple[FoundSale, ...] = ()
        self._more = False
        self._ended: Mapping[str, int] = {}
        self._wanted = Wanted()
        self._marked = 0
        self._search()

    def body(self) -> ComposeResult:
        yield Choices()
        yield EntryLine()

    # What is found

    def _search(self) -> None:
        """Look for what is typed now, from the newest on. A word of one letter waits for its second."""
        wanted = read_wanted(self.entry.text, self.till.shop, self._today)
        self._wanted = replace(wanted, words="") if len(wanted.words) < FEWEST_LETTERS else wanted
        self._marked = 0
        self._sales, self._ended = (), {}
        self._read_on()

    def _read_on(self) -> None:
        """Read what follows the sales that were read already."""
        with reading(self.till.desk.engine) as session:
            found = find_sales(session, self._wanted, self._actor, after=self._ended)
        self._sales, self._more, self._ended = self._sales + found.sales, found.more, found.ended

    def _narrow(self) -> None:
        """What is typed has changed."""
        self._search()
        self.show()

    def _move(self, steps: int) -> None:
        """Mark another sale, and read on where the list ends."""
        while self._more and self._marked + steps >= len(self._sales):
            self._read_on()
        self._marked = max(0, min(len(self._sales) - 1, self._marked + steps))
        self.show()

    # What is shown

    def show(self) -> None:
        choices = tuple(map(self._choice, self._sales))
        listed = self.query_one(Choices)
        listed.styles.height = self.room_for(MOST_SHOWN)
        listed.show(choices, self._marked, _("No sale fits."))
        text = _("number, {date}, amount, goods, customer, @cashier, *card")
        hint = text.format(date=self._date_to_type())
        self.query_one(EntryLine).show(self.entry.text, self.entry.cursor, hint)
        keys = [("⏎", _("receipt")), ("^S", _("save as CSV")), ("Esc", _("leave"))]
        reprint = self.till.key_name("reprint")
        if reprint and self.till.shop.prints:
            keys.insert(1, (reprint, _("print a copy")))
        self.query_one(KeyLegend).show((("↑ ↓", _("choose")), *keys))

    @property
    def _today(self) -> dt.date:
        return self.till.shop.local_date(self.till.now())

    def _date_to_type(self) -> str:
        """Today as it can be typed: as the shop writes it, where that is understood."""
        today, locale = self._today, self.till.shop.locale
        written = format_date(today, locale)
        return written if read_date(written, locale, today) else today.isoformat()

    def _choice(self, sale: FoundSale) -> Choice:
        local = sale.completed_at.astimezone(self.till.shop.zone)
        locale = self.till.shop.locale
        front = f"{sale.label}  {format_date(local.date(), locale)} {format_time(local, locale)}"
        name = sale.first_item
        if sale.lines > 1:
            further = ngettext("{name} and {count} more", "{name} and {count} more", sale.lines - 1)
            name = further.format(name=name, count=sale.lines - 1)
        if sale.customer:
            name = f"{name} · {sale.customer}"
        return Choice(front, name, sale.money(sale.gross_minor, self.till.shop.locale))

    # What is done

    def typed(self, text: str) -> None:
        self.entry.insert(text)
        self._narrow()

    def pressed(self, key: str) -> None:
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
        if key in steps:
            self._move(steps[key])
        elif key == "enter":
            self._show_receipt()
        elif key == EXPORT_KEY:
            self._ask_file()
        elif self.till.action_of_key.get(key) == "reprint":
            self._tell_of(self._print_copy)
        elif self.entry.edit(key):
            self._narrow()
        else:
            super().pressed(key)

    def scanned(self, scan: Scan) -> None:
        """A receipt's barcode finds it, and that of goods what they were sold in."""
        self.entry.set(scan.data[3:] if scan.data.startswith("]") else scan.data)
        self._narrow()

    def _chosen(self) -> FoundSale | None:
        return self._sales[self._marked] if self._sales else None

    def _show_receipt(self) -> None:
        sale = self._chosen()
        if sale is None:
            return
        with reading(self.till.desk.engine) as session:
            page = past_receipt.receipt_page(session, self.till.shop, sale.sale_id, self._actor)
        lines = to_text(page, self.till.shop.columns).splitlines()
        self.app.push_screen(ReportPage(self.till, page.title, lines, self._print_copy))

    def _print_copy(self) -> str:
        """Print the marked sale's receipt once more. Returns what to say of it."""
        sale = self._chosen()
        if sale is None:
            return _("No sale fits.")
        with writing(self.till.desk.engine) as session:
            past_receipt.print_copy(
                session, self.till.shop, sale.sale_id, self.till.desk.actor, self.till.now()
            )
        self.till.wake_spooler()
        return _("Receipt {label} is printed again, marked COPY.").format(label=sale.label)

    def _tell_of(self, act: Callable[[], str]) -> None:
        try:
            self.tell(act(), Mood.GOOD)
        except REFUSALS as error:
            self.tell(str(error), Mood.BAD)

    def _ask_file(self) -> None:
        """Ask where the list goes: everything that fits, not only what was read so far."""
        proposed = f"sales-{self.till.shop.business_date(self.till.now()).isoformat()}.csv"

        def act(name: str) -> Callable[[], None]:
            count, path = self._save(name or proposed)
            text = ngettext(
                "{count} sale was written to {file}.", "{count} sales were written to {file}.", count
            )
            return lambda: self.tell(text.format(count=count, file=path), Mood.GOOD)

        text = _("The list as a CSV file. A name without a folder goes into your home folder.")
        self.app.push_screen(Ask(self.till, _("Save the list"), text, act, placeholder=proposed))

    def _save(self, name: str) -> tuple[int, Path]:
        """Write the file. Raises ReportError where one of that name is there, or it cannot be written."""
        path = Path.home() / Path(name).expanduser()
        if path.exists():
            raise ReportError(_("{file} is there already: choose another name.").format(file=path))
        try:
            with reading(self.till.desk.engine) as session:
                return write_sales(session, self._wanted, self._actor, self.till.shop, path), path
        except OSError as error:
            text = _("{file} cannot be written: {reason}")
            raise ReportError(text.format(file=path, reason=error.strerror or error)) from error
