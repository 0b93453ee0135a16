"""The counter from its opening to its end: the shop's own and the demo's, with the devices beside it."""

import contextlib
import gc
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from config.loading import Loaded
from config.settings import Scanner as ScannerSettings
from config.settings import Settings
from hardware.ports import Scan, Scanner, ScannerState
from hardware.scanner.symbols import warm_up
from hardware.simulated import SimulatedPrinter
from tui_pos.bootstrap import (
    CASHIER,
    StartError,
    build_app,
    build_printer,
    build_scanner,
    build_shop,
    drawer_pins,
    open_database,
    start_log,
    utc_now,
)
from tui_pos.ending import end_by, ending_in_order, hurry_no_more, put_off
from tui_pos.i18n import _, use_language
from tui_pos.settings_check import check_roles
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.storage.lock import only_one

if TYPE_CHECKING:
    from tui_pos.app import TillApp
    from tui_pos.journal.clock import ClockWatch
    from tui_pos.journal.signing import KeyStore
    from tui_pos.keeping.schedule import Schedule
    from tui_pos.printing.spooler import Spooler

DEMO_LOCALES = {"en": "en_IE", "sv": "sv_SE"}
"""How the demo's shop writes for people of a language; its money is euros for all of them."""

STARTING_LIMIT_S = 5
"""How long the end of the program waits for devices that are still being opened."""


def run_counter(loaded: Loaded) -> None:
    """Open the counter, and come back when the cashier ends it.

    Raises StartError, DatabaseError or SettingsError where it cannot be opened.
    """
    settings = loaded.settings
    use_language(settings.language)
    _need_terminal()
    start_log(loaded)
    engine = open_database(loaded, make=True, as_till=True)
    check_roles(loaded, engine)
    simulated = SimulatedPrinter(settings.printer.columns) if settings.printer.kind == "simulated" else None
    with ending_in_order(), only_one(engine, settings.till.name):
        _run(settings, engine, simulated, (), config=loaded.file.path if loaded.file else None)
    engine.dispose()


def _need_terminal() -> None:
    """Textual reads standard input and draws on standard error: without a terminal there it waits for ever."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        raise StartError(
            _("The counter needs a terminal for its keys and its picture: start it in one, without a pipe.")
        )


def demo_settings(folder: Path, language: str = "en") -> Settings:
    """An invented shop that leaves nothing behind, for people who speak `language` (English, where unknown)."""
    return Settings.model_validate(
        {
            "shop": {
                "name": "Corner Shop",
                "address": ("1 Quay Street", "Galway"),
                "tax_id": "IE1234567T",
                "country": "IE",
                "locale": DEMO_LOCALES.get(language[:2], DEMO_LOCALES["en"]),
                "in_store_region": "gb",
                "in_store_codes": ("21IIIIIWWWWWC",),  # as in catalogue.demo
            },
            "database": {"url": f"sqlite:///{folder / 'shop.db'}"},
            "printer": {
                "kind": "simulated",
                "footer": (_("Thank you, come again!"),),
                "qr": "{shop} {number} {date} {total}",
            },
            "drawer": {"float": "100.00"},
            "log": {"folder": folder},
        }
    )


def run_demo(language: str) -> None:
    """The counter on an invented shop in a temporary folder, with a printer whose paper is on the screen.

    Raises StartError where it cannot be opened.
    """
    from tui_pos.catalogue.demo import demo_codes, load_demo
    from tui_pos.drawer.demo import open_demo_drawer
    from tui_pos.journal.signing import KeysInMemory
    from tui_pos.people.demo import DEMO_PINS, load_demo_staff

    use_language(language)
    _need_terminal()
    with ending_in_order(), tempfile.TemporaryDirectory(prefix="tui-pos-demo-") as folder:
        settings = demo_settings(Path(folder), language)
        use_language(settings.language)
        start_log(Loaded(settings, None))
        engine = open_database(Loaded(settings, None), make=True)
        with writing(engine) as session:
            load_demo(session, utc_now().date(), CASHIER)
            open_demo_drawer(session, build_shop(settings), CASHIER, utc_now())
            load_demo_staff(session, settings.till.name, utc_now())
        printer = SimulatedPrinter(settings.printer.columns)
        _run(settings, engine, printer, tuple(demo_codes()), DEMO_PINS, KeysInMemory())
        engine.dispose()


def _run(
    settings: Settings,
    engine: Engine,
    simulated: SimulatedPrinter | None,
    codes_to_try: tuple[tuple[str, str], ...],
    shown_pins: Mapping[str, str] = MappingProxyType({}),
    signing_keys: "KeyStore | None" = None,
    config: Path | None = None,
) -> None:
    from tui_pos.sales.attending import leave

    app = build_app(
        settings, engine, simulated, codes_to_try, shown_pins=shown_pins, signing_keys=signing_keys
    )
    asked: list[int] = []  # to end, before the counter stood
    with _devices(settings, engine, simulated, app, config) as start:

        def ready() -> None:
            end_by(lambda code: app.exit(return_code=code))
            if asked:
                app.exit(return_code=asked[0])
            else:
                start()

        app.on_ready = ready
        # What the start has built lives as long as the program: no scan waits while it is searched for garbage.
        gc.freeze()
        gc.enable()
        put_off(asked.append)
        app.run(mouse=False)
        with contextlib.suppress(DatabaseUnavailable):
            leave(app.till.desk, "end")
        hurry_no_more()
    if app.return_code:
        raise SystemExit(app.return_code)


@contextmanager
def _devices(
    settings: Settings,
    engine: Engine,
    simulated: SimulatedPrinter | None,
    app: "TillApp",
    config: Path | None,
) -> Iterator[Callable[[], None]]:
    """Scanner, spooler, backups, clock: started by the function that the block gets, stopped at its end.

    They start in a thread, once the counter stands: what they import must not keep the cashier waiting.
    """
    running: list[Scanner | Spooler | Schedule | ClockWatch] = []

    def start() -> None:
        from tui_pos.app import ClockSetBack
        from tui_pos.journal.clock import ClockWatch

        scanner = _scanner_of(settings.scanner, app)
        spooler = _spooler_of(settings, engine, simulated, app)
        clock = ClockWatch(
            engine, settings.till.name, app.till.now, lambda by: app.post_message(ClockSetBack(by))
        )
        for device in (scanner, spooler, _schedule_of(settings, engine, config, app), clock):
            if device is not None:
                device.start()
                running.append(device)
        warm_up()

    starter = threading.Thread(target=start, name="devices", daemon=True)
    try:
        yield starter.start
    finally:
        if starter.ident is not None:
            starter.join(timeout=STARTING_LIMIT_S)
        for device in running:
            device.stop()


def _scanner_of(settings: ScannerSettings, app: "TillApp") -> Scanner | None:
    from tui_pos.app import ScanArrived, ScannerChanged

    def scanned(scan: Scan) -> None:
        app.post_message(ScanArrived(scan))

    def changed(state: ScannerState) -> None:
        app.post_message(ScannerChanged(state))

    return build_scanner(settings, scanned, changed)


def _spooler_of(
    settings: Settings, engine: Engine, simulated: SimulatedPrinter | None, app: "TillApp"
) -> "Spooler | None":
    from tui_pos.app import PrinterChanged
    from tui_pos.printing.spooler import PrinterState, Spooler

    def changed(state: PrinterState) -> None:
        app.post_message(PrinterChanged(state))

    printer = simulated or build_printer(settings.printer)
    if printer is None:
        return None
    spooler = Spooler(engine, printer, settings.till.name, changed, pins=drawer_pins(settings))
    app.till.wake_spooler = spooler.wake
    spooler.wake()  # what was sold meanwhile
    return spooler


def _schedule_of(
    settings: Settings, engine: Engine, config: Path | None, app: "TillApp"
) -> "Schedule | None":
    """What has a backup made whenever one is due; None where the shop wants none of the running till."""
    rules, till = settings.backup, settings.till.name
    if not (rules.folders and rules.every_h):
        return None
    from tui_pos.app import BackupFailed, BackupMissed
    from tui_pos.keeping.missed import missed, missed_text
    from tui_pos.keeping.schedule import Schedule, command, due_folders

    def look_for_missed() -> None:
        with reading(engine) as session:
            found = missed(session, rules.folders, till, rules.every_h, utc_now())
        app.post_message(BackupMissed(partial(missed_text, found[0]) if found else None))

    return Schedule(
        due=lambda: bool(due_folders(rules.folders, till, rules.every_h, utc_now())),
        command=command(config),
        failed=lambda text: app.post_message(BackupFailed(text)),
        look_for_missed=look_for_missed,
    )
