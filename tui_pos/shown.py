"""How a text is shown wherever it is: what turns lines around left out, what cannot be shown replaced.

Standard library only: screen and shell both use it.
"""

import codecs

REPLACE = "tui_pos.replace"
"""The name of `_replaced` among the ways to handle what an encoding lacks."""

_ALIKE = str.maketrans("−–—│─┃━╭╮╰╯▸›·…✓✗●○’‘“”\u00a0\u202f", "---|-|-++++>>-.+x*o''\"\"  ")
"""What stands for a sign of ours where the encoding lacks it; above all a minus must stay one."""

_TURNS_LINES = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x2070)))
"""Marks of direction, and the separators that end a paragraph of one: they have no shape of their own."""


def neutral(text: str) -> str:
    """The text without marks of direction: in a name they would turn around what stands beside it.

    Source: Unicode Standard Annex 9, the explicit formatting characters.
    """
    return text if text.isascii() else text.translate(_TURNS_LINES)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end].translate(_ALIKE)
    return "".join(letter if letter.isascii() else "?" for letter in part), error.end


codecs.register_error(REPLACE, _replaced)
