"""Jobs: work of more than a few seconds, done by the working process."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=10), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("begun_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=True),
        sa.Column("file", sa.String(length=32), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("problems", sa.Text(), nullable=True),
        sa.Column("gone", sa.String(length=10), nullable=True),
        sa.Column("gone_at", moment, nullable=True),
        sa.Column("gone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_jobs_cycle_id")),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["polls.id"], name=op.f("fk_jobs_poll_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_cycle_id"), "jobs", ["cycle_id"], unique=False)
    op.create_index(op.f("ix_jobs_poll_id"), "jobs", ["poll_id"], unique=False)
