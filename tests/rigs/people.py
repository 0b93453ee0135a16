"""Who acts in tests that are about something else, and a staff for those that are about people."""

import datetime as dt

from sqlalchemy import Engine

from tui_pos.people.actor import Actor, built_in_actor
from tui_pos.people.staff import actor_of, add
from tui_pos.storage.engine import reading, writing

OWNER = built_in_actor("owner")
PIN = "4711"
CASHIER = built_in_actor("cashier")

TILL = "till1"
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
PINS = {"Ada": "4711", "Bo": "3816", "Cleo": "2974", "Dora": "1627"}
ROLES = {"Ada": "owner", "Bo": "supervisor", "Cleo": "cashier", "Dora": "bookkeeper"}
BADGE = "STAFF-0815-4711"
"""Bo's."""


def take_on(engine: Engine) -> None:
    """Ada the owner, Bo the supervisor with a badge, Cleo the cashier, Dora the bookkeeper."""
    actor = None
    with writing(engine) as session:
        for name, role in ROLES.items():
            badge = BADGE if name == "Bo" else ""
            add(session, name=name, role=role, pin=PINS[name], badge=badge, till=TILL, actor=actor, now=NOW)
            actor = actor or actor_of(session, name)


def named(engine: Engine, name: str) -> Actor:
    """One of them, without asking for a PIN."""
    with reading(engine) as session:
        return actor_of(session, name)
