"""Looking products up: by a code at every scan, by words as somebody types."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select, text
from sqlalchemy.orm import Session

from tui_pos.catalogue.codes import normalise_code
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import Barcode, Product, TaxClass, TaxClassRate
from tui_pos.i18n import _
from tui_pos.money.tax import TaxKind, TaxRate

MAX_SEARCH_LENGTH = 100
MAX_SEARCH_WORDS = 8
CANDIDATES = 200
"""How many hits of the full-text index are ranked, however many products share a word."""

NAMES_READ = 200_000
"""How many names are read through when no index knows the words: some 40 ms."""

BARCODE_ZEROS = ("", "0", "00", "000000")
"""What the 14 digits of a GTIN begin with, before the digits that are printed."""

LAST = "\U0010ffff"
"""Sorts after every text that goes on from a prefix."""


class Unit(StrEnum):
    """What a price is for."""

    PIECE = "piece"
    KG = "kg"
    L = "l"
    M = "m"


@dataclass(frozen=True, slots=True)
class Article:
    """A product as the counter needs it. `price_minor` is per unit; None: it is asked at the till."""

    id: int
    sku: str
    name: str
    price_minor: int | None
    tax_class: str
    tax: TaxRate
    unit: Unit
    department: str
    min_age: int
    keeps_stock: bool
    active: bool


def _articles() -> Select[*tuple[Any, ...]]:
    """Products with the tax rate that holds on `:on`."""
    holding = (
        select(TaxClassRate.percent)
        .where(TaxClassRate.tax_class == Product.tax_class, TaxClassRate.valid_from <= bindparam("on"))
        .order_by(TaxClassRate.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(
        Product.id,
        Product.sku,
        Product.name,
        Product.price_minor,
        Product.tax_class,
        TaxClass.kind,
        holding.label("percent"),
        Product.unit,
        Product.department,
        Product.min_age,
        Product.keeps_stock,
        Product.active,
    ).join(TaxClass, TaxClass.code == Product.tax_class)


def id_by_code() -> Any:
    """The product that `:code` and `:sku` name.

    A barcode first, then a SKU as it is written, then in any case where only one product answers to it.
    """
    lowered = func.lower(Product.sku)
    return func.coalesce(
        select(Barcode.product_id).where(Barcode.code == bindparam("code")).scalar_subquery(),
        select(Product.id).where(Product.sku == bindparam("sku")).scalar_subquery(),
        # Not HAVING, which SQLite before 3.39 takes only after GROUP BY.
        select(case((func.count() == 1, func.min(Product.id))))
        .where(lowered == func.lower(bindparam("sku")))
        .scalar_subquery(),
    )


# Built once: at every scan only the parameters are new, and SQLAlchemy finds its compiled text by identity.
_BY_CODE = _articles().where(Product.id == id_by_code())
_BY_IDS = _articles().where(Product.id.in_(bindparam("ids", expanding=True)))


def find_by_code(session: Session, code: str, on: dt.date) -> Article | None:
    """The product that a scanned or typed code names, with the tax of business date `on`; else None.

    A GTIN may have 8, 12, 13 or 14 digits. A barcode goes before a SKU. A SKU is found in any case unless two
    differ by case alone; then it must be exact. An inactive product is found too: see `active`. Raises
    CatalogueError if the product's tax class has no rate on that date.
    """
    sku = code.strip()
    if not sku or not sku.isprintable():
        return None
    row = (
        session.connection()
        .execute(_BY_CODE, {"code": normalise_code(sku), "sku": sku, "on": on})
        .one_or_none()
    )
    return None if row is None else _article(row, on)


def find_by_ids(session: Session, ids: Iterable[int], on: dt.date) -> dict[int, Article]:
    """Products by id; those that do not exist are left out. Raises CatalogueError like find_by_code."""
    rows = session.connection().execute(_BY_IDS, {"ids": list(ids), "on": on})
    return {row.id: _article(row, on) for row in rows}


_rate = lru_cache(maxsize=256)(TaxRate)
"""The same object for the same rate: a basket is added up by rates at every scan, and knows them so at a glance."""


def _article(row: Row[Any], on: dt.date) -> Article:
    kind = TaxKind(row.kind)
    percent = row.percent if kind is TaxKind.TAXED else Decimal(0)
    if percent is None:
        raise CatalogueError(
            _(
                "Tax class {code} has no rate on {date}, so {name} cannot be sold. "
                "Add the rate: tui-pos taxes set {code} PERCENT"
            ).format(code=row.tax_class, date=on.isoformat(), name=row.name)
        )
    return Article(
        id=row.id,
        sku=row.sku,
        name=row.name,
        price_minor=row.price_minor,
        tax_class=row.tax_class,
        tax=_rate(row.tax_class, kind, percent),
        unit=Unit(row.unit),
        department=row.department,
        min_age=row.min_age,
        keeps_stock=row.keeps_stock,
        active=row.active,
    )


def search(session: Session, words: str, on: dt.date, limit: int = 20) -> list[Article]:
    """Products that fit what somebody has typed so far, the likeliest first.

    Fitting is, in this order: a barcode that is just that; a SKU or barcode that begins so, where something with a
    digit was typed, else a SKU that is just that; a name that begins so; a name, SKU or tag in which every typed
    word begins a word, whatever the accents; and a name that holds every typed piece anywhere, where the script sets
    no spaces between words (Chinese, Thai …) or, among the first NAMES_READ products, where nothing else fits
    (`milch` in Vollmilch). Inactive products come last. Any text will do; one without a fit gives an empty list.
    """
    found = _fitting(session, words, limit)
    articles = find_by_ids(session, found, on)
    fitting = [articles[id_] for id_ in found if id_ in articles]
    return sorted(fitting, key=lambda article: not article.active)


def _fitting(session: Session, words: str, limit: int) -> list[int]:
    typed = plain_words(words)
    if not typed or limit < 1:
        return []
    found: dict[int, None] = {}
    for ids in _sources(session, typed, limit):
        found |= dict.fromkeys(ids)
        if len(found) >= limit:
            break
    return list(found)[:limit]


def plain_words(typed: str) -> str:
    """What was typed, as far as it is looked for: printable, with single spaces, MAX_SEARCH_LENGTH at most."""
    return " ".join(
        "".join(mark if mark.isprintable() else " " for mark in typed[:MAX_SEARCH_LENGTH]).split()
    )


def _sources(session: Session, typed: str, limit: int) -> Iterator[list[int]]:
    """Ids by the kinds of fit, each asked only if those before did not fill the list."""
    yield _ids(session, _CODED, {"code": typed, "limit": limit})
    if any(map(str.isdigit, typed)):
        yield _starting(session, "sku", typed, limit)
    else:
        yield _ids(session, _CALLED, {"sku": typed, "limit": limit})
    if typed.isascii() and typed.isdigit():
        yield from (_barcodes_starting(session, zeros + typed, limit) for zeros in BARCODE_ZEROS)
    yield _starting(session, "name", typed, limit)
    by_words = _holding_words(session, typed)
    yield by_words
    if any(map(is_unspaced, typed)):
        yield _holding_pieces(session, typed, limit, None)
    elif not by_words:
        yield _holding_pieces(session, typed, limit, NAMES_READ)


def _starting(session: Session, column: str, typed: str, limit: int) -> list[int]:
    """Products whose `column` begins so, in any case of ASCII letters, in the order of that column."""
    statement = _PREFIX[session.get_bind().dialect.name].format(column=column)
    lowered = typed.lower()
    return _ids(session, statement, {"first": lowered, "last": lowered + LAST, "limit": limit})


# PostgreSQL's usual comparison follows the database's language; the ~ forms go by character, like the index.
_PREFIX = {
    "sqlite": "SELECT id FROM product WHERE lower({column}) >= :first AND lower({column}) < :last"
    " ORDER BY lower({column}) LIMIT :limit",
    "postgresql": "SELECT id FROM product WHERE lower({column}) ~>=~ :first AND lower({column}) ~<~ :last"
    " ORDER BY lower({column}) USING ~<~ LIMIT :limit",
}


_CODED = "SELECT product_id FROM barcode WHERE code = :code LIMIT :limit"


# Two may differ by case alone: the one that is written as it was typed comes first.
_CALLED = "SELECT id FROM product WHERE lower(sku) = lower(:sku) ORDER BY sku <> :sku, sku LIMIT :limit"


def _barcodes_starting(session: Session, digits: str, limit: int) -> list[int]:
    statement = (
        select(Barcode.product_id)
        .where(Barcode.code >= digits, Barcode.code < digits + ":")  # the character after 9
        .order_by(Barcode.code)
        .limit(limit)
    )
    return list(session.connection().execute(statement).scalars())


def _holding_words(session: Session, typed: str) -> list[int]:
    """Products in which every typed word begins a word: the first CANDIDATES of the index, ranked."""
    dialect = session.get_bind().dialect.name
    query = words_query(dialect, typed)
    hits = session.connection().execute(text(_WORDS[dialect]), {"query": query, "candidates": CANDIDATES})
    lowered = typed.lower()
    ranked = sorted(hits, key=lambda hit: (not _is_whole_word(lowered, hit.name), len(hit.name), hit.name))
    return [hit.id for hit in ranked]


def words_query(dialect: str, typed: str) -> str:
    """What the full-text index of a database is asked for these words, each of which begins one of its own."""
    pieces = typed.split()[:MAX_SEARCH_WORDS]
    if dialect == "sqlite":
        # Each piece as a quoted string: FTS5 then cuts it into words itself, and knows no operators in it.
        return " ".join('"' + piece.replace('"', '""') + '" *' for piece in pieces)
    return " ".join(pieces)


def _is_whole_word(lowered: str, name: str) -> bool:
    return f" {lowered} " in f" {name.lower()} "


_WORDS = {
    "sqlite": "SELECT id, product.name FROM product_words JOIN product ON id = product_words.rowid"
    " WHERE product_words MATCH :query LIMIT :candidates",
    "postgresql": "SELECT id, name FROM product"
    " WHERE array_to_tsvector(search_words(sku || ' ' || name || ' ' || tags)) @@ ("
    "SELECT CAST(string_agg(quote_literal(word) || ':*', ' & ') AS tsquery)"
    " FROM unnest(search_words(:query)) AS word) LIMIT :candidates",
}


def _holding_pieces(session: Session, typed: str, limit: int, read: int | None) -> list[int]:
    """Products whose name holds every typed piece anywhere, among the first `read`. No index helps here."""
    pieces = typed.lower().split()[:MAX_SEARCH_WORDS]
    names = select(Product.id, func.lower(Product.name).label("name")).limit(read).subquery()
    statement = (
        select(names.c.id)
        .where(*(names.c.name.contains(piece, autoescape=True) for piece in pieces))
        .limit(limit)
    )
    return list(session.connection().execute(statement).scalars())


def is_unspaced(mark: str) -> bool:
    """Whether this is a letter of a script without spaces between words: Thai to Khmer, kana, Chinese."""
    code = ord(mark)
    return 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF or code >= 0x3040


def _ids(session: Session, statement: str, parameters: dict[str, Any]) -> list[int]:
    return list(session.connection().execute(text(statement), parameters).scalars())
