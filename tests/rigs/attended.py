"""A till without a screen whose acts are foretold: each says what it will make of the facts, and then that it did.

Here are the people at it: who logs in, who locks it, whose PIN is wrong, and who allows what somebody else may not do.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine

from tests.rigs.dying import Death
from tests.rigs.facts import Change, Facts, Open, WrongPins, changed
from tests.rigs.people import BADGE, PINS, ROLES
from tui_pos.people import access
from tui_pos.people.access import AccessDenied, AccessRules, Credentials, Locked, LockedOut
from tui_pos.people.actor import NOBODY, Actor, NotAllowed
from tui_pos.people.permissions import Permission
from tui_pos.sales import attending
from tui_pos.sales.desk import Desk
from tui_pos.sales.shop import Shop

NOT_FOR_CASHIERS = frozenset(
    {
        Permission.VOID_SALE, Permission.TAKE_BACK_TENDER, Permission.NO_SALE, Permission.CASH_IN_OUT,
        Permission.X_REPORT, Permission.Z_REPORT, Permission.TRAINING,
    }
)  # fmt: skip
LIMITS_PERCENT = {"owner": 100, "supervisor": 50, "cashier": 10}
AT_THE_TILL = ("Cleo", "Cleo", "Cleo", "Bo", "Ada")
WAITS_S = (0, 0, 0, 0, 5, 15, 60, 300, 900)
"""How long the next PIN waits after so many wrong ones in a row; the last one stays."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An act begins: it changes the facts in these steps, one commit each."""

    act: str
    steps: tuple[Change, ...]
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """The act has ended: all of its steps are made, or it was refused and made none."""

    refused: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """A page came out whole."""

    title: str
    copy: bool


class Attended:
    """The till, the facts as they must be, and who is at it. Everything random is drawn from `chance`."""

    def __init__(
        self, engine: Engine, shop: Shop, chance: random.Random, facts: Facts, start: dt.datetime,
        telling: Connection, death: Death,
    ) -> None:  # fmt: skip
        self.engine = engine
        self.chance = chance
        self.facts = facts
        self.at = start
        self.telling = telling
        self.death = death
        self.desk = Desk(engine, shop, NOBODY, self.now)
        self.left_by = ""

    def now(self) -> dt.datetime:
        """A second goes by each time that somebody looks."""
        self.at += dt.timedelta(seconds=1)
        return self.at

    # Acts

    def do(
        self, act: str, do: Callable[[], Any], *steps: Change, refused: type[Exception] | None = None
    ) -> Any:
        """One act, foretold and told. With `refused` it must be refused so, whatever steps it still makes.

        What else it raises, such as NotAllowed, is raised on: then nothing was done.
        """
        self.telling.send(Begun(act, steps, self.at))
        self.death.begin(act)
        try:
            result = do()
        except Exception as error:
            if refused is not None and isinstance(error, refused):
                return self._told(steps)
            self.telling.send(Ended(refused=True))
            raise
        assert refused is None, f"{act} was not refused with {refused}"
        self._told(steps)
        return result

    def _told(self, steps: tuple[Change, ...]) -> None:
        self.death.step()
        for step in steps:
            self.facts = changed(self.facts, step)
        self.telling.send(Ended())

    def try_to(
        self, act: str, do: Callable[[], Any], *steps: Change, needs: Permission | None = None
    ) -> None:
        """The same for what may want somebody's permission: who lacks it asks for it, or lets it be.

        Without `needs` it is a limit that the act may go beyond.
        """
        may = self.may(needs)
        try:
            self.do(act, do, *steps)
            assert may, f"{self.who} did what a {self.role} may not do: {act}"
        except NotAllowed as error:
            assert needs is None or not may, f"{self.who} could not do what a {self.role} may do: {act}"
            if self.chance.random() < 0.8:
                self._with_leave(act, do, steps, error)

    def one_more(self, *names: str) -> Change:
        """These counts go up by one."""
        return {name: self.facts.get(name, 0) + 1 for name in names}

    # People

    @property
    def who(self) -> str:
        """The name of who is at the till; empty where nobody is."""
        return self.desk.actor.name

    @property
    def role(self) -> str:
        return self.desk.actor.role

    def may(self, needs: Permission | None) -> bool:
        """Whether who is at the till may do such acts. Whether a limit allows one is not known before."""
        return self.role != "cashier" or needs not in NOT_FOR_CASHIERS

    def come(self) -> None:
        """Somebody logs in, by PIN or badge, and takes the open sale over."""
        who = self.chance.choice(AT_THE_TILL)
        shown, right = self._shown(who)

        def check() -> Actor:
            return access.log_in(self.engine, self.desk.shop.till, shown, AccessRules(), self.at)

        actor = self._knock("log in", who, check, right=right, event="log_in")
        if actor is None:
            return
        basket: Open = self.facts.get(self.place, Open(""))
        handed = bool(basket) and who != (self.who or self.left_by or basket.opened_by)
        step = self.one_more("events/hand_over") if handed else {}
        assert self.do("take over", lambda: attending.take_over(self.desk, actor), step) == handed
        self.left_by = who

    def go(self) -> None:
        """Whoever is there locks the till."""
        who = self.who
        self.do("lock", lambda: attending.leave(self.desk, "lock"), self.one_more("events/log_out"))
        self.left_by = who

    def a_stranger_tries(self) -> None:
        """Somebody types a name that nobody has."""
        shown = Credentials(who="Mallory", pin="4711")
        self.do(
            "log in as nobody",
            lambda: access.log_in(self.engine, self.desk.shop.till, shown, AccessRules(), self.at),
            self.one_more("events/log_in_refused"),
            refused=AccessDenied,
        )

    @property
    def place(self) -> str:
        """The fact that holds the sale on the screen."""
        return "open training" if self.desk.training else "open"

    def _shown(self, who: str) -> tuple[Credentials, bool]:
        """What they show, and whether it is right: Bo mostly has the badge at hand; a PIN is wrong now and then."""
        if who == "Bo" and self.chance.random() < 0.6:
            return Credentials(badge=BADGE), True
        right = self.chance.random() < 0.7
        return Credentials(who=who, pin=PINS[who] if right else "9182"), right

    def _knock(
        self, act: str, who: str, check: Callable[[], Actor], *, right: bool, event: str, lacks: bool = False
    ) -> Actor | None:
        """What somebody shows is looked at, once: let in, refused, or not looked at since it comes too early."""
        name = f"wrong PINs of {who}"
        now = self.now()
        before: WrongPins = self.facts.get(name, WrongPins(0, now))
        until = min(
            before.until, _waits(before.failures, now)
        )  # a clock that was set back makes no wait longer
        if before.failures >= AccessRules().lock_after:
            self.do(f"{act}, locked", check, refused=Locked)
            return None
        if until > now:
            waits = WrongPins(before.failures, until)
            self.do(f"{act}, too early", check, {name: waits}, refused=LockedOut)
            return None
        failures = before.failures + 1
        counted = WrongPins(failures, _waits(failures, now))
        if not right:
            refusal = self.one_more("events/log_in_refused")
            self.do(f"{act}, wrong PIN", check, {name: counted}, refusal, refused=AccessDenied)
            return None
        if lacks:
            forgiven = WrongPins(before.failures, now) if before.failures else None
            self.do(f"{act}, in vain", check, {name: counted}, {name: forgiven}, refused=NotAllowed)
            return None
        let_in = {name: None, **self.one_more(f"events/{event}")}
        actor: Actor = self.do(act, check, {name: counted}, let_in)
        return actor

    def _with_leave(
        self, act: str, do: Callable[[], Any], steps: tuple[Change, ...], refused: NotAllowed
    ) -> None:
        """Somebody who may do it allows it; whoever asked does it. Or who was asked may not, or fails."""
        who = self.chance.choice(("Bo", "Bo", "Bo", "Ada", "Cleo"))
        shown, right = self._shown(who)
        asking = self.desk.actor

        def check() -> Actor:
            rules, till = AccessRules(), self.desk.shop.till
            return access.approve(self.engine, till, shown, rules, refused, asking, "for a customer", self.at)

        lacks = not _may_allow(who, refused)
        allowed = self._knock("allow", who, check, right=right, event="approval", lacks=lacks)
        if allowed is None:
            return
        self.desk.actor = allowed
        try:
            self.do(f"{act}, allowed", do, *steps)
        except NotAllowed as error:
            if (
                not error.of_minor
            ):  # or another line of the same sale went further than the one that was asked for
                raise
        finally:
            self.desk.actor = asking


def _waits(failures: int, now: dt.datetime) -> dt.datetime:
    """Until when, after so many wrong PINs in a row."""
    return now + dt.timedelta(seconds=WAITS_S[min(failures, len(WAITS_S) - 1)])


def _may_allow(who: str, refused: NotAllowed) -> bool:
    role = ROLES[who]
    if refused.of_minor or refused.off_minor:
        return refused.off_minor <= -(-LIMITS_PERCENT[role] * refused.of_minor // 100)
    return role != "cashier" or refused.permission not in NOT_FOR_CASHIERS
