"""Pictures for paper, one bit a dot: lines of text that no code page holds, logos, and codes."""

import importlib
import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.document import StyledLine, is_right_to_left
from hardware.escpos.fonts import Fonts

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

LINE_DOTS = 32
"""Height of a line of normal size: font A is 24 dots high, and the rest is the space between lines."""
_EM_DOTS = 24
_BASELINE_DOTS = 24
_SMALLEST_EM_DOTS = 10
_GAP_DOTS = 12
LOGO_LIMIT_PIXELS = 20_000_000
LOGO_LIMIT_BYTES = 20 * 1024 * 1024
QR_QUIET_MODULES = 4
"""So much white a QR code needs all around it (ISO/IEC 18004)."""
_WHITE, _BLACK = 1, 0


def paper_dots(columns: int) -> int:
    """Printable width: 384 dots on 58 mm paper (32 columns), 512 or 576 on 80 mm (42 or 48 columns)."""
    return {32: 384, 42: 512, 48: 576}.get(columns, columns * 12 // 8 * 8)


def text_line(line: StyledLine, dots: int, fonts: Fonts) -> "Image":
    """One line as a picture of `dots` in width: shaped, turned and aligned as its script wants it.

    Letters that no font has must have been replaced before. Raises RuntimeError if the shaping gives up.
    """
    from PIL import Image, ImageDraw

    image = Image.new("1", (dots, LINE_DOTS * line.size), _WHITE)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    right = _Run(line.right, line, fonts, dots)
    room = dots - right.width - (_GAP_DOTS if line.right else 0)
    left = _Run(line.left, line, fonts, max(room, _GAP_DOTS))
    align = line.align if not line.right else "right" if left.right_to_left else "left"
    left.draw(draw, {"left": 0, "center": (room - left.width) // 2, "right": room - left.width}[align])
    if line.right:
        draw.rectangle((room, 0, dots, image.height), fill=_WHITE)  # whatever happens, the amount can be read
        right.draw(draw, dots - right.width)
    return image


class _Run:
    """A text with the fonts for it, at a size at which it fits."""

    def __init__(self, text: str, line: StyledLine, fonts: Fonts, room_dots: int) -> None:
        self.right_to_left = is_right_to_left(text)
        self._bold_dots = line.size if line.bold else 0
        self._base = _BASELINE_DOTS * line.size
        whole = fonts.whole(text)
        self._parts = [(whole, text)] if whole else fonts.parts(text)
        if self.right_to_left:
            self._parts.reverse()
        self._em_dots = _EM_DOTS * line.size
        self.width = self._measured()
        if self.width > room_dots:
            self._em_dots = max(_SMALLEST_EM_DOTS, self._em_dots * room_dots // self.width)
            self.width = min(self._measured(), room_dots)

    def draw(self, draw: Any, x: float) -> None:
        for font, part in self._loaded():
            options = self._direction()
            draw.text(
                (x, self._base),
                part,
                font=font,
                fill=_BLACK,
                anchor="ls",
                stroke_width=self._bold_dots,
                **options,
            )
            x += font.getlength(part, **options)

    def _measured(self) -> int:
        return int(sum(font.getlength(part, **self._direction()) for font, part in self._loaded())) + 1

    def _loaded(self) -> list[tuple[Any, str]]:
        return [(_font(path, self._em_dots), part) for path, part in self._parts if part]

    def _direction(self) -> dict[str, str]:
        if not _shapes():
            return {}  # the simple layout knows no direction; fribidi is what is missing
        return {"direction": "rtl" if self.right_to_left else "ltr"}


@lru_cache(maxsize=1)
def _shapes() -> bool:
    """Whether scripts that join or run right to left can be shaped on this machine."""
    from PIL import features

    able = bool(features.check("raqm") and features.check("fribidi"))
    if not able:
        log.warning(
            "no fribidi: Arabic, Hebrew and Indian scripts will be printed unshaped; install libfribidi0"
        )
    return able


@lru_cache(maxsize=32)
def _font(path: Path | None, em_dots: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(path), em_dots) if path else ImageFont.load_default(em_dots)


def logo(path: str, dots: int) -> "Image | None":
    """The picture in black and white, centred, made smaller where it is wider than the paper.

    None, and a line in the log, for a file that is gone, broken or beyond 20 MB or 20 million pixels: a
    receipt without its logo is still a receipt.
    """
    try:
        facts = Path(path).stat()
        if facts.st_size > LOGO_LIMIT_BYTES:
            raise ValueError(f"has {facts.st_size} bytes")
        return _logo(path, facts.st_mtime_ns, dots)
    except (OSError, ValueError, SyntaxError) as error:  # Pillow raises all three for broken files
        log.warning("the logo %s cannot be printed: %s", path, error)
        return None


@lru_cache(maxsize=4)
def _logo(path: str, _changed_ns: int, dots: int) -> "Image":
    from PIL import Image

    with Image.open(path) as opened:
        if opened.width * opened.height > LOGO_LIMIT_PIXELS:
            raise ValueError(f"has {opened.width} × {opened.height} pixels")
        coloured = opened.convert("RGBA")
    flat = Image.new("RGBA", coloured.size, "white")
    flat.alpha_composite(coloured)
    grey = flat.convert("L")
    if grey.width > dots:
        grey = grey.resize((dots, max(1, grey.height * dots // grey.width)))
    return _centred(grey.convert("1"), dots)


def qr_modules(data: str) -> list[list[bool]]:
    """The dark and light modules of a QR code at error correction M, without its quiet zone."""
    qrcode = importlib.import_module("qrcode")
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(data.encode(), optimize=0)
    code.make(fit=True)
    modules: list[list[bool]] = code.get_matrix()
    return modules


def qr_module_dots(modules: int, dots: int) -> int:
    """How large a module can be so that the code with its quiet zone fits: 2 to 6 dots."""
    return max(2, min(6, dots // (modules + 2 * QR_QUIET_MODULES)))


def qr(data: str, dots: int) -> "Image":
    """A QR code for a printer that has none of its own, with its quiet zone above and below."""
    modules = qr_modules(data)
    white = [[False] * len(modules)] * QR_QUIET_MODULES
    return _blocks([*white, *modules, *white], qr_module_dots(len(modules), dots), 1, dots)


def bars(data: str, module_dots: int, height_dots: int, dots: int) -> "Image":
    """A CODE128 barcode for a printer that has none of its own."""
    code = importlib.import_module("barcode").Code128(data).build()[0]
    return _blocks([[bar == "1" for bar in code]], module_dots, height_dots // module_dots, dots)


def _blocks(rows: list[list[bool]], module_dots: int, tall: int, dots: int) -> "Image":
    from PIL import Image

    small = Image.new("1", (len(rows[0]), len(rows)), _WHITE)
    small.putdata([_BLACK if dark else _WHITE for row in rows for dark in row])
    size = (small.width * module_dots, small.height * module_dots * tall)
    return _centred(small.resize(size, Image.Resampling.NEAREST), dots)


def _centred(picture: "Image", dots: int) -> "Image":
    from PIL import Image

    canvas = Image.new("1", (dots, picture.height), _WHITE)
    canvas.paste(picture, ((dots - picture.width) // 2, 0))
    return canvas
