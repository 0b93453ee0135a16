"""The counter without a screen: one method a cashier's act, each one transaction.

A Desk remembers what an open counter must between two acts: the basket, the chosen line, the last scan, the last
receipt. Everything else is in the database, so a new Desk on the same database goes on where the old one was killed.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.products import Article, find_by_code, search
from tui_pos.catalogue.unknown import Problem, set_aside
from tui_pos.i18n import _
from tui_pos.money.discount import Discount
from tui_pos.payments.shifts import OpenShift, drawer_in_hand, open_shift_of
from tui_pos.people.actor import NOBODY, Actor
from tui_pos.sales import basket as baskets
from tui_pos.sales import corrections, customer, holding, returns, tendering, training
from tui_pos.sales.basket import SaleError, SaleGone
from tui_pos.sales.checkout import complete, find_completed, shift_of_sale
from tui_pos.sales.holding import HeldSale
from tui_pos.sales.returns import SoldReceipt
from tui_pos.sales.scanning import (
    Placed,
    Refused,
    Scanned,
    Seen,
    Unknown,
    Wanted,
    look_up,
    needed_age,
    note_price_check,
    plainly,
    same_as_before,
    sell,
    with_supplement,
)
from tui_pos.sales.shop import Shop
from tui_pos.sales.tendering import Settlement, settle
from tui_pos.sales.view import Basket, Line, Receipt
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class Sold:
    """A line was added or raised. `again` says that the code belonged to the pack sold a moment ago."""

    line: Line
    warning: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What the cashier must answer before this is sold, in this order.

    `age`: that the customer is so many years old; `measure`: how much it is, in the article's unit; `price`: what one
    unit costs; `percent_off`: whether what its label takes off is given; `hidden_expiry`: that the pack has not
    expired on the date that its code may hide.
    """

    wanted: Wanted
    scanned: Scanned
    age: int | None = None
    measure: bool = False
    price: bool = False
    percent_off: Decimal | None = None
    hidden_expiry: dt.date | None = None


Outcome = Sold | Question | Unknown | Refused


class Desk:
    """One till's open sale, and the acts of its cashier. Every method may raise SaleError; then nothing changed."""

    def __init__(self, engine: Engine, shop: Shop, actor: Actor, now: Callable[[], dt.datetime]) -> None:
        self.engine = engine
        self.shop = shop
        self.actor = actor
        self.left = NOBODY  # who left the till last
        self.now = now
        self.last_receipt: Receipt | None = None
        self.chosen: UUID | None = None
        self.training = False  # whether sales are only practised
        self._unsure = (
            False  # whether a commit was not answered, so that the database may hold more than is shown
        )
        self._own_drawer_later = False  # whether the drawer changes with the sale that is open
        self._take_up()
        self.take_drawer()

    def take_own_drawer(self) -> None:
        """Work with the drawer that whoever acts has in hand.

        Where money was taken for the open sale, all of its cash is booked where that lies: it changes afterwards.
        """
        self._own_drawer_later = bool(self.basket.tenders)
        if not self._own_drawer_later:
            self.take_drawer()

    def take_drawer(self, name: str = "") -> None:
        """Work with this drawer from now on, or with the one that whoever acts has in hand; see how it stands."""
        with reading(self.engine) as session:
            names, who = self.shop.drawer.names, self.actor.id or self.basket.opened_by
            self.drawer = name or drawer_in_hand(session, self.shop.till, names, who)
            self.shift: OpenShift | None = open_shift_of(session, self.shop.till, self.drawer)

    def _take_up(self) -> None:
        """Go on from what the database holds. The chosen line stays chosen where it still stands."""
        with reading(self.engine) as session:
            self.basket: Basket = baskets.load_basket(
                session, self.shop, self.actor, self.now(), training=self.training
            )
        self._seen: Seen | None = None
        if self.chosen_index < 0:
            self.chosen = self.basket.lines[-1].id if self.basket.lines else None

    @contextmanager
    def _acting(self, *, durable: bool = False) -> Iterator[Session]:
        """The transaction of one act. Where the sale turns out to be gone, what the database holds is taken up."""
        self._make_sure()
        try:
            with writing(self.engine, durable=durable) as session:
                yield session
        except CatalogueError as error:
            raise SaleError(str(error)) from error
        except SaleGone:
            self._take_up()
            raise
        except DatabaseUnavailable:
            self._unsure = True
            raise

    def _make_sure(self) -> None:
        """After a commit without an answer: see what was saved. Raises SaleError if that is not what is shown."""
        if not self._unsure:
            return
        shown = self.basket
        self._take_up()
        self._unsure = False
        if not shown.stored and not self.basket.stored:
            self.basket = shown  # nothing of it is in the database yet
        if _saved_of(shown) != _saved_of(self.basket):
            raise SaleError(_("What was done last was saved after all: look at the basket, then go on."))

    @property
    def chosen_line(self) -> Line:
        """The line that corrections apply to. Raises SaleError where there is none."""
        for line in self.basket.lines:
            if line.id == self.chosen:
                return line
        raise SaleError(_("There is no line to change yet."))

    @property
    def chosen_index(self) -> int:
        """Where the chosen line stands; -1 where there is none."""
        for index in range(len(self.basket.lines) - 1, -1, -1):
            if self.basket.lines[index].id == self.chosen:
                return index
        return -1

    def choose(self, step: int) -> None:
        """Choose the line `step` further down (+) or up (-), staying within the basket."""
        lines = self.basket.lines
        if lines:
            index = min(len(lines) - 1, max(0, self.chosen_index + step))
            self.chosen = lines[index].id

    def scan(self, scanned: Scanned, quantity: Decimal | None = None) -> Outcome:
        """Sell what a code stands for, or say what keeps it from being sold."""
        scanned = with_supplement(scanned, self._seen)
        with self._acting() as session:
            wanted = look_up(session, self.shop, scanned.data, self.now(), quantity)
            if isinstance(wanted, Wanted):
                placed = self._place(session, wanted, scanned)
            elif isinstance(wanted, Refused) and wanted.contradicts:
                set_aside(session, wanted.code, self.shop.till, self.actor, self.now(), Problem.CONTRADICTION)
        if isinstance(wanted, Refused):
            return self._refused(wanted, scanned)
        if isinstance(wanted, Unknown):
            return wanted
        return placed if isinstance(placed, Question) else self._sold(placed, wanted)

    def _refused(self, refused: Refused, scanned: Scanned) -> Refused:
        """Say it, too, if the pack lies in the basket by its other code, and choose its line."""
        before = same_as_before(self.basket, refused.symbol, scanned, self._seen)
        if before is None:
            return refused
        self.chosen = before.line_id
        in_basket = _("It lies in the basket by its other code: take it out with Delete.")
        return replace(refused, reason=f"{refused.reason} {in_basket}")

    def want(self, article: Article, quantity: Decimal | None = None) -> Outcome:
        """Sell an article that was picked from a list: this one, whatever else its SKU may stand for."""
        wanted = plainly(article, quantity, article.sku)
        with self._acting() as session:
            placed = self._place(session, wanted, Scanned(article.sku))
        return placed if isinstance(placed, Question) else self._sold(placed, wanted)

    def _place(self, session: Session, wanted: Wanted, scanned: Scanned) -> Placed | Question:
        """Into the basket at once, unless something must be asked first."""
        question = self._question(wanted, scanned)
        return question or sell(
            session, self.basket, wanted, scanned, self.actor, self.now(), seen=self._seen
        )

    def _question(self, wanted: Wanted, scanned: Scanned) -> Question | None:
        """What must be asked: of a pack that lies there by its other code only what is new."""
        if not wanted.article.active:
            return None
        hidden = wanted.symbol.hidden_expiry if wanted.symbol else None
        percent_off = wanted.particulars.percent_off
        question = Question(wanted, scanned, percent_off=percent_off, hidden_expiry=hidden)
        if same_as_before(self.basket, wanted.symbol, scanned, self._seen) is None:
            age = needed_age(self.basket, wanted.article)
            question = replace(question, age=age, measure=wanted.needs_measure, price=wanted.needs_price)
        if question == Question(wanted, scanned):
            return None
        baskets.check_open(self.basket)
        return question

    def answer(
        self,
        question: Question,
        price_minor: int | None = None,
        quantity: Decimal | None = None,
        *,
        reduced: bool = True,
    ) -> Sold:
        """Sell what a question was about, now that it is answered: price per unit, and how much it is.

        Without `reduced` the discount on its label is not given.
        """
        wanted = replace(question.wanted, quantity=quantity) if quantity is not None else question.wanted
        if not reduced:
            wanted = replace(wanted, particulars=replace(wanted.particulars, percent_off=None))
        with self._acting() as session:
            basket = self.basket
            if question.age is not None:
                basket = baskets.confirm_age(session, basket, question.age)
            placed = sell(
                session,
                basket,
                wanted,
                question.scanned,
                self.actor,
                self.now(),
                price_minor=price_minor,
                seen=self._seen,
            )
        return self._sold(placed, wanted)

    def _sold(self, placed: Placed, wanted: Wanted) -> Sold:
        self.basket = placed.basket
        self.chosen = placed.line_id
        self._seen = placed.seen
        return Sold(placed.basket.line(placed.line_id), wanted.warning, placed.again)

    def _change(self, act: Callable[..., Basket], *args: Any, durable: bool = False) -> None:
        """One act on the basket, in one transaction."""
        with self._acting(durable=durable) as session:
            changed = act(session, self.basket, *args)
        self.basket = changed
        self._seen = None

    def set_quantity(self, quantity: Decimal) -> None:
        """Sell this many of the chosen line."""
        self._change(corrections.set_quantity, self.chosen_line.id, quantity, self.actor, self.now())

    def change_price(self, unit_price_minor: int) -> None:
        """Sell the chosen line at another price."""
        self._change(corrections.change_price, self.chosen_line.id, unit_price_minor, self.actor, self.now())

    def discount_line(self, discount: Discount | None) -> None:
        """Take something off the chosen line; None takes the discount back."""
        self._change(corrections.discount_line, self.chosen_line.id, discount, self.actor, self.now())

    def discount_sale(self, discount: Discount | None) -> None:
        """Take something off the whole sale; None takes the discount back."""
        self._change(corrections.discount_sale, discount, self.actor, self.now())

    def name_customer(self, text: str) -> None:
        """Note whom the sale is for; an empty text takes the note away."""
        with self._acting() as session:
            self.basket = customer.name_customer(session, self.basket, text, self.actor)

    def find_sold(self, text: str) -> SoldReceipt | None:
        """The receipt that a typed or scanned number names, with what can be returned; None if there is none."""
        with reading(self.engine) as session:
            sale_id = returns.find_sale(session, self.shop, text)
            return None if sale_id is None else returns.read_sold(session, self.basket, sale_id)

    def return_goods(self, sale_id: UUID, quantities: Mapping[int, Decimal]) -> SoldReceipt:
        """Take goods of a sale back into the basket, by the positions of its lines; returns what is still left."""
        standing = set(self.basket.lines)
        self._change(returns.return_goods, self.shop, sale_id, quantities, self.actor, self.now())
        changed = [line for line in self.basket.lines if line not in standing]
        self.chosen = changed[-1].id if changed else self.chosen
        with reading(self.engine) as session:
            return returns.read_sold(session, self.basket, sale_id)

    def void_line(self, reason: str = "") -> Line:
        """Take the chosen line out; the one after it, or else the last one, is chosen then."""
        line = self.chosen_line
        index = self.chosen_index
        self._change(corrections.void_line, line.id, self.actor, self.now(), reason)
        lines = self.basket.lines
        if lines:
            self.chosen = lines[min(index, len(lines) - 1)].id
        else:
            self._start_anew()
        return line

    def void_sale(self, reason: str) -> None:
        """Give the whole sale up."""
        with self._acting() as session:
            corrections.void_sale(session, self.basket, self.actor, self.now(), reason)
        self._start_anew()

    def hold(self, name: str) -> None:
        """Set the sale aside."""
        with self._acting() as session:
            holding.hold(session, self.basket, name, self.actor, self.now())
        self._start_anew()

    def held(self) -> list[HeldSale]:
        """The sales set aside at this till."""
        with reading(self.engine) as session:
            return holding.held_sales(session, self.shop, training=self.training)

    def recall(self, sale_id: UUID) -> None:
        """Take a held sale up again."""
        with self._acting() as session:
            recalled = holding.recall(session, self.shop, sale_id, self.actor)
        self.basket = recalled
        self.chosen = recalled.lines[-1].id if recalled.lines else None
        self._seen = None

    def find(self, words: str, limit: int = 20) -> list[Article]:
        """Products that fit the words."""
        with self._asking() as session:
            return search(session, words, self.shop.business_date(self.now()), limit)

    def find_exactly(self, code: str) -> Article | None:
        """The product that has just this code or SKU."""
        with self._asking() as session:
            return find_by_code(session, code, self.shop.business_date(self.now()))

    def check(self, data: str) -> Wanted | Unknown | Refused:
        """What a code stands for, without selling it: a price check."""
        now = self.now()
        try:
            with writing(self.engine) as session:
                found = look_up(session, self.shop, data, now)
                if isinstance(found, Wanted):
                    note_price_check(session, self.basket, found, self.actor, now)
        except CatalogueError as error:
            raise SaleError(str(error)) from error
        return found

    @contextmanager
    def _asking(self) -> Iterator[Session]:
        """A look into the catalogue."""
        try:
            with reading(self.engine) as session:
                yield session
        except CatalogueError as error:
            raise SaleError(str(error)) from error

    @property
    def settlement(self) -> Settlement:
        """What is left to pay, and what goes back."""
        return settle(self.basket, self.shop.cash_rounding)

    def pay_cash(self, given_minor: int) -> Receipt | None:
        """Take cash; a sale that is then paid is completed in the same transaction, and its receipt returned."""
        return self._pay(self._take_cash, given_minor)

    def pay_card(self, amount_minor: int, authorisation: str, last_four: str) -> Receipt | None:
        """Note a card payment of a stand-alone terminal; completes the sale like `pay_cash`."""
        return self._pay(tendering.pay_card_by_hand, amount_minor, authorisation, last_four)

    def _take_cash(
        self, session: Session, basket: Basket, given_minor: int, actor: Actor, now: dt.datetime
    ) -> Basket:
        """Refused where there is no open drawer to put it in: here what is a part only, else when it is completed."""
        paid = tendering.pay_cash(session, basket, given_minor, self.shop.cash_rounding, actor, now)
        if paid.due_minor and not paid.training:
            shift_of_sale(session, self.shop, self.drawer, cash=True)
        return paid

    def _pay(self, take: Callable[..., Basket], *args: Any) -> Receipt | None:
        done = self._completed_unseen()
        if done:
            return self._done(done)
        now = self.now()
        receipt = None
        with self._acting(durable=True) as session:
            paid = take(session, self.basket, *args, self.actor, now)
            if paid.due_minor == 0:
                receipt = self._complete(session, paid, now)
        if receipt is None:
            self.basket = paid
            return None
        return self._done(receipt)

    def complete(self) -> Receipt:
        """Complete a sale that owes nothing (its goods and its returns are worth the same, or all is free)."""
        done = self._completed_unseen()
        if done:
            return self._done(done)
        with self._acting(durable=True) as session:
            receipt = self._complete(session, self.basket, self.now())
        return self._done(receipt)

    def _complete(self, session: Session, basket: Basket, now: dt.datetime) -> Receipt:
        if basket.training:
            return training.complete(session, basket, self.shop, self.actor, now)
        return complete(session, basket, self.shop, self.actor, now, self.drawer)

    def _completed_unseen(self) -> Receipt | None:
        """The receipt of this very sale, where its commit went through though the answer to it was lost."""
        if not self._unsure:
            return None
        with reading(self.engine) as session:
            find = training.find_completed if self.basket.training else find_completed
            receipt = find(session, self.basket.id)
        self._unsure = receipt is None
        return receipt

    def _done(self, receipt: Receipt) -> Receipt:
        self.last_receipt = receipt
        self._start_anew()
        return receipt

    def take_back_tender(self) -> None:
        """Give the last tender back."""
        if not self.basket.tenders:
            raise SaleError(_("No tender was taken yet."))
        self._change(tendering.take_back, self.basket.tenders[-1].id, self.actor, self.now(), durable=True)

    def train(self, wanted: bool) -> None:
        """Only practise from now on, or sell again. Raises SaleError while the basket is filled."""
        if wanted == self.training:
            return
        if self.basket.lines:
            raise SaleError(_("Finish, hold or void the open sale first."))
        with self._acting() as session:
            training.switch(session, self.shop.till, self.actor, self.now(), wanted)
        self.training = wanted
        self._take_up()

    def _start_anew(self) -> None:
        self.basket = baskets.new_basket(self.shop, self.actor, self.now(), training=self.training)
        self.chosen = None
        self._seen = None
        if self._own_drawer_later:
            self._own_drawer_later = False
            self.take_drawer()


def _saved_of(basket: Basket) -> tuple[object, ...]:
    """What an act changes in the database."""
    return basket.lines, basket.tenders, basket.discount, basket.customer_text
