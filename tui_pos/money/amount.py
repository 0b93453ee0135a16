"""An amount of money: whole minor units with their currency. It refuses floats, and refuses to mix."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

from tui_pos.money.currency import Currency
from tui_pos.money.errors import MoneyError
from tui_pos.money.rounding import multiply_half_up

# As many as a person may enter: sums of such amounts stay far inside the 64 bits of a column.
MAX_AMOUNT_DIGITS = 12


class CurrencyMismatch(MoneyError):
    """Two amounts of different currencies in one sum or comparison."""


class AmountFault(StrEnum):
    """What is wrong with a text that should be an amount."""

    NOT_A_NUMBER = "not a number"
    TOO_MANY_DECIMALS = "too many decimals"
    TOO_LARGE = "too large"


class BadAmount(MoneyError):
    """A text that is no amount of its currency; `fault` says why.

    `grouped_by` is the mark before three digits that are too many for decimals: a thousand was meant, most likely.
    """

    def __init__(self, fault: AmountFault, message: str, *, grouped_by: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.grouped_by = grouped_by


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` minor units of `currency`. Two currencies are never equal, and never add or compare."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"money is a whole number of minor units, not {self.minor!r}")

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        """Nothing; the start of a sum: `sum(amounts, Money.zero(currency))`."""
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other) if isinstance(other, Money) else NotImplemented

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other) if isinstance(other, Money) else NotImplemented

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other) if isinstance(other, Money) else NotImplemented

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other) if isinstance(other, Money) else NotImplemented

    def _same(self, other: "Money") -> int:
        """The other's minor units, if it is of the same currency. Raises CurrencyMismatch."""
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self} and {other} cannot be taken together: convert one of them first")
        return other.minor

    def times(self, quantity: Decimal) -> "Money":
        """So many pieces or kilos of it, to the nearest minor unit (ROUND_HALF_UP, away from zero)."""
        if not isinstance(quantity, Decimal):
            raise TypeError(f"a quantity is a Decimal, not {quantity!r}")
        return Money(multiply_half_up(self.minor, quantity), self.currency)

    def to_decimal(self) -> Decimal:
        """In units of the currency, with all of its decimals; exact at any size."""
        return Decimal(f"{self.minor}E-{self.currency.exponent}")

    def __str__(self) -> str:
        return f"{self.to_decimal():f} {self.currency.code}"


def parse_amount(text: str, currency: Currency, decimal_marks: str = ".,") -> Money:
    """An amount as a person types it: `12`, `12.3`, `.50`, `-0,99`.

    Any one of `decimal_marks` parts the decimals, of which there may be as many as the currency has. Digits
    are not grouped: `1,234.00` is refused, not guessed. Spaces around are ignored. Raises BadAmount.
    """
    match = re.fullmatch(rf"(-?)([0-9]*)(?:[{re.escape(decimal_marks)}]([0-9]+))?", text.strip())
    if match is None or not (match[2] or match[3]):
        raise BadAmount(
            AmountFault.NOT_A_NUMBER, f"{text[:40]!r} is no amount: give digits, like {_example(currency)}"
        )
    sign, units, decimals = match[1], match[2].lstrip("0"), match[3] or ""
    if len(decimals) > currency.exponent:
        raise BadAmount(
            AmountFault.TOO_MANY_DECIMALS,
            f"{text[:40]!r} has too many decimals: {currency.code} has {currency.exponent or 'none'}",
            grouped_by=text.strip()[-4] if units and len(decimals) == 3 else "",
        )
    digits = units + decimals.ljust(currency.exponent, "0")
    if len(digits) > MAX_AMOUNT_DIGITS:
        raise BadAmount(AmountFault.TOO_LARGE, f"{text[:40]!r} is too large for an amount of {currency.code}")
    minor = int(digits or "0")
    return Money(-minor if sign else minor, currency)


def _example(currency: Currency) -> str:
    return f"{Money(1250 if currency.exponent else 12, currency).to_decimal():f}"
