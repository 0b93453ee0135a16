"""Codes that named nothing, noted at the counter for the back office."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.catalogue.models import UnknownCode
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission


def set_aside(session: Session, code: str, till: str, actor: Actor, now: dt.datetime) -> None:
    """Note a code; one that was noted before counts once more."""
    actor.require(Permission.SELL)
    row = session.get(UnknownCode, code[:80])
    if row is None:
        session.add(UnknownCode(code=code[:80], till=till, first_at=now, last_at=now, times=1))
    else:
        row.till, row.last_at, row.times = till, now, row.times + 1


def unknown_codes(session: Session) -> list[UnknownCode]:
    """What was noted, the latest first."""
    return list(session.scalars(select(UnknownCode).order_by(UnknownCode.last_at.desc())))
