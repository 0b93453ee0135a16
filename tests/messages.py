"""Collect the texts of the program and compile their translations: `make messages`.

They name files but no lines and no dates, so that they change only when a text does.
"""

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "tui_pos"
LOCALES = PACKAGE / "i18n" / "locales"
TEMPLATE = LOCALES / "tui_pos.pot"
LANGUAGES = ("sv",)
KEYWORDS = {"_": None, "ngettext": (1, 2)}

_PLACEHOLDERS = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By):.*\n',
    re.MULTILINE,
)
_NO_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def translation_file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "tui_pos.po"


def collect() -> Catalog:
    """The template: every text that the program gives to `_` or `ngettext`, with the files that use it."""
    catalog = _empty()
    found = extract_from_dir(
        PACKAGE,
        method_map=[("**.py", "python")],
        keywords=KEYWORDS,
        comment_tags=("NOTE:",),
        strip_comment_tags=True,
    )
    for path, _line, message, comments, context in sorted(found, key=lambda text: (text[0], text[1])):
        catalog.add(message, locations=[(f"tui_pos/{path}", 0)], auto_comments=comments, context=context)
    return catalog


def read(path: Path, locale: str | None = None) -> Catalog:
    """A catalogue from disk; an empty one where there is none yet."""
    if not path.exists():
        return _empty(locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _empty(locale: str | None = None) -> Catalog:
    comment = f"# Texts of tui-pos{f' in {locale}' if locale else ''}. `make messages` writes this file anew."
    return Catalog(
        locale=locale, project="tui-pos", version="1", charset="utf-8", fuzzy=False, header_comment=comment
    )


def as_po(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalog, width=100, sort_by_file=False, include_lineno=False, ignore_obsolete=True)
    return _PLACEHOLDERS.sub(b"", written.getvalue())


def as_mo(catalog: Catalog) -> bytes:
    written = BytesIO()
    catalog.creation_date = catalog.revision_date = _NO_DATE
    write_mo(written, catalog)
    return written.getvalue()


def updated(language: str, template: Catalog) -> Catalog:
    """The translations of `language`, with texts that are new left empty and those that are gone left out."""
    catalog = read(translation_file(language), language)
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
    return catalog


def missing(catalog: Catalog) -> list[str]:
    """The texts that are not translated, or only by a guess."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not _complete(message.string))
    ]


def _complete(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) if isinstance(string, str) else bool(string) and all(string or ())


def main() -> None:
    template = collect()
    LOCALES.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(as_po(template))
    print(f"{len(template)} texts")
    for language in LANGUAGES:
        catalog = updated(language, template)
        file = translation_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(as_po(catalog))
        file.with_suffix(".mo").write_bytes(as_mo(catalog))
        untranslated = missing(catalog)
        print(f"{language}: {len(untranslated)} not translated", *untranslated, sep="\n  ")


if __name__ == "__main__":
    main()
