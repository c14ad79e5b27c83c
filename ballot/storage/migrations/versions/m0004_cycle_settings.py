"""Settings of a cycle's own: which readings of its scheme it sets otherwise, as JSON by key."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let every cycle that is there have its scheme as it is written."""
    op.add_column("cycles", sa.Column("settings", sa.Text(), nullable=False, server_default="{}"))
