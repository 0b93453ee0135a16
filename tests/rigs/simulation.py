"""A shop at random: tills without a screen act, die at any step, and start again; after each death all must be right.

A seed says everything: who does what, how the printer fails, and at which statement of which act the till dies. So the
same seed does the same again, whatever machine it runs on.
"""

import datetime as dt
import multiprocessing
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tests.rigs.attended import Begun, Ended, Printed
from tests.rigs.books import check_books
from tests.rigs.day_sums import check_returns, check_shifts, check_zs
from tests.rigs.facts import Facts, changed, read_facts
from tests.rigs.people import NOW, OWNER, take_on
from tests.rigs.shop import stock_shop
from tui_pos.reports.audit import verify_books
from tui_pos.storage.engine import reading

LONGEST_PAUSE_S, LONGEST_SETBACK_S = 4 * 3600, 1800


@dataclass
class Heard:
    """What a till told until it died: its acts, the facts as they must be, and the act that it may have died in."""

    facts: Facts
    at: dt.datetime
    acts: Counter[str] = field(default_factory=Counter)
    begun: Begun | None = None
    printed: Counter[str] = field(default_factory=Counter)
    broken: str = ""

    def hear(self, news: Any) -> None:
        match news:
            case Begun():
                self.begun, self.at = news, news.at
            case Ended(refused):
                assert self.begun is not None
                for step in () if refused else self.begun.steps:
                    self.facts = changed(self.facts, step)
                self.acts[f"{self.begun.act}, refused" if refused else self.begun.act] += 1
                self.begun = None
            case Printed(title, copy):
                self.printed[title] += not copy
            case str():
                self.broken = news

    @property
    def possible(self) -> list[Facts]:
        """The states it may be left in: as told, or so many steps of one act further."""
        states = [self.facts]
        for step in self.begun.steps if self.begun else ():
            states.append(changed(states[-1], step))
        return states

    @property
    def place(self) -> str:
        """Where it died."""
        return f"in “{self.begun.act}”" if self.begun else "between two acts"


@dataclass
class Simulation:
    """One shop on an empty, migrated database, and all that was done in it."""

    engine: Engine
    folder: Path
    tell: Callable[[str], None] = lambda _text: None
    acts: Counter[str] = field(default_factory=Counter)
    deaths: list[str] = field(default_factory=list)
    printed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        stock_shop(self.engine)
        take_on(self.engine)
        self.at = NOW
        self.facts = read_facts(self.engine)

    def run(self, rounds: int, seed: int) -> None:
        """Act and die, `rounds` times. Raises AssertionError that says what went wrong, and how to see it again."""
        for number in range(seed, seed + rounds):
            try:
                heard = self._round(number)
            except Exception as error:
                again = f'make soak ARGS="--only simulation --seed {seed} --rounds {number - seed + 1}"'
                raise AssertionError(f"seed {number}: {error}\n\nAgain: {again}") from error
            self.tell(f"seed {number}: {heard.acts.total()} acts, died {heard.place}: all is right")

    def _round(self, seed: int) -> Heard:
        # At times the clock is back a little when the till starts again.
        pause_s = random.Random(-seed).randint(-LONGEST_SETBACK_S, LONGEST_PAUSE_S)
        heard = Heard(self.facts, self.at + dt.timedelta(seconds=pause_s))
        self._let_it_live(heard, seed)
        self.acts += heard.acts
        self.at = heard.at
        self.deaths.append(heard.place)
        self.facts = self._found(heard)
        self.printed += heard.printed
        check_printed(self.printed)
        check_all(self.engine)
        return heard

    def _let_it_live(self, heard: Heard, seed: int) -> None:
        """Start a till, and listen until it is dead."""
        processes = multiprocessing.get_context("forkserver")
        processes.set_forkserver_preload(["tests.rigs.simulated_till"])
        hearing, telling = processes.Pipe(duplex=False)
        url = self.engine.url.render_as_string(hide_password=False)
        life = (url, self.folder, seed, heard.facts, heard.at, telling)
        till = processes.Process(target=_live, args=life, daemon=True)
        till.start()
        telling.close()
        try:
            _listen(hearing, heard)
        finally:
            till.kill()
            till.join()
        assert not heard.broken, f"the till broke down {heard.place}:\n{heard.broken}"
        assert till.exitcode == -signal.SIGKILL, f"it ended by itself, with {till.exitcode}"

    def _found(self, heard: Heard) -> Facts:
        """What the books hold; it must be what was told, or what the act it died in makes of it."""
        found = read_facts(self.engine)
        possible = heard.possible
        assert found in possible, f"it died {heard.place}; {_difference(found, possible[-1])}"
        return found


def _live(*life: Any) -> None:
    from tests.rigs.simulated_till import simulate

    simulate(*life)


def _listen(hearing: Connection, heard: Heard) -> None:
    try:
        while True:
            heard.hear(hearing.recv())
    except EOFError:
        pass


def _difference(found: Facts, wanted: Facts) -> str:
    names = [name for name in sorted({*found, *wanted}) if found.get(name) != wanted.get(name)]
    return "; ".join(f"{name} is {found.get(name)}, not {wanted.get(name)}" for name in names)


def check_printed(printed: Counter[str]) -> None:
    """No receipt and no Z came out twice but as a copy."""
    twice = [title for title, times in printed.items() if times > 1 and title.startswith(("Receipt", "Z"))]
    assert not twice, f"printed twice: {twice}"


def check_all(engine: Engine) -> None:
    """Every table against every other, by sums over raw rows, and the journal with its signatures."""
    check_books(engine)
    with reading(engine) as session:
        check_returns(session)
        check_shifts(session)
        check_zs(session)
        verify_books(session, OWNER)
