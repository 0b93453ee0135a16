"""What a question of the set-up is, and the steps that questions belong to."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tui_pos.i18n import _
from tui_pos.setup.answers import Answer


class Kind(Enum):
    """How a question is answered."""

    TEXT = auto()
    CHOICE = auto()
    PIN = auto()  # typed, and shown as dots
    SCAN = auto()  # nothing to answer: whatever is scanned is told
    PRINT = auto()  # its first choice prints a page
    SUMMARY = auto()  # Enter does it all


class Step(Enum):
    """The parts of the set-up, in their order."""

    LANGUAGE = auto()
    SHOP = auto()
    MONEY = auto()
    TILL = auto()
    SCANNER = auto()
    PRINTER = auto()
    OWNER = auto()
    BACKUP = auto()
    SUMMARY = auto()


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers, and all that it settles. `codes` are short names that it is known by, too."""

    name: str
    values: Mapping[str, Answer]
    right: str = ""
    codes: tuple[str, ...] = ()

    def closeness(self, typed: str) -> int | None:
        """How well what was typed names it, 0 the best; None where it does not.

        Its code or whole name comes first, then how it begins, how a word in it begins, and what it holds anywhere.
        """
        typed = typed.casefold()
        name, right = self.name.casefold(), self.right.casefold()
        if typed in (name, *(code.casefold() for code in self.codes)):
            return 0
        if name.startswith(typed):
            return 1
        words = re.split(r"[\s(-]+", f"{name} {right}")
        if any(word.startswith(typed) for word in words) or f" {typed}" in f"{name} {right}":
            return 2
        return 3 if typed in f"{name} {right}" else None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `key` names it, `name` in one or two words, and `text` says what the answer is for.

    `typed` says what a typed text settles; where it is None one of the options must be taken. `doubt` says what speaks
    against a typed text, which is then taken at a second Enter. `facts` are shown below.
    """

    key: str
    step: Step
    name: str
    text: str
    kind: Kind = Kind.TEXT
    initial: str = ""
    typed: Callable[[str], Mapping[str, Answer]] | None = None
    doubt: Callable[[str], str] = lambda _text: ""
    options: Callable[[], Sequence[Option]] = tuple
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What is plugged in: addresses, and in words what is there."""

    serial_ports: tuple[tuple[str, str], ...] = ()
    printers: tuple[tuple[str, str, str], ...] = ()  # kind (file or usb), address, words


def step_names() -> Mapping[Step, str]:
    """What the steps are called."""
    return {
        Step.LANGUAGE: _("Language"),
        Step.SHOP: _("Shop"),
        Step.MONEY: _("Money and tax"),
        Step.TILL: _("Till"),
        Step.SCANNER: _("Scanner"),
        Step.PRINTER: _("Printer"),
        Step.OWNER: _("Owner"),
        Step.BACKUP: _("Backups"),
        Step.SUMMARY: _("Summary"),
    }
