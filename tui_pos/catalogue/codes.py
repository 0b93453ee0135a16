"""The one form in which the catalogue keeps a code, and how it is shown."""

import unicodedata

from hardware.scanner.gtin import to_gtin14


def normalise_code(text: str) -> str:
    """A GTIN of any length (with its right check digit) as 14 digits, any other code without outer spaces."""
    code = text.strip()
    return to_gtin14(code) or code


def shown_code(code: str) -> str:
    """A normalised code as the pack shows it: 8, 13 or 14 digits (12 as 13, as outside North America)."""
    if to_gtin14(code) is None or len(code) != 14:
        return code
    return code[6:] if code.startswith("000000") else code.removeprefix("0")


def visible(text: str) -> str:
    """`text` as a scanner would send it: every digit 0 to 9, every space a plain one, and nothing that cannot be seen.

    Spreadsheets and web pages add spaces that do not break or have no width; Asian keyboards write full-width signs.
    """
    return text if text.isascii() else "".join(map(_visible, text))


def _visible(mark: str) -> str:
    category = unicodedata.category(mark)
    if category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(mark))
    if category == "Zs":
        return " "
    full_width = "！" <= mark <= "～"
    return chr(ord(mark) - 0xFEE0) if full_width else mark
