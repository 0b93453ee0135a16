"""The books that a set-up finds, and what they become: another country's, while nothing in them counts in its money."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.loading import Loaded, shown
from config.secrets import database_url
from config.settings import Settings
from tui_pos import bootstrap
from tui_pos.catalogue.currency import keep_currency, kept_currency
from tui_pos.catalogue.models import Product, ShopFact
from tui_pos.catalogue.presets import change_country, has_taxes_of
from tui_pos.i18n import _, speaking
from tui_pos.payments.models import CashMovement, Shift
from tui_pos.people import staff
from tui_pos.reports.models import ZReport
from tui_pos.setup.answers import SetUpError
from tui_pos.storage.engine import open_engine, reading
from tui_pos.storage.errors import DatabaseUnavailable

SQLITE = "sqlite:///"

# Every line of a sale names a product.
_BEGINNINGS: tuple[InstrumentedAttribute[Any], ...] = (Product.id, Shift.id, CashMovement.id, ZReport.id)


@dataclass(frozen=True, slots=True)
class Books:
    """What is there already: who works here, and the currency of what has a price or an amount, if anything has."""

    people: tuple[str, ...] = ()
    currency: str = ""


def is_there(loaded: Loaded) -> bool:
    """Whether there is a database: a server's always is."""
    url = database_url(loaded.settings.database)
    return not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).exists()


def books_there(loaded: Loaded) -> Books:
    """What the books hold; nothing is made or changed to find out. Raises StartError where they cannot be reached."""
    if not is_there(loaded):
        return Books()
    engine = open_engine(database_url(loaded.settings.database))
    try:
        if not _has_staff_table(engine, shown("database.url", loaded.settings.database.url)):
            return Books()
        with reading(engine) as session:
            people = tuple(member.name for member in staff.members(session))
            return Books(people, (kept_currency(session) or "") if _is_begun(session) else "")
    finally:
        engine.dispose()


def _has_staff_table(engine: Engine, database: str) -> bool:
    """Whether the database is one of ours, from the time when there was staff."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import DBAPIError

    try:
        return inspect(engine).has_table("staff")
    except (DBAPIError, DatabaseUnavailable) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).partition("\n")[0].split())
        text = _("The database {database} cannot be opened: {reason}. See to it, or name another one.")
        raise bootstrap.StartError(text.format(database=database, reason=reason)) from error


def _is_begun(session: Session) -> bool:
    """Whether anything is there that has a price, a tax class or an amount of money."""
    return any(session.scalar(select(column).limit(1)) is not None for column in _BEGINNINGS)


def settle(session: Session, settings: Settings) -> bool:
    """Give the books the shop's currency and tax classes, while nothing counts in others.

    The classes have names in the shop's language; those that the shop changed itself stay. Returns whether they are the
    country's own. Raises SetUpError where the books count in another currency.
    """
    shop = settings.shop
    if _is_begun(session):
        kept = keep_currency(session, shop.currency)
        if kept != shop.currency:
            raise SetUpError(
                _(
                    "The books count in {kept}, and cannot be turned into {wanted}. Choose {kept}; a shop in "
                    "{wanted} begins with an empty database (database.url)."
                ).format(kept=kept, wanted=shop.currency)
            )
        return has_taxes_of(session, shop.country)
    keep_currency(session, shop.currency)
    session.execute(update(ShopFact).where(ShopFact.key == "currency").values(value=shop.currency))
    with speaking(settings.language):
        return change_country(session, shop.country)
