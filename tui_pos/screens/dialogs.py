"""Windows in front of a screen: a question with an answer to type, and a list to choose from."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from hardware.ports import Scan
from tui_pos.drawer.errors import DrawerError
from tui_pos.i18n import _
from tui_pos.people.access import AccessDenied
from tui_pos.people.pins import BadPin
from tui_pos.people.staff import StaffError
from tui_pos.printing.queue import PrintingError
from tui_pos.reports.errors import ReportError
from tui_pos.sales.basket import SaleError
from tui_pos.sales.entry import BadEntry, looks_like_code
from tui_pos.screens.base import TillScreen
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import KeyLegend, MessageBar, Mood, narrowed, wrapped
from tui_pos.widgets.choices import Choice, Choices, hidden
from tui_pos.widgets.entry_line import EntryLine

REFUSALS = (SaleError, BadEntry, PrintingError, ReportError, StaffError, BadPin, AccessDenied, DrawerError)
"""What rooms raise when an act is refused: the text is for the cashier, and nothing was changed."""


REST_OF_A_WINDOW = 12
"""Rows: its frame, some words, the entry line, the message, the legend, and a line above and below."""


class Dialog(TillScreen):
    """A titled box over the screen behind. `answer` ends it: the window goes first, then the answer is acted on."""

    DEFAULT_CLASSES = "dialog"

    def __init__(self, till: Till, title: str, text: str = "") -> None:
        super().__init__(till)
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(self._title)  # as it is: brackets in it are no markup
            if self._text:
                yield Static(self._text, markup=False, classes="words")
            yield from self.body()
            yield MessageBar()
            yield KeyLegend()

    def body(self) -> ComposeResult:
        """What stands between the words and the legend."""
        yield from ()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def room_for(self, rows: int) -> int:
        """How many of these rows a window can show at once on this terminal, beside its words and its entry line."""
        width, height = self.app.size
        rest = REST_OF_A_WINDOW
        if self.has_class("-short"):  # without the lines between its parts
            rest = 6 + (len(wrapped(self._text, width - 2)) if self._text else 0)
        return max(1, min(rows, height - rest))

    def tell(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        self.query_one(MessageBar).show(text, mood)
        if mood is Mood.BAD:
            self.sound()

    def pressed(self, key: str) -> None:
        if key == "escape":
            self.close(self.unanswered)


class Ask(Dialog):
    """A question. `act` does what the answer asks for, or raises: then the window stays and says what is wrong.

    What `act` returns is called once the window is gone: a next question, say. `cancel_word` is what the legend calls
    Esc, where it does something else than leave.
    """

    def __init__(
        self,
        till: Till,
        title: str,
        text: str,
        act: Callable[[str], Callable[[], None] | None],
        *,
        initial: str = "",
        placeholder: str = "",
        hidden: bool = False,
        on_scan: Callable[[Scan], None] | None = None,
        on_cancel: Callable[[], None] | None = None,
        cancel_word: str = "",
    ) -> None:
        super().__init__(till, title, text)
        self._act = act
        self._cancel_word = cancel_word
        self._placeholder = placeholder
        self._hidden = hidden
        self._on_scan = on_scan
        self._on_cancel = on_cancel
        self.entry.set(initial)

    def body(self) -> ComposeResult:
        yield EntryLine()

    def show(self) -> None:
        text = "•" * len(self.entry.text) if self._hidden else self.entry.text
        self.query_one(EntryLine).show(text, self.entry.cursor, self._placeholder)
        self.query_one(KeyLegend).show((("⏎", _("go on")), ("Esc", self._cancel_word or _("leave"))))

    def typed(self, text: str) -> None:
        self.entry.insert(text)
        self.show()

    def pressed(self, key: str) -> None:
        if key == "escape":
            self.close(self._on_cancel or self.unanswered)
        elif key == "enter":
            self.answer(self.entry.text.strip())
        elif self.entry.edit(key):
            self.show()

    def answer(self, text: str) -> None:
        """Do what the answer asks for, and go; or say why not."""
        try:
            then = self._act(text)
        except REFUSALS as error:
            self.tell(str(error), Mood.BAD)
            return
        self.close(then)

    def scanned(self, scan: Scan) -> None:
        if self._on_scan is None:
            self.refuse_scan()
        else:
            self._on_scan(scan)


class Confirm(Dialog):
    """Yes by Enter, no by Esc. An Enter that was pressed before the question could be read does not answer it."""

    def __init__(
        self,
        till: Till,
        title: str,
        text: str,
        act: Callable[[], Callable[[], None] | None],
        *,
        on_cancel: Callable[[], None],
        on_scan: Callable[[Scan], None] | None = None,
    ) -> None:
        super().__init__(till, title, text)
        self._act = act
        self._on_scan = on_scan
        self._on_cancel = on_cancel
        self._readable = False

    def on_mount(self) -> None:
        self.call_after_refresh(self._become_readable)

    def _become_readable(self) -> None:
        self._readable = True

    def show(self) -> None:
        self.query_one(KeyLegend).show((("⏎", _("yes")), ("Esc", _("no"))))

    def typed(self, text: str) -> None:
        self.tell(_("Enter says yes, Esc says no."), Mood.BAD)

    def pressed(self, key: str) -> None:
        if key == "escape":
            self.close(self._on_cancel)
        elif key == "enter" and self._readable:
            self._confirmed()
        elif key == "enter":
            self.sound()

    def _confirmed(self) -> None:
        try:
            then = self._act()
        except REFUSALS as error:
            self.tell(str(error), Mood.BAD)
            return
        self.close(then)

    def scanned(self, scan: Scan) -> None:
        (self._on_scan or self._refuse)(scan)

    def _refuse(self, _scan: Scan) -> None:
        self.refuse_scan()


def sure_of_sum(
    front: TillScreen,
    title: str,
    typed: str,
    amount_minor: int,
    act: Callable[[], Callable[[], None] | None],
    *,
    otherwise: Callable[[], None],
    unanswered: Callable[[], None] | None = None,
) -> Callable[[], None] | None:
    """What follows a typed sum: `act` at once, or after a question where what was typed may be a barcode.

    `otherwise` follows where it was one, `unanswered` where somebody else comes meanwhile.
    """
    if not looks_like_code(typed):
        return act()
    text = _("{amount}? That looks like a barcode.").format(amount=front.till.money(amount_minor))
    window = Confirm(front.till, title, text, act, on_cancel=otherwise)
    window.unanswered = unanswered

    def ask() -> None:
        front.app.push_screen(window)

    return ask


class Pick(Dialog):
    """A list narrowed as one types. `act` gets the index of the chosen entry.

    Where every entry shows its number, that number takes it at once.
    What was typed and fits nothing goes to `otherwise`, which may raise SaleError to refuse it; Delete on an empty
    entry line gives the marked entry to `give_up`.
    """

    def __init__(
        self,
        till: Till,
        title: str,
        choices: Sequence[Choice],
        act: Callable[[int], None],
        *,
        text: str = "",
        empty: str = "",
        otherwise: Callable[[str], None] | None = None,
        give_up: Callable[[int], None] | None = None,
        on_scan: Callable[[Scan], None] | None = None,
    ) -> None:
        super().__init__(till, title, text)
        self._choices = tuple(choices)
        self._act = act
        self._otherwise = otherwise
        self._give_up = give_up
        self._empty = empty
        self._on_scan = on_scan
        self._marked = 0

    def body(self) -> ComposeResult:
        yield Choices()
        yield EntryLine()

    def _fitting(self) -> list[int]:
        typed = self.entry.text.strip().casefold()
        return [
            i
            for i, choice in enumerate(self._choices)
            if typed in f"{choice.front} {choice.name} {choice.right}".casefold()
        ]

    def show(self) -> None:
        fitting = self._fitting()
        self._marked = min(self._marked, max(0, len(fitting) - 1))
        shown = tuple(self._choices[i] for i in fitting)
        choices = self.query_one(Choices)
        choices.styles.height = self.room_for(len(self._choices))
        choices.show(shown, self._marked, self._empty or _("nothing fits"))
        self.query_one(EntryLine).show(self.entry.text, self.entry.cursor, _("type to narrow"))
        give_up = (("Del", _("give up")),) if self._give_up else ()
        self.query_one(KeyLegend).show(
            (("↑ ↓", _("choose")), ("⏎", _("take")), *give_up, ("Esc", _("leave")))
        )

    @property
    def _numbered(self) -> bool:
        """Whether the entries show their numbers, of one digit each."""
        numbers = [str(number) for number in range(1, 10)][: len(self._choices)]
        return [choice.front for choice in self._choices] == numbers

    def typed(self, text: str) -> None:
        self.entry.insert(text)
        self._marked = 0
        if self._numbered and text.isdigit() and self.entry.text == text in [c.front for c in self._choices]:
            self.entry.set("")
            self._marked = int(text) - 1
            self._take_marked(self._act)
            return
        self.show()

    def pressed(self, key: str) -> None:
        if key in ("up", "down"):
            self._marked = max(0, self._marked + (1 if key == "down" else -1))
            self.show()
        elif key in ("pageup", "pagedown"):
            self._marked = max(0, self._marked + (10 if key == "pagedown" else -10))
            self.show()
        elif key == "enter":
            self._take_marked(self._act)
        elif key == "delete" and self._give_up and not self.entry.text:
            self._take_marked(self._give_up)
        elif self.entry.edit(key):
            self.show()
        else:
            super().pressed(key)

    def _take_marked(self, act: Callable[[int], None]) -> None:
        fitting = self._fitting()
        try:
            if fitting:
                self.close(lambda: act(fitting[self._marked]))
            elif self._otherwise and self.entry.text.strip():
                self._otherwise(self.entry.text.strip())
                self.close()
        except REFUSALS as error:
            front = self.app.screen
            assert isinstance(front, TillScreen)
            front.tell(str(error), Mood.BAD)

    def scanned(self, scan: Scan) -> None:
        if self._on_scan is None:
            self.refuse_scan()
        else:
            on_scan = self._on_scan
            self.close(lambda: on_scan(scan))


REST_OF_A_PAGE = 6
"""Rows: its frame, the message, the legend, and a line to spare."""


class Page(Dialog):
    """A text to read: help, paper, the codes of the demo. Scrolls by ↑ ↓ and the page keys."""

    def __init__(self, till: Till, title: str, lines: Sequence[str], *, at_end: bool = False) -> None:
        super().__init__(till, title)
        self._lines = tuple(lines)
        self._top = 10**6 if at_end else 0

    def body(self) -> ComposeResult:
        yield Static(id="page", markup=False)

    def show(self) -> None:
        page = self.query_one("#page", Static)
        width = page.size.width or self.app.size.width
        lines = [part for line in self._lines for part in narrowed(line, width)]
        height = max(1, min(len(lines), self.app.size.height - REST_OF_A_PAGE))
        self._top = max(0, min(self._top, len(lines) - height))
        page.styles.height = height
        page.update("\n".join(lines[self._top : self._top + height]))
        below = len(lines) - height - self._top
        self.query_one(".box").border_subtitle = hidden(self._top, below) if self._top or below else ""
        scroll = (("↑ ↓", _("scroll")),) if self._top or below else ()
        self.query_one(KeyLegend).show((*scroll, ("Esc", _("leave"))))

    def typed(self, text: str) -> None:
        """Nothing can be typed here."""

    def pressed(self, key: str) -> None:
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -(10**6), "end": 10**6}
        if key in steps:
            self._top += steps[key]
            self.show()
        elif key in ("escape", "enter"):
            self.close()
