"""What every screen may use, handed to it by bootstrap."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hardware.ports import ScannerState
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_money, format_quantity, format_time
from tui_pos.payments.shifts import drawer_label
from tui_pos.people.access import AccessRules
from tui_pos.people.actor import Actor
from tui_pos.printing.spooler import PrinterState
from tui_pos.sales.desk import Desk
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Line
from tui_pos.screens.lights import printer_light, scanner_light
from tui_pos.widgets.bars import Light

if TYPE_CHECKING:
    from tui_pos.journal.signing import Signer


@dataclass(slots=True)
class Till:
    """The running till: its open sale, its settings as values, and how its devices are."""

    shop: Shop
    desk: Desk
    keys: Mapping[str, tuple[str, ...]]
    now: Callable[[], dt.datetime]
    wake_spooler: Callable[[], None]
    sound: bool = True
    theme: str = "dark"
    scanner: ScannerState | None = None  # as it said last
    printer: PrinterState | None = None
    paper: Callable[[], tuple[str, ...]] | None = None  # the simulated printer's pages
    find_signer: Callable[[], "Signer | None"] = lambda: None  # for the closure of a Z
    codes_to_try: tuple[tuple[str, str], ...] = ()  # (code, what it shows): the demo's list
    rules: AccessRules = field(default_factory=AccessRules)
    language: str = "en"  # of who has chosen none
    shown_pins: Mapping[str, str] = field(default_factory=dict)  # the demo's, by name
    worries: dict[str, Callable[[], str]] = field(default_factory=dict)
    """What whoever keeps the settings is told at each log-in, in their language, until it is seen to; by its kind."""
    action_of_key: dict[str, str] = field(init=False)
    _advice_given: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.action_of_key = {key: action for action, keys in self.keys.items() for key in keys}

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """For one act somebody else's permission counts, too."""
        before = self.desk.actor
        self.desk.actor = actor
        try:
            yield
        finally:
            self.desk.actor = before

    def is_new_advice(self, advice: str) -> bool:
        """Whether this advice was not given yet since the program started: each is given once."""
        new = bool(advice) and advice not in self._advice_given
        self._advice_given.add(advice)
        return new

    def money(self, minor: int) -> str:
        """An amount as the shop writes it."""
        return format_money(minor, self.shop.rules.currency, self.shop.locale)

    def quantity(self, line: Line) -> str:
        """A line's quantity; the unit is said where it is not the piece."""
        return format_quantity(line.quantity, line.unit, self.shop.locale)

    def person(self) -> str:
        """Who is at the till; while practising, the status bar says so on every screen."""
        name = self.desk.actor.name
        if self.desk.training:
            return _("TRAINING · {name}").format(name=name)
        return " · ".join(part for part in (name, self._shift()) if part)

    def _shift(self) -> str:
        """Since when the drawer in use is open; nothing where it is closed and need not be open."""
        shift, rules = self.desk.shift, self.shop.drawer
        if shift is None:
            words = _("drawer closed") if rules.required else ""
        else:
            since = format_time(shift.opened_at.astimezone(self.shop.zone), self.shop.locale)
            words = _("shift {number}, since {time}").format(number=shift.number, time=since)
        return f"{drawer_label(self.desk.drawer)}: {words}" if words and len(rules.names) > 1 else words

    def lights(self) -> tuple[Light, ...]:
        """How the devices are, in the language of whoever is there now."""
        scanner = None if self.scanner is None else scanner_light(self.scanner)
        printer = None if self.printer is None else printer_light(self.printer)
        return tuple(light for light in (scanner, printer) if light)

    def clock(self) -> str:
        """The time of day in the shop's zone."""
        return format_time(self.now().astimezone(self.shop.zone), self.shop.locale)

    def key_name(self, action: str) -> str:
        """The first key of an action, as the legend writes it; empty where it has none."""
        keys = self.keys.get(action, ())
        return key_label(keys[0]) if keys else ""


def key_label(key: str) -> str:
    """A key as printed on a keyboard: `f2` is F2, `ctrl+x` is ^X."""
    named = {
        "question_mark": "?",
        "delete": "Del",
        "enter": "⏎",
        "escape": "Esc",
        "up": "↑",
        "down": "↓",
        "backspace": "⌫",
    }
    if key in named:
        return named[key]
    if key.startswith("ctrl+"):
        return f"^{key[5:].upper()}"
    return key.upper() if len(key) <= 3 else key.capitalize()
