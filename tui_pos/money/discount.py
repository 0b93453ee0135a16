"""What is taken off a line or a sale, and how a column keeps it."""

import re
from dataclasses import dataclass
from decimal import Decimal

from tui_pos.money.errors import MoneyError
from tui_pos.money.rounding import divide_half_up

MAX_PERCENT_DECIMALS = 4
MAX_AMOUNT_OFF_MINOR = 10**12


class BadDiscount(MoneyError):
    """A discount out of bounds, or a text that keeps none."""


@dataclass(frozen=True, slots=True)
class PercentOff:
    """`percent` of the amount: more than 0, at most 100, to four decimals."""

    percent: Decimal

    def __post_init__(self) -> None:
        if not self.percent.is_finite() or not 0 < self.percent <= 100:
            raise BadDiscount(f"{self.percent} % is no discount: it must be more than 0 and at most 100")
        if self.percent != round(self.percent, MAX_PERCENT_DECIMALS):
            raise BadDiscount(f"{self.percent} % has more than {MAX_PERCENT_DECIMALS} decimals")


@dataclass(frozen=True, slots=True)
class AmountOff:
    """So many minor units, but never more than there is, off a whole line (not each piece) or a sale."""

    minor: int

    def __post_init__(self) -> None:
        if not 0 < self.minor <= MAX_AMOUNT_OFF_MINOR:
            raise BadDiscount(
                f"{self.minor} minor units are no discount: it must be more than 0, at most 10**12"
            )


Discount = PercentOff | AmountOff


def discount_on(amount_minor: int, discount: Discount | None) -> int:
    """What the discount takes off `amount_minor`: of its own sign, so that a return mirrors its sale."""
    if discount is None:
        return 0
    if isinstance(discount, PercentOff):
        numerator, denominator = discount.percent.as_integer_ratio()
        return divide_half_up(amount_minor * numerator, 100 * denominator)
    return min(discount.minor, amount_minor) if amount_minor >= 0 else max(-discount.minor, amount_minor)


def encode_discount(discount: Discount | None) -> str:
    """For a text column: nothing is "", a percentage "10%" or "2.5%", an amount its minor units, "500"."""
    match discount:
        case None:
            return ""
        case PercentOff(percent):
            return f"{percent.normalize():f}%"
        case AmountOff(minor):
            return str(minor)


def decode_discount(text: str) -> Discount | None:
    """The discount that encode_discount wrote. Raises BadDiscount."""
    if text == "":
        return None
    if re.fullmatch(r"[0-9]{1,13}", text):
        return AmountOff(int(text))
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?%", text):
        return PercentOff(Decimal(text[:-1]))
    raise BadDiscount(
        f"{text[:40]!r} keeps no discount: expected nothing, a percentage like 10%, or minor units like 500"
    )
