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
from hardware.scanner.layouts import Reading, readings
from hardware.scanner.unreadable import Reason, UnreadableSymbol, WrongCheckDigit

__all__ = [
    "REGIONS",
    "InStorePattern",
    "Reading",
    "Reason",
    "Symbol",
    "SymbolKind",
    "UnreadableSymbol",
    "WrongCheckDigit",
    "check_digit",
    "is_supplement",
    "read_symbol",
    "readings",
    "same_pack",
    "says_more",
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
# An EAN or UPC with the small symbol of two or five digits beside it (on magazines and books): in one, with a space
# between, or each under its own AIM prefix.
_WITH_SUPPLEMENT = re.compile(r"([0-9]{13}|[0-9]{12}|[0-9]{8})(?: ?|\][Ee][12])([0-9]{5}|[0-9]{2})")
_SUPPLEMENT_ALONE = re.compile(r"\]E[12]([0-9]{5}|[0-9]{2})")
# How scanners write the separator GS where they cannot send it.
_WRITTEN_GS = "^]"

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
    sends none. `elements` holds all that a GS1 code says, by AI. `supplement` is what the small symbol beside an
    EAN says. `hidden_expiry` is a date that may stand in a lot or serial number, since no separator ended it: then
    neither is known.
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
    supplement: str = ""
    hidden_expiry: dt.date | None = None

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
        symbol = _from_elements(gs1.read_message(text.replace(_WRITTEN_GS, gs1.FNC1)), rules)
    elif symbology.startswith("]E"):
        symbol = _from_ean(text, symbology, rules)
    else:
        symbol = _from_unmarked(text, rules)
    return replace(symbol, raw=data, symbology=symbology)


def same_pack(first: Symbol, second: Symbol) -> bool:
    """Whether the two can be codes of one pack: the same GTIN, bare and with more to it (GS1 data, a supplement).

    Two equal codes are two packs. How close in time makes one sweep, the caller judges.
    """
    if first.gtin is None or first.gtin != second.gtin:
        return False
    return says_more(first) != says_more(second)


def says_more(symbol: Symbol) -> bool:
    """Whether a code says more than which product it is."""
    return bool(symbol.elements or symbol.supplement)


def is_supplement(data: str) -> bool:
    """Whether a scanner sent only the small symbol beside an EAN, which it reads as one more code."""
    return _SUPPLEMENT_ALONE.fullmatch(data.strip(" ")) is not None


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
    with_supplement = _with_supplement(text, rules)
    if with_supplement is not None:
        return with_supplement
    if is_digits(text) and len(text) in GTIN_LENGTHS:
        return _from_number(text, rules)
    read = _reader_of(text)
    if read is not None:
        return _from_elements(read(text), rules)
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
        return _read_written
    return None


def _read_written(text: str) -> list[tuple[str, str]]:
    return gs1.read_message(text.replace(_WRITTEN_GS, gs1.FNC1))


def _with_supplement(text: str, rules: _Rules) -> Symbol | None:
    """An article with the small symbol beside it; None where the text is no such thing.

    Fourteen digits that are a GTIN are one, and eight digits with two or five behind them need a space or a prefix.
    """
    match = _WITH_SUPPLEMENT.fullmatch(text)
    if match is None or to_gtin14(text) or not to_gtin14(match[1]):
        return None
    if len(match[1]) == 8 and is_digits(text):
        return None
    return replace(_from_number(match[1], rules), supplement=match[2])


def _from_ean(text: str, symbology: str, rules: _Rules) -> Symbol:
    """Read what an EAN or UPC symbol held."""
    linear, is_composite, above = text.partition(_COMPOSITE)
    if _SUPPLEMENT_ALONE.fullmatch(symbology + text):
        raise UnreadableSymbol(Reason.SUPPLEMENT, "the supplement of a code")
    if symbology == "]E3" and len(linear) == 10:  # an EAN-8 with two more
        return replace(_from_number(linear[:8], rules), supplement=linear[8:])
    if symbology == "]E3" or not is_digits(linear):
        with_supplement = _with_supplement(linear, rules)
        if with_supplement is not None:
            return with_supplement
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


def _from_number(digits: str, rules: _Rules) -> Symbol:
    """Read digits of a GTIN's length."""
    gtin14 = to_gtin14(digits)
    if gtin14 is None:
        raise WrongCheckDigit(digits)
    if not is_in_store(gtin14):
        return Symbol(kind=SymbolKind.GTIN, code=gtin14)
    try:
        item = _in_store_item(gtin14, rules)
    except ValueError as error:
        # The check digit that some regions give the price or the weight within.
        raise WrongCheckDigit(digits) from error
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

    hidden_expiry = gs1.hidden_expiry(pairs, rules.today)
    weight_lb = gs1.measure(values, "320")
    price_with_currency = next((value for ai, value in values.items() if ai.startswith("393")), "")
    return Symbol(
        kind=SymbolKind.GTIN,
        code=values["01"],
        lot="" if hidden_expiry else values.get("10", ""),
        serial="" if hidden_expiry else values.get("21", ""),
        hidden_expiry=hidden_expiry,
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
