"""The counter: the basket, what it comes to, and one entry line that everything is typed into."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from textual.app import ComposeResult
from textual.containers import Container

from hardware.ports import Scan
from tui_pos.catalogue.codes import shown_code
from tui_pos.catalogue.products import Article
from tui_pos.i18n import _, ngettext
from tui_pos.money.discount import AmountOff, Discount, PercentOff
from tui_pos.people.actor import naming
from tui_pos.sales import entry as entries
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Question, Sold
from tui_pos.sales.receipt import receipt_label, training_label
from tui_pos.sales.scanning import Refused, Scanned, Unknown
from tui_pos.sales.view import Line, Receipt
from tui_pos.screens import access, actions, questions, returns
from tui_pos.screens.base import TillScreen
from tui_pos.screens.dialogs import REFUSALS, sure_of_sum
from tui_pos.screens.entry_buffer import EDITING_KEYS
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import KeyLegend, MessageBar, Mood, StatusBar
from tui_pos.widgets.basket_table import BasketTable
from tui_pos.widgets.choices import Choice, Choices
from tui_pos.widgets.entry_line import EntryLine
from tui_pos.widgets.totals import Figures, Totals

SEARCH_FROM = 2
"""How many letters start the product search."""

LIST_LEAVES = 12
"""Rows that a list leaves to the rest of the counter: of the basket, its newest lines stay in sight."""


class Counter(TillScreen):
    """Sells. It asks the desk, and shows what the desk says."""

    stays = True

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self.desk = till.desk
        self._found: list[Article] = []
        self._commands: list[actions.Action] = []
        self._marked = 0
        self._last: Receipt | None = None
        self.unknown_code = ""
        # What each scan changes, at hand: it need not be looked for.
        self._table = BasketTable(till.money, till.quantity)
        self._totals = Totals()
        self._message = MessageBar()

    def compose(self) -> ComposeResult:
        yield StatusBar()
        with Container(id="sale"):
            yield self._table
            yield self._totals
        yield self._message
        yield EntryLine()
        yield KeyLegend()
        yield Choices(id="found")

    def on_mount(self) -> None:
        self.set_interval(1.0, self.show_status)
        self._tell_recovered()

    def _tell_recovered(self) -> None:
        lines = len(self.desk.basket.lines)
        if lines:
            text = ngettext(
                "This sale of {count} line was still open: it stands as it was.",
                "This sale of {count} lines was still open: it stands as it was.",
                lines,
            ).format(count=lines)
            if self.desk.basket.tenders:
                paid = self.till.money(self.desk.basket.paid_minor)
                text += " " + _("{amount} was taken already.").format(amount=paid)
            self.tell(text, Mood.WARNING)

    # What is shown

    def show(self) -> None:
        self.set_class(self.desk.training, "-training")
        self.show_status()
        self.show_sale()
        self.show_entry()
        self.query_one(KeyLegend).show(actions.legend(self.till))

    def show_status(self) -> None:
        till = self.till
        self.query_one(StatusBar).show(
            f"{till.shop.name} · {till.shop.till}", till.person(), till.lights(), till.clock()
        )

    def devices_changed(self) -> None:
        self.show_status()

    def show_sale(self) -> None:
        """Bring basket and totals up to date: only what differs is drawn."""
        basket = self.desk.basket
        if basket.lines or basket.customer_text:
            self._last = None  # the change of the last customer is nobody's any more
        # The totals first: colours that two rows share are then sent once, and the marked line's come last.
        self._totals.show(self._figures())
        customer = basket.customer_text
        self._table.show_customer(_("for {customer}").format(customer=customer) if customer else "")
        self._table.show(basket.lines, self.desk.chosen_index, "" if basket.lines else self._greeting())

    def forget_last(self) -> None:
        """What the last sale came to is not shown any longer."""
        self._last = None

    def _greeting(self) -> str:
        first = _("Scan the first item, or type a code or a name.")
        words = first if self._last is None else _("Next customer.")
        return "\n".join([words, *actions.code_lines(self.till)])

    def _figures(self) -> Figures:
        basket = self.desk.basket
        money = self.till.money
        unit = basket.rules.currency.code
        if not basket.lines and self._last is not None:
            label = training_label if self._last.training else receipt_label
            number = label(self.till.shop.till, self._last.number)
            small = (("", ""), (_("receipt"), number), (_("total"), money(self._last.total_minor)))
            caption = _("CHANGE") if self._last.total_minor >= 0 else _("GIVE BACK")
            if self._last.training:
                caption = _("TRAINING")
            return Figures(small, caption, money(self._last.change_minor), unit, emphasis=True)
        items = _count_items(basket.lines)
        if basket.tenders:  # the goods stand: what counts now is how much is still to come
            small = (
                (items, ""),
                (_("total"), money(basket.total_minor)),
                (_("paid"), money(basket.paid_minor)),
            )
            caption = _("TO PAY") if basket.due_minor >= 0 else _("TO GIVE BACK")
            return Figures(small, caption, money(abs(basket.due_minor)), unit)
        priced = basket.priced
        discount = money(-priced.discount_minor) if priced.discount_minor else ""
        tax = _("tax included") if basket.rules.prices_include_tax else _("tax")
        small = (
            (items, ""),
            (_("discount") if discount else "", discount),
            (tax, money(priced.tax_minor)),
        )
        caption = _("TRAINING") if basket.training else _("TOTAL")
        return Figures(small, caption, money(basket.total_minor), unit)

    def show_entry(self) -> None:
        """Show what is typed, and what fits it."""
        self.query_one(EntryLine).show(
            self.entry.text, self.entry.cursor, _("scan, type, or / for all actions")
        )
        found = self.query_one("#found", Choices)
        text = self.entry.text
        self._commands = actions.fitting(self.till, text) if text.startswith("/") else []
        self._found = [] if text.startswith("/") else self._search(text)
        if text.startswith("/"):
            choices = tuple(Choice(a.typed, a.title, self.till.key_name(a.key)) for a in self._commands)
        else:
            choices = tuple(self._article_choice(article) for article in self._found)
        self._marked = min(self._marked, len(choices) - 1)
        wanted = bool(choices) or text.startswith("/")
        if found.display != wanted:
            found.display = wanted
        if wanted:
            found.styles.height = max(1, min(len(choices), self.app.size.height - LIST_LEAVES)) + 2
            found.show(choices, self._marked, _("no such action"))

    def _search(self, text: str) -> list[Article]:
        """Products that fit what is typed so far, where it is something to search for."""
        entry = self._read(text)
        if isinstance(entry, entries.Search | entries.Code) and len(entry.text.strip()) >= SEARCH_FROM:
            try:
                return self.desk.find(entry.text)
            except SaleError as error:
                self.tell(str(error), Mood.BAD)
        return []

    def _read(self, text: str) -> entries.Entry | None:
        """What the text would mean; None while it means nothing."""
        try:
            return entries.parse_entry(text, self.till.shop.rules.currency)
        except entries.BadEntry:
            return None

    def _article_choice(self, article: Article) -> Choice:
        price = _("price asked") if article.price_minor is None else self.till.money(article.price_minor)
        name = article.name if article.active else _("{name} (no longer sold)").format(name=article.name)
        return Choice(article.sku, name, price)

    def tell(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        self._message.show(text, mood)
        if mood is Mood.BAD:
            self.sound()

    # What is typed

    def typed(self, text: str) -> None:
        if not self.entry.text and text == "?":
            self.tell("")
            actions.help_page(self)
            return
        self.entry.insert(text)
        self._edited()

    def _edited(self) -> None:
        """Mark what Enter would take: the first of what was searched for; of a code's neighbours none."""
        self._marked = -1 if isinstance(self._read(self.entry.text), entries.Code) else 0
        self.show_entry()

    def pressed(self, key: str) -> None:
        listed = len(self._commands) + len(self._found)
        if key == "enter":
            self._enter()
        elif key in ("up", "down", "pageup", "pagedown"):
            step = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}[key]
            self._move(step, listed)
        elif key == "escape":
            self._clear()
        elif self.entry.text and self.entry.edit(key):
            self._edited()
        elif self.entry.text and key in EDITING_KEYS:
            pass  # a Delete at the end of a text must not void a line of the basket
        else:
            action = actions.by_key(self.till, key)
            if action:
                self.do_action(action)

    def _move(self, step: int, listed: int) -> None:
        if listed:
            self._marked = min(listed - 1, max(0, self._marked + step))
            self.show_entry()
        else:
            self.desk.choose(step)
            self.tell("")
            self.show_sale()

    def _clear(self) -> None:
        self.entry.set("")
        self.show_entry()
        self.tell("")

    def _enter(self) -> None:
        """What was typed is taken at once, so that the next code finds an empty line."""
        marked, found, commands = self._marked, self._found, self._commands
        text = self.entry.take()
        self._marked = 0
        self.tell("")  # what was said before is over

        def act() -> None:
            if commands:
                self.do_action(commands[marked])
            elif not self._sell_exactly(text):
                self._do(entries.parse_entry(text, self.till.shop.rules.currency), found, marked)

        try:
            self.attempt(act)
        except REFUSALS as error:
            self._refuse(error)
        self.show_entry()

    def _refuse(self, error: Exception) -> None:
        """Say it. What was refused may have shown that the sale is not what it seemed."""
        self.tell(str(error), Mood.BAD)
        self.show_sale()

    def do_action(self, action: actions.Action) -> None:
        """Do what an action says; what it refuses is said."""
        self.entry.set("")
        self.show_entry()
        self.tell("")
        try:
            action.run(self)
        except REFUSALS as error:
            self._refuse(error)

    def _do(self, entry: entries.Entry, found: list[Article], marked: int) -> None:
        match entry:
            case entries.Pay():
                actions.pay(self)
            case entries.Help():
                actions.help_page(self)
            case entries.Command(name):
                raise SaleError(_("There is no action {name}. / lists them all.").format(name=f"/{name}"))
            case entries.Code(text, quantity):
                if found and marked >= 0:
                    self.settle_outcome(self.desk.want(found[marked], quantity))
                else:
                    self.sell(Scanned(text), quantity)
            case entries.Search(text, quantity):
                if found:
                    self.settle_outcome(self.desk.want(found[max(0, marked)], quantity))
                else:
                    self._sell_named(text, quantity)
            case _:
                self._correct(entry)

    def _sell_exactly(self, text: str) -> bool:
        """Sell what has this very code though it looks like a correction or like nothing; False if nothing has."""
        if len(text) < 2 or isinstance(self._read(text), entries.Code | entries.Search):
            return False
        if self.desk.find_exactly(text) is None:
            return False
        self.sell(Scanned(text))
        return True

    def _sell_named(self, text: str, quantity: Decimal | None) -> None:
        """Letters for which nothing was listed may be the whole of a code: a SKU can be as short as M."""
        outcome = self.desk.scan(Scanned(text), quantity)
        if isinstance(outcome, Unknown):
            self.tell(_("Nothing fits “{text}”.").format(text=text), Mood.BAD)
        else:
            self.settle_outcome(outcome)

    def _correct(self, entry: entries.Entry) -> None:
        """Entries that change the chosen line or the sale."""
        desk = self.desk
        match entry:
            case entries.SetQuantity(quantity):
                desk.set_quantity(quantity)
            case entries.MoreOne():
                desk.set_quantity(desk.chosen_line.quantity + 1)
            case entries.FewerOne():
                desk.set_quantity(desk.chosen_line.quantity - 1)
            case entries.NewPrice(minor, typed):
                name = desk.chosen_line.name
                then = sure_of_sum(
                    self, name, typed, minor, lambda: self._change_price(minor), otherwise=self.show
                )
                if then:
                    then()
                return
            case entries.LineDiscount(discount):
                with naming(self._discount_words(discount, desk.chosen_line.name)):
                    desk.discount_line(discount)
            case entries.SaleDiscount(discount):
                with naming(self._discount_words(discount, _("the whole sale"))):
                    desk.discount_sale(discount)
        self.show_sale()

    def _discount_words(self, discount: Discount | None, on: str) -> str:
        """A discount as somebody who may allow it should read it."""
        match discount:
            case PercentOff(percent):
                off = f"{percent.normalize():f} %"
            case AmountOff(minor):
                off = self.till.money(minor)
            case None:
                return _("No discount on {what}").format(what=on)
        return _("Discount of {off} on {what}").format(off=off, what=on)

    def _change_price(self, minor: int) -> Callable[[], None]:
        """Change it; what follows is to show it."""
        with naming(_("New price of {name}").format(name=self.desk.chosen_line.name), minor):
            self.desk.change_price(minor)
        line = self.desk.chosen_line
        if line.list_price_minor not in (None, line.unit_price_minor):
            money = self.till.money
            text = _("{name}: {price} instead of {before}.").format(
                name=line.name, price=money(line.unit_price_minor), before=money(line.list_price_minor)
            )
            self.tell(text, Mood.GOOD)
        return self.show_sale

    # What is scanned

    def scanned(self, scan: Scan) -> None:
        try:
            quantity = entries.parse_pending_quantity(self.entry.text)
            if quantity is not None:
                self.entry.set("")
                self.show_entry()
            self.attempt(lambda: self.sell(Scanned(scan.data, scan.at_monotonic_s), quantity))
        except REFUSALS as error:
            self._refuse(error)

    def badged(self, scan: Scan) -> None:
        access.badge_at_counter(self, scan)

    def sell(self, scanned: Scanned, quantity: Decimal | None = None) -> None:
        """Sell what a code stands for, scanned or typed, and say what came of it."""
        self.settle_outcome(self.desk.scan(scanned, quantity))

    def settle_outcome(self, outcome: object) -> None:
        """Say what came of a code."""
        match outcome:
            case Sold(line, warning, again):
                self.show_sale()
                if warning:
                    self.tell(warning, Mood.WARNING)
                    self.sound()
                elif again:
                    self.tell(
                        _("The other code of the same pack: {name} stands once.").format(name=line.name)
                    )
                else:
                    self.tell("")
            case Question():
                self.tell("")
                questions.ask(self, outcome)
            case Unknown(code) if returns.open_scanned(self, code):
                pass
            case Unknown(code):
                self.tell(
                    _(
                        "Unknown code {code}: nothing was sold. Type its name to find it, or /aside to note it."
                    ).format(code=shown_code(code)[:48]),
                    Mood.BAD,
                )
                self.unknown_code = code
            case Refused(_code, reason):
                self.tell(reason, Mood.BAD)

    def completed(self, receipt: Receipt) -> None:
        """A sale ended: show the change until the next scan."""
        self._last = receipt
        self.till.wake_spooler()
        self.tell("")
        self.show_sale()


def _count_items(lines: Sequence[Line]) -> str:
    """How many pieces, and lines of what is weighed, are in the basket; what is given back is counted apart."""
    sold = back = 0
    for line in lines:
        count = int(line.quantity) if line.unit == "piece" else 1
        if line.quantity < 0:
            back += abs(count)
        else:
            sold += count
    text = ngettext("{count} item", "{count} items", sold).format(count=sold)
    if not back:
        return text
    returned = ngettext("{count} returned", "{count} returned", back).format(count=back)
    return f"{text}, {returned}" if sold else returned
