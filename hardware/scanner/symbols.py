"""What a scanned code says: which product, and what its pack adds (lot, expiry, weight, price).

Nothing is guessed: a code is one thing by its form, or it is refused. biip, which costs a fifth of a second
to import, is needed for GS1 data and for in-store codes by region only; `warm_up` fetches it ahead of time.
"""

import datetime as dt
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from hardware.scanner import digital_link, gs1
from hardware.scanner.gtin import GTIN_LENGTHS, check_digit, is_digits, is_in_store, to_gtin14
from hardware.scanner.in_store import REGIONS, InStoreItem, InStorePattern, read_by_region
from hardware.scanner.unreadable import Reason, UnreadableSymbol, WrongCheckDigit

__all__ = [
    "REGIONS",
    "InStorePattern",
    "Reason",
    "Symbol",
    "SymbolKind",
    "UnreadableSymbol",
    "WrongCheckDigit",
    "check_digit",
    "read_symbol",
    "same_pack",
    "to_gtin14",
    "warm_up",
]

# The international avoirdupois pound, exact by definition.
KG_PER_LB = Decimal("0.45359237")

# AIM's prefix (ISO/IEC 15424): "]", the letter of a symbology, and how the scanner read it.
_AIM = re.compile(r"\][A-UXYZcdehopsz][0-9A-F]")
_AIM_GS1 = frozenset(("]C1", "]d2", "]d5", "]e0", "]e1", "]e2", "]e3", "]Q3", "]Q4", "]J1", "]J4"))

# How many digits an EAN or UPC symbol has, by its AIM prefix. UPC-A comes as 12 or 13, UPC-E as 6 to 8.
_EAN_LENGTHS = {"]E0": (6, 7, 8, 12, 13), "]E3": (8, 12, 13), "]E4": (8,)}
_UPC_E_LENGTHS = (6, 7, 8)
# Digits of the symbol alone, by those that a supplement of two or five more makes under ]E3 (on magazines).
_LENGTH_WITHOUT_ADD_ON = {10: 8, 14: 12, 17: 12, 15: 13, 18: 13}

# Between a linear symbol and the 2D part of a composite that is printed above it.
_COMPOSITE = "|]e0"


class SymbolKind(StrEnum):
    """What a code is looked up as."""

    GTIN = "gtin"
    IN_STORE = "in-store"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A code that can be looked up. Dates are as printed; whether they have passed, the sale judges.

    `code` is the GTIN as 14 digits, for an in-store code with a measure inside the same with the measure
    zeroed, and for a free code its text. `price` is that of the whole pack in `price_currency` (ISO 4217,
    three digits), where that is empty in the shop's own. `symbology` is the AIM prefix, empty if the scanner
    sends none. `elements` holds all that a GS1 code says, by AI.
    """

    kind: SymbolKind
    code: str
    raw: str = ""
    symbology: str = ""
    in_store_prefix: str = ""
    item_reference: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: dt.date | None = None
    best_before: dt.date | None = None
    sell_by: dt.date | None = None
    net_weight_kg: Decimal | None = None
    net_volume_l: Decimal | None = None
    length_m: Decimal | None = None
    count: int | None = None
    price: Decimal | None = None
    price_currency: str = ""
    percent_off: Decimal | None = None
    elements: tuple[tuple[str, str], ...] = ()

    @property
    def gtin(self) -> str | None:
        """The GTIN as 14 digits, None for a free code."""
        return None if self.kind is SymbolKind.FREE else self.code

    @property
    def printed(self) -> str:
        """The code with its measure, where that was zeroed in `code`: a shop may keep a label as it is printed."""
        if self.kind is not SymbolKind.IN_STORE:
            return self.code
        return to_gtin14(self.raw.strip().removeprefix(self.symbology)) or self.code

    @property
    def codes_to_try(self) -> tuple[str, ...]:
        """The codes under which a shop may keep the item, in the order in which to look them up.

        An in-store item is kept as the whole code with zeros for its measure, as prefix and item number, or
        as the item number alone (the PLU of the scales).
        """
        if not self.item_reference:
            return (self.code,)
        return (self.code, self.in_store_prefix + self.item_reference, self.item_reference)


def read_symbol(
    data: str,
    *,
    today: dt.date,
    region: str | None = None,
    in_store_patterns: Sequence[InStorePattern] = (),
) -> Symbol:
    """What `data` says: as a scanner sent it, with or without an AIM prefix, or as typed by hand.

    `region` (one of REGIONS) says how in-store codes are read that no pattern of the shop's own takes;
    `today` in which century a date lies. Eight digits are a GTIN-8, since one in ten UPC-E would pass for one
    as well: UPC-E is taken only where the scanner says `]E0`.

    Raises UnreadableSymbol and nothing else.
    """
    rules = _Rules(today, region, in_store_patterns)
    text = data.strip(" ")
    symbology = ""
    if text.startswith("]"):
        symbology = text[:3]
        if not _AIM.fullmatch(symbology):
            raise UnreadableSymbol(Reason.UNSUPPORTED, "an unknown AIM prefix")
        text = text[3:].strip(" ")
    if not text:
        raise UnreadableSymbol(Reason.EMPTY, "nothing in it")
    if symbology in _AIM_GS1:
        symbol = _from_elements(gs1.read_message(text), rules)
    elif symbology.startswith("]E"):
        symbol = _from_ean(text, symbology, rules)
    else:
        symbol = _from_unmarked(text, rules)
    return replace(symbol, raw=data, symbology=symbology)


def same_pack(first: Symbol, second: Symbol) -> bool:
    """Whether the two can be the linear and the 2D code of one pack: the same GTIN, bare and with more to it.

    Two equal codes are two packs. How close in time makes one sweep, the caller judges.
    """
    return (
        first.gtin is not None and first.gtin == second.gtin and bool(first.elements) != bool(second.elements)
    )


def warm_up() -> threading.Thread:
    """Import biip in the background, so that the first GS1 code is as quick as the next; the thread."""

    def import_biip() -> None:
        import hardware.scanner.library  # noqa: F401

    thread = threading.Thread(target=import_biip, name="warm up biip", daemon=True)
    thread.start()
    return thread


@dataclass(frozen=True, slots=True)
class _Rules:
    """What reading depends on besides the code."""

    today: dt.date
    region: str | None
    in_store_patterns: Sequence[InStorePattern]


def _from_unmarked(text: str, rules: _Rules) -> Symbol:
    """Read a code by its form, since the scanner did not say that it is GS1 or EAN."""
    if is_digits(text) and len(text) in GTIN_LENGTHS:
        return _from_number(text, rules, free_code=text)
    read = _reader_of(text)
    if read is not None:
        try:
            return _from_elements(read(text), rules)
        except UnreadableSymbol as error:
            error.free_code = text if text.isprintable() else None
            raise
    if not text.isprintable():
        raise UnreadableSymbol(Reason.MALFORMED, "control characters in it")
    return Symbol(kind=SymbolKind.FREE, code=text)


def _reader_of(text: str) -> Callable[[str], list[tuple[str, str]]] | None:
    """What reads a text that has the form of GS1 data, None if it has not."""
    if digital_link.is_uri(text):
        return digital_link.read_uri
    if text.startswith("("):
        return gs1.read_bracketed
    # From a scanner that sends no AIM prefixes. Anything looser would take free codes for GS1, or for a GTIN
    # with a wrong check digit.
    if gs1.FNC1 in text or (text.startswith("01") and len(text) >= 16 and is_digits(text[:16])):
        return gs1.read_message
    return None


def _from_ean(text: str, symbology: str, rules: _Rules) -> Symbol:
    """Read what an EAN or UPC symbol held."""
    linear, is_composite, above = text.partition(_COMPOSITE)
    if symbology == "]E3":
        linear = linear[: _LENGTH_WITHOUT_ADD_ON.get(len(linear), len(linear))]
    if not is_digits(linear) or len(linear) not in _EAN_LENGTHS.get(symbology, ()):
        raise UnreadableSymbol(Reason.UNSUPPORTED, f"no whole EAN or UPC code under {symbology}")
    if symbology == "]E0" and len(linear) in _UPC_E_LENGTHS:
        linear = _expanded_upc_e(linear)
    symbol = _from_number(linear, rules)
    if not is_composite:
        return symbol
    return _from_elements([("01", linear.zfill(14)), *gs1.read_message(above)], rules)


def _expanded_upc_e(digits: str) -> str:
    from hardware.scanner.library import ParseError, Upc

    try:
        return Upc.parse(digits).as_upc_a()
    except ParseError as error:
        raise WrongCheckDigit(digits) from error


def _from_number(digits: str, rules: _Rules, free_code: str | None = None) -> Symbol:
    """Read digits of a GTIN's length."""
    gtin14 = to_gtin14(digits)
    if gtin14 is None:
        raise WrongCheckDigit(digits, free_code)
    if not is_in_store(gtin14):
        return Symbol(kind=SymbolKind.GTIN, code=gtin14)
    try:
        item = _in_store_item(gtin14, rules)
    except ValueError as error:
        # The check digit that some regions give the price or the weight within.
        raise WrongCheckDigit(digits, free_code) from error
    if item is None:
        return Symbol(kind=SymbolKind.IN_STORE, code=gtin14)
    return Symbol(
        kind=SymbolKind.IN_STORE,
        code=item.code,
        in_store_prefix=item.prefix,
        item_reference=item.item_reference,
        net_weight_kg=item.weight_kg,
        price=item.price,
        count=item.count,
    )


def _in_store_item(gtin14: str, rules: _Rules) -> InStoreItem | None:
    for pattern in rules.in_store_patterns:
        item = pattern.read(gtin14)
        if item is not None:
            return item
    return None if rules.region is None else read_by_region(gtin14, rules.region)


def _from_elements(pairs: list[tuple[str, str]], rules: _Rules) -> Symbol:
    """Read (AI, value) pairs."""
    values = gs1.checked(pairs, rules.today)

    def date_of(ai: str) -> dt.date | None:
        return gs1.to_date(values[ai][:6], rules.today) if ai in values else None

    weight_lb = gs1.measure(values, "320")
    price_with_currency = next((value for ai, value in values.items() if ai.startswith("393")), "")
    return Symbol(
        kind=SymbolKind.GTIN,
        code=values["01"],
        lot=values.get("10", ""),
        serial=values.get("21", ""),
        expires_on=date_of("17") or date_of("7003"),
        best_before=date_of("15"),
        sell_by=date_of("16"),
        net_weight_kg=gs1.measure(values, "310") if weight_lb is None else weight_lb * KG_PER_LB,
        net_volume_l=gs1.measure(values, "315"),
        length_m=gs1.measure(values, "311"),
        count=int(values["30"]) if "30" in values else None,
        price=gs1.measure(values, "393", skip=3) if price_with_currency else gs1.measure(values, "392"),
        price_currency=price_with_currency[:3],
        percent_off=gs1.measure(values, "394"),
        elements=tuple(values.items()),
    )
