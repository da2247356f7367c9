"""What Alembic runs: one transaction for all pending steps, so that a kill leaves the old schema whole."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from core.errors import StorageError
from core.storage.models import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Keeps migrations independent of the models: a column type is written as what the database stores."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        refuse_orphans(context.config.attributes["connection"])


def refuse_orphans(connection: Connection) -> None:
    """The steps ran without foreign keys; a row that lost its parent undoes them all."""
    orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if orphan is not None:
        raise StorageError(
            f"the migration was undone: a row of {orphan[0]} would point to a missing row of {orphan[2]}; "
            "report this with the schema version"
        )


run()
