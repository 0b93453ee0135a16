"""Printers found in the system's list of USB devices."""

from pathlib import Path

from hardware.escpos.attached import AttachedPrinter, attached_printers


def device(root: Path, name: str, interface_class: str, *, line: str = "") -> None:
    devices = root / "sys/bus/usb/devices"
    interface = devices / f"{name}:1.0"
    interface.mkdir(parents=True)
    (interface / "bInterfaceClass").write_text(f"{interface_class}\n")
    if line:
        (interface / "usbmisc" / line).mkdir(parents=True)
    (devices / name).mkdir()
    for file, text in (
        ("idVendor", "04b8"),
        ("idProduct", "0e15"),
        ("manufacturer", "EPSON"),
        ("product", "TM"),
    ):
        (devices / name / file).write_text(f"{text}\n")


def test_a_printer_with_a_device_file_one_without_and_a_keyboard(tmp_path: Path) -> None:
    device(tmp_path, "1-1", "07", line="lp0")
    device(tmp_path, "1-2", "07")
    device(tmp_path, "1-3", "03")
    assert attached_printers(tmp_path) == [
        AttachedPrinter("file", "/dev/usb/lp0", "EPSON TM"),
        AttachedPrinter("usb", "04b8:0e15", "EPSON TM"),
    ]


def test_a_machine_without_usb_has_none(tmp_path: Path) -> None:
    assert attached_printers(tmp_path) == []
