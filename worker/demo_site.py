"""python -m worker.demo_site prepare: the demo's home, ready to be watched.

The demo has settings, a database and people of its own below data/demo, so that nothing it shows ever reaches
the site's records. Repeating the command puts back what is missing and leaves the rest as it is.
"""

import argparse
import os
import sys
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.errors import GspeError
from core.home import site_paths
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters, WorkingWeek, system_time_zone
from core.settings_store import MISSING, SettingsStore
from core.storage import employees
from core.storage.engine import writer_engine
from core.storage.migrate import migrate
from core.storage.models import Employee, FaceTemplate
from core.storage.retry import run_in_order
from worker.demo_faces import EMPLOYEES, DemoEmployee

CAMERA_ID = 1
ACTOR = "demo"
CONSENT_BASIS = "demo"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m worker.demo_site", description=__doc__)
    parser.add_argument("action", choices=["prepare"])
    parser.parse_args(argv)
    demo = SitePaths(site_paths(os.environ).demo_home)
    try:
        enrolled = prepare(demo)
    except GspeError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    sys.stdout.write(f"demo: ready, {enrolled} people enrolled now\n")
    return 0


def prepare(demo: SitePaths) -> int:
    """Settings, database, camera and people of the demo. Returns how many people were enrolled now.

    Raises GspeError: settings or database that cannot be used, a missing photo, or no model pack.
    """
    migrate(demo)
    parameters = _prepare_settings(demo)
    engine = writer_engine(demo.database)
    try:
        waiting = run_in_order(engine, _prepare_people)
        if waiting:
            _enrol(demo, engine, parameters, waiting)
        return len(waiting)
    finally:
        engine.dispose()


def demo_parameters() -> Parameters:
    """Working time is always, and short time-outs show in a minute what takes an office a morning.

    The models run on what is installed: whoever tries the demo on plain CPUs did not ask for a GPU.
    """
    from worker.analysis.sessions import SessionOptions  # noqa: PLC0415  as below

    return Parameters(
        providers=tuple(SessionOptions(Parameters().providers).usable),
        time_zone=system_time_zone(),
        working_hours=WorkingWeek.always(),
        present_timeout_sec=5.0,
        tracking_timeout=15.0,
        alert_min_interval_sec=10.0,
        attendance_last_out_delay_sec=5.0,
    )


def demo_camera() -> CameraSettings:
    return CameraSettings(
        id=CAMERA_ID, name="Demo reception", rtsp_url=SecretStr("demo:"), location="Demo reception"
    )


def _prepare_settings(demo: SitePaths) -> Parameters:
    """Writes what is missing: whoever tries the demo may change its settings, and finds them again."""
    store = SettingsStore(demo)
    if CAMERA_ID not in store.load_cameras():
        store.save_camera(demo_camera())
    if not demo.parameters.exists():
        store.save_parameters(demo_parameters(), MISSING)
    return store.load_parameters().value


def _prepare_people(session: Session) -> dict[int, DemoEmployee]:
    """Makes the demo's employees active and consenting; returns those without a template, by their ids."""
    now = datetime.now(UTC)
    waiting = {}
    for person in EMPLOYEES:
        employee = employees.employee_by_code(session, person.code)
        if employee is None:
            fields = {"code": person.code, "name": person.name, "department": person.department}
            employee = employees.create_employee(session, fields, actor=ACTOR, now=now)
        employees.reactivate_employee(session, employee.id, actor=ACTOR, now=now)
        if not employees.has_consent(session, employee.id):
            employees.record_consent(
                session, employee.id, CONSENT_BASIS, employees.CONSENT_TEXT_VERSION, actor=ACTOR, now=now
            )
        if not _has_template(session, employee):
            waiting[employee.id] = person
    return waiting


def _has_template(session: Session, employee: Employee) -> bool:
    in_force = select(FaceTemplate.id).where(
        FaceTemplate.employee_id == employee.id, FaceTemplate.revoked_at.is_(None)
    )
    return session.scalar(in_force.limit(1)) is not None


def _enrol(demo: SitePaths, engine: Engine, parameters: Parameters, waiting: dict[int, DemoEmployee]) -> None:
    from worker.enrolment import Enroller, Terms  # noqa: PLC0415  a later start needs no models
    from worker.packs import load_pack  # noqa: PLC0415

    enroller = Enroller(demo, engine, load_pack(parameters))
    for employee_id, person in waiting.items():
        photo = person.face.enrolment_photo()
        answer = enroller.enrol(employee_id, photo, Terms("demo", ACTOR, allow_look_alike=True))
        if not answer.accepted:
            raise GspeError(
                f"the model pack {parameters.model_pack!r} refuses the demo's photo of {person.code}"
                f" ({answer.outcome}); set model_pack to 'open' in {demo.parameters}, or run with --no-demo"
            )


if __name__ == "__main__":
    sys.exit(main())
