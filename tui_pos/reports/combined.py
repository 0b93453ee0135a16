"""All tills of the shop together: the sum of the Zs of some days, or of what no Z holds yet."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hardware.document import Document
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.reports.documents import report_document
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import (
    SCHEMA,
    CashFigures,
    CashierFigures,
    Counted,
    DepartmentFigures,
    Figures,
    Perpetual,
    ReportKind,
    TaxFigures,
    TenderFigures,
    figures_of,
    to_content,
)
from tui_pos.reports.models import ZReport
from tui_pos.reports.z import make_x, print_page
from tui_pos.sales.shop import Shop


@dataclass(frozen=True, slots=True)
class Combined:
    """The Zs of some days (or an X of each till), and their sum.

    The sum's perpetual totals are those of each till's last report, together.
    """

    first_date: dt.date
    last_date: dt.date
    figures: Figures
    members: tuple[Figures, ...]

    def content(self) -> dict[str, Any]:
        """JSON's own types: the sum like any report's, and which Zs are in it."""
        return {
            **to_content(self.figures),
            "first_date": self.first_date.isoformat(),
            "last_date": self.last_date.isoformat(),
            "reports": [
                {
                    "till": each.till,
                    "number": each.number,
                    "business_date": each.business_date.isoformat(),
                    "first_receipt": each.first_receipt,
                    "last_receipt": each.last_receipt,
                    "gross_minor": each.gross_minor,
                }
                for each in self.members
            ],
        }

    def document(self, shop: Shop) -> Document:
        """The page."""
        return report_document(self.figures, shop, self.members)


def newest_date(session: Session) -> dt.date:
    """The latest business date that any till has a Z of. Raises ReportError where there is no Z at all."""
    newest: dt.date | None = session.scalar(select(func.max(ZReport.business_date)))
    if newest is None:
        raise ReportError(_("No till has made a Z yet."))
    return newest


def combine(session: Session, shop: Shop, actor: Actor, first: dt.date, last: dt.date) -> Combined:
    """The Zs of all tills with a business date from `first` to `last`, both included.

    Raises NotAllowed, and ReportError where there is none, or where they are in different currencies.
    """
    actor.require(Permission.X_REPORT)
    reports = session.scalars(
        select(ZReport)
        .where(ZReport.business_date.between(first, last))
        .order_by(ZReport.till, ZReport.number)
    )
    members = tuple(map(figures_of, reports))
    if not members:
        raise ReportError(_("No till has a Z of these days."))
    if len({(each.currency, each.exponent) for each in members}) > 1:
        raise ReportError(_("The Zs of these days are in different currencies: choose other days."))
    return Combined(first, last, _sum(members, shop, last, ReportKind.SHOP), members)


def combine_now(session: Session, shop: Shop, actor: Actor, now: dt.datetime) -> Combined:
    """What all tills together have taken since their last Zs: an X of each. Nothing is closed.

    Tills at which nothing has happened are left out, unless there are no others. Raises NotAllowed, and ReportError
    where a till has sold in another currency.
    """
    actor.require(Permission.X_REPORT)
    names = sorted({shop.till, *chain.tills(session)})
    every = [make_x(session, replace(shop, till=name), actor, now) for name in names]
    members = tuple(each for each in every if not each.unused) or tuple(every)
    dates = [each.business_date for each in members]
    return Combined(min(dates), max(dates), _sum(members, shop, max(dates), ReportKind.X), members)


def days_with_zs(session: Session, actor: Actor, limit: int = 1000) -> list[tuple[dt.date, int]]:
    """The business dates that any till has Zs of, newest first, and how many. Raises NotAllowed."""
    actor.require(Permission.X_REPORT)
    days = (
        select(ZReport.business_date, func.count())
        .group_by(ZReport.business_date)
        .order_by(ZReport.business_date.desc())
        .limit(limit)
    )
    return [(date, count) for date, count in session.execute(days)]


def print_combined(session: Session, shop: Shop, combined: Combined, actor: Actor, now: dt.datetime) -> UUID:
    """Print it at `shop`'s till. The journal notes who did. Raises NotAllowed."""
    actor.require(Permission.X_REPORT)
    chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event="all_tills_printed",
        actor=actor.id,
        now=now,
        data={
            "first_date": combined.first_date.isoformat(),
            "last_date": combined.last_date.isoformat(),
            "tills": combined.figures.till,
            "gross_minor": combined.figures.gross_minor,
            **actor.approval(),
        },
    )
    return print_page(session, shop, combined.document(shop), now)


def _sum(members: Sequence[Figures], shop: Shop, last: dt.date, kind: ReportKind) -> Figures:
    newest = {
        each.till: each for each in members
    }  # in the order of their numbers: the last one of each stays

    def total(name: str) -> int:
        return sum(getattr(each, name) for each in members)

    def counted(name: str) -> Counted:
        each = [getattr(member, name) for member in members]
        return Counted(sum(c.count for c in each), sum(c.amount_minor for c in each))

    counts = ("returns", "discounts", "voided_lines", "voided_sales", "price_changes")
    numbers = ("no_sales", "drawer_openings", "copies", "price_checks", "receipts")
    amounts = ("sales_minor", "returns_minor", "gross_minor", "net_minor", "tax_minor", "cash_rounding_minor")
    summed: dict[str, Any] = {
        **{name: total(name) for name in (*numbers, *amounts)},
        **{name: counted(name) for name in (*counts, "tenders_taken_back", "training")},
    }
    return replace(
        members[-1],
        schema=SCHEMA,
        kind=kind.value,
        number=len(members),
        shop=replace(members[-1].shop, name=shop.name),
        till=", ".join(newest),
        business_date=last,
        since=min(each.since for each in members),
        until=max(each.until for each in members),
        first_receipt=None,
        last_receipt=None,
        taxes=_taxes(members),
        departments=_departments(members),
        tenders=_tenders(members),
        cashiers=_cashiers(members),
        cash=_cash(members),
        shifts=(),
        cash_entries=tuple(replace(entry, till=each.till) for each in members for entry in each.cash_entries),
        openings=tuple(replace(opening, till=each.till) for each in members for opening in each.openings),
        pin_recoveries=tuple(
            replace(found, till=each.till) for each in members for found in each.pin_recoveries
        ),
        perpetual=_perpetual([each.perpetual for each in newest.values()]),
        journal={},
        **summed,
    )


T = TypeVar("T")


def _grouped(rows: Iterable[T], key: Callable[[T], Any]) -> list[list[T]]:
    groups: dict[Any, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [groups[each] for each in sorted(groups)]


def _taxes(members: Sequence[Figures]) -> tuple[TaxFigures, ...]:
    rows = (row for each in members for row in each.taxes)
    return tuple(
        replace(
            group[0],
            net_minor=sum(row.net_minor for row in group),
            tax_minor=sum(row.tax_minor for row in group),
            gross_minor=sum(row.gross_minor for row in group),
        )
        for group in _grouped(rows, lambda row: (-row.percent, row.tax_class, row.kind))
    )


def _departments(members: Sequence[Figures]) -> tuple[DepartmentFigures, ...]:
    rows = (row for each in members for row in each.departments)
    return tuple(
        DepartmentFigures(
            group[0].name,
            sum((row.quantity for row in group), Decimal(0)),
            sum(row.amount_minor for row in group),
        )
        for group in _grouped(rows, lambda row: row.name)
    )


def _tenders(members: Sequence[Figures]) -> tuple[TenderFigures, ...]:
    rows = (row for each in members for row in each.tenders)
    return tuple(
        TenderFigures(group[0].kind, sum(r.count for r in group), sum(r.amount_minor for r in group))
        for group in _grouped(rows, lambda row: row.kind)
    )


def _cashiers(members: Sequence[Figures]) -> tuple[CashierFigures, ...]:
    rows = (row for each in members for row in each.cashiers)
    return tuple(
        CashierFigures(
            group[0].id, group[-1].name, sum(r.receipts for r in group), sum(r.gross_minor for r in group)
        )
        for group in _grouped(rows, lambda row: row.id)
    )


def _cash(members: Sequence[Figures]) -> CashFigures:
    """The drawers of all: a till without a shift has counted nothing, one whose shift is open is not counted yet."""
    drawers = [each.cash for each in members]
    waiting = any(each.shifts and each.cash.counted_minor is None for each in members)
    whole = not waiting and any(each.counted_minor is not None for each in drawers)
    differences = [each.float_difference_minor for each in drawers if each.float_difference_minor is not None]
    return CashFigures(
        float_minor=sum(each.float_minor for each in drawers),
        sales_minor=sum(each.sales_minor for each in drawers),
        refunds_minor=sum(each.refunds_minor for each in drawers),
        paid_in_minor=sum(each.paid_in_minor for each in drawers),
        paid_out_minor=sum(each.paid_out_minor for each in drawers),
        drops_minor=sum(each.drops_minor for each in drawers),
        expected_minor=sum(each.expected_minor for each in drawers),
        counted_minor=sum(each.counted_minor or 0 for each in drawers) if whole else None,
        over_short_minor=sum(each.over_short_minor or 0 for each in drawers) if whole else None,
        float_difference_minor=sum(differences) if differences else None,
    )


def _perpetual(totals: Sequence[Perpetual]) -> Perpetual:
    return Perpetual(
        sum(each.sales_minor for each in totals),
        sum(each.returns_minor for each in totals),
        sum(each.net_minor for each in totals),
        sum(each.absolute_minor for each in totals),
        sum(each.receipts for each in totals),
    )
