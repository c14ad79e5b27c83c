"""Accounts know a full name, a temporary password and their end; requests for confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every account its name as full name; passwords that are there stay as good as ever."""
    op.add_column("users", sa.Column("full_name", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "users", sa.Column("temporary", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("users", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE users SET full_name = name")
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settler_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["poll_id"],
            ["polls.id"],
            name=op.f("fk_confirmations_poll_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["asker_id"], ["users.id"], name=op.f("fk_confirmations_asker_id")),
        sa.ForeignKeyConstraint(
            ["settler_id"], ["users.id"], name=op.f("fk_confirmations_settler_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
    )
    op.create_index(op.f("ix_confirmations_poll_id"), "confirmations", ["poll_id"], unique=False)
