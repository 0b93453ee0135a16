"""Staff and their roles."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base
from tui_pos.storage.types import UtcDateTime, rate_type


class Role(Base):
    """A role of the shop's own, or a built-in one that it changed."""

    __tablename__ = "role"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    permissions: Mapped[str] = mapped_column(
        Text
    )  # values of people.permissions.Permission, parted by spaces
    max_discount_percent: Mapped[Decimal | None] = mapped_column(rate_type())  # None: no limit
    max_price_change_percent: Mapped[Decimal | None] = mapped_column(rate_type())


class Staff(Base):
    """A person. Never deleted: rows of many years name them; who has left is inactive."""

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(32))
    pin_hash: Mapped[str] = mapped_column(String(200))  # argon2id
    badge_hash: Mapped[str | None] = mapped_column(
        String(64), unique=True
    )  # keyed SHA-256 of the badge's code
    language: Mapped[str] = mapped_column(String(8), default="")
    active: Mapped[bool] = mapped_column(default=True)
    totp_secret: Mapped[str] = mapped_column(String(64), default="")  # base32; empty: no second factor
    totp_last_step: Mapped[int] = mapped_column(default=0)  # the newest step used: a code serves once
    recovery_hashes: Mapped[str] = mapped_column(Text, default="")  # argon2id, parted by newlines
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    # Of an owner whose PIN was set anew at the shell: which such recovery of the shop it was, when and by whom; and how
    # many of them this person was told of.
    recovery: Mapped[int] = mapped_column(default=0)
    recovered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    recovered_by: Mapped[str] = mapped_column(String(80), default="")
    recoveries_told: Mapped[int] = mapped_column(default=0)


class FailedLogin(Base):
    """Wrong PINs of a person at a till: kept here so that a restart forgives nothing."""

    __tablename__ = "failed_login"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    till: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column()
    locked_until: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class BadgeKey(Base):
    """The one key that badges are hashed with, made with the first badge: no list of hashes fits two shops."""

    __tablename__ = "badge_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
