"""In-store codes: what a shop's own scales print, with the weight, the price or the count inside.

Each country reads the prefixes 20 to 29 in its own way (biip knows nine), and many a shop in a way of its
own: that is what patterns are for.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hardware.scanner.gtin import check_digit, is_in_store

if TYPE_CHECKING:
    from hardware.scanner.library import Rcn

REGIONS = ("de", "dk", "ee", "fi", "gb", "lt", "lv", "no", "se")

_PATTERN_LENGTHS = (8, 12, 13)
_MEASURES = ("W", "P", "N")


@dataclass(frozen=True, slots=True)
class InStoreItem:
    """What an in-store code says: the shop's number of the item, and at most one measure.

    `code` is the GTIN-14 with zeros for the measure and the check digit set right: the same for each pack.
    """

    code: str
    item_reference: str
    prefix: str
    weight_kg: Decimal | None = None
    price: Decimal | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class InStorePattern:
    """How a shop reads its own codes, written as the code's digits from left to right.

    | sign  | stands for |
    | ----- | ---------- |
    | 0–9   | this very digit |
    | I     | the item's number in the shop |
    | W     | weight in grams; with a point, in kg: `WW.WWW` |
    | P     | price in hundredths; with a point, in the currency's unit: `PPP.PP`, `PPPP.` |
    | N     | a count |
    | X     | anything (the scale's number, a check digit of the price) |
    | C     | the check digit of the code, always last |

    So `21IIIIIPPPPPC` reads 2112345009992 as item 12345 for 9.99. A pattern is 8, 12 or 13 signs long without
    its point, has I in one run and at most one run of W, P or N. It begins with the digits of an in-store
    code: 02, 04 or 20 to 29; with 12 signs 2 or 4, with 8 signs 0 or 2.

    Raises ValueError, which says what is wrong, for a pattern against these rules.
    """

    text: str

    def __post_init__(self) -> None:
        signs = self.signs
        problem = None
        if len(signs) not in _PATTERN_LENGTHS:
            problem = f"is {len(signs)} signs long, not 8, 12 or 13"
        elif unknown := sorted(set(signs) - set("0123456789IWPNXC")):
            problem = f"has the unknown sign {unknown[0]!r}"
        elif not re.fullmatch(r"[0-9]+[^0-9C]+C", signs):
            problem = "does not start with digits, go on with signs and end with C"
        elif not is_in_store(re.sub("[^0-9]", "9", signs).zfill(14)):
            problem = "does not begin like an in-store code, with 02, 04 or 20 to 29"
        elif not re.fullmatch(r"[^I]*I+[^I]*", signs):
            problem = "does not have I in one run"
        elif not re.fullmatch(r"[0-9IX]*(W+|P+|N+)?[IX]*C", signs):
            problem = "has more than one run of W, P or N"
        elif "." in self.text and not re.fullmatch(r"[^.]*([WP]\.[^.]*|\.[WP][^.]*)", self.text):
            problem = "has a point that is not beside W or P, or more than one"
        if problem:
            raise ValueError(
                f"the in-store pattern {self.text!r} {problem}; right would be, for example, 21IIIIIPPPPPC"
            )

    @property
    def signs(self) -> str:
        """The pattern without its point: one sign a digit."""
        return self.text.replace(".", "")

    def read(self, gtin14: str) -> InStoreItem | None:
        """What a GTIN says by this pattern, None if it is not of its kind."""
        signs = self.signs
        digits = gtin14[-len(signs) :]
        if digits.zfill(14) != gtin14:
            return None
        if any(sign.isdigit() and sign != digit for sign, digit in zip(signs, digits, strict=True)):
            return None
        parts = {
            sign: "".join(digit for at, digit in zip(signs, digits, strict=True) if at == sign)
            for sign in ("I", *_MEASURES)
        }
        zeroed = "".join(
            "0" if sign in (*_MEASURES, "X") else digit
            for sign, digit in zip(signs[:-1], digits[:-1], strict=True)
        )
        return InStoreItem(
            code=(zeroed + check_digit(zeroed)).zfill(14),
            item_reference=parts["I"],
            prefix=signs[: -len(signs.lstrip("0123456789"))],
            weight_kg=self._decimal(parts["W"], decimals=3) if parts["W"] else None,
            price=self._decimal(parts["P"], decimals=2) if parts["P"] else None,
            count=int(parts["N"]) if parts["N"] else None,
        )

    def _decimal(self, digits: str, *, decimals: int) -> Decimal:
        if "." in self.text:
            behind = self.text.partition(".")[2]
            decimals = behind.count("W") + behind.count("P")
        return Decimal(digits).scaleb(-decimals)


def read_by_region(gtin14: str, region: str) -> InStoreItem | None:
    """What an in-store GTIN says by the rules of `region`, None where they say nothing about its prefix.

    `region` is one of REGIONS; an unknown one has no rules.
    Raises ValueError if the check digit that some regions put before the price or weight is wrong.
    """
    if region not in REGIONS:
        return None
    from hardware.scanner.library import Gtin, ParseConfig, ParseError, Rcn, RcnRegion

    digits = gtin14[1:]
    try:
        found = Gtin.parse(digits, config=ParseConfig(rcn_region=RcnRegion(region)))
        if not isinstance(found, Rcn) or not _holds_a_measure(found):
            return None
        zeroed = found.without_variable_measure().as_gtin_14()
    except ParseError as error:
        raise ValueError(str(error)) from error
    return InStoreItem(
        code=zeroed,
        item_reference=found.item_reference or "",
        prefix=digits[:2],
        weight_kg=found.weight,
        price=found.price,
        count=found.count,
    )


def _holds_a_measure(found: "Rcn") -> bool:
    return found.weight is not None or found.price is not None or found.count is not None
