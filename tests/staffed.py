"""A site that knows real men from their photos."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage.employees import create_employee, record_consent
from core.storage.engine import writer_engine
from core.storage.migrate import migrate
from tests.face_clip import enrolment_photo
from worker.enrolment import Enroller, Terms
from worker.packs import load_pack


def staffed_site(home: Path, photos: Sequence[str]) -> SitePaths:
    """A migrated home without settings where these men are enrolled; ids follow their order."""
    paths = SitePaths(home).create()
    migrate(paths)
    engine = writer_engine(paths.database)
    enroller = Enroller(paths, engine, load_pack(SettingsStore(paths).load_parameters().value))
    for photo in photos:
        now = datetime.now(UTC)
        with Session(engine) as session, session.begin():
            person = create_employee(session, {"code": photo, "name": photo}, actor="test", now=now).id
            record_consent(session, person, "consent", "1", actor="test", now=now)
        answer = enroller.enrol(person, enrolment_photo(photo), Terms("test", "test"))
        assert answer.accepted, (photo, answer)
    engine.dispose()
    paths.parameters.unlink()
    return paths
