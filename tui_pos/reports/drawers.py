"""What a period's drawers tell: their shifts with every count, and the cash that came and went beside the sales."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from tui_pos.drawer.cash import CashKind
from tui_pos.drawer.shifts import Purpose, knows_expected, left_in
from tui_pos.payments.models import CashCount, CashMovement, Shift, ShiftClose
from tui_pos.payments.shifts import expected_minor, open_shifts
from tui_pos.people.actor import Actor
from tui_pos.reports.figures import CashEntry, CountFigures, ShiftFigures
from tui_pos.sales.shop import Shop

NamesOf = Callable[[Iterable[str]], Mapping[str, str]]
"""What people are called, by their ids."""


class Drawers:
    """The shifts of one till with higher numbers than `after`, which the Z before held."""

    def __init__(self, session: Session, shop: Shop, after: int) -> None:
        self.session = session
        self.shop = shop
        self.after = after

    @property
    def of_period(self) -> tuple[ColumnElement[bool], ...]:
        """The condition for a Shift to be one of them."""
        return Shift.till == self.shop.till, Shift.number > self.after

    def last_shift(self) -> int:
        """The number of the last one; that of the Z before, where there is none."""
        return self.session.scalar(select(func.max(Shift.number)).where(*self.of_period)) or self.after

    def shifts(self, names_of: NamesOf, actor: Actor) -> Iterator[ShiftFigures]:
        """Each one, in the order of their numbers; what an open one should hold, where `actor` may know it."""
        found = self.session.execute(
            select(Shift, ShiftClose)
            .outerjoin(ShiftClose, ShiftClose.shift_id == Shift.id)
            .where(*self.of_period)
            .order_by(Shift.number)
        ).all()
        counts = self._counts()
        expected = self._expected_in_open() if knows_expected(actor) else {}
        people = {shift.opened_by for shift, _close in found} | {c.closed_by for _shift, c in found if c}
        names = names_of(people | {count.actor for each in counts.values() for count in each})
        for shift, close in found:
            yield ShiftFigures(
                number=shift.number,
                drawer=shift.drawer,
                opened_at=shift.opened_at,
                closed_at=close.closed_at if close else None,
                opened_by=names[shift.opened_by],
                closed_by=names[close.closed_by] if close else None,
                float_minor=shift.float_minor,
                expected_minor=close.expected_minor if close else expected.get(shift.id),
                counted_minor=close.counted_minor if close else None,
                over_short_minor=close.counted_minor - close.expected_minor if close else None,
                explanation=close.explanation if close else "",
                left_minor=close.left_minor if close else None,
                left_before_minor=left_in(self.session, self.shop, shift.drawer, before=shift.number),
                counts=tuple(_told(counts.get(shift.id, ()), close, names)),
            )

    def _expected_in_open(self) -> dict[UUID, int]:
        still_open = open_shifts(self.session, self.shop.till)
        return {shift.id: expected_minor(self.session, shift) for shift in still_open}

    def _counts(self) -> dict[UUID, list[CashCount]]:
        """The counts of each shift, but for that of its float, which the shift itself tells."""
        found = self.session.scalars(
            select(CashCount)
            .join(Shift, Shift.id == CashCount.shift_id)
            .where(*self.of_period, CashCount.purpose != Purpose.OPEN)
            .order_by(CashCount.at, CashCount.id)
        )
        counts: dict[UUID, list[CashCount]] = {}
        for count in found:
            counts.setdefault(count.shift_id, []).append(count)
        return counts

    def cash_entries(self, names_of: NamesOf) -> tuple[CashEntry, ...]:
        """What was paid in, paid out and dropped, and what of it was taken back, as it came."""
        meant = aliased(CashMovement)
        found = self.session.execute(
            select(CashMovement, Shift.drawer, meant.reason, meant.at)
            .join(Shift, Shift.id == CashMovement.shift_id)
            .outerjoin(meant, meant.id == CashMovement.takes_back)
            .where(*self.of_period, CashMovement.kind.in_(list(CashKind)))
            .order_by(CashMovement.at, CashMovement.id)
        ).all()
        names = names_of(movement.actor for movement, *_rest in found)
        return tuple(
            CashEntry(
                kind=movement.kind,
                amount_minor=movement.amount_minor * (1 if movement.kind == CashKind.PAID_IN else -1),
                reason=movement.reason,
                takes_back=takes_back or "",
                at=movement.at,
                by=names[movement.actor],
                drawer=drawer,
                takes_back_at=takes_back_at,
            )
            for movement, drawer, takes_back, takes_back_at in found
        )


def float_difference_minor(shifts: Sequence[ShiftFigures]) -> int | None:
    """By how much the floats differ from what the shifts before had left; None where none does."""
    found = [
        shift.float_minor - shift.left_before_minor
        for shift in shifts
        if shift.left_before_minor not in (None, shift.float_minor)
    ]
    return sum(found) if found else None


def _told(
    counts: Sequence[CashCount], close: ShiftClose | None, names: Mapping[str, str]
) -> Iterator[CountFigures]:
    """The shift was closed with the last count to close it that found and expected what the close says."""
    closing = [
        count.id
        for count in counts
        if close is not None
        and count.purpose == Purpose.CLOSE
        and (count.total_minor, count.expected_minor) == (close.counted_minor, close.expected_minor)
    ]
    for count in counts:
        yield CountFigures(
            at=count.at,
            by=names[count.actor],
            purpose=count.purpose,
            blind=count.blind,
            total_minor=count.total_minor,
            expected_minor=count.expected_minor,
            over_short_minor=count.total_minor - count.expected_minor,
            closed=count.id in closing[-1:],
        )
