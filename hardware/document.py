"""A printable page: blocks first, then lines of an exact width that screen, plain text and paper share.

Widths are counted in columns of the printer's normal font: an ideograph takes two, a combining mark none.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, Literal, get_args

Align = Literal["left", "center", "right"]

JSON_VERSION = 1
TEXT_LIMIT = 2_000
"""Characters that one text block may hold; a page is paper, not a file transfer."""
BLOCK_LIMIT = 10_000
CODE128_LIMIT = 48
QR_LIMIT_BYTES = 2_331
"""Version 40 at error correction M (ISO/IEC 18004, byte mode)."""
_NAME_COLUMNS = 8
"""A name is not squeezed into less than this beside an amount; the amount then gets a line of its own."""


class DocumentError(ValueError):
    """A page, or the JSON of one, that cannot exist: the text says which field and why."""


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph (or several, parted by newlines). `size` 2 is twice as wide and twice as high."""

    text: str
    align: Align = "left"
    bold: bool = False
    size: int = 1

    def __post_init__(self) -> None:
        _check_text("Text.text", self.text)
        _check_style("Text", self.bold, self.size)
        if self.align not in get_args(Align):
            raise DocumentError(f"Text.align is {self.align!r}: allowed are left, center and right")


@dataclass(frozen=True, slots=True)
class Row:
    """A name and its amount: `left` wraps; `right` ends at the right edge of the last line, is never cut."""

    left: str
    right: str
    bold: bool = False
    size: int = 1

    def __post_init__(self) -> None:
        _check_text("Row.left", self.left)
        _check_text("Row.right", self.right)
        _check_style("Row", self.bold, self.size)


@dataclass(frozen=True, slots=True)
class Rule:
    """A line from edge to edge, drawn with one character."""

    char: str = "-"

    def __post_init__(self) -> None:
        if not isinstance(self.char, str) or len(self.char) != 1 or text_width(self.char) != 1:
            raise DocumentError(f"Rule.char is {self.char!r}: it must be one character of one column")


@dataclass(frozen=True, slots=True)
class Blank:
    """Empty lines."""

    lines: int = 1

    def __post_init__(self) -> None:
        if type(self.lines) is not int or not 1 <= self.lines <= 50:
            raise DocumentError(f"Blank.lines is {self.lines!r}: allowed are 1 to 50")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture from a file, as wide as the paper allows. A file that is gone leaves the page without it."""

    path: str

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path:
            raise DocumentError("Logo.path is empty")


@dataclass(frozen=True, slots=True)
class Barcode:
    """A CODE128 barcode: 1 to 48 printable ASCII characters."""

    data: str

    def __post_init__(self) -> None:
        if not isinstance(self.data, str) or not re.fullmatch(rf"[ -~]{{1,{CODE128_LIMIT}}}", self.data):
            raise DocumentError(
                f"Barcode.data is {self.data!r}: it must be 1 to {CODE128_LIMIT} printable ASCII characters"
            )


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code: 1 to 2,331 bytes of UTF-8."""

    data: str

    def __post_init__(self) -> None:
        size_bytes = len(self.data.encode(errors="replace")) if isinstance(self.data, str) else 0
        if not 1 <= size_bytes <= QR_LIMIT_BYTES:
            raise DocumentError(f"Qr.data has {size_bytes} bytes: allowed are 1 to {QR_LIMIT_BYTES}")


Block = Text | Row | Rule | Blank | Logo | Barcode | Qr


@dataclass(frozen=True, slots=True)
class Document:
    """A whole page. `title` names it in lists of print jobs and is not printed."""

    title: str
    blocks: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        _check_text("Document.title", self.title)
        if not isinstance(self.blocks, tuple) or len(self.blocks) > BLOCK_LIMIT:
            raise DocumentError(f"Document.blocks must be a tuple of at most {BLOCK_LIMIT} blocks")
        for block in self.blocks:
            if not isinstance(block, Block):
                raise DocumentError(f"Document.blocks holds {block!r}, which is no block")


@dataclass(frozen=True, slots=True)
class StyledLine:
    """One line of a laid-out page. `left` and `right` together always fit `columns // size` columns."""

    left: str
    right: str = ""
    align: Align = "left"
    bold: bool = False
    size: int = 1

    @property
    def empty(self) -> bool:
        return not self.left and not self.right

    def filled(self, columns: int) -> str:
        """The line as text of exactly `columns` columns, aligned by spaces."""
        if self.right:
            gap = columns - text_width(self.left) - text_width(self.right)
            if is_right_to_left(
                self.left
            ):  # a paragraph from right to left starts at the right of its own room
                return " " * max(gap - 1, 0) + self.left + " " * min(gap, 1) + self.right
            return self.left + " " * gap + self.right
        free = columns - text_width(self.left)
        before = {"left": 0, "center": free // 2, "right": free}[self.align]
        return " " * before + self.left + " " * (free - before)


Line = StyledLine | Logo | Barcode | Qr


def text_width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font."""
    if _is_plain(text):
        return len(text)
    from wcwidth import width

    return width(text, control_codes="ignore")


def _graphemes(text: str) -> Iterator[str]:
    """What a reader takes for one character each: letters with the marks that stand on them."""
    if _is_plain(text):
        return iter(text)
    from wcwidth import iter_graphemes

    return iter_graphemes(text)


def _is_plain(text: str) -> bool:
    """Whether every character is one column by itself, which needs no tables: before U+0300 no mark joins another."""
    return text.isprintable() and (text.isascii() or max(text) < "\u0300")


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs right to left (Unicode UAX #9, rules P2 and P3)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def lay_out(document: Document, columns: int) -> list[Line]:
    """The page in lines for paper or a screen of `columns`; pictures and codes stay what they are."""
    if columns < 16:
        raise DocumentError(f"a page of {columns} columns is too narrow: at least 16 are needed")
    return [line for block in document.blocks for line in _lines(block, columns)]


def to_text(document: Document, columns: int) -> str:
    """The page as plain text without trailing spaces; pictures are left out, codes shown as their content."""
    lines: list[str] = []
    for line in lay_out(document, columns):
        if isinstance(line, StyledLine):
            lines.append(line.filled(columns).rstrip())
        elif isinstance(line, Barcode | Qr):
            shown = [StyledLine(part, align="center") for part in _wrap(f"[{line.data}]", columns)]
            lines += [part.filled(columns).rstrip() for part in shown]
    return "\n".join(lines) + "\n"


def mark_copy(document: Document, text: str) -> Document:
    """The same page with a banner at top and bottom, so that nobody takes it for the original."""
    banner = Text(text, align="center", bold=True, size=2)
    return replace(document, blocks=(banner, Blank(), *document.blocks, Blank(), banner))


def to_json(document: Document) -> str:
    """The page as one line of ASCII JSON: the same page always gives the same text."""
    blocks = [
        {
            "type": type(block).__name__.lower(),
            **{name: getattr(block, name) for name in _FIELDS[type(block)]},
        }
        for block in document.blocks
    ]
    page = {"version": JSON_VERSION, "title": document.title, "blocks": blocks}
    return json.dumps(page, separators=(",", ":"))


def from_json(text: str) -> Document:
    """The page that `to_json` wrote. Raises DocumentError for anything else, unknown keys included."""
    try:
        page = json.loads(text)
    except ValueError as error:
        raise DocumentError(f"not a page: {error}") from error
    if not isinstance(page, dict) or set(page) != {"version", "title", "blocks"}:
        raise DocumentError("not a page: it needs exactly version, title and blocks")
    if page["version"] != JSON_VERSION:
        raise DocumentError(f"page version {page['version']!r}: this program reads version {JSON_VERSION}")
    if not isinstance(page["blocks"], list):
        raise DocumentError("not a page: blocks must be a list")
    return Document(page["title"], tuple(_block_from(value) for value in page["blocks"]))


_BLOCK_TYPES: dict[str, type[Block]] = {kind.__name__.lower(): kind for kind in get_args(Block)}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in get_args(Block)}


def _block_from(value: Any) -> Block:
    kind = _BLOCK_TYPES.get(str(value.get("type"))) if isinstance(value, dict) else None
    if kind is None:
        raise DocumentError(f"not a block of a page: {value!r}")
    given = {key: item for key, item in value.items() if key != "type"}
    known = {f.name for f in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING}
    if not needed <= set(given) <= known:
        raise DocumentError(f"a {value['type']} block has {sorted(given)}: known are {sorted(known)}")
    return kind(**given)


def _lines(block: Block, columns: int) -> Iterator[Line]:
    match block:
        case Text(text, align, bold, size):
            for paragraph in text.split("\n"):
                side: Align = "right" if align == "left" and is_right_to_left(paragraph) else align
                for part in _wrap(_cleaned(paragraph), columns // size):
                    yield StyledLine(part, align=side, bold=bold, size=size)
        case Row(left, right, bold, size):
            for name, amount in _row(_cleaned(left), _cleaned(right), columns // size):
                yield StyledLine(name, amount, bold=bold, size=size)
        case Rule(char):
            yield StyledLine(char * columns)
        case Blank(lines):
            yield from [StyledLine("")] * lines
        case _:
            yield block


def _row(left: str, right: str, columns: int) -> list[tuple[str, str]]:
    room = columns - text_width(right) - 1
    if room >= min(_NAME_COLUMNS, text_width(left)) and right:
        names = _wrap(left, room)
        return [*((name, "") for name in names[:-1]), (names[-1], right)]
    amounts = [("", part) for part in _wrap(right.strip(), columns)] if right else []
    return [*((name, "") for name in _wrap(left, columns) if name or not amounts), *amounts]


def _wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, broken at spaces and between wide characters; an indent is kept throughout.

    A word longer than a line is broken between graphemes, so that no accent or vowel sign loses its letter.
    """
    if text_width(text) <= columns:
        return [text.rstrip()]
    indent = text[: len(text) - len(text.lstrip())]
    if text_width(indent) > columns // 2:
        indent = ""
    lines, line = [], indent
    for piece in _pieces(text.strip()):
        if text_width(line + piece.rstrip()) <= columns:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
            line = indent
        for grapheme in _graphemes(piece):
            if text_width(line + grapheme.rstrip()) > columns and line.strip():
                lines.append(line.rstrip())
                line = indent
            line += grapheme
    return [*lines, line.rstrip()]


def _pieces(text: str) -> Iterator[str]:
    """The parts between which a line may end: words with the spaces after them, and each wide character."""
    piece = ""
    for grapheme in _graphemes(text):
        wide = text_width(grapheme) == 2
        if piece and (wide or (piece[-1] == " " and grapheme != " ")):
            yield piece
            piece = ""
        piece += grapheme
        if wide:
            yield piece
            piece = ""
    if piece:
        yield piece


def _cleaned(text: str) -> str:
    """Composed letters (a code page holds é, not e and an accent), and nothing that could command a printer.

    Control characters become spaces; the invisible characters that turn text around are dropped.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = (char for char in composed if unicodedata.bidirectional(char) not in _TURNING)
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in kept)


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise DocumentError(f"{name} is {value!r}: it must be text")
    if len(value) > TEXT_LIMIT:
        raise DocumentError(f"{name} has {len(value)} characters: at most {TEXT_LIMIT} fit a page")


def _check_style(name: str, bold: object, size: object) -> None:
    if not isinstance(bold, bool):
        raise DocumentError(f"{name}.bold is {bold!r}: it must be true or false")
    if type(size) is not int or size not in (1, 2):
        raise DocumentError(f"{name}.size is {size!r}: allowed are 1 and 2")
