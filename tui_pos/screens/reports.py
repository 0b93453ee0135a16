"""X and Z at the counter, and practising."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hardware.document import to_text
from tui_pos.i18n import _
from tui_pos.people.permissions import Permission
from tui_pos.reports.errors import ReportError
from tui_pos.screens.dialogs import REFUSALS, Confirm, Page
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import KeyLegend, Mood

if TYPE_CHECKING:
    from tui_pos.reports.z import CloseBlocked
    from tui_pos.screens.counter import Counter

PRINT_KEY = "p"


class ReportPage(Page):
    """A report to read; P prints it, where the till has a printer."""

    def __init__(self, till: Till, title: str, lines: Sequence[str], print_it: Callable[[], str]) -> None:
        super().__init__(till, title, lines)
        self._print = print_it

    def show(self) -> None:
        super().show()
        if self.till.shop.prints:
            keys = (("↑ ↓", _("scroll")), (PRINT_KEY.upper(), _("print")), ("Esc", _("leave")))
            self.query_one(KeyLegend).show(keys)

    def typed(self, text: str) -> None:
        if text.casefold() != PRINT_KEY:
            return
        try:
            if not self.till.shop.prints:
                raise ReportError(_("This till has no printer (printer.kind is none)."))
            self.tell(self._print(), Mood.GOOD)
        except REFUSALS as error:
            self.tell(str(error), Mood.BAD)


def show_x(counter: "Counter") -> None:
    """What the till has taken since its last Z. Nothing is closed."""
    from tui_pos.reports.documents import report_document
    from tui_pos.reports.z import make_x, print_x

    till = counter.till
    with writing(counter.desk.engine) as session:
        figures = make_x(session, till.shop, counter.desk.actor, till.now())
    page = report_document(figures, till.shop)

    def print_it() -> str:
        with writing(counter.desk.engine) as session:
            print_x(session, till.shop, figures, till.now())
        till.wake_spooler()
        return _("The X is printed.")

    lines = to_text(page, till.shop.columns).splitlines()
    counter.app.push_screen(ReportPage(till, page.title, lines, print_it))


def close_day(counter: "Counter") -> None:
    """Make a Z: say what is in the way, or ask once and close."""
    from tui_pos.drawer.blockers import warnings
    from tui_pos.reports.z import CloseBlocked, what_blocks

    till = counter.till
    with reading(counter.desk.engine) as session:
        blockers = what_blocks(session, till.shop)
        told = warnings(session, till.shop)
    if blockers:
        _show_blockers(counter, CloseBlocked(blockers))
        return
    question = _("The period is closed with a Z. It cannot be undone.")
    window = Confirm(
        till,
        _("Close the day"),
        " ".join([question, *told]),
        lambda: _make_z(counter),
        on_scan=lambda _scan: window.refuse_scan(),
        on_cancel=lambda: counter.tell(_("Nothing was closed.")),
    )
    counter.app.push_screen(window)


def _show_blockers(counter: "Counter", blocked: "CloseBlocked") -> None:
    lines = [_("There is no Z yet. In the way:"), "", *(f"- {each.text}" for each in blocked.blockers)]
    counter.app.push_screen(Page(counter.till, _("Close the day"), lines))
    counter.sound()


def _make_z(counter: "Counter") -> Callable[[], None]:
    """Close, then show the Z as it was printed."""
    from tui_pos.reports.z import CloseBlocked, find_z, make_z, page_of, print_copy

    till = counter.till
    counter.desk.actor.require(Permission.Z_REPORT)  # before a key is made for whoever may not use it
    signer = till.find_signer()
    try:
        with writing(counter.desk.engine, durable=True) as session:
            report = make_z(session, till.shop, counter.desk.actor, till.now(), signer=signer)
            number = report.number
            page = page_of(session, report)
    except CloseBlocked as error:  # between the question and its answer
        blocked = error
        return lambda: _show_blockers(counter, blocked)
    till.wake_spooler()

    def print_it() -> str:
        with writing(counter.desk.engine) as session:
            report = find_z(session, till.shop.till, number)
            print_copy(session, till.shop, report, counter.desk.actor, till.now())
        till.wake_spooler()
        return _("Z {number} is printed again, marked COPY.").format(number=number)

    lines = to_text(page, till.shop.columns).splitlines()

    def show() -> None:
        counter.show_sale()
        counter.tell(_("The day is closed with Z {number}.").format(number=number), Mood.GOOD)
        counter.app.push_screen(ReportPage(till, page.title, lines, print_it))

    return show


def train(counter: "Counter") -> None:
    """Begin to practise, or end it."""
    desk = counter.desk
    desk.train(not desk.training)
    counter.forget_last()
    counter.show()
    if desk.training:
        counter.tell(_("TRAINING: nothing that is sold now counts. /training ends it."), Mood.WARNING)
    else:
        counter.tell(_("The training has ended: what is sold now counts."), Mood.GOOD)
