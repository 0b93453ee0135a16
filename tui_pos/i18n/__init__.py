"""Texts for people, in the language of whoever reads them; English where a text is missing."""

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "locales"


@dataclass(slots=True)
class _Reader:
    """Whoever reads: their language may change while they do, for every task that was started for them."""

    texts: _gettext.NullTranslations


# A thread that nobody gave a context speaks to the program's first reader.
_reader: ContextVar[_Reader] = ContextVar("reader", default=_Reader(_gettext.NullTranslations()))  # noqa: B039


def use_language(language: str) -> None:
    """Speak `language` (a code like `sv` or `sv_SE`) to this reader from now on; unknown languages speak English."""
    _reader.get().texts = _texts_in(language)


@cache
def _texts_in(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("tui_pos", _FOLDER, languages=[language, language[:2]], fallback=True)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` within the block, and only there: what is kept or printed is the shop's, whoever acts."""
    token = _reader.set(_Reader(_texts_in(language)))
    try:
        yield
    finally:
        _reader.reset(token)


def languages() -> list[str]:
    """The codes of the languages that there are texts in."""
    return sorted(["en", *(folder.name for folder in _FOLDER.iterdir() if folder.is_dir())])


def _(message: str) -> str:
    """The text in the language in use."""
    return _reader.get().texts.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The text that fits `count`, in the language in use."""
    return _reader.get().texts.ngettext(one, many, count)
