"""The Textual App: which screen is up, where keys and scans go, and what background threads report."""

import datetime as dt
import gc
import os
import time
from collections.abc import Callable

os.environ.setdefault("TEXTUAL_FPS", "250")  # a scanned line waits at most 4 ms for its frame, not 16
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from textual.await_complete import AwaitComplete
from textual.events import Event
from textual.message import Message

from hardware.ports import Scan, ScannerState
from tui_pos.people.actor import NOBODY
from tui_pos.printing.spooler import PrinterState
from tui_pos.screens.access import LogIn, lock, lock_where_changed
from tui_pos.screens.base import TillScreen
from tui_pos.screens.counter import Counter
from tui_pos.screens.keyed_app import KeyedApp
from tui_pos.screens.lights import (
    News,
    backup_news,
    clock_news,
    printer_news,
    scanner_news,
)
from tui_pos.screens.till import Till
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.widgets.bars import Mood

SEE_RIGHTS_S = 5
"""How often it is looked whether whoever stands at the till still may: apart from any scan."""

SWEEP_AFTER_S = 0.2
"""How long after a window has gone away its garbage is collected: its end is painted, and nobody scans so soon."""


class ScanArrived(Event):
    """A scanner's thread has read a code. As an event it reaches the app as directly as a key does."""

    def __init__(self, scan: Scan) -> None:
        super().__init__()
        self.scan = scan


class ScannerChanged(Message):
    """A scanner came or went."""

    def __init__(self, state: ScannerState) -> None:
        super().__init__()
        self.state = state


class PrinterChanged(Message):
    """The spooler has news of the printer or of a page."""

    def __init__(self, state: PrinterState) -> None:
        super().__init__()
        self.state = state


class BackupFailed(Message):
    """The books could not be copied; the text says why."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class BackupMissed(Message):
    """A folder of backups has not been there for long, as the text says; None: not any more."""

    def __init__(self, text: Callable[[], str] | None) -> None:
        super().__init__()
        self.text = text


class ClockSetBack(Message):
    """The machine's clock is behind what the journal says, or was set back just now."""

    def __init__(self, by: dt.timedelta) -> None:
        super().__init__()
        self.by = by


class TillApp(KeyedApp):
    """The program on the screen."""

    CSS_PATH = "app.tcss"

    def __init__(self, till: Till, *, wedge: bool = True, macros: bool = False) -> None:
        super().__init__(theme=till.theme, wedge=wedge, macros=macros)
        self.till = till
        self.on_ready: Callable[[], None] | None = None  # called once the counter stands
        self._last_touched_s = time.monotonic()

    def on_mount(self) -> None:
        try:
            screens = [Counter(self.till), *([LogIn(self.till)] if self.till.desk.actor is NOBODY else [])]
        except DatabaseUnavailable as error:  # damaged books, say: nobody can log in
            self.exit(return_code=1, message=str(error))
            return
        for screen in screens:
            self.push_screen(screen)
        if self.till.rules.idle_lock_s:
            self.set_interval(1, self.lock_when_idle)
        self.set_interval(SEE_RIGHTS_S, self.lock_where_changed)
        if self.on_ready:
            self.call_after_refresh(self.on_ready)

    def pop_screen(self) -> AwaitComplete:
        """Take the window in front away, and soon what it leaves behind: thousands of objects that hold each other.

        Left to Python they pile up to some 10 MB, until it looks for them in the middle of a scan. It is quick where
        what the start has built is frozen, as in the till.
        """
        gone = super().pop_screen()
        if gc.get_freeze_count():
            self.set_timer(SWEEP_AFTER_S, gc.collect)
        return gone

    def touched(self) -> None:
        self._last_touched_s = time.monotonic()

    @property
    def front(self) -> TillScreen:
        """The screen in front."""
        screen = self.screen
        assert isinstance(screen, TillScreen)
        return screen

    async def on_event(self, event: Event) -> None:
        if isinstance(event, ScanArrived):
            self.touched()
            self.front.take_scan(event.scan)
        else:
            await super().on_event(event)

    def lock_when_idle(self) -> None:
        """Lock the till once nobody has touched it for as long as the settings say."""
        idle_s = time.monotonic() - self._last_touched_s
        if idle_s >= self.till.rules.idle_lock_s and self.till.desk.actor is not NOBODY:
            lock(self, self.till, "idle")

    def lock_where_changed(self) -> None:
        """Lock the till where whoever stands there may not do what they could when they came."""
        lock_where_changed(self, self.till)

    def on_scanner_changed(self, message: ScannerChanged) -> None:
        before, self.till.scanner = self.till.scanner, message.state
        self._tell(scanner_news(before, message.state))

    def on_printer_changed(self, message: PrinterChanged) -> None:
        before, self.till.printer = self.till.printer, message.state
        self._tell(printer_news(before, message.state))

    def on_backup_failed(self, message: BackupFailed) -> None:
        self.front.take_news(backup_news(message.text), Mood.WARNING)

    def on_backup_missed(self, message: BackupMissed) -> None:
        if message.text is None:
            self.till.worries.pop("backup", None)
        else:
            self._worry("backup", message.text)

    def on_clock_set_back(self, message: ClockSetBack) -> None:
        self._worry("clock", lambda: clock_news(message.by))

    def _worry(self, kind: str, text: Callable[[], str]) -> None:
        """Tell whoever is there, and the owner again at each log-in: it is gone with the next message."""
        self.till.worries[kind] = text
        self.front.take_news(text(), Mood.WARNING)

    def _tell(self, news: News | None) -> None:
        """Lights on every screen, since one that comes to the front again must not show what is no longer so."""
        for screen in self.screen_stack:
            if isinstance(screen, TillScreen):
                screen.take_lights()
        if news is not None:
            self.front.take_news(*news)
