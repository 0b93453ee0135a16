"""Settings from the file and from variables, and where each of them came from."""

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config import toml_file
from config.errors import ConfigError, Problem, SettingsError
from config.fields import APP_NAME, PREFIX, SECRET_PREFIX, mask_password
from config.settings import DEFAULT_KEYS, MissingValue, Section, Settings

DEFAULT_ORIGIN = "default"


@dataclass(frozen=True, slots=True)
class Row:
    """One setting in force: its key, its value as it may be shown, and where it came from."""

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and the file that they were read from, if there was one."""

    settings: Settings
    file: toml_file.TomlFile | None

    def rows(self) -> Iterator[Row]:
        """Every setting in force, in the order of the documentation, secrets masked."""
        for section, names in settings_keys().items():
            values = getattr(self.settings, section)
            for name in names:
                value = values[name] if isinstance(values, Mapping) else getattr(values, name)
                key = f"{section}.{name}"
                yield Row(key, shown(key, value), _origin(key, self.file))

    def problem(self, key: str, text: str) -> Problem:
        """What is wrong with a setting that was read: for those who know better than its form what it may be.

        `text` is the rest of the sentence that begins with the setting, its value and where it was set.
        """
        section, _, name = key.partition(".")
        value = shown(key, getattr(getattr(self.settings, section), name))
        return Problem(key, _origin(key, self.file), repr(value), text)


def default_file() -> Path:
    """Where the settings are looked for when no file is named."""
    from platformdirs import user_config_path

    return user_config_path(APP_NAME, appauthor=False) / "config.toml"


def load(path: Path | None = None) -> Loaded:
    """Read the settings: variables win over the file, and the file over the defaults.

    Without `path` the default file is read, which may be absent. Raises SettingsError with every wrong value
    at once, ConfigError for a file that cannot be read.
    """
    try:
        file = toml_file.read(path or default_file())
    except FileNotFoundError as error:
        if path:
            raise ConfigError(f"{path}: there is no such file") from error
        file = None
    return _checked(file)


def load_text(path: Path, text: str) -> Loaded:
    """The settings that would be in force if `path` held `text`. Raises SettingsError, ConfigError as `load`."""
    return _checked(toml_file.parse(path, text))


def _checked(file: toml_file.TomlFile | None) -> Loaded:
    problems = [_unknown_variable(name) for name in _stray_variables()]
    try:
        settings = _validated(file.values if file else {})
    except ValidationError as error:
        problems += [_worded(details, file) for details in error.errors(include_url=False)]
    if problems:
        raise SettingsError(tuple(dict.fromkeys(problems)))
    loaded = Loaded(settings, file)
    if absent := tuple(_absent_files(loaded)):
        raise SettingsError(absent)
    return loaded


def settings_keys() -> dict[str, tuple[str, ...]]:
    """The names of all settings, by section."""
    return {
        section: tuple(model.model_fields) if (model := section_model(field)) else tuple(DEFAULT_KEYS)
        for section, field in Settings.model_fields.items()
    }


def section_model(field: FieldInfo) -> type[Section] | None:
    """The model of a section; None for `keys`, which is a table."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def shown(key: str, value: object) -> str:
    """A value as a person may read it: nothing for None, lists parted by `|`, the password masked."""
    if value is None:
        return ""
    if isinstance(value, Section):
        given = sorted(value.model_fields_set, key=list(type(value).model_fields).index)
        return "; ".join(f"{name}: {shown('', getattr(value, name))}" for name in given)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return " | ".join(map(str, value)) or ("[]" if isinstance(value, list) else "")
    if isinstance(value, dt.time):
        return f"{value:%H:%M:%S}".removesuffix(":00")
    return mask_password(str(value)) if key == "database.url" else str(value)


def _validated(in_file: Mapping[str, Any]) -> Settings:
    if not _variables():
        return Settings.model_validate(in_file)
    # pydantic-settings takes as long to import as all the rest of this; most tills have a file and no variables.
    from config.variables import SettingsWithVariables

    return SettingsWithVariables(**in_file)


def _variables() -> list[str]:
    """The variables that are meant to set something."""
    return [
        name
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX) and not name.upper().startswith(SECRET_PREFIX)
    ]


def _absent_files(loaded: Loaded) -> Iterator[Problem]:
    """Files that the receipts need. A device may be plugged in later; a picture does not come by itself."""
    printer = loaded.settings.printer
    for name, path in (("logo", printer.logo), ("font", printer.font)):
        if path is not None and not os.access(path, os.R_OK):
            yield loaded.problem(f"printer.{name}", "allowed is a file that is there and can be read")
        elif path is not None and not path.is_file():
            yield loaded.problem(f"printer.{name}", "allowed is a file, not a folder or a device")


def _stray_variables() -> list[str]:
    """Variables of ours that name no section; those that name one are checked with its keys."""
    sections = {PREFIX + section.upper() for section in settings_keys()}
    return [name for name in _variables() if name.upper().partition("__")[0] not in sections]


def _unknown_variable(name: str) -> Problem:
    key = name.upper().removeprefix(PREFIX).lower().replace("__", ".")
    meant = _nearest(key)
    variable = PREFIX + meant.upper().replace(".", "__")
    return Problem(
        key, name, "", "there is no such setting" + (f"; did you mean {variable}?" if meant else "")
    )


def _nearest(key: str) -> str:
    """The setting that was probably meant, or nothing; `scanner_port` is as near to `scanner.port` as can."""
    alike = {
        f"{section}_{name}": f"{section}.{name}"
        for section, names in settings_keys().items()
        for name in names
    }
    close = get_close_matches(key.replace(".", "_"), alike, n=1, cutoff=0.6)
    return alike[close[0]] if close else ""


def _worded(details: ErrorDetails, file: toml_file.TomlFile | None) -> Problem:
    location = [str(part) for part in details["loc"] if part != "[key]"]
    key = ".".join(location[: 3 if _is_section(location) else 2])
    given = "" if isinstance(details["input"], dict) else repr(shown(key, details["input"]))
    error = details.get("ctx", {}).get("error")
    if isinstance(error, MissingValue):
        return Problem(f"{key}.{error.key}", _origin(key, file), "", f"is missing: {error.allowed}")
    if details["type"] == "extra_forbidden" or details["loc"][-1] == "[key]":
        meant = _nearest(key)
        hint = f"; did you mean {meant}?" if meant else ""
        return Problem(key, _origin(key, file), "", "there is no such setting" + hint)
    return Problem(key, _origin(key, file), given, f"allowed is {_allowed(details)}")


def _is_section(location: list[str]) -> bool:
    """Whether a setting is one of a section within a section, such as accounts.datev.cash."""
    field = Settings.model_fields.get(location[0])
    outer = section_model(field) if field else None
    inner = outer.model_fields.get(location[1]) if outer and len(location) > 2 else None
    return inner is not None and section_model(inner) is not None


_ALLOWED = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a text or a list of texts",
    "model_type": "a section with its settings",
    "mapping_type": "a section with its settings",
    "zoneinfo_str": "a zone such as Europe/Dublin",
    "time_parsing": "a time such as 04:00",
    "time_type": "a time such as 04:00",
    "path_type": "a path",
}

_LENGTHS = {
    "too_short": "a list of {min_length} or more",
    "too_long": "a list of at most {max_length}",
    "string_too_long": "a text of at most {max_length} characters",
}


def _allowed(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    if "expected" in context:
        return str(context["expected"]).replace("'", "")
    if details["type"] == "value_error":
        return str(context["error"])
    if details["type"] in _LENGTHS:
        return _LENGTHS[details["type"]].format(**context)
    message = details["msg"][:1].lower() + details["msg"][1:]
    return _ALLOWED.get(details["type"], message.removeprefix("input should be "))


def _origin(key: str, file: toml_file.TomlFile | None) -> str:
    """The variable, or the line of the file, that set `key` (or the section around it), or `default`."""
    variable = (PREFIX + key.replace(".", "__")).upper()
    wanted = (variable, variable.rpartition("__")[0])
    if variables := [given for given in os.environ if given.upper() in wanted]:
        return max(variables, key=len)
    if file and file.holds(key):
        return file.place(key)
    if inside := [given for given in os.environ if given.upper().startswith(f"{variable}__")]:
        return inside[0]
    return DEFAULT_ORIGIN
