"""Trade item numbers: check digits, and one form for all of GTIN-8, -12, -13 and -14.

Source of the rules: GS1 General Specifications, sections 7.9 (check digits) and 1.4.2 (in-store prefixes).
"""

GTIN_LENGTHS = (8, 12, 13, 14)


def is_digits(text: str) -> bool:
    """Whether `text` is made of the digits 0 to 9 only, and of at least one."""
    return text.isascii() and text.isdigit()


def check_digit(payload: str) -> str:
    """The digit that belongs behind `payload`, digits only: weights 3, 1, 3 … counted from the right."""
    odd, even = payload[::-2], payload[-2::-2]
    return str(-(3 * sum(map(int, odd)) + sum(map(int, even))) % 10)


def has_right_check_digit(digits: str) -> bool:
    """Whether the last of `digits` is the check digit of those before it. Needs two digits or more."""
    return check_digit(digits[:-1]) == digits[-1]


def to_gtin14(text: str) -> str | None:
    """The GTIN in `text` as 14 digits; None if it has another length, another sign or a wrong check digit."""
    if len(text) in GTIN_LENGTHS and is_digits(text) and has_right_check_digit(text):
        return text.zfill(14)
    return None


def looks_misread(text: str) -> bool:
    """Whether `text` has the length of a GTIN, digits only, and a check digit that is not theirs."""
    return len(text) in GTIN_LENGTHS and is_digits(text) and not has_right_check_digit(text)


def is_in_store(gtin14: str) -> bool:
    """Whether a shop or a country gave the number itself: it names another item in each of them.

    As 13 digits those start with 02, 04 or 20 to 29, as 8 digits with 0 or 2.
    """
    if gtin14.startswith("000000"):
        return gtin14[6] in "02"
    return gtin14[0] == "0" and (gtin14[1] == "2" or gtin14[1:3] in ("02", "04"))
