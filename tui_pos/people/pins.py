"""PINs and recovery codes as they are kept: argon2id, with parameters that cost a till about 50 ms a try."""

from functools import cache
from typing import TYPE_CHECKING

from tui_pos.i18n import _
from tui_pos.people.errors import PeopleError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 32 * 1024
PASSES = 2
"""Above the least that OWASP's password storage cheat sheet names (19 MiB, two passes)."""

SHORTEST, LONGEST = 4, 12
_LINES = ("01234567890", "1470", "2580", "3690")
"""Digits in a row, and the columns of a keypad; backwards, too."""


class BadPin(PeopleError):
    """Digits that cannot be a PIN."""


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)


def hash_secret(secret: str) -> str:
    """The argon2id hash, with its own salt and parameters, as it is stored."""
    return _hasher().hash(secret)


def fits(stored: str, secret: str) -> bool:
    """Whether `secret` is what was hashed. Nothing stored fits nothing, and takes as long to say so."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if not stored:
        hash_secret(secret)
        return False
    try:
        return _hasher().verify(stored, secret)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than those of today."""
    return _hasher().check_needs_rehash(stored)


def check_pin(pin: str) -> str:
    """The PIN, if it may be one. Raises BadPin. Whether somebody else has the same is never told."""
    if not (SHORTEST <= len(pin) <= LONGEST and pin.isascii() and pin.isdigit()):
        raise BadPin(_("A PIN has 4 to 12 digits, and nothing else."))
    if _is_repeated(pin) or any(pin in line or pin in line[::-1] for line in _LINES):
        raise BadPin(
            _(
                "This PIN is among the first that anybody would try: no digits in a row, no repeats such as 1212 or "
                "1122, no column of the keys."
            )
        )
    return pin


def _is_repeated(pin: str) -> bool:
    """One part over and over (0000, 1212, 123123), or each digit twice (1122)."""
    parts = (pin[:size] for size in range(1, len(pin) // 2 + 1))
    over_and_over = any(part * (len(pin) // len(part)) == pin for part in parts)
    return over_and_over or (len(pin) % 2 == 0 and pin[::2] == pin[1::2])
