"""Taking money: what is due in large digits, cash by one key, a card of a stand-alone terminal by hand."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Container

from hardware.ports import Scan
from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.i18n import _
from tui_pos.money.amount import BadAmount, parse_amount
from tui_pos.money.cash import is_likely, next_notes
from tui_pos.people.actor import naming
from tui_pos.sales.basket import SaleError
from tui_pos.sales.entry import looks_like_code, word_amount_fault
from tui_pos.sales.receipt import tender_name
from tui_pos.sales.tendering import check_authorisation
from tui_pos.sales.view import Receipt, Tender
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import Ask, Confirm
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import KeyLegend, MessageBar, Mood, StatusBar
from tui_pos.widgets.basket_table import BasketTable
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine
from tui_pos.widgets.totals import Figures, Totals

NOTE_KEYS = "abcd"
CARD_KEY = "k"
UNDO_KEY = "u"


class Pay(TillScreen):
    """Tenders for the open sale. Ends by itself when nothing is left to pay.

    Afterwards it calls `completed`, or `back` where the sale stays open, or `sell` for one more item.
    """

    def __init__(
        self,
        till: Till,
        completed: Callable[[Receipt], None],
        back: Callable[[], None],
        sell: Callable[[Scan], None],
    ) -> None:
        super().__init__(till)
        self.desk = till.desk
        self._completed = completed
        self._back = back
        self._sell = sell

    def compose(self) -> ComposeResult:
        yield StatusBar()
        with Container(id="sale"):
            yield BasketTable(self.till.money, self.till.quantity, id="goods")
            yield Choices(id="tenders")
            yield Totals()
        yield MessageBar()
        yield EntryLine(prompt=_("cash ›"))
        yield KeyLegend()

    # What is shown

    def show(self) -> None:
        till = self.till
        place = f"{till.shop.name} · {till.shop.till}"
        self.query_one(StatusBar).show(place, till.person(), till.lights(), till.clock())
        self.query_one(BasketTable).show(self.desk.basket.lines, -1)  # where there is room for it
        self.query_one(Choices).show(self._choices(), -1)
        self.query_one(Totals).show(self._figures())
        self._show_entry()
        undo = (("U", _("undo last")),) if self.desk.basket.tenders else ()
        cash = (("⏎", _("exact")), ("A–D", _("notes"))) if not self._owes else (("⏎", _("hand it out")),)
        self.query_one(KeyLegend).show((*cash, ("K", _("card")), *undo, ("Esc", _("back to goods"))))

    @property
    def _owes(self) -> bool:
        """Whether the shop gives money back: more came back than was sold."""
        return self.desk.settlement.due < 0

    def devices_changed(self) -> None:
        self.show()

    def _show_entry(self) -> None:
        money = self.till.money(abs(self.desk.settlement.cash_due))
        if self._owes:
            placeholder = _("Enter hands out {amount} in cash").format(amount=money)
        else:
            placeholder = _("Enter takes {amount} in cash; or type what was given").format(amount=money)
        self.query_one(EntryLine).show(self.entry.text, self.entry.cursor, placeholder)

    def _notes(self) -> list[int]:
        """The next notes that would pay the rest, each by one key."""
        return next_notes(self.desk.settlement.cash_due, self.desk.basket.rules.currency)[: len(NOTE_KEYS)]

    def _choices(self) -> tuple[Choice, ...]:
        money = self.till.money
        settlement = self.desk.settlement
        taken = [Choice("✓", self._tender_text(t), money(t.amount_minor)) for t in self.desk.basket.tenders]
        if self._owes:
            card_text = _("card, given back on the stand-alone terminal")
            return (
                *taken,
                Choice("⏎", _("cash, handed out"), money(-settlement.cash_due)),
                Choice(CARD_KEY.upper(), card_text, money(-settlement.due)),
            )
        cash = [Choice("⏎", _("cash, exact"), money(settlement.cash_due))]
        notes = [
            Choice(
                key.upper(),
                _("cash {amount}").format(amount=money(note)),
                _change_text(self.till, note, settlement.cash_due),
            )
            for key, note in zip(NOTE_KEYS, self._notes(), strict=False)
        ]
        card = [Choice(CARD_KEY.upper(), _("card, on the stand-alone terminal"), money(settlement.due))]
        return (*taken, *cash, *notes, *card)

    def _tender_text(self, tender: Tender) -> str:
        by_hand = _(", entered by hand") if tender.entered_by_hand else ""
        return f"{tender_name(tender.kind)}{by_hand}"

    def _figures(self) -> Figures:
        basket = self.desk.basket
        settlement = self.desk.settlement
        money = self.till.money
        rounded = settlement.cash_due != settlement.due
        small = (
            (_("total"), money(basket.total_minor)),
            (_("paid"), money(basket.paid_minor)),
            (_("in cash"), money(settlement.cash_due)) if rounded else ("", ""),
        )
        caption = _("TO GIVE BACK") if self._owes else _("TO PAY")
        if self.desk.training:
            caption = _("TRAINING")
        return Figures(small, caption, money(abs(settlement.due)), basket.rules.currency.code)

    def tell(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        self.query_one(MessageBar).show(text, mood)
        if mood is Mood.BAD:
            self.sound()

    # What is typed

    def typed(self, text: str) -> None:
        key = text.casefold()
        if len(key) == 1 and key.isalpha() and (not self.entry.text or key == CARD_KEY):
            self._letter(key)
            return
        if text.strip("0123456789.,"):
            self.tell(
                _("“{text}” is no amount. Type digits, like 12 or 1.50.").format(
                    text=hide_card_numbers(text)[:20]
                ),
                Mood.BAD,
            )
            return
        self.entry.insert(text)
        self._show_entry()

    def _letter(self, key: str) -> None:
        if key == CARD_KEY:
            self._card()
        elif key == UNDO_KEY:
            self._undo()
        elif key in NOTE_KEYS and NOTE_KEYS.index(key) < len(self._notes()):
            self._cash(self._notes()[NOTE_KEYS.index(key)])
        else:
            self.tell(_("No tender has the key {key}.").format(key=key.upper()), Mood.BAD)

    def pressed(self, key: str) -> None:
        if key == "enter":
            self._enter()
        elif key == "escape":
            if self.entry.text:
                self.entry.set("")
                self._show_entry()
                self.tell("")
            else:
                self.close(self._back)
        elif self.entry.edit(key):
            self._show_entry()

    def _enter(self) -> None:
        text = self.entry.take()
        if not text:
            self._cash(self.desk.settlement.cash_due)
            return
        if self._owes:
            self.tell(
                _("Enter on the empty line hands out all of it; K gives a part back on a card."), Mood.BAD
            )
            self._show_entry()
            return
        try:
            given = parse_amount(text, self.desk.basket.rules.currency).minor
        except BadAmount as error:
            self.tell(word_amount_fault(error, self.desk.basket.rules.currency), Mood.BAD)
        else:
            self._cash_if_likely(given, text)
        if self.app.screen is self:
            self._show_entry()

    def _cash_if_likely(self, given_minor: int, typed: str) -> None:
        """Take cash; ask once more where it is more than anybody would hand over."""
        due = self.desk.settlement.cash_due
        if is_likely(given_minor, due, self.desk.basket.rules.currency) and not looks_like_code(typed):
            self._cash(given_minor)
            return
        money = self.till.money
        text = _("{given} for {due}? The change would be {change}.").format(
            given=money(given_minor), due=money(due), change=money(given_minor - due)
        )

        def take() -> Callable[[], None]:
            return lambda: self._cash(given_minor)

        self.app.push_screen(Confirm(self.till, _("So much cash?"), text, take, on_cancel=self.show))

    def _cash(self, given_minor: int) -> None:
        try:
            self.attempt(lambda: self._took(self.desk.pay_cash(given_minor)))
        except SaleError as error:
            self.tell(str(error), Mood.BAD)
            self.show()

    def _took(self, receipt: Receipt | None) -> None:
        """Money was taken: end if that was all of it."""
        if receipt is None:
            self.tell(_("Taken. {due} is left.").format(due=self.till.money(self.desk.settlement.due)))
            self.show()
            return
        self.close(lambda: self._completed(receipt))

    def _undo(self) -> None:
        try:
            owed = self.desk.basket.total_minor < 0
            last = self.desk.basket.tenders[-1:]
            with naming(_("Take the last payment back"), last[0].given_minor if last else None):
                self.desk.take_back_tender()
        except SaleError as error:
            self.tell(str(error), Mood.BAD)
            return
        if owed:
            self.tell(_("The last tender was undone: take the money back."), Mood.WARNING)
        else:
            self.tell(_("The last tender was taken back: give the money back."), Mood.WARNING)
        self.show()

    def _card(self) -> None:
        """Three questions: amount, authorisation code, last four digits; only the first must be answered."""
        currency = self.desk.basket.rules.currency
        title = _("Card, entered by hand")

        def amount_answered(text: str) -> Callable[[], None]:
            try:
                amount = parse_amount(text, currency).minor if text else self.desk.settlement.due
            except BadAmount as error:
                raise SaleError(word_amount_fault(error, currency)) from error
            if self._owes:
                amount = -abs(amount)
            if not 0 < abs(amount) <= abs(self.desk.settlement.due):
                raise SaleError(_("A card pays at most what is due: change comes from cash only."))
            return lambda: ask_code(amount)

        def ask_code(amount: int) -> None:
            def answered(code: str) -> Callable[[], None]:
                check_authorisation(code)
                return lambda: ask_digits(amount, code)

            text = _("Authorisation code on the terminal's slip?")
            self.app.push_screen(Ask(self.till, title, text, answered, placeholder=_("may be left out")))

        def ask_digits(amount: int, code: str) -> None:
            def answered(digits: str) -> Callable[[], None]:
                with naming(title, amount):
                    receipt = self.desk.pay_card(amount, code, digits)
                return lambda: self._took(receipt)

            text = _("Last four digits of the card? Never type its whole number.")
            self.app.push_screen(Ask(self.till, title, text, answered, placeholder=_("may be left out")))

        due = self.till.money(abs(self.desk.settlement.due))
        text = _("Amount that the terminal gave back?") if self._owes else _("Amount that the terminal took?")
        typed = self.entry.take()
        self._show_entry()
        self.tell("")
        self.app.push_screen(Ask(self.till, title, text, amount_answered, initial=typed, placeholder=due))

    # What is scanned

    def scanned(self, scan: Scan) -> None:
        """One more item after all: back to the goods, unless money was taken already."""
        if self.desk.basket.tenders:
            self.tell(_("Not sold: money was taken already. Finish this sale, then scan it again."), Mood.BAD)
            return
        self.close(lambda: self._sell(scan))


def _change_text(till: Till, given_minor: int, due_minor: int) -> str:
    return _("change {amount}").format(amount=till.money(given_minor - due_minor))
