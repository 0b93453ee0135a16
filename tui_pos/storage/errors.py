"""The database's own troubles, in words for the person at the till."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from tui_pos.i18n import _


class DatabaseUnavailable(Exception):
    """The database did not take what was to be written, or did not answer. Nothing of it was kept."""


@contextmanager
def told_in_words() -> Iterator[None]:
    """Turn the driver's errors of the outer world (full, locked, read-only, away) into DatabaseUnavailable.

    Broken rules (a doubled key, a wrong statement) are faults of this program and stay what they are.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        raise DatabaseUnavailable(_worded(str(error.orig).casefold())) from error


def _worded(cause: str) -> str:
    if "locked" in cause or "busy" in cause or "lock timeout" in cause:
        return _("Another program is writing to the database. Nothing was changed: try again in a moment.")
    if "full" in cause or "no space" in cause:
        return _("The disk is full. Nothing was changed: make room on it, then do it again.")
    if "readonly" in cause or "read-only" in cause or "permission" in cause:
        return _(
            "The database cannot be written (read-only). Nothing was changed: see to its disk and rights."
        )
    if "connect" in cause or "server closed" in cause or "terminat" in cause:
        return _(
            "The database server cannot be reached. Do it again: what is saved already is not done twice."
        )
    if "i/o" in cause or "malformed" in cause or "not a database" in cause:
        return _(
            "The disk did not do what was asked, or the books on it are damaged. Nothing was changed: call for help."
        )
    return _("The database reports an error. Nothing was changed: try again, and call for help if it stays.")
