"""A page as ESC/POS bytes; nothing here knows a cable."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.document import Barcode, Document, Logo, Qr, StyledLine, lay_out
from hardware.escpos import commands, picture
from hardware.escpos.fonts import Fonts
from hardware.escpos.pages import CodePages, parse_code_pages
from hardware.escpos.profiles import capabilities

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

_BARCODE_DOTS = 60
_STRIP_DOTS = 240
"""Pictures go in strips of this height: small printers have small buffers."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes, and the letters of the page that neither a code page nor a font has (printed as ?)."""

    data: bytes
    missing: frozenset[str]


class Renderer:
    """Turns pages into bytes for one kind of printer. Not for several threads at once.

    Raises DeviceError at once for an unknown profile or code page.
    """

    def __init__(self, columns: int, profile: str, code_pages: tuple[str, ...], font: Path | None) -> None:
        self.columns = columns
        self._pages = CodePages(parse_code_pages(code_pages, profile))
        self._fonts = Fonts(font)
        self._features: dict[str, bool] = capabilities()["profiles"][profile]["features"]

    def page(self, document: Document) -> Rendered:
        """The whole page, from reset to cut."""
        out = _Page(self.columns, self._pages, self._fonts, self._features)
        for line in lay_out(document, self.columns):
            match line:
                case StyledLine():
                    out.line(line)
                case Logo(path):
                    out.picture(picture.logo(path, out.dots))
                case Barcode(data):
                    out.barcode(data)
                case Qr(data):
                    out.qr(data)
        return out.finish()


class _Page:
    """One page while it is written: the printer's state as it will be when it comes to the next byte."""

    def __init__(self, columns: int, pages: CodePages, fonts: Fonts, features: dict[str, bool]) -> None:
        self.dots = picture.paper_dots(columns)
        self._columns, self._pages, self._fonts, self._features = columns, pages, fonts, features
        able = (command for name, command in commands.PICTURE_COMMANDS.items() if features.get(name))
        self._picture_command = next(able, None)
        self._missing: set[str] = set()
        self._style = (False, 1)
        self._out = bytearray(commands.RESET + commands.ASCII_AS_ASCII)
        # The reset has put the printer back on its own page: from here on nothing is assumed about it.
        self._page = pages.first
        if self._page is not None:
            self._out += commands.select_page(self._page)

    def finish(self) -> Rendered:
        self._out += commands.cut(self._features)
        return Rendered(bytes(self._out), frozenset(self._missing))

    def line(self, line: StyledLine) -> None:
        line = self._printable(line)
        if not self._pages.can_print(line.left + line.right) and self._picture_command:
            try:
                self.picture(picture.text_line(line, self.dots, self._fonts))
                return
            except (RuntimeError, OSError, ValueError) as error:
                log.warning("a line could not be drawn, it is printed in plain letters: %s", error)
        self._text(self._with(line, self._pages.simplified))

    def picture(self, image: "Image | None") -> None:
        if image is None or self._picture_command is None:
            return
        for top in range(0, image.height, _STRIP_DOTS):
            strip = image.crop((0, top, image.width, min(top + _STRIP_DOTS, image.height)))
            self._out += self._picture_command(strip)

    def barcode(self, data: str) -> None:
        symbols = len(commands.code128_content(data)) - 2  # without the name of the set
        modules = 11 * (symbols + 2) + 13 + 20  # with start and check; stop; two quiet zones
        module_dots = min(3, self.dots // modules)
        if module_dots < 2 or not (self._features.get("barcodeB") or self._picture_command):
            self._words(data)  # too wide for this paper: a printer would leave it out without a word
        elif not self._features.get("barcodeB"):
            self.picture(picture.bars(data, module_dots, _BARCODE_DOTS, self.dots))
        else:
            self._out += commands.centred(commands.code128(data, module_dots, _BARCODE_DOTS))

    def qr(self, data: str) -> None:
        modules = len(picture.qr_modules(data))
        module_dots = picture.qr_module_dots(modules, self.dots)
        if self._features.get("qrCode"):
            self._out += commands.centred(commands.qr(data, module_dots))
        elif self._picture_command:
            self.picture(picture.qr(data, self.dots))
        else:
            self._words(data)

    def _words(self, text: str) -> None:
        for start in range(0, len(text), self._columns):
            self.line(StyledLine(text[start : start + self._columns], align="center"))

    def _printable(self, line: StyledLine) -> StyledLine:
        """The line without letters that nothing here can print; they are remembered."""
        line = self._with(line, self._pages.prepared)
        text = line.left + line.right
        if self._pages.can_print(text):
            return line
        unknown = frozenset(char for char in text if not self._pages.can_print(char))
        missing = self._fonts.missing("".join(sorted(unknown))) if self._picture_command else unknown
        self._missing |= missing
        return self._with(
            line,
            lambda part: "".join(self._pages.simplified(char) if char in missing else char for char in part),
        )

    @staticmethod
    def _with(line: StyledLine, change: Callable[[str], str]) -> StyledLine:
        return StyledLine(change(line.left), change(line.right), line.align, line.bold, line.size)

    def _text(self, line: StyledLine) -> None:
        if (line.bold, line.size) != self._style and not line.empty:
            self._style = (line.bold, line.size)
            self._out += commands.style(line.bold, line.size)
        text = line.filled(self._columns // line.size).rstrip() if not line.empty else ""
        for page, data in self._pages.runs(text):
            if page is not None and page != self._page:
                self._page = page
                self._out += commands.select_page(page)
            self._out += data
        self._out += b"\n"
