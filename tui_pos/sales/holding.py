"""Setting the open sale aside for a while, and taking it up again."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.i18n import _
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import SaleError, SaleGone, change_row, check_open, read_basket
from tui_pos.sales.models import OpenSale
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import Basket

MAX_NAME_LENGTH = 80


def hold(session: Session, basket: Basket, name: str, actor: Actor, now: dt.datetime) -> None:
    """Set the sale aside under a name, so that the next customer can be served.

    Raises SaleError once money was taken: it would lie in the drawer for a sale that nobody sees.
    """
    actor.require(Permission.SELL)
    check_open(basket)
    if not basket.lines:
        raise SaleError(_("There is nothing to hold yet."))
    row = update(OpenSale).where(OpenSale.id == basket.id)
    change_row(session, row.values(held_as=hide_card_numbers(name.strip())[:MAX_NAME_LENGTH], held_at=now))


@dataclass(frozen=True, slots=True)
class HeldSale:
    """A sale that was set aside, as the list shows it."""

    id: UUID
    name: str
    held_at: dt.datetime
    items: int
    total_minor: int


def held_sales(session: Session, shop: Shop, *, training: bool = False) -> list[HeldSale]:
    """The sales set aside at this till, oldest first."""
    rows = session.scalars(
        select(OpenSale)
        .where(OpenSale.till == shop.till, OpenSale.held_as.is_not(None), OpenSale.training.is_(training))
        .order_by(OpenSale.held_at)
    ).all()
    found = []
    for row in rows:
        basket = read_basket(session, row, shop.rules)
        assert row.held_at is not None
        found.append(HeldSale(row.id, row.held_as or "", row.held_at, len(basket.lines), basket.total_minor))
    return found


def recall(session: Session, shop: Shop, sale_id: UUID, actor: Actor) -> Basket:
    """Take a held sale up again. The till must have no other open sale: hold or finish that one first."""
    actor.require(Permission.SELL)
    row = session.get(OpenSale, sale_id)
    if row is None or row.held_as is None or row.till != shop.till:
        raise SaleGone(_("This sale is no longer held."))
    others = (
        select(OpenSale.id)
        .where(OpenSale.till == shop.till, OpenSale.held_as.is_(None), OpenSale.training.is_(row.training))
        .limit(1)
    )
    if session.scalar(others) is not None:
        raise SaleError(_("Hold or finish the open sale first."))
    row.held_as = None
    row.held_at = None
    session.flush()
    return read_basket(session, row, shop.rules)
