"""The durable print queue."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base
from tui_pos.storage.types import UtcDateTime


class PrintJob(Base):
    """One page to print, or one pulse for the drawer (then `document` is empty).

    States: queued → printing → printed | not_printed. A job found `printing` at start-up is not_printed:
    nobody knows what came out, and only a person may ask for it again (reprinted) or give it
    up (dismissed).
    """

    __tablename__ = "print_job"
    __table_args__ = (Index("ix_print_job_till_state", "till", "state"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    till: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(16))  # "receipt", "copy", "drawer", "test"
    title: Mapped[str] = mapped_column(String(80))  # of a pulse: the drawer's name
    document: Mapped[str] = mapped_column(Text)  # hardware.document as JSON
    sale_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    state: Mapped[str] = mapped_column(String(16))
    fault: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
