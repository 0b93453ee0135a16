"""What all screens share: keys, pastes and scans reach them through three methods, whatever is being mounted.

Nothing depends on focus, so nothing typed or scanned while a window is opening is lost: it waits until the window
stands, and is then taken in its order.
"""

import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from rich.console import RenderableType
from rich.text import Text

from hardware.ports import KEYBOARD, Scan
from tui_pos.i18n import _
from tui_pos.journal.chain import ClockAhead
from tui_pos.people.access import is_badge
from tui_pos.people.actor import NOBODY, NotAllowed
from tui_pos.sales.layout_repair import Repaired, repair
from tui_pos.screens.entry_buffer import EntryBuffer
from tui_pos.screens.till import Till
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.widgets.bars import MessageBar, Mood
from tui_pos.widgets.painted import Painted, Sheet

log = logging.getLogger(__name__)

LEAST_COLUMNS, LEAST_ROWS = 40, 12
"""The smallest terminal on which the total, the last line and the entry line can stand together."""

MAX_AHEAD = 500
"""Keys and scans that wait for a window; more than any cashier is ahead."""


class KeyedScreen(Sheet[None]):
    """A screen without focus. Subclasses say what keys, text and scans mean by `pressed`, `typed` and `scanned`."""

    def __init__(self) -> None:
        super().__init__()
        self.entry = EntryBuffer()
        self._standing = False
        self._is_small = False
        self._ahead: deque[Callable[[KeyedScreen], None]] = deque(maxlen=MAX_AHEAD)

    def on_mount(self) -> None:
        self._fit()  # before the first layout, or the first picture is that of a narrow terminal
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.call_after_refresh(self._repaint))
        self.show()
        self._standing = True
        self.hand_on()

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)  # or it would hold every window that was ever open

    def _repaint(self) -> None:
        """Draw everything in the colours of another theme."""
        for widget in self.query(Painted):
            widget.forget()
            widget.repaint()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """What fits where is styling: these classes tell it how much room there is."""
        width, height = self.app.size
        self._is_small = width < LEAST_COLUMNS or height < LEAST_ROWS
        self.set_class(self._is_small, "-small")
        self.set_class(width < 60, "-narrow")
        self.set_class(height < 18, "-short")
        self.set_class(width >= 100, "-wide")
        self.set_class(width >= 120, "-wider")
        self.set_class(width >= 140, "-very-wide")
        self.set_class(height >= 32, "-tall")

    def render(self) -> RenderableType:
        """What lies under the widgets: seen where there is no room for any of them."""
        if not self._is_small:
            return super().render()
        text = _(
            "This window is too small: {columns} × {rows}. Make it {least_columns} × {least_rows} or more."
        )
        columns, rows = self.app.size
        return Text(
            text.format(columns=columns, rows=rows, least_columns=LEAST_COLUMNS, least_rows=LEAST_ROWS)
        )

    def take_text(self, text: str) -> None:
        """Printable characters were typed or pasted."""
        self._take(lambda screen: screen.typed(text))

    def take_key(self, key: str) -> None:
        """A key that types nothing was pressed."""
        self._take(lambda screen: screen.pressed(key))

    @property
    def takes_letters_as_keys(self) -> bool:
        """Whether a letter typed now may do something by itself: nothing is typed yet, and nothing waits."""
        return self._standing and not self.entry.text

    @property
    def enter_only_moves(self) -> bool:
        """Whether Enter, pressed now, goes to the next of several entries and keeps nothing."""
        return False

    def take_back(self, characters: int) -> None:
        """So many characters that were typed last belonged to a scan."""
        if characters:
            self._take(lambda screen: screen._untype(characters))

    def _untype(self, characters: int) -> None:
        for _each in range(characters):
            self.entry.edit("backspace")
        self.show()

    def take_scan(self, scan: Scan) -> None:
        """A scanner read a code. It is never typed into a field."""
        self._take(lambda screen: screen.scanned(scan))

    def take_news(self, text: str, mood: Mood) -> None:
        """There is something to say that nobody asked for: of a device, say."""
        self._take(lambda screen: screen.tell(text, mood))

    def take_lights(self) -> None:
        """A device's light has changed; a screen that does not stand yet will show it when it does."""
        if self._standing:
            self._take(lambda screen: screen.devices_changed())

    def _take(self, act: "Callable[[KeyedScreen], None]") -> None:
        if not self._standing:
            self._ahead.append(act)
            return
        try:
            self.attempt(lambda: act(self))
        except DatabaseUnavailable as error:
            log.error("database unavailable: %s", error.__cause__)
            self._front.tell(str(error), Mood.BAD)
        except Exception:  # a till does not die of an exception: it says so, logs it, goes on
            code = secrets.token_hex(3).upper()
            log.exception("unexpected error %s", code)
            self._front.tell(
                _(
                    "Something went wrong (error {code}). What is saved is safe: look at the basket, then go on."
                ).format(code=code),
                Mood.BAD,
            )
        self.send_changes()

    def attempt(self, act: Callable[[], None]) -> None:
        """Do it. A screen that knows who acts lets somebody else allow what they may not."""
        act()

    @property
    def _front(self) -> "KeyedScreen":
        """The screen in front: this one, unless what it did has brought another one there."""
        front = self.app.screen
        return front if isinstance(front, KeyedScreen) else self

    def hand_on(self) -> None:
        """Give what waits here to the screen in front, one by one: each may bring yet another one there."""
        while self._ahead:
            self._front._take(self._ahead.popleft())

    def close(self, then: Callable[[], None] | None = None) -> None:
        """Go away, and do what follows. Whatever was typed or scanned too early is for the screen in front after it."""
        self.app.pop_screen()
        try:
            if then:
                self._front.attempt(then)
        finally:
            self.hand_on()

    def is_typed(self, burst: str) -> bool:
        """Whether what came at a scanner's speed is typing all the same, where programs may type."""
        return False

    def typed(self, text: str) -> None:
        """Put text into the entry line."""
        raise NotImplementedError

    def pressed(self, key: str) -> None:
        """Act on a key."""
        raise NotImplementedError

    def scanned(self, scan: Scan) -> None:
        """Act on a scan. Where a screen has no use for it, it is refused with a sound, and said."""
        self.refuse_scan()

    def badged(self, scan: Scan) -> None:
        """Act on the scan of a badge."""
        self.refuse_scan()

    def show(self) -> None:
        """Bring every widget up to date."""
        raise NotImplementedError

    def tell(self, text: str, mood: Mood = Mood.PLAIN) -> None:
        """Say something; bad news sounds too."""
        raise NotImplementedError

    def tell_more(self, text: str) -> None:
        """Say something beside what was said last."""
        said = self.query_one(MessageBar).text
        self.tell(" ".join(filter(None, (said, text))), Mood.WARNING)

    def refuse_scan(self) -> None:
        """This screen cannot use a scan now."""
        self.tell(
            _("No scan is taken here: go on, or leave with Esc. If you typed it, type it again."), Mood.BAD
        )

    def sound(self) -> None:
        """The terminal's bell."""
        self.app.bell()

    def devices_changed(self) -> None:
        """A light has changed. Only a screen that shows lights cares."""


class TillScreen(KeyedScreen):
    """A screen of the running till, which knows who acts.

    Where somebody else takes the till over, only one that `stays` is still there.
    """

    stays = False

    def __init__(self, till: Till) -> None:
        super().__init__()
        self.till = till
        self.unanswered: Callable[[], None] | None = None  # what follows where it is left without an answer

    def take_key(self, key: str) -> None:
        """A key that types nothing was pressed. That which locks does so in front of every window."""
        if self.till.action_of_key.get(key) == "lock" and self.till.desk.actor is not NOBODY:
            self._take(lambda _screen: self._lock())
        elif self._is_quit(key):
            text = _("The program ends at the counter: leave this first (Esc).")
            self._take(lambda screen: screen.tell(text, Mood.BAD))
        else:
            super().take_key(key)

    def _is_quit(self, key: str) -> bool:
        """Whether somebody wants to end the program in a window, where what they began would be lost."""
        nobody = self.till.desk.actor is NOBODY
        return self.till.action_of_key.get(key) == "quit" and not self.stays and not nobody

    def _lock(self) -> None:
        from tui_pos.screens.access import lock

        lock(self.app, self.till, "lock")

    def take_scan(self, scan: Scan) -> None:
        """A scanner read a code. It is never typed into a field, and a badge is never sold."""
        repaired = self._repaired(scan)
        scan = replace(scan, data=repaired.code)
        if is_badge(scan.data, self.till.shop.badge_prefix):
            self._take(lambda screen: screen.badged(scan))
        else:
            super().take_scan(scan)
        if self.till.is_new_advice(repaired.advice):
            self._front._take(lambda screen: screen.tell_more(repaired.advice))

    def _repaired(self, scan: Scan) -> Repaired:
        """The code as it was meant: what a scanner typed may have been typed on another keyboard."""
        if scan.source != KEYBOARD:
            return Repaired(scan.data)
        shop = self.till.shop
        try:
            return repair(self.till.desk.engine, shop, scan.data, shop.business_date(self.till.now()))
        except DatabaseUnavailable:  # the act itself says so
            return Repaired(scan.data)

    def attempt(self, act: Callable[[], None]) -> None:
        """Do it; where whoever acts may not, somebody else may allow it, and it is then done as it was meant.

        Where the clock has leapt far ahead, somebody is asked about it first.

        An act that has begun to take itself apart (taken the entry, left the window) goes through here itself, so
        that it can be done again.
        """
        try:
            act()
        except NotAllowed as refused:
            from tui_pos.screens.approval import ask_approval

            ask_approval(self._till_front(), refused, act)
        except ClockAhead as error:
            from tui_pos.screens.clock import ask_clock

            ask_clock(self._till_front(), error)

    def _till_front(self) -> "TillScreen":
        front = self.app.screen
        return front if isinstance(front, TillScreen) else self

    def abandoned(self) -> None:
        """This window went away without an answer, since somebody else has come."""
        if self.unanswered:
            self.unanswered()

    def sound(self) -> None:
        """The terminal's bell, unless the shop is a quiet one."""
        if self.till.sound:
            super().sound()
