"""Answers of the set-up, by the settings that they are for, and what the settings file becomes with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from config.errors import ConfigError, Problem, SettingsError
from config.loading import DEFAULT_ORIGIN, Loaded, load_text
from config.toml_file import decoded
from config.writing import NEW_FILE, Value, with_values
from tui_pos.i18n import _, languages
from tui_pos.people.pins import check_pin
from tui_pos.people.staff import check_name
from tui_pos.settings_check import check_settings
from tui_pos.setup.countries import country
from tui_pos.setup.refusals import in_words

Answer = str | tuple[str, ...]
Answers = Mapping[str, Answer]
"""By `section.name`, as a variable would hold them; and what is asked besides, such as `owner.name`, `owner.pin`."""

OWNER = "owner.name"
PIN = "owner.pin"
AGAIN = "owner.again"
MAKE_FOLDERS = "folders.make"

ASKED = (
    "display.language", "shop.country", "shop.name", "shop.address", "shop.tax_id", "shop.timezone", "shop.locale",
    "shop.currency", "shop.prices_include_tax", "shop.cash_rounding", "till.name", "drawer.names", "drawer.pins",
    "scanner.kind", "scanner.port", "scanner.baudrate", "printer.kind", "printer.port", "printer.baudrate",
    "printer.host", "printer.tcp_port", "printer.path", "printer.usb_id", "printer.profile", "printer.columns",
    "printer.drawer_pin", "backup.folders", "database.url",
)  # fmt: skip
"""The settings that the set-up knows; all others it leaves alone."""

PLACES: Mapping[str, tuple[str, ...]] = {
    "scanner.port": ("serial",), "scanner.baudrate": ("serial",), "printer.port": ("serial",),
    "printer.baudrate": ("serial",), "printer.host": ("network",), "printer.tcp_port": ("network",),
    "printer.path": ("file",), "printer.usb_id": ("usb",),
}  # fmt: skip
"""Settings that only devices have which are connected in these ways."""


class SetUpError(ConfigError):
    """An answer is missing or cannot be used. Nothing was written."""


class SettingsFile:
    """The settings file as it stands, and what it would become."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = decoded(path.read_bytes())
        except FileNotFoundError:
            self.text = ""
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from error

    def now(self) -> Loaded:
        """The settings in force. Raises SettingsError, ConfigError."""
        loaded = load_text(self.path, self.text)
        check_settings(loaded)
        return loaded

    def with_answers(self, answers: Answers) -> tuple[str, Loaded]:
        """The new text, and the settings that it makes. Raises SettingsError with all that is wrong."""
        given = {key: value for key, value in answers.items() if key in ASKED and _is_used(answers, key)}
        text = self.text or NEW_FILE
        loaded = load_text(self.path, with_values(self.path, text, given))
        check_settings(loaded)
        before = self.before()
        typed = {
            key: _as_toml(value, _setting(loaded, key))
            for key, value in given.items()
            if before is None or not _is_so(before, loaded, key)
        }
        text = with_values(self.path, text, typed)
        return text, load_text(self.path, text)

    def before(self) -> Loaded | None:
        """The settings of a shop that is set up already; None where it is not, or where they are wrong."""
        try:
            return self.now() if "shop.name" in self.present() else None
        except ConfigError:
            return None

    def changes(self, loaded: Loaded) -> tuple[str, ...]:
        """What is other than before, by its key, in a shop that was set up already."""
        before = self.before()
        return tuple(key for key in ASKED if before and _setting(before, key) != _setting(loaded, key))

    def present(self) -> dict[str, Answer]:
        """What is set already, in the file or by a variable. Raises SettingsError, ConfigError."""
        loaded = self.now()
        origins = {row.key: row.origin for row in loaded.rows()}
        return {key: _shown(_setting(loaded, key)) for key in ASKED if origins[key] != DEFAULT_ORIGIN}


def _is_used(answers: Answers, key: str) -> bool:
    """Whether a device that is connected as was answered has such a setting: a keyboard has no port."""
    kinds = PLACES.get(key, ())
    return not kinds or text_of(answers, f"{key.partition('.')[0]}.kind", kinds[0]) in kinds


def _is_so(before: Loaded, loaded: Loaded, key: str) -> bool:
    """Whether an answer says what is in force anyway. The till's language may follow from how the shop writes."""
    if key == "display.language" and not before.settings.display.language:
        return loaded.settings.display.language == language_of(loaded.settings.shop.locale)
    return _setting(before, key) == _setting(loaded, key)


def language_of(locale: str) -> str:
    """The language that is spoken where texts are wanted in that of a locale."""
    return locale[:2] if locale[:2] in languages() else "en"


def problems_with(file: SettingsFile, answers: Answers, keys: Iterable[str] | None = None) -> list[Problem]:
    """What is wrong with these answers; with `keys`, only with those."""
    try:
        file.with_answers(answers)
    except SettingsError as error:
        return [problem for problem in error.problems if keys is None or problem.key in keys]
    return []


def check(file: SettingsFile, answers: Answers, changes: Answers) -> None:
    """Look at `changes` to the answers before they are taken. Raises SetUpError, PeopleError."""
    problems = problems_with(file, {**answers, **changes}, changes)
    if problems:
        words = in_words(problems[0].allowed)
        raise SetUpError(f"{words[:1].upper()}{words[1:]}.")
    if "shop.name" in changes and not text_of(changes, "shop.name").strip():
        raise SetUpError(_("The shop needs a name."))
    if OWNER in changes:
        check_name(text_of(changes, OWNER))
    if PIN in changes:
        check_pin(text_of(changes, PIN))
    if AGAIN in changes and changes[AGAIN] != answers.get(PIN):
        raise SetUpError(_("The two PINs are not the same. Type it again, or go back with Esc."))


def text_of(answers: Answers, key: str, default: str = "") -> str:
    """An answer as one text."""
    value = answers.get(key, default)
    return value if isinstance(value, str) else ", ".join(value)


def country_answers(answers: Answers, code: str, currency: str = "") -> dict[str, Answer]:
    """The country, and what follows from it: everything where it is another one, else only what nobody said yet.

    `currency` is what the books count in already, and go on counting in.
    """
    known = country(code)
    language = text_of(answers, "display.language")
    suggested: dict[str, Answer] = {
        "shop.currency": currency or known.currency,
        "shop.locale": known.locale_for(language),
        "shop.timezone": known.timezone,
        "shop.prices_include_tax": "true" if known.prices_include_tax else "false",
        "shop.cash_rounding": known.cash_rounding,
    }
    moved = code != answers.get("shop.country", code)
    wanted = {key: value for key, value in suggested.items() if value and (moved or key not in answers)}
    return {"shop.country": code, **wanted}


def missing(answers: Answers, *, has_staff: bool) -> Iterator[str]:
    """The keys without which no shop can be set up."""
    needed = ["shop.name", "shop.country"]
    if "shop.country" in answers:
        needed.append("shop.timezone")
    if not has_staff:
        needed.append(OWNER)
    if not has_staff or OWNER in answers:
        needed.append(PIN)
    return (key for key in needed if not text_of(answers, key).strip())


def address_lines(text: str) -> tuple[str, ...]:
    """The lines of an address that was typed in one: parted by `|`, or by commas where there is none."""
    parts = re.split(r"\|" if "|" in text else ",", text)
    return tuple(part.strip() for part in parts if part.strip())


def address_text(lines: Answer) -> str:
    """The reverse of `address_lines`."""
    if isinstance(lines, str):
        return lines
    return (" | " if any("," in line for line in lines) or len(lines) == 1 else ", ").join(lines)


def _setting(loaded: Loaded, key: str) -> object:
    section, _dot, name = key.partition(".")
    return getattr(getattr(loaded.settings, section), name)


def _shown(value: object) -> Answer:
    if isinstance(value, tuple):
        return tuple(str(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _as_toml(given: Answer, value: object) -> Value:
    """What stands in the file: numbers and flags as such, everything else as it was given."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, tuple):
        return tuple(each if isinstance(each, int) else str(each) for each in value)
    if isinstance(value, Decimal | ZoneInfo | Path | time):
        return str(value)
    assert isinstance(given, str)
    return value if isinstance(value, str) and "://" not in value else given
