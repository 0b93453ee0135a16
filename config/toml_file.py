"""The settings file: its values, and on which line each stands."""

import codecs
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.errors import ConfigError

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[\w\"'-]+)*)\s*=")
_LONG_QUOTE = re.compile(r"\"\"\"|'''")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file that was read: `values` as TOML has them, numbers with a point as exact Decimals."""

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def holds(self, key: str) -> bool:
        """Whether the file sets `key` (as `section`, `section.name` or `section.part.name`)."""
        values: Any = self.values
        for name in key.split("."):
            if not isinstance(values, Mapping) or name not in values:
                return False
            values = values[name]
        return True

    def place(self, key: str) -> str:
        """`path:line` where `key` is set, or the section that it stands in."""
        while key not in self.lines and "." in key:
            key = key.rpartition(".")[0]
        return f"{self.path}:{self.lines[key]}" if key in self.lines else str(self.path)


def read(path: Path) -> TomlFile:
    """Raises FileNotFoundError, or ConfigError for a file that is there and cannot be used."""
    try:
        text = decoded(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    return parse(path, text)


def decoded(data: bytes) -> str:
    """The text of a settings file: UTF-8, or UTF-16 by its byte order mark, as editors under Windows save it.

    The mark is no part of it. Raises UnicodeDecodeError.
    """
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_utf_16 else "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def parse(path: Path, text: str) -> TomlFile:
    """What a file with this text would hold. Raises ConfigError where it is no TOML."""
    try:
        return TomlFile(path, tomllib.loads(text, parse_float=Decimal), lines_of_keys(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error


def lines_of_keys(text: str) -> dict[str, int]:
    """The line, from 1, of each key (as `section.name`) and section.

    tomllib keeps no positions, so this looks for headers and keys at the start of a line, outside long texts.
    """
    found: dict[str, int] = {}
    section: list[str] = []
    inside = ""  # the quotes of the long text that we are in
    for number, line in enumerate(text.split("\n"), start=1):
        names: list[str] = []
        if not inside and (header := _HEADER.match(line)):
            section = names = _parts(header[1])
        elif not inside and (key := _KEY.match(line)):
            names = section + _parts(key[1])
        if names:
            found.setdefault(".".join(names), number)
        for quotes in _LONG_QUOTE.findall(line):
            inside = "" if inside == quotes else inside or quotes
    return found


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
