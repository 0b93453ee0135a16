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
_IN_A_ROW = "01234567890"


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
    if len(set(pin)) == 1 or pin in _IN_A_ROW or pin in _IN_A_ROW[::-1]:
        raise BadPin(_("This PIN is the first that anybody would try. Choose one without a pattern."))
    return pin
