"""What is in the way of a close: of a drawer, and of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from tui_pos.drawer.errors import DrawerError
from tui_pos.i18n import _, ngettext
from tui_pos.printing import queue
from tui_pos.sales.models import OpenLine, OpenSale, OpenTender
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import TenderState


class BlockerKind(StrEnum):
    """What can be in the way of a close."""

    OPEN_SALE = "open_sale"
    IN_FLIGHT = "in_flight"
    OPEN_SHIFT = "open_shift"
    HELD_SALES = "held_sales"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that is in the way; the text says what to do about it."""

    kind: BlockerKind
    text: str


class DrawerBlocked(DrawerError):
    """The drawer stays open: `blockers` must be cleared away first."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        super().__init__(" ".join(blocker.text for blocker in blockers))
        self.blockers = tuple(blockers)


def what_blocks_close(session: Session, shop: Shop) -> list[Blocker]:
    """What keeps this till's drawers from being closed. Practised sales are in nobody's way."""
    of_till = (OpenSale.till == shop.till, OpenSale.training.is_(False))
    filled = exists().where(OpenLine.sale_id == OpenSale.id) | exists().where(
        OpenTender.sale_id == OpenSale.id
    )
    count = select(func.count()).select_from(OpenSale).where(*of_till)
    open_sales = session.scalar(count.where(OpenSale.held_as.is_(None), filled)) or 0
    held = session.scalar(count.where(OpenSale.held_as.is_not(None))) or 0
    in_flight = session.scalar(
        select(func.count())
        .select_from(OpenTender)
        .join(OpenSale, OpenSale.id == OpenTender.sale_id)
        .where(OpenSale.till == shop.till, OpenTender.state == TenderState.IN_FLIGHT)
    )
    found = []
    if open_sales:
        found.append(Blocker(BlockerKind.OPEN_SALE, _("A sale is open: finish it, hold it or void it.")))
    if in_flight:
        text = _("The outcome of a payment is not known yet: wait for it.")
        found.append(Blocker(BlockerKind.IN_FLIGHT, text))
    if held and shop.held_sales_block:
        text = ngettext(
            "{count} sale is held: finish or void it (/recall).",
            "{count} sales are held: finish or void them (/recall).",
            held,
        )
        found.append(Blocker(BlockerKind.HELD_SALES, text.format(count=held)))
    return found


def warnings(session: Session, shop: Shop) -> list[str]:
    """What somebody may want to see to before the close, and need not."""
    missing = len(queue.unprinted(session, shop.till))
    waiting = queue.waiting(session, shop.till)
    texts = []
    if missing:
        text = ngettext(
            "{count} page was not printed (/reprint).", "{count} pages were not printed (/reprint).", missing
        )
        texts.append(text.format(count=missing))
    if waiting:
        text = ngettext(
            "{count} page still waits for the printer.", "{count} pages still wait for the printer.", waiting
        )
        texts.append(text.format(count=waiting))
    return texts
