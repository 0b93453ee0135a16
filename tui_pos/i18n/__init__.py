"""Texts for people: one language at a time for the whole program, English where a text is missing."""

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "locales"
_translations: _gettext.NullTranslations = _gettext.NullTranslations()


def use_language(language: str) -> None:
    """Speak `language` (a code like `sv` or `sv_SE`) from now on; unknown languages speak English."""
    global _translations
    _translations = _texts_in(language)


@cache
def _texts_in(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("tui_pos", _FOLDER, languages=[language, language[:2]], fallback=True)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` during the block only: what is kept or printed is the shop's, whoever gives the command."""
    global _translations
    before = _translations
    use_language(language)
    try:
        yield
    finally:
        _translations = before


def languages() -> list[str]:
    """The codes of the languages that there are texts in."""
    return sorted(["en", *(folder.name for folder in _FOLDER.iterdir() if folder.is_dir())])


def _(message: str) -> str:
    """The text in the language in use."""
    return _translations.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The text that fits `count`, in the language in use."""
    return _translations.ngettext(one, many, count)
