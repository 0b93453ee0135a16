"""Codes of a scanner that types on the wrong keyboard: read by what a code must be, never by a guess."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hardware.scanner.symbols import Reading, SymbolKind, UnreadableSymbol, read_symbol, readings, to_gtin14
from tui_pos.catalogue.products import find_by_code
from tui_pos.i18n import _
from tui_pos.people.access import is_badge
from tui_pos.sales.returns import find_sale
from tui_pos.sales.shop import Shop
from tui_pos.storage.engine import reading


@dataclass(frozen=True, slots=True)
class Repaired:
    """A code as it was meant, and which setting of the scanner to change; no advice where nothing was wrong."""

    code: str
    advice: str = ""


def repair(engine: Engine, shop: Shop, code: str, today: dt.date) -> Repaired:
    """The code that a scanner meant which typed `code`.

    What is a code as it stands stays what it is. Else it is read as another keyboard or Caps Lock would have typed
    it, where exactly one reading is what a code must be: a number with its check digit, a badge's form, or the number
    of a receipt in these books.
    """
    # Nearly all codes are numbers: for these nothing is asked of the database.
    if to_gtin14(code) or is_badge(code, shop.badge_prefix) or _is_numbered(shop, code, today):
        return Repaired(code)
    with reading(engine) as session:
        if _is_known(session, shop, code, today):
            return Repaired(code)
        others = list(readings(code))
        fitting = [other for other in others if is_badge(other.code, shop.badge_prefix)][:1]
        fitting = fitting or [other for other in others if _must_be(session, shop, other.code, today)]
        if len(fitting) > 1:
            fitting = [other for other in fitting if _is_known(session, shop, other.code, today)]
    if len(fitting) != 1:
        return Repaired(code)
    return Repaired(fitting[0].code, advice(fitting[0]))


def advice_for(shop: Shop, code: str, today: dt.date) -> str:
    """What to set at a scanner that typed this, told by the check digit alone; empty where nothing is wrong with it."""
    if _is_numbered(shop, code, today):
        return ""
    fitting = [other for other in readings(code) if _is_numbered(shop, other.code, today)]
    return advice(fitting[0]) if len(fitting) == 1 else ""


def advice(found: Reading) -> str:
    """Which setting makes the scanner type this reading right."""
    words = []
    if found.caps_lock:
        words.append(_("Caps Lock is on: switch it off."))
    if found.set_scanner_to:
        text = _("The scanner types for another country's keyboard: set its keyboard language to {country}.")
        words.append(text.format(country=found.set_scanner_to))
    return " ".join(words)


def _must_be(session: Session, shop: Shop, code: str, today: dt.date) -> bool:
    return _is_numbered(shop, code, today) or _names_sale(session, shop, code)


def _is_known(session: Session, shop: Shop, code: str, today: dt.date) -> bool:
    return find_by_code(session, code, today) is not None or _names_sale(session, shop, code)


def _is_numbered(shop: Shop, code: str, today: dt.date) -> bool:
    """Whether a number with its check digit is in it, alone or among GS1 data."""
    try:
        symbol = read_symbol(code, today=today, region=shop.region, in_store_patterns=shop.in_store_codes)
    except UnreadableSymbol:
        return False
    return symbol.kind is not SymbolKind.FREE


def _names_sale(session: Session, shop: Shop, code: str) -> bool:
    return "-" in code and find_sale(session, shop, code) is not None
