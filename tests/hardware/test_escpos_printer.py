"""The printer over real lines: a pseudo-terminal, TCP, a file, and a USB library that is played."""

import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hardware.document import Document, Row, Text
from hardware.escpos import (
    EscPosPrinter,
    FileTransport,
    NetworkTransport,
    SerialTransport,
    UsbTransport,
    status,
)
from hardware.ports import DeviceError, Fault, Printer, PrinterStatus
from tests.rigs.printer import PtyPrinter, TcpPrinter

PAGE = Document("x", (Text("Corner Shop"), Row("Rye bread", "3,20 €")))
LONG = Document("x", tuple(Row(f"item {number}", "1.00") for number in range(400)))
HUGE = Document(
    "x", tuple(Row(f"item {number}", "1.00") for number in range(4_000))
)  # more than a pty buffers
WELL = PrinterStatus()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[PtyPrinter]:
    rig = PtyPrinter(tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def printer(rig: PtyPrinter) -> Iterator[EscPosPrinter]:
    printer = EscPosPrinter(partial(SerialTransport, rig.port, 38400, stall_limit_s=0.5), columns=32)
    yield printer
    printer.close()


@pytest.fixture
def tcp_rig() -> Iterator[TcpPrinter]:
    rig = TcpPrinter()
    yield rig
    rig.close()


@pytest.fixture
def tcp_printer(tcp_rig: TcpPrinter) -> Iterator[EscPosPrinter]:
    printer = EscPosPrinter(partial(NetworkTransport, "127.0.0.1", tcp_rig.port), columns=32)
    yield printer
    printer.close()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "ECHO_LIMIT_S", 0.3)
    monkeypatch.setattr(status, "FINISH_LIMIT_S", 1.5)


def failure(act: Any) -> tuple[Fault, bool]:
    with pytest.raises(DeviceError) as caught:
        act()
    return caught.value.fault, caught.value.began


def print_page(printer: Printer) -> tuple[Fault, bool]:
    return failure(lambda: printer.print(PAGE))


def test_a_page_over_a_serial_line_is_out_when_print_returns(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    began_s = time.monotonic()
    for _again in range(3):
        printer.print(PAGE)
    assert rig.machine.cuts == 3
    assert rig.machine.lines[:2] == ["Corner Shop", "Rye bread                 3,20 €"]
    assert printer.status() == WELL
    assert time.monotonic() - began_s < 1.5  # no question waits out its time


def test_a_long_page_is_not_hurried_or_cut(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    printer.print(LONG)
    assert sum(line.startswith("item") for line in rig.machine.lines) == 400


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [("cover_open", Fault.COVER_OPEN), ("paper_out", Fault.NO_PAPER), ("error", Fault.ERROR)],
)
def test_trouble_is_found_before_anything_is_sent(
    rig: PtyPrinter, printer: EscPosPrinter, trouble: str, fault: Fault
) -> None:
    setattr(rig.machine, trouble, True)
    assert printer.status().fault is fault
    assert print_page(printer) == (fault, False)
    assert b"Corner" not in rig.machine.received
    setattr(rig.machine, trouble, False)
    printer.print(PAGE)
    assert rig.machine.cuts == 1


def test_little_paper_is_told_and_printed_on(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.machine.paper_low = True
    printer.print(PAGE)
    assert printer.status() == PrinterStatus(paper_low=True)


def test_a_printer_that_is_switched_off_is_offline(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.machine.silent = True
    assert printer.status() == PrinterStatus(fault=Fault.OFFLINE)
    assert print_page(printer) == (Fault.OFFLINE, False)


def test_paper_that_ends_in_the_page_means_not_printed(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.machine.paper_lines = 1
    assert print_page(printer) == (Fault.NO_PAPER, True)
    assert rig.machine.lines == ["Corner Shop"]


@pytest.mark.parametrize("after_bytes", [40, 300, 3000])
def test_a_printer_gone_in_the_page_is_found_again_without_a_restart(
    rig: PtyPrinter, printer: EscPosPrinter, after_bytes: int
) -> None:
    rig.vanish_after_bytes = after_bytes
    assert failure(lambda: printer.print(LONG)) == (Fault.OFFLINE, True)
    assert printer.status().fault is Fault.OFFLINE
    assert print_page(printer) == (Fault.OFFLINE, False)
    rig.come_back()
    assert printer.status() == WELL
    before = rig.machine.cuts
    rig.machine.receive(b"\n" * 3)
    printer.print(PAGE)
    assert rig.machine.cuts == before + 1


def test_replugged_between_two_pages_is_no_trouble(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    printer.print(PAGE)
    rig.vanish()
    rig.come_back()
    printer.print(PAGE)
    assert rig.machine.cuts == 2


def test_a_stalled_printer_does_not_hold_the_till(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.stall_after_bytes = 2_000
    began_s = time.monotonic()
    assert failure(lambda: printer.print(HUGE)) == (Fault.TIMEOUT, True)
    assert time.monotonic() - began_s < 2
    rig.vanish()
    rig.stall(False)
    rig.come_back()
    assert printer.status() == WELL


@pytest.mark.parametrize("page", [PAGE, HUGE])
def test_close_calls_a_stalled_page_off(rig: PtyPrinter, page: Document) -> None:
    """While it is being sent, and while its end is awaited (a page takes long at 300 baud)."""
    printer = EscPosPrinter(partial(SerialTransport, rig.port, 300, stall_limit_s=60), columns=32)
    rig.stall_after_bytes = 40
    faults: list[tuple[Fault, bool]] = []
    printing = threading.Thread(target=lambda: faults.append(failure(lambda: printer.print(page))))
    printing.start()
    assert rig.stalled.wait(5)
    printer.close()
    printing.join(3)
    assert faults == [(Fault.TIMEOUT, True)]


def test_a_printer_that_knows_no_echo_is_asked_how_it_is(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.machine.knows_echo = False
    printer.print(PAGE)
    began_s = time.monotonic()
    printer.print(PAGE)
    assert time.monotonic() - began_s < 0.3  # learnt: it is not waited for again
    rig.machine.paper_lines = 1
    assert print_page(printer) == (Fault.NO_PAPER, True)


def test_two_programs_do_not_share_a_serial_line(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    assert printer.status() == WELL
    assert failure(lambda: SerialTransport(rig.port)) == (Fault.OFFLINE, False)


def test_the_drawer(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    printer.open_drawer()
    assert rig.machine.pulses == [b"\x1bp\x00\x32\x64"]


def test_two_drawers_on_one_plug(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    printer.open_drawer(5)
    printer.open_drawer(2)
    rig.machine.paper_out = True
    printer.open_drawer(5)
    assert rig.machine.pulses == [b"\x1bp\x01\x32\x64", b"\x1bp\x00\x32\x64", b"\x10\x14\x01\x01\x01"]


def test_the_drawer_opens_now_or_never(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.machine.paper_out = True
    printer.open_drawer()
    assert rig.machine.pulses == [b"\x10\x14\x01\x00\x01"]
    rig.machine.put_in_paper()
    rig.machine.go_on()
    assert len(rig.machine.pulses) == 1
    rig.machine.error = True
    assert failure(printer.open_drawer) == (Fault.ERROR, False)


def test_automatic_status_bytes_are_no_answers(rig: PtyPrinter, printer: EscPosPrinter) -> None:
    rig.machine.paper_out = True
    line = SerialTransport(rig.port)
    rig._answer(b"\x10\x00\x00\x00\x11\x13")
    assert status.Dialogue(line).ask().fault is Fault.NO_PAPER
    line.close()


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        ((0x12, 0x12, 0x12), WELL),
        ((0x1A, 0x12, 0x12), PrinterStatus(Fault.OFFLINE)),
        ((0x1A, 0x16, 0x72), PrinterStatus(Fault.COVER_OPEN)),
        ((0x1A, 0x32, 0x12), PrinterStatus(Fault.NO_PAPER)),
        ((0x12, 0x12, 0x7E), PrinterStatus(Fault.NO_PAPER, paper_low=True)),
        ((0x1A, 0x52, 0x12), PrinterStatus(Fault.ERROR)),
        ((0x12, 0x12, 0x1E), PrinterStatus(None, paper_low=True)),
    ],
)
def test_status_bits(bits: tuple[int, int, int], expected: PrinterStatus) -> None:
    assert status.judge(*bits) == expected


def test_a_network_printer_is_let_go_after_each_page(tcp_rig: TcpPrinter, tcp_printer: EscPosPrinter) -> None:
    tcp_printer.print(PAGE)
    tcp_printer.print(PAGE)
    assert tcp_printer.status() == WELL
    assert (tcp_rig.machine.cuts, tcp_rig.connections) == (2, 3)


def test_a_network_printer_that_fails_late_is_noticed(
    tcp_rig: TcpPrinter, tcp_printer: EscPosPrinter
) -> None:
    tcp_rig.vanish_after_bytes = 200
    assert failure(lambda: tcp_printer.print(LONG)) == (Fault.OFFLINE, True)
    assert tcp_printer.status().fault is Fault.OFFLINE
    assert print_page(tcp_printer) == (Fault.OFFLINE, False)


def test_a_silent_or_closed_address_is_offline_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        printer = EscPosPrinter(partial(NetworkTransport, "127.0.0.1", mute.getsockname()[1]), columns=32)
        began_s = time.monotonic()
        assert printer.status() == PrinterStatus(fault=Fault.OFFLINE)
        assert time.monotonic() - began_s < 3
    assert print_page(EscPosPrinter(lambda: NetworkTransport("127.0.0.1", 1))) == (Fault.OFFLINE, False)


def test_a_file_takes_pages_and_cannot_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "paper.bin"
    printer = EscPosPrinter(lambda: FileTransport(path), columns=32)
    printer.print(PAGE)
    printer.open_drawer()
    printer.print(PAGE)
    assert path.read_bytes().count(b"Corner Shop") == 2
    assert printer.status() == PrinterStatus(known=False)
    gone = EscPosPrinter(lambda: FileTransport(tmp_path / "no" / "lp0"), columns=32)
    assert gone.status() == PrinterStatus(fault=Fault.OFFLINE)
    assert print_page(gone) == (Fault.OFFLINE, False)


def test_a_missing_serial_port_is_offline(tmp_path: Path) -> None:
    printer = EscPosPrinter(lambda: SerialTransport(str(tmp_path / "ttyUSB9")))
    assert printer.status() == PrinterStatus(fault=Fault.OFFLINE)
    assert print_page(printer) == (Fault.OFFLINE, False)
    printer.close()


def test_usb_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "usb", None)
    with pytest.raises(DeviceError, match="pyusb is not installed"):
        UsbTransport(0x04B8, 0x0E15)


class _Interface(list):  # type: ignore[type-arg]
    bInterfaceClass = 7  # noqa: N815
    bInterfaceNumber = 0  # noqa: N815


def _played_usb(monkeypatch: pytest.MonkeyPatch, sent: bytearray, write: Any = None) -> None:
    class USBTimeoutError(OSError):
        pass

    def take(_endpoint: int, data: bytes, timeout: int) -> int:
        sent.extend(data)
        return len(data)

    out = SimpleNamespace(bEndpointAddress=0x03, bmAttributes=2)
    into = SimpleNamespace(bEndpointAddress=0x82, bmAttributes=2)
    device = SimpleNamespace(
        get_active_configuration=lambda: [_Interface([into, out])],
        is_kernel_driver_active=lambda _number: True,
        detach_kernel_driver=lambda _number: None,
        write=write(USBTimeoutError) if write else take,
    )
    core = SimpleNamespace(
        find=lambda idVendor, idProduct: device if idVendor == 0x04B8 else None,  # noqa: N803
        USBTimeoutError=USBTimeoutError,
    )
    util = SimpleNamespace(
        endpoint_type=lambda attributes: attributes & 3,
        endpoint_direction=lambda address: address & 0x80,
        ENDPOINT_TYPE_BULK=2,
        ENDPOINT_OUT=0,
        dispose_resources=lambda _device: None,
    )
    for name, module in (("usb", SimpleNamespace()), ("usb.core", core), ("usb.util", util)):
        monkeypatch.setitem(__import__("sys").modules, name, module)


def test_usb_finds_the_printers_own_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = bytearray()
    _played_usb(monkeypatch, sent)
    printer = EscPosPrinter(lambda: UsbTransport(0x04B8, 0x0E15), columns=32)
    printer.print(PAGE)
    assert b"Corner Shop" in sent
    assert printer.status() == PrinterStatus(known=False)
    assert failure(lambda: UsbTransport(0x1234, 0x0001)) == (Fault.OFFLINE, False)


def test_usb_that_takes_nothing_or_is_pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    def stalled(timeout_error: type[OSError]) -> Any:
        def write(_endpoint: int, _data: bytes, timeout: int) -> int:
            raise timeout_error("timed out")

        return write

    def pulled(_timeout_error: type[OSError]) -> Any:
        def write(_endpoint: int, _data: bytes, timeout: int) -> int:
            raise OSError("no such device")

        return write

    for write, fault in ((stalled, Fault.TIMEOUT), (pulled, Fault.OFFLINE)):
        _played_usb(monkeypatch, bytearray(), write)
        line = UsbTransport(0x04B8, 0x0E15, stall_limit_s=0.0)
        assert failure(lambda line=line: line.write(b"x")) == (fault, True)
