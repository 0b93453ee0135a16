"""Kinds of values that settings are made of: how each is read, and what it refuses."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StringConstraints

from config.keys import read_key

APP_NAME = "tui-pos"
PREFIX = "TUI_POS_"
SECRET_PREFIX = "TUI_POS_SECRET_"
MAX_LINES = 20
_BAUDRATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
_PASSWORD = re.compile(r":(?!//|\{password\}@)\S+@|(?<=password=)[^&\s]+")


def _lines(value: Any) -> Any:
    """One text stands for its lines, so that a variable needs no JSON."""
    return tuple(value.splitlines()) if isinstance(value, str) else value


def words(value: Any) -> Any:
    """One text stands for the words in it, parted by spaces or commas."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _whole(value: Any) -> Any:
    """Variables are texts; a choice of numbers would not know the text of one."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _baudrate(value: int) -> int:
    if value not in _BAUDRATES:
        raise ValueError("one of " + ", ".join(map(str, _BAUDRATES)))
    return value


def _path(value: Path | None) -> Path | None:
    if value is None or value == Path():  # an empty text
        return None
    path = value.expanduser()
    if not path.is_absolute():
        raise ValueError("a path from the root or from ~: the till may be started in any folder")
    return path


def _folders(value: tuple[Path, ...]) -> tuple[Path, ...]:
    """Each once, in their order."""
    return tuple(dict.fromkeys(path for each in value if (path := _path(each)) is not None))


def _log_folder(value: Path) -> Path:
    from platformdirs import user_log_path

    return _path(value) or user_log_path(APP_NAME, appauthor=False)


def _cash_rounding(value: Any) -> str | Decimal:
    if value in ("currency", "none"):
        return str(value)
    try:
        increment = Decimal(str(value))
    except InvalidOperation:
        increment = Decimal(0)
    if isinstance(value, bool) or not increment.is_finite() or increment <= 0:
        raise ValueError("currency, none, or the smallest amount that is handed over, such as 0.05")
    return increment


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(-1)
    if isinstance(value, bool) or not amount.is_finite() or not 0 <= amount < 10**9:
        raise ValueError("an amount in the currency's main unit, such as 100.00")
    return amount


def _different(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise ValueError("names that differ from each other")
    return value


def _locale(value: str) -> str:
    from babel.localedata import exists

    name = value.replace("-", "_")
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Za-z0-9]+)*", name) or not exists(name):
        raise ValueError("a language and country such as en_IE, sv_SE or de_CH")
    return name


def _in_store_code(value: str) -> str:
    from hardware.scanner.symbols import InStorePattern

    return InStorePattern(value).text


def _database_url(value: str) -> str:
    if not value:
        from platformdirs import user_data_path

        return f"sqlite:///{user_data_path(APP_NAME, appauthor=False) / 'shop.db'}"
    if value.startswith("sqlite:///"):
        if not value.startswith("sqlite:////"):
            raise ValueError("a path from the root, with four strokes: sqlite:////var/lib/tui-pos/shop.db")
        return value
    scheme, parted, rest = value.partition("://")
    if parted and rest and scheme in ("postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    raise ValueError("sqlite:////path/of/shop.db or postgresql://user:{password}@host/name")


def _qr(value: str) -> str:
    try:
        value.format(shop="", till="", number=0, date="", total="")
    except (LookupError, ValueError, AttributeError):
        raise ValueError("a text that may hold {shop}, {till}, {number}, {date} and {total}") from None
    return value


def mask_password(url: str) -> str:
    """`url`, however misspelt, with anything that may be a password blotted out; `{password}` stays."""
    return _PASSWORD.sub(lambda found: ":********@" if found[0].startswith(":") else "********", url)


def _account(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise ValueError("an account as the bookkeeper writes it, on one line")
    return value


def _named_account(value: str) -> str:
    name, parted, account = (part.strip() for part in value.partition("="))
    if not re.fullmatch(r"[a-z0-9_-]+( [0-9]+(\.[0-9]+)?)?", name) or not (
        parted and account.isprintable() and account
    ):
        raise ValueError("name = account, such as standard = 8400, reduced 7 = 8300 or card = 1360")
    return f"{name} = {account}"


def _month_and_day(value: str) -> str:
    try:
        dt.date.fromisoformat(f"2025-{value}")
    except ValueError:
        raise ValueError("a month and a day such as 01-01 or 04-06") from None
    return value


def _matching(pattern: str, allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(allowed)
        return value

    return AfterValidator(check)


Line = Annotated[str, StringConstraints(max_length=200)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_lines), Field(max_length=MAX_LINES)]
Key = Annotated[str, AfterValidator(read_key)]
KeyList = Annotated[tuple[Key, ...], BeforeValidator(words), Field(max_length=5)]
Columns = Annotated[Literal[32, 42, 48], BeforeValidator(_whole)]
DrawerPin = Annotated[Literal[2, 5], BeforeValidator(_whole)]
DrawerPins = Annotated[tuple[DrawerPin, ...], BeforeValidator(words), Field(max_length=4)]
Baudrate = Annotated[int, AfterValidator(_baudrate)]
OptionalPath = Annotated[Path | None, AfterValidator(_path)]
Folders = Annotated[
    tuple[Path, ...], BeforeValidator(_lines), Field(max_length=MAX_LINES), AfterValidator(_folders)
]
BackupCount = Annotated[int, Field(ge=1, le=10_000)]
EveryH = Annotated[int, Field(ge=0, le=8760)]
LogFolder = Annotated[Path, AfterValidator(_log_folder)]
Amount = Annotated[Decimal, PlainValidator(_amount)]
CashRounding = Annotated[str | Decimal, PlainValidator(_cash_rounding)]
LocaleName = Annotated[str, AfterValidator(_locale)]
InStoreCodes = Annotated[tuple[Annotated[str, AfterValidator(_in_store_code)], ...], BeforeValidator(words)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
QrText = Annotated[str, StringConstraints(max_length=500), AfterValidator(_qr)]
AccountName = Annotated[Line, AfterValidator(_account)]
NamedAccounts = Annotated[
    tuple[Annotated[Line, AfterValidator(_named_account)], ...],
    BeforeValidator(_lines),
    Field(max_length=100),
]
MonthAndDay = Annotated[str, AfterValidator(_month_and_day)]
DatevConsultant = Annotated[int, Field(ge=0, le=9_999_999)]
DatevClient = Annotated[int, Field(ge=0, le=99_999)]
DatevDigits = Annotated[int, Field(ge=4, le=8)]
TcpPort = Annotated[int, Field(ge=1, le=65535)]
PulseMs = Annotated[int, Field(ge=10, le=500)]
CountryCode = Annotated[
    str, StringConstraints(to_upper=True), _matching("[A-Z]{2}", "two letters such as IE, SE or DE")
]
CurrencyCode = Annotated[
    str, StringConstraints(to_upper=True), _matching("[A-Z]{3}", "three letters such as EUR, SEK or GBP")
]
LanguageCode = Annotated[
    str,
    _matching("([a-z]{2,3}(_[A-Z]{2})?)?", "a language such as en or sv, or nothing for that of the shop"),
]
TillName = Annotated[
    str, _matching("[A-Za-z0-9_-]{1,40}", "up to 40 letters (A-Z, a-z), digits, hyphens and underscores")
]
BadgePrefix = Annotated[
    str,
    _matching(
        r"(?=.*[^0-9])[!-~]{3,40}|",
        "3 to 40 characters without blanks, not digits alone, such as STAFF-, or nothing: else goods could not be sold",
    ),
]
WrongPins = Annotated[int, Field(ge=4, le=1000)]
IdleS = Annotated[int, Field(ge=0, le=86_400)]
RoleNames = Annotated[
    tuple[Annotated[str, _matching("[a-z][a-z0-9_-]{0,31}", "names of roles, such as owner")], ...],
    BeforeValidator(words),
]
DrawerName = Annotated[str, _matching(r"[\w-]{1,20}", "names of up to 20 letters, digits and hyphens")]
DrawerNames = Annotated[
    tuple[DrawerName, ...],
    BeforeValidator(words),
    Field(min_length=1, max_length=4),
    AfterValidator(_different),
]
UsbId = Annotated[str, _matching("([0-9A-Fa-f]{4}:[0-9A-Fa-f]{4})?", "vendor:product such as 04b8:0e15")]
CodePage = Annotated[str, _matching(r"[A-Za-z0-9_-]+:[0-9]{1,3}", "name:number such as cp858:19")]
CodePages = Annotated[tuple[CodePage, ...], BeforeValidator(words)]
