"""Saying who one is: a name and a PIN, or a badge. To log in, to take the till over, to allow what another may not."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from uuid import UUID

from textual.app import ComposeResult

from hardware.ports import Scan
from tui_pos.i18n import _
from tui_pos.people.access import CodeNeeded, Credentials
from tui_pos.people.errors import PeopleError
from tui_pos.people.roles import role_name
from tui_pos.people.staff import Member
from tui_pos.screens.dialogs import Dialog
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import KeyLegend, Mood
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine

MOST_NUMBERED = 9
"""So many people have a key of their own: one digit."""

MAX_TYPED = 80
SHORTEST_GTIN = 8
"""Digits of the shortest code on goods."""
Then = Callable[[], None]


class Step(Enum):
    """What is asked for."""

    NAME = auto()
    PIN = auto()
    CODE = auto()


class Identify(Dialog):
    """A list of people, then a PIN shown as dots, then a code where one is wanted.

    `check` looks at what was shown: it returns what follows once the window is gone, or raises PeopleError. Without
    `on_leave` Esc does not leave the window.
    """

    def __init__(
        self,
        till: Till,
        title: str,
        text: str,
        people: Sequence[Member],
        check: Callable[[Credentials], Then],
        *,
        on_leave: Then | None,
        empty: str = "",
    ) -> None:
        super().__init__(till, title, text)
        self._people = tuple(people)
        self._check = check
        self._when_left = on_leave
        self._empty = empty
        self._marked = 0
        self._step = Step.NAME
        self._shown = Credentials()
        if len(self._people) == 1:
            self._ask_pin(self._people[0].id)

    def body(self) -> ComposeResult:
        yield Choices()
        yield EntryLine()

    # What is shown

    def show(self) -> None:
        fitting = self._fitting()
        self._marked = min(self._marked, max(0, len(fitting) - 1))
        choices = tuple(self._choice(index) for index in fitting)
        listed = self.query_one(Choices)
        listed.styles.height = self.room_for(len(self._people))
        listed.show(choices, self._marked, self._empty or _("nothing fits"))
        typed = self.entry.text if self._step is Step.NAME else "•" * len(self.entry.text)
        prompts = {Step.NAME: "›", Step.PIN: _("PIN ›"), Step.CODE: _("code ›")}
        hints = {
            Step.NAME: _("number or name, or scan your badge"),
            Step.PIN: _("type your PIN, then Enter"),
            Step.CODE: _("the code of your second factor, or a recovery code"),
        }
        self.query_one(EntryLine).show(typed, self.entry.cursor, hints[self._step], prompts[self._step])
        leave = (("Esc", _("back")),) if self._can_go_back or self._when_left else ()
        self.query_one(KeyLegend).show((("↑ ↓", _("choose")), ("⏎", _("go on")), *leave))

    def _choice(self, index: int) -> Choice:
        person = self._people[index]
        number = str(index + 1) if len(self._people) <= MOST_NUMBERED else ""
        pin = self.till.shown_pins.get(person.name, "")
        shown = _("{role}, PIN {pin}").format(role=role_name(person.role), pin=pin) if pin else ""
        return Choice(number, person.name, shown)

    def _fitting(self) -> list[int]:
        """Who fits what is typed; only the person, once they are chosen."""
        if self._step is not Step.NAME:
            return [i for i, person in enumerate(self._people) if person.id == self._shown.who]
        typed = self.entry.text.strip().casefold()
        return [i for i, person in enumerate(self._people) if typed in person.name.casefold()]

    @property
    def _can_go_back(self) -> bool:
        return self._step is not Step.NAME and len(self._people) > 1

    # What is typed

    def typed(self, text: str) -> None:
        if self._step is Step.NAME:
            numbered = len(self._people) <= MOST_NUMBERED and not self.entry.text and text[:1].isdigit()
            if numbered and 0 < int(text[0]) <= len(self._people):
                self._ask_pin(self._people[int(text[0]) - 1].id)
                text = text[1:]  # the PIN, where somebody is ahead of the screen
        if len(self.entry.text) + len(text) <= MAX_TYPED:
            self.entry.insert(text)
        self.show()

    def pressed(self, key: str) -> None:
        if key == "enter":
            self._enter()
        elif key == "escape":
            self._back()
        elif self._step is Step.NAME and key in ("up", "down"):
            self._marked = max(0, self._marked + (1 if key == "down" else -1))
            self.show()
        elif self.entry.edit(key):
            self.show()

    def _back(self) -> None:
        if self._can_go_back:
            self._step = Step.NAME
            self._shown = Credentials()
            self.entry.set("")
            self.show()
        elif self._when_left:
            self.close(self._when_left)

    def _enter(self) -> None:
        if self._step is Step.NAME:
            fitting = self._fitting()
            if fitting:
                self._ask_pin(self._people[fitting[self._marked]].id)
                self.show()
            return
        text = self.entry.take()
        if self._step is Step.PIN:
            self._look_at(Credentials(who=self._shown.who, pin=text))
        else:
            shown = self._shown
            self._look_at(Credentials(shown.who, shown.pin, shown.badge, code=text))

    def _ask_pin(self, who: UUID) -> None:
        self._step = Step.PIN
        self._shown = Credentials(who=who)
        self.entry.set("")

    def _look_at(self, shown: Credentials) -> None:
        """Let whoever shows this through, or say why not."""
        try:
            then = self._check(shown)
        except CodeNeeded as needed:
            self._step = Step.CODE
            self._shown = shown
            self.show()
            self.tell(str(needed))
        except PeopleError as error:
            if shown.who:
                self._step = Step.PIN
                self._shown = Credentials(who=shown.who)
            self.show()
            self.tell(str(error), Mood.BAD)
        else:
            self.close(then)

    # What is scanned

    def is_typed(self, burst: str) -> bool:
        """A PIN or a code that comes all at once, over a slow line, say; goods scanned here are no wrong PIN."""
        if self._step is Step.PIN:
            return burst.isdigit() and len(burst) < SHORTEST_GTIN
        return self._step is Step.CODE

    def badged(self, scan: Scan) -> None:
        self._look_at(Credentials(badge=scan.data))

    def refuse_scan(self) -> None:
        self.tell(_("Not scanned: first say who you are."), Mood.BAD)
