"""Copies of polls, numbers of wiped rehearsals, big screens."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let every poll that is there be nobody's copy, and without a screen."""
    with op.batch_alter_table("polls") as polls:
        polls.add_column(sa.Column("copy_of", sa.Integer(), nullable=True))
        polls.create_foreign_key(op.f("fk_polls_copy_of"), "polls", ["copy_of"], ["id"])
    op.create_table(
        "wiped",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scrubbed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_wiped")),
    )
    op.create_table(
        "screens",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=20), nullable=True),
        sa.Column("by_rank", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_screens_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_screens")),
        sa.UniqueConstraint("key", name=op.f("uq_screens_key")),
    )
