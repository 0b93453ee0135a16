"""Coins and notes: what a customer is likely to hand over."""

from tui_pos.money.currency import Currency

_DEFAULT_NOTES = (5, 10, 20, 50, 100, 200, 500)
_NOTES_IN_UNITS: dict[str, tuple[int, ...]] = {
    "CHF": (10, 20, 50, 100, 200, 1000),
    "CZK": (100, 200, 500, 1000, 2000, 5000),
    "EUR": _DEFAULT_NOTES,
    "DKK": (50, 100, 200, 500),
    "GBP": (5, 10, 20, 50),
    "HUF": (500, 1000, 2000, 5000, 10000, 20000),
    "INR": (10, 20, 50, 100, 200, 500),
    "ISK": (500, 1000, 2000, 5000, 10000),
    "JPY": (1000, 2000, 5000, 10000),
    "KRW": (1000, 5000, 10000, 50000),
    "NOK": (50, 100, 200, 500, 1000),
    "PLN": (10, 20, 50, 100, 200, 500),
    "SEK": (20, 50, 100, 200, 500, 1000),
    "USD": (1, 5, 10, 20, 50, 100),
}
"""Notes in circulation, in whole units; others are taken to have 5 to 500."""


def is_likely(given_minor: int, due_minor: int, currency: Currency) -> bool:
    """Whether anybody would hand over so much: not if a largest note of it could stay in the purse.

    500 for 1.89 EUR may be; 10,011 is a code or a slip. A currency whose notes are not known takes any sum.
    """
    notes = _NOTES_IN_UNITS.get(currency.code)
    return notes is None or given_minor - due_minor < notes[-1] * 10**currency.exponent


def next_notes(due_minor: int, currency: Currency) -> list[int]:
    """Sums of notes that cover `due_minor` with change, smallest first: the next multiple of each note.

    12.30 EUR gives 15, 20, 50, 100 and so on; the exact sum itself is left out. Minor units in and out.
    """
    if due_minor <= 0:
        return []
    unit = 10**currency.exponent
    notes = [note * unit for note in _NOTES_IN_UNITS.get(currency.code, _DEFAULT_NOTES)]
    sums = {-(-due_minor // note) * note for note in notes if note * 5 >= due_minor or note == notes[-1]}
    return sorted(sums - {due_minor})
