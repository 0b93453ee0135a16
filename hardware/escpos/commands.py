"""The ESC/POS commands that a page is made of, as bytes.

Source: Epsom's ESC/POS Application Programming Guide, whose names stand beside each. Written here because the library
that knows them takes 10 MB of the till's memory and half a second to import.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

RESET = b"\x1b@"
"""ESC @: as after switching on, but for what is in memory already."""
ASCII_AS_ASCII = b"\x1bR\x00"
"""ESC R 0: no national set, which would print # $ [ ] { | } as other letters."""
_FEED = b"\x1bd\x06"
"""ESC d 6: the last line passes the knife, which lies above the head."""
_PULSE_STEP_MS = 2
_COLUMN_DOTS = 24
_QR_MODEL_2, _QR_ERROR_CORRECTION_M = 50, 49


def select_page(number: int) -> bytes:
    """ESC t: the code page that the bytes from 128 on are printed from."""
    return b"\x1bt" + bytes([number])


def style(bold: bool, size: int) -> bytes:
    """ESC !, which also ends bold, then ESC E. Sizes are 1 and 2 (twice as wide and as high)."""
    return b"\x1b!" + bytes([0x30 if size == 2 else 0]) + b"\x1bE" + bytes([bold])


def centred(command: bytes) -> bytes:
    """ESC a: something in the middle of the paper, and what comes after it at the left again."""
    return b"\x1ba\x01" + command + b"\x1ba\x00"


def cut(features: dict[str, bool]) -> bytes:
    """GS V. A hinge keeps the receipt off the floor; cut through where that is all it can."""
    if features.get("paperPartCut"):
        return _FEED + b"\x1dV\x01"
    return _FEED + (b"\x1dV\x00" if features.get("paperFullCut") else b"")


def drawer_pulse(pin: int, pulse_ms: int) -> bytes:
    """ESC p: on for `pulse_ms` (2 to 510 ms, in steps of 2), then off for twice as long, as far as it goes."""
    steps = max(1, min(255, pulse_ms // _PULSE_STEP_MS))
    return bytes([0x1B, 0x70, 0 if pin == 2 else 1, steps, min(255, steps * 2)])


def real_time_pulse(pin: int, pulse_ms: int) -> bytes:
    """DLE DC4 1 m t: acts at once or never; t in steps of 100 ms, 1 to 8."""
    steps = max(1, min(8, round(pulse_ms / 100)))
    return bytes([0x10, 0x14, 1, 0 if pin == 2 else 1, steps])


def code128(data: str, module_dots: int, height_dots: int) -> bytes:
    """GS h, GS w, GS H 0 (no text under it) and GS k 73 (function B) with what `code128_content` gives."""
    content = code128_content(data)
    size = b"\x1dh" + bytes([height_dots]) + b"\x1dw" + bytes([module_dots]) + b"\x1dH\x00"
    return size + b"\x1dkI" + bytes([len(content)]) + content


def code128_content(data: str) -> bytes:
    """The data as GS k wants it: digits in pairs in set C, anything else in set B, where { is doubled."""
    if data.isdigit() and len(data) % 2 == 0:
        return b"{C" + bytes(int(data[place : place + 2]) for place in range(0, len(data), 2))
    return b"{B" + data.replace("{", "{{").encode("ascii")


def qr(data: str, module_dots: int) -> bytes:
    """GS ( k, cn 49, functions 65 to 81: model 2, size of a module, error correction M, store in UTF-8, print."""

    def function(number: int, parameters: bytes) -> bytes:
        return b"\x1d(k" + _low_high(len(parameters) + 2) + bytes([49, number]) + parameters

    return (
        function(65, bytes([_QR_MODEL_2, 0]))
        + function(67, bytes([module_dots]))
        + function(69, bytes([_QR_ERROR_CORRECTION_M]))
        + function(80, b"0" + data.encode())
        + function(81, b"0")
    )


def raster(image: "Image") -> bytes:
    """GS v 0: row by row, eight dots a byte. All pictures here are of mode 1 and whole bytes in width."""
    return b"\x1dv0\x00" + _low_high(image.width // 8) + _low_high(image.height) + _ink(image).tobytes()


def graphics(image: "Image") -> bytes:
    """GS ( L, function 112: store the rows, in one colour and dot for dot; then function 50: print them."""
    what = b"0\x01\x011" + _low_high(image.width) + _low_high(image.height) + _ink(image).tobytes()
    return b"\x1d(L" + _low_high(len(what) + 2) + b"0p" + what + b"\x1d(L\x02\x0002"


def columns(image: "Image") -> bytes:
    """ESC * 33: bands of 24 rows, column by column from left to right; ESC 3 sets them close, ESC 2 ends that."""
    return b"\x1b3\x10" + b"".join(_bands(image)) + b"\x1b2"


PICTURE_COMMANDS = {"bitImageRaster": raster, "graphics": graphics, "bitImageColumn": columns}
"""By the name of the feature in the table of printers; the best comes first."""


def _bands(image: "Image") -> Iterator[bytes]:
    from PIL.Image import Transpose

    header, ink = b"\x1b*\x21" + _low_high(image.width), _ink(image)
    for top in range(0, image.height, _COLUMN_DOTS):
        band = ink.crop((0, top, image.width, top + _COLUMN_DOTS))  # what lies below the picture is no ink
        yield header + band.transpose(Transpose.TRANSPOSE).tobytes() + b"\n"


def _ink(image: "Image") -> "Image":
    """The picture with a 1 for each black dot, as printers want it; in Pillow black is 0."""
    return image.point([255] + [0] * 255)


def _low_high(number: int) -> bytes:
    return number.to_bytes(2, "little")
