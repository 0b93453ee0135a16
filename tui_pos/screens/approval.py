"""Asking somebody else to allow one act. Nobody is logged out for it, and the act is then done as it was meant."""

from collections.abc import Callable

from hardware.ports import Scan
from tui_pos.i18n import _
from tui_pos.people import access
from tui_pos.people.access import Credentials
from tui_pos.people.actor import NotAllowed, NotProven
from tui_pos.people.roles import roles
from tui_pos.people.staff import Member, StaffError, members
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import REFUSALS, Ask
from tui_pos.screens.identify import Identify
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading
from tui_pos.widgets.bars import Mood

Then = Callable[[], None]


def ask_approval(front: TillScreen, refused: NotAllowed, act: Then) -> None:
    """Ask why, unless that was said, and for the PIN or badge of somebody who may; then do the act by their leave."""
    people = _who_may(front.till, refused)
    if not people:
        text = _("{refused} Nobody who works here may allow it.")
        front.tell(text.format(refused=refused), Mood.BAD)
    elif isinstance(refused, NotProven) or refused.act.reason:
        front.app.push_screen(_permit(front, refused, refused.act.reason, people, act))
    else:
        front.app.push_screen(_Why(front, refused, people, act))


class _Why(Ask):
    """What it is needed for. A badge that is scanned here allows it, once the reason is there."""

    def __init__(self, front: TillScreen, refused: NotAllowed, people: list[Member], act: Then) -> None:
        text = _("{refused} Somebody else can allow it for this once. Why is it needed?")
        words = "\n".join([_words(front.till, refused), text.format(refused=refused)])
        super().__init__(front.till, _("Permission needed"), words, self._given, placeholder=_("reason"))
        self._badge: Scan | None = None
        self._ask: Callable[[str], Identify] = lambda reason: _permit(front, refused, reason, people, act)

    def _given(self, reason: str) -> Then:
        if not reason:
            raise StaffError(_("Type why it is needed: it is kept with who allows it."))
        if not any(sign.isalpha() for sign in reason):  # a PIN, typed one window too early
            self.entry.set("")
            self.show()
            raise StaffError(_("Say in words why it is needed. Digits alone are not kept."))

        def ask() -> None:
            window = self._ask(reason)
            self.app.push_screen(window)
            if self._badge is not None:
                window.take_scan(self._badge)

        return ask

    def badged(self, scan: Scan) -> None:
        self._badge = scan
        if self.entry.text.strip():
            self.answer(self.entry.text.strip())
        else:
            self.tell(_("Now type why it is needed, then Enter: this badge allows it."), Mood.GOOD)


def _words(till: Till, refused: NotAllowed) -> str:
    """What is to be allowed, and how much that is."""
    words = refused.act.words
    if refused.act.amount_minor is None:
        return words
    return _("{act}: {amount}").format(act=words, amount=till.money(refused.act.amount_minor))


def _permit(front: TillScreen, refused: NotAllowed, reason: str, people: list[Member], act: Then) -> Identify:
    till = front.till
    asking = till.desk.actor

    def check(shown: Credentials) -> Then:
        allowed = access.approve(
            till.desk.engine, till.shop.till, shown, till.rules, refused, asking, reason, till.now()
        )

        def again() -> None:
            with till.acting_as(allowed):
                try:
                    _front(front).attempt(act)
                except REFUSALS as error:
                    _front(front).tell(str(error), Mood.BAD)

        return again

    if isinstance(refused, NotProven):
        text = str(refused)
    else:
        text = _("{name} asks: {reason}. Enter your PIN or scan your badge to allow it for this once.")
        text = text.format(name=asking.name, reason=reason)
    words = "\n".join([_words(till, refused), text])
    return Identify(till, _("Permission needed"), words, people, check, on_leave=lambda: None)


def _who_may(till: Till, refused: NotAllowed) -> list[Member]:
    """Who could allow it: those whose own limit covers it, too."""
    with reading(till.desk.engine) as session:
        rights = roles(session)
        people = members(session)
    return [
        person
        for person in people
        if person.role in rights and access.could_allow(rights[person.role], refused)
    ]


def _front(screen: TillScreen) -> TillScreen:
    front = screen.app.screen
    assert isinstance(front, TillScreen)
    return front
