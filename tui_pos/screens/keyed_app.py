"""What the programs on the screen share: their looks, and where keys go."""

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from tui_pos.screens.base import KeyedScreen
from tui_pos.screens.driver import TillDriver
from tui_pos.screens.keyboard import Keyboard
from tui_pos.widgets.themes import THEMES


class KeyedApp(App[None]):
    """Keys and pastes go to the screen in front, not to a focused widget: there is none to wait for.

    With `wedge` a scanner that types is told from a person, and with `macros` from a program that types.
    `theme` is one of display.theme.
    """

    TITLE = "tui-pos"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []

    def __init__(self, *, theme: str, wedge: bool, macros: bool = False) -> None:
        super().__init__()
        self._keyboard = Keyboard(self, lambda: self.keyed, scanner=wedge, macros=macros)
        for each in THEMES:
            self.register_theme(each)
        self.theme = f"till-{theme}"

    def get_driver_class(self) -> type[Driver]:
        """Ours in place of Textual's own for terminals; another one may be asked for by TEXTUAL_DRIVER."""
        chosen = super().get_driver_class()
        return TillDriver if chosen is LinuxDriver else chosen

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste):
            self.touched()
        if isinstance(event, events.Key) and isinstance(self.screen, KeyedScreen):
            self._keyboard.key(event)
        elif isinstance(event, events.Paste) and isinstance(self.screen, KeyedScreen):
            self.keyed.take_text(" ".join(event.text.split("\n")).strip(" \r"))
        else:
            await super().on_event(event)

    def touched(self) -> None:
        """Somebody is there."""

    @property
    def keyed(self) -> KeyedScreen:
        """The screen in front."""
        screen = self.screen
        assert isinstance(screen, KeyedScreen)
        return screen
