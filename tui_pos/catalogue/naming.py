"""What words have ever named: for looking into the past, where products were called otherwise or are sold no more."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, TextualSelect, select, text
from sqlalchemy.orm import Session

from tui_pos.catalogue.codes import normalise_code
from tui_pos.catalogue.products import (
    BARCODE_ZEROS,
    LAST,
    MAX_SEARCH_WORDS,
    NAMES_READ,
    id_by_code,
    is_unspaced,
    plain_words,
    words_query,
)

# Each gives the ids of products. None is cut short: `oat` means every product with oats in it, however many.
_CODE = "SELECT CAST(:id AS BIGINT)"
_PREFIX = {
    "sqlite": "SELECT id FROM product WHERE lower({column}) >= :first AND lower({column}) < :last",
    "postgresql": "SELECT id FROM product WHERE lower({column}) ~>=~ :first AND lower({column}) ~<~ :last",
}
_BARCODE = "SELECT product_id FROM barcode WHERE code >= :{low} AND code < :{high}"
_WORDS = {
    "sqlite": "SELECT rowid FROM product_words WHERE product_words MATCH :query"
    " UNION SELECT product_id FROM former_name WHERE id IN"
    " (SELECT rowid FROM former_name_words WHERE former_name_words MATCH :query)",
    "postgresql": "SELECT id FROM product"
    " WHERE array_to_tsvector(search_words(sku || ' ' || name || ' ' || tags)) @@ ({query})"
    " UNION SELECT product_id FROM former_name WHERE array_to_tsvector(search_words(name)) @@ ({query})",
}
_TS_QUERY = (
    "SELECT CAST(string_agg(quote_literal(word) || ':*', ' & ') AS tsquery)"
    " FROM unnest(search_words(:query)) AS word"
)
_PIECES = "SELECT id FROM (SELECT id, lower(name) AS name FROM product{limit}) AS names WHERE {pieces}"


@dataclass
class _Union:
    """Statements that become one, and their parameters."""

    parts: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, statement: str, **values: Any) -> None:
        self.parts.append(statement)
        self.values |= values

    def statement(self) -> TextualSelect:
        return text(" UNION ".join(self.parts)).bindparams(**self.values).columns(id=Integer)


def ever_named(session: Session, words: str) -> TextualSelect | None:
    """A statement that gives the ids of all products that a code or words name; None for what can name none.

    One product where it is a code of today. Else those whose SKU, barcode or name begins so, those in whose SKU,
    name, tags or former names every word begins a word, and, as `products.search` does, those whose name holds every
    piece anywhere where nothing else fits.
    """
    code = words.strip()
    if code and code.isprintable():
        named = {"code": normalise_code(code), "sku": code}
        by_code = session.connection().execute(select(id_by_code()), named).scalar()
        if by_code is not None:
            return text(_CODE).bindparams(id=by_code).columns(id=Integer)
    typed = plain_words(words)
    if not typed:
        return None
    return _fitting(session, typed)


def _fitting(session: Session, typed: str) -> TextualSelect:
    dialect = session.get_bind().dialect.name
    fits = _Union()
    lowered = typed.lower()
    for column in ("sku", "name"):
        fits.add(_PREFIX[dialect].format(column=column), first=lowered, last=lowered + LAST)
    if typed.isascii() and typed.isdigit():
        for zeros in BARCODE_ZEROS:
            low, high = f"low{zeros}", f"high{zeros}"
            # `:` is the character after 9
            fits.add(_BARCODE.format(low=low, high=high), **{low: zeros + typed, high: f"{zeros}{typed}:"})
    fits.add(_WORDS[dialect].format(query=_TS_QUERY), query=words_query(dialect, typed))
    whole = any(map(is_unspaced, typed))
    if whole or not _any(session, fits.statement()):
        _add_pieces(fits, lowered, None if whole else NAMES_READ)
    return fits.statement()


def _any(session: Session, statement: TextualSelect) -> bool:
    found = select(statement.subquery().c.id).limit(1)
    return session.connection().execute(found).first() is not None


def _add_pieces(fits: _Union, lowered: str, read: int | None) -> None:
    pieces = {
        f"piece{number}": f"%{_escaped(piece)}%"
        for number, piece in enumerate(lowered.split()[:MAX_SEARCH_WORDS])
    }
    holding = " AND ".join(f"name LIKE :{name} ESCAPE '/'" for name in pieces)
    limit = f" LIMIT {read}" if read else ""
    fits.add(_PIECES.format(limit=limit, pieces=holding), **pieces)


def _escaped(piece: str) -> str:
    return piece.replace("/", "//").replace("%", "/%").replace("_", "/_")
