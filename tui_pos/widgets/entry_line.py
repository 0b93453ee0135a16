"""The entry line: what is being typed, after a prompt."""

from collections.abc import Sequence

from rich.cells import cell_len

from tui_pos.widgets.letters import most_cells
from tui_pos.widgets.painted import Painted, Row, row


class EntryLine(Painted):
    """Shows a text and its cursor. It takes no keys: the screen does, and says what to show."""

    COMPONENT_CLASSES = {"entry--prompt", "entry--text", "entry--cursor", "entry--placeholder"}

    def __init__(self, *, id: str | None = None, prompt: str = "›") -> None:
        super().__init__(id=id)
        self.prompt = prompt
        self._text = ""
        self._cursor = 0
        self._placeholder = ""

    def show(self, text: str, cursor: int, placeholder: str = "", prompt: str | None = None) -> None:
        """Show this text with the cursor before its character number `cursor`."""
        self._text, self._cursor, self._placeholder = text, cursor, placeholder
        if prompt is not None:
            self.prompt = prompt
        self.repaint()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        prompt = f" {self.prompt} "
        before, after = self._text[: self._cursor], self._text[self._cursor :]
        room = width - cell_len(prompt) - 1
        while before and most_cells(before) > room:
            before = before[1:]
        under = after[:1] or " "
        rest = after[1:]
        text = self.style("entry--text")
        tail = rest if self._text else self._placeholder
        tail_style = text if self._text else self.style("entry--placeholder")
        return [
            row(
                (prompt, self.style("entry--prompt")),
                (before, text),
                (under, self.style("entry--cursor")),
                (tail, tail_style),
            ).adjust_cell_length(width)
        ]
