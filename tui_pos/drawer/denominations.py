"""What was found in a drawer: pieces of each kind, or one sum."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tui_pos.drawer.errors import DrawerError
from tui_pos.i18n import _
from tui_pos.money.cash import denominations
from tui_pos.money.currency import Currency

MAX_PIECES = 99_999
MAX_SUM_MINOR = 10**12


@dataclass(frozen=True, slots=True)
class Counted:
    """A sum in minor units, and the pieces that make it as (worth of one in minor units, how many), greatest first.

    Without pieces where one sum was typed. Made by `count_pieces` and `count_sum`.
    """

    total_minor: int
    pieces: tuple[tuple[int, int], ...] = ()

    def encoded(self) -> str:
        """As a CashCount keeps the pieces: {"5000": 3} is three notes of 50.00; empty for one sum."""
        return json.dumps({str(worth): number for worth, number in self.pieces}) if self.pieces else ""


def count_pieces(pieces: Mapping[int, int], currency: Currency) -> Counted:
    """What so many pieces of each worth (minor units) come to. Raises DrawerError for coins that do not exist."""
    known = denominations(currency)
    for worth, number in pieces.items():
        if worth not in known:
            raise DrawerError(_("{currency} has no such coin or note.").format(currency=currency.code))
        if not 0 <= number <= MAX_PIECES:
            raise DrawerError(_("Type how many pieces there are: 0 to {limit}.").format(limit=MAX_PIECES))
    # A kind that was counted and is not there stands in the count as 0: it was looked for.
    found = tuple((worth, pieces[worth]) for worth in known if worth in pieces)
    return Counted(sum(worth * number for worth, number in found), found)


def count_sum(total_minor: int) -> Counted:
    """One sum, counted elsewhere. Raises DrawerError for less than nothing."""
    if not 0 <= total_minor <= MAX_SUM_MINOR:
        raise DrawerError(_("Type what lies in the drawer: nothing, or more."))
    return Counted(total_minor)
