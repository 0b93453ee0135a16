"""The text being typed, and where in it: kept apart from any widget, so that no key waits for one."""

from dataclasses import dataclass

LIMIT = 4296
"""As long as the longest QR code."""

EDITING_KEYS = frozenset(("backspace", "ctrl+h", "delete", "ctrl+u", "left", "right", "home", "end"))


@dataclass(slots=True)
class EntryBuffer:
    """An editable line. `cursor` is the position before which the next character goes."""

    text: str = ""
    cursor: int = 0

    def insert(self, text: str) -> None:
        """Type `text` at the cursor; what would not fit is left out."""
        room = max(0, LIMIT - len(self.text))
        text = text[:room]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def take(self) -> str:
        """The whole text; the line is empty afterwards."""
        text = self.text
        self.set("")
        return text

    def set(self, text: str) -> None:
        """Replace everything, the cursor at the end."""
        self.text = text
        self.cursor = len(text)

    def edit(self, key: str) -> bool:
        """Apply an editing key. False if it is none, or if it had nothing to do."""
        before = (self.text, self.cursor)
        if key in ("backspace", "ctrl+h") and self.cursor:
            self.text = self.text[: self.cursor - 1] + self.text[self.cursor :]
            self.cursor -= 1
        elif key == "delete":
            self.text = self.text[: self.cursor] + self.text[self.cursor + 1 :]
        elif key == "ctrl+u":
            self.text, self.cursor = self.text[self.cursor :], 0
        elif key in ("left", "right"):
            self.cursor = min(len(self.text), max(0, self.cursor + (1 if key == "right" else -1)))
        elif key == "home":
            self.cursor = 0
        elif key == "end":
            self.cursor = len(self.text)
        return before != (self.text, self.cursor)
