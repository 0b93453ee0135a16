"""Fonts for what no code page holds: which file has the letters, found once and remembered."""

import logging
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

log = logging.getLogger(__name__)

FOLDERS = (
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/usr/local/share/fonts"),
    Path("/usr/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
)
FILE_LIMIT = 3_000
"""Font files looked at; a machine with more is a typesetter's."""
SIZE_LIMIT_BYTES = 64 * 1024 * 1024
_LAST_CHOICE = (
    "bold",
    "black",
    "heavy",
    "italic",
    "oblique",
    "light",
    "thin",
    "condensed",
    "serif",
    "math",
    "emoji",
)


class Fonts:
    """The fonts of this machine. `preferred` (setting printer.font) is asked before the system's."""

    def __init__(self, preferred: Path | None = None, folders: Sequence[Path] = FOLDERS) -> None:
        self._preferred = preferred
        self._folders = folders
        self._files: list[Path] | None = None

    def whole(self, text: str) -> Path | None:
        """A font that has every letter of `text`, or None."""
        wanted = frozenset(char for char in text if not char.isspace())
        return next((path for path in self._all() if wanted <= _Having(path)), None)

    def parts(self, text: str) -> list[tuple[Path | None, str]]:
        """`text` cut where the font changes; None for letters that no font has."""
        parts: list[tuple[Path | None, str]] = []
        for char in text:
            last = parts[-1][0] if parts else None
            font = last if parts and (char.isspace() or _has(last, char)) else self.whole(char)
            if parts and font == last:
                parts[-1] = (last, parts[-1][1] + char)
            else:
                parts.append((font, char))
        return parts

    def missing(self, text: str) -> frozenset[str]:
        """The letters of `text` that no font of this machine has."""
        parts = self.parts(text)
        return frozenset(char for font, part in parts if font is None for char in part if not char.isspace())

    def _all(self) -> list[Path]:
        if self._files is None:
            found = sorted(_font_files(self._folders), key=_rank)
            own = [self._preferred] if self._preferred else []
            self._files = own + found[:FILE_LIMIT]
        return self._files


def _font_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        try:
            yield from (p for p in folder.rglob("*") if p.suffix.lower() in (".ttf", ".otf", ".ttc", ".otc"))
        except OSError as error:
            log.info("fonts in %s cannot be listed: %s", folder, error)


def _rank(path: Path) -> tuple[int, str]:
    name = path.name.lower().replace("sansserif", "").replace("sans-serif", "")
    return sum(word in name for word in _LAST_CHOICE), str(path)


def _has(path: Path | None, char: str) -> bool:
    return path is not None and char in _Having(path)


class _Having:
    """The letters of a font as something that `in` and `<=` work on, without a set of 60,000 letters."""

    def __init__(self, path: Path) -> None:
        self._starts, self._ends = _ranges(path)

    def __contains__(self, char: str) -> bool:
        place = bisect_right(self._starts, ord(char)) - 1
        return place >= 0 and ord(char) <= self._ends[place]

    def __ge__(self, chars: frozenset[str]) -> bool:
        return all(char in self for char in chars)


@lru_cache(maxsize=FILE_LIMIT)
def _ranges(path: Path) -> tuple[list[int], list[int]]:
    """First and last code points of the runs of letters in a font; nothing for a file that is no font."""
    try:
        if path.stat().st_size > SIZE_LIMIT_BYTES:
            return [], []
        runs = sorted(_character_map(path.read_bytes()))
    except (OSError, struct.error, IndexError) as error:
        log.info("%s is no font that can be read: %s", path, error)
        return [], []
    return [first for first, _last in runs], [last for _first, last in runs]


def _character_map(data: bytes) -> list[tuple[int, int]]:
    """The Unicode part of a font's `cmap` table (OpenType 1.9, formats 12 and 4), as (first, last) runs."""
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    for index in range(struct.unpack_from(">H", data, start + 4)[0]):
        tag, _sum, cmap, _length = struct.unpack_from(">4sIII", data, start + 12 + 16 * index)
        if tag == b"cmap":
            break
    else:
        return []
    tables = {}
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * index)
        if platform == 0 or (platform, encoding) in ((3, 1), (3, 10)):
            tables[struct.unpack_from(">H", data, cmap + offset)[0]] = cmap + offset
    if 12 in tables:
        return _format_12(data, tables[12])
    return _format_4(data, tables[4]) if 4 in tables else []


def _format_12(data: bytes, at: int) -> list[tuple[int, int]]:
    groups = struct.unpack_from(">I", data, at + 12)[0]
    triples = (struct.unpack_from(">III", data, at + 16 + 12 * index) for index in range(groups))
    return [(first, last) for first, last, _glyph in triples]


def _format_4(data: bytes, at: int) -> list[tuple[int, int]]:
    segments = struct.unpack_from(">H", data, at + 6)[0] // 2
    column = f">{segments}H"
    ends = struct.unpack_from(column, data, at + 14)
    starts = struct.unpack_from(column, data, at + 16 + 2 * segments)
    offsets_at = at + 16 + 6 * segments
    offsets = struct.unpack_from(column, data, offsets_at)
    runs: list[tuple[int, int]] = []
    for index, (first, last, offset) in enumerate(zip(starts, ends, offsets, strict=True)):
        if offset == 0:
            runs.append((first, last))
            continue
        glyphs_at = offsets_at + 2 * index + offset
        for code in range(first, last + 1):  # such a segment may have holes: glyph 0 is "no such letter"
            if struct.unpack_from(">H", data, glyphs_at + 2 * (code - first))[0]:
                runs.append((code, code))
    return runs
