"""Amounts in digits three rows high, to be read from where the customer stands."""

from collections.abc import Sequence

HEIGHT = 3

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


def large(text: str) -> Sequence[str]:
    """`text` (digits, separators, a minus) as three rows of equal width; other characters are left out."""
    glyphs = [_GLYPHS[c] for c in (_SAME.get(c, c) for c in text) if c in _GLYPHS]
    return tuple("".join(glyph[level] for glyph in glyphs) for level in range(HEIGHT))
