"""The journal: what is appended can be walked again, and whatever was tampered with is found."""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tui_pos.journal import chain
from tui_pos.journal.chain import GENESIS, Head, JournalError, append, canonical, head, verify
from tui_pos.journal.models import JournalEntry
from tui_pos.storage.base import append_only_ddl
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=dt.UTC)


def add(session: Session, number: int, *, till: str = "till1", stream: str = chain.EVENTS) -> Head:
    return append(
        session,
        till=till,
        stream=stream,
        event="test",
        actor="ada",
        now=NOW,
        data={"number": number, "text": "é€"},
    )


@pytest.fixture
def journal(engine: Engine) -> Engine:
    """Both databases in turn, with three entries."""
    with writing(engine) as session:
        for number in range(3):
            add(session, number)
    return engine


def unguard(session: Session) -> None:
    """Let the table be changed, as somebody could who has the file."""
    if session.get_bind().dialect.name == "sqlite":
        for action in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER journal_entry_no_{action}"))
    else:
        session.execute(text("ALTER TABLE journal_entry DISABLE TRIGGER USER"))


def test_an_empty_stream(engine: Engine) -> None:
    with reading(engine) as session:
        assert (
            head(session, "till1", chain.EVENTS) == verify(session, "till1", chain.EVENTS) == Head(0, GENESIS)
        )


def test_each_entry_holds_the_hash_of_the_one_before(journal: Engine) -> None:
    with reading(journal) as session:
        entries = session.query(JournalEntry).order_by(JournalEntry.seq).all()
        end = verify(session, "till1", chain.EVENTS)
        assert end == head(session, "till1", chain.EVENTS) == Head(3, entries[-1].hash)
    before = GENESIS
    for entry in entries:
        assert json.loads(entry.body)["prev"] == before.hex()
        assert hashlib.sha256(entry.body).digest() == entry.hash
        before = entry.hash


def test_an_entry_says_everything(journal: Engine) -> None:
    with reading(journal) as session:
        body = json.loads(session.query(JournalEntry).order_by(JournalEntry.seq).first().body)  # type: ignore[union-attr]
    assert body == {
        "schema": 1,
        "software": chain.software(),
        "till": "till1",
        "stream": "events",
        "seq": 1,
        "at": "2026-03-02T12:00:00.123456+00:00",
        "actor": "ada",
        "event": "test",
        "data": {"number": 0, "text": "é€"},
        "prev": "00" * 32,
    }


def test_streams_and_tills_are_chains_of_their_own(engine: Engine) -> None:
    with writing(engine) as session:
        assert add(session, 1).seq == 1
        assert add(session, 1, till="till2").seq == 1
        assert add(session, 1, stream=chain.RECEIPTS).seq == 1
        assert add(session, 2).seq == 2


def test_an_entry_goes_with_its_transaction(engine: Engine) -> None:
    with pytest.raises(TypeError), writing(engine) as session:
        append(session, till="t", stream="s", event="e", actor="a", now=NOW, data={"price": 1.5})
    with reading(engine) as session:
        assert head(session, "t", "s") == Head(0, GENESIS)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal("1.5"), NOW, b"x", {1, 2}, {"a": [1, {"b": 0.5}]}, ({"c": 2.0},)],
)
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})


def test_the_bytes_do_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": [True, None, "ü"]}) == canonical({"a": [True, None, "ü"], "b": 1})
    assert canonical({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON))
def test_another_program_makes_the_same_bytes_again(value: dict[str, Any]) -> None:
    written = canonical(value)
    assert canonical(json.loads(written)) == written


TAMPERINGS = {
    "its content": "UPDATE journal_entry SET body = :bytes WHERE seq = 2",
    "its hash": "UPDATE journal_entry SET hash = :bytes WHERE seq = 2",
    "the hash before": "UPDATE journal_entry SET prev_hash = :bytes WHERE seq = 2",
    "its actor": "UPDATE journal_entry SET actor = 'bob' WHERE seq = 2",
    "its event": "UPDATE journal_entry SET event = 'other' WHERE seq = 2",
    "a removed entry": "DELETE FROM journal_entry WHERE seq = 2",
    "a removed first entry": "DELETE FROM journal_entry WHERE seq = 1",
    "another number": "UPDATE journal_entry SET seq = 7 WHERE seq = 3",
    "another till": "UPDATE journal_entry SET till = 'till2'",
    "another stream": "UPDATE journal_entry SET stream = 'receipts'",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_tampering_is_found(journal: Engine, tampering: str) -> None:
    statement = TAMPERINGS[tampering]
    with writing(journal) as session:
        unguard(session)
        session.execute(text(statement), {"bytes": bytes(32)} if ":bytes" in statement else {})
    till, stream = {
        "another till": ("till2", "events"), "another stream": ("till1", "receipts")
    }.get(tampering, ("till1", "events"))  # fmt: skip
    with (
        reading(journal) as session,
        pytest.raises(JournalError, match=rf"Journal of {till}, stream {stream}, entry \d: "),
    ):
        verify(session, till, stream)


def test_another_time_is_found(journal: Engine) -> None:
    with writing(journal) as session:
        unguard(session)
        session.query(JournalEntry).filter_by(seq=2).update({"at": NOW + dt.timedelta(microseconds=1)})
    with reading(journal) as session, pytest.raises(JournalError, match="entry 2: its columns do not say"):
        verify(session, "till1", chain.EVENTS)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, 3), place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
@example(seq=1, place=0.0, change=1)
def test_any_byte_that_was_changed_is_found(journal: Engine, seq: int, place: float, change: int) -> None:
    with Session(journal) as session:
        unguard(session)
        entry = session.get_one(JournalEntry, ("till1", chain.EVENTS, seq))
        body = bytearray(entry.body)
        body[int(place * len(body))] ^= change
        entry.body = bytes(body)
        session.flush()
        with pytest.raises(JournalError, match=f"entry {seq}: "):
            verify(session, "till1", chain.EVENTS)
        session.rollback()


def test_content_that_fits_its_hash_and_is_none_is_found(journal: Engine) -> None:
    for body in (b"\xff", b"[]", b"{}", b"null"):
        with Session(journal) as session:
            unguard(session)
            entry = session.get_one(JournalEntry, ("till1", chain.EVENTS, 3))
            entry.body, entry.hash = body, hashlib.sha256(body).digest()
            session.flush()
            with pytest.raises(JournalError, match="cannot be read"):
                verify(session, "till1", chain.EVENTS)
            session.rollback()


def test_the_guards_are_the_databases_own(journal: Engine) -> None:
    assert append_only_ddl("journal_entry", journal.dialect.name)
    with pytest.raises(Exception, match="written once"), writing(journal) as session:
        session.query(JournalEntry).delete()


def test_the_tills_that_did_anything(engine: Engine) -> None:
    with writing(engine) as session:
        assert chain.tills(session) == []
        for till, stream in (("till2", chain.EVENTS), ("till1", chain.COPIES), ("till2", chain.RECEIPTS)):
            chain.append(session, till=till, stream=stream, event="x", actor="ada", now=NOW, data={})
        assert chain.tills(session) == ["till1", "till2"]
