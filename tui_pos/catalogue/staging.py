"""Temporary tables in which a file is sorted out before the catalogue is touched.

They live outside the shop's database file (SQLite) or beside its tables (PostgreSQL), so that filling them holds no
lock that a sale could wait for. What happens in them is SQL, because a file may be larger than the memory.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from hardware.scanner.gtin import looks_misread
from tui_pos.catalogue.csv_source import Record
from tui_pos.catalogue.rows import ParsedRow

BATCH_ROWS = 2_000

OWNED, CLAIMED, NAMELESS, DECIMALS, AMBIGUOUS = "owned", "claimed", "nameless", "decimals", "ambiguous"
"""Why a row that is right in itself is rejected: its barcode is another product's, in the catalogue or in the file;
it is a new product without a name; its price has too many decimals, or perhaps thousands instead."""

_UNREADABLE = "unreadable"

# What a file says of a product, by the column of the table; and which column of the file says it.
_SAID = {
    "price_minor": "price",
    "tax_class": "tax",
    "unit": "unit",
    "department": "department",
    "min_age": "min_age",
    "tags": "tags",
    "keeps_stock": "keeps_stock",
    "active": "active",
}
_VALUES = ("name", *_SAID)

_CREATE = (
    "CREATE TEMPORARY TABLE import_row (line INTEGER PRIMARY KEY, lines INTEGER NOT NULL,"
    " sku TEXT NOT NULL, sku_given BOOLEAN NOT NULL, name TEXT NOT NULL, price_minor BIGINT,"
    " tax_class TEXT NOT NULL, unit TEXT NOT NULL,"
    " department TEXT NOT NULL, min_age INTEGER NOT NULL, tags TEXT NOT NULL, keeps_stock BOOLEAN NOT NULL,"
    " active BOOLEAN NOT NULL, mark TEXT NOT NULL, price_text TEXT NOT NULL, rounded_minor BIGINT,"
    " grouped_minor BIGINT, exact BOOLEAN NOT NULL)",
    "CREATE TEMPORARY TABLE import_code"
    " (line INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, misread BOOLEAN NOT NULL,"
    " odd BOOLEAN NOT NULL, padded TEXT, was TEXT NOT NULL)",
    "CREATE TEMPORARY TABLE import_reject"
    " (line INTEGER PRIMARY KEY, lines INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,"
    " owner TEXT NOT NULL)",
)
_INDEX = (
    "CREATE INDEX import_row_sku ON import_row (sku)",
    "CREATE INDEX import_code_line ON import_code (line)",
    "CREATE INDEX import_code_code ON import_code (code)",
)
_TABLES = ("import_new_code", "import_product", "import_reject", "import_code", "import_row")

# A row without a SKU is that of the product which has one of its barcodes: in the catalogue, or else in the file.
_ADOPT = (
    "SELECT product.sku FROM import_code JOIN barcode ON barcode.code = import_code.code"
    " JOIN product ON product.id = barcode.product_id WHERE import_code.line = import_row.line"
    " ORDER BY import_code.position LIMIT 1",
    "SELECT other.sku FROM import_code JOIN import_code AS same ON same.code = import_code.code"
    " JOIN import_row AS other ON other.line = same.line AND other.sku_given"
    " WHERE import_code.line = import_row.line ORDER BY import_code.position, other.line LIMIT 1",
)

_REJECT = (
    "INSERT INTO import_reject SELECT line, lines,"
    f" CASE WHEN grouped_minor IS NULL THEN '{DECIMALS}' ELSE '{AMBIGUOUS}' END, price_text, ''"
    " FROM import_row WHERE price_text <> ''",
    f"INSERT INTO import_reject SELECT import_row.line, min(import_row.lines), '{OWNED}', min(import_code.code),"
    " min(product.sku)"
    " FROM import_row JOIN import_code ON import_code.line = import_row.line"
    " JOIN barcode ON barcode.code = import_code.code JOIN product ON product.id = barcode.product_id"
    " WHERE product.sku <> import_row.sku AND import_row.line NOT IN (SELECT line FROM import_reject)"
    " GROUP BY import_row.line",
    # Of several products in the file that claim one barcode, the first has it.
    "WITH claim AS (SELECT import_code.code, import_row.sku, import_row.line, import_row.lines FROM import_row"
    " JOIN import_code ON import_code.line = import_row.line"
    " WHERE import_row.line NOT IN (SELECT line FROM import_reject)),"
    " first AS (SELECT code, min(line) AS line FROM claim GROUP BY code HAVING count(DISTINCT sku) > 1)"
    f" INSERT INTO import_reject SELECT claim.line, min(claim.lines), '{CLAIMED}', min(claim.code),"
    " min(owner.sku) FROM first"
    " JOIN claim ON claim.code = first.code JOIN import_row AS owner ON owner.line = first.line"
    " WHERE claim.sku <> owner.sku GROUP BY claim.line",
    f"INSERT INTO import_reject SELECT line, lines, '{NAMELESS}', sku, '' FROM import_row WHERE name = ''"
    " AND line NOT IN (SELECT line FROM import_reject)"
    " AND NOT EXISTS (SELECT 1 FROM product WHERE product.sku = import_row.sku)"
    " AND NOT EXISTS (SELECT 1 FROM import_row AS other WHERE other.sku = import_row.sku AND other.name <> ''"
    " AND other.line NOT IN (SELECT line FROM import_reject))",
)

# The codes that `_REJECT` would reject a row for, which is taken without them instead.
_LEAVE_OUT = (
    "DELETE FROM import_code WHERE EXISTS (SELECT 1 FROM import_row JOIN barcode ON barcode.code = import_code.code"
    " JOIN product ON product.id = barcode.product_id"
    " WHERE import_row.line = import_code.line AND product.sku <> import_row.sku)",
    "DELETE FROM import_code WHERE EXISTS (SELECT 1 FROM import_row AS mine"
    " JOIN import_code AS other ON other.code = import_code.code JOIN import_row AS owner ON owner.line = other.line"
    " WHERE mine.line = import_code.line AND owner.sku <> mine.sku AND owner.line < mine.line"
    " AND owner.price_text = '')",
)

# Where a file has a product many times (every line of a year's sales), its last line holds, but one with a price
# above zero before those without: these are corrections of stock, with notes such as "damaged" for a name.
_BEST_FIRST = "CASE WHEN price_minor > 0 THEN 0 ELSE 1 END, line DESC"
_GOOD = "SELECT * FROM import_row WHERE line NOT IN (SELECT line FROM import_reject)"


def create(connection: Connection) -> None:
    """Make the temporary tables. The connection keeps them until `drop`."""
    drop(connection)
    for statement in _CREATE:
        connection.execute(text(statement))


def drop(connection: Connection) -> None:
    """Remove the temporary tables, where there are any."""
    schema = "temp" if connection.dialect.name == "sqlite" else "pg_temp"
    for table in _TABLES:
        connection.execute(text(f"DROP TABLE IF EXISTS {schema}.{table}"))


def add_rows(connection: Connection, rows: Sequence[tuple[Record, ParsedRow]]) -> None:
    """Stage rows, each with the record of the file that it comes from."""
    _bulk(
        connection,
        "import_row",
        [
            (
                record.line, record.lines, row.draft.sku, row.sku_given, row.draft.name, row.draft.price_minor,
                row.draft.tax_class, row.draft.unit.value, row.draft.department, row.draft.min_age, row.draft.tags,
                row.draft.keeps_stock, row.draft.active, row.price.mark, row.price.text, row.price.rounded_minor,
                row.price.grouped_minor, row.price.exact,
            )
            for record, row in rows
        ],
    )  # fmt: skip
    codes = [
        (record.line, position, each.code, looks_misread(each.code), each.odd, each.padded, "")
        for record, row in rows
        for position, each in enumerate(row.codes)
    ]
    _bulk(connection, "import_code", codes)


def add_unreadable(connection: Connection, rejects: Sequence[tuple[Record, str]]) -> None:
    """Note records that are wrong in themselves, each with the reason."""
    rows = [(record.line, record.lines, _UNREADABLE, reason, "") for record, reason in rejects]
    _bulk(connection, "import_reject", rows)


def _bulk(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", list(rows))
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def index(connection: Connection) -> None:
    """Prepare what was staged for `resolve`."""
    for statement in _INDEX:
        connection.execute(text(statement))
    _know_sizes(connection, ("import_row", "import_code", "import_reject"))


def resolve(connection: Connection, columns: Iterable[str], *, leave_out: bool = False) -> int:
    """Sort out what to reject and what each product will be, going by the catalogue as it is now.

    `columns` are those that the file has: of the others, a product that exists keeps what it has. With `leave_out` a
    row whose barcode is another product's is taken without it; returns how many barcodes were left out so.
    """
    run = connection.execute
    run(text(f"DELETE FROM import_reject WHERE kind <> '{_UNREADABLE}'"))
    left_out = 0
    for source in _ADOPT:
        run(
            text(
                f"UPDATE import_row SET sku = ({source}), sku_given = true WHERE NOT sku_given AND EXISTS ({source})"
            )
        )
    if leave_out:
        left_out = sum(run(text(statement)).rowcount for statement in _LEAVE_OUT)
    for statement in _REJECT:
        run(text(statement))
    _know_sizes(connection, ("import_reject",))
    _choose_products(connection, frozenset(columns))
    _know_sizes(connection, ("import_new_code", "import_product"))
    return left_out


def _choose_products(connection: Connection, columns: frozenset[str]) -> None:
    """Fill import_new_code, and import_product with each product as it will be and what to do: add, update, none."""
    schema = "temp" if connection.dialect.name == "sqlite" else "pg_temp"
    for table in ("import_new_code", "import_product"):
        connection.execute(text(f"DROP TABLE IF EXISTS {schema}.{table}"))
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE import_new_code AS"
            " SELECT import_code.code, min(good.sku) AS sku FROM import_code"
            f" JOIN ({_GOOD}) AS good ON good.line = import_code.line"
            " WHERE NOT EXISTS (SELECT 1 FROM barcode WHERE barcode.code = import_code.code)"
            " GROUP BY import_code.code"
        )
    )
    values = ", ".join(
        f"best.{column}"
        if said in columns
        else f"CASE WHEN product.id IS NULL THEN best.{column} ELSE product.{column} END AS {column}"
        for column, said in _SAID.items()
    )
    named = f"SELECT name FROM ({_GOOD}) AS named WHERE named.sku = best.sku AND name <> '' ORDER BY {_BEST_FIRST}"
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE import_product AS"
            " SELECT best.line, best.sku, product.id AS product_id,"
            f" CASE WHEN best.name <> '' THEN best.name ELSE coalesce(({named} LIMIT 1), product.name) END AS name,"
            f" {values}"
            f" FROM (SELECT good.*, row_number() OVER (PARTITION BY sku ORDER BY {_BEST_FIRST}) AS rank"
            f" FROM ({_GOOD}) AS good) AS best LEFT JOIN product ON product.sku = best.sku WHERE best.rank = 1"
        )
    )
    connection.execute(text("ALTER TABLE import_product ADD COLUMN action TEXT NOT NULL DEFAULT 'none'"))
    connection.execute(text("UPDATE import_product SET action = 'add' WHERE product_id IS NULL"))
    ours, theirs = (
        ", ".join(f"{table}.{column}" for column in _VALUES) for table in ("product", "import_product")
    )
    differs = "IS NOT" if connection.dialect.name == "sqlite" else "IS DISTINCT FROM"
    connection.execute(
        text(
            "UPDATE import_product SET action = 'update' WHERE action = 'none' AND ("
            " EXISTS (SELECT 1 FROM product WHERE product.id = product_id AND"
            f" ({ours}) {differs} ({theirs}))"
            " OR sku IN (SELECT sku FROM import_new_code))"
        )
    )


def _know_sizes(connection: Connection, tables: Iterable[str]) -> None:
    """PostgreSQL plans by what it knows of a table, and nothing looks at temporary ones unasked."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"ANALYZE {table}"))


def counts(connection: Connection) -> dict[str, int]:
    """How many products are to be added, updated and left as they are (`none`)."""
    found = connection.execute(text("SELECT action, count(*) FROM import_product GROUP BY action"))
    return {row[0]: row[1] for row in found}


def misread(connection: Connection) -> tuple[int, str, int] | None:
    """The new barcodes whose check digit is wrong: line and text of the first, and how many there are."""
    return first_and_count(
        connection,
        "SELECT min(code.line) AS line, code.code AS what FROM import_code AS code"
        " JOIN import_new_code AS new ON new.code = code.code WHERE code.misread GROUP BY code.code",
    )


def free(connection: Connection) -> tuple[int, str, int] | None:
    """The products that come to cost nothing: line and SKU of the first, and how many there are."""
    return first_and_count(
        connection, "SELECT line, sku AS what FROM import_product WHERE action <> 'none' AND price_minor = 0"
    )


def first_and_count(connection: Connection, query: str) -> tuple[int, str, int] | None:
    found = connection.execute(
        text(f"SELECT line, what, count(*) OVER () FROM ({query}) AS doubtful ORDER BY line LIMIT 1")
    ).first()
    return found and (found[0], found[1], found[2])


def taken_codes(connection: Connection) -> tuple[int, str, int] | None:
    """The rows that are rejected since their barcode is another product's: line and code of the first, and how many."""
    return first_and_count(
        connection,
        f"SELECT line, detail AS what FROM import_reject WHERE kind IN ('{OWNED}', '{CLAIMED}')",
    )


def line_counts(connection: Connection) -> tuple[int, int]:
    """How many lines of the file the rows that are taken have, and those that are rejected."""
    taken = f"SELECT coalesce(sum(lines), 0) FROM ({_GOOD}) AS good"
    rejected = "SELECT coalesce(sum(lines), 0) FROM import_reject"
    return (
        int(connection.execute(text(taken)).scalar_one()),
        int(connection.execute(text(rejected)).scalar_one()),
    )


def rejects(connection: Connection, after_line: int) -> list[tuple[int, str, str, str, str]]:
    """The next rejected rows by line: line, kind, detail, owner, and how a mended barcode stood there.

    Empty at the end.
    """
    found = connection.execute(
        text(
            "SELECT line, kind, detail, owner, coalesce((SELECT min(was) FROM import_code"
            " WHERE import_code.line = import_reject.line AND code = detail), '') FROM import_reject"
            " WHERE line > :after ORDER BY line LIMIT :batch"
        ),
        {"after": after_line, "batch": BATCH_ROWS},
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


def apply(connection: Connection) -> None:
    """Write what was resolved into the catalogue: the one act, as short as it can be.

    Raises sqlalchemy.exc.IntegrityError if somebody gave one of the barcodes to another product meanwhile.
    """
    columns = ", ".join(("sku", *_VALUES))
    updates = ", ".join(f"{column} = excluded.{column}" for column in _VALUES)
    connection.execute(
        text(
            f"INSERT INTO product ({columns}) SELECT {columns} FROM import_product WHERE action <> 'none'"
            f" ORDER BY line ON CONFLICT (sku) DO UPDATE SET {updates}"
        )
    )
    connection.execute(
        text(
            "INSERT INTO barcode (code, product_id) SELECT new.code, product.id FROM import_new_code AS new"
            " JOIN product ON product.sku = new.sku ORDER BY new.code"
        )
    )
