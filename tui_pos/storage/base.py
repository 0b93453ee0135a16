"""The declarative base that every room's tables share, and the guard for rows that are written once."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import DDL, MetaData, Table, event
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Constraint names follow one convention, so that migrations can name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


M = TypeVar("M", bound=type[Base])


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """Statements by which the database itself refuses UPDATE and DELETE on `table`."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is written once: {action} refused'); END"
            for action in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RAISE EXCEPTION ''% is written once: % refused'', TG_TABLE_NAME, TG_OP; END'",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def append_only(model: M) -> M:
    """Class decorator: rows of this table are written once; a correction is a new row."""
    on_create(model, append_only_ddl)
    return model


def on_create(model: type[Base], statements: Callable[[str, str], list[str]]) -> None:
    """Run `statements(table_name, dialect_name)` after the table is created, on either database.

    The statements are also kept in `table.info["ddl"]`, so that a test can hold the migrations against them.
    """
    table = model.__table__
    assert isinstance(table, Table)
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            table.info.setdefault("ddl", {}).setdefault(dialect, []).append(statement)
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)
