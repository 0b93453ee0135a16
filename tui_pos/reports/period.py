"""What has happened at a till since its last Z, by sums that the database makes.

A period is told by numbers, never by the clock, which may be set back: the sales, shifts and training receipts with
higher numbers than the last Z held, and the entries that the journal got since. So no two Zs can overlap, and none
leaves anything out.
"""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, func, select
from sqlalchemy.orm import Session

from tui_pos.drawer.cash import CashKind
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.payments.models import CashMovement, Shift, ShiftClose
from tui_pos.people import recovery
from tui_pos.people.actor import NOBODY, Actor
from tui_pos.people.models import Staff
from tui_pos.reports.drawers import Drawers, float_difference_minor
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import (
    SCHEMA,
    Bounds,
    CashEntry,
    CashFigures,
    CashierFigures,
    Counted,
    DepartmentFigures,
    DrawerOpening,
    Figures,
    Perpetual,
    PinRecovery,
    ReportKind,
    ShiftFigures,
    ShopFigures,
    StreamHead,
    TaxFigures,
    TenderFigures,
    figures_of,
)
from tui_pos.reports.models import ZReport
from tui_pos.sales.days import reached
from tui_pos.sales.models import Correction, Sale, SaleLine, SaleTax, SaleTender, TrainingSale
from tui_pos.sales.shop import Shop

WITHOUT_SALE = ("no_sale", "opened_uncounted")
"""The events of a drawer that was opened though nothing was sold."""

OPENING = ("no_sale", "drawer_opened")
"""The events that opened a drawer: what was `opened_uncounted` had sprung open with a `drawer_opened` before."""


def figures_since_last_z(
    session: Session, shop: Shop, actor: Actor, now: dt.datetime, kind: ReportKind
) -> Figures:
    """The till's period up to this moment. The caller holds `storage.lock.one_at_a_time`, so that nothing is added.

    Raises ReportError where sales of the period are in another currency than the shop's.
    """
    last = last_z(session, shop.till)
    return _Period(session, shop, actor, now, last).figures(kind)


def anything_since_last_z(session: Session, shop: Shop, now: dt.datetime) -> bool:
    """Whether anything happened that a Z would have to tell; says no amount, and sums nothing up where goods were sold.

    Raises ReportError where sales of the period are in another currency than the shop's.
    """
    period = _Period(session, shop, NOBODY, now, last_z(session, shop.till))
    period.check_currency()
    return period.has_sales() or not period.figures(ReportKind.Z).unused


def last_z(session: Session, till: str) -> Figures | None:
    """What the till's last Z said; None before the first."""
    newest = select(ZReport).where(ZReport.till == till).order_by(ZReport.number.desc()).limit(1)
    found = session.scalar(newest)
    return None if found is None else figures_of(found)


class _Period:
    """Everything of one till after `last`."""

    def __init__(
        self, session: Session, shop: Shop, actor: Actor, now: dt.datetime, last: Figures | None
    ) -> None:
        self.session = session
        self.shop = shop
        self.actor = actor
        self.now = now
        self.last = last
        self.after = last.bounds if last else Bounds()
        self.drawers = Drawers(session, shop, self.after.shift)
        self.of_period = (Sale.till == shop.till, Sale.number > self.after.sale)

    def figures(self, kind: ReportKind) -> Figures:
        """All of it."""
        self.check_currency()
        sums = self._sales()
        departments, sold = self._departments()
        tenders = self._tenders()
        events = self._events()
        corrections = self._corrections()
        entries = self.drawers.cash_entries(self._names)
        shifts = tuple(self.drawers.shifts(self._names, self.actor))
        cash_sales, cash = self._cash(entries, shifts)
        training, last_training = self._training()
        rules = self.shop.rules
        openings = self._openings()
        return Figures(
            schema=SCHEMA,
            kind=kind.value,
            number=(self.last.number if self.last else 0) + 1,
            shop=ShopFigures(self.shop.name, self.shop.address, self.shop.tax_id),
            till=self.shop.till,
            currency=rules.currency.code,
            exponent=rules.currency.exponent,
            prices_include_tax=rules.prices_include_tax,
            business_date=self._business_date(sums["last"]),
            since=self._since(),
            until=self.now,
            software=chain.software(),
            first_receipt=sums["first"],
            last_receipt=sums["last"],
            receipts=_int(sums["receipts"]),
            sales_minor=sold["sales"],
            returns_minor=sold["returns"],
            gross_minor=_int(sums["gross"]),
            net_minor=_int(sums["net"]),
            tax_minor=_int(sums["tax"]),
            cash_rounding_minor=_int(sums["rounding"]),
            taxes=self._taxes(),
            departments=departments,
            tenders=tenders,
            cashiers=self._cashiers(),
            returns=Counted(sold["returned_lines"], sold["returns"]),
            discounts=Counted(sold["discounted_lines"] + _int(sums["discounted"]), _int(sums["discount"])),
            voided_lines=_together(corrections, "void_line", "quantity"),
            voided_sales=_together(corrections, "void_sale"),
            price_changes=_together(corrections, "price"),
            tenders_taken_back=_together(corrections, "tender"),
            no_sales=len(openings),
            drawer_openings=cash_sales + len(entries) + sum(events.get(name, 0) for name in OPENING),
            copies=self._copies(),
            price_checks=events.get("price_check", 0),
            training=training,
            cash=cash,
            shifts=shifts,
            cash_entries=entries,
            perpetual=self._perpetual(sold["sales"], sold["returns"], _int(sums["receipts"])),
            journal=self._heads(),
            bounds=Bounds(sums["last"] or self.after.sale, self.drawers.last_shift(), last_training),
            openings=openings,
            pin_recoveries=self._pin_recoveries(),
        )

    def has_sales(self) -> bool:
        """Whether anything was sold or came back."""
        return self.session.scalar(select(Sale.number).where(*self.of_period).limit(1)) is not None

    def check_currency(self) -> None:
        """Raises ReportError where a sale of the period is in another currency than the shop's."""
        used = set(self.session.scalars(select(Sale.currency).where(*self.of_period).distinct()))
        foreign = used - {self.shop.rules.currency.code}
        if foreign:
            text = _(
                "Since the last Z this till has sold in {currency}. Set shop.currency to it again, close the "
                "period with a Z, then change it."
            )
            raise ReportError(text.format(currency=", ".join(sorted(foreign))))

    def _since(self) -> dt.datetime:
        """When the last Z was made; before the first one, when the journal begins."""
        if self.last:
            return self.last.until
        begun = select(func.min(JournalEntry.at)).where(
            JournalEntry.till == self.shop.till, JournalEntry.seq == 1
        )
        return self.session.scalar(begun) or self.now

    def _business_date(self, last_receipt: int | None) -> dt.date:
        """The day whose takings these are, whenever they are closed: after midnight, or forgotten until the morning.

        That of the last sale; where nothing was sold, of the last thing that happened to a drawer; else this one.
        Never one before a day that the till has booked, as where its clock was set back.
        """
        if last_receipt is not None:
            sold_on = select(Sale.business_date).where(
                Sale.till == self.shop.till, Sale.number == last_receipt
            )
            return self.session.execute(sold_on).scalar_one()
        happened = self.session.execute(
            select(func.max(Shift.opened_at), func.max(ShiftClose.closed_at), func.max(CashMovement.at))
            .select_from(Shift)
            .outerjoin(ShiftClose, ShiftClose.shift_id == Shift.id)
            .outerjoin(CashMovement, CashMovement.shift_id == Shift.id)
            .where(*self.drawers.of_period)
        ).one()
        at = max((at for at in happened if at is not None), default=self.now)
        return reached(self.session, self.shop.till).business_date(self.shop, at)

    def _sales(self) -> dict[str, Any]:
        row = self.session.execute(
            select(
                func.count().label("receipts"),
                func.min(Sale.number).label("first"),
                func.max(Sale.number).label("last"),
                func.sum(Sale.gross_minor).label("gross"),
                func.sum(Sale.net_minor).label("net"),
                func.sum(Sale.tax_minor).label("tax"),
                func.sum(Sale.cash_rounding_minor).label("rounding"),
                func.sum(Sale.discount_minor).label("discount"),
                _count_where(Sale.discount != "").label("discounted"),
            ).where(*self.of_period)
        ).one()
        return dict(row._mapping)

    def _of_sales(self, query: Any, part: Any) -> Any:
        """The parts (lines, taxes, tenders) of the period's sales."""
        return query.select_from(Sale).join(part, part.sale_id == Sale.id).where(*self.of_period)

    def _departments(self) -> tuple[tuple[DepartmentFigures, ...], dict[str, int]]:
        """Each department's sum, and over all of them what was sold and what came back."""
        amount = SaleLine.net_minor + SaleLine.tax_minor
        back = SaleLine.quantity < 0
        query = select(
            SaleLine.department,
            func.sum(SaleLine.quantity),
            func.sum(amount),
            func.sum(case((back, 0), else_=amount)),
            func.sum(case((back, amount), else_=0)),
            _count_where(back),
            _count_where(SaleLine.line_discount_minor != 0),
        )
        found = self.session.execute(
            self._of_sales(query, SaleLine).group_by(SaleLine.department).order_by(SaleLine.department)
        ).all()
        names = ("sales", "returns", "returned_lines", "discounted_lines")
        sums = {name: sum(_int(row[3 + place]) for row in found) for place, name in enumerate(names)}
        return tuple(DepartmentFigures(row[0], Decimal(row[1]), _int(row[2])) for row in found), sums

    def _taxes(self) -> tuple[TaxFigures, ...]:
        rate = (SaleTax.tax_class, SaleTax.kind, SaleTax.percent)
        query = select(
            *rate, func.sum(SaleTax.net_minor), func.sum(SaleTax.tax_minor), func.sum(SaleTax.gross_minor)
        )
        found = self.session.execute(
            self._of_sales(query, SaleTax).group_by(*rate).order_by(SaleTax.percent.desc(), *rate[:2])
        )
        return tuple(TaxFigures(*row[:3], *(_int(each) for each in row[3:])) for row in found)

    def _tenders(self) -> tuple[TenderFigures, ...]:
        query = select(SaleTender.kind, func.count(), func.sum(SaleTender.amount_minor))
        found = self.session.execute(
            self._of_sales(query, SaleTender).group_by(SaleTender.kind).order_by(SaleTender.kind)
        )
        return tuple(TenderFigures(kind, count, _int(amount)) for kind, count, amount in found)

    def _cashiers(self) -> tuple[CashierFigures, ...]:
        found = self.session.execute(
            select(Sale.actor, func.count(), func.sum(Sale.gross_minor))
            .where(*self.of_period)
            .group_by(Sale.actor)
            .order_by(Sale.actor)
        ).all()
        names = self._names(row[0] for row in found)
        return tuple(CashierFigures(id, names[id], count, _int(gross)) for id, count, gross in found)

    def _names(self, ids: Iterable[str]) -> dict[str, str]:
        """What people are called; somebody whom the staff list does not know goes by the id."""
        names = {id: id for id in ids}
        wanted = {_uuid(id): id for id in names}
        rows = self.session.execute(
            select(Staff.id, Staff.name).where(Staff.id.in_([u for u in wanted if u]))
        )
        names.update({wanted[id]: name for id, name in rows})
        if names.get(self.actor.id) == self.actor.id:
            names[self.actor.id] = self.actor.name
        return names

    def _seq(self, stream: str) -> int:
        """How far the journal's stream had come at the last Z."""
        head = self.last.journal.get(stream) if self.last else None
        return head.seq if head else 0

    def _events(self) -> dict[str, int]:
        found = self.session.execute(
            select(JournalEntry.event, func.count())
            .where(
                JournalEntry.till == self.shop.till,
                JournalEntry.stream == chain.EVENTS,
                JournalEntry.seq > self._seq(chain.EVENTS),
            )
            .group_by(JournalEntry.event)
        )
        return {row[0]: row[1] for row in found}

    def _openings(self) -> tuple[DrawerOpening, ...]:
        """Each opening of a drawer without a sale, as the journal tells it."""
        found = self._entries(*WITHOUT_SALE)
        names = self._names(row.actor for row in found)
        told = ((row.at, names[row.actor], json.loads(row.body)["data"]) for row in found)
        return tuple(DrawerOpening(at, by, data.get("drawer", ""), data["reason"]) for at, by, data in told)

    def _pin_recoveries(self) -> tuple[PinRecovery, ...]:
        """Each owner's PIN that was set anew at the shell."""
        found = ((row.at, json.loads(row.body)["data"]) for row in self._entries(recovery.EVENT))
        return tuple(PinRecovery(at, data["name"], data["by"]) for at, data in found)

    def _entries(self, *events: str) -> Sequence[Row[*tuple[Any, ...]]]:
        """The period's entries of these events, with when they were made, who acted, and their bytes."""
        return self.session.execute(
            select(JournalEntry.at, JournalEntry.actor, JournalEntry.body)
            .where(
                JournalEntry.till == self.shop.till,
                JournalEntry.stream == chain.EVENTS,
                JournalEntry.seq > self._seq(chain.EVENTS),
                JournalEntry.event.in_(events),
            )
            .order_by(JournalEntry.seq)
        ).all()

    def _copies(self) -> int:
        return chain.head(self.session, self.shop.till, chain.COPIES).seq - self._seq(chain.COPIES)

    def _corrections(self) -> dict[str, Counted]:
        # Before the first Z also those of a time when corrections did not know their entries (0).
        after = self._seq(chain.EVENTS) if self.last else -1
        found = self.session.execute(
            select(Correction.kind, func.count(), func.sum(Correction.amount_minor))
            .where(Correction.till == self.shop.till, Correction.entry > after)
            .group_by(Correction.kind)
        )
        return {kind: Counted(count, _int(amount)) for kind, count, amount in found}

    def _training(self) -> tuple[Counted, int]:
        """Practised sales, and the number of the last one."""
        count, amount, last = self.session.execute(
            select(func.count(), func.sum(TrainingSale.gross_minor), func.max(TrainingSale.number)).where(
                TrainingSale.till == self.shop.till, TrainingSale.number > self.after.training
            )
        ).one()
        return Counted(count, _int(amount)), last or self.after.training

    # Cash

    def _cash(self, entries: Sequence[CashEntry], told: Sequence[ShiftFigures]) -> tuple[int, CashFigures]:
        """How many sales moved cash, and what the drawers hold."""
        moved = CashMovement.amount_minor
        sales, taken, handed_out = self.session.execute(
            self._of_sales(
                select(
                    func.count(),
                    func.sum(case((moved > 0, moved), else_=0)),
                    func.sum(case((moved < 0, -moved), else_=0)),
                ),
                CashMovement,
            )
        ).one()
        shifts, closed, floats, counted = self.session.execute(
            select(
                func.count(Shift.id),
                func.count(ShiftClose.shift_id),
                func.sum(Shift.float_minor),
                func.sum(ShiftClose.counted_minor),
            )
            .select_from(Shift)
            .outerjoin(ShiftClose, ShiftClose.shift_id == Shift.id)
            .where(*self.drawers.of_period)
        ).one()
        by_kind = {kind: sum(e.amount_minor for e in entries if e.kind == kind) for kind in CashKind}
        expected = (
            _int(floats)
            + _int(taken)
            - _int(handed_out)
            + by_kind[CashKind.PAID_IN]
            - by_kind[CashKind.PAID_OUT]
            - by_kind[CashKind.DROP]
        )
        whole = shifts > 0 and shifts == closed
        return sales, CashFigures(
            float_minor=_int(floats),
            sales_minor=_int(taken),
            refunds_minor=_int(handed_out),
            paid_in_minor=by_kind[CashKind.PAID_IN],
            paid_out_minor=by_kind[CashKind.PAID_OUT],
            drops_minor=by_kind[CashKind.DROP],
            expected_minor=expected,
            counted_minor=_int(counted) if whole else None,
            over_short_minor=_int(counted) - expected if whole else None,
            float_difference_minor=float_difference_minor(told),
        )

    # What is carried on

    def _perpetual(self, sales_minor: int, returns_minor: int, receipts: int) -> Perpetual:
        """The totals that are never reset. A shop that changed its currency goes on with those of the new one."""
        before = self.last
        if before and before.currency != self.shop.rules.currency.code:
            before = self._last_in_this_currency()
        total = before.perpetual if before else Perpetual()
        return Perpetual(
            total.sales_minor + sales_minor,
            total.returns_minor + returns_minor,
            total.net_minor + sales_minor + returns_minor,
            total.absolute_minor + sales_minor - returns_minor,
            total.receipts + receipts,
        )

    def _last_in_this_currency(self) -> Figures | None:
        reports = self.session.scalars(
            select(ZReport).where(ZReport.till == self.shop.till).order_by(ZReport.number.desc())
        )
        wanted = self.shop.rules.currency.code
        return next((each for each in map(figures_of, reports) if each.currency == wanted), None)

    def _heads(self) -> dict[str, StreamHead]:
        streams = (chain.RECEIPTS, chain.EVENTS, chain.CLOSURES, chain.COPIES, chain.TRAINING)
        heads = {stream: chain.head(self.session, self.shop.till, stream) for stream in streams}
        return {stream: StreamHead(head.seq, head.hash.hex()) for stream, head in heads.items()}


def _int(value: Any) -> int:
    """A sum as PostgreSQL (numeric) and SQLite give it; nothing summed is nought."""
    return int(value or 0)


def _count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _together(corrections: dict[str, Counted], *kinds: str) -> Counted:
    found = [corrections[kind] for kind in kinds if kind in corrections]
    return Counted(sum(each.count for each in found), sum(each.amount_minor for each in found))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
