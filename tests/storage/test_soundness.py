"""Values that a damaged SQLite file holds and no column can hold are named, and told as damage."""

import pytest
from sqlalchemy import Engine, select, text

from tests.rigs.days import Days
from tests.rigs.people import OWNER, take_on
from tests.rigs.shop import stock_shop
from tui_pos.journal.chain import JournalBroken
from tui_pos.people.staff import members
from tui_pos.reports.audit import verify_books
from tui_pos.sales.models import Sale
from tui_pos.storage import soundness
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.errors import DatabaseUnavailable, Trouble


@pytest.fixture
def shop(sqlite_engine: Engine) -> Engine:
    stock_shop(sqlite_engine)
    take_on(sqlite_engine)
    Days(sqlite_engine).trade(1)
    return sqlite_engine


def damage(engine: Engine, table: str, column: str, value: str) -> None:
    """Put an SQL value into a column of a table's first row, past the guards."""
    with writing(engine) as session:
        session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
        first = f"(SELECT min(rowid) FROM {table})"
        session.execute(text(f"UPDATE {table} SET {column} = {value} WHERE rowid = {first}"))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("staff", "created_at", "'zz'"),
        ("staff", "created_at", "12"),
        ("staff", "id", "'not-a-uuid'"),
        ("staff", "totp_last_step", "'zz'"),
        ("staff", "name", "x'ff00'"),
        ("product", "price_minor", "1.5"),
        ("product", "keeps_stock", "'yes'"),
        ("staff", "created_at", "'2026-02-31 12:00:00.000000'"),
        ("tax_rate", "valid_from", "'2026-02-31'"),
        ("tax_rate", "percent", "'much'"),
        ("journal_entry", "hash", "'text'"),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_named(
    shop: Engine, table: str, column: str, value: str
) -> None:
    with reading(shop) as session:
        assert soundness.misfit(session) == ""
    damage(shop, table, column, value)
    with reading(shop) as session:
        assert soundness.misfit(session) == f"table {table}, column {column}"
        with pytest.raises(JournalBroken):
            verify_books(session, OWNER)


def test_a_table_that_the_journal_does_not_vouch_for_is_proved_too(shop: Engine) -> None:
    damage(shop, "staff", "created_at", "'zz'")
    told = r"The books are damaged \(table staff, column created_at\)\. Restore a backup to another place\."
    with reading(shop) as session, pytest.raises(JournalBroken, match=told):
        verify_books(session, OWNER)


def test_whoever_falls_over_it_says_that_the_books_are_damaged(shop: Engine) -> None:
    damage(shop, "staff", "created_at", "'zz'")
    with pytest.raises(DatabaseUnavailable) as caught, reading(shop) as session:
        members(session)
    assert caught.value.trouble is Trouble.DAMAGED
    assert str(caught.value) == (
        "The books are damaged (table staff, column created_at). Keep the file; "
        "see what is wrong: tui-pos journal verify. Bring a backup back: tui-pos restore"
    )
    damage(shop, "sale", "gross_minor", "'zz'")
    with pytest.raises(DatabaseUnavailable), writing(shop) as session:
        abs(session.scalars(select(Sale.gross_minor).order_by(Sale.number)).first() or 0)


def test_a_fault_of_the_program_stays_one(engine: Engine) -> None:
    with pytest.raises(ValueError, match="invalid literal"), reading(engine):
        int("zz")
