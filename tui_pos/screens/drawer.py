"""The drawer at the counter: opening, counting and closing it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from tui_pos.drawer import shifts
from tui_pos.drawer.blockers import DrawerBlocked, warnings, what_blocks_close
from tui_pos.drawer.cash import opened_uncounted
from tui_pos.drawer.denominations import Counted, count_sum
from tui_pos.drawer.errors import DrawerError
from tui_pos.drawer.receipts import over_or_short
from tui_pos.drawer.shifts import CountKept, Purpose, ShiftClosed
from tui_pos.i18n import _
from tui_pos.money.amount import BadAmount, parse_amount
from tui_pos.money.cash import denominations
from tui_pos.payments.shifts import drawer_label, open_shifts
from tui_pos.sales.entry import word_amount_fault
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import Ask, Confirm, Page, Pick, sure_of_sum
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import Mood
from tui_pos.widgets.choices import Choice

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter

Then = Callable[[], None]
Keep = Callable[[Counted], Then]
NO_PIECES: Mapping[int, int] = MappingProxyType({})


@contextmanager
def booking(counter: "Counter") -> Iterator[Session]:
    """One act of the drawer in one durable transaction; then the printer has something to do."""
    with writing(counter.desk.engine, durable=True) as session:
        yield session
    counter.till.wake_spooler()


def check_real(counter: "Counter") -> None:
    if counter.desk.training:
        raise DrawerError(_("The drawer holds real money: end practising first (/training)."))


def typed_amount(till: Till, text: str) -> int:
    """An amount as it was typed, in minor units. Raises DrawerError."""
    currency = till.shop.rules.currency
    try:
        return parse_amount(text, currency).minor
    except BadAmount as error:
        raise DrawerError(word_amount_fault(error, currency)) from error


def _as_typed(till: Till, amount_minor: int) -> str:
    """The amount as somebody would type it: 1234.50."""
    return f"{Decimal(amount_minor).scaleb(-till.shop.rules.currency.exponent):f}"


def told(counter: "Counter", text: str, mood: Mood = Mood.GOOD) -> None:
    """Say what was done; the top of the screen shows the drawer as it is now."""
    counter.show_status()
    counter.tell(text, mood)


def _nothing() -> None:
    """What follows where a question is answered with no."""


def confirm(
    counter: "Counter",
    title: str,
    text: str,
    act: Callable[[], Then],
    *,
    otherwise: Then = _nothing,
    unanswered: Then | None = None,
) -> None:
    """Ask once: Enter does it, Esc goes on with `otherwise`; `unanswered` follows where somebody else comes."""
    window = Confirm(counter.till, title, text, act, on_cancel=otherwise)
    window.unanswered = unanswered
    counter.app.push_screen(window)


def _release(counter: "Counter", purpose: Purpose) -> Then | None:
    """Open the drawer for whoever counts it. Returns what follows where they leave without a count."""
    desk = counter.desk
    drawer, actor = desk.drawer, desk.actor
    with booking(counter) as session:
        shifts.release(session, desk.shop, drawer, purpose, actor, desk.now())

    def uncounted() -> None:
        with booking(counter) as session:
            opened_uncounted(session, desk.shop, drawer, actor, desk.now())
        text = _("The drawer was opened and not counted: it stands in the books as opened without a sale.")
        counter.tell(text, Mood.WARNING)

    return uncounted if desk.shop.prints else None


def _count(
    counter: "Counter",
    title: str,
    keep: Keep,
    *,
    by_denomination: bool,
    pieces: Mapping[int, int] = NO_PIECES,
    unkept: Counted | None = None,
    expected_minor: int | None = None,
    uncounted: Then | None = None,
) -> None:
    """Count coin by coin, or type one sum, whichever the shop wants and the currency allows.

    `pieces` is what a count that was kept found, `unkept` one that was not: it stands there to be gone on with.
    """
    till = counter.till
    if by_denomination and denominations(till.shop.rules.currency):
        from tui_pos.screens.count_drawer import CountDrawer

        found = dict(unkept.pieces) if unkept else pieces
        screen = CountDrawer(
            till, title, keep, pieces=found, kept=unkept is None, expected_minor=expected_minor
        )
        screen.unanswered = uncounted
        counter.app.push_screen(screen)
        return

    def act(typed: str) -> Then | None:
        amount_minor = typed_amount(till, typed)
        return sure_of_sum(
            counter,
            title,
            typed,
            amount_minor,
            lambda: keep(count_sum(amount_minor)),
            otherwise=ask,
            unanswered=uncounted,
        )

    text = _("Count everything in the drawer and type the sum.")
    if expected_minor is not None:
        text = " ".join([text, _("Expected: {amount}.").format(amount=till.money(expected_minor))])
    initial = _as_typed(till, unkept.total_minor) if unkept else ""

    def ask() -> None:
        window = Ask(till, title, text, act, initial=initial, placeholder=_("sum"))
        window.unanswered = uncounted
        counter.app.push_screen(window)

    ask()


# Opening


def open_drawer(counter: "Counter") -> None:
    """Open the drawer with a float: counted, typed as one sum, or carried over from the last close."""
    check_real(counter)
    desk = counter.desk
    desk.take_drawer(desk.drawer)
    if desk.shift is not None:
        text = _("Shift {number} of this drawer is open already: close it first (/close).")
        raise DrawerError(text.format(number=desk.shift.number))
    with reading(desk.engine) as session:
        left_minor = shifts.left_in(session, desk.shop, desk.drawer)
    _ask_float(counter, left_minor, _release(counter, Purpose.OPEN))


def _ask_float(counter: "Counter", left_minor: int | None, uncounted: Then | None) -> None:
    ways = _ways_to_open(counter, left_minor, uncounted)

    def act(index: int) -> None:
        ways[index][1]()

    text = _("What lies in the drawer to begin with?")
    choices = [choice for choice, _way in ways]
    window = Pick(counter.till, _("Open the drawer"), choices, act, text=text)
    window.unanswered = uncounted
    counter.app.push_screen(window)


def _ways_to_open(
    counter: "Counter", left_minor: int | None, uncounted: Then | None
) -> list[tuple[Choice, Then]]:
    till = counter.till
    usual_minor = till.shop.drawer.float_minor

    def found(counted: Counted, again: Then) -> Then:
        return _open_if_sure(counter, counted, left_minor, again, uncounted)

    def count(by_denomination: bool, unkept: Counted | None = None) -> None:
        _count(
            counter,
            _("Float"),
            lambda counted: found(counted, lambda: count(by_denomination, counted)),
            by_denomination=by_denomination,
            unkept=unkept,
            uncounted=uncounted,
        )

    def take_usual() -> None:
        found(count_sum(usual_minor), lambda: _ask_float(counter, left_minor, uncounted))()

    ways: list[tuple[Choice, Then]] = []
    if denominations(till.shop.rules.currency):
        ways.append((Choice("1", _("count coins and notes")), lambda: count(True)))
    ways.append((Choice("2", _("type one sum")), lambda: count(False)))
    if not till.shop.drawer.by_denomination:
        ways.reverse()
    if usual_minor:
        ways.append((Choice("3", _("the usual float"), till.money(usual_minor)), take_usual))
    if left_minor is not None:
        carried = Choice("4", _("carry over what was left"), till.money(left_minor))
        ways.append((carried, lambda: _open_with(counter, None, left_minor)()))
    return [(Choice(str(n), each.name, each.right), way) for n, (each, way) in enumerate(ways, 1)]


def _open_if_sure(
    counter: "Counter", counted: Counted, left_minor: int | None, again: Then, uncounted: Then | None
) -> Then:
    """Open with a float that is as it was left, or as it always is; ask once before any other one is kept."""
    till = counter.till
    usual_minor = till.shop.drawer.float_minor or None
    likely_minor = usual_minor if left_minor is None else left_minor
    if likely_minor is None or counted.total_minor == likely_minor:
        return _open_with(counter, counted, left_minor)
    if left_minor is None:
        text = _("A float of {amount}? The usual one is {likely}.")
    else:
        text = _("A float of {amount}? The last close left {likely}.")
    words = text.format(amount=till.money(counted.total_minor), likely=till.money(likely_minor))
    return lambda: confirm(
        counter,
        _("Open the drawer"),
        words,
        lambda: _open_with(counter, counted, left_minor),
        otherwise=again,
        unanswered=uncounted,
    )


def _open_with(counter: "Counter", counted: Counted | None, left_minor: int | None) -> Then:
    desk, till = counter.desk, counter.till
    with booking(counter) as session:
        opened = shifts.open_shift(session, desk.shop, desk.drawer, counted, desk.actor, desk.now())
    desk.take_drawer(desk.drawer)
    text = _("Shift {number} is open with a float of {amount}.").format(
        number=opened.number, amount=till.money(opened.float_minor)
    )
    differs = left_minor is not None and left_minor != opened.float_minor
    if differs and left_minor is not None:
        more = _("The last close left {amount}.").format(amount=till.money(left_minor))
        text = f"{text} {more}"
    return lambda: told(counter, text, Mood.WARNING if differs else Mood.GOOD)


# Counting and closing


def count_drawer(counter: "Counter") -> None:
    """Count the open drawer in between; every count is kept."""
    check_real(counter)

    def keep(counted: Counted) -> Then:
        kept = _keep(counter, counted, Purpose.CHECK)
        mood = Mood.GOOD if kept.agrees else Mood.WARNING
        return lambda: told(counter, _words_of(counter.till, kept), mood)

    _count_open(counter, _("Count"), Purpose.CHECK, keep)


def close_drawer(counter: "Counter", pieces: Mapping[int, int] = NO_PIECES) -> None:
    """Close the drawer: count it, explain a difference, and say what stays as the next float."""
    check_real(counter)
    with reading(counter.desk.engine) as session:
        blockers = what_blocks_close(session, counter.till.shop)
        warned = warnings(session, counter.till.shop)
    if blockers:
        _show_blockers(counter, DrawerBlocked(blockers))
        return

    def keep(counted: Counted) -> Then:
        kept = _keep(counter, counted, Purpose.CLOSE)
        return lambda: _explain(counter, kept, dict(counted.pieces))

    _count_open(counter, _("Close"), Purpose.CLOSE, keep, pieces)
    front = counter.app.screen
    if warned and isinstance(front, TillScreen):
        front.take_news(" ".join(warned), Mood.WARNING)


def _show_blockers(counter: "Counter", blocked: DrawerBlocked) -> None:
    lines = [_("The drawer stays open. In the way:"), "", *(f"- {each.text}" for each in blocked.blockers)]
    counter.app.push_screen(Page(counter.till, _("Close the drawer"), lines))
    counter.sound()


def _count_open(
    counter: "Counter", title: str, purpose: Purpose, keep: Keep, pieces: Mapping[int, int] = NO_PIECES
) -> None:
    desk, rules = counter.desk, counter.till.shop.drawer
    with reading(desk.engine) as session:
        shift = shifts.find_open(session, desk.shop, desk.drawer)
        seen = not rules.blind and shifts.knows_expected(desk.actor)
        expected_minor = shifts.see_expected(session, desk.shop, desk.drawer, desk.actor) if seen else None
        number = shift.number
    uncounted = None if pieces else _release(counter, purpose)  # for a recount it stands open still
    title = _("{what}, shift {number}").format(what=title, number=number)
    _count(
        counter,
        title,
        keep,
        by_denomination=rules.by_denomination,
        pieces=pieces,
        expected_minor=expected_minor,
        uncounted=uncounted,
    )


def _keep(counter: "Counter", counted: Counted, purpose: Purpose) -> CountKept:
    desk = counter.desk
    with booking(counter) as session:
        return shifts.count(session, desk.shop, desk.drawer, counted, purpose, desk.actor, desk.now())


def _words_of(till: Till, kept: CountKept) -> str:
    """What a count came to, as far as whoever counted may know."""
    counted = _("Counted {amount}.").format(amount=till.money(kept.total_minor))
    if kept.agrees:
        return " ".join([counted, _("It agrees with the books.")])
    over_minor = kept.over_short_minor
    if kept.expected_minor is None or over_minor is None:
        return " ".join([counted, _("It does not agree with the books.")])
    text = _("Expected {expected}. {over_or_short}: {difference}.")
    words = text.format(
        expected=till.money(kept.expected_minor),
        over_or_short=over_or_short(over_minor),
        difference=till.money(over_minor),
    )
    return f"{counted} {words}"


def _explain(counter: "Counter", kept: CountKept, pieces: Mapping[int, int]) -> None:
    """A difference is explained, or counted again."""
    if kept.agrees:
        _ask_left(counter, kept, "")
        return

    def act(explanation: str) -> Then:
        if not explanation:
            raise DrawerError(_("Type what may explain the difference: it is kept with the close."))
        return lambda: _ask_left(counter, kept, explanation)

    question = _("What may explain it? Esc counts again.")
    counter.app.push_screen(
        Ask(
            counter.till,
            _("Close the drawer"),
            f"{_words_of(counter.till, kept)} {question}",
            act,
            placeholder=_("explanation"),
            on_cancel=lambda: close_drawer(counter, pieces),
            cancel_word=_("count again"),
        )
    )


def _ask_left(counter: "Counter", kept: CountKept, explanation: str) -> None:
    """What stays in the drawer as the next float; the rest is carried away."""
    desk, till = counter.desk, counter.till
    usual_minor = till.shop.drawer.float_minor or (desk.shift.float_minor if desk.shift else 0)
    proposed_minor = min(usual_minor, kept.total_minor)

    def act(typed: str) -> Then:
        left_minor = typed_amount(till, typed) if typed else proposed_minor
        with booking(counter) as session:
            closed = shifts.close_shift(
                session, desk.shop, desk.drawer, kept.id, left_minor, explanation, desk.actor, desk.now()
            )
        desk.take_drawer(desk.drawer)
        return lambda: _told_closed(counter, closed)

    text = _("How much stays in the drawer as the next float? The rest leaves it.")
    counter.app.push_screen(
        Ask(
            till,
            _("Close the drawer"),
            " ".join([_("Counted {amount}.").format(amount=till.money(kept.total_minor)), text]),
            act,
            placeholder=till.money(proposed_minor),
        )
    )


def _told_closed(counter: "Counter", closed: ShiftClosed) -> None:
    text = _("Shift {number} is closed. {left} stays in the drawer, {taken} leaves it.").format(
        number=closed.number,
        left=counter.till.money(closed.left_minor),
        taken=counter.till.money(closed.taken_minor),
    )
    told(counter, text)


# Two drawers


def use_drawer(counter: "Counter") -> None:
    """Choose which drawer this cashier works with, where the till has several."""
    desk, till = counter.desk, counter.till
    if desk.basket.tenders:
        raise DrawerError(_("Money was taken for the open sale: finish it first."))
    with reading(desk.engine) as session:
        numbers = {shift.drawer: shift.number for shift in open_shifts(session, desk.shop.till)}
    names = list(dict.fromkeys([*till.shop.drawer.names, *numbers]))
    choices = []
    for number, name in enumerate(names, 1):
        state = _("shift {number}").format(number=numbers[name]) if name in numbers else _("closed")
        if name == desk.drawer:
            state = _("{state} · in use").format(state=state)
        choices.append(Choice(str(number), drawer_label(name), state))

    def act(index: int) -> None:
        desk.take_drawer(names[index])
        name = drawer_label(names[index])
        told(counter, _("Cash goes to the drawer “{name}” from now on.").format(name=name))

    counter.app.push_screen(Pick(till, _("Which drawer?"), choices, act))
