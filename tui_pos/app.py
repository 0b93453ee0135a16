"""The Textual App: which screen is up, where keys and scans go, and what background threads report."""

import os
from collections.abc import Callable

os.environ.setdefault("TEXTUAL_FPS", "250")  # a scanned line waits at most 4 ms for its frame, not 16
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from textual import events
from textual.app import App
from textual.message import Message
from textual.theme import Theme

from hardware.ports import Scan, ScannerFault, ScannerState
from tui_pos.i18n import _, ngettext
from tui_pos.printing.spooler import PrinterState
from tui_pos.printing.words import fault_text, light_text
from tui_pos.screens.base import TillScreen
from tui_pos.screens.counter import Counter
from tui_pos.screens.keyboard import Keyboard
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import Light, Mood

THEMES = (
    Theme(
        "till-dark",
        primary="#7aa2f7", secondary="#a9b1d6", accent="#7dcfff", foreground="#d5d9e6", background="#14161e",
        surface="#1b1e2a", panel="#262b3d", success="#9ece6a", warning="#e0af68", error="#f7768e", dark=True,
    ),
    Theme(
        "till-light",
        primary="#1f4fbf", secondary="#44506b", accent="#005f87", foreground="#1c2333", background="#f6f5f1",
        surface="#fffefb", panel="#e4e2da", success="#2a6b1f", warning="#8a5a00", error="#b3202c", dark=False,
    ),
    Theme(
        "till-high-contrast",
        primary="#ffff00", secondary="#ffffff", accent="#00ffff", foreground="#ffffff", background="#000000",
        surface="#000000", panel="#333333", success="#00ff00", warning="#ffff00", error="#ff6060", dark=True,
    ),
)  # fmt: skip


class ScanArrived(Message):
    """A scanner's thread has read a code."""

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


class TillApp(App[None]):
    """The program on the screen."""

    CSS_PATH = "app.tcss"
    TITLE = "tui-pos"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []

    def __init__(self, till: Till, *, wedge: bool = True) -> None:
        super().__init__()
        self.till = till
        self.on_ready: Callable[[], None] | None = None  # called once the counter stands
        self._keyboard = Keyboard(self, lambda: self.front, scanner=wedge)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = f"till-{till.theme}"

    def on_mount(self) -> None:
        self.push_screen(Counter(self.till))
        if self.on_ready:
            self.call_after_refresh(self.on_ready)

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes go to the screen in front, not to a focused widget: there is none to wait for."""
        if isinstance(event, events.Key) and isinstance(self.screen, TillScreen):
            self._keyboard.key(event)
        elif isinstance(event, events.Paste) and isinstance(self.screen, TillScreen):
            self.front.take_text(" ".join(event.text.split()))
        else:
            await super().on_event(event)

    @property
    def front(self) -> TillScreen:
        """The screen in front."""
        screen = self.screen
        assert isinstance(screen, TillScreen)
        return screen

    def on_scan_arrived(self, message: ScanArrived) -> None:
        self.front.take_scan(message.scan)

    def on_scanner_changed(self, message: ScannerChanged) -> None:
        state = message.state
        if state.connected and state.fault is None:
            light = Light(_("scanner"), _("ready"), Mood.GOOD)
        elif state.connected:
            light = Light(_("scanner"), _("code lost"), Mood.WARNING)
        else:
            light = Light(_("scanner"), scanner_word(state.fault), Mood.BAD)
        before, self.till.scanner_light = self.till.scanner_light, light
        self._show_lights()
        if before == light:
            return
        if light.mood is Mood.BAD:
            self.front.take_news(
                _("The scanner is gone ({word}): check its cable. Codes can be typed.").format(
                    word=light.word
                ),
                Mood.BAD,
            )
        elif light.mood is Mood.WARNING:
            self.front.take_news(_("A code was cut off and not sold: scan it again."), Mood.BAD)
        elif before is not None and before.mood is Mood.BAD:
            self.front.take_news(_("The scanner is back."), Mood.GOOD)

    def _show_lights(self) -> None:
        """On every screen, since one that comes to the front again must not show what is no longer so."""
        for screen in self.screen_stack:
            if isinstance(screen, TillScreen):
                screen.take_lights()

    def on_printer_changed(self, message: PrinterChanged) -> None:
        state = message.state
        word = light_text(state.status)
        waiting = ngettext("{count} page waits", "{count} pages wait", state.waiting).format(
            count=state.waiting
        )
        if state.status.fault is not None:
            light = Light(_("printer"), f"{word}, {waiting}" if state.waiting else word, Mood.BAD)
        elif word:
            light = Light(_("printer"), word, Mood.WARNING)
        else:
            light = Light(_("printer"), _("ready"), Mood.GOOD)
        before, self.till.printer_light = self.till.printer_light, light
        self._show_lights()
        job = state.job
        if job is not None and job.fault:
            lost = _("{title} was NOT printed. {what} Then: /reprint.")
            title = job.title or _("The drawer pulse")
            self.front.take_news(lost.format(title=title, what=fault_text(job.fault)), Mood.BAD)
        elif state.status.fault is not None and (before is None or before.mood is not Mood.BAD):
            self.front.take_news(fault_text(state.status.fault) + " " + _("Selling goes on."), Mood.WARNING)


def scanner_word(fault: ScannerFault | None) -> str:
    """One or two words beside the scanner's light."""
    words = {
        ScannerFault.MISSING: _("not there"),
        ScannerFault.BUSY: _("in use elsewhere"),
        ScannerFault.REFUSED: _("no permission"),
        ScannerFault.LOST: _("unplugged"),
    }
    return words.get(fault, _("error")) if fault else _("off")
