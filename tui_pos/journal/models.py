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


@append_only
class SigningKey(Base):
    """A public key of a till; the private one is never in the database."""

    __tablename__ = "signing_key"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the public key, hexadecimal
    till: Mapped[str] = mapped_column(String(40))
    public: Mapped[bytes] = mapped_column(LargeBinary)  # ECDSA P-256, SubjectPublicKeyInfo in DER
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


@append_only
class Closure(Base):
    """The head of each stream, signed at a close: what came before it cannot be rewritten without the key."""

    __tablename__ = "closure"

    till: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # per till, from 1
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes] = mapped_column(
        LargeBinary
    )  # canonical bytes: heads of all streams, perpetual totals
    key_id: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)  # ECDSA over SHA-256 of body, DER
