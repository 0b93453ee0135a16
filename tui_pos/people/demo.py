"""The staff of the invented shop. Their PINs stand on its log-in screen; no other shop has a PIN of the program's."""

import datetime as dt

from sqlalchemy.orm import Session

from tui_pos.people.roles import OWNER
from tui_pos.people.staff import actor_of, add

DEMO_PINS = {"Ada": "4711", "Bo": "3816", "Cleo": "2974"}
_ROLES = {"Ada": OWNER, "Bo": "supervisor", "Cleo": "cashier"}


def load_demo_staff(session: Session, till: str, now: dt.datetime) -> None:
    """An owner, a supervisor and a cashier for a shop that has nobody yet."""
    actor = None
    for name, role in _ROLES.items():
        add(session, name=name, role=role, pin=DEMO_PINS[name], till=till, actor=actor, now=now)
        actor = actor or actor_of(session, name)
