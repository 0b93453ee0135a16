"""Numbers of payment cards that are scanned or typed where the code of a product belongs.

They are never kept, logged or shown whole (PCI DSS 4.0, requirements 3.3 to 3.5). A card number has 13 to 19 digits
with the check digit of ISO/IEC 7812-1, in one piece or in groups as it stands on the card. One in ten numbers of such
a length that are no cards look the same.
"""

import re

from hardware.scanner.gtin import to_gtin14

_MAYBE = re.compile(
    r"(?<![0-9])(?:[1-9][0-9]{12,18}"
    r"|[1-9][0-9]{3}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?"
    r"|[1-9][0-9]{3}([ -])[0-9]{6}\2[0-9]{4,5})(?![0-9])"
)
_SHOWN_DIGITS = 4


def holds_card_number(text: str) -> bool:
    """Whether something in `text` looks like the number of a payment card. A GTIN is none."""
    return hide_card_numbers(text) != text


def hide_card_numbers(text: str) -> str:
    """`text` with stars in place of what looks like the number of a payment card, all but its last four digits."""
    return _MAYBE.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    number = re.sub("[ -]", "", found[0])
    if to_gtin14(number) or not _has_luhn_digit(number):
        return found[0]
    return "*" * (len(number) - _SHOWN_DIGITS) + number[-_SHOWN_DIGITS:]


def _has_luhn_digit(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right counts twice, by the sum of its digits."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0
