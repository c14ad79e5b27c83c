"""The schema's history (Alembic): applied at start, in one transaction, under a lock."""
