"""The one place that builds engine, devices and screens out of the settings, and hands them on."""

import contextlib
import datetime as dt
import errno
import gc
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from config.errors import SettingsError
from config.loading import Loaded, shown
from config.settings import Printer as PrinterSettings
from config.settings import Scanner as ScannerSettings
from config.settings import Security, Settings
from hardware.ports import Printer, Scan, Scanner, ScannerState
from hardware.scanner.symbols import InStorePattern, warm_up
from hardware.simulated import SimulatedPrinter
from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.ending import end_by, ending_in_order, hurry_no_more, put_off
from tui_pos.i18n import _, speaking, use_language
from tui_pos.money.currency import currency
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.people.access import AccessRules
from tui_pos.people.actor import NOBODY, Actor, built_in_actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.shop import DrawerRules, PriceRules, Shop
from tui_pos.settings_check import cash_increment_minor
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.storage.lock import only_one
from tui_pos.storage.migrate import upgrade

if TYPE_CHECKING:
    from hardware.escpos.transports import Transport
    from tui_pos.app import TillApp
    from tui_pos.journal.clock import ClockWatch
    from tui_pos.journal.signing import KeyStore, Signer
    from tui_pos.keeping.schedule import Schedule
    from tui_pos.printing.spooler import Spooler

log = logging.getLogger(__name__)

CASHIER = built_in_actor("owner", id="cashier", name="Cashier")
"""Who acts until the shop has staff of its own."""

DEMO_LOCALES = {"en": "en_IE", "sv": "sv_SE"}
"""How the demo's shop writes for people of a language; its money is euros for all of them."""

SYSTEM = "system"
"""Who acts where the program does by itself, in the journal."""

STARTING_LIMIT_S = 5
"""How long the end of the program waits for devices that are still being opened."""


class StartError(Exception):
    """The till cannot be opened as things are; the text says why, and what to do."""


def utc_now() -> dt.datetime:
    """The only clock: everything below is handed the time."""
    return dt.datetime.now(dt.UTC)


def build_shop(settings: Settings) -> Shop:
    """The shop and till as values."""
    shop = settings.shop
    money = currency(shop.currency)
    return Shop(
        name=shop.name,
        till=settings.till.name,
        rules=PriceRules(money, shop.prices_include_tax, TaxRounding(shop.tax_rounding)),
        cash_rounding=CashRounding(cash_increment_minor(shop)),
        zone=shop.timezone,
        day_ends_at=shop.day_ends_at,
        locale=shop.locale,
        address=shop.address,
        tax_id=shop.tax_id,
        region=shop.region,
        in_store_codes=tuple(InStorePattern(pattern) for pattern in shop.in_store_codes),
        logo=str(settings.printer.logo or ""),
        header=settings.printer.header,
        footer=settings.printer.footer,
        qr=settings.printer.qr,
        columns=settings.printer.columns,
        prints=settings.printer.kind != "none",
        drawer=_drawer_rules(settings),
        held_sales_block=settings.drawer.held_sales_block,
    )


def _drawer_rules(settings: Settings) -> DrawerRules:
    drawer = settings.drawer
    return DrawerRules(
        names=drawer.names,
        required=drawer.required,
        by_denomination=drawer.count == "denomination",
        blind=drawer.blind,
        float_minor=int(drawer.float.scaleb(currency(settings.shop.currency).exponent)),
    )


def build_access(settings: Security) -> AccessRules:
    """What the shop demands of whoever logs in, and how this program was reached."""
    return AccessRules(
        badge_prefix=settings.badge_prefix,
        second_factor_roles=frozenset(settings.second_factor_roles),
        second_factor_over_ssh=settings.second_factor_over_ssh,
        second_factor_actions=frozenset(Permission(name) for name in settings.second_factor_actions),
        idle_lock_s=settings.idle_lock_s,
        over_ssh=bool(os.environ.get("SSH_CONNECTION")),
    )


def command_actor(settings: Settings, engine: Engine, name: str | None) -> Actor:
    """Who acts in a command: the member of staff named by `--as`, after their PIN; else the system's user.

    Raises PeopleError and AccessDenied, as `shell.who_acts`.
    """
    from tui_pos.shell import who_acts

    return who_acts(engine, build_access(settings.security), settings.till.name, name, utc_now())


def build_printer(settings: PrinterSettings) -> Printer | None:
    """The receipt printer; None where the shop has none. The settings were checked, so its profile is known."""
    if settings.kind == "none":
        return None
    if settings.kind == "simulated":
        return SimulatedPrinter(settings.columns)
    from hardware.escpos import EscPosPrinter

    return EscPosPrinter(
        _printer_line(settings),
        columns=settings.columns,
        profile=settings.profile,
        code_pages=settings.code_pages,
        drawer_pin=settings.drawer_pin,
        drawer_pulse_ms=settings.drawer_pulse_ms,
        font=settings.font,
    )


def _printer_line(settings: PrinterSettings) -> "Callable[[], Transport]":
    """What opens the line to the printer, each time that it must be opened."""
    from hardware.escpos import transports

    if settings.kind == "serial":
        return lambda: transports.SerialTransport(settings.port, settings.baudrate)
    if settings.kind == "network":
        return lambda: transports.NetworkTransport(settings.host, settings.tcp_port)
    if settings.kind == "usb":
        vendor, product = (int(part, 16) for part in settings.usb_id.split(":"))
        return lambda: transports.UsbTransport(vendor, product)
    path = settings.path
    assert path is not None  # the settings see to it
    return lambda: transports.FileTransport(path)


def font_finder(settings: PrinterSettings) -> Callable[[str], Path | None]:
    """Finds a font for what a PDF's own letters cannot write: printer.font, else one of the system's."""
    from hardware.escpos.fonts import Fonts

    return Fonts(settings.font).whole


def build_scanner(
    settings: ScannerSettings, on_scan: Callable[[Scan], None], on_state: Callable[[ScannerState], None]
) -> Scanner | None:
    """The scanner on a serial line, not started; None where there is none."""
    if settings.kind == "none":
        return None
    from hardware.scanner.serial_reader import SerialScanner

    return SerialScanner(settings.port, settings.baudrate, settings.terminator, on_scan, on_state)


def open_database(loaded: Loaded) -> Engine:
    """The shop's database, created or upgraded where needed, with its currency and its tax classes.

    Raises StartError where it cannot be reached or written, DatabaseError where it is not ours to use, and
    SettingsError where its folder cannot be made or its prices are in another currency than the shop's.
    """
    from config.secrets import database_url

    settings = loaded.settings
    url = database_url(settings.database)
    if url.startswith("sqlite:///"):
        _make_folder(loaded, "database.url", Path(url.removeprefix("sqlite:///")).parent)
    try:
        engine = open_engine(url)
        upgrade(engine)
        with speaking(settings.language):
            _make_shop(engine, loaded)
    except (DBAPIError, DatabaseUnavailable, OSError) as error:
        raise StartError(_why_not_opened(shown("database.url", settings.database.url), error)) from error
    return engine


def _make_folder(loaded: Loaded, key: str, folder: Path) -> None:
    """Make the folder that a setting names. Raises SettingsError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_place(loaded, key, folder, error) from error


def _no_place(loaded: Loaded, key: str, folder: Path, error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return error
    text = f"the folder {folder} cannot be used: {error.strerror}. See to its rights, or set another one"
    return SettingsError((loaded.problem(key, text),))


def _why_not_opened(database: str, error: Exception) -> str:
    """One line, with the system's or the server's own words where we know none better."""
    cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
    words = getattr(cause, "strerror", None) or getattr(cause, "orig", None) or cause
    reason = " ".join(str(words).strip().partition("\n")[0].split())  # further lines are a server's advice
    if any(word in reason.casefold() for word in ("locked", "busy", "lock timeout")):
        text = _("Another program holds the database {database}. Wait until it is done, then start again.")
    elif "full" in reason.casefold() or "no space" in reason.casefold():
        text = _("The disk of the database {database} is full. Make room on it, then start again.")
    elif database.startswith("sqlite"):
        text = _(
            "The database {database} cannot be opened: {reason}. "
            "See to its folder and the rights there, or to database.url; then start again."
        )
    else:
        text = _(
            "The database {database} cannot be opened: {reason}. "
            "See that the server runs and lets this till in, or to database.url; then start again."
        )
    return text.format(database=database, reason=reason.rstrip(".?!"))


def _make_shop(engine: Engine, loaded: Loaded) -> None:
    """Give a new shop its currency and the tax classes of its country; an old one must be in the same currency."""
    from tui_pos.catalogue.currency import keep_currency, kept_currency
    from tui_pos.catalogue.taxes import tax_class_codes

    shop = loaded.settings.shop
    with reading(engine) as session:
        kept = kept_currency(session)
        ready = kept is not None and bool(tax_class_codes(session))
    if not ready:
        from tui_pos.catalogue.presets import start_taxes

        with writing(engine) as session:
            kept = keep_currency(session, shop.currency)
            if not tax_class_codes(session):
                start_taxes(session, shop.country)
    if kept != shop.currency:
        database = shown("database.url", loaded.settings.database.url)
        text = (
            f"the prices in the database {database} are in {kept}, and would be read as {shop.currency}. "
            f"Set {kept}; for a shop in {shop.currency} set database.url to an empty database"
        )
        raise SettingsError((loaded.problem("shop.currency", text),))


def build_signer(
    engine: Engine, till: str, now: dt.datetime, store: "KeyStore | None" = None
) -> "Signer | None":
    """What signs the till's closures: its key, which is made where it never had one.

    None where the private key is lost or cannot be read now: the day closes all the same, unsigned.
    """
    from config.errors import SecretError
    from config.secrets import SecretStore
    from tui_pos.journal.signing import ensure_key

    try:
        with writing(engine, durable=True) as session:
            return ensure_key(session, till, store or SecretStore(), SYSTEM, now)
    except SecretError as error:
        log.error("the signing key cannot be read: %s", error)
        return None


class _DiscreetFormatter(logging.Formatter):
    """Whatever an error quotes: no number of a payment card gets into the log."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_card_numbers(super().format(record))


def start_log(loaded: Loaded) -> None:
    """One rotating file; nothing of it ever reaches the screen. Raises SettingsError where it cannot be written."""
    settings = loaded.settings.log
    _make_folder(loaded, "log.folder", settings.folder)
    file = settings.folder / "tui-pos.log"
    try:
        handler = RotatingFileHandler(file, maxBytes=2_000_000, backupCount=5, encoding="utf-8")
    except OSError as error:
        raise _no_place(loaded, "log.folder", settings.folder, error) from error
    handler.setFormatter(_DiscreetFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(settings.level)


def run_counter(loaded: Loaded) -> None:
    """Open the counter, and come back when the cashier ends it.

    Raises StartError, DatabaseError or SettingsError where it cannot be opened.
    """
    settings = loaded.settings
    use_language(settings.language)
    _need_terminal()
    start_log(loaded)
    engine = open_database(loaded)
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
        engine = open_database(Loaded(settings, None))
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


def build_app(
    settings: Settings,
    engine: Engine,
    printer: Printer | None = None,
    codes_to_try: tuple[tuple[str, str], ...] = (),
    now: Callable[[], dt.datetime] = utc_now,
    *,
    actor: Actor = NOBODY,
    shown_pins: Mapping[str, str] = MappingProxyType({}),
    signing_keys: "KeyStore | None" = None,
) -> "TillApp":
    """The program on the screen, without its background threads: the same one for the shop and for tests.

    It begins with the log-in, unless `actor` is somebody already. Keys of closures are where the system keeps secrets,
    unless `signing_keys` is another place.
    """
    from tui_pos.app import TillApp
    from tui_pos.sales.desk import Desk
    from tui_pos.screens.till import Till

    shop = build_shop(settings)
    till = Till(
        shop=shop,
        desk=Desk(engine, shop, actor, now),
        keys={str(action): keys for action, keys in settings.keys.items()},
        now=now,
        wake_spooler=lambda: None,
        sound=settings.display.sound,
        theme=settings.display.theme,
        paper=(lambda: printer.paper) if isinstance(printer, SimulatedPrinter) else None,
        codes_to_try=codes_to_try,
        rules=build_access(settings.security),
        language=settings.language,
        shown_pins=shown_pins,
        find_signer=lambda: build_signer(engine, shop.till, now(), signing_keys),
    )
    return TillApp(till, wedge=settings.scanner.wedge)


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
        for device in (scanner, spooler, _schedule_of(settings, config, app), clock):
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
    spooler = Spooler(engine, printer, settings.till.name, changed)
    app.till.wake_spooler = spooler.wake
    spooler.wake()  # what was sold meanwhile
    return spooler


def _schedule_of(settings: Settings, config: Path | None, app: "TillApp") -> "Schedule | None":
    """What has a backup made whenever one is due; None where the shop wants none of the running till."""
    rules, till = settings.backup, settings.till.name
    if not (rules.folders and rules.every_h):
        return None
    from tui_pos.app import BackupFailed
    from tui_pos.keeping.schedule import Schedule, command, is_due

    return Schedule(
        due=lambda: is_due(rules.folders, till, rules.every_h, utc_now()),
        command=command(config),
        failed=lambda text: app.post_message(BackupFailed(text)),
    )
