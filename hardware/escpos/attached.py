"""Printers that are plugged in by USB, as the system lists them: nothing is opened to find them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PRINTER_CLASS = "07"
"""What a USB interface calls itself that is a printer (USB-IF class codes)."""


@dataclass(frozen=True, slots=True)
class AttachedPrinter:
    """`address` is a device file, or vendor and product as lsusb shows them; `words` what the maker calls it."""

    kind: Literal["file", "usb"]
    address: str
    words: str


def attached_printers(root: Path = Path("/")) -> list[AttachedPrinter]:
    """The printers of this machine; one that the system drives itself by its device file."""
    found = []
    for interface in sorted((root / "sys/bus/usb/devices").glob("*:*")):
        if _read(interface / "bInterfaceClass") != PRINTER_CLASS:
            continue
        device = interface.parent / interface.name.partition(":")[0]
        words = " ".join(filter(None, (_read(device / "manufacturer"), _read(device / "product"))))
        lines = sorted(path.name for path in interface.glob("usbmisc/lp*"))
        if lines:
            found.append(AttachedPrinter("file", f"/dev/usb/{lines[0]}", words))
        elif (vendor := _read(device / "idVendor")) and (product := _read(device / "idProduct")):
            found.append(AttachedPrinter("usb", f"{vendor}:{product}", words))
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
