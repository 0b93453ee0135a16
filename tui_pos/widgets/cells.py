"""What to send to a terminal so that a row of cells becomes another one. Pure: no widget, no terminal."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

Look = tuple[frozenset[str], str, str]
"""SGR parameters: attributes that are on, foreground, background."""

Cell = tuple[str, Look]
"""A character with the marks that stand on it; the second half of a wide one is empty."""

PLAIN: Look = (frozenset(), "39", "49")

BRIDGE_BYTES = 8
"""Equal cells between two that differ are sent again up to this: moving over them takes as many bytes."""

_ATTRIBUTES = (
    ("bold", "1", "22"),
    ("dim", "2", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("blink", "5", "25"),
    ("reverse", "7", "27"),
    ("strike", "9", "29"),
)
_SEEN_ON_BLANKS = frozenset(("4", "7", "9"))
_OFF = {on: off for _name, on, off in _ATTRIBUTES}


@lru_cache(maxsize=512)
def look_of(style: Style, system: ColorSystem | None) -> Look:
    """How a style looks on a terminal with these colours; without any if there is no system."""
    on = frozenset(code for name, code, _off in _ATTRIBUTES if getattr(style, name))
    ground = []
    for color, foreground in ((style.color, True), (style.bgcolor, False)):
        if color is None or system is None:
            ground.append(PLAIN[1] if foreground else PLAIN[2])
        else:
            ground.append(";".join(color.downgrade(system).get_ansi_codes(foreground)))
    return on, ground[0], ground[1]


def cells(row: Strip, base: Style, system: ColorSystem | None) -> list[Cell]:
    """The cells of a row; `base` holds where a segment says nothing else."""
    found: list[Cell] = []
    for text, style, _control in row:
        look = look_of(base if style is None else base + style, system)
        if text.isascii() or (cell_len(text) == len(text) and _all_wide_as_one(text)):
            found += [(character, look) for character in text]
            continue
        for character in text:
            width = cell_len(character)
            if width == 0 and found:  # a mark on the character before it
                found[-1] = (found[-1][0] + character, found[-1][1])
            else:
                found.append((character, look))
                found.extend([("", look)] * (width - 1))
    return found


@lru_cache(maxsize=512)
def _all_wide_as_one(text: str) -> bool:
    """Whether every character takes one cell: a wide one and a mark together take two for two as well."""
    return all(cell_len(character) == 1 for character in set(text))


def runs(before: list[Cell], after: list[Cell]) -> Iterator[tuple[int, int]]:
    """From where to where two rows of one width differ, small gaps bridged."""
    begin = end = -1
    gap_bytes = 0
    for i, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new or (old[0] == " " and new[0] == " " and _same_ground(old[1], new[1])):
            if begin >= 0:
                gap_bytes += 1 if new[0].isascii() else len(new[0].encode())
                if gap_bytes > BRIDGE_BYTES:
                    yield _whole(after, begin, end)
                    begin = -1
            continue
        begin = i if begin < 0 else begin
        end = i + 1
        gap_bytes = 0
    if begin >= 0:
        yield _whole(after, begin, end)


def _whole(row: list[Cell], begin: int, end: int) -> tuple[int, int]:
    """The run with both halves of the wide characters at its ends."""
    while begin > 0 and row[begin][0] == "":
        begin -= 1
    while end < len(row) and row[end][0] == "":
        end += 1
    return begin, end


def _same_ground(one: Look, other: Look) -> bool:
    """Whether two spaces look alike, of whatever colour and weight their letters would be."""
    return one[2] == other[2] and _SEEN_ON_BLANKS.isdisjoint(one[0] | other[0])


class Pen:
    """Writes cells; sends of colours and attributes only what differs from the cell before."""

    def __init__(self) -> None:
        self._look = PLAIN
        self._sent: list[str] = []

    def change(self, before: list[Cell], after: list[Cell], x: int, y: int) -> None:
        """Make the row at column `x` and line `y`, counted from 0, into `after`."""
        send = self._sent.append
        for begin, end in runs(before, after):
            send(f"\x1b[{y + 1};{x + begin + 1}H")
            for look, text in _stretches(after[begin:end]):
                if look != self._look and not (text.isspace() and _same_ground(look, self._look)):
                    send(self._turn_to(look))
                send(text)

    def take_sent(self) -> str:
        """All that is to be sent, the terminal left in its plain state; empty if nothing changed."""
        if self._look != PLAIN:
            self._sent.append("\x1b[m")
            self._look = PLAIN
        text = "".join(self._sent)
        self._sent.clear()
        return text

    def _turn_to(self, look: Look) -> str:
        """What makes everything written from now on look so."""
        old_on, old_foreground, old_background = self._look
        on, foreground, background = self._look = look
        off = {_OFF[code] for code in old_on - on}
        codes = [*sorted(off), *sorted(code for code in on if code not in old_on or _OFF[code] in off)]
        if foreground != old_foreground:
            codes.append(foreground)
        if background != old_background:
            codes.append(background)
        return f"\x1b[{';'.join(codes)}m"


def _stretches(run: Sequence[Cell]) -> Iterator[tuple[Look, str]]:
    """The texts of a run, each with the one look that it has."""
    for look, same in groupby(run, _look_of_cell):
        yield look, "".join([text for text, _look in same])


_look_of_cell = itemgetter(1)
