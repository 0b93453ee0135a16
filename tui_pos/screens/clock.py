"""Asking about a clock that is far ahead of the books, before anything is booked with it."""

from collections.abc import Callable

from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date, format_time
from tui_pos.i18n.spans import span_text
from tui_pos.journal import clock
from tui_pos.journal.chain import ClockAhead
from tui_pos.sales.entry import BadEntry
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import Ask
from tui_pos.storage.engine import writing
from tui_pos.widgets.bars import Mood

Then = Callable[[], None]


def ask_clock(front: TillScreen, error: ClockAhead) -> None:
    """Ask whether the clock is right, by having the year typed: no key that is held down, and no scan, says so.

    What was to be done is not done of itself then: the window may have taken what was typed for it.
    """
    till = front.till
    zone, locale = till.shop.zone, till.shop.locale
    now, newest = error.now.astimezone(zone), error.newest.astimezone(zone)

    def answered(typed: str) -> Then:
        if typed != str(now.year):
            window.entry.set("")
            window.show()
            raise BadEntry(
                _("If the date is right, type its year. If not: Esc, and set the machine's clock.")
            )
        with writing(till.desk.engine, durable=True) as session:
            clock.confirm(session, till.shop.till, error.actor, till.now())
        till.worries["clock_ahead"] = worry
        return go_on

    def go_on() -> None:
        front.show()  # without what was typed for the act
        front.tell(_("The clock is right, then: do it once more."), Mood.GOOD)

    def worry() -> str:
        text = _("The clock leapt {span} ahead to {date}, and was said to be right: look at it.")
        return text.format(span=span_text(now - newest), date=format_date(now.date(), locale))

    text = _(
        "This machine says that it is {date}, {time}: {span} after the newest entry in the books ({newest})."
    )
    todo = _("Is that right? Type the year. If not, leave with Esc and set the clock: nothing was booked.")
    words = text.format(
        date=format_date(now.date(), locale),
        time=format_time(now, locale),
        newest=format_date(newest.date(), locale),
        span=span_text(now - newest),
    )
    window = Ask(
        till, _("The clock"), f"{words}\n{todo}", answered, placeholder=_("year"), on_cancel=front.show
    )
    front.app.push_screen(window)
    front.sound()
