"""The books are proved, and nothing in them can be changed without being found."""

import datetime as dt
import hashlib
import json
import random
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from tests.rigs.days import Days, small_books
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.tampering import add, change, flipped, remove, rows_of, swap, tampering
from tui_pos.journal import chain, signing
from tui_pos.journal.chain import JournalBroken, JournalError
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.journal.rows import table_of
from tui_pos.payments.models import CashMovement
from tui_pos.people import staff
from tui_pos.people.actor import NotAllowed, built_in_actor
from tui_pos.people.models import Staff
from tui_pos.reports.audit import (
    VOUCHED,
    Proven,
    replace_key,
    strange_triggers,
    unguarded_tables,
    verify_books,
)
from tui_pos.storage.base import Base
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.errors import DatabaseUnavailable

SEED = 20260302
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
CHECKED: tuple[type[Base], ...] = (*VOUCHED, JournalEntry, Closure)
ROUNDS = {"sqlite": 1000, "postgresql": 100, "bits": 150}


def verified(engine: Engine) -> list[Proven]:
    with reading(engine) as session:
        return verify_books(session, OWNER)


def fault(connection: Connection) -> str:
    """What the check says of the books as they are now; empty where it finds nothing."""
    connection.execute(text("SELECT 1"))
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        try:
            verify_books(session, OWNER)
        except JournalBroken as broken:
            return str(broken)
    return ""


def test_a_whole_shop_is_proved(engine: Engine) -> None:
    small_books(engine)

    (proven,) = verified(engine)

    with reading(engine) as session:
        rows = sum(
            session.scalar(select(func.count()).select_from(table_of(model))) or 0 for model in VOUCHED
        )
    assert proven.rows == rows > 100
    assert proven.entries[chain.RECEIPTS] == 14
    assert (proven.signed.closures, proven.signed.unsigned, len(proven.signed.keys)) == (2, (), 2)
    assert 0 < proven.signed.after_last < sum(proven.entries.values())


def test_empty_books_prove_nothing(engine: Engine) -> None:
    assert verified(engine) == []


def test_only_who_may_see_the_journal_checks_it(engine: Engine) -> None:
    with reading(engine) as session, pytest.raises(NotAllowed):
        verify_books(session, CASHIER)


def test_one_till_among_several(engine: Engine) -> None:
    small_books(engine)
    other = Days(engine, "till2")
    other.trade()
    other.close()

    assert [each.till for each in verified(engine)] == ["till1", "till2"]
    with reading(engine) as session:
        (alone,) = verify_books(session, OWNER, "till2")
    assert alone == verified(engine)[1]
    with (
        reading(engine) as session,
        pytest.raises(JournalError, match=r"know no till “till3”\. They know: till1"),
    ):
        verify_books(session, OWNER, "till3")


# Thousands of single changes


def test_every_single_change_is_found(engine: Engine) -> None:
    """Rows changed, removed, added and swapped, columns of every kind, bits of every entry."""
    small_books(engine)
    chance = random.Random(SEED)
    tables = [table_of(model) for model in CHECKED]
    done: Counter[str] = Counter()
    missed = []
    with tampering(engine) as connection:
        filled = {table: rows for table in tables if (rows := list(connection.execute(select(table))))}
        for _round in range(ROUNDS[engine.dialect.name]):
            table = chance.choice(list(filled))
            act = chance.choice((change, change, remove, add, swap))
            try:
                with connection.begin_nested() as savepoint:
                    what = act(connection, chance, table, filled[table])
                    if what and not fault(connection):
                        missed.append(what)
                    done[act.__name__] += bool(what)
                    savepoint.rollback()
            except (IntegrityError, DataError):
                pass  # the database itself does not take it
        assert fault(connection) == ""

    assert missed == []
    assert len(filled) >= 10
    assert sum(done.values()) > 0.75 * ROUNDS[engine.dialect.name]
    assert set(done) == {"change", "remove", "add", "swap"}


def test_a_single_bit_of_the_file_that_changes_a_row_is_found(books_file: Path, tmp_path: Path) -> None:
    """What SQLite reads out of an index need not be what stands in the table."""
    chance = random.Random(SEED)
    tables = [table_of(model) for model in CHECKED]
    content, file = books_file.read_bytes(), tmp_path / "flipped.db"
    whole = rows_of(books_file, tables)
    found, missed = 0, []
    for round in range(ROUNDS["bits"]):
        file.write_bytes(flipped(chance, content))
        said = file_fault(file)
        found += bool(said)
        if not said and rows_of(file, tables) != whole:
            missed.append(round)
    assert missed == []
    assert found > 0.2 * ROUNDS["bits"]  # the rest are free pages, and tables that nothing vouches for


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sale", "id"), ("sale_line", "sale_id"), ("sale_tax", "tax_class"), ("stock_movement", "id"),
        ("journal_entry", "till"),
    ],
)  # fmt: skip
def test_a_key_that_differs_from_its_index_is_found(
    books_file: Path, tmp_path: Path, table: str, column: str
) -> None:
    """By one byte, of the table or of the index: either is told."""
    file = tmp_path / "shop.db"
    file.write_bytes(books_file.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        (old,) = connection.execute(f"SELECT {column} FROM {table}").fetchone()
    content = file.read_bytes()
    changed = 0
    for at in places(content, old.encode()):
        file.write_bytes(content[:at] + b"x" + content[at + 1 :])
        if rows_of(file, [Base.metadata.tables[table]]) != rows_of(books_file, [Base.metadata.tables[table]]):
            changed += 1
            assert file_fault(file) != ""
    assert changed


def places(content: bytes, wanted: bytes, most: int = 60) -> list[int]:
    """Where some bytes stand, from all over the file."""
    found = [match.start() for match in re.finditer(re.escape(wanted), content)]
    return found[:: max(1, len(found) // most)]


def file_fault(file: Path) -> str:
    """What the check says of a SQLite file, or why it cannot be opened at all; empty where it finds nothing."""
    engine = open_engine(f"sqlite:///{file}")
    try:
        with reading(engine) as session:
            verify_books(session, OWNER)
    except (JournalBroken, DatabaseUnavailable) as broken:
        return str(broken)
    finally:
        engine.dispose()
        for companion in ("-wal", "-shm"):
            file.with_name(file.name + companion).unlink(missing_ok=True)
    return ""


@pytest.fixture(scope="module")
def books_file(days: Engine) -> Path:
    """Books in one file without companions."""
    file = Path(str(days.url.database)).with_name("whole.db")
    with closing(sqlite3.connect(str(days.url.database))) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    return file


# What is said


ENTRY = "Journal of till1, stream receipts, entry "


SAID = [
    (
        "UPDATE sale_line SET amount_minor = 1 WHERE position = 2",
        f"{ENTRY}1: column amount_minor of its row in table sale_line holds 1, and it states 320.",
    ),
    (
        "DELETE FROM sale_tender WHERE kind = 'card'",
        f"{ENTRY}2: its row of table sale_tender is missing",
    ),
    (
        "UPDATE journal_entry SET actor = 'eve' WHERE stream = 'receipts' AND seq > 3",
        f"{ENTRY}4: its columns do not say what its content says.",
    ),
    (
        "DELETE FROM journal_entry WHERE stream = 'receipts' AND seq = 3",
        f"{ENTRY}4: it follows entry 2: entries between them are missing.",
    ),
    ("DELETE FROM closure WHERE number = 1", "Closure 1 of till1: it is missing."),
    (
        "DELETE FROM closure WHERE number = 2",
        "Z in stream closures, entry 4 of till1: its closure is missing.",
    ),
    (
        "DELETE FROM signing_key",
        "stream closures, entry 1: its row of table signing_key is missing",
    ),
    (
        "UPDATE journal_entry SET stream = 'reciepts' WHERE stream = 'receipts'",
        "stream “reciepts” that no till writes",
    ),
]


def test_the_first_wrong_entry_is_named(engine: Engine) -> None:
    small_books(engine)
    for statement, said in SAID:
        with tampering(engine) as connection:
            connection.execute(text(statement))
            assert said in fault(connection)


@pytest.mark.parametrize(
    "spoilt",
    [
        "sale SET completed_at = replace(completed_at, ' ', 'T')",
        "sale SET opened_at = opened_at || '+00:00'",
        "journal_entry SET at = replace(at, ' ', 'T')",
        "closure SET at = replace(at, ' ', 'T')",
        "journal_entry SET till = x'41' WHERE stream = 'training'",
        "sale SET actor = CAST(x'ff41' AS TEXT)",
        "sale SET till = CAST(x'ff41' AS TEXT)",
        "journal_entry SET event = CAST(x'ff41' AS TEXT)",
        "journal_entry SET at = 'yesterday'",
        "journal_entry SET body = CAST(body AS TEXT)",
        "journal_entry SET body = x'ff00'",
        "journal_entry SET hash = 'x'",
        "journal_entry SET prev_hash = NULL",
        "journal_entry SET seq = 'two' WHERE stream = 'events' AND seq = 2",
        "closure SET at = 'yesterday'",
        "closure SET body = 'x'",
        "closure SET signature = 5",
        "closure SET number = 'x' WHERE number = 1",
        "sale SET completed_at = 'yesterday'",
        "sale SET gross_minor = 'x'",
        "sale SET id = 'x'",
        "sale_line SET quantity = 'x'",
        "sale_tax SET percent = 0.5",
        "sale_tender SET entered_by_hand = 7",
        "sale SET business_date = 20260302",
        "z_report SET content = 'x'",
        "signing_key SET public = 'x'",
    ],
)
def test_what_sqlite_lets_somebody_put_anywhere_is_told(days: Engine, spoilt: str) -> None:
    """It keeps texts in columns of numbers: the check must name such a row, not stumble over it."""
    with tampering(days) as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        try:
            connection.execute(text(f"UPDATE {spoilt}"))
        except IntegrityError:
            return  # the column refuses that one
        assert fault(connection) != ""


def test_bytes_that_are_no_text_are_named(sqlite_engine: Engine) -> None:
    small_books(sqlite_engine)
    with tampering(sqlite_engine) as connection:
        connection.execute(text("UPDATE sale SET actor = CAST(x'ff41' AS TEXT) WHERE number = 3"))
        said = f"{ENTRY}3: column actor of its row in table sale holds '\\\\xffA', and it states 'owner'."
        assert fault(connection) == said


def test_a_table_that_is_gone_is_named(engine: Engine) -> None:
    small_books(engine)
    with tampering(engine) as connection:
        connection.execute(text("DROP TABLE training_sale"))
        assert "training_sale" in fault(connection)


@pytest.fixture(scope="module")
def days(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Books that are only read."""
    file = tmp_path_factory.mktemp("books") / "shop.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    small_books(engine)
    return engine


def test_a_page_that_was_changed_is_found(engine: Engine) -> None:
    """The print queue is no book, but what it keeps of a sale is shown and copied as its receipt."""
    small_books(engine)
    with tampering(engine) as connection:
        changed = (
            "UPDATE print_job SET document = replace(document, '1.89', '9.99') WHERE title LIKE '%000003'"
        )
        connection.execute(text(changed))
        assert fault(connection) == f"{ENTRY}3: the kept page of its receipt was changed."
        connection.execute(text("DELETE FROM print_job WHERE title LIKE '%000003'"))
        assert fault(connection) == ""  # it is made anew of the books


def test_a_name_that_the_journal_did_not_give_is_found(engine: Engine) -> None:
    days = small_books(engine)
    with writing(engine) as session:
        ada = staff.add(
            session, name="Ada", role="owner", pin="2468", till="till1", actor=None, now=days.now()
        )
        staff.change(session, ada.id, till="till1", actor=OWNER, now=days.now(), name="Ada L.")
    assert verified(engine)
    with tampering(engine) as connection:
        connection.execute(update(Staff).values(name="Ada"))
        assert (
            fault(connection)
            == "Ada (owner) of the staff does not have the name and role that the journal states."
        )


def test_who_only_reads_the_journal_does_not_change_its_key(sqlite_engine: Engine) -> None:
    bookkeeper = built_in_actor("bookkeeper")
    with writing(sqlite_engine) as session:
        verify_books(session, bookkeeper)
        with pytest.raises(NotAllowed):
            replace_key(session, bookkeeper, "till1", signing.KeysInMemory(), Days(sqlite_engine).now())


def test_staff_who_were_removed_or_renumbered_are_found(engine: Engine) -> None:
    days = small_books(engine)
    with writing(engine) as session:
        bo = staff.add(session, name="Bo", role="owner", pin="2468", till="till1", actor=None, now=days.now())
    assert verified(engine)
    with tampering(engine) as connection:
        connection.execute(delete(Staff))
        assert (
            fault(connection)
            == f"Bo (owner), {bo.id}, was taken on as the journal states, and is not among the staff."
        )
    if engine.dialect.name == "sqlite":  # PostgreSQL takes no such id
        with tampering(engine) as connection:
            connection.execute(text("UPDATE staff SET id = 'zz'"))
            assert "Bo (owner) of the staff does not have the name and role" in fault(connection)


def test_a_guard_that_was_taken_away_is_seen(engine: Engine) -> None:
    with reading(engine) as session:
        assert unguarded_tables(session, OWNER) == []
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER sale_no_delete"))
            wanted = ["sale"]
        else:
            connection.execute(text("DROP TRIGGER sale_no_truncate ON sale"))
            connection.execute(text("ALTER TABLE closure DISABLE TRIGGER closure_no_change"))
            wanted = ["closure", "sale"]
        with Session(connection) as session:
            assert unguarded_tables(session, OWNER) == wanted


def test_a_trigger_that_somebody_added_is_named(engine: Engine) -> None:
    with reading(engine) as session:
        assert strange_triggers(session, OWNER) == []
    with engine.connect() as connection:
        does = (
            "BEGIN SELECT 1; END" if engine.dialect.name == "sqlite" else "EXECUTE FUNCTION refuse_change()"
        )
        connection.execute(text(f"CREATE TRIGGER more AFTER INSERT ON sale FOR EACH ROW {does}"))
        with Session(connection) as session:
            assert strange_triggers(session, OWNER) == ["more (sale)"]


def test_a_row_that_the_journal_never_stated_is_named(engine: Engine) -> None:
    small_books(engine)
    table = table_of(next(model for model in VOUCHED if model.__tablename__ == "correction"))
    with tampering(engine) as connection:
        values = {**connection.execute(select(table)).first()._mapping, "id": UUID(int=7)}  # type: ignore[union-attr]
        connection.execute(insert(table).values(values))
        assert fault(connection) == f"Table correction: its row {UUID(int=7)} stands nowhere in the journal."


def rewritten(connection: Connection, stream: str, first: int) -> None:
    """Somebody who writes the database makes a stream anew from an entry on, with right hashes."""
    query = select(JournalEntry.seq, JournalEntry.body).where(JournalEntry.stream == stream)
    prev = chain.GENESIS
    for seq, body in connection.execute(query.order_by(JournalEntry.seq)).all():
        content = json.loads(body)
        content["prev"] = prev.hex()
        if seq == first:
            content["data"]["note"] = "nothing to see here"
        new = chain.canonical(content)
        digest = hashlib.sha256(new).digest()
        row = update(JournalEntry).where(JournalEntry.stream == stream, JournalEntry.seq == seq)
        connection.execute(row.values(body=new, prev_hash=prev, hash=digest))
        prev = digest


def test_a_chain_made_anew_does_not_fit_the_signature(engine: Engine) -> None:
    small_books(engine)
    with tampering(engine) as connection:
        rewritten(connection, chain.RECEIPTS, 2)
        said = "Closure 1 of till1: entry 6 of stream receipts is not the one that it signed."
        assert fault(connection) == said


def test_an_end_cut_off_with_all_that_belongs_to_it_is_found_up_to_the_last_closure(engine: Engine) -> None:
    """What is documented as the limit: after the last closure the paper alone tells."""
    days = small_books(engine)
    with tampering(engine) as connection:
        cut(connection, 14)
        assert fault(connection) == ""
        cut(connection, 10)
        assert "it signed 10 entries of stream receipts, and 9 are there" in fault(connection)
    assert days.day


def cut(connection: Connection, first: int) -> None:
    """Remove the receipts from this one on, with their entries and all their rows."""
    ids = "(SELECT id FROM sale WHERE number >= :first)"
    for table in ("sale_line", "sale_tax", "sale_tender", "stock_movement", "cash_movement"):
        connection.execute(text(f"DELETE FROM {table} WHERE sale_id IN {ids}"), {"first": first})
    connection.execute(text("DELETE FROM sale WHERE number >= :first"), {"first": first})
    connection.execute(
        text("DELETE FROM journal_entry WHERE stream = 'receipts' AND seq >= :first"), {"first": first}
    )


def test_a_column_that_came_later_holds_its_default(engine: Engine) -> None:
    """An entry of an older version states fewer columns; the row has what all older rows were given."""
    table = table_of(next(model for model in VOUCHED if model.__tablename__ == "correction"))
    small_books(engine)
    with tampering(engine) as connection:
        signed = json.loads(connection.execute(select(Closure.body).where(Closure.number == 2)).scalar_one())
        query = select(JournalEntry).where(
            JournalEntry.stream == chain.EVENTS,
            JournalEntry.seq > signed["heads"][chain.EVENTS]["seq"],
        )
        newest = connection.execute(query.order_by(JournalEntry.seq)).first()
        assert newest is not None
        without_reason(connection, newest)
        assert fault(connection) == ""
        connection.execute(update(table).values(reason="told later"))
        assert fault(connection) != ""


def without_reason(connection: Connection, first: Row[Any]) -> None:
    prev = first.prev_hash
    query = select(JournalEntry).where(JournalEntry.stream == chain.EVENTS, JournalEntry.seq >= first.seq)
    for entry in connection.execute(query.order_by(JournalEntry.seq)).all():
        content = json.loads(entry.body)
        for row in content.get("rows", {}).get("correction", ()):
            if row["reason"] == "":
                del row["reason"]
        content["prev"] = prev.hex()
        body = chain.canonical(content)
        digest = hashlib.sha256(body).digest()
        place = update(JournalEntry).where(JournalEntry.stream == chain.EVENTS, JournalEntry.seq == entry.seq)
        connection.execute(place.values(body=body, prev_hash=prev, hash=digest))
        prev = digest


# Keys


def test_a_lost_key_leaves_closures_unsigned_until_a_new_one_covers_them(engine: Engine) -> None:
    days = small_books(engine)
    days.lose_key()
    days.close()
    days.trade(1)
    days.close()
    (proven,) = verified(engine)
    assert (proven.signed.closures, proven.signed.unsigned) == (4, (3, 4))

    days.new_key()
    (proven,) = verified(engine)
    assert (proven.signed.closures, proven.signed.unsigned) == (5, ())
    assert [key.outage for key in proven.signed.keys] == [False, False, True]
    with reading(engine) as session:
        late = session.get_one(Closure, ("till1", 5))
    assert (json.loads(late.body)["kind"], json.loads(late.body)["unsigned"]) == ("late", [3, 4])

    days.trade(1)
    days.close()
    assert verified(engine)[0].signed.unsigned == ()


def test_a_signer_that_does_not_answer_does_not_keep_the_day_open(engine: Engine) -> None:
    class Away:
        key_id = "0" * 64

        def sign(self, content: bytes) -> bytes:
            raise signing.SigningUnavailable("the card is not there")

    days = small_books(engine)
    with writing(engine, durable=True) as session:
        closure = signing.sign_closure(session, "till1", Away(), {}, days.now(), kind=signing.LATE)
        assert (closure.key_id, closure.signature) == ("", b"")
        assert signing.signature_text(closure).startswith("unsigned ")
    assert verified(engine)[0].signed.unsigned == (3,)


def test_a_key_that_was_given_up_signs_no_more(engine: Engine) -> None:
    days = small_books(engine)
    old = days.signer()
    days.new_key()
    with writing(engine, durable=True) as session:
        signing.sign_closure(session, "till1", old, {}, days.now(), kind=signing.LATE)
    with pytest.raises(
        JournalBroken, match="Closure 3 of till1: its key was not the till's key at that time"
    ):
        verified(engine)


def test_a_strangers_key_is_not_vouched_for(engine: Engine) -> None:
    """Who can write the database can make a key, but not without the mark that the old one is gone."""
    days = small_books(engine)
    stranger = signing.KeysInMemory()
    with writing(engine, durable=True) as session:
        signing.new_key(session, "till1", stranger, "eve", days.now())
    assert verified(engine)[0].signed.keys[-1].outage
    with tampering(engine) as connection:
        remark(connection, outage=False)
        assert "the key before it does not vouch for it" in fault(connection)


def remark(connection: Connection, *, outage: bool) -> None:
    query = (
        select(JournalEntry).where(JournalEntry.event == signing.NEW_KEY).order_by(JournalEntry.seq.desc())
    )
    entry = connection.execute(query).first()
    assert entry is not None
    content = json.loads(entry.body)
    content["data"]["outage"] = outage
    body = chain.canonical(content)
    place = update(JournalEntry).where(JournalEntry.stream == chain.CLOSURES, JournalEntry.seq == entry.seq)
    connection.execute(place.values(body=body, hash=hashlib.sha256(body).digest()))


def test_every_table_that_is_written_once_is_vouched_for_or_held_against_the_journal() -> None:
    guarded = {
        mapper.class_ for mapper in Base.registry.mappers if "ddl" in table_of(mapper.class_).info
        and any("written once" in each for each in table_of(mapper.class_).info["ddl"]["sqlite"])
    }  # fmt: skip
    assert guarded == {*VOUCHED, JournalEntry, Closure}


def test_an_old_sqlite_takes_only_so_many_values_at_once(sqlite_engine: Engine) -> None:
    """One entry may state more rows than SQLite before 3.32 looks up with one query."""
    row = {
        "till": "till1",
        "kind": "no_sale",
        "amount_minor": 0,
        "currency": "EUR",
        "actor": "ada",
        "at": NOW,
    }
    rows = [row | {"id": UUID(int=each), "shift_id": None, "sale_id": None} for each in range(1200)]
    with writing(sqlite_engine) as session:
        session.execute(insert(CashMovement), rows)
        chain.append(
            session,
            till="till1",
            stream=chain.EVENTS,
            event="x",
            actor="ada",
            now=NOW,
            data={},
            rows={CashMovement: rows},
        )
    with reading(sqlite_engine) as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        (proven,) = verify_books(session, OWNER)
    assert proven.rows == 1200
