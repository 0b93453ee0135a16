"""A page as ESC/POS bytes. Built by python-escpos into memory; nothing here knows a cable.

Where the library would do something else than is meant, bytes are written here: its `text()` sends Chinese as
raw GB18030, and its `barcode()` prints to the terminal.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.document import Barcode, Document, Logo, Qr, StyledLine, lay_out
from hardware.escpos import library, picture
from hardware.escpos.fonts import Fonts
from hardware.escpos.pages import CodePages, parse_code_pages

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

_ASCII_AS_ASCII = b"\x1bR\x00"  # ESC R 0: no national set, which would print # $ [ ] { | } as other letters
_SELECT_PAGE = b"\x1bt"  # ESC t n
_BARCODE_DOTS = 60
_FRAGMENT_DOTS = 240
"""Pictures go in strips of this height: small printers have small buffers."""
_PICTURE_COMMANDS = ("bitImageRaster", "graphics", "bitImageColumn")


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
        self._dots = picture.paper_dots(columns)
        self._profile = profile
        self._pages = CodePages(parse_code_pages(code_pages, profile))
        self._fonts = Fonts(font)
        features = library.capabilities()["profiles"][profile]["features"]
        self._features: dict[str, bool] = features
        self._picture_command = next((name for name in _PICTURE_COMMANDS if features.get(name)), None)

    def page(self, document: Document) -> Rendered:
        """The whole page, from reset to cut."""
        out = self._start()
        for line in lay_out(document, self.columns):
            match line:
                case StyledLine():
                    out.line(line)
                case Logo(path):
                    out.picture(picture.logo(path, self._dots))
                case Barcode(data):
                    out.barcode(data)
                case Qr(data):
                    out.qr(data)
        return out.finish()

    def drawer_pulse(self, pin: int, pulse_ms: int) -> bytes:
        """ESC p: on for `pulse_ms` (2 to 510 ms, in steps of 2), then off for as long at least."""
        out = library.load().Dummy(profile=self._profile)
        steps = max(1, min(255, pulse_ms // 2))
        out.cashdraw([0x1B, 0x70, 0 if pin == 2 else 1, steps, min(255, steps * 2)])
        return bytes(out.output)

    def _start(self) -> "_Page":
        device = library.load().Dummy(profile=self._profile)
        profile = device.profile.profile_data
        width = {
            **profile["media"].get("width", {}),
            "pixels": self._dots,
        }  # ours, or wide pictures are refused
        device.profile.profile_data = {**profile, "media": {**profile["media"], "width": width}}
        return _Page(device, self._pages, self._fonts, self._features, self._picture_command, self.columns)


class _Page:
    """One page while it is written: the printer's state as it will be when it comes to the next byte."""

    def __init__(
        self,
        device: Any,
        pages: CodePages,
        fonts: Fonts,
        features: dict[str, bool],
        picture_command: str | None,
        columns: int,
    ) -> None:
        self._device, self._pages, self._fonts, self._features = device, pages, fonts, features
        self._picture_command = picture_command
        self._columns, self._dots = columns, picture.paper_dots(columns)
        self._missing: set[str] = set()
        self._style = (False, 1)
        device.hw("INIT")
        device._raw(_ASCII_AS_ASCII)
        # The reset has put the printer back on its own page: from here on nothing is assumed about it.
        self._page = pages.first
        if self._page is not None:
            device._raw(_SELECT_PAGE + bytes([self._page]))

    def finish(self) -> Rendered:
        self._device.cut(
            mode="PART"
        )  # a hinge keeps the receipt off the floor; full where that is all it can
        return Rendered(self._device.output, frozenset(self._missing))

    def line(self, line: StyledLine) -> None:
        line = self._printable(line)
        if not self._pages.can_print(line.left + line.right) and self._picture_command:
            try:
                self.picture(picture.text_line(line, self._dots, self._fonts))
                return
            except (RuntimeError, OSError, ValueError) as error:
                log.warning("a line could not be drawn, it is printed in plain letters: %s", error)
        self._text(self._with(line, self._pages.simplified))

    def picture(self, image: "Image | None") -> None:
        if image is not None and self._picture_command:
            self._device.image(image, impl=self._picture_command, fragment_height=_FRAGMENT_DOTS)

    def barcode(self, data: str) -> None:
        content = _code128(data)
        symbols = len(content) - 2  # without the name of the set
        modules = 11 * (symbols + 2) + 13 + 20  # with start and check; stop; two quiet zones
        module_dots = min(3, self._dots // modules)
        if module_dots < 2 or not (self._features.get("barcodeB") or self._picture_command):
            self._words(data)  # too wide for this paper: a printer would leave it out without a word
        elif not self._features.get("barcodeB"):
            self.picture(picture.bars(data, module_dots, _BARCODE_DOTS, self._dots))
        else:
            self._device.set(align="center")
            self._device._raw(b"\x1dh" + bytes([_BARCODE_DOTS]))  # GS h: height
            self._device._raw(b"\x1dw" + bytes([module_dots]))  # GS w: width of a module
            self._device._raw(b"\x1dH\x00")  # GS H 0: no text; the receipt says its number itself
            self._device._raw(b"\x1dkI" + bytes([len(content)]) + content)  # GS k, function B, CODE128
            self._device.set(align="left")

    def qr(self, data: str) -> None:
        modules = len(picture.qr_modules(data))
        module_dots = picture.qr_module_dots(modules, self._dots)
        if self._features.get("qrCode"):
            # A printer draws the code alone. An empty line is at least 30 dots high: more than the four modules of
            # white, of 6 dots at most, without which nothing beside the code keeps readers from finding it.
            self._device._raw(b"\n")
            self._device.set(align="center")
            self._device.qr(data, ec=1, size=module_dots, native=True)  # 1: error correction M
            self._device.set(align="left")
            self._device._raw(b"\n")
        elif self._picture_command:
            self.picture(picture.qr(data, self._dots))
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
    def _with(line: StyledLine, change: Any) -> StyledLine:
        return StyledLine(change(line.left), change(line.right), line.align, line.bold, line.size)

    def _text(self, line: StyledLine) -> None:
        if (line.bold, line.size) != self._style and not line.empty:
            self._style = (line.bold, line.size)
            double = line.size == 2
            self._device.set(
                double_width=double, double_height=double, normal_textsize=not double, bold=line.bold
            )
        text = line.filled(self._columns // line.size).rstrip() if not line.empty else ""
        for page, data in self._pages.runs(text):
            if page is not None and page != self._page:
                self._page = page
                self._device._raw(_SELECT_PAGE + bytes([page]))
            self._device._raw(data)
        self._device._raw(b"\n")


def _code128(data: str) -> bytes:
    """The data as GS k wants it: digits in pairs in set C, anything else in set B, where { is doubled."""
    if data.isdigit() and len(data) % 2 == 0:
        return b"{C" + bytes(int(data[place : place + 2]) for place in range(0, len(data), 2))
    return b"{B" + data.replace("{", "{{").encode("ascii")
