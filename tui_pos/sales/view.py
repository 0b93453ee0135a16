"""What a basket looks like: frozen values that use cases return and widgets draw. No database in here."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tui_pos.money.discount import Discount
from tui_pos.money.pricing import LineShare, PricedLine, PricedSale, line_shares, price_line, price_sale
from tui_pos.money.tax import TaxRate
from tui_pos.sales.shop import PriceRules


class TenderKind(StrEnum):
    """What a customer pays with."""

    CASH = "cash"
    CARD = "card"  # on a stand-alone terminal, entered by hand


class TenderState(StrEnum):
    """How far a tender is. Only captured money pays; in flight means that a gateway still works on it."""

    CAPTURED = "captured"
    IN_FLIGHT = "in_flight"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket. `priced` always fits the other fields: make lines with `line()`."""

    id: UUID
    position: int  # orders the lines; voided ones leave holes
    product_id: int
    sku: str
    name: str
    unit: str
    department: str
    keeps_stock: bool
    quantity: Decimal
    unit_price_minor: int
    tax: TaxRate
    priced: PricedLine
    list_price_minor: int | None = None
    discount: Discount | None = None
    fixed_amount_minor: int | None = None
    fixed_tax_minor: int | None = None
    code: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: dt.date | None = None
    supplement: str = ""
    returns_sale_id: UUID | None = None
    returns_position: int | None = None


def price_of(
    quantity: Decimal,
    unit_price_minor: int,
    discount: Discount | None,
    tax: TaxRate,
    fixed_amount_minor: int | None = None,
    fixed_tax_minor: int | None = None,
) -> PricedLine:
    """What a line with these values costs."""
    return price_line(
        quantity,
        unit_price_minor,
        discount,
        tax,
        fixed_amount_minor=fixed_amount_minor,
        fixed_tax_minor=fixed_tax_minor,
    )


@dataclass(frozen=True, slots=True)
class Tender:
    """One part of the payment. `amount_minor` is what it covers of the sale, `given_minor` what was handed over."""

    id: UUID
    kind: TenderKind
    state: TenderState
    amount_minor: int
    given_minor: int
    entered_by_hand: bool = False
    authorisation: str = ""
    last_four: str = ""


@dataclass(frozen=True, slots=True)
class Basket:
    """An open sale as it stands. `stored` tells whether the database has a row for it yet."""

    id: UUID
    till: str
    rules: PriceRules
    opened_at: dt.datetime
    opened_by: str
    stored: bool = False
    lines: tuple[Line, ...] = ()
    discount: Discount | None = None
    discount_reason: str = ""
    age_confirmed: int = 0  # years that the customer was seen to have
    tenders: tuple[Tender, ...] = ()
    held_as: str | None = None
    customer_text: str = ""  # whom it is for: a name, a room, an order's number
    training: bool = False  # only practised: it ends in no book
    priced: PricedSale = field(init=False)

    def __post_init__(self) -> None:
        priced = price_sale(
            [line.priced for line in self.lines],
            self.discount,
            prices_include_tax=self.rules.prices_include_tax,
            rounding=self.rules.tax_rounding,
        )
        object.__setattr__(self, "priced", priced)

    def shares(self) -> tuple[LineShare, ...]:
        """What became of each line: its part of the sale's discount, its net and its tax."""
        return line_shares(
            [line.priced for line in self.lines],
            self.discount,
            prices_include_tax=self.rules.prices_include_tax,
            rounding=self.rules.tax_rounding,
        )

    @property
    def total_minor(self) -> int:
        """What the customer owes for everything."""
        return self.priced.gross_minor

    @property
    def paid_minor(self) -> int:
        """What captured tenders cover."""
        return sum(tender.amount_minor for tender in self.tenders if tender.state is TenderState.CAPTURED)

    @property
    def due_minor(self) -> int:
        """What is still to be paid, before any cash rounding."""
        return self.total_minor - self.paid_minor

    def line(self, line_id: UUID) -> Line:
        """The line with this id. Raises KeyError."""
        for line in reversed(self.lines):  # mostly it is the last one that is asked for
            if line.id == line_id:
                return line
        raise KeyError(line_id)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A completed sale, as the screen tells it. `change_minor` is what the customer gets in coins and notes: what
    was given too much, or what goes back for returned goods."""

    sale_id: UUID
    number: int
    total_minor: int
    change_minor: int
    print_job: UUID
    training: bool = False
