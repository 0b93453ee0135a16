"""Tables of the catalogue: what the shop sells, under which codes, with which tax."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base
from tui_pos.storage.types import rate_type

# SQLite gives ids of its own only to INTEGER, PostgreSQL would run out of them.
BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class TaxClass(Base):
    """How a product is taxed: `standard`, `reduced`, `zero`, `exempt` exist from the start."""

    __tablename__ = "tax_class"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))  # a money.tax.TaxKind


class TaxClassRate(Base):
    """The percentage of a class from a date on; the newest one not after the business date holds."""

    __tablename__ = "tax_rate"

    tax_class: Mapped[str] = mapped_column(ForeignKey("tax_class.code"), primary_key=True)
    valid_from: Mapped[dt.date] = mapped_column(primary_key=True)
    percent: Mapped[Decimal] = mapped_column(rate_type())


class Product(Base):
    """Something that can be sold. A price of None is asked at the till."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)  # per piece, kg, l or m
    tax_class: Mapped[str] = mapped_column(ForeignKey("tax_class.code"))
    unit: Mapped[str] = mapped_column(String(8), default="piece")  # a catalogue.products.Unit
    department: Mapped[str] = mapped_column(String(80), default="")
    min_age: Mapped[int] = mapped_column(default=0)  # years; 0: sold to everybody
    tags: Mapped[str] = mapped_column(String(200), default="")  # further words to find it by
    keeps_stock: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)


class Barcode(Base):
    """A code that names a product: a GTIN as 14 digits, or any free code as it is printed."""

    __tablename__ = "barcode"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)
