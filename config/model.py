"""Sections of settings: each takes what its annotation says, all of it is checked at once, and never changes.

A kind of value is a type that is known here, or such a type with functions behind it: `Annotated[str, check]`. A
function takes a value and gives what is kept, or raises ValueError with what is allowed instead. A library for this
would take 10 MB of the till's memory and a seventh of the time until it takes a key.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import get_annotations
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NoReturn,
    Self,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
)
from zoneinfo import ZoneInfo

Read = Callable[[Any], Any]
"""Gives the value that is kept; raises ValueError (what is allowed) or WrongValues."""

T = TypeVar("T")

ALSO_BY_DEFAULT = object()
"""In the annotation of a setting whose default goes through its functions, too."""

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Before:
    """A function that sees the value before its type is looked at."""

    change: Read


@dataclass(frozen=True, slots=True)
class Instead:
    """A function that reads the value by itself, whatever the type says."""

    read: Read


class MissingValue(ValueError):
    """A setting that another one makes necessary: `key` is its name, `allowed` what it takes."""

    def __init__(self, key: str, allowed: str) -> None:
        super().__init__(f"{key}: {allowed}")
        self.key = key
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Wrong:
    """One value that was refused: its names from the outermost section on, the value, and why.

    `error` is None for a name that is no setting's.
    """

    path: tuple[str, ...]
    given: object
    error: ValueError | None

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.error or 'there is no such setting'}"


class WrongValues(ValueError):
    """Every value that was refused."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__("\n".join(map(str, wrong)))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: its type without what stands behind it, its default, and what reads it."""

    kind: Any
    default: Any
    read: Read
    also_by_default: bool

    @property
    def section(self) -> "type[Section] | None":
        """The section that it is; None for a value."""
        return self.kind if isinstance(self.kind, type) and issubclass(self.kind, Section) else None

    @property
    def holds_several(self) -> bool:
        """Whether it is a list, or has names within it."""
        return self.section is not None or get_origin(self.kind) in (tuple, Mapping)

    def by_default(self) -> Any:
        """What it is where nothing is set."""
        value = self.default.factory() if isinstance(self.default, _Made) else self.default
        return self.read(value) if self.also_by_default else value


@dataclass(frozen=True, slots=True)
class _Made:
    factory: Callable[[], Any]


def made(*, factory: Callable[[], T]) -> T:
    """A default that is made each time, since it depends on who runs the program."""
    return _Made(factory)  # type: ignore[return-value]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(made,))
class Section:
    """Settings that belong together, by name. Strict about names."""

    fields: ClassVar[Mapping[str, Field]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        own = {name: _field(kind, cls.__dict__[name]) for name, kind in get_annotations(cls).items()}
        cls.fields = MappingProxyType({**cls.fields, **own})

    def __init__(self, **values: Any) -> None:
        self._take(values)

    @classmethod
    def model_validate(cls, values: Mapping[str, Any]) -> Self:
        """The section that holds `values`. Raises WrongValues with every one that is wrong."""
        section = cls.__new__(cls)
        section._take(values)
        return section

    def _take(self, values: Mapping[str, Any]) -> None:
        wrong: list[Wrong] = []
        kept: dict[str, Any] = {}
        for name, field in self.fields.items():
            if name not in values:
                kept[name] = field.by_default()
                continue
            try:
                kept[name] = field.read(values[name])
            except ValueError as error:
                wrong += _below(name, values[name], error)
        wrong += [Wrong((name,), values[name], None) for name in values if name not in self.fields]
        if not wrong:
            self.__dict__.update(kept, _given=tuple(name for name in self.fields if name in values))
            try:
                self.check()
            except ValueError as error:
                wrong.append(Wrong((), values, error))
        if wrong:
            raise WrongValues(tuple(wrong))

    def check(self) -> None:
        """Look at what must fit together. Raises MissingValue, ValueError."""

    def names_given(self) -> tuple[str, ...]:
        """The names of what was set, in their order."""
        names: tuple[str, ...] = self.__dict__["_given"]
        return names

    def replaced(self, **values: Any) -> Self:
        """The same with other values, which were read before."""
        section = type(self).__new__(type(self))
        section.__dict__.update(self.__dict__, **values)
        return section

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.fields)

    def __repr__(self) -> str:
        """Without values: a URL may hold a password."""
        return f"{type(self).__name__}({', '.join(self.names_given())})"


def _field(kind: Any, default: Any) -> Field:
    bare, behind = _parted(kind)
    return Field(bare, default, reader(kind), ALSO_BY_DEFAULT in behind)


def _parted(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    return (kind.__origin__, kind.__metadata__) if get_origin(kind) is Annotated else (kind, ())


def _below(name: str, given: object, error: ValueError) -> list[Wrong]:
    """What was wrong with the value `name`, or within it."""
    if isinstance(error, WrongValues):
        return [Wrong((name, *each.path), each.given, each.error) for each in error.wrong]
    return [Wrong((name,), given, error)]


@cache
def reader(kind: Any) -> Read:
    """What reads values of this kind."""
    bare, behind = _parted(kind)
    before = [each.change for each in behind if isinstance(each, Before)]
    instead = [each.read for each in behind if isinstance(each, Instead)]
    after = [each for each in behind if callable(each)]
    steps = [*before, *(instead or [_reader_of_type(bare)]), *after]

    def read(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return steps[0] if len(steps) == 1 else read


def _reader_of_type(kind: Any) -> Read:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _READERS:
        return _READERS[kind]
    if origin is Literal:
        return _choice(inner)
    if origin is tuple:
        return _list(reader(inner[0]))
    if origin is Mapping:
        return _table(reader(inner[0]), reader(inner[1]))
    if origin is UnionType and inner[1] is type(None):
        read = reader(inner[0])
        return lambda value: None if value is None else read(value)
    if isinstance(kind, type) and issubclass(kind, Section):
        return _section(kind)
    raise TypeError(f"no setting can be {kind}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _whole(value: Any) -> int:
    """Variables are texts."""
    if isinstance(value, str) and re.fullmatch("-?[0-9]{1,18}", value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a whole number")
    return value


def _yes_or_no(value: Any) -> bool:
    word = value.casefold() if isinstance(value, str) else value
    if word is True or word in _TRUE:
        return True
    if word is False or word in _FALSE:
        return False
    raise ValueError("true or false")


def _path(value: Any) -> Path:
    if not isinstance(value, str | Path):
        raise ValueError("a path")
    return Path(value)


def _time(value: Any) -> dt.time:
    if isinstance(value, dt.time):
        return value
    try:
        if isinstance(value, str) and re.fullmatch("[0-9]{2}:[0-9]{2}(:[0-9]{2})?", value):
            return dt.time.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("a time such as 04:00")


def _zone(value: Any) -> ZoneInfo:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(value)
    except (TypeError, AttributeError, KeyError, ValueError, OSError):  # zoneinfo raises them all
        raise ValueError("a zone such as Europe/Dublin") from None


_READERS: dict[Any, Read] = {
    str: _text,
    int: _whole,
    bool: _yes_or_no,
    Path: _path,
    dt.time: _time,
    ZoneInfo: _zone,
}


def _choice(choices: tuple[Any, ...]) -> Read:
    *most, last = map(str, choices)
    allowed = f"{', '.join(most)} or {last}" if most else last

    def read(value: Any) -> Any:
        if not any(type(value) is type(each) and value == each for each in choices):
            raise ValueError(allowed)
        return value

    return read


def _list(read_one: Read) -> Read:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("a text or a list of texts")
        kept, wrong = [], []
        for each in value:
            try:
                kept.append(read_one(each))
            except ValueError as error:
                wrong.append(Wrong((), each, error))
        if wrong:
            raise WrongValues(tuple(wrong))
        return tuple(kept)

    return read


def _table(read_name: Read, read_one: Read) -> Read:
    def read(value: Any) -> Mapping[Any, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("a section with its settings")
        kept, wrong = {}, []
        for name, each in value.items():
            try:
                read_name(name)
            except ValueError:
                wrong.append(Wrong((name,), each, None))
                continue
            try:
                kept[name] = read_one(each)
            except ValueError as error:
                wrong += _below(name, each, error)
        if wrong:
            raise WrongValues(tuple(wrong))
        return kept

    return read


def _section(kind: type[Section]) -> Read:
    def read(value: Any) -> Section:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("a section with its settings")
        return kind.model_validate(value)

    return read
