"""A till without a screen that does all that a shop does in a day, at random, until it dies."""

import datetime as dt
import logging
import os
import random
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from hardware.document import Document
from hardware.ports import Fault
from hardware.simulated import SimulatedPrinter
from tests.rigs.attended import Printed
from tests.rigs.days import KeyFolder, shop
from tests.rigs.dying import Death, die
from tests.rigs.facts import Facts
from tests.rigs.selling import Selling
from tui_pos.drawer import shifts
from tui_pos.drawer.blockers import DrawerBlocked
from tui_pos.drawer.cash import CashKind, move_cash, open_without_sale, take_back, to_take_back
from tui_pos.drawer.denominations import Counted, count_pieces, count_sum
from tui_pos.drawer.errors import DrawerError
from tui_pos.drawer.shifts import CountKept, Purpose
from tui_pos.journal import signing
from tui_pos.people import pins
from tui_pos.people.permissions import Permission
from tui_pos.printing import queue
from tui_pos.printing.spooler import Spooler
from tui_pos.reports.z import CloseBlocked, NothingToClose, find_z, make_x, make_z, print_copy
from tui_pos.sales.basket import SaleError
from tui_pos.sales.shop import DrawerRules, Shop
from tui_pos.storage.engine import open_engine, reading, writing

DRAWERS = ("left", "right")
MOST_ACTS, ACTS_IN_A_HURRY = 100, 25
ENDINGS = {
    "z": (6, 350), "close drawer": (3, 40), "count": (2, 40), "open drawer": (1, 30), "pay": (3, 400),
    "return": (1, 20), "allow": (1, 60), "print": (3, 200), "page": (3, 12), "": (6, 4000),
}  # fmt: skip
"""Acts that a till may die in: how often it does, and after how many steps of them at most; "" is any act."""


def simulated_shop() -> Shop:
    """Two drawers; cash is taken only while one is open."""
    return replace(shop(), drawer=DrawerRules(names=DRAWERS, required=True))


def simulate(
    url: str, folder: Path, seed: int, facts: Facts, start: dt.datetime, telling: Connection
) -> None:
    """Act at random until the seed's death. Whatever goes wrong before is told, and ends it otherwise."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    pins._hasher = cache(lambda: quick)
    logging.disable()  # printers fail here by design
    chance = random.Random(seed)
    ending = chance.choices(tuple(ENDINGS), [often for often, _steps in ENDINGS.values()])[0]
    steps = chance.randint(1, ENDINGS[ending][1])
    engine = open_engine(url)
    try:
        till = SimulatedTill(
            engine, simulated_shop(), chance, facts, start, telling, Death(engine, ending, steps)
        )
        till.work(ACTS_IN_A_HURRY if ending in ("z", "close drawer") else MOST_ACTS, KeyFolder(folder))
    except BaseException:
        telling.send(traceback.format_exc())
        os._exit(1)
    die()


class TellingPrinter(SimulatedPrinter):
    """Tells of each page that came out whole: from then on it may not come out again by itself."""

    def __init__(self, telling: Connection, death: Death) -> None:
        super().__init__()
        self.telling = telling
        self.death = death

    def print(self, document: Document) -> None:
        super().print(document)
        self.telling.send(Printed(document.title, "COPY" in self.paper[-1]))
        self.death.begin("page")
        self.death.step()
        self.death.begin("print")


class SimulatedTill(Selling):
    """Drawers, reports, the printer and practising; and what is done when."""

    def work(self, acts: int, keys: signing.KeyStore) -> None:
        """So many acts, and the end of the day. `keys` is where the till's signing key is kept."""
        self.keys = keys
        self.printer = TellingPrinter(self.telling, self.death)
        self.spooler = Spooler(
            self.engine, self.printer, self.desk.shop.till, lambda _state: None, clock=lambda: self.at
        )
        # The spooler's work is done here, in no thread of its own, so that it can be replayed.
        self.do("print, begin", self.spooler._begin)
        for _act in range(acts):
            self.act()
        self.end_of_day()

    def act(self) -> None:
        """One act of somebody, whatever comes to mind."""
        if not self.who:
            self.come()
            return
        acts = self._anytime() | ({} if self.desk.training else self._with_real_money())
        self.chance.choices(tuple(acts), tuple(acts.values()))[0]()

    def _anytime(self) -> dict[Callable[[], None], int]:
        practising = 12 if self.desk.training else 1
        return {
            self.scan: 24, self.scan_nonsense: 1, self.ask_price: 1, self.change_quantity: 3, self.change_price: 3,
            self.discount_line: 4, self.discount_sale: 3, self.void_line: 3, self.void_sale: 1,
            self.pay: 22 if self.sale else 1,
            self.take_back: 2, self.come: 2, self.go: 1, self.a_stranger_tries: 1, self.train: practising,
            self.print_some: 8, self.printer_fails: 2, self.reprint: 1,
        }  # fmt: skip

    def _with_real_money(self) -> dict[Callable[[], None], int]:
        closed = 1 if f"drawer {self.desk.drawer}" in self.facts else 20
        return {
            self.hold: 3, self.recall: 3, self.give_back: 4, self.open_drawer: closed, self.use_drawer: 1,
            self.move_cash: 3, self.take_cash_back: 2, self.no_sale: 2, self.count: 2, self.close_drawer: 1,
            self.x: 1, self.z: 1, self.z_again: 1,
        }  # fmt: skip

    # The drawer

    def _writing(self) -> AbstractContextManager[Session]:
        return writing(self.engine, durable=True)

    @property
    def drawer(self) -> str:
        """The fact of the drawer in use."""
        return f"drawer {self.desk.drawer}"

    def use_drawer(self) -> None:
        name = self.chance.choice(DRAWERS)
        self.do("use drawer", lambda: self.desk.take_drawer(name))

    def _counted(self, about_minor: int) -> Counted:
        """What lies there, coin by coin or as one sum: mostly what should, if coins can make it."""
        lies = max(0, about_minor + self.chance.choice((0, 0, 0, -5, 10, -2000)))
        if self.chance.random() < 0.5:
            return count_sum(lies)
        notes, rest = divmod(lies, 500)
        return count_pieces({500: notes, 5: rest // 5, 1: rest % 5}, self.desk.shop.rules.currency)

    def open_drawer(self) -> None:
        name = self.desk.drawer
        left = self.facts.get(f"left in {name}")
        counted = None if left and self.chance.random() < 0.5 else self._counted(10000)
        lies = counted.total_minor if counted else (left or (0,))[0]

        def open_it() -> None:
            with self._writing() as session:
                shifts.open_shift(session, self.desk.shop, name, counted, self.desk.actor, self.now())
            self.desk.take_drawer(name)

        if self.drawer in self.facts:
            self.do("open drawer again", open_it, refused=DrawerError)
            return
        step = self.one_more("shifts", "events/shift_opened")
        opened = {self.drawer: (step["shifts"], lies), f"left in {name}": None}
        self.do("open drawer", open_it, {**step, **opened})

    def count(self) -> None:
        """In between; it may be recounted."""
        self._count(Purpose.CHECK)

    def _count(self, purpose: Purpose) -> CountKept | None:
        counted = self._counted(self.facts.get(self.drawer, (0, 0))[1])

        def keep() -> CountKept:
            with self._writing() as session:
                return shifts.count(
                    session, self.desk.shop, self.desk.drawer, counted, purpose, self.desk.actor, self.now()
                )

        if self.drawer not in self.facts:
            self.do("count, drawer closed", keep, refused=DrawerError)
            return None
        kept: CountKept = self.do("count", keep, self.one_more("events/counted"))
        lies = self.facts[self.drawer][1]
        assert kept.agrees == (counted.total_minor == lies), "the count agrees with another sum"
        assert kept.expected_minor == (None if self.role == "cashier" else lies), "a blind count was told"
        return kept

    def close_drawer(self) -> None:
        """Let it spring open, count it, count it again, close it with whatever lies there."""

        def release() -> None:
            with self._writing() as session:
                shifts.release(
                    session, self.desk.shop, self.desk.drawer, Purpose.CLOSE, self.desk.actor, self.now()
                )

        self.do("release drawer", release, self.one_more("events/drawer_opened"))
        kept = self._count(Purpose.CLOSE)
        if kept is not None and self.chance.random() < 0.3:
            kept = self._count(Purpose.CLOSE)
        while kept is not None and not self._close_with(kept):
            kept = self._count(Purpose.CLOSE)

    def _close_with(self, kept: CountKept) -> bool:
        """Close with this count; at times cash comes or goes before, and then it must be counted again."""
        left_minor = min(kept.total_minor, self.chance.choice((0, 5000, 10000)))

        def close() -> None:
            with self._writing() as session:
                shifts.close_shift(
                    session, self.desk.shop, self.desk.drawer, kept.id, left_minor, "" if kept.agrees else "a guess",
                    self.desk.actor, self.now(),
                )  # fmt: skip
            self.desk.take_drawer(self.desk.drawer)

        lay = self.facts[self.drawer]
        if self.chance.random() < 0.2:
            self.move_cash()
        if self.facts.get("open"):
            self.do("close drawer, a sale is open", close, refused=DrawerBlocked)
        elif self.facts[self.drawer] != lay:
            self.do("close drawer, cash has gone", close, refused=DrawerError)
            return False
        else:
            left = {self.drawer: None, f"left in {self.desk.drawer}": (left_minor,)}
            self.do("close drawer", close, {**left, **self.one_more("events/shift_closed")})
        return True

    def move_cash(self) -> None:
        """Pay in, pay out, drop."""
        kind = self.chance.choice(tuple(CashKind))
        minor = 5 * self.chance.randint(1, 400)

        def move() -> None:
            with self._writing() as session:
                move_cash(
                    session, self.desk.shop, self.desk.drawer, kind, minor, "stamps", self.desk.actor, self.now()
                )  # fmt: skip

        if self.drawer not in self.facts:
            if self.role != "cashier":
                self.do("move cash, drawer closed", move, refused=DrawerError)
            return
        number, lies = self.facts[self.drawer]
        lies += minor if kind is CashKind.PAID_IN else -minor
        step = {self.drawer: (number, lies), **self.one_more(f"events/{kind}")}
        self.try_to("move cash", move, step, needs=Permission.CASH_IN_OUT)

    def take_cash_back(self) -> None:
        """Undo what was paid in, paid out or dropped in this shift, if there is anything left to undo."""
        if self.drawer not in self.facts:
            return
        with reading(self.engine) as session:
            moved = to_take_back(session, self.desk.shop, self.desk.drawer, self.desk.actor)
        if not moved:
            return
        meant = self.chance.choice(moved)

        def undo() -> None:
            with self._writing() as session:
                take_back(
                    session, self.desk.shop, self.desk.drawer, meant.id, "mistyped", self.desk.actor, self.now()
                )  # fmt: skip

        number, lies = self.facts[self.drawer]
        lies += -meant.amount_minor if meant.kind is CashKind.PAID_IN else meant.amount_minor
        step = {self.drawer: (number, lies), **self.one_more("events/cash_taken_back")}
        self.try_to("take cash back", undo, step, needs=Permission.CASH_IN_OUT)

    def no_sale(self) -> None:
        def open_it() -> None:
            with self._writing() as session:
                open_without_sale(
                    session, self.desk.shop, self.desk.drawer, self.desk.actor, self.now(), "change for the bus"
                )  # fmt: skip

        self.try_to("no sale", open_it, self.one_more("events/no_sale"), needs=Permission.NO_SALE)

    # Reports

    def x(self) -> None:
        def look() -> None:
            with writing(self.engine) as session:
                make_x(session, self.desk.shop, self.desk.actor, self.now())

        self.try_to("x", look, self.one_more("events/x"), needs=Permission.X_REPORT)

    def z(self) -> None:
        """Close the day, with the till's key, which is made the first time."""
        shop = self.desk.shop

        def find_key() -> signing.KeySigner | None:
            with self._writing() as session:
                return signing.ensure_key(session, shop.till, self.keys, "system", self.now())

        key = {} if "closures/new_key" in self.facts else self.one_more("closures/new_key")
        signer = self.do("z, its key", find_key, key)
        assert signer is not None, "the key is lost"

        def make() -> None:
            with self._writing() as session:
                make_z(session, shop, self.desk.actor, self.now(), signer=signer)

        open_drawers = [name for name in DRAWERS if f"drawer {name}" in self.facts]
        if (self.facts.get("open") or open_drawers) and self.role != "cashier":
            self.do("z, something is open", make, refused=CloseBlocked)
        elif not (self.facts.get("open") or open_drawers):
            self._close_day(make)

    def _close_day(self, make: Callable[[], None]) -> None:
        step = self.one_more("zs", "closures/z")
        if self.facts.get("shifts", 0) > self.facts.get("shifts in zs", 0):
            step = {**step, "shifts in zs": self.facts["shifts"]}
            self.try_to("z", make, step, needs=Permission.Z_REPORT)
            return
        try:
            self.try_to("z of a quiet day", make, step, needs=Permission.Z_REPORT)
        except NothingToClose:
            self.do("no z", lambda: None)

    def z_again(self) -> None:
        """A copy of some Z."""
        if "zs" not in self.facts:
            return
        number = self.chance.randint(1, self.facts["zs"])

        def again() -> None:
            with writing(self.engine) as session:
                report = find_z(session, self.desk.shop.till, number)
                print_copy(session, self.desk.shop, report, self.desk.actor, self.now())

        self.try_to("copy of a z", again, self.one_more("copies/copy"), needs=Permission.Z_REPORT)

    def end_of_day(self) -> None:
        """What must be before a Z, and the Z: somebody who may, sales out of the way, drawers closed."""
        while self.role != "supervisor":
            self.at += dt.timedelta(minutes=20)  # whoever has to wait for a PIN has waited then
            self.come()
        if self.desk.training:
            self.stop_training()
        while self.facts.get("open"):
            if self.sale.tenders:
                self.take_back()
            else:
                self.hold()
        for name in DRAWERS:
            if f"drawer {name}" in self.facts:
                self.do("use drawer", partial(self.desk.take_drawer, name))
                self.close_drawer()
        self.z()

    # Practising, and paper

    def train(self) -> None:
        """Begin to practise, or end it where nothing is open."""
        wanted = not self.desk.training
        if self.sale:
            self.do("train, a sale is open", lambda: self.desk.train(wanted), refused=SaleError)
            return
        event = "training/training_on" if wanted else "training/training_off"
        self.try_to(
            "train", lambda: self.desk.train(wanted), self.one_more(event), needs=Permission.TRAINING
        )  # fmt: skip

    def stop_training(self) -> None:
        """End practising: what is open is taken back and given up."""
        while self.sale.tenders:
            self.take_back()
        self.void_sale()
        self.train()

    def print_some(self) -> None:
        """The spooler gets to do its work, or some of it."""

        def work() -> None:
            for _page in range(self.chance.randint(1, 20)):
                if not self.spooler._round():
                    return

        self.do("print", work)

    def printer_fails(self) -> None:
        """It is away, without paper, torn off within a page; or all is well again."""
        way = self.chance.choice(("away", "paper", "torn", "mend", "mend"))
        if way == "torn":
            self.printer.die_in_page(self.chance.randint(1, 20))
        elif way == "mend":
            self.printer.mend()
        else:
            self.printer.fail(Fault.OFFLINE if way == "away" else Fault.NO_PAPER)

    def reprint(self) -> None:
        """The last receipt once more; not while it still waits to be printed."""
        with reading(self.engine) as session:
            job = queue.last_receipt(session, self.desk.shop.till)
        if job is None:
            return

        def again() -> None:
            with writing(self.engine) as session:
                queue.reprint(
                    session, job.id, till=self.desk.shop.till, actor=self.desk.actor, now=self.now()
                )

        if job.state in (queue.JobState.QUEUED, queue.JobState.PRINTING):
            self.do("reprint, it waits", again, refused=queue.PrintingError)
        else:
            self.do("reprint", again, self.one_more("copies/copy"))
