"""The baseline of a scan: the smallest Textual app that paints one line on Enter."""

from rich.segment import Segment
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Lines(Widget):
    """Paints one more line on each Enter, and only that one."""

    can_focus = True
    count = 0

    def render_line(self, y: int) -> Strip:
        number = self.count - (self.count - 1 - y) % self.size.height
        return Strip([Segment(f"line {number} " if number > 0 else "")])

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            self.count += 1
            self.refresh(Region(0, (self.count - 1) % self.size.height, self.size.width, 1))


class Smallest(App[None]):
    """One widget."""

    def compose(self) -> ComposeResult:
        yield Lines()

    def on_mount(self) -> None:
        self.query_one(Lines).focus()


if __name__ == "__main__":
    Smallest().run(mouse=False)
