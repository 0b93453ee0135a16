"""Saying who one is: a name and a PIN, or a badge. To log in, to take the till over, to allow what another may not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum, auto
from uuid import UUID

from textual.app import ComposeResult

from hardware.ports import Scan
from tui_pos.i18n import _
from tui_pos.people import access
from tui_pos.people.access import CodeNeeded, Credentials, Locked
from tui_pos.people.errors import PeopleError
from tui_pos.people.permissions import Permission
from tui_pos.people.roles import role_name, roles
from tui_pos.people.staff import Member, members
from tui_pos.screens.dialogs import Dialog
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading
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


def numbers_of(till: Till) -> dict[UUID, str]:
    """The digit that everybody is chosen by, the same in every window: their place among all who work here."""
    with reading(till.desk.engine) as session:
        people = members(session)
    if len(people) > MOST_NUMBERED:
        return {}
    return {person.id: str(place) for place, person in enumerate(people, 1)}


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
        self._numbers = numbers_of(till)
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
        nobody = _("nothing fits") if self._people else self._empty
        listed.show(choices, self._marked, nobody)
        # Digits that are nobody's number may well be a PIN, typed before the name.
        secret = self._step is not Step.NAME or (not fitting and any(map(str.isdigit, self.entry.text)))
        typed = "•" * len(self.entry.text) if secret else self.entry.text
        prompts = {Step.NAME: "›", Step.PIN: _("PIN ›"), Step.CODE: _("code ›")}
        hints = {
            Step.NAME: _("number or name, or scan your badge"),
            Step.PIN: _("type your PIN, then Enter"),
            Step.CODE: _("the code of your second factor, or a recovery code"),
        }
        self.query_one(EntryLine).show(typed, self.entry.cursor, hints[self._step], prompts[self._step])
        leave = (("Esc", _("back")),) if self._can_go_back or self._when_left else ()
        self.query_one(KeyLegend).show((("↑ ↓", _("choose")), ("⏎", _("go on")), *leave))

    def set_people(self, people: Sequence[Member]) -> None:
        """Others work here than when the window was opened. Whoever types their PIN goes on, if they still do."""
        self._people = tuple(people)
        self._numbers = numbers_of(self.till)
        if self._step is not Step.NAME and not self._fitting():
            self._to_names()
        self.show()

    def _choice(self, index: int) -> Choice:
        person = self._people[index]
        number = self._numbers.get(person.id, "")
        pin = self.till.shown_pins.get(person.name, "")
        role = role_name(person.role)
        shown = _("{role}, PIN {pin}").format(role=role, pin=pin) if pin else role
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
            for person in self._people if not self.entry.text else ():
                if text[:1] == self._numbers.get(person.id):
                    self._ask_pin(person.id)
                    text = text[1:]  # the PIN, where somebody is ahead of the screen
                    break
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
            self._to_names()
            self.show()
        elif self._step is Step.NAME and self.entry.text:
            self.entry.set("")
            self.show()
        elif self._when_left:
            self.close(self._when_left)

    def _to_names(self) -> None:
        self._step = Step.NAME
        self._shown = Credentials()
        self.entry.set("")

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
        except Locked as locked:
            self._shown = Credentials(who=locked.staff_id)
            self._step = Step.PIN
            self.show()
            self.tell(str(locked), Mood.BAD)
            self._ask_unlock(locked)
        except CodeNeeded as needed:
            self._step = Step.CODE
            self._shown = shown
            self.show()
            self.tell(str(needed))
        except PeopleError as error:
            if self._step is Step.CODE:  # name and PIN were right: only the code is asked for again
                self._shown = replace(shown, code="")
            elif shown.who:
                self._step = Step.PIN
                self._shown = Credentials(who=shown.who)
            self.show()
            self.tell(str(error), Mood.BAD)
        else:
            self.close(then)

    def _ask_unlock(self, locked: Locked) -> None:
        """Ask for somebody who may let this person try again, where there is anybody."""
        till = self.till
        with reading(till.desk.engine) as session:
            rights = roles(session)
            people = members(session)
        able = [role for role in rights if Permission.UNLOCK in rights[role].permissions]
        people = [each for each in people if each.role in able and each.id != locked.staff_id]
        if not people:
            return

        def check(shown: Credentials) -> Then:
            access.unlock(till.desk.engine, till.shop.till, shown, till.rules, locked, till.now())
            return lambda: self.tell(_("{name} can try again.").format(name=locked.name), Mood.GOOD)

        title = _("Unlock {name}").format(name=locked.name)
        text = _(
            "Too many wrong PINs. Enter your PIN or scan your badge to let {name} try again. Esc: not now."
        )
        text = text.format(name=locked.name)
        self.app.push_screen(Identify(till, title, text, people, check, on_leave=lambda: None))

    # What is scanned

    def is_typed(self, burst: str) -> bool:
        """A PIN or a code that a program types all at once; goods scanned here are no wrong PIN."""
        if self._step is Step.PIN:
            return burst.isdigit() and len(burst) < SHORTEST_GTIN
        return self._step is Step.CODE

    def badged(self, scan: Scan) -> None:
        self._look_at(Credentials(badge=scan.data))

    def refuse_scan(self) -> None:
        self.tell(_("Not scanned: first say who you are. If you typed it, type it again."), Mood.BAD)
