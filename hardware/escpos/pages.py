"""Code pages: which bytes print which letters, on this printer.

A printer has numbered tables of 128 characters above ASCII. Which number holds which table differs from model
to model: the profile says so, or the settings do (`cp858:19`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby

from hardware.escpos.library import capabilities
from hardware.ports import DeviceError, Fault

_TRUSTED = ("CP437", "CP858", "CP1252", "ISO_8859-15", "CP850", "CP852")
"""Asked first, in this order: page 0 is CP437 everywhere, and those that hold the euro come next."""

_PLAIN = {
    "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u00ad": "", "\u200b": "",
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2018": "'", "\u2019": "'", "\u201a": ",", "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u2022": "*", "\u00d7": "x", "\u2500": "-", "\u2501": "-", "\u2550": "=", "\u2044": "/",
}  # fmt: skip
"""What stands in for typographic signs that no page has: too little to draw the whole line for."""


def parse_code_pages(values: Sequence[str], profile: str) -> dict[str, int]:
    """`("cp858:19", "cp1252")` → `{"CP858": 19, "CP1252": 16}`; without a number, that of the profile.

    Without values: all pages of the profile. Raises DeviceError that names what is wrong and what is known.
    """
    own = _profile_pages(profile)
    if not values:
        return own
    pages: dict[str, int] = {}
    encodings = capabilities()["encodings"]
    for value in values:
        match = re.fullmatch(r"\s*([\w-]+)\s*(?::\s*(\d{1,3})\s*)?", value)
        name = match[1].upper() if match else ""
        if not match or name not in encodings or name == "Unknown":
            raise _wrong(f"code page {value!r} is unknown: write name:number, such as cp858:19")
        if match[2] is None and name not in own:
            raise _wrong(
                f"code page {value!r} is not in the profile {profile!r}: add the printer's number for it"
            )
        number = int(match[2]) if match[2] else own[name]
        if not _table(name):
            raise _wrong(f"code page {value!r}: there is no table of its letters here, use another page")
        if number > 255:
            raise _wrong(f"code page {value!r}: the number must be 0 to 255")
        pages[name] = number
    return pages


def profile_names() -> list[str]:
    """The printers that are known by name."""
    return sorted(capabilities()["profiles"])


def _profile_pages(profile: str) -> dict[str, int]:
    profiles = capabilities()["profiles"]
    if profile not in profiles:
        raise _wrong(f"printer profile {profile!r} is unknown: known are {', '.join(profile_names())}")
    numbered = sorted((int(number), name) for number, name in profiles[profile]["codePages"].items())
    first: dict[str, int] = {}
    for number, name in numbered:
        if name != "Unknown":
            first.setdefault(name, number)
    order = {name: place for place, name in enumerate(_TRUSTED)}
    return dict(sorted(first.items(), key=lambda page: (order.get(page[0], len(order)), page[1])))


def _wrong(text: str) -> DeviceError:
    return DeviceError(Fault.ERROR, text, began=False)


class CodePages:
    """The tables of one printer, asked in the order given."""

    def __init__(self, pages: Mapping[str, int]) -> None:
        self._pages = [(number, name) for name, number in pages.items()]

    @property
    def first(self) -> int | None:
        """The number of the page to begin with."""
        return self._pages[0][0] if self._pages else None

    def prepared(self, text: str) -> str:
        """The text with typographic signs made plain where no page has them."""
        return "".join(char if self._holds(char) else _PLAIN.get(char, char) for char in text)

    def can_print(self, text: str) -> bool:
        """Whether the printer can set this text itself, in the order of its characters."""
        return all(self._holds(char) for char in text)

    def simplified(self, text: str) -> str:
        """The last resort: letters without their accents, ? for the rest, as wide as before."""
        return "".join(char if self._holds(char) else _simple(char) for char in text)

    def runs(self, text: str) -> Iterator[tuple[int | None, bytes]]:
        """(page number, bytes) one after the other; None: plain ASCII, which every page prints alike."""
        placed: list[tuple[int | None, int]] = []
        current: int | None = None
        for char in text:
            number, code = self._place(char, current)
            current = current if number is None else number
            placed.append((number, code))
        for number, group in groupby(placed, key=lambda place: place[0]):
            yield number, bytes(code for _number, code in group)

    def _holds(self, char: str) -> bool:
        if " " <= char <= "~":
            return True
        return not _needs_picture(char) and any(char in _table(name) for _number, name in self._pages)

    def _place(self, char: str, current: int | None) -> tuple[int | None, int]:
        if " " <= char <= "~":
            return None, ord(char)
        # The page in use first: fewer changes. Most letters are on the first few, so most tables are never made.
        for number, name in sorted(self._pages, key=lambda page: page[0] != current):
            if char in _table(name):
                return number, _table(name)[char]
        return None, ord("?")


def _needs_picture(char: str) -> bool:
    """Letters that join, combine or run right to left: one byte after the other prints them wrongly.

    A page may hold them (CP864, CP862, CP874), but the printer neither shapes nor turns them.
    """
    return (
        unicodedata.bidirectional(char) in ("R", "AL")
        or unicodedata.category(char).startswith("M")
        or unicodedata.east_asian_width(char) in ("W", "F")
    )


def _simple(char: str) -> str:
    parts = unicodedata.normalize("NFKD", char)
    if " " <= parts[0] <= "~" and all(unicodedata.combining(mark) for mark in parts[1:]):
        return parts[0]  # é as e, but not ½ as 1
    from wcwidth import wcwidth

    return "?" * max(wcwidth(char), 0)


@cache
def _table(name: str) -> dict[str, int]:
    """Character → code (128 to 255) of one of the library's pages; empty if this Python lacks the codec."""
    entry = capabilities()["encodings"][name]
    if "data" in entry:
        chars = "".join(entry["data"])
    else:
        try:
            chars = "".join(_decoded(code, entry["python_encode"]) for code in range(128, 256))
        except (KeyError, LookupError):
            return {}
    return {char: code for code, char in reversed(list(enumerate(chars, 128))) if char not in (" ", "\x00")}


def _decoded(code: int, codec: str) -> str:
    try:
        return bytes([code]).decode(codec)
    except UnicodeDecodeError:
        return " "
