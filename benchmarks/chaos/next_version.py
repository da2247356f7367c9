"""The next version's migration: python -m benchmarks.chaos.next_version up FOLDER | down FOLDER

`up` is `python -m core.storage migrate` of a version with one more step, which builds two tables anew; `down`
undoes the step, so that this version can go on. FOLDER keeps that version's migrations.
"""

import shutil
import sys
from pathlib import Path

from alembic import command

from core.paths import SitePaths
from core.storage import schema
from core.storage.__main__ import main as storage
from core.storage.engine import migration_engine

REVISION = "chaos"
STEP = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{after}"
branch_labels = depends_on = None
TABLES = ("events", "attendances")


def rebuild(table):
    return op.batch_alter_table(table, recreate="always", table_kwargs={{"sqlite_autoincrement": True}})


def upgrade():
    for table in TABLES:
        with rebuild(table) as batch:
            batch.add_column(sa.Column("note", sa.String(), nullable=True))


def downgrade():
    for table in TABLES:
        with rebuild(table) as batch:
            batch.drop_column("note")
"""


def write_migrations(folder: Path) -> None:
    """This version's steps and one more."""
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    step = STEP.format(revision=REVISION, after=schema.head_revision())
    (folder / "versions" / f"{REVISION}.py").write_text(step)


def main(direction: str, folder: Path) -> int:
    schema.MIGRATIONS = folder
    if direction == "up":
        return storage(["migrate"])
    engine = migration_engine(SitePaths.from_environment().database)
    config = schema.alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
