"""Keys, closures, and the one form in which a row stands in the journal."""

import base64
import datetime as dt
import json
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from tui_pos.journal import chain, signing
from tui_pos.journal.closures import is_signed
from tui_pos.journal.rows import as_stored, converter, exact, exact_row, table_of
from tui_pos.journal.signing import KeySigner, KeysInMemory
from tui_pos.sales.models import Correction, Sale
from tui_pos.stock.models import StockMovement
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
TILL = "till1"


def ensured(engine: Engine, store: KeysInMemory) -> KeySigner | None:
    with writing(engine, durable=True) as session:
        return signing.ensure_key(session, TILL, store, "system", NOW)


def closed(engine: Engine, signer: signing.Signer | None) -> tuple[bytes, str, bytes, str]:
    with writing(engine, durable=True) as session:
        closure = signing.sign_closure(session, TILL, signer, {"sales_minor": 5}, NOW)
        return closure.body, closure.key_id, closure.signature, signing.signature_text(closure)


def test_a_key_is_made_once(engine: Engine) -> None:
    store = KeysInMemory()
    first, second = ensured(engine, store), ensured(engine, store)
    assert first is not None
    assert second is not None
    assert first.key_id == second.key_id
    assert list(store.kept) == [f"signing-key-{first.key_id[:16]}"]
    with reading(engine) as session:
        assert chain.head(session, TILL, chain.CLOSURES).seq == 1


def test_a_closure_holds_the_heads_and_is_signed(engine: Engine) -> None:
    signer = ensured(engine, KeysInMemory())
    assert signer is not None
    with writing(engine) as session:
        head = chain.append(
            session, till=TILL, stream=chain.EVENTS, event="x", actor="ada", now=NOW, data={"receipts": 1}
        )
    body, key_id, signature, shown = closed(engine, signer)
    content = json.loads(body)
    assert content["heads"][chain.EVENTS] == {"seq": 1, "hash": head.hash.hex()}
    assert set(content["heads"]) == set(chain.STREAMS)
    assert (content["totals"], content["number"], content["key"]) == ({"sales_minor": 5}, 1, key_id)
    assert is_signed(signer.public, signature, body)
    assert not is_signed(signer.public, signature, body + b" ")
    assert shown.startswith(f"{key_id[:8]} ")
    assert len(shown) == 25
    following = json.loads(closed(engine, signer)[0])
    assert following["prev"].startswith(shown[9:])


@pytest.mark.parametrize("spoilt", ["", "not base64!", base64.b64encode(b"no key").decode()])
def test_a_private_key_that_cannot_be_read_is_lost(engine: Engine, spoilt: str) -> None:
    store = KeysInMemory()
    signer = ensured(engine, store)
    assert signer is not None
    store.kept = dict.fromkeys(store.kept, spoilt)
    assert ensured(engine, store) is None
    store.kept = {name: KeySigner.written(other_key()) for name in store.kept}
    assert ensured(engine, store) is None


def other_key() -> KeySigner:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    return KeySigner(generate_private_key(SECP256R1()))


def test_tills_have_keys_of_their_own(engine: Engine) -> None:
    store = KeysInMemory()
    ensured(engine, store)
    with writing(engine, durable=True) as session:
        signing.ensure_key(session, "till2", store, "system", NOW)
        ids = {signing.current_key_id(session, till) for till in (TILL, "till2", "till3")}
    assert len(ids) == 3
    assert "" in ids


@given(st.binary(max_size=200))
def test_the_same_bytes_get_the_same_signature(content: bytes) -> None:
    assert SIGNER.sign(content) == SIGNER.sign(content)


SIGNER = other_key()


# Rows


@pytest.mark.parametrize("value", [1.5, object(), [1], {"a": 1}])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no exact form"):
        exact(value)


def test_what_is_left_out_stands_as_its_default() -> None:
    row = exact_row(Correction, {"kind": "price", "at": NOW})
    assert (row["reason"], row["sale_id"], row["kind"]) == ("", None, "price")
    assert row["at"] == "2026-11-22T09:30:00.000000+00:00"
    assert set(row) == set(table_of(Correction).columns.keys())


@given(
    quantity=st.decimals(min_value=-(10**6), max_value=10**6, places=6),
    at=st.datetimes(min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2090, 1, 1)),  # noqa: DTZ001
    hours=st.integers(-12, 12),
    number=st.uuids(),
)
def test_a_value_has_one_form_however_it_is_written(
    quantity: Decimal, at: dt.datetime, hours: int, number: UUID
) -> None:
    """What is inserted, and what SQLite gives back of it as it stores it."""
    moment = at.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    columns = table_of(StockMovement).columns
    scaled, stamp, identity = (converter(columns[name], "sqlite") for name in ("quantity", "at", "id"))
    assert scaled is not None
    assert stamp is not None
    assert identity is not None
    assert scaled(int(quantity.scaleb(6))) == exact(quantity)
    utc = moment.astimezone(dt.UTC)
    assert stamp(f"{utc:%Y-%m-%d %H:%M:%S}.{utc.microsecond:06}") == exact(moment)
    assert identity(number.hex) == exact(number)


def test_both_databases_give_back_what_was_stated(engine: Engine) -> None:
    values = {
        "id": UUID(int=7), "till": "tïll", "number": 3, "business_date": NOW.date(), "opened_at": NOW,
        "completed_at": NOW + dt.timedelta(microseconds=1), "actor": "Åse", "shift_id": None, "currency": "JPY",
        "exponent": 0, "prices_include_tax": False, "tax_rounding": "line", "net_minor": -(2**53) - 1,
        "tax_minor": 0, "gross_minor": 2**60, "discount_minor": 0, "cash_rounding_minor": -1, "change_minor": 0,
        "discount": "", "discount_reason": "“\n\u2028\"",
    }  # fmt: skip
    with writing(engine) as session:
        session.execute(insert(table_of(Sale)).values(values))
    dialect = engine.dialect.name
    with reading(engine) as session:
        (row,) = session.execute(select(*as_stored(Sale, dialect))).all()
    found = {}
    for column, value in zip(table_of(Sale).columns, row, strict=True):
        convert = converter(column, dialect)
        found[column.name] = value if convert is None else convert(value)
    assert found == exact_row(Sale, values)
    assert json.loads(chain.canonical(found)) == found
