"""What goes back for goods that are returned: the price that was paid for them, and the tax that was in it.

Whole minor units, as prices are stated in the sale. A sale of three for 10.00 that comes back one by one gives
3.33, 3.34 and 3.33: the parts make the whole, whatever their order, and none is ever more than what is left.
"""

from dataclasses import dataclass
from decimal import Decimal

from tui_pos.money.errors import MoneyError
from tui_pos.money.rounding import divide_half_up


class BadReturn(MoneyError):
    """More is to be returned than was sold and has not come back yet, or nothing at all."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Goods, what was paid for them after all discounts, and their tax (inside or on top of the amount)."""

    quantity: Decimal
    amount_minor: int
    tax_minor: int

    def __add__(self, other: "Portion") -> "Portion":
        return Portion(
            self.quantity + other.quantity,
            self.amount_minor + other.amount_minor,
            self.tax_minor + other.tax_minor,
        )


NOTHING = Portion(Decimal(0), 0, 0)


def part_of(sold: Portion, returned: Portion, quantity: Decimal) -> Portion:
    """What `quantity` of a sold line is worth, of which `returned` came back before. 0 ≤ tax ≤ amount in `sold`.

    The customer has got back the line's proportional part, rounded, after each return: what is due now is that
    less what was really given before. The last piece is worth exactly what is left. Raises BadReturn.
    """
    left = sold.quantity - returned.quantity
    if not 0 < quantity <= left:
        raise BadReturn(f"{quantity} cannot be returned: {left} of {sold.quantity} is left")
    amount_left = sold.amount_minor - returned.amount_minor
    tax_left = sold.tax_minor - returned.tax_minor
    if quantity == left:
        return Portion(quantity, amount_left, tax_left)
    gone, gone_scale = (returned.quantity + quantity).as_integer_ratio()
    whole, whole_scale = sold.quantity.as_integer_ratio()
    target = divide_half_up(sold.amount_minor * gone * whole_scale, whole * gone_scale)
    amount = _within(0, target - returned.amount_minor, amount_left)
    if not sold.amount_minor:
        return Portion(quantity, amount, 0)
    # By amount, not by quantity: so no part bears more tax than it is worth.
    target = divide_half_up(sold.tax_minor * (returned.amount_minor + amount), sold.amount_minor)
    least = max(0, amount - (amount_left - tax_left))
    tax = _within(least, target - returned.tax_minor, min(amount, tax_left))
    return Portion(quantity, amount, tax)


def _within(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))
