"""What a database holds beside its tables."""

import re
from importlib import import_module
from pathlib import Path

from sqlalchemy import Engine, text

import tui_pos
from tui_pos.storage.base import Base

for _models in Path(tui_pos.__file__).parent.glob("*/models.py"):
    import_module(f"tui_pos.{_models.parent.name}.models")

METADATA = Base.metadata
"""The tables of every room."""

_POSTGRES = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public'
    UNION ALL
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
_SQLITE = "SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"


def triggers_and_functions(engine: Engine) -> list[str]:
    """Triggers, functions and indexes, each as the statement that makes it."""
    statement = _SQLITE if engine.dialect.name == "sqlite" else _POSTGRES
    with engine.connect() as connection:
        found = connection.execute(text(statement)).scalars()
        return sorted(re.sub(r"\s+", " ", each) for each in found)
