"""What a replay found, from its rows. Two replays of one recording give equal reports, timings aside."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.recognition import UnknownTrack
from core.storage.models import AlertLog, Attendance, CameraCoverage, Employee, Evidence, Visit


def build_report(
    session: Session, frames: int, unknown: Sequence[UnknownTrack], timings: Mapping[str, float]
) -> dict[str, Any]:
    """Times are ISO 8601 in UTC; paths are relative to the scratch home."""
    return {
        "visits": _visits(session),
        "attendances": _attendances(session),
        "alerts": _alerts(session),
        "coverage": _coverage(session),
        "unknown_tracks": [
            {"first_seen_at": iso(track.first_seen_at), "last_seen_at": iso(track.last_seen_at)}
            for track in sorted(unknown, key=lambda t: (t.first_seen_at, t.track_id))
        ],
        "frames": frames,
        "timings": {name: round(seconds, 3) for name, seconds in timings.items()},
    }


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _visits(session: Session) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Visit, Employee.code).join(Employee, Employee.id == Visit.employee_id).order_by(Visit.id)
    )
    return [
        {
            "employee_code": code,
            "camera_id": visit.camera_id,
            "arrived_at": iso(visit.arrived_at),
            "last_seen_at": iso(visit.last_seen_at),
        }
        for visit, code in rows
    ]


def _attendances(session: Session) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Attendance, Employee.code)
        .join(Employee, Employee.id == Attendance.employee_id)
        .order_by(Attendance.attendance_date, Employee.code)
    )
    return [
        {
            "employee_code": code,
            "date": row.attendance_date.isoformat(),
            "first_in_at": iso(row.first_in_at),
            "last_out_at": iso(row.last_out_at),
            "first_in_path": _path(session, row.first_in_evidence_id),
            "last_out_path": _path(session, row.last_out_evidence_id),
        }
        for row, code in rows
    ]


def _path(session: Session, evidence_id: int | None) -> str | None:
    evidence = session.get(Evidence, evidence_id) if evidence_id is not None else None
    return evidence.path if evidence is not None else None


def _alerts(session: Session) -> list[dict[str, Any]]:
    rows = session.execute(
        select(AlertLog, Employee.code)
        .outerjoin(Employee, Employee.id == AlertLog.employee_id)
        .order_by(AlertLog.id)
    )
    return [
        {
            "kind": alert.kind,
            "employee_code": code,
            "absent_since": iso(alert.absent_since) if alert.absent_since else None,
            "opened_at": iso(alert.opened_at),
            "resolved_at": iso(alert.resolved_at) if alert.resolved_at else None,
            "resolution": alert.resolution,
            "duration_s": alert.duration_s,
        }
        for alert, code in rows
    ]


def _coverage(session: Session) -> list[dict[str, Any]]:
    rows = session.scalars(select(CameraCoverage).order_by(CameraCoverage.id))
    return [
        {
            "camera_id": row.camera_id,
            "state": row.state,
            "started_at": iso(row.started_at),
            "ended_at": iso(row.ended_at),
        }
        for row in rows
    ]
