"""The currency that all prices of a shop are in: kept with them, since 150 alone may be 1.50 euros or 150 yen."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tui_pos.catalogue.models import ShopFact

_CURRENCY = "currency"


def kept_currency(session: Session) -> str | None:
    """The currency (ISO 4217) of the prices in the database; None where it was never opened by a shop."""
    fact = session.get(ShopFact, _CURRENCY)
    return fact.value if fact else None


def keep_currency(session: Session, code: str) -> str:
    """The currency of the prices: `code`, where none is kept yet. Waits for another till that is just saying it."""
    session.execute(
        text("INSERT INTO shop_fact (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING"),
        {"key": _CURRENCY, "value": code},
    )
    kept = kept_currency(session)
    assert kept is not None
    return kept
