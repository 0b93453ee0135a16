"""Asking somebody else to allow one act. Nobody is logged out for it, and the act is then done as it was meant."""

from collections.abc import Callable

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
    """Ask why, then for the PIN or badge of somebody who may; do the act again with their permission."""
    till = front.till
    people = _who_may(till, refused)
    if not people:
        text = _("{refused} Nobody who works here may allow it.")
        front.tell(text.format(refused=refused), Mood.BAD)
        return
    if isinstance(refused, NotProven):
        front.app.push_screen(_permit(front, refused, "", people, act))
        return

    def reason_given(reason: str) -> Then:
        if not reason:
            raise StaffError(_("Type why it is needed: it is kept with who allows it."))

        def ask() -> None:
            front.app.push_screen(_permit(front, refused, reason, people, act))

        return ask

    text = _("{refused} Somebody else can allow it for this once. Why is it needed?").format(refused=refused)
    front.app.push_screen(Ask(till, _("Permission needed"), text, reason_given, placeholder=_("reason")))


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

    if reason:
        text = _("{name} asks: {reason}. Enter your PIN or scan your badge to allow it for this once.")
        text = text.format(name=asking.name, reason=reason)
    else:
        text = str(refused)
    return Identify(till, _("Permission needed"), text, people, check, on_leave=lambda: None)


def _who_may(till: Till, refused: NotAllowed) -> list[Member]:
    with reading(till.desk.engine) as session:
        rights = roles(session)
        people = members(session)
    return [
        person
        for person in people
        if person.role in rights and refused.permission in rights[person.role].permissions
    ]


def _front(screen: TillScreen) -> TillScreen:
    front = screen.app.screen
    assert isinstance(front, TillScreen)
    return front
