"""What Alembic runs: one transaction for all pending steps, so that a kill leaves the old schema whole."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from core.storage.migrations.guards import keep_ids_used, refuse_orphans, used_ids
from core.storage.models import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Keeps migrations independent of the models: a column type is written as what the database stores."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        before = used_ids(connection)
        context.run_migrations()
        refuse_orphans(connection)
        keep_ids_used(connection, before)


run()
