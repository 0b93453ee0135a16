"""The one form in which the catalogue keeps a code, and how it is shown."""

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
