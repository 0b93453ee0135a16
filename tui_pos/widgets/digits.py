"""Amounts in digits three or five rows high, to be read from where the customer stands."""

from collections.abc import Sequence

LEVELS = 3

_GLYPHS: dict[str, tuple[str, str, str]] = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": (" ╺┓", "  ┃", " ╺┻"),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
    "-": ("   ", "╺━╸", "   "),
    ".": (" ", " ", "▪"),
    ",": (" ", " ", "▖"),
    "'": ("╹", " ", " "),
    " ": (" ", " ", " "),
}
_SAME = {"\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2019": "'"}


_REACHES_DOWN = frozenset("┏┓┃┣┫╻")
_REACHES_UP = frozenset("┗┛┃┣┫╹┻")


def large(text: str, *, tall: bool = False) -> Sequence[str]:
    """`text` (digits, separators, a minus) as three rows of equal width, or as five; other characters are left out."""
    glyphs: list[Sequence[str]] = [_GLYPHS[c] for c in (_SAME.get(c, c) for c in text) if c in _GLYPHS]
    if tall:
        glyphs = [_stretched(glyph) for glyph in glyphs]
    return tuple("".join(level) for level in zip(*glyphs, strict=True)) if glyphs else ("",) * LEVELS


def _stretched(glyph: Sequence[str]) -> Sequence[str]:
    """The same glyph with each stroke twice as long."""
    rows = [_widened(level) for level in glyph]
    upper, middle, lower = rows
    return (upper, _between(upper, middle), middle, _between(middle, lower), lower)


def _widened(level: str) -> str:
    if len(level) == 1:
        return level + " "
    left, stroke, right = tuple(level)
    return f"{left}{'━━' if stroke == '━' else '  '}{stroke}{right}"


def _between(above: str, below: str) -> str:
    """The row that carries the upright strokes from one row down to the next."""
    return "".join(
        "┃" if a in _REACHES_DOWN and b in _REACHES_UP else " " for a, b in zip(above, below, strict=True)
    )
