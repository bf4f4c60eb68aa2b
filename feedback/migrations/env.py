"""Runs the migrations inside the transaction of the caller, on the connection handed over."""

from alembic import context

from feedback.migrations import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="",
)
context.run_migrations()
