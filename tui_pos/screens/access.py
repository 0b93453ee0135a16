"""Logging in, locking the till, and handing it to somebody else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widgets import Static

from tui_pos.i18n import _, use_language
from tui_pos.i18n.formatting import format_date, format_time
from tui_pos.people import access
from tui_pos.people.access import Credentials
from tui_pos.people.actor import NOBODY, Actor
from tui_pos.people.permissions import Permission
from tui_pos.people.pins import BadPin, check_pin
from tui_pos.people.staff import Member, members
from tui_pos.sales import attending
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import Ask
from tui_pos.screens.identify import Identify, Then
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.widgets.bars import Mood

if TYPE_CHECKING:
    from textual.app import App

    from hardware.ports import Scan
    from tui_pos.screens.counter import Counter


LOOK_AGAIN_S = 2
"""How often the log-in looks who works here."""


class LogIn(Identify):
    """In front of everything until somebody has logged in: what lies behind it cannot be seen."""

    def __init__(self, till: Till) -> None:
        self._members = _members(till)
        title = f"{till.shop.name} · {till.shop.till}"
        empty = _("nobody yet")
        words = _who_is_it(till, self._members)
        super().__init__(till, title, words, self._members, self._log_in, on_leave=None, empty=empty)
        self.add_class("locked")

    def on_mount(self) -> None:
        self.set_interval(LOOK_AGAIN_S, self.look_again)

    def look_again(self) -> None:
        """Whoever was taken on meanwhile, in the office or by a command, can log in; the first owner, say."""
        try:
            found = _members(self.till)
        except DatabaseUnavailable:
            return  # it is asked again soon
        if found != self._members:
            self._members = found
            self.query_one(".words", Static).update(_who_is_it(self.till, found))
            self.set_people(found)

    def _log_in(self, shown: Credentials) -> Then:
        return _come(self.app, self.till, shown)

    def pressed(self, key: str) -> None:
        if self.till.action_of_key.get(key) == "quit":
            self.app.exit()
        else:
            super().pressed(key)


def _members(till: Till) -> list[Member]:
    with reading(till.desk.engine) as session:
        return members(session)


def _who_is_it(till: Till, people: list[Member]) -> str:
    if len(people) == 1:  # who is chosen already: a number would be taken for the first digit of the PIN
        return _("{name}, type your PIN; or scan your badge.").format(name=people[0].name)
    if people:
        return _("Who is it? Press your number or type your name, then your PIN; or scan your badge.")
    text = _("Nobody works here yet. Leave with {key} and run: tui-pos init")
    return text.format(key=till.key_name("quit"))


def lock(app: "App[None]", till: Till, why: str) -> None:
    """Nobody can do anything before somebody has logged in; the open sale stays. `why` is lock, idle or changed."""
    attending.leave(till.desk, why)
    use_language(till.language)  # who comes next need not read what the last one did
    app.push_screen(LogIn(till))


def lock_where_changed(app: "App[None]", till: Till) -> None:
    """Lock the till where whoever stands there was sent away, or was given other rights, since they came."""
    try:
        if attending.may_stay(till.desk):
            return
    except DatabaseUnavailable:
        return  # whoever acts hears of it; this is asked again soon
    name = till.desk.actor.name
    lock(app, till, "changed")
    front = app.screen
    assert isinstance(front, TillScreen)
    text = _("What {name} may do at this till was changed: log in again.")
    front.take_news(text.format(name=name), Mood.WARNING)


def lock_counter(counter: "Counter") -> None:
    """Lock the till by the cashier's own wish."""
    lock(counter.app, counter.till, "lock")


def switch(counter: "Counter") -> None:
    """Somebody else takes the till over, with the sale that is open at it."""
    till = counter.till
    people = [person for person in _members(till) if str(person.id) != till.desk.actor.id]

    def check(shown: Credentials) -> Then:
        return _come(counter.app, till, shown)

    text = _("Who takes over? The open sale goes with the till. Esc: nobody does.")
    empty = _("nobody else works here")
    counter.app.push_screen(
        Identify(till, _("Hand over"), text, people, check, on_leave=lambda: None, empty=empty)
    )


def change_pin(counter: "Counter") -> None:
    """Whoever is logged in chooses another PIN."""
    till = counter.till
    title = _("Your PIN")

    def ask(text: str, act: Callable[[str], Then]) -> None:
        counter.app.push_screen(Ask(till, title, text, act, hidden=True))

    def old_given(old: str) -> Then:
        def new_given(new: str) -> Then:
            check_pin(new)

            def again_given(again: str) -> Then:
                if again != new:
                    raise BadPin(_("The two PINs are not the same. Nothing was changed."))
                actor, now = till.desk.actor, till.now()
                access.change_own_pin(till.desk.engine, till.shop.till, actor, till.rules, old, new, now)
                return lambda: counter.tell(_("Your PIN is changed."), Mood.GOOD)

            return lambda: ask(_("The new PIN again."), again_given)

        return lambda: ask(_("The new PIN: 4 to 12 digits, none that anybody would try first."), new_given)

    ask(_("Your PIN as it is now."), old_given)


def badge_at_counter(counter: "Counter", scan: "Scan") -> None:
    """Whose badge is scanned at the counter takes it over."""
    try:
        welcome = _come(counter.app, counter.till, Credentials(badge=scan.data))
    except access.CodeNeeded:
        counter.tell(_("This badge wants a code, too: type /switch, then scan it again."), Mood.WARNING)
        return
    except access.AccessDenied as error:
        counter.tell(str(error), Mood.BAD)
        return
    welcome()


def _come(app: "App[None]", till: Till, shown: Credentials) -> Then:
    """Log in and take the till over. Returns what shows it, once the window that asked is gone. Raises AccessDenied."""
    actor = access.log_in(till.desk.engine, till.shop.till, shown, till.rules, till.now())
    before = till.desk.left if till.desk.actor is NOBODY else till.desk.actor
    handed = attending.take_over(till.desk, actor)
    news = _recoveries(till, actor)
    return lambda: _welcome(app, till, news, handed=handed, same=before in (NOBODY, actor))


def _recoveries(till: Till, actor: Actor) -> list[str]:
    """What an owner must hear of who got a new PIN behind the counter's back."""
    texts = []
    for found in attending.recoveries_to_tell(till.desk, actor):
        local = found.at.astimezone(till.shop.zone)
        text = _(
            "On {date} at {time} the PIN of {name} was set anew at the shell, by the system's user {user}."
        )
        texts.append(
            text.format(
                date=format_date(local.date(), till.shop.locale),
                time=format_time(local, till.shop.locale),
                name=found.name,
                user=found.by,
            )
        )
    return [" ".join(texts)] if texts else []


def _welcome(app: "App[None]", till: Till, news: list[str], *, handed: bool, same: bool) -> None:
    """Show the till to whoever acts now, in their language. Only who left it finds what they had begun to do."""
    actor = till.desk.actor
    use_language(actor.language or till.language)
    if not same:
        _clear_away(app)
    for screen in app.screen_stack:
        if isinstance(screen, TillScreen):
            screen.show()
    front = app.screen
    assert isinstance(front, TillScreen)
    if handed:
        front.tell(_handed_over(till), Mood.GOOD)
    elif not till.desk.basket.lines:  # else what was said of the open sale stays
        _greet(front, till)
    for text in news:
        front.take_news(text, Mood.WARNING)


def _greet(front: TillScreen, till: Till) -> None:
    """A word of welcome, and what whoever keeps the settings should see to."""
    actor = till.desk.actor
    worries = till.worries.values() if Permission.SETTINGS in actor.rights.permissions else ()
    text = " ".join((_("Hello {name}.").format(name=actor.name), *(worry() for worry in worries)))
    front.tell(text, Mood.WARNING if worries else Mood.GOOD)


def _handed_over(till: Till) -> str:
    desk = till.desk
    text = _("{name} goes on with this sale.").format(name=desk.actor.name)
    if not (desk.basket.tenders and len(till.shop.drawer.names) > 1):
        return text
    stays = _("Its cash goes to the drawer “{name}”, where the first of it lies.").format(name=desk.drawer)
    return f"{text} {stays}"


def _clear_away(app: "App[None]") -> None:
    """Take away what somebody else opened, by their rights and in their language, and what they typed."""
    gone: list[TillScreen] = []
    while isinstance(app.screen, TillScreen) and not app.screen.stays:
        gone.append(app.screen)
        app.pop_screen()
    front = app.screen
    assert isinstance(front, TillScreen)
    front.entry.set("")
    front.tell("")
    for each in gone:
        each.abandoned()
