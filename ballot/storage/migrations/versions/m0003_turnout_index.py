"""Index only the ballots that were used: a cast then adds to the index, and takes nothing out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_USED = sa.text("state <> 0")


def upgrade() -> None:
    """Make the index of turnouts anew."""
    op.drop_index("ix_ballots_turnout", "ballots")
    op.create_index(
        "ix_ballots_turnout",
        "ballots",
        ["poll_id", "group_index", "state"],
        unique=False,
        sqlite_where=_USED,
        postgresql_where=_USED,
    )
