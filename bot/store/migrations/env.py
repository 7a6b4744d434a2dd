"""How Alembic meets our store: batch mode for SQLite, plain column types in what it writes."""

from alembic import context

from bot.store.tables import metadata
from bot.store.types import UtcTime


def plainly(kind, thing, _autogen):
    """Migrations import nothing of ours, so our instants are written as what they are."""
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=plainly,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
