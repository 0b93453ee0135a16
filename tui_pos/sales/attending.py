"""Who stands at the till: leaving it, and taking over the sale that is open at it. Each function is one act."""

import logging
from dataclasses import replace
from uuid import UUID

from tui_pos.journal.chain import ClockAhead
from tui_pos.people.access import hand_over, log_out
from tui_pos.people.actor import NOBODY, Actor
from tui_pos.people.errors import PeopleError
from tui_pos.people.permissions import Permission
from tui_pos.people.recovery import Recovery, news_for
from tui_pos.people.staff import actor_of
from tui_pos.sales.desk import Desk
from tui_pos.storage.engine import reading, writing

log = logging.getLogger(__name__)


def leave(desk: Desk, why: str) -> None:
    """Nobody acts from now on; the open sale stays as it is. `why` is lock, idle, changed or end."""
    if desk.actor is NOBODY:
        return
    try:
        with writing(desk.engine) as session:
            log_out(session, desk.shop.till, desk.actor, desk.now(), why=why)
    except ClockAhead as error:  # who comes next is asked; until then nobody may do anything
        log.warning("leaving the till is not in the journal: %s", error)
    desk.left = desk.actor
    desk.actor = NOBODY


def may_stay(desk: Desk) -> bool:
    """Whether who stands at the till still works here, with the same rights as when they came."""
    try:
        who = UUID(desk.actor.id)
    except ValueError:
        return True  # nobody, or who needs no log-in
    try:
        with reading(desk.engine) as session:
            now = actor_of(session, who)
    except PeopleError:
        return False
    return (now.role, now.rights) == (desk.actor.role, desk.actor.rights)


def take_over(desk: Desk, actor: Actor) -> bool:
    """`actor`, who has logged in, acts from now on. Whether they took over somebody else's open sale."""
    giver = desk.actor.id or desk.left.id or desk.basket.opened_by
    handed = bool(desk.basket.lines) and giver != actor.id
    if handed:
        _hand_over(desk, giver, actor, desk.basket.id)
    elif not desk.basket.stored:
        desk.basket = replace(desk.basket, opened_by=actor.id)
    comes_back = desk.left.id == actor.id
    desk.actor = desk.left = actor
    if not comes_back:  # who only unlocks goes on with the drawer that they had
        desk.take_own_drawer()
    return handed


def recoveries_to_tell(desk: Desk, actor: Actor) -> list[Recovery]:
    """The owners' PINs that were set anew and that whoever has logged in has not been told of; now they have."""
    if Permission.STAFF not in actor.rights.permissions:
        return []
    try:
        who = UUID(actor.id)
    except ValueError:
        return []  # who needs no log-in
    with writing(desk.engine) as session:
        return news_for(session, who)


def _hand_over(desk: Desk, giver: str, taker: Actor, sale_id: UUID) -> None:
    with writing(desk.engine) as session:
        hand_over(session, desk.shop.till, giver, taker, sale_id, desk.now())
