"""Tables of the catalogue: what the shop sells, under which codes, with which tax."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tui_pos.storage.base import Base, on_create
from tui_pos.storage.types import UtcDateTime, rate_type

# SQLite gives ids of its own only to INTEGER, PostgreSQL would run out of them.
BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class ShopFact(Base):
    """What makes the rest of the database mean what it means, such as the currency of its prices."""

    __tablename__ = "shop_fact"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(80))


class TaxClass(Base):
    """How a product is taxed: `standard`, `reduced`, `zero`, `exempt` exist from the start."""

    __tablename__ = "tax_class"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))  # a money.tax.TaxKind


class TaxClassRate(Base):
    """The percentage of a class from a date on; the newest one not after the business date holds."""

    __tablename__ = "tax_rate"

    tax_class: Mapped[str] = mapped_column(ForeignKey("tax_class.code"), primary_key=True)
    valid_from: Mapped[dt.date] = mapped_column(primary_key=True)
    percent: Mapped[Decimal] = mapped_column(rate_type())


class Product(Base):
    """Something that can be sold. A price of None is asked at the till."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)  # per piece, kg, l or m
    tax_class: Mapped[str] = mapped_column(ForeignKey("tax_class.code"))
    unit: Mapped[str] = mapped_column(String(8), default="piece")  # a catalogue.products.Unit
    department: Mapped[str] = mapped_column(String(80), default="")
    min_age: Mapped[int] = mapped_column(default=0)  # years; 0: sold to everybody
    tags: Mapped[str] = mapped_column(String(200), default="")  # further words to find it by
    keeps_stock: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)


class Barcode(Base):
    """A code that names a product: a GTIN as 14 digits, or any free code as it is printed."""

    __tablename__ = "barcode"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)


def _search_ddl(table: str, dialect: str) -> list[str]:
    """What finds a product by words: small letters, no accents, sku, name and tags alike.

    Both kinds of index answer for the beginning of a word. Those on `lower(…)` keep names and skus in order,
    so that one typed letter reads a handful of entries and not every product that has it.
    """
    if dialect == "sqlite":
        old, new = (f"{row}.sku, {row}.name, {row}.tags" for row in ("old", "new"))
        words = f"INSERT INTO {table}_words"
        remove = f"{words}({table}_words, rowid, sku, name, tags) VALUES ('delete', old.id, {old});"
        add = f"{words}(rowid, sku, name, tags) VALUES (new.id, {new});"
        return [
            f"CREATE INDEX ix_{table}_sku_lower ON {table} (lower(sku))",
            f"CREATE INDEX ix_{table}_name_lower ON {table} (lower(name))",
            f"CREATE VIRTUAL TABLE {table}_words USING fts5(sku, name, tags, content='{table}', "
            "content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')",
            f"CREATE TRIGGER {table}_words_added AFTER INSERT ON {table} BEGIN {add} END",
            f"CREATE TRIGGER {table}_words_removed AFTER DELETE ON {table} BEGIN {remove} END",
            f"CREATE TRIGGER {table}_words_changed AFTER UPDATE OF id, sku, name, tags ON {table} "
            f"WHEN (old.id, {old}) IS NOT (new.id, {new}) BEGIN {remove} {add} END",
        ]
    return [
        f"CREATE INDEX ix_{table}_sku_lower ON {table} (lower(sku) text_pattern_ops)",
        f"CREATE INDEX ix_{table}_name_lower ON {table} (lower(name) text_pattern_ops)",
        # Not to_tsvector, whose parser keeps `1/2` and `oat.soy` whole, as if they were paths and hosts.
        r"CREATE FUNCTION search_words(text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "
        r"'SELECT array_remove(string_to_array(regexp_replace(lower(regexp_replace("
        r"normalize($1, NFKD), ''[\u0300-\u036f]'', '''', ''g'')), "
        r"''[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+'', "
        r"'' '', ''g''), '' ''), '''')'",
        f"CREATE INDEX ix_{table}_words ON {table} USING gin "
        "(array_to_tsvector(search_words(sku || ' ' || name || ' ' || tags))) WITH (fastupdate = off)",
    ]


on_create(Product, _search_ddl)


class FormerName(Base):
    """What a product was once called, and what it was then sold under: kept by the database when it is renamed."""

    __tablename__ = "former_name"
    __table_args__ = (UniqueConstraint("product_id", "name"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))


def _former_ddl(table: str, dialect: str) -> list[str]:
    """What keeps a product's old name whoever changes it, and finds it by its words as the new one is found."""
    if dialect == "sqlite":
        words = f"INSERT INTO {table}_words"
        return [
            f"CREATE VIRTUAL TABLE {table}_words USING fts5(name, content='{table}', content_rowid='id', "
            "tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')",
            f"CREATE TRIGGER {table}_words_added AFTER INSERT ON {table} "
            f"BEGIN {words}(rowid, name) VALUES (new.id, new.name); END",
            f"CREATE TRIGGER {table}_words_removed AFTER DELETE ON {table} "
            f"BEGIN {words}({table}_words, rowid, name) VALUES ('delete', old.id, old.name); END",
            "CREATE TRIGGER product_renamed AFTER UPDATE OF name ON product WHEN old.name <> new.name "
            f"BEGIN INSERT INTO {table} (product_id, name) VALUES (old.id, old.name) "
            "ON CONFLICT (product_id, name) DO NOTHING; END",
        ]
    return [
        f"CREATE INDEX ix_{table}_words ON {table} USING gin "
        "(array_to_tsvector(search_words(name))) WITH (fastupdate = off)",
        "CREATE FUNCTION keep_former_name() RETURNS trigger LANGUAGE plpgsql AS "
        f"'BEGIN INSERT INTO {table} (product_id, name) VALUES (OLD.id, OLD.name) "
        "ON CONFLICT (product_id, name) DO NOTHING; RETURN NULL; END'",
        "CREATE TRIGGER product_renamed AFTER UPDATE OF name ON product "
        "FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION keep_former_name()",
    ]


on_create(FormerName, _former_ddl)


class UnknownCode(Base):
    """A code of a counter that the office has to see to: it named nothing, or its label contradicts the catalogue."""

    __tablename__ = "unknown_code"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    problem: Mapped[str] = mapped_column(String(16))  # a catalogue.unknown.Problem
    till: Mapped[str] = mapped_column(String(40))
    first_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column()
