"""The actions of the counter: each has a typed name, most have a key, and all stand in one list."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardware.document import to_text
from hardware.ports import Scan
from tui_pos.catalogue.codes import shown_code
from tui_pos.catalogue.unknown import set_aside
from tui_pos.i18n import _, ngettext
from tui_pos.i18n.formatting import format_time
from tui_pos.people.actor import naming
from tui_pos.printing import queue
from tui_pos.sales import kept_pages
from tui_pos.sales.basket import SaleError, check_open
from tui_pos.sales.receipt import find_receipt
from tui_pos.screens import access, customer, drawer, drawer_cash, help_text, reports, returns
from tui_pos.screens.dialogs import REFUSALS, Ask, Page, Pick
from tui_pos.screens.pay import Pay
from tui_pos.screens.price_check import price_check
from tui_pos.screens.till import Till
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import Mood
from tui_pos.widgets.choices import Choice
from tui_pos.widgets.painted import fit

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter

Then = Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a cashier can do at the counter. `key` names its entry in the settings; empty where it has none.

    `words` are, in the language of the till: its name after a slash, what it does, and in a word where the legend
    shows it. The English name after a slash is taken in every language.
    """

    name: str
    key: str
    words: Callable[[], tuple[str, str] | tuple[str, str, str]]
    run: Callable[["Counter"], None]

    @property
    def typed(self) -> str:
        """What is typed for it."""
        return self.words()[0]

    @property
    def title(self) -> str:
        """What it does."""
        return self.words()[1]

    @property
    def legend(self) -> str:
        """What the legend calls it; empty where it is not shown there."""
        return "".join(self.words()[2:])


def by_key(till: Till, key: str) -> Action | None:
    """The action that this key stands for."""
    name = till.action_of_key.get(key)
    return next((action for action in ACTIONS if name and action.key == name), None)


def fitting(till: Till, typed: str) -> list[Action]:
    """The actions whose names or title fit what was typed, slash and all; names that begin so come first."""
    typed = typed.strip().casefold()
    part = typed.removeprefix("/")
    only_in_demo = {"paper": till.paper is not None, "codes": bool(till.codes_to_try)}
    shown = [a for a in ACTIONS if only_in_demo.get(a.name, True)]
    fits = [a for a in shown if any(part in text for text in (*_names(a), a.title.casefold()))]
    return sorted(fits, key=lambda a: not any(name.startswith(typed) for name in _names(a)))


def _names(action: Action) -> tuple[str, str]:
    return action.typed, f"/{action.name}"


def legend(till: Till) -> tuple[tuple[str, str], ...]:
    """The keys that the counter's legend shows."""
    keys = [(till.key_name(a.key), a.legend) for a in ACTIONS if a.legend and till.key_name(a.key)]
    return (*keys, ("/", _("all actions")), ("?", _("help")))


def pay(counter: "Counter") -> None:
    """Take money for what is in the basket."""
    basket = counter.desk.basket
    if not basket.lines:
        raise SaleError(_("There is nothing to pay yet: scan something first."))
    if basket.due_minor == 0:
        counter.completed(counter.desk.complete())
        return
    counter.app.push_screen(Pay(counter.till, counter.completed, counter.show_sale, counter.scanned))


def find(counter: "Counter") -> None:
    """Searching needs no window: the entry line does it."""
    counter.tell(_("Type a part of the name; ↑ ↓ choose, Enter sells it."))


def hold_or_recall(counter: "Counter") -> None:
    """With goods in the basket set them aside; with none take a held sale up."""
    if counter.desk.basket.lines:
        hold(counter)
    else:
        recall(counter)


def hold(counter: "Counter") -> None:
    """Set the sale aside under a name."""
    if not counter.desk.basket.lines:
        raise SaleError(_("There is nothing to hold yet."))
    check_open(counter.desk.basket)
    proposed = format_time(counter.till.now().astimezone(counter.till.shop.zone), counter.till.shop.locale)

    def act(name: str) -> Then:
        counter.desk.hold(name or proposed)
        return lambda: told(counter, _("Held as “{name}”.").format(name=name or proposed))

    text = _("Name it, so that anybody can find it again.")
    counter.app.push_screen(Ask(counter.till, _("Hold this sale"), text, act, placeholder=proposed))


def told(counter: "Counter", text: str, mood: Mood = Mood.GOOD) -> None:
    """Show the sale as it is now, and say what was done."""
    counter.show_sale()
    counter.tell(text, mood)


def recall(counter: "Counter") -> None:
    """Choose a held sale and take it up."""
    desk = counter.desk
    if desk.basket.lines:
        raise SaleError(_("Hold or finish the open sale first."))
    held = desk.held()
    zone, locale = counter.till.shop.zone, counter.till.shop.locale
    choices = [
        Choice(
            format_time(sale.held_at.astimezone(zone), locale),
            ngettext("{name}, {count} line", "{name}, {count} lines", sale.items).format(
                name=sale.name, count=sale.items
            ),
            counter.till.money(sale.total_minor),
        )
        for sale in held
    ]

    def act(index: int) -> None:
        desk.recall(held[index].id)
        told(counter, _("“{name}” goes on.").format(name=held[index].name))

    empty = _("No sale is held.")
    counter.app.push_screen(Pick(counter.till, _("Held sales"), choices, act, empty=empty))


def void_line(counter: "Counter") -> None:
    """Take the chosen line out."""
    chosen = counter.desk.chosen_line
    with naming(_("Take out {name}").format(name=chosen.name), chosen.priced.amount_minor):
        line = counter.desk.void_line()
    told(counter, _("{name} was taken out.").format(name=line.name))


def void_sale(counter: "Counter") -> None:
    """Give the sale up, with a reason."""
    if not counter.desk.basket.lines:
        raise SaleError(_("There is no sale to void."))
    check_open(counter.desk.basket)

    def act(reason: str) -> Then:
        if not reason:
            raise SaleError(_("Type the reason: it is kept with the void."))
        with naming(_("Void this sale"), counter.desk.basket.total_minor, reason):
            counter.desk.void_sale(reason)
        return lambda: told(counter, _("The sale was voided."))

    text = _("Everything in the basket is taken out. Why?")
    counter.app.push_screen(Ask(counter.till, _("Void this sale"), text, act, placeholder=_("reason")))


def note_unknown(counter: "Counter") -> None:
    """Keep the last unknown code for the back office."""
    code = counter.unknown_code
    if not code:
        raise SaleError(_("No unknown code was scanned."))
    with writing(counter.desk.engine) as session:
        set_aside(session, code, counter.till.shop.till, counter.desk.actor, counter.till.now())
    counter.unknown_code = ""
    counter.tell(_("{code} is noted for the back office.").format(code=shown_code(code)[:48]), Mood.GOOD)


def reprint(counter: "Counter") -> None:
    """Print a receipt again, marked as a copy: one that never came out, a late one, or any by its number."""
    till = counter.till
    _need_printer(till)
    with reading(counter.desk.engine) as session:
        missing = queue.unprinted(session, till.shop.till)
        latest = queue.latest_receipts(session, till.shop.till)
    jobs = [*missing, *(job for job in latest if job.id not in {lost.id for lost in missing})]
    zone, locale = till.shop.zone, till.shop.locale
    choices = [
        Choice(
            format_time(job.created_at.astimezone(zone), locale),
            job.title,
            _("NOT PRINTED") if job in missing else "",
        )
        for job in jobs
    ]

    def copy(job: queue.JobView) -> None:
        with writing(counter.desk.engine) as session:
            kept_pages.reprint(session, job.id, till=till.shop.till, actor=counter.desk.actor, now=till.now())
        till.wake_spooler()
        counter.tell(_("{title} is printed again, marked COPY.").format(title=job.title), Mood.GOOD)

    def by_number(number: str) -> None:
        with reading(counter.desk.engine) as session:
            found = find_receipt(session, till.shop.till, number)
        copy(found)

    def give_up(index: int) -> None:
        with writing(counter.desk.engine) as session:
            queue.dismiss(session, jobs[index].id, actor=counter.desk.actor, now=till.now())
        counter.tell(_("{title} is no longer listed as not printed.").format(title=jobs[index].title))

    def scanned(scan: Scan) -> None:
        try:
            by_number(scan.data)
        except REFUSALS as error:
            counter.tell(str(error), Mood.BAD)

    counter.app.push_screen(
        Pick(
            till,
            _("Print a receipt again"),
            choices,
            lambda index: copy(jobs[index]),
            text=_("Enter prints the marked one, as a COPY; any other: type its number, or scan it."),
            empty=_("No receipt was made at this till yet."),
            otherwise=by_number,
            give_up=give_up if missing else None,
            on_scan=scanned,
        )
    )


def _need_printer(till: Till) -> None:
    if not till.shop.prints:
        raise SaleError(
            _("This till has no printer (printer.kind is none). /receipt shows the last receipt.")
        )


def show_receipt(counter: "Counter") -> None:
    """The last receipt, on the screen."""
    till = counter.till
    with reading(counter.desk.engine) as session:
        last = queue.last_receipt(session, till.shop.till)
        if last is None:
            raise SaleError(_("No receipt was made at this till yet."))
        page = kept_pages.page_of(session, last.id)
    counter.app.push_screen(Page(till, last.title, to_text(page, till.shop.columns).splitlines()))


def search_sales(counter: "Counter") -> None:
    """Past sales: find one, see it whole, print it again."""
    from tui_pos.screens.sales_search import open_search

    open_search(counter)


def discount(counter: "Counter") -> None:
    """A discount is typed into the entry line: start it."""
    counter.desk.chosen_line  # noqa: B018  # says so where there is none
    check_open(counter.desk.basket)
    counter.entry.set("-")
    counter.show_entry()
    counter.tell(_("Type 10% or 1.50 for the chosen line; one more - first is for the whole sale."))


def quantity(counter: "Counter") -> None:
    """A quantity is typed into the entry line: start it."""
    counter.desk.chosen_line  # noqa: B018
    check_open(counter.desk.basket)
    counter.entry.set("*")
    counter.show_entry()
    counter.tell(_("Type how many of the chosen line, then Enter."))


def new_price(counter: "Counter") -> None:
    """A price is typed into the entry line: start it."""
    counter.desk.chosen_line  # noqa: B018
    check_open(counter.desk.basket)
    counter.entry.set("=")
    counter.show_entry()
    counter.tell(_("Type the new price of the chosen line, then Enter."))


def help_page(counter: "Counter") -> None:
    """Keys, entries and actions, as they are set at this till."""
    rows = [(a.typed, counter.till.key_name(a.key), a.title) for a in fitting(counter.till, "")]
    counter.app.push_screen(Page(counter.till, _("Help"), help_text.lines(rows)))


def code_lines(till: Till) -> list[str]:
    """The demo's codes to try, one a line; none in a real shop."""
    if not till.codes_to_try:
        return []
    codes = [f"{fit(code, 20)}  {shows}" for code, shows in till.codes_to_try]
    return [_("Codes to try: type one and Enter, or /codes."), "", *codes]


def codes(counter: "Counter") -> None:
    """The demo's codes; Enter sells the marked one."""
    till = counter.till

    def act(index: int) -> None:
        counter.take_scan(Scan(till.codes_to_try[index][0], time.monotonic(), "list"))

    choices = [Choice(code, shows) for code, shows in till.codes_to_try]
    counter.app.push_screen(
        Pick(till, _("Codes to try"), choices, act, text=_("Enter scans the marked one."))
    )


def paper(counter: "Counter") -> None:
    """What the simulated printer has printed."""
    pages = counter.till.paper() if counter.till.paper else ()
    lines = [line for page in pages for line in [*page.splitlines(), "✂ " + "─" * 40]]
    counter.app.push_screen(
        Page(counter.till, _("Paper"), lines or [_("Nothing was printed yet.")], at_end=True)
    )


def theme(counter: "Counter") -> None:
    """The next of the three looks."""
    names = ("till-dark", "till-light", "till-high-contrast")
    current = names.index(counter.app.theme) if counter.app.theme in names else 0
    counter.app.theme = names[(current + 1) % len(names)]


def leave(counter: "Counter") -> None:
    """End the program; the open sale stays as it is."""
    counter.app.exit()


ACTIONS: tuple[Action, ...] = (
    Action("pay", "pay", lambda: (_("/pay"), _("take money for the sale"), _("pay")), pay),
    Action("find", "find", lambda: (_("/find"), _("find a product by its name"), _("find")), find),
    Action(
        "hold", "hold", lambda: (_("/hold"), _("hold this sale, or recall one"), _("hold")), hold_or_recall
    ),
    Action("recall", "", lambda: (_("/recall"), _("take up a held sale")), recall),
    Action(
        "discount", "discount", lambda: (_("/discount"), _("discount on a line or on the sale")), discount
    ),
    Action("quantity", "quantity", lambda: (_("/quantity"), _("quantity of the chosen line")), quantity),
    Action("newprice", "", lambda: (_("/newprice"), _("new price for the chosen line")), new_price),
    Action(
        "void", "void_line", lambda: (_("/void"), _("take the chosen line out"), _("void line")), void_line
    ),
    Action("voidsale", "void_sale", lambda: (_("/voidsale"), _("give the whole sale up")), void_sale),
    Action(
        "price",
        "price_check",
        lambda: (_("/price"), _("price check, without selling"), _("price?")),
        price_check,
    ),
    Action(
        "return", "return", lambda: (_("/return"), _("take goods back"), _("return")), returns.ask_receipt
    ),
    Action(
        "drawer",
        "drawer",
        lambda: (_("/drawer"), _("open the drawer without a sale"), _("drawer")),
        drawer_cash.no_sale,
    ),
    Action(
        "open",
        "",
        lambda: (_("/open"), _("open the drawer with a float: a shift begins")),
        drawer.open_drawer,
    ),
    Action(
        "close",
        "",
        lambda: (_("/close"), _("count and close the drawer: the shift ends")),
        drawer.close_drawer,
    ),
    Action("count", "", lambda: (_("/count"), _("count the drawer in between")), drawer.count_drawer),
    Action("payin", "", lambda: (_("/payin"), _("put cash into the drawer")), drawer_cash.pay_in),
    Action("payout", "", lambda: (_("/payout"), _("pay something out of the drawer")), drawer_cash.pay_out),
    Action("drop", "", lambda: (_("/drop"), _("carry cash to the safe")), drawer_cash.drop),
    Action(
        "voidcash",
        "",
        lambda: (_("/voidcash"), _("undo cash in or out that was a mistake")),
        drawer_cash.take_back,
    ),
    Action(
        "drawer-use", "", lambda: (_("/drawer-use"), _("choose the drawer to work with")), drawer.use_drawer
    ),
    Action("reprint", "reprint", lambda: (_("/reprint"), _("print a receipt again"), _("reprint")), reprint),
    Action(
        "customer",
        "customer",
        lambda: (_("/customer"), _("note whom this sale is for"), _("customer")),
        customer.ask_customer,
    ),
    Action("receipt", "", lambda: (_("/receipt"), _("see the last receipt")), show_receipt),
    Action("sales", "", lambda: (_("/sales"), _("find a past sale")), search_sales),
    Action("x", "", lambda: (_("/x"), _("X report: what was taken since the last Z")), reports.show_x),
    Action("z", "", lambda: (_("/z"), _("Z report: close the day")), reports.close_day),
    Action("zs", "", lambda: (_("/zs"), _("past Zs: see one, print it again")), reports.past_zs),
    Action("alltills", "", lambda: (_("/alltills"), _("X or Zs of all tills together")), reports.all_tills),
    Action("training", "", lambda: (_("/training"), _("practise, or end practising")), reports.train),
    Action("aside", "", lambda: (_("/aside"), _("note the unknown code for the back office")), note_unknown),
    Action("paper", "", lambda: (_("/paper"), _("see what was printed")), paper),
    Action("codes", "", lambda: (_("/codes"), _("codes to try")), codes),
    Action(
        "lock", "lock", lambda: (_("/lock"), _("lock the till; the open sale stays")), access.lock_counter
    ),
    Action("switch", "", lambda: (_("/switch"), _("hand the till to somebody else")), access.switch),
    Action("pin", "", lambda: (_("/pin"), _("choose another PIN for yourself")), access.change_pin),
    Action("theme", "theme", lambda: (_("/theme"), _("dark, light or high contrast")), theme),
    Action("help", "help", lambda: (_("/help"), _("keys and entries")), help_page),
    Action("quit", "quit", lambda: (_("/quit"), _("end the program; the open sale is kept")), leave),
)
