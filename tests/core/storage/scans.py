"""Which tables a query reads from end to end, as SQLite plans it."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

TINY_TABLES = {
    *("site", "worker_status", "cameras", "legal_holds"),
    *("month_locks", "camera_ties", "shifts", "site_pauses"),
}
"""One row, one a camera or month, or what people enter by hand: reading all of it is what the page wants."""


def scanned_tables(session: Session, ask: Callable[[], Any]) -> set[str]:
    """The growing tables that the query of `ask` scans; it must reach the database."""
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[-1] for row in plan.fetchall())

    event.listen(session.get_bind(), "before_cursor_execute", explain)
    try:
        ask()
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", explain)
    assert plans, "the query never reached the database"
    scanned = {re.sub(r"_\d+$", "", plan.split()[1]) for plan in plans if plan.startswith("SCAN ")}
    return scanned - TINY_TABLES - {"CONSTANT"}
