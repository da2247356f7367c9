"""python -m core.storage.revise "what changes": for developers, after a change of models.py.

Migrates an empty database to the current head, compares it with the models and writes the next numbered step
into migrations/versions. Read what it wrote: a rename looks like a drop and an add. Until the first release
0001 itself is made anew instead: `rm core/storage/migrations/versions/0001_*.py`, then
`python -m core.storage.revise "first schema"`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from alembic import command

from core.storage.engine import migration_engine
from core.storage.schema import alembic_config, known_revisions


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.storage.revise", description=__doc__)
    parser.add_argument("message", help="what changes, in a few words")
    message = parser.parse_args(argv).message
    number = f"{len(known_revisions()) + 1:04d}"
    config = alembic_config()
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "empty.db"
        database.touch()
        engine = migration_engine(database)
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
