"""The settings on paper: docs/settings.md and example.toml, both made of what `config.settings` says.

Write them anew: python -P -m config.documentation
"""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.fields import PREFIX
from config.loading import section_model, shown
from config.settings import DEFAULT_KEYS, Action, Section, Settings

_ROOT = Path(__file__).parent.parent
MARKDOWN_FILE = _ROOT / "docs" / "settings.md"
EXAMPLE_FILE = Path(__file__).parent / "example.toml"

_HEAD = f"""# Settings

All settings are in one TOML file: the one named by `--config FILE`, else `config.toml` in the user's
folder for settings of `tui-pos` (on Linux `~/.config/tui-pos/config.toml`). Each can also be given by a
variable, which wins over the file: `scanner.port` is `{PREFIX}SCANNER__PORT`. A list may be given there
as JSON, or as one text with a line for each entry. What is set nowhere has the value below, so an empty
file is a good start; [example.toml](../config/example.toml) holds every setting. `tui-pos settings` shows
what is in force, and where each value came from. Names that are not in this list are refused.

Secrets stand in none of these: `{PREFIX}SECRET_DATABASE_PASSWORD`, else the file
`secrets/database-password` beside the default `config.toml` (only for its owner: `chmod 600`), else the
key ring of the desktop, where there is a safe one. `tui-pos secret set database-password` asks for it and
puts it into the key ring, or without one into that file.
"""

_ACTIONS: dict[Action, str] = {
    "pay": "Take money.",
    "find": "Look for a product.",
    "hold": "Set the sale aside, or take one up again.",
    "customer": "Choose the customer.",
    "return": "Take goods back.",
    "drawer": "Open the drawer.",
    "reprint": "Print a receipt again.",
    "manager": "What only a manager may do.",
    "void_line": "Void the chosen line.",
    "void_sale": "Void the whole sale.",
    "price_check": "Show a price without selling.",
    "discount": "Discount on the chosen line.",
    "quantity": "Quantity of the chosen line.",
    "help": "Help. `?` on an empty entry line opens it too, whatever stands here.",
    "lock": "Lock the till.",
    "quit": "Leave the program.",
    "theme": "The next theme.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What there is to say of one setting; its default and choices as TOML."""

    name: str
    default: str
    choices: tuple[str, ...]
    text: str


def sections() -> Iterator[tuple[str, str, list[Entry]]]:
    """Every section: its name, what it is, its settings."""
    for name, field in Settings.model_fields.items():
        if model := section_model(field):
            yield name, inspect.cleandoc(model.__doc__ or ""), _entries(model)
        else:
            keys = [Entry(action, _toml(keys), (), _ACTIONS[action]) for action, keys in DEFAULT_KEYS.items()]
            yield name, _texts(Settings)[name], keys


def as_markdown() -> str:
    """docs/settings.md."""
    parts = [_HEAD]
    for section, about, entries in sections():
        rows = [f"| `{e.name}` | {_code(e.default)} | {_meaning(e)} |" for e in entries]
        table = ["| setting | default | meaning |", "| --- | --- | --- |", *rows]
        parts.append("\n".join([f"## {section}", about, "", *table, ""]))
    return "\n".join(parts)


def as_example() -> str:
    """example.toml: every setting with its default, commented out."""
    lines = ["# Every setting of tui-pos with its default. Take away the # before a line to change it."]
    for section, about, entries in sections():
        lines += ["", f"# {about}", f"[{section}]"]
        for entry in entries:
            text = _meaning(entry).replace("`", "")
            lines += textwrap.wrap(text, 100, initial_indent="# ", subsequent_indent="# ")
            lines.append(f"#{entry.name} = {entry.default}")
    return "\n".join(lines) + "\n"


def _entries(model: type[BaseModel]) -> list[Entry]:
    texts = _texts(model)
    return [
        Entry(name, _toml(field.default), _choices(field), texts[name])
        for name, field in model.model_fields.items()
    ]


def _choices(field: FieldInfo) -> tuple[str, ...]:
    kind = field.annotation
    return tuple(map(_toml, get_args(kind))) if get_origin(kind) is Literal else ()


def _texts(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field of `model`, read from its source: a till's start does not pay for it."""
    return {
        name: text
        for each in reversed(model.__mro__)
        if issubclass(each, BaseModel) and each is not BaseModel
        for name, text in _own_texts(each).items()
    }


def _own_texts(model: type[BaseModel]) -> dict[str, str]:
    source = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(source, ast.ClassDef)
    found: dict[str, str] = {}
    for field, text in zip(source.body, source.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                found[name] = re.sub(r"\s+", " ", words)
    return found


def _toml(value: object) -> str:
    match value:
        case tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case bool() | int() | Decimal():
            return shown("", value)
        case Section():
            return "{}"
        case None | Path():
            return '""'
        case _:
            return json.dumps(shown("", value), ensure_ascii=False)


def _meaning(entry: Entry) -> str:
    choices = f" One of {', '.join(map(_code, entry.choices))}." if entry.choices else ""
    return (entry.text + choices).strip()


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    MARKDOWN_FILE.write_text(as_markdown(), encoding="utf-8")
    EXAMPLE_FILE.write_text(as_example(), encoding="utf-8")
