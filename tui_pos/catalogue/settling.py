"""What only the whole file can tell about its rows: settled in the staging tables, before anything is sorted out."""

from sqlalchemy import Connection, text

from tui_pos.catalogue.staging import first_and_count
from tui_pos.money.currency import Currency

MIN_CODES_TO_JUDGE = 10
"""Fewer codes than these say little about their column."""

Found = tuple[int, str, int] | None
"""Line and text of the first, and how many there are."""


def put_back_zeros(connection: Connection) -> Found:
    """Give codes the zeros that a spreadsheet took from them; returns the codes as they stood.

    A shop's own numbers of 10 or 11 digits have a right check digit once in ten times, those that lost a zero have
    always: so it is done where most of the file's have one, and else to none.
    """
    candidates, fitting = connection.execute(
        text("SELECT count(padded), count(CASE WHEN padded <> '' THEN 1 END) FROM import_code")
    ).one()
    if fitting * 2 <= candidates:
        return None
    connection.execute(text("UPDATE import_code SET was = code, code = padded WHERE padded <> ''"))
    return first_and_count(connection, "SELECT line, was AS what FROM import_code WHERE was <> ''")


def no_barcodes(connection: Connection) -> Found:
    """Where the column of barcodes holds something else: what the first line says, and how many such cells there are.

    That is where most of them look like prices or words, or where products share them three by three.
    """
    odd = first_and_count(connection, "SELECT line, code AS what FROM import_code WHERE odd")
    codes = connection.execute(text("SELECT count(*) FROM import_code")).scalar_one()
    if odd and codes > 1 and odd[2] * 2 > codes:
        return odd
    pairs = (
        "SELECT min(import_code.line) AS line, code FROM import_code"
        " JOIN import_row ON import_row.line = import_code.line GROUP BY sku, name, code"
    )
    products, distinct = connection.execute(
        text(f"SELECT count(*), count(DISTINCT code) FROM ({pairs}) AS pairs")
    ).one()
    if products < MIN_CODES_TO_JUDGE or distinct * 3 > products:
        return None
    return first_and_count(connection, f"SELECT line, code AS what FROM ({pairs}) AS pairs")


def settle_prices(connection: Connection, currency: Currency) -> Found:
    """Decide what 1.234 means, by the prices that can be read in one way only; returns what is left to ask.

    Where all of these have their decimals behind one mark, the other one parts thousands. Where none says anything, a
    currency without decimals has thousands. What has decimals enough, but only zeros behind, is exact.
    """
    run = connection.execute
    proofs = run(text("SELECT DISTINCT mark FROM import_row WHERE mark <> '' AND grouped_minor IS NULL"))
    marks = [row[0] for row in proofs]
    grouped = (
        "UPDATE import_row SET price_minor = grouped_minor, price_text = '' WHERE grouped_minor IS NOT NULL"
    )
    if len(marks) == 1:
        run(text(f"{grouped} AND mark <> :mark"), {"mark": marks[0]})
        run(text("UPDATE import_row SET grouped_minor = NULL WHERE mark = :mark"), {"mark": marks[0]})
    elif not marks and not currency.exponent:
        run(text(grouped))
    run(
        text(
            "UPDATE import_row SET price_minor = rounded_minor, price_text = ''"
            " WHERE price_text <> '' AND grouped_minor IS NULL AND exact"
        )
    )
    return first_and_count(
        connection, "SELECT line, price_text AS what FROM import_row WHERE price_text <> ''"
    )


def round_prices(connection: Connection) -> None:
    """Take what is left for decimals, to the nearest minor unit, half of one away from zero."""
    connection.execute(
        text("UPDATE import_row SET price_minor = rounded_minor, price_text = '' WHERE price_text <> ''")
    )
