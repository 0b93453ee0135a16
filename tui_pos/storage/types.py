"""Column types that mean the same on SQLite and PostgreSQL."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware datetime, stored and returned in UTC (SQLite would hand back a naive one)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: give it a timezone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact decimal, stored as a whole number of 10**-places (SQLite would store Numeric as REAL)."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.places} decimals")
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        # Three pieces are 3, not 3.000000: what is read back is written, printed and hashed as it went in.
        whole, rest = divmod(value, 10**self.places)
        return Decimal(value).scaleb(-self.places).normalize() if rest else Decimal(whole)


def quantity_type() -> ScaledDecimal:
    """Pieces, kg, l or m, to a millionth."""
    return ScaledDecimal(6)


def rate_type() -> ScaledDecimal:
    """A percentage, to four decimals: 8.875 % is Decimal("8.875")."""
    return ScaledDecimal(4)
