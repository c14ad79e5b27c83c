"""Hand-outs; mobile boxes; a ballot knows its batch, and a batch whether it was voided whole."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let old ballots know no batch, and old batches be for the hall."""
    op.add_column("ballots", sa.Column("batch_id", sa.Integer(), nullable=True))
    for name, kind in (
        ("box", sa.Text()),
        ("voided_by", sa.Text()),
        ("voided_at", sa.DateTime(timezone=True)),
        ("voided_why", sa.Text()),
    ):
        op.add_column("batches", sa.Column(name, kind, nullable=True))
    op.create_table(
        "hand_outs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_hand_outs_poll_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_outs")),
    )
    op.create_index(op.f("ix_hand_outs_poll_id"), "hand_outs", ["poll_id"], unique=False)
