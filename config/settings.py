"""Everything that a shop can set, with its default; the text under each setting says what it means.

Values only: `config.loading` reads them from the file and the variables, `config.documentation` lists them.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.fields import (
    AccountName,
    Amount,
    BackupCount,
    BadgePrefix,
    Baudrate,
    CashRounding,
    CodePages,
    Columns,
    CountryCode,
    CurrencyCode,
    DatabaseUrl,
    DatevClient,
    DatevConsultant,
    DatevDigits,
    DrawerNames,
    DrawerPin,
    DrawerPins,
    EveryH,
    Folders,
    IdleS,
    InStoreCodes,
    KeyList,
    LanguageCode,
    Line,
    Lines,
    LocaleName,
    LogFolder,
    MonthAndDay,
    NamedAccounts,
    OptionalPath,
    PulseMs,
    QrText,
    RoleNames,
    TcpPort,
    TillName,
    UsbId,
    WrongPins,
    words,
)

Action = Literal[
    "pay", "find", "hold", "customer", "return", "drawer", "reprint", "manager", "void_line", "void_sale",
    "price_check", "discount", "quantity", "help", "lock", "quit", "theme",
]  # fmt: skip

DEFAULT_KEYS: Mapping[Action, tuple[str, ...]] = {
    "pay": ("f2",),
    "find": ("f3",),
    "hold": ("f4",),
    "customer": ("f5",),
    "return": ("f6",),
    "drawer": ("f7",),
    "reprint": ("f8",),
    "manager": ("f9",),
    "void_line": ("delete",),
    "void_sale": ("ctrl+x",),
    "price_check": ("ctrl+p",),
    "discount": ("ctrl+d",),
    "quantity": ("ctrl+n",),
    "help": ("question_mark",),
    "lock": ("f12",),
    "quit": ("ctrl+q",),
    "theme": ("ctrl+t",),
}
"""Terminals keep F1, F10 and F11 for themselves, so none of them is here."""

Region = Literal["dk", "ee", "fi", "de", "gb", "lv", "lt", "no", "se"]
"""Where a standard says what an in-store code (20-29) holds, and the scanner knows it."""


class MissingValue(ValueError):
    """A setting that another one makes necessary: `key` is its name, `allowed` what it takes."""

    def __init__(self, key: str, allowed: str) -> None:
        super().__init__(f"{key}: {allowed}")
        self.key = key
        self.allowed = allowed


def _require(given: object, key: str, allowed: str) -> None:
    if not given:
        raise MissingValue(key, allowed)


class Section(BaseModel):
    """A part of the settings: never changed once read, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shop(Section):
    """The shop: what its receipts say, and how it counts."""

    name: Line = "My shop"
    """Name of the shop, at the top of each receipt."""
    address: Lines = ()
    """Address lines, under the name."""
    tax_id: Line = ""
    """VAT or tax number, as the receipt must show it."""
    country: CountryCode = "IE"
    """Two letters (ISO 3166). Chooses the tax classes and rates that a new shop starts with."""
    currency: CurrencyCode = "EUR"
    """The currency of all prices (ISO 4217). A database stays with the one that it was first opened in."""
    locale: LocaleName = "en_IE"
    """How numbers, money and dates are written."""
    timezone: ZoneInfo = ZoneInfo("Europe/Dublin")
    """The shop's time zone, by its IANA name."""
    day_ends_at: dt.time = dt.time(4)
    """Local time at which the business day ends. What is sold before it counts as yesterday's."""
    prices_include_tax: bool = True
    """Whether the prices of the catalogue hold the tax."""
    tax_rounding: Literal["receipt", "line"] = "receipt"
    """Round tax once for each rate on the receipt, or on each line."""
    cash_rounding: CashRounding = "currency"
    """Rounding of what is paid in cash: by the currency's own rule (`currency`), not at all (`none`), or to
    a multiple of an amount in the currency's main unit, such as 0.05."""
    in_store_region: Literal["country", "none", Region] = "country"
    """Whose rule reads the weight or price in codes that begin with 20 to 29. `country`: the shop's own."""
    in_store_codes: InStoreCodes = ()
    """The shop's own in-store codes, tried first, digit by digit: a digit stands for itself, I for the item,
    W for grams, P for hundredths of the price, N for a count, X for anything, C for the check digit at the
    end; a point shows another unit (WW.WWW is kg). Such as 21IIIIIPPPPPC."""

    @property
    def region(self) -> Region | None:
        """Whose in-store codes are read; None where no standard tells."""
        wanted = self.country.lower() if self.in_store_region == "country" else self.in_store_region
        return next((region for region in get_args(Region) if region == wanted), None)


class Till(Section):
    """This till, among those of the shop."""

    name: TillName = "till1"
    """Name of the till, another one for each. It stands beside every number that the till gives."""


class Database(Section):
    """Where the books are."""

    url: DatabaseUrl = Field(default="", validate_default=True, repr=False)
    """`sqlite:////path/of/shop.db` or `postgresql://user:{password}@host/name`, where `{password}` stands for
    the secret `database-password`. Empty: the file shop.db in the user's data folder."""


class Scanner(Section):
    """The barcode scanner."""

    kind: Literal["none", "serial"] = "none"
    """How a scanner is connected, other than as a keyboard."""
    port: Line = ""
    """Serial port; best by a name that stays, such as /dev/serial/by-id/…"""
    baudrate: Baudrate = 9600
    """Speed of the serial line, in bits a second."""
    terminator: Literal["auto", "cr", "lf", "crlf", "none"] = "auto"
    """What the scanner sends after a code. `none`: nothing, a pause ends it."""
    wedge: bool = True
    """Whether a scanner that types like a keyboard is told from a person."""
    macros: bool = False
    """Whether what a program types at once (a macro, a remote desktop) counts as typing where it looks so: -10%,
    /hold, several words, a PIN. With a keyboard scanner leave it off, or a printed code can change a price."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        _require(self.kind != "serial" or self.port, "port", "a serial port, since kind is serial")
        return self


class Printer(Section):
    """The receipt printer, and the cash drawer that hangs on it."""

    kind: Literal["none", "simulated", "serial", "network", "usb", "file"] = "none"
    """How the printer is connected. `simulated` shows its paper on the screen."""
    port: Line = ""
    """Serial port, for `serial`."""
    baudrate: Baudrate = 38400
    """Speed of the serial line, in bits a second."""
    host: Line = ""
    """Name or address, for `network`."""
    tcp_port: TcpPort = 9100
    """TCP port, for `network`."""
    path: OptionalPath = None
    """Device or file, for `file`, such as /dev/usb/lp0."""
    usb_id: UsbId = ""
    """Vendor and product, for `usb`, as lsusb shows them: 04b8:0e15."""
    profile: Line = "default"
    """The printer's profile in python-escpos, such as TM-T88III."""
    columns: Columns = 42
    """Characters in a line: 32 on 58 mm paper, 42 or 48 on 80 mm paper."""
    code_pages: CodePages = ()
    """The printer's own code pages as `name:number`, such as cp858:19. Empty: those of the profile."""
    font: OptionalPath = None
    """Font file for scripts that no code page holds. Empty: one is looked for."""
    logo: OptionalPath = None
    """Picture at the top of each receipt."""
    header: Lines = ()
    """Further lines at the top of each receipt."""
    footer: Lines = ()
    """Lines at the end of each receipt."""
    qr: QrText = ""
    """What a QR code at the end of the receipt says. It may hold {shop}, {till}, {number}, {date} (that on the
    receipt, such as 2026-01-31), {total}."""
    drawer_pin: DrawerPin = 2
    """The pin of the drawer's plug that opens it."""
    drawer_pulse_ms: PulseMs = 100
    """Length of the pulse that opens the drawer, in milliseconds."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        _require(self.kind != "serial" or self.port, "port", "a serial port, since kind is serial")
        _require(self.kind != "network" or self.host, "host", "a name or address, since kind is network")
        _require(self.kind != "file" or self.path, "path", "a device or file, since kind is file")
        _require(self.kind != "usb" or self.usb_id, "usb_id", "such as 04b8:0e15, since kind is usb")
        return self


class Drawer(Section):
    """The cash drawer: how it is opened, counted and closed."""

    required: bool = True
    """Whether cash is taken only while a drawer is open, with a float that somebody counted."""
    names: DrawerNames = ("drawer",)
    """The drawers of this till: two where two cashiers share it, each with a drawer of their own."""
    pins: DrawerPins = ()
    """The pin of the plug that opens each drawer, in the order of their names, such as 2, 5: the printer's plug opens
    two. Empty: `printer.drawer_pin`."""
    count: Literal["denomination", "sum"] = "denomination"
    """Count coins and notes one kind after the other, or type one sum. Where this program does not know a
    currency's coins it is a sum."""
    blind: bool = True
    """Count without being shown what is expected. It is told once the count is kept."""
    float: Amount = Decimal(0)
    """What lies in the drawer in the morning, in the currency's main unit, such as 100.00: proposed when it
    is opened and closed. 0: nothing is proposed."""
    held_sales_block: bool = False
    """Whether drawer and day stay open while a sale is held."""

    @field_validator("pins")
    @classmethod
    def _a_pin_each(cls, pins: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        names = info.data.get("names", pins)  # names that are refused are counted another time
        if pins and len(pins) != len(names):
            raise ValueError("as many pins as there are names, or none")
        return pins


class Display(Section):
    """How the till looks and sounds."""

    theme: Literal["dark", "light", "high-contrast"] = "dark"
    """Colours of the till."""
    sound: bool = True
    """Whether the terminal bell sounds at a mistake."""
    language: LanguageCode = ""
    """Language of the till, such as en or sv. Empty: that of shop.locale."""


GuardedAct = Literal[
    "sell", "discount", "price_change", "void_line", "void_sale", "take_back_tender", "return",
    "return_without_receipt", "card_by_hand", "reprint", "no_sale", "shift", "cash_in_out", "see_expected",
    "x_report", "z_report", "training", "search_sales", "catalogue", "taxes", "staff", "export", "journal",
    "backup", "restore", "settings", "unlock",
]  # fmt: skip


class Security(Section):
    """Who may log in, and what more than a PIN the shop wants."""

    badge_prefix: BadgePrefix = "STAFF-"
    """What the code of every badge begins with. A scanned code that begins so is never sold. Empty: no badges."""
    idle_lock_s: IdleS = 600
    """After so many seconds without a key or a scan the till locks; the open sale stays. 0: never."""
    lock_after: WrongPins = 10
    """Wrong PINs in a row after which a person is locked at that till, until an owner or supervisor unlocks them."""
    second_factor_roles: RoleNames = ()
    """Roles that log in with a code of their second factor, too, such as owner, bookkeeper."""
    second_factor_over_ssh: bool = False
    """Whether everybody who comes over SSH must log in with such a code."""
    second_factor_actions: Annotated[tuple[GuardedAct, ...], BeforeValidator(words)] = ()
    """Acts that want such a code each time, by the names of their permissions, such as restore, staff."""


class FormatAccounts(Section):
    """The bookkeeper's accounts in one format of `tui-pos export`."""

    cash: AccountName = ""
    """Cash in the drawers. Xero refuses bank accounts in journals: a current asset is right."""
    safe: AccountName = ""
    """Where drops and the takings of a closed drawer go, and where floats come from."""
    cash_rounding: AccountName = ""
    """What the rounding of cash brings or costs."""
    over_short: AccountName = ""
    """What a count found more or less than expected."""
    paid_in: AccountName = ""
    """The other side of what was paid in."""
    paid_out: AccountName = ""
    """The other side of what was paid out: petty cash."""
    tenders: NamedAccounts = ()
    """Where money other than cash waits for the bank, by its kind: `card = 1360`."""
    sales: NamedAccounts = ()
    """Accounts of sales, by tax class, or by class and percentage: `standard = 4000`, `reduced 7 = 8300`."""
    tax: NamedAccounts = ()
    """Accounts of the tax on sales, named in the same way."""
    tax_codes: NamedAccounts = ()
    """What the bookkeeping program calls a tax rate: Sage's codes (`standard = T1`), Xero's names of rates, DATEV's
    BU keys."""
    no_tax_code: AccountName = ""
    """What it calls no tax at all, for Xero and Sage: `Tax Exempt`, `No VAT`, `T9`."""


class Accounts(FormatAccounts):
    """The bookkeeper's accounts, for `tui-pos export`. What says nothing is as each format has it by itself."""

    beancount: FormatAccounts = FormatAccounts()
    """For beancount alone, in a section of its own, [accounts.beancount]: any of the above, in place of it."""
    hledger: FormatAccounts = FormatAccounts()
    """For hledger alone, in [accounts.hledger]."""
    csv: FormatAccounts = FormatAccounts()
    """For CSV alone, in [accounts.csv]."""
    quickbooks: FormatAccounts = FormatAccounts()
    """For QuickBooks alone, in [accounts.quickbooks]."""
    xero: FormatAccounts = FormatAccounts()
    """For Xero alone, in [accounts.xero]."""
    datev: FormatAccounts = FormatAccounts()
    """For DATEV alone, in [accounts.datev]."""
    sage: FormatAccounts = FormatAccounts()
    """For Sage alone, in [accounts.sage]."""
    datev_consultant: DatevConsultant = 0
    """The adviser's number at DATEV."""
    datev_client: DatevClient = 0
    """The shop's number with that adviser."""
    datev_chart: Literal["03", "04"] = "03"
    """The standard chart of accounts, SKR03 or SKR04."""
    datev_account_digits: DatevDigits = 4
    """How many digits the accounts of the chart have."""
    year_begins: MonthAndDay = "01-01"
    """The first day of the fiscal year, month and day; only DATEV wants to know."""


class Backup(Section):
    """Copies of the books, for the day when the disk is gone."""

    folders: Folders = ()
    """Where the copies go, such as /media/usb/tui-pos: best on another disk. The set-up makes them: one that is not
    there at the time is left out, as long as another one takes the copy. None: no copies."""
    keep: BackupCount = 14
    """How many copies of this till each folder keeps: the newest ones."""
    every_h: EveryH = 24
    """After so many hours the running till makes another copy. 0: only `tui-pos backup` does."""


class Log(Section):
    """The log file."""

    folder: LogFolder = Field(default=Path(), validate_default=True)
    """Where the log files are kept. Empty: the user's log folder."""
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least that is logged."""


def _all_actions(given: Mapping[Action, tuple[str, ...]]) -> Mapping[Action, tuple[str, ...]]:
    """The defaults with what was given in their place; a default key that another action was given moves."""
    owners: dict[str, Action] = {}
    for action, keys in given.items():
        for key in keys:
            if owners.setdefault(key, action) != action:
                raise ValueError(
                    f"a key for one action only, and {key} is given to {owners[key]} and {action}"
                )
            if key == "question_mark" and action != "help":
                raise ValueError(
                    f"? for help only, which it opens at every till, and it is given to {action}"
                )
    free = {action: tuple(key for key in keys if key not in owners) for action, keys in DEFAULT_KEYS.items()}
    return {**free, **given}


class Settings(BaseModel):
    """All settings of one till."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: Shop = Shop()
    till: Till = Till()
    database: Database = Field(default_factory=Database)
    scanner: Scanner = Scanner()
    printer: Printer = Printer()
    drawer: Drawer = Drawer()
    keys: Annotated[Mapping[Action, KeyList], AfterValidator(_all_actions)] = Field(
        default={}, validate_default=True
    )
    """The keys of each action, such as f2, ctrl+p, alt+1 or delete, one or a list; where there is none, its typed
    command is left. Keys that the entry line needs are refused."""
    display: Display = Display()
    security: Security = Security()
    accounts: Accounts = Accounts()
    backup: Backup = Backup()
    log: Log = Field(default_factory=Log)

    @property
    def language(self) -> str:
        """The language of the till's texts, as `tui_pos.i18n.use_language` takes it."""
        return self.display.language or self.shop.locale
