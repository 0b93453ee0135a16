"""Folders of backups that have not been there for so long that somebody should know: a stick that nobody brings back,
or one whose name was mistyped.

A folder that is there needs none of this: the next backup goes into it, or says why not.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.i18n.spans import span_text
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.keeping.backup import EVENT

PATIENCE = dt.timedelta(days=7)
"""How long a stick may be away while another folder takes the backups."""

_ROWS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Missed:
    """A folder that is not there, and how old the newest backup is that it took (None: it never took one)."""

    folder: Path
    age: dt.timedelta | None


def missed(
    session: Session, folders: Sequence[Path], till: str, every_h: int, now: dt.datetime
) -> tuple[Missed, ...]:
    """The folders that are away for too long, by what the journal of `till` says of its backups.

    That is longer than `PATIENCE`; where no folder is there at all, twice `every_h`.
    """
    away = [folder for folder in folders if not folder.is_dir()]
    if not away:
        return ()
    limit = 2 * dt.timedelta(hours=every_h)
    if len(away) < len(folders):
        limit = max(limit, PATIENCE)
    ages = _ages(session, away, till, now)
    found = (Missed(folder, ages.get(folder)) for folder in away)
    return tuple(each for each in found if each.age is None or each.age > limit)


def missed_text(missed: Missed) -> str:
    """One sentence of it."""
    if missed.age is None:
        return _("There is no backup in {folder} yet: the folder is not there.").format(folder=missed.folder)
    text = _("No backup in {folder} for {span}: the folder is not there.")
    return text.format(folder=missed.folder, span=span_text(missed.age))


def _ages(session: Session, folders: Sequence[Path], till: str, now: dt.datetime) -> dict[Path, dt.timedelta]:
    """How old the newest backup in each of these folders is; one that never took any is left out."""
    made = (
        select(JournalEntry.at, JournalEntry.body)
        .where(JournalEntry.till == till, JournalEntry.stream == chain.EVENTS, JournalEntry.event == EVENT)
        .order_by(JournalEntry.seq.desc())
    )
    sought, ages = {str(folder) for folder in folders}, {}
    for at, body in session.execute(made, execution_options={"yield_per": _ROWS_AT_ONCE}):
        for name in sought & set(json.loads(body)["data"]["folders"]):
            ages[Path(name)] = now - at
            sought.discard(name)
        if not sought:
            break
    return ages
