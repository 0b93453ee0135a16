"""How wide letters are: on which of them all terminals agree, and what to do about the others.

Emoji with modifiers, flags, marks, Indic scripts: how many cells these take is told differently by each terminal, by
each of its versions, and by the table that the screen is laid out with. So nothing may rest on it: what comes after
such letters is told its place, what they leave free is cleared, and what they take too much is written over.
"""

import re

from rich.cells import cell_len

from tui_pos.shown import neutral

_PRINTED = (
    r" -~\u00a0-\u00ac\u00ae-\u02ff"  # Latin; without the soft hyphen, which some draw
    r"\u0370-\u0482\u048a-\u058f\u10a0-\u10ff\u1e00-\u1fff"  # Greek, Cyrillic, Armenian, Georgian
    r"\u2010-\u2027\u202f-\u205e\u20a0-\u20bf\u2116\u2122\u2190-\u2193\u2212"
    r"\u232b\u23ce\u2400-\u2426\u2500-\u259f\u25a0-\u25fc\u2702\u2713\u2717\ufffd"
)
"""One cell on every terminal: the alphabets without joining letters, and the signs that the screen itself uses."""

JOINER = "\u200d"
"""Makes one letter of the two beside it."""

_DOUBTFUL = re.compile(rf"[^\x00-\x1f\x7f{_PRINTED}]")
_SENT_PARTS = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|.)|"
    rf"(?:[{_PRINTED}]?(?:{JOINER}[^\x00-\x1f\x7f]|[^\x00-\x1f\x7f{_PRINTED}])+)+(?: +(?=  ))?"
)
"""A sequence for the terminal, so that none is torn; or doubtful letters, with the letters that they may stand on or
join, and the spaces behind them, which are theirs to take, but for the last two."""

FIRST_WIDE = "\u2000"
"""Letters before this one take one cell at most each, wherever they are not taken for wide by everybody."""


def is_certain(text: str) -> bool:
    """Whether every terminal draws this as wide as it is laid out."""
    return text.isascii() or _DOUBTFUL.search(text) is None


def most_cells(text: str) -> int:
    """The cells that a text takes at most: on a terminal that joins nothing and draws each mark apart."""
    if is_certain(text):
        return cell_len(text)
    return sum(map(_most_cells_of, text))


def cut_to_cells(text: str, width: int) -> str:
    """As much of the beginning of a text as surely fits into `width` cells."""
    for end, letter in enumerate(text):
        width -= _most_cells_of(letter)
        if width < 0:
            return text[:end].rstrip(JOINER)
    return text


def _most_cells_of(letter: str) -> int:
    return 1 if is_certain(letter) or (letter < FIRST_WIDE and cell_len(letter) < 2) else 2


def steadied(sent: str) -> str:
    """What is sent to the terminal, made so that no doubtful letter moves, or leaves, anything else.

    Their cells are cleared first, as many as the layout gives them; and whatever the terminal then takes for them, it
    is put where the layout goes on. All else is sent as it is.
    """
    return sent if is_certain(sent) else _SENT_PARTS.sub(_steadied_part, sent)


def _steadied_part(found: re.Match[str]) -> str:
    part = found[0]
    if part[0] == "\x1b":
        return part
    width = cell_len(part)
    if not width:  # nothing is left room for
        return ""
    return f"\x1b7{' ' * width}\x1b8\x1b7{neutral(part.rstrip(' '))}\x1b8\x1b[{width}C"
