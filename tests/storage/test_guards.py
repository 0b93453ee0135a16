"""The database itself keeps what is written once, and the migrations make what the models say."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError as DriverError

from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


def insert_cash_movement(engine: Engine) -> None:
    from tui_pos.payments.models import CashMovement

    with writing(engine, durable=True) as session:
        session.add(
            CashMovement(
                id=uuid4(), till="till1", kind="sale", amount_minor=5, currency="EUR", actor="Ada", at=NOW
            )
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cash_movement SET amount_minor = 6",
        "DELETE FROM cash_movement",
    ],
)
def test_rows_written_once_refuse_change(engine: Engine, statement: str) -> None:
    insert_cash_movement(engine)
    with pytest.raises(DriverError, match="written once"), writing(engine) as session:
        session.execute(text(statement))
    with reading(engine) as session:
        assert session.execute(text("SELECT amount_minor FROM cash_movement")).scalars().all() == [5]


def test_sqlite_replace_is_refused_too(sqlite_engine: Engine) -> None:
    insert_cash_movement(sqlite_engine)
    with pytest.raises(DriverError, match="written once"), writing(sqlite_engine) as session:
        session.execute(text("INSERT OR REPLACE INTO cash_movement SELECT * FROM cash_movement"))


def test_postgres_truncate_is_refused_too(postgres_engine: Engine) -> None:
    insert_cash_movement(postgres_engine)
    with pytest.raises(DriverError, match="written once"), writing(postgres_engine) as session:
        session.execute(text("TRUNCATE cash_movement"))


def test_times_and_quantities_come_back_as_they_went(engine: Engine) -> None:
    from tui_pos.stock.models import StockMovement

    helsinki = dt.timezone(dt.timedelta(hours=2))
    with writing(engine) as session:
        session.execute(text("INSERT INTO tax_class (code, name, kind) VALUES ('x', 'X', 'taxed')"))
        session.execute(
            text(
                "INSERT INTO product (id, sku, name, tax_class, unit, department, min_age, tags, keeps_stock, active) "
                "VALUES (1, 'a', 'A', 'x', 'kg', '', 0, '', true, true)"
            )
        )
        session.add(
            StockMovement(
                id=uuid4(),
                till="t",
                product_id=1,
                quantity=Decimal("-0.412"),
                reason="sale",
                at=NOW.astimezone(helsinki),
            )
        )
    with reading(engine) as session:
        movement = session.query(StockMovement).one()
        assert (movement.quantity, movement.at, movement.at.tzinfo) == (Decimal("-0.412"), NOW, dt.UTC)


def test_a_naive_time_is_refused(engine: Engine) -> None:
    from tui_pos.storage.types import UtcDateTime

    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(dt.datetime(2026, 1, 1), engine.dialect)  # noqa: DTZ001
