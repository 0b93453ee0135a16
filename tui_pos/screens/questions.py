"""What the cashier is asked before something is sold: the customer's age, how much it is, what it costs."""

from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING

from hardware.ports import Scan
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date
from tui_pos.money.amount import BadAmount, parse_amount
from tui_pos.people.actor import naming
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Question
from tui_pos.sales.entry import BadEntry, parse_pending_quantity, word_amount_fault
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import REFUSALS, Ask, Confirm, sure_of_sum
from tui_pos.widgets.bars import Mood

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter

Then = Callable[[], None]


def ask(counter: "Counter", question: Question) -> None:
    """Ask one thing after the other, then sell. What is scanned meanwhile waits until this is done."""
    _Asking(counter, question).next()


class _Asking:
    """One question on its way to the basket."""

    def __init__(self, counter: "Counter", question: Question) -> None:
        self._counter = counter
        self._question = question
        self._quantity: Decimal | None = None
        self._price_minor: int | None = None
        self._reduced = True
        self._waiting: list[Scan] = []
        self._left = [
            ask
            for ask, wanted in (
                (self._ask_expiry, question.hidden_expiry is not None),
                (self._ask_age, question.age is not None),
                (self._ask_measure, question.measure),
                (self._ask_price, question.price),
                (self._ask_reduced, question.percent_off is not None),
            )
            if wanted
        ]

    def next(self) -> None:
        """Open the next window."""
        self._left.pop(0)()

    def _answered(self) -> Then:
        """What follows once the window is gone. Raises SaleError where the article cannot be sold after all."""
        if self._left:
            return self.next
        with naming(self._discount) if self._discount else nullcontext():
            sold = self._counter.desk.answer(
                self._question, self._price_minor, self._quantity, reduced=self._reduced
            )

        def show() -> None:
            self._counter.settle_outcome(sold)
            self._done()

        return show

    def _ask_age(self) -> None:
        till = self._counter.till
        years = self._question.age or 0
        today = till.shop.local_date(till.now())
        # Born on 29 February: of age on the day after the 28th.
        day = today.replace(
            year=today.year - years, day=28 if (today.month, today.day) == (2, 29) else today.day
        )
        text = _("Born on {date} or before ({years})?").format(
            years=years, date=format_date(day, till.shop.locale)
        )
        self._confirm(text, on_cancel=self._cancelled)

    def _ask_expiry(self) -> None:
        till = self._counter.till
        assert self._question.hidden_expiry is not None
        date = format_date(self._question.hidden_expiry, till.shop.locale)
        text = _("An expiry may hide in this code: {date}. Look at the pack: Enter sells it, Esc does not.")
        self._confirm(text.format(date=date), on_cancel=self._cancelled)

    def _confirm(self, text: str, on_cancel: Then) -> None:
        window = Confirm(
            self._counter.till, self._name, text, self._answered, on_scan=self._wait, on_cancel=on_cancel
        )
        self._counter.app.push_screen(window)
        self._counter.sound()

    def _ask_measure(self) -> None:
        def answered(text: str) -> Then:
            quantity = parse_pending_quantity(f"{text}*")
            if quantity is None:
                raise BadEntry(_("That is no quantity. Type it like 0.350."))
            self._quantity = quantity
            return self._answered()

        unit = str(self._question.wanted.article.unit)
        self._open(_("How much is it, in {unit}?").format(unit=unit), answered)

    def _ask_price(self) -> None:
        def answered(text: str) -> Then | None:
            currency = self._counter.till.shop.rules.currency
            try:
                minor = parse_amount(text, currency).minor
            except BadAmount as error:
                raise BadEntry(word_amount_fault(error, currency)) from error
            if minor < 0:
                raise SaleError(_("A price is not below nought. Type digits, like 12 or 1.50."))
            self._price_minor = minor
            return sure_of_sum(
                self._counter, self._name, text, minor, self._answered, otherwise=self._ask_price
            )

        self._open(_("What does it cost?"), answered)

    @property
    def _discount(self) -> str:
        """What the label takes off, in words; empty where it takes nothing."""
        percent = self._question.percent_off
        if percent is None:
            return ""
        return _("Discount of {off} on {what}").format(off=f"{percent.normalize():f} %", what=self._name)

    def _ask_reduced(self) -> None:
        def at_full_price() -> None:
            self._reduced = False
            try:
                self._answered()()
            except REFUSALS as error:
                self._counter.tell(str(error), Mood.BAD)
                self._done()

        off = _("Its label takes {percent} % off.").format(percent=f"{self._question.percent_off or 0:f}")
        words = " ".join([off, _("Enter gives the discount, Esc sells at the full price.")])
        self._confirm(words, on_cancel=at_full_price)

    def _open(self, text: str, answered: Callable[[str], Then | None]) -> None:
        window = Ask(
            self._counter.till, self._name, text, answered, on_scan=self._wait, on_cancel=self._cancelled
        )
        self._counter.app.push_screen(window)

    @property
    def _name(self) -> str:
        return self._question.wanted.article.name

    def _wait(self, scan: Scan) -> None:
        self._waiting.append(scan)
        self._counter.sound()

    def _cancelled(self) -> None:
        self._counter.tell(_("{name} was not sold.").format(name=self._name), Mood.WARNING)
        self._done()

    def _done(self) -> None:
        """Take up what was scanned meanwhile: the first may open a window, where the others wait again."""
        for scan in self._waiting:
            front = self._counter.app.screen
            assert isinstance(front, TillScreen)
            front.take_scan(scan)
