"""Cash that comes or goes without a sale, and the drawer opened without one, at the counter."""

from functools import partial
from typing import TYPE_CHECKING

from hardware.ports import Fault
from tui_pos.drawer import cash, shifts
from tui_pos.drawer.cash import (
    CashKind,
    MovedCash,
    checked_reason,
    is_more_than_held,
    move_cash,
    open_without_sale,
)
from tui_pos.drawer.errors import DrawerError
from tui_pos.drawer.receipts import movement_name
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_time
from tui_pos.people.actor import naming
from tui_pos.people.acts import act_name
from tui_pos.people.permissions import Permission
from tui_pos.screens.dialogs import Ask, Pick, sure_of_sum
from tui_pos.screens.drawer import Then, booking, check_real, confirm, told, typed_amount
from tui_pos.storage.engine import reading
from tui_pos.storage.ids import new_id
from tui_pos.widgets.bars import Mood
from tui_pos.widgets.choices import Choice

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter


OPENS_ALL_THE_SAME = (Fault.NO_PAPER, Fault.COVER_OPEN)
"""With these a printer prints nothing, and still opens the drawer."""


def pay_in(counter: "Counter") -> None:
    """Put cash into the drawer that no sale brought."""
    _move(counter, CashKind.PAID_IN, _("Pay in"), _("Paid in: {amount}."))


def pay_out(counter: "Counter") -> None:
    """Pay something out of the drawer."""
    _move(counter, CashKind.PAID_OUT, _("Pay out"), _("Paid out: {amount}."))


def drop(counter: "Counter") -> None:
    """Carry cash from the drawer to the safe."""
    _move(counter, CashKind.DROP, _("Drop to the safe"), _("Dropped to the safe: {amount}."))


def _move(counter: "Counter", kind: CashKind, title: str, done: str) -> None:
    """Ask how much and why, then book it."""
    check_real(counter)
    desk, till = counter.desk, counter.till
    with reading(desk.engine) as session:
        shifts.find_open(session, desk.shop, desk.drawer)
    movement_id = new_id(desk.now())  # of this one act, however often Enter is pressed for it

    def amount_given(typed: str) -> Then | None:
        amount_minor = typed_amount(till, typed)
        if amount_minor <= 0:
            raise DrawerError(_("Type the amount: more than nothing."))
        if kind is CashKind.PAID_IN or not _is_more_than_held(counter, amount_minor):
            reason = partial(ask_reason, amount_minor)
            return sure_of_sum(counter, title, typed, amount_minor, lambda: reason, otherwise=ask_amount)
        text = _("{amount}: that is more than the drawer should hold. Sure?")
        words = text.format(amount=till.money(amount_minor))
        return lambda: confirm(counter, title, words, lambda: lambda: ask_reason(amount_minor))

    def ask_reason(amount_minor: int) -> None:
        def act(reason: str) -> Then:
            with naming(title, amount_minor, checked_reason(reason)), booking(counter) as session:
                move_cash(
                    session,
                    desk.shop,
                    desk.drawer,
                    kind,
                    amount_minor,
                    reason,
                    desk.actor,
                    desk.now(),
                    movement_id=movement_id,
                )
            return lambda: told(counter, done.format(amount=till.money(amount_minor)))

        text = _("{amount}: what for? It is printed and kept.").format(amount=till.money(amount_minor))
        counter.app.push_screen(Ask(till, title, text, act, placeholder=_("reason")))

    def ask_amount() -> None:
        counter.app.push_screen(Ask(till, title, _("How much?"), amount_given, placeholder=_("amount")))

    ask_amount()


def _is_more_than_held(counter: "Counter", amount_minor: int) -> bool:
    desk = counter.desk
    with reading(desk.engine) as session:
        return is_more_than_held(session, desk.shop, desk.drawer, amount_minor, desk.actor)


def take_back(counter: "Counter") -> None:
    """Choose what was paid in, paid out or dropped by mistake in this shift, and take it back."""
    check_real(counter)
    desk, till = counter.desk, counter.till
    with reading(desk.engine) as session:
        moved = cash.to_take_back(session, desk.shop, desk.drawer, desk.actor)

    def choice(each: MovedCash) -> Choice:
        at = format_time(each.at.astimezone(till.shop.zone), till.shop.locale)
        what = f"{movement_name(each.kind)}: {each.reason} · {each.who}"
        return Choice(at, what, till.money(each.amount_minor))

    counter.app.push_screen(
        Pick(
            till,
            _("Take cash back"),
            [choice(each) for each in moved],
            lambda index: _ask_mistake(counter, moved[index]),
            text=_("What was a mistake? Enter takes the marked one."),
            empty=_("Nothing was paid in, paid out or dropped that could be taken back."),
        )
    )


def _ask_mistake(counter: "Counter", meant: MovedCash) -> None:
    desk, till = counter.desk, counter.till
    what, amount = f"{movement_name(meant.kind)}, {meant.reason}", till.money(meant.amount_minor)

    def act(reason: str) -> Then:
        words = _("Take back: {what}").format(what=what)
        with naming(words, meant.amount_minor, checked_reason(reason)), booking(counter) as session:
            cash.take_back(session, desk.shop, desk.drawer, meant.id, reason, desk.actor, desk.now())
        return lambda: told(counter, _("Taken back: {amount}.").format(amount=amount))

    text = f"{amount}, {what}. " + _("Why is it taken back? It is printed and kept.")
    counter.app.push_screen(Ask(till, _("Take cash back"), text, act, placeholder=_("reason")))


def no_sale(counter: "Counter") -> None:
    """Open the drawer without a sale; the reason is kept."""
    check_real(counter)
    desk, till = counter.desk, counter.till
    if not till.shop.prints:
        raise DrawerError(_("The drawer opens through the printer, and this till has none."))

    def act(reason: str) -> Then:
        named = naming(act_name(Permission.NO_SALE), reason=checked_reason(reason))
        with named, booking(counter) as session:
            open_without_sale(session, desk.shop, desk.drawer, desk.actor, desk.now(), reason)
        fault = None if till.printer is None else till.printer.status.fault
        if fault is not None and fault not in OPENS_ALL_THE_SAME:
            return lambda: counter.tell(_("The printer cannot open the drawer now: use its key."), Mood.BAD)
        return lambda: counter.tell(_("The drawer opens."), Mood.GOOD)

    text = _("Opening the drawer without a sale. Why?")
    counter.app.push_screen(Ask(till, _("Open drawer"), text, act, placeholder=_("reason")))
