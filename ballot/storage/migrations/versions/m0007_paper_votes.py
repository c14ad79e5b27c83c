"""Paper votes: their slips and what tellers enter, until they are taken over into the votes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNSAMPLED = {
    "paper_slips": ("digest", "poll_id", "group_index", "set_aside"),
    "paper_entries": ("poll_id", "hand", "group_index", "number", "said"),
}
"""What PostgreSQL's planner would else keep examples of, in its own tables."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "paper_piles",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("first_teller", sa.Text()),
        sa.Column("second_teller", sa.Text()),
        sa.Column("first_done", sa.Boolean(), nullable=False),
        sa.Column("second_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_paper_piles_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_paper_piles")),
    )
    op.create_table(
        "paper_slips",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("group_index", sa.SmallInteger(), nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_paper_slips")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_entries",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hand", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("group_index", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "poll_id", "hand", "group_index", "number", name=op.f("pk_paper_entries")
        ),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _UNSAMPLED.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
