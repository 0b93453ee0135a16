"""What no text may do to the line that it is shown on. Standard library only: screen and shell both use it."""

_TURNS_LINES = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x2070)))
"""Marks of direction, and the separators that end a paragraph of one: they have no shape of their own."""


def neutral(text: str) -> str:
    """The text without marks of direction: in a name they would turn around what stands beside it.

    Source: Unicode Standard Annex 9, the explicit formatting characters.
    """
    return text if text.isascii() else text.translate(_TURNS_LINES)
