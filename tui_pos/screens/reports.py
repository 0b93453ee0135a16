"""X and Z at the counter, and practising."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hardware.document import to_text
from tui_pos.i18n import _, ngettext
from tui_pos.i18n.formatting import format_date, format_money
from tui_pos.money.currency import Currency
from tui_pos.people.actor import Actor, NotAllowed
from tui_pos.people.permissions import Permission
from tui_pos.reports.errors import ReportError
from tui_pos.screens.dialogs import REFUSALS, Confirm, Page, Pick
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import KeyLegend, Mood
from tui_pos.widgets.choices import Choice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hardware.document import Document
    from tui_pos.reports.combined import Combined
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


def _check_real(counter: "Counter") -> None:
    """Reports are of real money, and a trainee who closes the day must not have closed the real one."""
    if counter.desk.training:
        raise ReportError(_("X and Z are of real sales: end practising first (/training)."))


def _show_page(
    counter: "Counter", page: "Document", print_it: Callable[["Session"], object], done: str
) -> None:
    """A page to read; `print_it` queues it, in a transaction of its own, and `done` is said then."""
    till = counter.till

    def printed() -> str:
        with writing(counter.desk.engine) as session:
            print_it(session)
        till.wake_spooler()
        return done

    lines = to_text(page, till.shop.columns).splitlines()
    counter.app.push_screen(ReportPage(till, page.title, lines, printed))


def show_x(counter: "Counter") -> None:
    """What the till has taken since its last Z. Nothing is closed."""
    from tui_pos.reports.documents import report_document
    from tui_pos.reports.z import make_x, print_x

    _check_real(counter)
    till, actor = counter.till, counter.desk.actor
    with writing(counter.desk.engine) as session:
        figures = make_x(session, till.shop, actor, till.now())
    _show_page(
        counter,
        report_document(figures, till.shop),
        lambda session: print_x(session, till.shop, figures, actor, till.now()),
        _("The X is printed."),
    )


def past_zs(counter: "Counter") -> None:
    """The Zs that this till has made: see one as it was made, print it again as a COPY."""
    from tui_pos.reports.figures import Figures, figures_of
    from tui_pos.reports.z import list_z

    _check_real(counter)
    till, actor = counter.till, counter.desk.actor
    with reading(counter.desk.engine) as session:
        zs = [figures_of(report) for report in list_z(session, till.shop.till, actor)]

    def choice(z: Figures) -> Choice:
        receipts = ngettext("{count} receipt", "{count} receipts", z.receipts).format(count=z.receipts)
        takings = format_money(z.gross_minor, Currency(z.currency, z.exponent, 1), till.shop.locale)
        date = format_date(z.business_date, till.shop.locale)
        return Choice(f"Z {z.number}", f"{date}  {receipts}", f"{takings} {z.currency}")

    counter.app.push_screen(
        Pick(
            till,
            _("Past Zs"),
            [choice(z) for z in zs],
            lambda index: _show_z(counter, zs[index].number, actor),
            text=_("Enter shows the marked one as it was made."),
            empty=_("This till has made no Z yet."),
        )
    )


def _show_z(counter: "Counter", number: int, actor: Actor) -> None:
    """A Z as it was printed. Who may see it need not be who may print it again.

    Whoever allowed it, to be made, seen or printed, allowed it for this window: they are not asked again in it.
    """
    from tui_pos.reports.z import find_z, print_copy, show_z

    till = counter.till
    with reading(counter.desk.engine) as session:
        _report, page = show_z(session, till.shop.till, number, actor)

    def print_it(session: "Session") -> None:
        nonlocal actor
        try:
            actor.require(Permission.Z_REPORT)
        except NotAllowed:
            actor = counter.desk.actor
        report = find_z(session, till.shop.till, number)
        print_copy(session, till.shop, report, actor, till.now())

    done = _("Z {number} is printed again, marked COPY.").format(number=number)
    _show_page(counter, page, print_it, done)


def all_tills(counter: "Counter") -> None:
    """All tills of the shop together: what they have taken since their last Zs, or the Zs of a day."""
    from tui_pos.reports.combined import combine, combine_now, days_with_zs

    _check_real(counter)
    till, actor = counter.till, counter.desk.actor
    with reading(counter.desk.engine) as session:
        days = days_with_zs(session, actor)
    choices = [Choice(_("now"), _("an X of all tills: nothing is closed"))]
    for date, count in days:
        many = ngettext("{count} Z", "{count} Zs", count).format(count=count)
        choices.append(Choice(format_date(date, till.shop.locale), many))

    def act(index: int) -> None:
        if index == 0:
            with writing(counter.desk.engine) as session:
                _show_combined(counter, combine_now(session, till.shop, actor, till.now()), actor)
            return
        date = days[index - 1][0]
        with reading(counter.desk.engine) as session:
            combined = combine(session, till.shop, actor, date, date)
        _show_combined(counter, combined, actor)

    text = _("Enter shows what all tills together have taken.")
    counter.app.push_screen(Pick(till, _("All tills"), choices, act, text=text))


def _show_combined(counter: "Counter", combined: "Combined", actor: Actor) -> None:
    from tui_pos.reports.combined import print_combined

    till = counter.till
    _show_page(
        counter,
        combined.document(till.shop),
        lambda session: print_combined(session, till.shop, combined, actor, till.now()),
        _("The page of all tills is printed."),
    )


def close_day(counter: "Counter") -> None:
    """Make a Z: say what is in the way, or that none is needed; else ask once and close."""
    from tui_pos.drawer.blockers import warnings
    from tui_pos.reports.z import CloseBlocked, check_needed, what_blocks

    _check_real(counter)
    till = counter.till
    with reading(counter.desk.engine) as session:
        blockers = what_blocks(session, till.shop)
        told = warnings(session, till.shop)
        if not blockers:
            check_needed(session, till.shop, till.now())
    if blockers:
        _show_blockers(counter, CloseBlocked(blockers))
        return
    question = _("The period is closed with a Z. It cannot be undone.")
    window = Confirm(
        till,
        _("Close the day"),
        " ".join([question, *told]),
        lambda: _make_z(counter),
        on_cancel=lambda: counter.tell(_("Nothing was closed.")),
    )
    counter.app.push_screen(window)


def _show_blockers(counter: "Counter", blocked: "CloseBlocked") -> None:
    lines = [_("There is no Z yet. In the way:"), "", *(f"- {each.text}" for each in blocked.blockers)]
    counter.app.push_screen(Page(counter.till, _("Close the day"), lines))
    counter.sound()


def _make_z(counter: "Counter") -> Callable[[], None]:
    """Close, then show the Z as it was printed."""
    from tui_pos.reports.z import CloseBlocked, make_z

    till, actor = counter.till, counter.desk.actor
    actor.require(Permission.Z_REPORT)  # before a key is made for whoever may not use it
    signer = till.find_signer()
    try:
        with writing(counter.desk.engine, durable=True) as session:
            number = make_z(session, till.shop, actor, till.now(), signer=signer).number
    except CloseBlocked as error:  # between the question and its answer
        blocked = error
        return lambda: _show_blockers(counter, blocked)
    till.wake_spooler()

    def show() -> None:
        counter.show_sale()
        counter.tell(_("The day is closed with Z {number}.").format(number=number), Mood.GOOD)
        _show_z(counter, number, actor)

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
