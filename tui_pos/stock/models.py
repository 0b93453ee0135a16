"""The ledger of stock movements: on hand is their sum."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.catalogue.models import Product
from tui_pos.storage.base import Base, append_only
from tui_pos.storage.types import UtcDateTime, quantity_type


@append_only
class StockMovement(Base):
    """Goods that came (+) or went (-), in the product's unit."""

    __tablename__ = "stock_movement"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    product_id: Mapped[int] = mapped_column(ForeignKey(Product.id), index=True)
    quantity: Mapped[Decimal] = mapped_column(quantity_type())
    reason: Mapped[str] = mapped_column(String(16))  # "sale", "return"
    sale_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    lot: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
