"""What the use cases must know of the shop and the till: plain values, made from the settings by bootstrap."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hardware.scanner.symbols import InStorePattern
from tui_pos.money.currency import Currency
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PriceRules:
    """How this shop's prices become amounts. Frozen on each sale, so that a return computes the same way."""

    currency: Currency
    prices_include_tax: bool
    tax_rounding: TaxRounding


@dataclass(frozen=True, slots=True)
class DrawerRules:
    """How this till's drawers are opened and counted. Amounts in minor units."""

    names: tuple[str, ...] = ("drawer",)
    required: bool = False  # whether cash is taken only while a drawer is open
    by_denomination: bool = True  # counted coin by coin; else one sum is typed
    blind: bool = True  # counted without being shown what is expected
    float_minor: int = 0  # what usually lies in the drawer to begin with; 0: nothing is proposed


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop and the till in it. `day_ends_at` is local time: a bar's Friday may end on Saturday at 04:00."""

    name: str
    till: str
    rules: PriceRules
    cash_rounding: CashRounding
    zone: ZoneInfo
    day_ends_at: dt.time
    locale: str = "en"
    address: tuple[str, ...] = ()
    tax_id: str = ""
    region: str | None = None
    in_store_codes: tuple[InStorePattern, ...] = ()
    logo: str = ""
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    qr: str = ""
    columns: int = 42  # of a receipt
    prints: bool = True  # whether the till has a printer
    drawer: DrawerRules = DrawerRules()
    badge_prefix: str = ""  # what the code of every badge begins with
    held_sales_block: bool = False  # whether drawer and day stay open while a sale is held

    def local_date(self, now: dt.datetime) -> dt.date:
        """The date on the wall: what is printed on packs is meant by it."""
        return now.astimezone(self.zone).date()

    def business_date(self, now: dt.datetime) -> dt.date:
        """The day that takings of this moment belong to, by the clock alone. `now` is aware. A later moment never has
        an earlier day: the hour that comes twice when clocks go back belongs to the day that had begun.

        What a till books goes by `sales.days`, since a clock or a setting may be changed.
        """
        day = self.local_date(now)
        if day < dt.date.max and self.day_begins(day + _DAY) <= now:
            return day + _DAY
        return day if self.day_begins(day) <= now else day - _DAY

    def day_begins(self, day: dt.date) -> dt.datetime:
        """When a business day begins, in UTC; the end of all time for one that the calendar does not have."""
        try:
            return dt.datetime.combine(day, self.day_ends_at, self.zone).astimezone(dt.UTC)
        except OverflowError:
            end = dt.datetime.max.replace(tzinfo=dt.UTC)
            return end if day.year > 1 else dt.datetime.min.replace(tzinfo=dt.UTC)
