"""Rows as the database would hold them after a quiet morning, for tests that spoil one."""

from typing import Any

from benchmarks.chaos.rows import TABLES, Row, Rows


def at(seconds: float) -> str:
    """A stored time, seconds after nine o'clock."""
    return f"2026-11-23 09:{int(seconds) // 60:02}:{seconds % 60:09.6f}"


def row(table: str, **values: Any) -> Row:
    """Every followed column; what is not given is null."""
    unknown = values.keys() - set(TABLES[table].columns)
    assert not unknown, unknown
    return dict.fromkeys(TABLES[table].columns) | values


def visit(number: int, arrived_s: float, seen_s: float, *, departed: bool = True, employee: int = 1) -> Row:
    departed_at = at(seen_s) if departed else None
    return row(
        "visits",
        id=number,
        employee_id=employee,
        camera_id=1,
        arrived_at=at(arrived_s),
        last_seen_at=at(seen_s),
        departed_at=departed_at,
        closed_by="timeout" if departed else None,
        last_camera_id=1,
    )


def coverage(number: int, state: str, start_s: float, end_s: float, camera: int = 1) -> Row:
    return row(
        "camera_coverage",
        id=number,
        camera_id=camera,
        state=state,
        started_at=at(start_s),
        ended_at=at(end_s),
    )


def picture(number: int, kind: str, captured_s: float, path: str = "a.jpg") -> Row:
    return row(
        "evidence", id=number, visit_id=1, kind=kind, captured_at=at(captured_s), path=path, sha256=path
    )


def attendance(first_in_s: float, last_out_s: float, number: int = 1) -> Row:
    return row(
        "attendances",
        id=number,
        employee_id=1,
        attendance_date="2026-11-23",
        first_in_at=at(first_in_s),
        last_out_at=at(last_out_s),
        visit_count=1,
    )


def alert(number: int, *, resolved_s: float | None, employee: int = 1, state: str | None = None) -> Row:
    return row(
        "alert_logs",
        id=number,
        employee_id=employee,
        state=state or ("open" if resolved_s is None else "resolved"),
        opened_at=at(10),
        resolved_at=None if resolved_s is None else at(resolved_s),
    )


def rows(**tables: list[Row]) -> Rows:
    return {name: {table.key_of(one): one for one in tables.get(name, [])} for name, table in TABLES.items()}
