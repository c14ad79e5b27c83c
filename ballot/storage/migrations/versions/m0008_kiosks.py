"""Kiosks, where helpers let people vote at a shared device, and how many votes were cast so."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables; the planner keeps no sample of a number that changes with votes."""
    op.create_table(
        "kiosks",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_kiosks_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_kiosks")),
    )
    op.create_table(
        "assisted",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_assisted_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_assisted")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE assisted ALTER COLUMN number SET STATISTICS 0")
