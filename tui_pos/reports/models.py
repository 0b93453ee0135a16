"""Z reports: made once, kept as they were made."""

import datetime as dt
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base, append_only
from tui_pos.storage.types import UtcDateTime


@append_only
class ZReport(Base):
    """The numbered close of a till's period: all sales after the Z before it, up to `last_sale`."""

    __tablename__ = "z_report"
    __table_args__ = (UniqueConstraint("till", "number", name="uq_z_report_till_number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column()  # per till, from 1, without gaps
    business_date: Mapped[dt.date] = mapped_column()
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    last_sale: Mapped[int] = mapped_column()  # the receipt number up to which it reaches; 0: none yet
    content: Mapped[bytes] = mapped_column(LargeBinary)  # the figures as canonical JSON, as journalled
    document: Mapped[str] = mapped_column(Text)  # hardware.document as JSON, as printed
