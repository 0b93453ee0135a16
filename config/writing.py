"""Writing settings into their file: comments, order, and whatever else stands there stay as they are."""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import toml_file
from config.errors import ConfigError

Value = str | bool | int | tuple[str | int, ...]
"""What a setting is written as."""

NEW_FILE = "# Settings of tui-pos. `tui-pos settings` shows all there are, and what each is now.\n"


def with_values(path: Path, text: str, values: Mapping[str, Value]) -> str:
    """The text of a settings file with `values` (by `section.name`) in it; one that is there as given is not touched.

    A new setting goes under its own commented-out line where there is one, else to the end of its section. Raises
    ConfigError where the file is so written that this cannot be done: it says what to do by hand.
    """
    wanted: dict[str, Any] = tomllib.loads(text)
    lines = text.removesuffix("\n").split("\n") if text else []
    for key, value in values.items():
        section, _dot, name = key.partition(".")
        if not isinstance(wanted.setdefault(section, {}), dict):
            raise _by_hand(path, key)
        as_toml = list(value) if isinstance(value, tuple) else value
        if name in wanted[section] and _same(wanted[section][name], as_toml):
            continue
        wanted[section][name] = as_toml
        _put(lines, section, name, f"{name} = {_written(value)}")
    result = "\n".join(lines) + "\n" if lines else ""
    try:
        found = tomllib.loads(result)
    except tomllib.TOMLDecodeError:
        found = {}
    if found != wanted:
        raise _by_hand(path, ", ".join(values))
    return text if result == text or not values else result


def _same(present: object, wanted: object) -> bool:
    """Equal, and of one type: to TOML `1` is not `true`."""
    return type(present) is type(wanted) and present == wanted


def _by_hand(path: Path, keys: str) -> ConfigError:
    return ConfigError(
        f"{path}: {keys} cannot be written as the file stands. Give each section a line of its own, such as [shop], "
        "and each setting in it one; then do it again"
    )


def _put(lines: list[str], section: str, name: str, entry: str) -> None:
    """Write `entry` in the place of what sets `section.name`, or into its section, or at the end."""
    places = toml_file.lines_of_keys("\n".join(lines))
    if at := places.get(f"{section}.{name}"):
        begin = at - 1
        end = _end_of(lines, begin)
        lines[begin:end] = [_as_it_stood(lines[begin], entry) + _comment(lines[begin:end])]
    elif at := places.get(section):
        lines.insert(_end_of_section(lines, at, name), entry)
    else:
        lines += [*([""] if lines else []), f"[{section}]", entry]


def _as_it_stood(line: str, entry: str) -> str:
    """The new entry with the old one's name, which may be written `shop.name` or in quotes."""
    return line[: line.index("=")].rstrip() + entry[entry.index(" = ") :]


def _end_of(lines: list[str], begin: int) -> int:
    """The line behind the setting that begins on line `begin`: lists and long texts have several."""
    for end in range(begin + 1, len(lines) + 1):
        with suppress(tomllib.TOMLDecodeError):
            tomllib.loads("\n".join(lines[begin:end]))
            return end
    return begin + 1


def _comment(lines: list[str]) -> str:
    """The comment behind a setting, with the space before it."""
    whole, last = tomllib.loads("\n".join(lines)), lines[-1]
    for found in re.finditer("#", last):
        with suppress(tomllib.TOMLDecodeError):
            before = last[: found.start()]
            if tomllib.loads("\n".join([*lines[:-1], before])) == whole:
                return " " * max(1, len(before) - len(before.rstrip())) + last[found.start() :]
    return ""


def _end_of_section(lines: list[str], header: int, name: str) -> int:
    """Where a new setting goes: under `#name = …`, else behind the section's last setting. `header` counts from 1."""
    position, at = header, header
    while at < len(lines) and not re.match(r"\s*\[", lines[at]):
        if re.match(rf"#\s*{re.escape(name)}\s*=", lines[at]):
            return at + 1
        end = at + 1
        if re.match(r"\s*[\w\"'.-]+\s*=", lines[at]):
            end = position = _end_of(lines, at)
        at = end
    return position


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    # A JSON text is a TOML text, but for DEL, which TOML wants escaped.
    return (
        str(value)
        if isinstance(value, int)
        else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    )


@dataclass(slots=True)
class Prepared:
    """A new settings file that is written, beside its place, and not yet in force."""

    path: Path
    _unfinished: Path | None

    def put_in_place(self) -> None:
        """Let it take the old one's place, which is kept as `.bak`. At any moment one of them is there, whole."""
        if self._unfinished is None:
            return
        kept = self.path.with_name(self.path.name + ".bak")
        if self.path.exists():
            kept.unlink(missing_ok=True)
            os.link(self.path, kept)
        os.replace(self._unfinished, self.path)
        self._unfinished = None
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # or a power cut could lose the name of the file
        finally:
            os.close(folder)

    def drop(self) -> None:
        """Forget it, unless it is in its place."""
        if self._unfinished is not None:
            self._unfinished.unlink(missing_ok=True)
            self._unfinished = None


def prepare(path: Path, text: str) -> Prepared:
    """Write the file beside its place, so that afterwards only its name is left to change. Raises OSError."""
    path = path.resolve()  # a link to a file elsewhere stays a link
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    unfinished = Path(name)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o600)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return Prepared(path, unfinished)
