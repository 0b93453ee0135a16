"""Cash that was paid in, paid out or dropped by mistake can be taken back, once.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TAKES_BACK = sa.text("takes_back IS NOT NULL")


def upgrade() -> None:
    op.add_column("cash_movement", sa.Column("takes_back", sa.Uuid(), nullable=True))
    op.create_index(
        "uq_cash_movement_takes_back",
        "cash_movement",
        ["takes_back"],
        unique=True,
        sqlite_where=TAKES_BACK,
        postgresql_where=TAKES_BACK,
    )
