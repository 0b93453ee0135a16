"""Zs as they stand in the books, made of a few sums: what an export gets to read."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tui_pos.reports.figures import (
    SCHEMA,
    Bounds,
    CashEntry,
    CashFigures,
    Counted,
    Figures,
    Perpetual,
    ShiftFigures,
    ShopFigures,
    TaxFigures,
    TenderFigures,
    to_bytes,
)
from tui_pos.reports.models import ZReport

DAY = dt.date(2026, 11, 20)


def tax(tax_class: str, percent: str, net_minor: int, tax_minor: int, kind: str = "taxed") -> TaxFigures:
    return TaxFigures(tax_class, kind, Decimal(percent), net_minor, tax_minor, net_minor + tax_minor)


def shift(
    number: int, float_minor: int, counted_minor: int, left_minor: int, drawer: str = "drawer"
) -> ShiftFigures:
    at = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    return ShiftFigures(
        number, drawer, at, at, "Ada", "Ada", float_minor, counted_minor, counted_minor, 0, "", left_minor
    )


def z(
    number: int = 1,
    *,
    taxes: Iterable[TaxFigures] = (),
    tenders: Mapping[str, int] | None = None,
    rounding_minor: int = 0,
    entries: Iterable[CashEntry] = (),
    shifts: Iterable[ShiftFigures] = (),
    over_short_minor: int | None = None,
    till: str = "till1",
    currency: str = "EUR",
    exponent: int = 2,
    date: dt.date = DAY,
) -> Figures:
    """A Z of these sums; where no tenders are given, everything was paid in cash."""
    taxes = tuple(taxes)
    gross_minor = sum(row.gross_minor for row in taxes)
    if tenders is None:
        tenders = {"cash": gross_minor} if taxes else {}
    made_at = dt.datetime.combine(date, dt.time(19, 30, 5, 123456), dt.UTC) + dt.timedelta(seconds=number)
    nothing = Counted()
    return Figures(
        schema=SCHEMA, kind="Z", number=number, shop=ShopFigures("Corner Shop", (), ""), till=till,
        currency=currency, exponent=exponent, prices_include_tax=True, business_date=date, since=made_at,
        until=made_at, software="tui-pos", first_receipt=None, last_receipt=None, receipts=1,
        sales_minor=gross_minor, returns_minor=0, gross_minor=gross_minor,
        net_minor=sum(row.net_minor for row in taxes), tax_minor=sum(row.tax_minor for row in taxes),
        cash_rounding_minor=rounding_minor, taxes=taxes, departments=(),
        tenders=tuple(TenderFigures(kind, 1, amount) for kind, amount in tenders.items()), cashiers=(),
        returns=nothing, discounts=nothing, voided_lines=nothing, voided_sales=nothing, price_changes=nothing,
        tenders_taken_back=nothing, no_sales=0, drawer_openings=0, copies=0, price_checks=0, training=nothing,
        cash=CashFigures(over_short_minor=over_short_minor), shifts=tuple(shifts), cash_entries=tuple(entries),
        perpetual=Perpetual(), journal={}, bounds=Bounds(),
    )  # fmt: skip


def keep(session: Session, *reports: Figures) -> None:
    """Put Zs into the books, as if they had been made there."""
    rows = [
        {
            "id": UUID(int=place + 1),
            "till": each.till,
            "number": each.number,
            "business_date": each.business_date,
            "at": each.until,
            "actor": "owner",
            "last_sale": 0,
            "content": to_bytes(each),
            "document": "",
        }
        for place, each in enumerate(reports)
    ]
    session.execute(insert(ZReport), rows)
