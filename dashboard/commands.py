"""The few writes of the dashboard. Each checks the role again and leaves an audit row in its transaction."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from core.demo import end_demo
from core.domain.states import RequestKind, Role
from core.errors import GspeError
from core.home import site_paths as real_site_paths
from core.paths import SitePaths
from core.settings import CameraSettings
from core.settings_store import SettingsStore
from core.storage import audit, working_time
from core.storage.asking import CameraTestPayload, to_json
from core.storage.day_lines import DayLine, lines_of_day
from core.storage.engine import writer_engine
from core.storage.models import Base
from core.storage.requests import remove_request_photo, submit
from core.storage.retry import run_in_order
from dashboard import employee_deeds
from dashboard.auth import Account, refuse_below, require
from dashboard.camera_files import CameraChange, CameraFiles
from dashboard.database import site_paths
from dashboard.record_commands import require_whole_site
from dashboard.writes import refuse_department, refuse_foreign, write, write_or

CAMERA_TEST_EXPIRES_S = 60.0
MAX_CAMERA_ID = 999_999


def save_employee(employee_id: int | None, fields: Mapping[str, Any]) -> int:
    """Adds an employee, or changes the one of that id. Returns the id."""
    account = require(Role.HR)
    return write(lambda session, now: employee_deeds.save(session, account, employee_id, fields, now).id)


def set_employee_active(employee_id: int, *, active: bool) -> None:
    account = require(Role.HR)
    write(lambda session, now: employee_deeds.set_active(session, account, employee_id, active, now))


def test_camera(settings: CameraSettings) -> int:
    """Asks the worker to open a camera that is not saved yet; returns the request's id."""
    account = require_whole_site()
    paths = site_paths()
    asked = CameraTestPayload.of(paths, settings)

    def work(session: Session, now: datetime) -> int:
        actor, subject = account.username, f"cameras:{settings.id}"
        audit.append(session, now, actor, "camera.tested", subject, {"address": settings.display_url})
        kind, payload = RequestKind.TEST_CAMERA, to_json(asked)
        return submit(session, kind, payload, actor, now, CAMERA_TEST_EXPIRES_S)

    return write_or(work, lambda: remove_request_photo(paths, asked.settings))


def save_camera(settings: CameraSettings, expected_fingerprint: str | None) -> bool:
    """Writes a camera's settings, which the worker takes up within seconds; None for a new camera.

    Returns whether that ended the demo: the first real camera belongs to the site, which starts empty, also
    when the demo's own camera was edited into it.
    Raises SettingsConflict when the file changed since it was read.
    """
    account = require_whole_site()
    if is_demo() and settings.kind != "demo":
        if expected_fingerprint is not None:  # its number is the demo's
            settings = settings.changed(id=next_site_id(os.environ))
        _save_first_real_camera(settings, account)
        return True
    files = _files(site_paths(), settings, expected_fingerprint, account)
    write_or(files.work, files.undo)
    return False


def add_working_time(row: Base) -> None:
    """Stores a shift, an assignment, a holiday, leave or excused hours.

    Who is limited to departments may do so for them and their people; what concerns everybody is not his.
    """
    account = require(Role.HR)

    def work(session: Session, now: datetime) -> None:
        _refuse_foreign_entry(session, account, row)
        working_time.add(session, row, actor=account.username, now=now)

    write(work)


def remove_working_time(kind: type[Base], row_id: int) -> None:
    account = require(Role.HR)

    def work(session: Session, now: datetime) -> None:
        row = session.get(kind, row_id)
        if row is not None:
            _refuse_foreign_entry(session, account, row)
        working_time.remove(session, kind, row_id, actor=account.username, now=now)

    write(work)


def retire_shift(shift_id: int) -> None:
    account = require(Role.HR)
    refuse_department(account, None)
    write(lambda session, now: working_time.retire_shift(session, shift_id, actor=account.username, now=now))


def attendance_export(account: Account, day: date, takes: Callable[[DayLine], bool]) -> list[DayLine]:
    """The day's rows that `takes` leaves, of the people that this account may see; notes that."""
    refuse_below(account, Role.SUPERVISOR)

    def work(session: Session, now: datetime) -> list[DayLine]:
        found = [row for row in lines_of_day(session, day, account.departments) if takes(row)]
        params = {"rows": len(found), "format": "csv"}
        audit.append(session, now, account.username, "attendance.exported", f"attendances:{day}", params)
        return found

    return write(work)


def next_site_id(environment: Mapping[str, str]) -> int:
    """The number of the site's next camera, whatever home the programs work in."""
    return min(max({0, *SettingsStore(real_site_paths(environment)).load_cameras()}) + 1, MAX_CAMERA_ID)


def is_demo() -> bool:
    """Whether the programs work in the demo's home."""
    return os.environ.get("GSPE_DEMO") == "1"


def _save_first_real_camera(settings: CameraSettings, account: Account) -> None:
    """The site's database first: with the camera's file the programs restart in the site's home."""
    site = real_site_paths(os.environ)
    end_demo(site_paths(), site)
    files = _files(site, settings, None, account)
    engine, now = writer_engine(site.database), datetime.now(UTC)
    try:
        run_in_order(engine, lambda session: files.work(session, now))
    except GspeError:
        files.undo()
        raise
    finally:
        engine.dispose()


def _files(paths: SitePaths, settings: CameraSettings, fingerprint: str | None, who: Account) -> CameraFiles:
    params = {"address": settings.display_url, "enabled": settings.enabled, "name": settings.name}

    def note(session: Session, now: datetime, told: dict[str, Any]) -> None:
        audit.append(session, now, who.username, "camera.saved", f"cameras:{settings.id}", params | told)

    return CameraFiles(paths, [CameraChange(settings.id, settings, fingerprint)], note)


def _refuse_foreign_entry(session: Session, account: Account, row: Base) -> None:
    """An entry that lacks its employee passes: storage says what is missing."""
    employee_id, department = getattr(row, "employee_id", None), getattr(row, "department", None) or None
    if employee_id is not None:
        refuse_foreign(session, account, employee_id)
    elif department is not None or not hasattr(row, "employee_id"):
        refuse_department(account, department)
