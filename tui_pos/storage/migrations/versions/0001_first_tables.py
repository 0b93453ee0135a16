"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = {
    "sqlite": [
        "CREATE TRIGGER cash_movement_no_update BEFORE UPDATE ON cash_movement BEGIN SELECT RAISE(ABORT, 'cash_movement is written once: UPDATE refused'); END",
        "CREATE TRIGGER cash_movement_no_delete BEFORE DELETE ON cash_movement BEGIN SELECT RAISE(ABORT, 'cash_movement is written once: DELETE refused'); END",
        "CREATE TRIGGER correction_no_update BEFORE UPDATE ON correction BEGIN SELECT RAISE(ABORT, 'correction is written once: UPDATE refused'); END",
        "CREATE TRIGGER correction_no_delete BEFORE DELETE ON correction BEGIN SELECT RAISE(ABORT, 'correction is written once: DELETE refused'); END",
        "CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry BEGIN SELECT RAISE(ABORT, 'journal_entry is written once: UPDATE refused'); END",
        "CREATE TRIGGER journal_entry_no_delete BEFORE DELETE ON journal_entry BEGIN SELECT RAISE(ABORT, 'journal_entry is written once: DELETE refused'); END",
        "CREATE TRIGGER sale_no_update BEFORE UPDATE ON sale BEGIN SELECT RAISE(ABORT, 'sale is written once: UPDATE refused'); END",
        "CREATE TRIGGER sale_no_delete BEFORE DELETE ON sale BEGIN SELECT RAISE(ABORT, 'sale is written once: DELETE refused'); END",
        'CREATE INDEX ix_product_sku_lower ON product (lower(sku))',
        'CREATE INDEX ix_product_name_lower ON product (lower(name))',
        "CREATE VIRTUAL TABLE product_words USING fts5(sku, name, tags, content='product', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')",
        'CREATE TRIGGER product_words_added AFTER INSERT ON product BEGIN INSERT INTO product_words(rowid, sku, name, tags) VALUES (new.id, new.sku, new.name, new.tags); END',
        "CREATE TRIGGER product_words_removed AFTER DELETE ON product BEGIN INSERT INTO product_words(product_words, rowid, sku, name, tags) VALUES ('delete', old.id, old.sku, old.name, old.tags); END",
        "CREATE TRIGGER product_words_changed AFTER UPDATE OF id, sku, name, tags ON product WHEN (old.id, old.sku, old.name, old.tags) IS NOT (new.id, new.sku, new.name, new.tags) BEGIN INSERT INTO product_words(product_words, rowid, sku, name, tags) VALUES ('delete', old.id, old.sku, old.name, old.tags); INSERT INTO product_words(rowid, sku, name, tags) VALUES (new.id, new.sku, new.name, new.tags); END",
        "CREATE TRIGGER sale_tax_no_update BEFORE UPDATE ON sale_tax BEGIN SELECT RAISE(ABORT, 'sale_tax is written once: UPDATE refused'); END",
        "CREATE TRIGGER sale_tax_no_delete BEFORE DELETE ON sale_tax BEGIN SELECT RAISE(ABORT, 'sale_tax is written once: DELETE refused'); END",
        "CREATE TRIGGER sale_tender_no_update BEFORE UPDATE ON sale_tender BEGIN SELECT RAISE(ABORT, 'sale_tender is written once: UPDATE refused'); END",
        "CREATE TRIGGER sale_tender_no_delete BEFORE DELETE ON sale_tender BEGIN SELECT RAISE(ABORT, 'sale_tender is written once: DELETE refused'); END",
        "CREATE TRIGGER sale_line_no_update BEFORE UPDATE ON sale_line BEGIN SELECT RAISE(ABORT, 'sale_line is written once: UPDATE refused'); END",
        "CREATE TRIGGER sale_line_no_delete BEFORE DELETE ON sale_line BEGIN SELECT RAISE(ABORT, 'sale_line is written once: DELETE refused'); END",
        "CREATE INDEX ix_sale_line_returns ON sale_line (returns_sale_id) WHERE returns_sale_id IS NOT NULL",
        "CREATE TRIGGER stock_movement_no_update BEFORE UPDATE ON stock_movement BEGIN SELECT RAISE(ABORT, 'stock_movement is written once: UPDATE refused'); END",
        "CREATE TRIGGER stock_movement_no_delete BEFORE DELETE ON stock_movement BEGIN SELECT RAISE(ABORT, 'stock_movement is written once: DELETE refused'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''% is written once: % refused'', TG_TABLE_NAME, TG_OP; END'",
        'CREATE TRIGGER cash_movement_no_change BEFORE UPDATE OR DELETE ON cash_movement FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER cash_movement_no_truncate BEFORE TRUNCATE ON cash_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER correction_no_change BEFORE UPDATE OR DELETE ON correction FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER correction_no_truncate BEFORE TRUNCATE ON correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER journal_entry_no_change BEFORE UPDATE OR DELETE ON journal_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_no_change BEFORE UPDATE OR DELETE ON sale FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_no_truncate BEFORE TRUNCATE ON sale FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'CREATE INDEX ix_product_sku_lower ON product (lower(sku) text_pattern_ops)',
        'CREATE INDEX ix_product_name_lower ON product (lower(name) text_pattern_ops)',
        "CREATE FUNCTION search_words(text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT array_remove(string_to_array(regexp_replace(lower(regexp_replace(normalize($1, NFKD), ''[\\u0300-\\u036f]'', '''', ''g'')), ''[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u3000-\\u303f]+'', '' '', ''g''), '' ''), '''')'",
        "CREATE INDEX ix_product_words ON product USING gin (array_to_tsvector(search_words(sku || ' ' || name || ' ' || tags))) WITH (fastupdate = off)",
        'CREATE TRIGGER sale_tax_no_change BEFORE UPDATE OR DELETE ON sale_tax FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_tax_no_truncate BEFORE TRUNCATE ON sale_tax FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_tender_no_change BEFORE UPDATE OR DELETE ON sale_tender FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_tender_no_truncate BEFORE TRUNCATE ON sale_tender FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_line_no_change BEFORE UPDATE OR DELETE ON sale_line FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER sale_line_no_truncate BEFORE TRUNCATE ON sale_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        "CREATE INDEX ix_sale_line_returns ON sale_line (returns_sale_id) WHERE returns_sale_id IS NOT NULL",
        'CREATE TRIGGER stock_movement_no_change BEFORE UPDATE OR DELETE ON stock_movement FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER stock_movement_no_truncate BEFORE TRUNCATE ON stock_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
    ],
}


def upgrade() -> None:
    op.create_table('cash_movement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=True),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_movement'))
    )
    op.create_index(op.f('ix_cash_movement_till'), 'cash_movement', ['till'], unique=False)
    op.create_table('correction',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    op.create_index(op.f('ix_correction_sale_id'), 'correction', ['sale_id'], unique=False)
    op.create_table('journal_entry',
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('stream', sa.String(length=16), nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('prev_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('till', 'stream', 'seq', name=op.f('pk_journal_entry'))
    )
    op.create_table('open_sale',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by', sa.String(length=80), nullable=False),
    sa.Column('held_as', sa.String(length=80), nullable=True),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('age_confirmed', sa.Integer(), nullable=False),
    sa.Column('discount', sa.String(length=40), nullable=False),
    sa.Column('discount_reason', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_open_sale'))
    )
    op.create_index(op.f('ix_open_sale_till'), 'open_sale', ['till'], unique=False)
    op.create_table('print_job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_print_job'))
    )
    op.create_index(op.f('ix_print_job_sale_id'), 'print_job', ['sale_id'], unique=False)
    op.create_index('ix_print_job_till_state', 'print_job', ['till', 'state'], unique=False)
    op.create_table('sale',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('exponent', sa.Integer(), nullable=False),
    sa.Column('prices_include_tax', sa.Boolean(), nullable=False),
    sa.Column('tax_rounding', sa.String(length=8), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('discount_minor', sa.BigInteger(), nullable=False),
    sa.Column('cash_rounding_minor', sa.BigInteger(), nullable=False),
    sa.Column('change_minor', sa.BigInteger(), nullable=False),
    sa.Column('discount', sa.String(length=40), nullable=False),
    sa.Column('discount_reason', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale')),
    sa.UniqueConstraint('till', 'number', name='uq_sale_till_number')
    )
    op.create_index('ix_sale_till_business_date', 'sale', ['till', 'business_date'], unique=False)
    op.create_table('shop_fact',
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('value', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_shop_fact'))
    )
    op.create_table('tax_class',
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_tax_class'))
    )
    op.create_table('unknown_code',
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('problem', sa.String(length=16), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_unknown_code'))
    )
    op.create_table('open_tender',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('given_minor', sa.BigInteger(), nullable=False),
    sa.Column('entered_by_hand', sa.Boolean(), nullable=False),
    sa.Column('authorisation', sa.String(length=40), nullable=False),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.ForeignKeyConstraint(['sale_id'], ['open_sale.id'], name=op.f('fk_open_tender_sale_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_open_tender'))
    )
    op.create_index(op.f('ix_open_tender_sale_id'), 'open_tender', ['sale_id'], unique=False)
    op.create_table('product',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=True),
    sa.Column('tax_class', sa.String(length=32), nullable=False),
    sa.Column('unit', sa.String(length=8), nullable=False),
    sa.Column('department', sa.String(length=80), nullable=False),
    sa.Column('min_age', sa.Integer(), nullable=False),
    sa.Column('tags', sa.String(length=200), nullable=False),
    sa.Column('keeps_stock', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint('price_minor IS NULL OR price_minor >= 0', name=op.f('ck_product_price_not_negative')),
    sa.ForeignKeyConstraint(['tax_class'], ['tax_class.code'], name=op.f('fk_product_tax_class')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    sa.UniqueConstraint('sku', name=op.f('uq_product_sku'))
    )
    op.create_table('sale_tax',
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('tax_class', sa.String(length=32), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['sale_id'], ['sale.id'], name=op.f('fk_sale_tax_sale_id')),
    sa.PrimaryKeyConstraint('sale_id', 'tax_class', 'percent', 'kind', name=op.f('pk_sale_tax'))
    )
    op.create_table('sale_tender',
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('given_minor', sa.BigInteger(), nullable=False),
    sa.Column('entered_by_hand', sa.Boolean(), nullable=False),
    sa.Column('authorisation', sa.String(length=40), nullable=False),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.ForeignKeyConstraint(['sale_id'], ['sale.id'], name=op.f('fk_sale_tender_sale_id')),
    sa.PrimaryKeyConstraint('sale_id', 'position', name=op.f('pk_sale_tender'))
    )
    op.create_table('tax_rate',
    sa.Column('tax_class', sa.String(length=32), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['tax_class'], ['tax_class.code'], name=op.f('fk_tax_rate_tax_class')),
    sa.PrimaryKeyConstraint('tax_class', 'valid_from', name=op.f('pk_tax_rate'))
    )
    op.create_table('barcode',
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('product_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_barcode_product_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_barcode'))
    )
    op.create_index(op.f('ix_barcode_product_id'), 'barcode', ['product_id'], unique=False)
    op.create_table('open_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('keeps_stock', sa.Boolean(), nullable=False),
    sa.Column('fixed_amount_minor', sa.BigInteger(), nullable=True),
    sa.Column('fixed_tax_minor', sa.BigInteger(), nullable=True),
    sa.Column('product_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('unit', sa.String(length=8), nullable=False),
    sa.Column('department', sa.String(length=80), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('list_price_minor', sa.BigInteger(), nullable=True),
    sa.Column('discount', sa.String(length=40), nullable=False),
    sa.Column('tax_class', sa.String(length=32), nullable=False),
    sa.Column('tax_kind', sa.String(length=16), nullable=False),
    sa.Column('tax_percent', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('lot', sa.String(length=40), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('supplement', sa.String(length=5), nullable=False),
    sa.Column('returns_sale_id', sa.Uuid(), nullable=True),
    sa.Column('returns_position', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_open_line_product_id')),
    sa.ForeignKeyConstraint(['sale_id'], ['open_sale.id'], name=op.f('fk_open_line_sale_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_open_line'))
    )
    op.create_index(op.f('ix_open_line_sale_id'), 'open_line', ['sale_id'], unique=False)
    op.create_table('sale_line',
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('line_discount_minor', sa.BigInteger(), nullable=False),
    sa.Column('sale_discount_minor', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('product_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('unit', sa.String(length=8), nullable=False),
    sa.Column('department', sa.String(length=80), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('list_price_minor', sa.BigInteger(), nullable=True),
    sa.Column('discount', sa.String(length=40), nullable=False),
    sa.Column('tax_class', sa.String(length=32), nullable=False),
    sa.Column('tax_kind', sa.String(length=16), nullable=False),
    sa.Column('tax_percent', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('lot', sa.String(length=40), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('supplement', sa.String(length=5), nullable=False),
    sa.Column('returns_sale_id', sa.Uuid(), nullable=True),
    sa.Column('returns_position', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_sale_line_product_id')),
    sa.ForeignKeyConstraint(['sale_id'], ['sale.id'], name=op.f('fk_sale_line_sale_id')),
    sa.PrimaryKeyConstraint('sale_id', 'position', name=op.f('pk_sale_line'))
    )
    op.create_table('stock_movement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('till', sa.String(length=40), nullable=False),
    sa.Column('product_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=True),
    sa.Column('lot', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_stock_movement_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_movement'))
    )
    op.create_index(op.f('ix_stock_movement_product_id'), 'stock_movement', ['product_id'], unique=False)
    op.create_index(op.f('ix_stock_movement_sale_id'), 'stock_movement', ['sale_id'], unique=False)
    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if op.get_bind().dialect.name == "postgresql" else statement)
