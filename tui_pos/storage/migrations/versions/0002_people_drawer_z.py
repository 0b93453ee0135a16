"""People, shifts of the drawer, Z reports and signed closures.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WRITTEN_ONCE = ("shift", "shift_close", "cash_count", "signing_key", "closure", "training_sale", "z_report")


def upgrade() -> None:
    op.create_table('badge_key',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_badge_key'))
    )
    op.create_table('closure',
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.String(length=64), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('till', 'number', name=op.f('pk_closure'))
    )
    op.create_table('role',
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('permissions', sa.Text(), nullable=False),
    sa.Column('max_discount_percent', sa.BigInteger(), nullable=True),
    sa.Column('max_price_change_percent', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_role'))
    )
    op.create_table('shift',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('drawer', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by', sa.String(length=80), nullable=False),
    sa.Column('float_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('carried_over', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift')),
    sa.UniqueConstraint('till', 'number', name='uq_shift_till_number')
    )
    op.create_table('signing_key',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('public', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signing_key'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('pin_hash', sa.String(length=200), nullable=False),
    sa.Column('badge_hash', sa.String(length=64), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('totp_secret', sa.String(length=64), nullable=False),
    sa.Column('totp_last_step', sa.Integer(), nullable=False),
    sa.Column('recovery_hashes', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recovery', sa.Integer(), nullable=False),
    sa.Column('recovered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recovered_by', sa.String(length=80), nullable=False),
    sa.Column('recoveries_told', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('badge_hash', name=op.f('uq_staff_badge_hash')),
    sa.UniqueConstraint('name', name=op.f('uq_staff_name'))
    )
    op.create_table('training_sale',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_sale'))
    )
    op.create_table('z_report',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('last_sale', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_z_report')),
    sa.UniqueConstraint('till', 'number', name='uq_z_report_till_number')
    )
    op.create_table('cash_count',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('shift_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('blind', sa.Boolean(), nullable=False),
    sa.Column('pieces', sa.Text(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('expected_minor', sa.BigInteger(), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_cash_count_shift_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_count'))
    )
    op.create_index(op.f('ix_cash_count_shift_id'), 'cash_count', ['shift_id'], unique=False)
    op.create_table('failed_login',
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_failed_login_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', 'till', name=op.f('pk_failed_login'))
    )
    op.create_table('shift_close',
    sa.Column('shift_id', sa.Uuid(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.String(length=80), nullable=False),
    sa.Column('expected_minor', sa.BigInteger(), nullable=False),
    sa.Column('counted_minor', sa.BigInteger(), nullable=False),
    sa.Column('left_minor', sa.BigInteger(), nullable=False),
    sa.Column('explanation', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_shift_close_shift_id')),
    sa.PrimaryKeyConstraint('shift_id', name=op.f('pk_shift_close'))
    )
    op.add_column('cash_movement', sa.Column('shift_id', sa.Uuid(), nullable=True))
    op.create_index(op.f('ix_cash_movement_shift_id'), 'cash_movement', ['shift_id'], unique=False)
    op.drop_index(op.f('ix_cash_movement_till'), table_name='cash_movement')
    op.create_index(op.f('ix_cash_movement_sale_id'), 'cash_movement', ['sale_id'], unique=False)
    op.add_column('correction', sa.Column('entry', sa.Integer(), nullable=False, server_default='0'))
    op.create_index('ix_correction_till_entry', 'correction', ['till', 'entry'], unique=False)
    op.add_column('open_sale', sa.Column('training', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('sale', sa.Column('shift_id', sa.Uuid(), nullable=True))
    op.create_index(op.f('ix_sale_shift_id'), 'sale', ['shift_id'], unique=False)
    op.create_index('ix_sale_business_date', 'sale', ['business_date', 'id'], unique=False)
    op.create_index('ix_sale_gross_minor', 'sale', ['gross_minor', 'id'], unique=False)
    op.create_index('ix_sale_actor', 'sale', ['actor', 'id'], unique=False)
    op.create_index('ix_sale_line_product_id', 'sale_line', ['product_id', 'sale_id'], unique=False)
    for table, column in (('sale', 'discount_reason'), ('sale_line', 'serial'), ('sale_tender', 'last_four')):
        op.execute(f"CREATE INDEX ix_{table}_{column} ON {table} ({column}) WHERE {column} <> ''")
    for table in WRITTEN_ONCE:
        _write_once(table)


def _write_once(table: str) -> None:
    """The guards as they were at this revision (the function that PostgreSQL calls is from 0001)."""
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is written once: {action} refused'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
