"""A text that names a sale's customer, and the names that products were sold under before.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE former_name_words USING fts5(name, content='former_name', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')",
        "CREATE TRIGGER former_name_words_added AFTER INSERT ON former_name BEGIN INSERT INTO former_name_words(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER former_name_words_removed AFTER DELETE ON former_name BEGIN INSERT INTO former_name_words(former_name_words, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER product_renamed AFTER UPDATE OF name ON product WHEN old.name <> new.name BEGIN INSERT INTO former_name (product_id, name) VALUES (old.id, old.name) ON CONFLICT (product_id, name) DO NOTHING; END",
    ],
    "postgresql": [
        "CREATE INDEX ix_former_name_words ON former_name USING gin (array_to_tsvector(search_words(name))) WITH (fastupdate = off)",
        "CREATE FUNCTION keep_former_name() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO former_name (product_id, name) VALUES (OLD.id, OLD.name) ON CONFLICT (product_id, name) DO NOTHING; RETURN NULL; END'",
        "CREATE TRIGGER product_renamed AFTER UPDATE OF name ON product FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION keep_former_name()",
    ],
}


def upgrade() -> None:
    for table in ("open_sale", "sale"):
        op.add_column(
            table, sa.Column("customer_text", sa.String(length=80), nullable=False, server_default="")
        )
    op.execute("CREATE INDEX ix_sale_customer_text ON sale (customer_text) WHERE customer_text <> ''")
    op.create_table(
        "former_name",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_former_name_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_name")),
        sa.UniqueConstraint("product_id", "name", name=op.f("uq_former_name_product_id_name")),
    )
    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.execute(statement)
    # What was renamed before this migration is known by the lines that were sold.
    op.execute(
        "INSERT INTO former_name (product_id, name) SELECT DISTINCT sold.product_id, sold.name FROM sale_line AS sold "
        "JOIN product ON product.id = sold.product_id WHERE sold.name <> product.name"
    )
