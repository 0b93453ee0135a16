"""Coins and notes: what a customer is likely to hand over, and what is counted in a drawer."""

from decimal import Decimal

from tui_pos.money.currency import Currency

_DEFAULT_NOTES = "500 200 100 50 20 10 5"
"""What the notes of a currency are taken to be that is not below."""

_IN_CIRCULATION: dict[str, tuple[str, str]] = {
    "AUD": ("100 50 20 10 5", "2 1 0.50 0.20 0.10 0.05"),
    "BRL": ("200 100 50 20 10 5 2", "1 0.50 0.25 0.10 0.05"),
    "CAD": ("100 50 20 10 5", "2 1 0.25 0.10 0.05"),
    "CHF": ("1000 200 100 50 20 10", "5 2 1 0.50 0.20 0.10 0.05"),
    "CNY": ("100 50 20 10 5 1", "1 0.50 0.10"),
    "CZK": ("5000 2000 1000 500 200 100", "50 20 10 5 2 1"),
    "DKK": ("500 200 100 50", "20 10 5 2 1 0.50"),
    "EUR": ("500 200 100 50 20 10 5", "2 1 0.50 0.20 0.10 0.05 0.02 0.01"),
    "GBP": ("50 20 10 5", "2 1 0.50 0.20 0.10 0.05 0.02 0.01"),
    "HKD": ("1000 500 100 50 20 10", "10 5 2 1 0.50 0.20 0.10"),
    "HUF": ("20000 10000 5000 2000 1000 500", "200 100 50 20 10 5"),
    "INR": ("500 200 100 50 20 10", "20 10 5 2 1"),
    "ISK": ("10000 5000 2000 1000 500", "100 50 10 5 1"),
    "JPY": ("10000 5000 2000 1000", "500 100 50 10 5 1"),
    "KRW": ("50000 10000 5000 1000", "500 100 50 10"),
    "KWD": ("20 10 5 1 0.500 0.250", "0.100 0.050 0.020 0.010 0.005"),
    "MXN": ("1000 500 200 100 50 20", "20 10 5 2 1 0.50"),
    "NOK": ("1000 500 200 100 50", "20 10 5 1"),
    "NZD": ("100 50 20 10 5", "2 1 0.50 0.20 0.10"),
    "PLN": ("500 200 100 50 20 10", "5 2 1 0.50 0.20 0.10 0.05 0.02 0.01"),
    "RON": ("500 200 100 50 20 10 5 1", "0.50 0.10 0.05 0.01"),
    "SEK": ("1000 500 200 100 50 20", "10 5 2 1"),
    "SGD": ("100 50 10 5 2", "1 0.50 0.20 0.10 0.05"),
    "TRY": ("200 100 50 20 10 5", "5 1 0.50 0.25 0.10 0.05"),
    "USD": ("100 50 20 10 5 1", "1 0.50 0.25 0.10 0.05 0.01"),
    "ZAR": ("200 100 50 20 10", "5 2 1 0.50 0.20 0.10"),
}
"""Notes, then coins, as people pay with them, in units of the currency.

What is legal tender but hardly seen is left out (the dollar's 2, Canada's 50 cents).
"""


def denominations(currency: Currency) -> tuple[int, ...]:
    """What one piece can be worth, in minor units, greatest first; empty where this program does not know it.

    A coin and a note of the same worth are counted together.
    """
    notes, coins = _IN_CIRCULATION.get(currency.code, ("", ""))
    return tuple(sorted(_minor(f"{notes} {coins}", currency), reverse=True))


def is_likely(given_minor: int, due_minor: int, currency: Currency) -> bool:
    """Whether anybody would hand over so much: not if a largest note of it could stay in the purse.

    500 for 1.89 EUR may be; 10,011 is a code or a slip. A currency whose notes are not known takes any sum.
    """
    if currency.code not in _IN_CIRCULATION:
        return True
    notes, _coins = _IN_CIRCULATION[currency.code]
    return given_minor - due_minor < max(_minor(notes, currency))


def next_notes(due_minor: int, currency: Currency) -> list[int]:
    """Sums of notes that cover `due_minor` with change, smallest first: the next multiple of each note.

    12.30 EUR gives 15, 20, 50, 100 and so on; the exact sum itself is left out. Minor units in and out.
    """
    if due_minor <= 0:
        return []
    notes = sorted(_minor(_IN_CIRCULATION.get(currency.code, (_DEFAULT_NOTES, ""))[0], currency))
    sums = {-(-due_minor // note) * note for note in notes if note * 5 >= due_minor or note == notes[-1]}
    return sorted(sums - {due_minor})


def _minor(worths: str, currency: Currency) -> set[int]:
    return {int(Decimal(worth).scaleb(currency.exponent)) for worth in worths.split()}
