"""The read side: what pages show, each question one short query over indexes, each answer frozen rows.

`departments` limits an answer to people of these departments; empty means everybody, as in
`users.departments`.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select, union_all
from sqlalchemy.orm import Session, aliased

from core.storage.models import (
    Attendance,
    Base,
    Camera,
    Consent,
    Employee,
    Evidence,
    FaceTemplate,
    Presence,
    Site,
    Visit,
    WorkerRequest,
    WorkerStatus,
)
from core.storage.rows import (
    AttendanceRow,
    CameraRow,
    ConsentRow,
    EmployeeRow,
    PresenceRow,
    RequestRow,
    Shot,
    SiteRow,
    TemplateRow,
    WorkerRow,
)


def site(session: Session) -> SiteRow | None:
    row = session.execute(select(Site.site_id, Site.site_name).limit(1)).first()
    return SiteRow(*row) if row else None


def worker(session: Session) -> WorkerRow | None:
    """The worker's last word, or None when none ever ran here."""
    query = select(*_columns(WorkerStatus, WorkerRow)).order_by(WorkerStatus.id).limit(1)
    row = session.execute(query).first()
    return WorkerRow(*row) if row else None


def cameras(session: Session) -> list[CameraRow]:
    """Every camera that still has its settings, in the order that was chosen."""
    query = select(*_columns(Camera, CameraRow)).where(Camera.removed_at.is_(None))
    query = query.order_by(Camera.position, Camera.id)
    return [CameraRow(*row) for row in session.execute(query)]


def camera_ids(session: Session) -> set[int]:
    """The number of every camera that ever was, those removed included: facts still name them."""
    return set(session.scalars(select(Camera.id)))


def departments(session: Session) -> list[str]:
    """The departments of active employees, in alphabetical order."""
    query = select(Employee.department).where(Employee.active.is_(True), Employee.department.is_not(None))
    return sorted({name for name in session.scalars(query.distinct()) if name})


def presence(session: Session, departments: Collection[str] = ()) -> list[PresenceRow]:
    """Every active employee with his state, in order of name."""
    query = (
        select(
            Employee.id,
            Employee.code,
            Employee.name,
            Employee.department,
            Employee.position,
            Presence.state,
            Presence.since,
            Presence.last_seen_at,
            Camera.name,
            Evidence.path,
            _newest_photo_path(),
            Camera.location,
            Evidence.score,
            Evidence.captured_at,
        )
        .outerjoin(Presence, Presence.employee_id == Employee.id)
        .outerjoin(Camera, Camera.id == Presence.last_camera_id)
        .outerjoin(Evidence, Evidence.id == _last_evidence_id())
        .where(Employee.active.is_(True), *_within(departments))
        .order_by(Employee.name, Employee.id)
    )
    return [PresenceRow(*row) for row in session.execute(query)]


def employees(session: Session, *, active: bool, departments: Collection[str] = ()) -> list[EmployeeRow]:
    """The active or the deactivated employees, in order of name."""
    query = _employee_query().where(Employee.active.is_(active), *_within(departments))
    return [EmployeeRow(*row) for row in session.execute(query.order_by(Employee.name, Employee.id))]


def employee(session: Session, employee_id: int, departments: Collection[str] = ()) -> EmployeeRow | None:
    query = _employee_query().where(Employee.id == employee_id, *_within(departments))
    row = session.execute(query).first()
    return EmployeeRow(*row) if row else None


def employee_names(
    session: Session, codes: Sequence[str], departments: Collection[str] = ()
) -> dict[str, str]:
    """Names by code, for sentences such as "looks like"."""
    query = select(Employee.code, Employee.name).where(Employee.code.in_(codes), *_within(departments))
    return dict(session.execute(query).all())


def consent(session: Session, employee_id: int) -> ConsentRow | None:
    """The newest consent that was not withdrawn."""
    newest = newest_consent(session, employee_id)  # a withdrawal ends all that there are
    return None if newest is None or newest.withdrawn_at is not None else newest


def newest_consent(session: Session, employee_id: int) -> ConsentRow | None:
    """The newest consent, withdrawn or not."""
    query = select(*_columns(Consent, ConsentRow)).where(Consent.employee_id == employee_id)
    row = session.execute(query.order_by(Consent.id.desc()).limit(1)).first()
    return ConsentRow(*row) if row else None


def templates(session: Session, employee_id: int) -> list[TemplateRow]:
    """The templates in use of one person, newest first; of a photo that several packs embedded the latest."""
    newest = (
        select(func.max(FaceTemplate.id))
        .where(FaceTemplate.employee_id == employee_id, FaceTemplate.revoked_at.is_(None))
        .group_by(FaceTemplate.photo_sha256)
    )
    query = (
        select(
            FaceTemplate.id,
            FaceTemplate.pack_id,
            FaceTemplate.source,
            FaceTemplate.photo_path,
            FaceTemplate.quality,
            FaceTemplate.created_at,
            Camera.name,
        )
        .outerjoin(Camera, Camera.id == FaceTemplate.camera_id)
        .where(FaceTemplate.id.in_(newest))
        .order_by(FaceTemplate.id.desc())
    )
    return [TemplateRow(*row) for row in session.execute(query)]


def requests(session: Session, kinds: Collection[str], finished_since: datetime) -> list[RequestRow]:
    """Requests of these kinds that wait, or that were answered at or after `finished_since`; oldest first."""
    columns, of_kinds = _columns(WorkerRequest, RequestRow), WorkerRequest.kind.in_(sorted(kinds))
    waiting = select(*columns).where(WorkerRequest.finished_at.is_(None), of_kinds)
    answered = select(*columns).where(WorkerRequest.finished_at >= finished_since, of_kinds)
    rows = [RequestRow(*row) for row in session.execute(union_all(waiting, answered))]
    return sorted(rows, key=lambda row: row.id)


def request(session: Session, request_id: int) -> RequestRow | None:
    query = select(*_columns(WorkerRequest, RequestRow)).where(WorkerRequest.id == request_id)
    row = session.execute(query).first()
    return RequestRow(*row) if row else None


def attendance(session: Session, day: date, departments: Collection[str] = ()) -> list[AttendanceRow]:
    """The attendance rows of one attendance day, in order of name; inactive people keep theirs."""
    rows = session.execute(
        _attendance_query(day).where(*_within(departments)).order_by(Employee.name, Employee.id)
    )
    return [_attendance_row(tuple(row)) for row in rows]


def _columns(table: type[Base], row: type[Any]) -> list[Any]:
    """The columns of a table that a row takes, in the row's order."""
    return [getattr(table, field.name) for field in fields(row)]


def _within(departments: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (Employee.department.in_(sorted(departments)),) if departments else ()


def _newest_photo_path() -> ScalarSelect[Any]:
    return (
        select(FaceTemplate.photo_path)
        .where(FaceTemplate.employee_id == Employee.id, FaceTemplate.revoked_at.is_(None))
        .order_by(FaceTemplate.id.desc())
        .limit(1)
        .correlate(Employee)
        .scalar_subquery()
    )


def _last_evidence_id() -> ScalarSelect[Any]:
    shot = aliased(Evidence)
    last_visit = (
        select(Visit.id)
        .where(Visit.employee_id == Employee.id)
        .order_by(Visit.arrived_at.desc())
        .limit(1)
        .correlate(Employee)
        .scalar_subquery()
    )
    return (
        select(shot.id)
        .where(shot.visit_id == last_visit, shot.path.is_not(None))
        .order_by(shot.captured_at.desc())
        .limit(1)
        .correlate(Employee)
        .scalar_subquery()
    )


def _employee_query() -> Select[*tuple[Any, ...]]:
    count = (
        select(func.count(FaceTemplate.photo_sha256.distinct()))
        .where(FaceTemplate.employee_id == Employee.id, FaceTemplate.revoked_at.is_(None))
        .correlate(Employee)
        .scalar_subquery()
    )
    return select(
        Employee.id,
        Employee.code,
        Employee.name,
        Employee.department,
        Employee.position,
        Employee.phone,
        Employee.active,
        Employee.deactivated_at,
        count,
        Presence.last_seen_at,
        _newest_photo_path(),
    ).outerjoin(Presence, Presence.employee_id == Employee.id)


def _attendance_query(day: date) -> Select[*tuple[Any, ...]]:
    first, last = aliased(Evidence), aliased(Evidence)
    first_camera, last_camera = aliased(Camera), aliased(Camera)
    return (
        select(
            Attendance.attendance_date,
            Employee.id,
            Employee.code,
            Employee.name,
            Employee.department,
            Attendance.first_in_at,
            *(first.id, first.path, first.captured_at, first_camera.name),
            Attendance.last_out_at,
            *(last.id, last.path, last.captured_at, last_camera.name),
            Attendance.last_out_final_at,
            Attendance.visit_count,
        )
        .join(Employee, Employee.id == Attendance.employee_id)
        .outerjoin(first, first.id == Attendance.first_in_evidence_id)
        .outerjoin(first_camera, first_camera.id == first.camera_id)
        .outerjoin(last, last.id == Attendance.last_out_evidence_id)
        .outerjoin(last_camera, last_camera.id == last.camera_id)
        .where(Attendance.attendance_date == day)
    )


def _attendance_row(row: tuple[Any, ...]) -> AttendanceRow:
    merged = (*row[:6], _shot(row[6:10]), row[10], _shot(row[11:15]), *row[15:])
    return AttendanceRow(*merged)


def _shot(columns: Sequence[Any]) -> Shot | None:
    return None if columns[0] is None else Shot(*columns)
