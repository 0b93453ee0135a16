"""Codes that could not be sold, noted at the counter for the back office."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.catalogue.card_numbers import holds_card_number
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import UnknownCode
from tui_pos.i18n import _
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission


class Problem(StrEnum):
    """Why a code could not be sold."""

    UNKNOWN = "unknown"
    CONTRADICTION = (
        "contradiction"  # its label names a measure by which the catalogue does not sell the goods
    )


def set_aside(
    session: Session,
    code: str,
    till: str,
    actor: Actor,
    now: dt.datetime,
    problem: Problem = Problem.UNKNOWN,
) -> None:
    """Note a code; one that was noted before counts once more.

    Raises CatalogueError for what looks like the number of a payment card: those are kept nowhere.
    """
    actor.require(Permission.SELL)
    if holds_card_number(code):
        raise CatalogueError(_("That looks like the number of a payment card, so it is not noted."))
    row = session.get(UnknownCode, code[:80])
    if row is None:
        row = UnknownCode(code=code[:80], problem=problem, till=till, first_at=now, last_at=now, times=1)
        session.add(row)
    else:
        row.problem, row.till, row.last_at, row.times = problem, till, now, row.times + 1


def unknown_codes(session: Session) -> list[UnknownCode]:
    """What was noted, the latest first."""
    return list(session.scalars(select(UnknownCode).order_by(UnknownCode.last_at.desc())))


def forget(session: Session, codes: Iterable[UnknownCode]) -> None:
    """Drop these notes: the codes have products now, or never will have."""
    for code in codes:
        session.delete(code)
