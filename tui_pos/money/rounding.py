"""The only places where money is divided: a quotient, an allocation, a cash total. All in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tui_pos.money.errors import MoneyError

# Far above any till's quantity, and small enough that nobody can make the till compute with a million digits.
MAX_QUANTITY_MAGNITUDE = 12


class BadRounding(MoneyError):
    """A division that has no answer, or a quantity or an increment out of bounds."""


def divide_half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to numerator / denominator; a half goes away from zero.

    Symmetrical: divide_half_up(-n, d) == -divide_half_up(n, d). Raises BadRounding where denominator < 1.
    """
    if denominator < 1:
        raise BadRounding(f"cannot divide by {denominator}: the denominator must be 1 or more")
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def multiply_half_up(minor: int, quantity: Decimal) -> int:
    """`minor` × `quantity` in whole minor units; a half goes away from zero. Raises BadRounding."""
    if (
        not quantity.is_finite()
        or not -MAX_QUANTITY_MAGNITUDE <= quantity.adjusted() < MAX_QUANTITY_MAGNITUDE
    ):
        raise BadRounding(f"{quantity!s:.40} is no quantity: it must lie between 1E-12 and 1E+12")
    numerator, denominator = quantity.as_integer_ratio()
    if denominator == 1:
        return minor * numerator
    return divide_half_up(minor * numerator, denominator)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole shares proportional to `weights`: the shares add up to `total` exactly.

    Largest remainder: every share is rounded towards zero, and what is left goes one by one to the shares
    that lost most; ties to the bigger weight, then to the earlier one. A negative total is the exact mirror
    of the positive one. No share is larger than its weight as long as the total is not larger than their
    sum. Weights that are all zero share equally. Raises BadRounding for a negative weight, or for a total
    with nobody to take it.
    """
    if not weights:
        if total:
            raise BadRounding(f"cannot allocate {total}: there are no weights to take it")
        return []
    if min(weights) < 0:
        raise BadRounding(f"cannot allocate by the negative weight {min(weights)}")
    whole = sum(weights)
    if not whole:
        return allocate(total, [1] * len(weights))
    return apportion(total, [total * weight for weight in weights], whole)


def apportion(total: int, numerators: Sequence[int], denominator: int) -> list[int]:
    """Round every numerators[i] / denominator to a whole number so that together they make `total`.

    `total` is the sum of the fractions, itself rounded either way. Each result is its fraction rounded up
    or down, never further off; the ups go to the largest remainders, ties to the bigger fraction, then to
    the earlier. Negating everything negates the result: what sums to less than nothing is worked out as its
    mirror.
    """
    leaning = sum(numerators) or next((numerator for numerator in numerators if numerator), 0)
    if leaning < 0:
        return [-share for share in apportion(-total, [-numerator for numerator in numerators], denominator)]
    shares = []
    remainders = []
    for numerator in numerators:
        share, remainder = divmod(numerator, denominator)
        shares.append(share)
        remainders.append(remainder)
    left = total - sum(shares)
    if left:
        by_need = sorted(range(len(shares)), key=lambda i: (-remainders[i], -numerators[i]))
        for i in by_need[:left]:
            shares[i] += 1
    return shares


class TieRule(StrEnum):
    """Which way a cash total goes that no coin can pay. Up is away from zero: a refund mirrors its sale."""

    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class CashRounding:
    """To the multiples of the smallest coin. An increment of 1 minor unit changes nothing."""

    increment_minor: int
    ties: TieRule = TieRule.HALF_UP

    def __post_init__(self) -> None:
        if self.increment_minor < 1:
            raise BadRounding(
                f"a cash increment of {self.increment_minor} is no coin: give 1 minor unit or more"
            )

    def round(self, minor: int) -> int:
        """The amount payable in cash for `minor`, both in minor units; round(-x) == -round(x)."""
        steps, rest = divmod(abs(minor), self.increment_minor)
        match self.ties:
            case TieRule.HALF_UP:
                up = 2 * rest >= self.increment_minor
            case TieRule.HALF_DOWN:
                up = 2 * rest > self.increment_minor
            case TieRule.UP:
                up = rest > 0
            case TieRule.DOWN:
                up = False
        rounded = (steps + up) * self.increment_minor
        return -rounded if minor < 0 else rounded
