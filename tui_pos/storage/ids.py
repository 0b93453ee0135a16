"""UUIDv7 (RFC 9562): ids made by the till that sort by the time they were made."""

import datetime as dt
import secrets
from uuid import UUID


def new_id(now: dt.datetime) -> UUID:
    """An id whose first 48 bits are `now` in milliseconds; the rest is random."""
    milliseconds = int(now.timestamp() * 1000)
    high, low = divmod(secrets.randbits(74), 1 << 62)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
