"""An owner who lost their PIN. Whoever holds the machine that the books lie on can set a new one, and cannot hide it.

The journal has it, the next Z prints it, and everybody who may keep the staff is told at their next log-in.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.models import FailedLogin, Staff
from tui_pos.people.permissions import Permission
from tui_pos.people.pins import check_pin, hash_secret
from tui_pos.people.roles import roles
from tui_pos.people.staff import StaffError

EVENT = "pin_recovered"
"""How the journal calls it."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Whose PIN was set anew, by which user of the system, and when."""

    name: str
    by: str
    at: dt.datetime


def recover(session: Session, name: str, pin: str, *, till: str, actor: Actor, now: dt.datetime) -> None:
    """Give an owner a new PIN, take away their second factor, and end their lock-out.

    Raises StaffError for whoever is no owner (an owner gives them a new PIN), BadPin for a PIN that is none.
    """
    actor.require(Permission.STAFF)
    row = session.scalar(select(Staff).where(Staff.name == name.strip(), Staff.active))
    rights = roles(session)
    if row is None or row.role not in rights or Permission.STAFF not in rights[row.role].permissions:
        text = _("{name} is no owner who works here. Whoever is one gives others a new PIN: {command}")
        raise StaffError(text.format(name=name, command="tui-pos staff change NAME --pin-stdin --as OWNER"))
    row.pin_hash = hash_secret(check_pin(pin))
    row.totp_secret, row.recovery_hashes = "", ""
    row.recovery = (session.scalar(select(func.max(Staff.recovery))) or 0) + 1
    row.recovered_at, row.recovered_by = now, actor.name
    session.execute(delete(FailedLogin).where(FailedLogin.staff_id == row.id))
    session.flush()
    data = {"staff": str(row.id), "name": row.name, "by": actor.name}
    chain.append(session, till=till, stream=chain.EVENTS, event=EVENT, actor=actor.id, now=now, data=data)


def news_for(session: Session, who: UUID) -> list[Recovery]:
    """What somebody has not been told yet; from now on they have. Nothing for whoever does not keep the staff."""
    told, role = session.execute(select(Staff.recoveries_told, Staff.role).where(Staff.id == who)).one()
    rights = roles(session)
    if role not in rights or Permission.STAFF not in rights[role].permissions:
        return []
    found = session.execute(
        select(Staff.recovery, Staff.name, Staff.recovered_by, Staff.recovered_at)
        .where(Staff.recovery > told)
        .order_by(Staff.recovery)
    ).all()
    if found:
        session.execute(update(Staff).where(Staff.id == who).values(recoveries_told=found[-1].recovery))
    return [Recovery(row.name, row.recovered_by, row.recovered_at) for row in found if row.recovered_at]
