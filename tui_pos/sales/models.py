"""Tables of sales: the open ones, which change, and the completed ones, which never do."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.catalogue.models import Product
from tui_pos.storage.base import Base, append_only, on_create
from tui_pos.storage.types import UtcDateTime, quantity_type, rate_type


class OpenSale(Base):
    """A basket that is being filled, or was set aside (`held_as` not None). Gone once it is completed or voided."""

    __tablename__ = "open_sale"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40), index=True)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(80))
    held_as: Mapped[str | None] = mapped_column(String(80))
    held_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    training: Mapped[bool] = mapped_column(default=False)
    age_confirmed: Mapped[int] = mapped_column(default=0)  # years that the customer was seen to have
    customer_text: Mapped[str] = mapped_column(String(80), default="")  # a name, a room, an order's number
    discount: Mapped[str] = mapped_column(String(40), default="")  # "", "10%" or "500" minor units
    discount_reason: Mapped[str] = mapped_column(String(200), default="")


class _LineColumns:
    """What a line says, open or completed. Prices, names and rates are copied: the catalogue may change."""

    product_id: Mapped[int] = mapped_column(ForeignKey(Product.id))
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(8))
    department: Mapped[str] = mapped_column(String(80))
    quantity: Mapped[Decimal] = mapped_column(quantity_type())
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    list_price_minor: Mapped[int | None] = mapped_column(BigInteger)  # the catalogue's, where it was changed
    discount: Mapped[str] = mapped_column(String(40), default="")
    tax_class: Mapped[str] = mapped_column(String(32))
    tax_kind: Mapped[str] = mapped_column(String(16))
    tax_percent: Mapped[Decimal] = mapped_column(rate_type())
    code: Mapped[str] = mapped_column(Text, default="")  # the whole of it, as scanned or typed
    lot: Mapped[str] = mapped_column(String(40), default="")
    serial: Mapped[str] = mapped_column(String(40), default="")
    expires_on: Mapped[dt.date | None] = mapped_column()
    supplement: Mapped[str] = mapped_column(String(5), default="")  # of the small bars beside the barcode
    returns_sale_id: Mapped[UUID | None] = mapped_column(Uuid)  # what a return gives back
    returns_position: Mapped[int | None] = mapped_column()


class OpenLine(_LineColumns, Base):
    """One line of an open sale."""

    __tablename__ = "open_line"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sale_id: Mapped[UUID] = mapped_column(ForeignKey("open_sale.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column()
    keeps_stock: Mapped[bool] = mapped_column()
    # The label's price, where the code holds it; on a return what goes back, and the tax in it or on top of it.
    fixed_amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    fixed_tax_minor: Mapped[int | None] = mapped_column(BigInteger)


class _TenderColumns:
    """How a part of a sale was paid."""

    kind: Mapped[str] = mapped_column(String(16))  # a sales.view.TenderKind
    amount_minor: Mapped[int] = mapped_column(BigInteger)  # what it covers of the sale
    given_minor: Mapped[int] = mapped_column(BigInteger)  # what the customer handed over
    entered_by_hand: Mapped[bool] = mapped_column(default=False)
    authorisation: Mapped[str] = mapped_column(String(40), default="")
    last_four: Mapped[str] = mapped_column(String(4), default="")


class OpenTender(_TenderColumns, Base):
    """A tender of an open sale. One that a gateway still works on has the state `in_flight`."""

    __tablename__ = "open_tender"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sale_id: Mapped[UUID] = mapped_column(ForeignKey("open_sale.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column()  # clocks are set back at times: this orders the tenders
    state: Mapped[str] = mapped_column(String(16))  # a sales.view.TenderState
    taken_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


@append_only
class Sale(Base):
    """A completed sale. Money in minor units of `currency`; its id is that of the open sale it was."""

    __tablename__ = "sale"
    __table_args__ = (
        UniqueConstraint("till", "number", name="uq_sale_till_number"),
        Index("ix_sale_till_business_date", "till", "business_date"),
        # What past sales are looked for by (reports.search).
        Index("ix_sale_business_date", "business_date", "id"),
        Index("ix_sale_gross_minor", "gross_minor", "id"),
        Index("ix_sale_actor", "actor", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column()  # per till, from 1, without gaps
    business_date: Mapped[dt.date] = mapped_column()
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    shift_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    currency: Mapped[str] = mapped_column(String(3))
    exponent: Mapped[int] = mapped_column()
    prices_include_tax: Mapped[bool] = mapped_column()
    tax_rounding: Mapped[str] = mapped_column(String(8))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(
        BigInteger
    )  # of lines and sale together, as a positive amount
    cash_rounding_minor: Mapped[int] = mapped_column(BigInteger)  # what rounding added to (+) the cash due
    change_minor: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[str] = mapped_column(String(40))
    discount_reason: Mapped[str] = mapped_column(String(200))
    customer_text: Mapped[str] = mapped_column(String(80), default="")


@append_only
class SaleLine(_LineColumns, Base):
    """One sold line, or one given back: then quantity and amounts are negative."""

    __tablename__ = "sale_line"
    __table_args__ = (Index("ix_sale_line_product_id", "product_id", "sale_id"),)

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line_discount_minor: Mapped[int] = mapped_column(BigInteger)
    sale_discount_minor: Mapped[int] = mapped_column(BigInteger)  # this line's share
    amount_minor: Mapped[int] = mapped_column(BigInteger)  # after both discounts, as the shop states prices
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)


def _returns_ddl(table: str, _dialect: str) -> list[str]:
    """What finds the returns of a sale; as an `Index` its condition would import PostgreSQL's dialect everywhere."""
    return [f"CREATE INDEX ix_{table}_returns ON {table} (returns_sale_id) WHERE returns_sale_id IS NOT NULL"]


def _filled_ddl(column: str) -> Callable[[str, str], list[str]]:
    """What finds the rows in which `column` says something, again without an `Index`."""

    def statements(table: str, _dialect: str) -> list[str]:
        return [f"CREATE INDEX ix_{table}_{column} ON {table} ({column}) WHERE {column} <> ''"]

    return statements


on_create(Sale, _filled_ddl("discount_reason"))
on_create(Sale, _filled_ddl("customer_text"))
on_create(SaleLine, _returns_ddl)
on_create(SaleLine, _filled_ddl("serial"))


@append_only
class SaleTax(Base):
    """Base and tax of a sale for one tax class and rate."""

    __tablename__ = "sale_tax"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    tax_class: Mapped[str] = mapped_column(String(32), primary_key=True)
    percent: Mapped[Decimal] = mapped_column(rate_type(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    gross_minor: Mapped[int] = mapped_column(BigInteger)


@append_only
class SaleTender(_TenderColumns, Base):
    """One tender of a completed sale."""

    __tablename__ = "sale_tender"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)


on_create(SaleTender, _filled_ddl("last_four"))


@append_only
class Correction(Base):
    """A line or a whole sale that was voided, or a price that was changed, before the sale was completed."""

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_till_entry", "till", "entry"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    entry: Mapped[int] = mapped_column(
        default=0
    )  # its number in the journal's stream of events: no clock tells when
    sale_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(
        String(16)
    )  # "void_line", "void_sale", "quantity", "price", "discount", "tender"
    detail: Mapped[str] = mapped_column(Text)
    # By how much the sale's amount changed; of a tender that was taken back, what it had covered, as a minus.
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(200), default="")


@append_only
class TrainingSale(Base):
    """A sale that was only practised: counted here, and nowhere else."""

    __tablename__ = "training_sale"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column()  # per till, of its own series
    business_date: Mapped[dt.date] = mapped_column()
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    gross_minor: Mapped[int] = mapped_column(BigInteger)
