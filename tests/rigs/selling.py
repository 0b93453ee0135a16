"""A cashier at a till without a screen: goods, corrections, money, receipts that come back, all of it foretold."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.rigs.attended import Attended
from tests.rigs.facts import Change, Goods, Open, Sold, SoldGoods, Taken, coins, sold, whole
from tests.rigs.shop import CATALOGUE
from tui_pos.money.discount import AmountOff, PercentOff
from tui_pos.people.actor import NotAllowed
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Question
from tui_pos.sales.desk import Sold as SoldLine
from tui_pos.sales.scanning import Refused, Scanned, Unknown

PRICES = {draft.sku: draft.price_minor for draft in CATALOGUE}
BY_WEIGHT = "300"
WITHOUT_STOCK = tuple(draft.sku for draft in CATALOGUE if not draft.keeps_stock)
MOST_TENDERS = 5


class Selling(Attended):
    """What a cashier does with the sale on the screen."""

    @property
    def sale(self) -> Open:
        """The sale on the screen, as the facts have it."""
        found: Open = self.facts.get(self.place, Open(self.who))
        return found

    def stream(self, event: str) -> str:
        """Where the journal notes it."""
        return f"{'training' if self.desk.training else 'events'}/{event}"

    def _becomes(self, sale: Open) -> Change:
        return {self.place: sale}

    def _edit(
        self, act: str, do: Callable[[], Any], sale: Open, *events: str, needs: Permission | None = None
    ) -> None:
        """Change the goods. Once money was taken they stand."""
        if self.sale.tenders:
            self.do(f"{act}, paid already", do, refused=SaleError if self.may(needs) else NotAllowed)
            return
        noted = self.one_more(*(self.stream(event) for event in events))
        self.try_to(act, do, {**self._becomes(sale), **noted}, needs=needs)
        assert self.desk.basket.total_minor == self.sale.total_minor, f"{act}: not what is shown"

    def _choose(self, *, back: bool) -> int:
        """Choose a line at random; -1 where there is none, or where it is goods that come back and they may not be."""
        lines = self.sale.lines
        places = [i for i, line in enumerate(lines) if back or not line.back]
        if not places:
            return -1
        place = self.chance.choice(places)
        self.desk.choose(place - self.desk.chosen_index)
        return place

    def _with_line(self, place: int, **changes: Any) -> Open:
        lines = list(self.sale.lines)
        lines[place] = replace(lines[place], **changes)
        return replace(self.sale, lines=tuple(lines))

    # Goods

    def scan(self) -> None:
        """Sell something: also by weight, at a price that is typed, with the customer's age asked."""
        sku = self.chance.choice(tuple(PRICES))
        price = PRICES[sku] if PRICES[sku] is not None else self.chance.choice((250, 499))
        assert price is not None
        grams = self.chance.randint(50, 2500)
        quantity = Decimal(grams) / 1000 if sku == BY_WEIGHT else Decimal(self.chance.choice((1, 1, 1, 2, 6)))
        goods = Goods(sku, quantity, price)

        def sell() -> None:
            outcome = self.desk.scan(Scanned(sku), quantity)
            if isinstance(outcome, Question):
                outcome = self.desk.answer(outcome, price_minor=price if outcome.price else None)
            assert isinstance(outcome, SoldLine), outcome

        lines = self.sale.lines
        last = lines[-1] if lines else None
        if last and sku != BY_WEIGHT and replace(last, quantity=quantity) == goods:
            grown = (*lines[:-1], replace(last, quantity=last.quantity + quantity))
        else:
            grown = (*lines, goods)
        self._edit("scan", sell, replace(self.sale, lines=grown))

    def scan_nonsense(self) -> None:
        """A code that nobody knows, or one with a wrong check digit."""
        code, kind = self.chance.choice((("9771234567003", Unknown), ("5449000000997", Refused)))
        outcome = self.do("scan nonsense", lambda: self.desk.scan(Scanned(code)))
        assert isinstance(outcome, kind), outcome

    def ask_price(self) -> None:
        """A price check."""
        sku = self.chance.choice(tuple(PRICES))
        self.do("ask a price", lambda: self.desk.check(sku), self.one_more(self.stream("price_check")))

    def change_quantity(self) -> None:
        place = self._choose(back=False)
        if place < 0:
            return
        before = self.sale.lines[place].quantity
        quantity = Decimal(self.chance.randint(1, 9))
        events = ("quantity",) if quantity < before else ()
        changed = self._with_line(place, quantity=quantity)
        self._edit("quantity", lambda: self.desk.set_quantity(quantity), changed, *events)

    def change_price(self) -> None:
        place = self._choose(back=False)
        if place < 0:
            return
        price = max(1, whole(self.sale.lines[place].each_minor * Decimal(self.chance.randint(40, 115)) / 100))
        changed = self._with_line(place, each_minor=price, price_changed=True)
        self._edit("price", lambda: self.desk.change_price(price), changed, "price")

    def discount_line(self) -> None:
        place = self._choose(back=False)
        if place < 0:
            return
        percent = self.chance.choice((3, 5, 10, 10, 20, 40, 60))
        changed = self._with_line(place, discount=f"{percent}%")
        off = PercentOff(Decimal(percent))
        self._edit("discount", lambda: self.desk.discount_line(off), changed, "discount")

    def discount_sale(self) -> None:
        worth = sum(max(0, line.amount_minor) for line in self.sale.lines)
        if not worth:
            return
        minor = self.chance.randint(1, max(1, worth // self.chance.choice((2, 10, 20))))
        changed = replace(self.sale, discount=str(minor))
        self._edit("discount on all", lambda: self.desk.discount_sale(AmountOff(minor)), changed, "discount")

    def void_line(self) -> None:
        place = self._choose(back=True)
        if place < 0:
            return
        left = tuple(line for i, line in enumerate(self.sale.lines) if i != place)
        changed = replace(self.sale, lines=left, discount=self.sale.discount if left else "")
        self._edit("void line", self.desk.void_line, changed, "void_line")

    def void_sale(self) -> None:
        if self.sale:
            self._edit(
                "void sale", lambda: self.desk.void_sale("no money"), Open(""), "void_sale",
                needs=Permission.VOID_SALE,
            )  # fmt: skip

    def hold(self) -> None:
        if not self.sale or self.desk.training:
            return
        if self.sale.tenders:
            self.do("hold, paid already", lambda: self.desk.hold("in vain"), refused=SaleError)
            return
        name = f"customer {self.at:%d %H%M%S}"
        self.do("hold", lambda: self.desk.hold(name), {"open": None, f"held {name}": self.sale})

    def recall(self) -> None:
        held = sorted(name for name in self.facts if name.startswith("held "))
        if self.desk.training or not held:
            return
        name = self.chance.choice(held)
        found = next(sale for sale in self.desk.held() if f"held {sale.name}" == name)
        if self.sale:
            self.do("recall, one is open", lambda: self.desk.recall(found.id), refused=SaleError)
        else:
            step = {name: None, "open": self.facts[name]}
            self.do("recall", lambda: self.desk.recall(found.id), step)

    # Money

    def pay(self) -> None:
        """Take cash, exactly, too much or a part; or a card for all or a part; or nothing where nothing is due."""
        due = self.sale.due_minor
        if not self.sale:
            self.do("pay nothing", lambda: self.desk.pay_cash(100), refused=SaleError)
        elif due == 0:
            self._take("complete", self.desk.complete, None)
        elif self.chance.random() < 0.3:
            in_part = self.chance.random() < 0.4 and abs(due) > 1 and len(self.sale.tenders) < MOST_TENDERS
            minor = self.chance.randint(1, abs(due) - 1) if in_part else abs(due)
            minor = minor if due > 0 else -minor
            self._take(
                "pay by card", lambda: self.desk.pay_card(minor, "A1", "4242"), Taken("card", minor, minor)
            )
        else:
            self._pay_cash(due)

    def _pay_cash(self, due: int) -> None:
        cash_due = coins(due)
        if due < 0:
            taken = Taken("cash", due, cash_due)
        elif self.chance.random() < 0.2 and cash_due > 5 and len(self.sale.tenders) < MOST_TENDERS:
            given = 5 * self.chance.randint(1, cash_due // 5 - 1)
            taken = Taken("cash", given, given)
        else:
            taken = Taken("cash", due, cash_due + 5 * self.chance.choice((0, 0, 1, 100)))

        def pay() -> Any:
            return self.desk.pay_cash(max(0, taken.given_minor))

        if not self.desk.training and f"drawer {self.desk.drawer}" not in self.facts:
            self.do("pay cash, drawer closed", pay, refused=SaleError)
        else:
            self._take("pay cash", pay, taken)

    def _take(self, act: str, do: Callable[[], Any], taken: Taken | None) -> None:
        paid = replace(self.sale, tenders=(*self.sale.tenders, taken)) if taken else self.sale
        if paid.due_minor:
            assert self.do(act, do, self._becomes(paid)) is None
            return
        cash = any(tender.kind == "cash" for tender in paid.tenders)
        if not self.desk.training and cash and f"drawer {self.desk.drawer}" not in self.facts:
            self.do(f"{act}, drawer closed", do, refused=SaleError)
            return
        try:
            receipt = self.do(act, do, self._completed(paid))
        except SaleError:  # while this sale was held, another one may have returned the same goods
            if not any(self._gone(line.back)[0] for line in paid.lines if line.back):
                raise
        else:
            assert receipt.total_minor == paid.total_minor

    def _completed(self, sale: Open) -> Change:
        """A sale, and what it does to stock and drawer."""
        if self.desk.training:
            return {self.place: None, **self.one_more("training/sale", "practised")}
        change: dict[str, Any] = {self.place: None, **self.one_more("receipts/sale")}
        change[f"sale {change['receipts/sale']}"] = sold(sale)
        for line in sale.lines:
            if line.sku not in WITHOUT_STOCK:
                name = f"stock {line.sku}"
                before = change.get(name) or self.facts.get(name) or Decimal(0)
                change[name] = before - line.quantity
        if any(tender.kind == "cash" for tender in sale.tenders):
            number, lies = self.facts[f"drawer {self.desk.drawer}"]
            change[f"drawer {self.desk.drawer}"] = (number, lies + sale.cash_in_minor)
        return change

    def take_back(self) -> None:
        """Give the last tender back."""
        if self.sale.tenders:
            changed = replace(self.sale, tenders=self.sale.tenders[:-1])
            step = {**self._becomes(changed), **self.one_more(self.stream("tender"))}
            self.try_to(
                "take back", self.desk.take_back_tender, step, needs=Permission.TAKE_BACK_TENDER
            )  # fmt: skip

    # What comes back

    def give_back(self) -> None:
        """Take goods of a past receipt back: some of a line, or what is left of it."""
        last = self.facts.get("receipts/sale", 0)
        if not last or self.desk.training:
            return
        number = self.chance.randint(max(1, last - 30), last)
        lines = self.facts[f"sale {number}"][0]
        places = [i for i, line in enumerate(lines) if line.quantity > 0]
        if not places:
            return
        place = self.chance.choice(places)
        label = f"{number}/{place + 1}"
        standing = next((line for line in self.sale.lines if line.back == label), None)
        gone, given = self._gone(label)
        before = -standing.quantity if standing else Decimal(0)
        left = lines[place].quantity - gone - before
        whole_pieces = lines[place].sku != BY_WEIGHT
        quantity = Decimal(self.chance.randint(1, int(left))) if whole_pieces and left >= 1 else left

        def give_back() -> None:
            receipt = self.desk.find_sold(str(number))
            assert receipt is not None
            self.desk.return_goods(receipt.sale_id, {place + 1: quantity or Decimal(1)})

        if not quantity:
            self.do("return what came back already", give_back, refused=SaleError)
            return
        worth = _worth(lines[place], gone, given, before + quantity)
        back = Goods(lines[place].sku, -before - quantity, 0, back=label, worth_minor=worth)
        grown = tuple(back if line.back == label else line for line in self.sale.lines)
        self._edit("return", give_back, replace(self.sale, lines=grown if standing else (*grown, back)))

    def _gone(self, label: str) -> tuple[Decimal, int]:
        """What came back of a line before, and what was given for it."""
        sales: list[Sold] = [sale for name, sale in self.facts.items() if name.startswith("sale ")]
        back = [line for lines, _gross, _cash in sales for line in lines if line.back == label]
        return -sum((line.quantity for line in back), Decimal(0)), -sum(line.amount_minor for line in back)


def _worth(line: SoldGoods, gone: Decimal, given: int, quantity: Decimal) -> int:
    """What `quantity` of a line is worth now: after each return the customer has got back its part, rounded."""
    if gone + quantity == line.quantity:
        return line.amount_minor - given
    return max(0, whole(line.amount_minor * (gone + quantity) / line.quantity) - given)
