"""The one place that builds engine, devices and screens out of the settings, and hands them on."""

import datetime as dt
import errno
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from config.errors import ConfigError, SettingsError
from config.loading import Loaded, shown
from config.settings import Printer as PrinterSettings
from config.settings import Scanner as ScannerSettings
from config.settings import Security, Settings
from hardware.ports import Printer, Scan, Scanner, ScannerState
from hardware.scanner.symbols import InStorePattern
from hardware.simulated import SimulatedPrinter
from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.i18n import _, speaking
from tui_pos.money.currency import currency
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.people.access import AccessRules
from tui_pos.people.actor import NOBODY, Actor, built_in_actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.shop import DrawerRules, PriceRules, Shop
from tui_pos.settings_check import cash_increment_minor
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.errors import DatabaseUnavailable, Trouble, file_of, is_read_only, trouble_of
from tui_pos.storage.migrate import check_newest, is_empty, upgrade

if TYPE_CHECKING:
    from hardware.escpos.transports import Transport
    from tui_pos.app import TillApp
    from tui_pos.journal.signing import KeyStore, Signer

log = logging.getLogger(__name__)

CASHIER = built_in_actor("owner", id="cashier", name="Cashier")
"""Who acts until the shop has staff of its own."""

SYSTEM = "system"
"""Who acts where the program does by itself, in the journal."""


class StartError(Exception):
    """The till cannot be opened as things are; the text says why, and what to do."""


class NoBooks(StartError, ConfigError):
    """There are no books where `database.url` says, and whoever asked is not who begins new ones. Nothing was made."""


class UnknownTill(StartError, ConfigError):
    """The books have other tills than `till.name`, and whoever asked is not who begins a new one."""


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
        badge_prefix=settings.security.badge_prefix,
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


def drawer_pins(settings: Settings) -> dict[str, int]:
    """By which pin of the printer's plug each drawer opens; none where all hang on the printer's own."""
    drawer = settings.drawer
    return dict(zip(drawer.names, drawer.pins, strict=True)) if drawer.pins else {}


def build_access(settings: Security) -> AccessRules:
    """What the shop demands of whoever logs in, and how this program was reached."""
    return AccessRules(
        badge_prefix=settings.badge_prefix,
        second_factor_roles=frozenset(settings.second_factor_roles),
        second_factor_over_ssh=settings.second_factor_over_ssh,
        second_factor_actions=frozenset(Permission(name) for name in settings.second_factor_actions),
        idle_lock_s=settings.idle_lock_s,
        lock_after=settings.lock_after,
        over_ssh=bool(os.environ.get("SSH_CONNECTION")),
    )


def command_actor(settings: Settings, engine: Engine, name: str | None, needs: str) -> Actor:
    """Who acts in a command that asks for the permission `needs`.

    The member of staff named by `--as`, after their PIN; else the service, where it may.

    Raises PeopleError and AccessDenied, as `shell.who_acts`.
    """
    from tui_pos.shell import who_acts

    return who_acts(
        engine, build_access(settings.security), settings.till.name, name, utc_now(), Permission(needs)
    )


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


def open_database(loaded: Loaded, *, make: bool = False, as_till: bool = False) -> Engine:
    """The shop's database, with its currency and its tax classes.

    Only with `make` is one made where there is none: a mistyped address must not become a second, empty shop. Only with
    `as_till` (the counter and the set-up, for which all tills are closed) is an older one upgraded, and may the till be
    one that the books do not know yet. Raises NoBooks and UnknownTill without them, StartError where it cannot be
    reached or written, DatabaseError where it is not ours to use, or older, and SettingsError where its folder cannot
    be made or its prices are in another currency than the shop's.
    """
    with opening(loaded):
        engine = open_tables(loaded, make=make, as_till=as_till)
        with speaking(loaded.settings.language):
            _make_shop(engine, loaded)
    if not as_till:
        _check_till(engine, loaded)
    return engine


def _check_till(engine: Engine, loaded: Loaded) -> None:
    """A command must not begin a journal for a name that was mistyped. Raises UnknownTill."""
    from tui_pos.journal import chain

    till = loaded.settings.till.name
    with suppress(DatabaseUnavailable), reading(engine) as session:  # damage the command itself tells better
        known = chain.tills(session)
        if known and till not in known:
            text = _(
                "These books have no till {till} (till.name, {origin}). They have: {tills}. Nothing was changed. "
                "Put till.name right; a new till is begun by: tui-pos init"
            )
            origin = loaded.problem("till.name", "").origin
            raise UnknownTill(text.format(till=till, origin=origin, tills=", ".join(map(str, known))))


def open_tables(loaded: Loaded, *, make: bool = False, as_till: bool = False) -> Engine:
    """The database with this program's tables, whatever is in them; `make` and `as_till` as in `open_database`.

    Raises NoBooks, SettingsError, DatabaseError, DBAPIError.
    """
    from config.secrets import database_url

    engine = open_engine(database_url(loaded.settings.database))
    file = file_of(engine)
    if make and file is not None:
        _make_folder(loaded, "database.url", file.parent, mode=0o700)
        if not file.exists():
            file.touch(0o600)  # PINs' hashes are in it; SQLite gives the files beside it the same rights
    elif not make and is_empty(engine):
        raise NoBooks(_no_books(loaded, file))
    if as_till or is_empty(engine):
        upgrade(engine)
    else:
        check_newest(engine)
    return engine


def _no_books(loaded: Loaded, file: Path | None) -> str:
    origin = loaded.problem("database.url", "").origin
    if file is not None and not file.exists():
        text = _("There is no database at {database} (database.url, {origin}), so there are no books to use.")
    else:
        text = _("The database {database} is empty (database.url, {origin}), so there are no books to use.")
    to_do = _("Nothing was made. Put database.url right; a new shop is begun by: tui-pos init")
    database = shown("database.url", loaded.settings.database.url)
    return f"{text.format(database=database, origin=origin)} {to_do}"


@contextmanager
def opening(loaded: Loaded) -> Iterator[None]:
    """Raises StartError for what drivers and system say while the database is opened."""
    try:
        yield
    except (DBAPIError, DatabaseUnavailable, OSError) as error:
        database = shown("database.url", loaded.settings.database.url)
        raise StartError(_why_not_opened(database, error)) from error


def open_for_copying(loaded: Loaded) -> Engine:
    """As `open_database`; but books on a disk that can only be read are taken as they are. Raises the same."""
    from config.secrets import database_url

    url = database_url(loaded.settings.database)
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if file is not None and file.exists() and is_read_only(file):
        return open_engine(url)
    return open_database(loaded)


def _make_folder(loaded: Loaded, key: str, folder: Path, mode: int = 0o777) -> None:
    """Make the folder that a setting names. Raises SettingsError where it cannot be made."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
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
    file = Path(database.removeprefix("sqlite:///")) if database.startswith("sqlite:///") else None
    trouble = error.trouble if isinstance(error, DatabaseUnavailable) else trouble_of(error, file)
    if file is not None and is_read_only(file):
        text = _(
            "The disk of the database {database} can only be read, as one that fails often does. "
            "Take a backup (tui-pos backup FOLDER), see to the disk, then start again."
        )
    elif trouble is Trouble.DAMAGED:
        text = _(
            "The books in the database {database} are damaged: {reason}. Keep that file as it is, "
            "and bring a backup back to a new place (tui-pos restore BACKUP NEWFILE), or see to database.url."
        )
    elif trouble is Trouble.BUSY:
        text = _("Another program holds the database {database}. Wait until it is done, then start again.")
    elif trouble is Trouble.FULL:
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
    from tui_pos.journal.signing import ensure_key, remember_key

    store = store or SecretStore()
    try:
        with writing(engine, durable=True) as session:
            signer = ensure_key(session, till, store, SYSTEM, now)
        if signer is not None:
            remember_key(store, till, signer.key_id)
        return signer
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
    return TillApp(till, wedge=settings.scanner.wedge, macros=settings.scanner.macros)
