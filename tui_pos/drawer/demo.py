"""The drawer of the invented shop, open when its counter opens."""

import datetime as dt

from sqlalchemy.orm import Session

from tui_pos.drawer.denominations import count_sum
from tui_pos.drawer.shifts import open_shift
from tui_pos.people.actor import Actor
from tui_pos.sales.shop import Shop


def open_demo_drawer(session: Session, shop: Shop, actor: Actor, now: dt.datetime) -> None:
    """Open the first drawer with its usual float."""
    open_shift(session, shop, shop.drawer.names[0], count_sum(shop.drawer.float_minor), actor, now)
