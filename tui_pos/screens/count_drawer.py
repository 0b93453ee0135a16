"""Counting a drawer: one kind of coin or note after the other, with the sum in large digits."""

from collections.abc import Callable, Mapping

from textual.app import ComposeResult
from textual.containers import Container

from tui_pos.drawer.denominations import Counted, count_pieces
from tui_pos.drawer.errors import DrawerError
from tui_pos.i18n import _
from tui_pos.money.cash import denominations
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import REFUSALS
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import KeyLegend, MessageBar, Mood, StatusBar
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine
from tui_pos.widgets.totals import Figures, Totals

Then = Callable[[], None]
MAX_DIGITS = 5


class CountDrawer(TillScreen):
    """How many pieces there are of each kind. `keep` gets the count, or raises: then the screen stays and says why.

    What `keep` returns is called once the screen is gone. `pieces` is what an earlier count found, and
    `kept` whether that one was kept.
    """

    def __init__(
        self,
        till: Till,
        title: str,
        keep: Callable[[Counted], Then],
        *,
        pieces: Mapping[int, int],
        kept: bool = True,
        expected_minor: int | None = None,
    ) -> None:
        super().__init__(till)
        self._title = title
        self._keep = keep
        self._expected_minor = expected_minor
        self._worths = denominations(till.shop.rules.currency)
        self._pieces = dict(pieces)
        self._kept_pieces = dict(pieces) if kept else {}
        self._marked = 0
        self._warned = False  # that the next Esc throws away what was counted

    def compose(self) -> ComposeResult:
        yield StatusBar()
        with Container(id="sale"):
            yield Choices(id="tenders")
            yield Totals()
        yield MessageBar()
        yield EntryLine(prompt=_("pieces ›"))
        yield KeyLegend()

    @property
    def _at_end(self) -> bool:
        return self._marked == len(self._worths)

    @property
    def _counted(self) -> Counted:
        return count_pieces(self._pieces, self.till.shop.rules.currency)

    @property
    def enter_only_moves(self) -> bool:
        return self._standing and not self._at_end

    # What is shown

    def show(self) -> None:
        till = self.till
        place = f"{till.shop.name} · {till.shop.till}"
        self.query_one(StatusBar).show(place, till.person(), till.lights(), till.clock())
        self.query_one(Choices).show(self._choices(), self._marked)
        self.query_one(Totals).show(self._figures())
        self._show_entry()
        self.query_one(KeyLegend).show(
            (
                ("0–9", _("pieces")),
                ("⏎", _("next")),
                ("↑ ↓", _("choose")),
                ("PgDn", _("to the end")),
                ("Esc", _("leave")),
            )
        )

    def _choices(self) -> tuple[Choice, ...]:
        kinds = [self._choice(worth) for worth in self._worths]
        return (*kinds, Choice("⏎".rjust(MAX_DIGITS), _("that is all of it")))

    def _choice(self, worth: int) -> Choice:
        money = self.till.money
        number = self._pieces.get(worth)
        front = "·" if number is None else str(number)
        right = "" if number is None else money(number * worth)
        return Choice(front.rjust(MAX_DIGITS), f"× {money(worth)}", right)

    def _figures(self) -> Figures:
        money = self.till.money
        total_minor = self._counted.total_minor
        small: tuple[tuple[str, str], ...] = ((self._title, ""),)
        if self._expected_minor is not None:
            small = (
                *small,
                (_("expected"), money(self._expected_minor)),
                (_("difference"), money(total_minor - self._expected_minor)),
            )
        return Figures(small, _("COUNTED"), money(total_minor), self.till.shop.rules.currency.code)

    def _show_entry(self) -> None:
        if self._at_end:
            words = _("Enter keeps the count; ↑ goes back to a coin or note")
        else:
            words = _("how many of {worth}?").format(worth=self.till.money(self._worths[self._marked]))
        self.query_one(EntryLine).show(self.entry.text, self.entry.cursor, words)

    def devices_changed(self) -> None:
        self.show()

    def tell(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        self.query_one(MessageBar).show(text, mood)
        if mood is Mood.BAD:
            self.sound()

    # What is typed

    def typed(self, text: str) -> None:
        """Anything is shown as it was typed, and judged as a whole by Enter: half of it would be another number."""
        self._warned = False
        self.entry.insert(text)
        self._show_entry()

    def pressed(self, key: str) -> None:
        warned, self._warned = self._warned, False
        if key == "enter":
            self._enter()
        elif key in ("up", "down", "pageup", "pagedown") and self._take_entry():
            step = {"up": -1, "down": 1, "pageup": -len(self._worths), "pagedown": len(self._worths)}[key]
            self._marked = min(len(self._worths), max(0, self._marked + step))
            self.show()
        elif key == "escape":
            self._leave(warned)
        elif key == "delete" and not self.entry.text and not self._at_end:
            self._pieces.pop(self._worths[self._marked], None)
            self.show()
        elif self.entry.edit(key):
            self._show_entry()

    def _leave(self, warned: bool) -> None:
        """What was counted and not kept goes only by a second Esc."""
        if self.entry.text:
            self.entry.set("")
            self._show_entry()
        elif self._pieces != self._kept_pieces and not warned:
            self._warned = True
            self.tell(_("Esc again throws this count away; any other key goes on with it."), Mood.BAD)
        else:
            self.close(self.unanswered)

    def _take_entry(self) -> bool:
        """What was typed is how many there are of the marked kind; nothing typed leaves it as it is.

        At the end it can only be the 0 of a drawer in which nothing was found. False where it is no such number: then
        it is said and gone, and nothing is kept of it.
        """
        text = self.entry.take().strip()
        fault = self._fault(text)
        if fault:
            self.tell(fault, Mood.BAD)
            self._show_entry()
            return False
        if text and self._at_end:
            self._pieces = dict.fromkeys(self._worths, 0)
        elif text:
            self._pieces[self._worths[self._marked]] = int(text)
        self.tell("")
        return True

    def _fault(self, text: str) -> str:
        """Why that is no number of pieces here; empty where it is one, or nothing was typed."""
        if not text:
            return ""
        if self._at_end:
            empty = text == "0" and not any(self._pieces.values())
            return "" if empty else _("Enter keeps the count; ↑ goes back to a coin or note")
        if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
            return ""
        words = _("“{text}” is no number of pieces: type a whole number, at most {most}.")
        return words.format(text=text, most=10**MAX_DIGITS - 1)

    def _enter(self) -> None:
        if not self._at_end:
            if self._take_entry():
                self._marked += 1
                self.show()
            return
        if not self._take_entry():
            return
        self.show()
        try:
            if not self._pieces:
                raise DrawerError(_("Type how many there are of each; 0 if the drawer is empty."))
            then = self._keep(self._counted)
        except REFUSALS as error:
            self.tell(str(error), Mood.BAD)
            return
        self.close(then)
