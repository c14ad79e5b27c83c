"""Schemes of a cycle's own: the text of a changed preset, or of a document brought along."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let every cycle that is there have its preset."""
    op.create_table(
        "own_schemes",
        sa.Column("cycle_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("based_on", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_own_schemes_cycle_id")),
        sa.PrimaryKeyConstraint("cycle_id", name=op.f("pk_own_schemes")),
    )
