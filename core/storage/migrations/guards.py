"""What no migration may break. They run in its transaction, so a refusal leaves the old schema."""

from sqlalchemy import Connection

from core.errors import StorageError


def refuse_orphans(connection: Connection) -> None:
    """The steps ran without foreign keys; a row that lost its parent undoes them all."""
    orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if orphan is not None:
        raise StorageError(
            f"the migration was undone: a row of {orphan[0]} would point to a missing row of {orphan[2]}; "
            "report this with the schema version"
        )


def used_ids(connection: Connection) -> dict[str, int]:
    """For each table that never reuses ids the highest one it gave out, also to a row that is gone."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    tables = connection.exec_driver_sql(query).scalars().all()
    if not tables:
        return {}
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence").all()
    given = {row.name: int(row.seq) for row in rows}
    return {table: given.get(table, 0) for table in tables}


def keep_ids_used(connection: Connection, before: dict[str, int]) -> None:
    """Batch mode builds a table anew and forgets which ids were given out; they are never given again."""
    after = used_ids(connection)
    remaining = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    for table in before.keys() & set(remaining.scalars()):
        if table not in after:
            raise StorageError(
                f"the migration was undone: {table} would reuse ids; give its batch_alter_table "
                "table_kwargs={'sqlite_autoincrement': True}"
            )
        highest = max(before[table], after[table])
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, highest))


def refuse_visits_of_nobody(connection: Connection) -> None:
    """For a step back to a schema in which every visit is somebody's."""
    count = connection.exec_driver_sql("SELECT count(*) FROM visits WHERE employee_id IS NULL").scalar_one()
    if count:
        raise StorageError(
            f"the step back was not begun: {count} visits are nobody's, which the older schema cannot keep; "
            "say on their days whose they were, or restore the backup from before the upgrade"
        )
