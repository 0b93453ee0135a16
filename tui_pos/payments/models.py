"""The ledger of cash: what is in a drawer is the sum of its movements."""

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base, append_only
from tui_pos.storage.types import UtcDateTime


@append_only
class CashMovement(Base):
    """Cash that came into (+) or left (-) a till's drawer; 0 where it was only opened."""

    __tablename__ = "cash_movement"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # "sale", "no_sale"
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    sale_id: Mapped[UUID | None] = mapped_column(Uuid)
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
