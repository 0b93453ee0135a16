"""GS1 Digital Link: web addresses that say what a GS1 code says, as https://example.com/01/05449000000996.

Source of the rules: GS1 Digital Link Standard, URI Syntax 1.x, sections 4 to 6. Compressed links are not
read.
"""

import re
from urllib.parse import unquote, unquote_plus, urlsplit

from hardware.scanner.unreadable import Reason, UnreadableSymbol

# The signs that a URI is made of (RFC 3986), each % with the two hexadecimal digits that belong to it.
_URI = re.compile(r"https?://(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+", re.IGNORECASE)
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")

# Primary keys, and the orders in which their qualifiers may follow in the path.
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": (),
    "01": (("22", "10", "21"), ("235",)),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8003": (),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8013": (),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
# The words that version 1.0 of the standard allowed for the keys that a till meets.
_WORDS = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "sscc": "00"}

# Identifiers that qualify a key or complete it and may not stand behind the question mark.
_PATH_ONLY = {"03", "21", "22", "235", "254", "8200"} | {
    *("7040", "7041", "8011", "8014", "8019", "8020", "8040", "8041", "8042", "8043")
}


def is_uri(text: str) -> bool:
    """Whether `text` means to be a web address."""
    return text[:8].lower().startswith(("http://", "https://"))


def read_uri(uri: str) -> list[tuple[str, str]]:
    """The (AI, value) pairs of a Digital Link, the primary key first; the GTIN as 14 digits.

    Raises UnreadableSymbol: NO_PRODUCT for any other web address, MALFORMED for a link against the rules.
    """
    if not _URI.fullmatch(uri):
        raise _malformed("signs that no web address has")
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise _malformed(str(error)) from error
    if not _HOST.fullmatch(parts.netloc):
        raise _malformed(f"{parts.netloc!r} is no host")
    path, sequences = _read_path(parts.path)
    pairs = path + _read_query(parts.query, sequences)
    identifiers = [ai for ai, _ in pairs]
    for ai in identifiers:
        if identifiers.count(ai) > 1:
            raise _malformed(f"({ai}) twice")
    return [
        (ai, value.zfill(14) if ai == "01" and len(value) in (8, 12, 13) else value) for ai, value in pairs
    ]


def _read_path(path: str) -> tuple[list[tuple[str, str]], list[tuple[str, ...]]]:
    """The key with its qualifiers, and the orders of qualifiers that these leave open."""
    segments = path.split("/")[1:]
    # Whatever stands before the last primary key is the owner's own business.
    for start in range(len(segments) - 2, -1, -2):
        key = _WORDS.get(segments[start], segments[start])
        if key in _KEYS:
            break
    else:
        raise UnreadableSymbol(Reason.NO_PRODUCT, "a web address that names no product")
    names = [_WORDS.get(name, name) for name in segments[start::2]]
    qualifiers = names[1:]
    open_sequences = [sequence for sequence in _KEYS[key] if _in_order(qualifiers, sequence)]
    if qualifiers and not open_sequences:
        raise _malformed(f"({key}) cannot be followed by {', '.join(qualifiers)}")
    values = [unquote(value) for value in segments[start + 1 :: 2]]
    return list(zip(names, values, strict=True)), open_sequences


def _in_order(qualifiers: list[str], sequence: tuple[str, ...]) -> bool:
    return qualifiers == [ai for ai in sequence if ai in qualifiers]


def _read_query(query: str, sequences: list[tuple[str, ...]]) -> list[tuple[str, str]]:
    """What the part behind the question mark says in AIs; other keys than numbers belong to others."""
    pairs = []
    for parameter in query.split("&"):
        ai, is_pair, value = parameter.partition("=")
        if not is_pair or not ai.isdigit():
            continue
        if ai in _PATH_ONLY or any(ai in sequence for sequence in sequences):
            raise _malformed(f"({ai}) belongs into the path")
        pairs.append((ai, unquote_plus(value)))
    return pairs


def _malformed(detail: str) -> UnreadableSymbol:
    return UnreadableSymbol(Reason.MALFORMED, f"not a Digital Link: {detail}")
