"""Settings from variables such as TUI_POS_SCANNER__PORT."""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from config.fields import PREFIX, SECRET_PREFIX
from config.model import Field
from config.settings import Settings


def variables() -> list[str]:
    """The variables that are meant to set something."""
    return [
        name
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX) and not name.upper().startswith(SECRET_PREFIX)
    ]


def with_variables(in_file: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says, with what the variables say in its place. A part of a section wins over the whole of it."""
    values = _copied(in_file)
    for name in sorted(variables(), key=lambda name: name.count("__")):
        path = tuple(name[len(PREFIX) :].lower().split("__"))
        if path[0] in Settings.fields:
            _put(values, path, _decoded(path, os.environ[name]))
    return values


def _copied(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copied(each) if isinstance(each, Mapping) else each for name, each in values.items()}


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Into the section that is there already, or into a new one; a section's own values one by one."""
    first, *rest = path
    if not rest and not isinstance(value, dict):
        values[first] = value
        return
    if not isinstance(values.get(first), dict):
        values[first] = {}
    for below in [tuple(rest)] if rest else [(name,) for name in value]:
        _put(values[first], below, value if rest else value[below[0]])


def _decoded(path: tuple[str, ...], text: str) -> Any:
    """Lists and sections may be given as JSON; else as one text, which the setting itself then reads."""
    field = _field(path)
    if field is None or not field.holds_several:
        return text
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


def _field(path: tuple[str, ...]) -> Field | None:
    """The setting of that name; what stands within `keys` is a list as each of them."""
    field = Settings.fields[path[0]]
    for name in path[1:]:
        if field.section is None:
            return field
        if name not in field.section.fields:
            return None
        field = field.section.fields[name]
    return field
