"""Run by Alembic: it works on the connection that `storage/schema.py` hands over."""

from alembic import context

from ballot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction covers every step
)
context.run_migrations()
