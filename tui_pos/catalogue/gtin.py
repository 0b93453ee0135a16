"""The numbers of GS1 that name a product: GTIN-8, -12, -13 and -14, all kept as 14 digits."""

GTIN_LENGTHS = (8, 12, 13, 14)


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is right: weights 3, 1, 3 … from the right (GS1 General Specifications, 7.9)."""
    weighted = sum(int(digit) * (1 if index % 2 else 3) for index, digit in enumerate(digits[-2::-1]))
    return (weighted + int(digits[-1])) % 10 == 0


def is_gtin(text: str) -> bool:
    """Whether this is a GTIN of any length, with its right check digit."""
    return len(text) in GTIN_LENGTHS and text.isascii() and text.isdigit() and has_check_digit(text)


def normalise_code(text: str) -> str:
    """The one form in which a code is kept: a GTIN as 14 digits, any other as it is, less outer spaces."""
    code = text.strip()
    return code.zfill(14) if is_gtin(code) else code


def short_gtin(gtin14: str) -> str:
    """A GTIN as the pack shows it: 8, 13 or 14 digits (12 are shown as 13, as outside North America)."""
    if gtin14.startswith("000000"):
        return gtin14[6:]
    return gtin14.removeprefix("0")
