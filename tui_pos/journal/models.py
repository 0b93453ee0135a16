"""The append-only record of the till."""

import datetime as dt

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base, append_only
from tui_pos.storage.types import UtcDateTime


@append_only
class JournalEntry(Base):
    """One event of one till and stream. `hash` covers `body`, which holds every other column and `prev_hash`."""

    __tablename__ = "journal_entry"

    till: Mapped[str] = mapped_column(String(40), primary_key=True)
    stream: Mapped[str] = mapped_column(String(16), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary)  # canonical bytes, exactly as hashed
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
