"""What a report says: frozen values, and the one JSON that they are kept, journalled and exported as.

Amounts are whole minor units of `currency`; goods that came back count negative. A name here is the key in the JSON
(`since` and `until` are its `from` and `to`), so these classes are the contract between reports and exports. Fields
are only ever added, and `_added` says in which `schema`: what was written once must be readable for years, so a key
that was not there yet is read as its default.
"""

import datetime as dt
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from tui_pos.i18n import _
from tui_pos.journal.chain import canonical
from tui_pos.money.currency import Currency
from tui_pos.reports.errors import ReportError
from tui_pos.storage.errors import damaged

SCHEMA = 4

T = TypeVar("T")


def _added(schema: int, default: T) -> T:
    """A field that content of an earlier schema does not have, and what it means there."""
    added: T = field(default=default, metadata={"schema": schema})
    return added


class ReportKind(StrEnum):
    """A till's period as it stands, its numbered close, and the closes of several tills or days together."""

    X = "X"
    Z = "Z"
    SHOP = "SHOP"


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """Whose books these are."""

    name: str
    address: tuple[str, ...]
    tax_id: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something happened, and by how much."""

    count: int = 0
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class TaxFigures:
    """Base, tax and their sum for one tax class at one rate."""

    tax_class: str
    kind: str
    percent: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class DepartmentFigures:
    """What a department sold less what came back to it; pieces, kg, l and m are summed as they are."""

    name: str
    quantity: Decimal
    amount_minor: int


@dataclass(frozen=True, slots=True)
class TenderFigures:
    """What one kind of tender covered of the sales: change is not in it, cash is before rounding."""

    kind: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CashierFigures:
    """What one person sold."""

    id: str
    name: str
    receipts: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class CashFigures:
    """The drawers together: expected = float + sales - refunds + paid in - paid out - drops; over = counted - expected.

    Nothing was counted (None) where there was no shift, or one is still open. `float_difference_minor` is by how much
    the floats were more (+) or less (-) than what the shifts before had left, together: None where each was the same.
    """

    float_minor: int = 0
    sales_minor: int = 0
    refunds_minor: int = 0
    paid_in_minor: int = 0
    paid_out_minor: int = 0
    drops_minor: int = 0
    expected_minor: int = 0
    counted_minor: int | None = None
    over_short_minor: int | None = None
    float_difference_minor: int | None = _added(3, None)


@dataclass(frozen=True, slots=True)
class CountFigures:
    """One count of an open drawer, and what was expected at that moment; `by` is a name.

    `purpose` is "check" (in between) or "close"; `closed` is the one that the shift was closed with, and those to close
    with before it were recounted. `blind`: whoever counted did not see what was expected.
    """

    at: dt.datetime
    by: str
    purpose: str
    blind: bool
    total_minor: int
    expected_minor: int
    over_short_minor: int
    closed: bool


@dataclass(frozen=True, slots=True)
class ShiftFigures:
    """One shift of a drawer; what only its close tells is None while it is open.

    What is expected in an open drawer is told only to who may see it, else None.
    `left_before_minor` is what the shift before left in the drawer: None where there was none, or in another currency.
    """

    number: int
    drawer: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    opened_by: str
    closed_by: str | None
    float_minor: int
    expected_minor: int | None
    counted_minor: int | None
    over_short_minor: int | None
    explanation: str
    left_minor: int | None
    left_before_minor: int | None = _added(2, None)
    counts: tuple[CountFigures, ...] = _added(2, ())


@dataclass(frozen=True, slots=True)
class CashEntry:
    """Cash that went in or out beside the sales: `paid_in`, `paid_out` or `drop`.

    The amount is negative only where the entry takes another one of its kind back: `takes_back` is that one's reason,
    `takes_back_at` its time. `by` is a name; `till` is told only where several tills are summed.
    """

    kind: str
    amount_minor: int
    reason: str
    takes_back: str = _added(2, "")
    at: dt.datetime | None = field(default=None, metadata={"schema": 3})
    by: str = _added(3, "")
    drawer: str = _added(3, "")
    takes_back_at: dt.datetime | None = field(default=None, metadata={"schema": 3})
    till: str = _added(3, "")


@dataclass(frozen=True, slots=True)
class DrawerOpening:
    """One opening of a drawer without a sale; `by` is a name, `till` is told only where several tills are summed."""

    at: dt.datetime
    by: str
    drawer: str
    reason: str
    till: str = ""


@dataclass(frozen=True, slots=True)
class PinRecovery:
    """An owner's PIN that was set anew at the shell, by which user of the system."""

    at: dt.datetime
    name: str
    by: str
    till: str = ""


@dataclass(frozen=True, slots=True)
class Perpetual:
    """Since installation, never reset: what was sold, what came back (negative), their sum, and both without sign."""

    sales_minor: int = 0
    returns_minor: int = 0
    net_minor: int = 0
    absolute_minor: int = 0
    receipts: int = 0


@dataclass(frozen=True, slots=True)
class StreamHead:
    """How far a stream of the journal had come, and the hash of its last entry in hexadecimal."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The last number of each series that the report holds: the next one begins after it."""

    sale: int = 0
    shift: int = 0
    training: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a period comes to. An X bears the number of the Z that will close it."""

    schema: int
    kind: str
    number: int
    shop: ShopFigures
    till: str
    currency: str
    exponent: int
    prices_include_tax: bool
    business_date: dt.date
    since: dt.datetime
    until: dt.datetime
    software: str
    first_receipt: int | None
    last_receipt: int | None
    receipts: int
    sales_minor: int
    returns_minor: int
    gross_minor: int
    net_minor: int
    tax_minor: int
    cash_rounding_minor: int
    taxes: tuple[TaxFigures, ...]
    departments: tuple[DepartmentFigures, ...]
    tenders: tuple[TenderFigures, ...]
    cashiers: tuple[CashierFigures, ...]
    returns: Counted
    discounts: Counted
    voided_lines: Counted
    voided_sales: Counted
    price_changes: Counted
    tenders_taken_back: Counted
    no_sales: int
    drawer_openings: int
    copies: int
    price_checks: int
    training: Counted
    cash: CashFigures
    shifts: tuple[ShiftFigures, ...]
    cash_entries: tuple[CashEntry, ...]
    perpetual: Perpetual
    journal: Mapping[str, StreamHead]
    bounds: Bounds
    openings: tuple[DrawerOpening, ...] = _added(3, ())
    pin_recoveries: tuple[PinRecovery, ...] = _added(4, ())

    @property
    def unused(self) -> bool:
        """Whether nothing happened that a close would have to tell."""
        nothing = Counted()
        happened = (self.voided_lines, self.voided_sales, self.price_changes, self.training)
        return not (
            self.receipts
            or self.shifts
            or self.cash_entries
            or self.no_sales
            or self.pin_recoveries
            or any(each != nothing for each in (*happened, self.tenders_taken_back))
        )


def to_content(figures: Figures) -> dict[str, Any]:
    """The figures in JSON's own types, as the journal takes them."""
    content: dict[str, Any] = _plain(figures)
    return content


def to_bytes(figures: Figures) -> bytes:
    """The figures as canonical JSON: the same figures always give the same bytes."""
    return canonical(to_content(figures))


def from_bytes(content: bytes) -> Figures:
    """The figures that `to_bytes` wrote. Raises ReportError for anything else."""
    try:
        figures: Figures = _read(Figures, json.loads(content))
        Currency(figures.currency, figures.exponent, 1)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ReportError(f"The stored figures cannot be read: {error!r}") from error
    return figures


def figures_of(z: Any) -> Figures:
    """The figures of a Z: a ZReport, or a row with its till, number and content.

    Raises DatabaseUnavailable, as `storage.errors.damaged`, where they cannot be read: a Z is never written anew.
    """
    try:
        return from_bytes(z.content)
    except ReportError as error:
        raise damaged(z_place(z)) from error


def z_place(z: Any) -> str:
    """Where a Z is in the books, for whoever is told that it is damaged."""
    return _("Z {number} of {till}, table z_report").format(number=z.number, till=z.till)


_KEYS = {"since": "from", "until": "to"}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {_KEYS.get(f.name, f.name): _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    """The value that `_plain` made this of. Raises ValueError, KeyError or TypeError where it is another one's."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        keys = {f.name: _KEYS.get(f.name, f.name) for f in fields(kind)}
        later = {f.name for f in fields(kind) if "schema" in f.metadata and keys[f.name] not in value}
        given = {name: _read(hints[name], value[key]) for name, key in keys.items() if name not in later}
        if len(value) != len(given):
            raise ValueError(f"{kind.__name__} has unknown keys: {sorted(set(value) - set(given))}")
        return kind(**given)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(inner[0], value)
    if origin is tuple:
        return tuple(_read(inner[0], each) for each in value)
    if origin is Mapping:
        return {str(key): _read(inner[1], each) for key, each in value.items()}
    if kind is Decimal:
        return Decimal(value)
    if kind in (dt.datetime, dt.date):
        return kind.fromisoformat(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
