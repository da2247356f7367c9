"""How SQLite answers queries: which tables it reads from end to end."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

TINY_TABLES = {"site", "worker_status", "cameras", "month_locks", "camera_ties", "shifts", "site_pauses"}
"""One row, one a camera or month, or what people enter by hand and pages list whole."""


def scanned(session: Session, call: Callable[[Session], Any]) -> set[str]:
    """The tables that grow and that the queries of a call scan."""
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[-1] for row in plan.fetchall())

    event.listen(session.get_bind(), "before_cursor_execute", explain)
    call(session)
    event.remove(session.get_bind(), "before_cursor_execute", explain)
    assert plans, "the query never reached the database"
    found = {re.sub(r"_\d+$", "", plan.split()[1]) for plan in plans if plan.startswith("SCAN ")}
    return found - TINY_TABLES - {"CONSTANT"}
