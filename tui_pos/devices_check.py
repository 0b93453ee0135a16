"""Trying out the scanner and the printer that the settings name, without opening the till."""

import datetime as dt
import os
import queue
import select
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hardware.document import Barcode, Document, Row, Rule, Text
from hardware.ports import KEYBOARD, DeviceError, Printer, Scan, Scanner, ScannerState
from hardware.scanner.symbols import UnreadableSymbol, read_symbol
from tui_pos.i18n import _
from tui_pos.people.access import may_be_badge
from tui_pos.printing.words import fault_text
from tui_pos.sales.layout_repair import advice_for
from tui_pos.sales.shop import Shop

BuildScanner = Callable[[Callable[[Scan], None], Callable[[ScannerState], None]], Scanner | None]

READ_BYTES = 4096


def serial_ports() -> list[tuple[str, str]]:
    """The serial ports of this machine: the name to put into the settings, and what is plugged in there."""
    from hardware.scanner.serial_reader import list_ports

    return [(port.path, port.description) for port in list_ports()]


def try_printer(printer: Printer | None, page: Document | None) -> bool:
    """Tell how the printer is, print `page` if there is one, and let go of it. Returns whether all went well."""
    if printer is None:
        print(_("Printer:"), _("none in the settings (printer.kind)"))
        return page is None
    try:
        return _printer_works(printer, page)
    finally:
        printer.close()


def try_scanner(build: BuildScanner, seconds: float, shop: Shop, today: dt.date) -> bool:
    """Tell what the scanner sends during `seconds`, and what that says. Returns whether it was there."""
    arrived: queue.SimpleQueue[Scan | ScannerState] = queue.SimpleQueue()
    scanner = build(arrived.put, arrived.put)
    if scanner is None:
        print(_("Scanner:"), _("none on a serial line (scanner.kind)"))
        if sys.stdin is not None and sys.stdin.isatty():
            _try_keyboard_scanner(seconds, shop, today)
        return True
    connected = False
    scanner.start()
    try:
        for event in _until(time.monotonic() + seconds, arrived):
            if isinstance(event, ScannerState):
                connected = event.connected
            text = state_text(event) if isinstance(event, ScannerState) else scan_text(event, shop, today)
            print(_("Scanner:"), text, flush=True)
    finally:
        scanner.stop()
    return connected


def _try_keyboard_scanner(seconds: float, shop: Shop, today: dt.date) -> None:
    """Tell what a scanner types here during `seconds`. Nothing of it is echoed: it may be a badge."""
    print(_("Scanner:"), _("one that types can be tried now: scan something into this window"), flush=True)
    end_s = time.monotonic() + seconds
    with _not_echoed(sys.stdin.fileno()) as terminal:
        while select.select([terminal], [], [], max(0.0, end_s - time.monotonic()))[0]:
            typed = os.read(terminal, READ_BYTES).decode("utf-8", "replace").strip("\r\n\t ")
            if typed:
                scan = Scan(typed, time.monotonic(), KEYBOARD)
                print(_("Scanner:"), scan_text(scan, shop, today), flush=True)
                if advice := advice_for(shop, typed, today):
                    print(_("Scanner:"), advice, flush=True)


@contextmanager
def _not_echoed(terminal: int) -> Iterator[int]:
    before = termios.tcgetattr(terminal)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSANOW, silent)
    try:
        yield terminal
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def test_page(shop: str, now: dt.datetime) -> Document:
    """A page that shows what can go wrong: width, accents, the euro, other scripts, a barcode."""
    return Document(
        _("Test page"),
        (
            Text(shop, align="center", bold=True, size=2),
            Text(f"{now:%Y-%m-%d %H:%M}", align="center"),
            Rule(),
            Row("€ £ åäö éèê ñ ß øæ Łódź", "1.234,50"),
            Row("Ελληνικά Кириллица", "1.234,50"),
            Row("日本語 中文 한국어", "1.234,50"),
            Row("हिन्दी العربية עברית", "1.234,50"),
            Rule(),
            Barcode("TEST-000001"),
        ),
    )


def print_page(printer: Printer, page: Document) -> str:
    """Print a page and let go of the printer. Returns what went wrong, in words; nothing where all went well."""
    try:
        fault = printer.status().fault
        if fault is None:
            printer.print(page)
    except DeviceError as error:
        fault = error.fault
    finally:
        printer.close()
    return "" if fault is None else fault_text(fault)


def _printer_works(printer: Printer, page: Document | None) -> bool:
    status = printer.status()
    if status.fault is not None:
        print(_("Printer:"), fault_text(status.fault))
        return False
    if status.known:
        print(_("Printer:"), _("ready, paper is running low") if status.paper_low else _("ready"))
    else:
        print(_("Printer:"), _("reachable; this kind of line cannot ask it how it is"))
    if page is None:
        return True
    try:
        printer.print(page)
    except DeviceError as error:
        print(_("Printer:"), fault_text(error.fault))
        return False
    print(_("Printer:"), _("the test page was printed"))
    return True


def _until(
    end_monotonic_s: float, arrived: "queue.SimpleQueue[Scan | ScannerState]"
) -> Iterator[Scan | ScannerState]:
    """What arrives until then, and what had arrived by then and could not be told yet."""
    while (left_s := end_monotonic_s - time.monotonic()) > 0:
        try:
            yield arrived.get(timeout=left_s)
        except queue.Empty:
            return
    for _arrived in range(arrived.qsize()):
        yield arrived.get_nowait()


def state_text(state: ScannerState) -> str:
    """How the scanner is."""
    if state.connected and state.fault is None:
        return _("{port} is open; scan something").format(port=state.source)
    return f"{state.source}: {state.fault} ({state.detail})"


def scan_text(scan: Scan, shop: Shop, today: dt.date) -> str:
    """What arrived, signs that do not print made visible, and what it says."""
    data = ascii(scan.data)
    if may_be_badge(scan.data, shop.badge_prefix):
        return _("a badge; its code is a secret, and is not shown")
    try:
        symbol = read_symbol(
            scan.data, today=today, region=shop.region, in_store_patterns=shop.in_store_codes
        )
    except UnreadableSymbol as error:
        return _("{data} cannot be sold by: {reason}").format(data=data, reason=error)
    told = {
        _("lot"): symbol.lot,
        _("serial number"): symbol.serial,
        _("expires"): symbol.expires_on,
        _("best before"): symbol.best_before,
        _("weight in kg"): symbol.net_weight_kg,
        _("price"): symbol.price,
        _("supplement"): symbol.supplement,
    }
    return ", ".join([f"{data} → {symbol.kind} {symbol.code}", *(f"{k} {v}" for k, v in told.items() if v)])
