"""Reading the cell of a file that holds barcodes, as spreadsheets and other programs leave them.

Nothing here guesses away a code that a shop may have: an own code of any letters and digits is taken as it stands. What
stands behind an apostrophe, or as ="…", is text to a spreadsheet, which changes nothing in it; so it is taken to the
letter. That is how `written` writes every code that would be read as something else.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hardware.scanner.gtin import is_digits, to_gtin14
from tui_pos.catalogue.codes import normalise_code, shown_code, visible
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.upkeep import BARCODE_MARK, has_lost_digits
from tui_pos.i18n import _

NO_CODE = frozenset(("-", "--", "---", "–", "—", ".", "?", "n/a", "#n/a", "na", "nan", "nil", "none", "null")) | {
    "unknown", "does not apply", "not applicable", "not available", "no barcode", "no ean", "no gtin", "no upc",
}  # fmt: skip
"""What stands in a cell that has no code, in small letters; and zeros alone, which number nothing."""

_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_AS_FLOAT = re.compile(r"([0-9]+)[.,]0|([0-9]{8,})[.,]0+")
_IN_GROUPS = re.compile(r"[0-9]+(?: [0-9]+)+|97[89](?:-[0-9]+){3,4}")
_BETWEEN_CODES = re.compile(r"[\s,;/]+")
_PRICE = re.compile(r"[0-9]{1,7}[.,](?!0+$)[0-9]{1,4}")
_WORDS = re.compile(r"[^\W\d_]{2,} +[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class ReadCode:
    """A code out of a file, as it stood there and as the catalogue keeps it.

    `padded` is the GTIN that it is with the zeros before it that spreadsheets take away: empty where the check digit
    says that there were none, None where a code of its form cannot have lost any. Whether they are put back is
    decided by all codes of the file (`staging.settle`).
    """

    code: str
    given: str = ""
    padded: str | None = None

    @property
    def mended(self) -> bool:
        """Whether it stood there in a form that no scanner sends."""
        return bool(self.given)

    @property
    def odd(self) -> bool:
        """Whether it looks like anything but a code: a price, or words."""
        return bool(_PRICE.fullmatch(self.code) or _WORDS.search(self.code))


def read_codes(cell: str) -> tuple[ReadCode, ...]:
    """The codes of a cell. Raises CatalogueError where a spreadsheet has thrown digits away."""
    return tuple(code for piece in cell.split(BARCODE_MARK) for code in _read(piece.strip(" \t\r\n")))


def _read(piece: str) -> Iterator[ReadCode]:
    if not piece:
        return
    if (gtin := to_gtin14(piece)) and piece.strip("0"):
        yield ReadCode(gtin)
        return
    literal = _literal(piece)
    text = visible(piece if literal is None else literal).strip()
    if has_lost_digits(text):
        raise CatalogueError(
            _(
                "The barcode {code} was spoiled by a spreadsheet, and its last digits are lost. Format the column as "
                "text, fill in the codes anew, and export the file again."
            ).format(code=text[:40])
        )
    if literal is not None:
        if text:
            yield ReadCode(normalise_code(text))
        return
    if as_float := _AS_FLOAT.fullmatch(text):
        text = as_float[1] or as_float[2]
    if is_no_code(text):
        return
    codes = _BETWEEN_CODES.split(text)
    if len(codes) > 1 and all(map(to_gtin14, codes)):
        yield from (ReadCode(normalise_code(code)) for code in codes)
        return
    if _IN_GROUPS.fullmatch(text) and len(joined := re.sub("[ -]", "", text)) >= 12:
        text = to_gtin14(joined) or text
    code = normalise_code(text)
    changed = code != (to_gtin14(piece) or piece)
    yield ReadCode(code, piece if changed else "", _padded(code))


def _literal(piece: str) -> str | None:
    """What stands in `piece` as text that a spreadsheet leaves alone; None where it does not."""
    if piece.startswith("'"):
        return piece[1:]
    text = _AS_TEXT.fullmatch(piece)
    return text and text[1]


def is_no_code(text: str) -> bool:
    """Whether this stands for: there is none."""
    return text.casefold() in NO_CODE or not text.strip("0")


def _padded(code: str) -> str | None:
    """The GTIN-12 that a code of 10 or 11 digits was, before a spreadsheet took it for a number.

    A GTIN-13 or -14 without its first zero is a GTIN-12 or -13 and needs no mending. Eight digits that begin with
    a zero are given to no maker, so seven digits are a shop's own number, as are nine and fewer. Ten digits may be
    an ISBN of before 2007.
    """
    if not is_digits(code) or len(code) not in (10, 11) or _is_isbn10(code):
        return None
    return to_gtin14(code.zfill(12)) or ""


def _is_isbn10(digits: str) -> bool:
    """ISO 2108:1992: ten digits whose sum, weighted 10 to 1, is a multiple of 11."""
    weighted = (weight * int(digit) for weight, digit in zip(range(10, 0, -1), digits, strict=False))
    return len(digits) == 10 and sum(weighted) % 11 == 0


def read_sku(cell: str) -> str:
    """The shop's own number in a cell; empty where there is none. Its zeros and letters are left alone."""
    literal = _literal(cell)
    if literal is not None:
        return literal
    return "" if cell.casefold() in NO_CODE else cell


def written(codes: Iterable[str]) -> str:
    """The cell that `read_codes` reads these codes from, whatever they look like."""
    return BARCODE_MARK.join(_written(shown_code(code)) for code in codes)


def _written(code: str) -> str:
    try:
        found = tuple(_read(code))
    except CatalogueError:
        found = ()
    plain = [(each.code, each.mended or bool(each.padded)) for each in found]
    return code if plain == [(normalise_code(code), False)] else f"'{code}"


def written_sku(sku: str) -> str:
    """The cell that `read_sku` reads this number from."""
    return sku if read_sku(sku) == sku else f"'{sku}"
