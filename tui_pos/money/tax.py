"""Tax of one rate: what it is, and how much of an amount it is. Minor units in and out, ROUND_HALF_UP."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tui_pos.money.errors import MoneyError
from tui_pos.money.rounding import divide_half_up

MAX_PERCENT_DECIMALS = 4


class BadTax(MoneyError):
    """A rate that cannot be, or a row whose tax does not add up."""


class TaxKind(StrEnum):
    """Why an amount bears the tax it bears. The last three all bear none, and are still declared apart."""

    TAXED = "taxed"
    ZERO_RATED = "zero_rated"
    EXEMPT = "exempt"
    OUT_OF_SCOPE = "out_of_scope"


class TaxRounding(StrEnum):
    """Where tax becomes whole minor units: once per rate on the receipt, or on every line."""

    RECEIPT = "receipt"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """The rate of a tax class on the day of the sale: `percent` is Decimal("8.875") for 8.875 %."""

    tax_class: str
    kind: TaxKind
    percent: Decimal

    def __post_init__(self) -> None:
        if not self.percent.is_finite() or not 0 <= self.percent <= 100:
            raise BadTax(f"tax class {self.tax_class}: {self.percent} % is no rate, it must be 0 to 100")
        if self.percent != round(self.percent, MAX_PERCENT_DECIMALS):
            raise BadTax(
                f"tax class {self.tax_class}: {self.percent} % has more than {MAX_PERCENT_DECIMALS} decimals"
            )
        if self.percent and self.kind is not TaxKind.TAXED:
            raise BadTax(
                f"tax class {self.tax_class} is {self.kind}, so its rate is 0 %, not {self.percent} %"
            )


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Net, tax and gross of all lines of one rate: net + tax = gross."""

    rate: TaxRate
    net_minor: int
    tax_minor: int
    gross_minor: int

    def __post_init__(self) -> None:
        if self.net_minor + self.tax_minor != self.gross_minor:
            raise BadTax(f"{self.rate}: {self.net_minor} + {self.tax_minor} is not {self.gross_minor}")


def tax_fraction(rate: TaxRate, *, prices_include_tax: bool) -> tuple[int, int]:
    """The exact part of a stated price that is its tax, as numerator and denominator.

    19 % is 19/100 of a price before tax, and 19/119 of a price that holds it.
    """
    percent, scale = rate.percent.as_integer_ratio()
    return percent, 100 * scale + (percent if prices_include_tax else 0)


def tax_of(amount_minor: int, rate: TaxRate, *, prices_include_tax: bool) -> int:
    """The tax inside a gross amount, or on top of a net one."""
    numerator, denominator = tax_fraction(rate, prices_include_tax=prices_include_tax)
    return divide_half_up(amount_minor * numerator, denominator)
