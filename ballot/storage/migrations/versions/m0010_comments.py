"""Comments, and whether they are published."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the planner of PostgreSQL keeps no sample of what was written."""
    op.create_table(
        "comments",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("why", sa.String(length=10), nullable=True),
        sa.Column("masked", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("poll_id", "id", name=op.f("pk_comments")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "published_comments",
        sa.Column("poll_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["polls.id"], name=op.f("fk_published_comments_poll_id")
        ),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_published_comments")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for column in ("id", "text", "masked"):
            op.execute(f"ALTER TABLE comments ALTER COLUMN {column} SET STATISTICS 0")
