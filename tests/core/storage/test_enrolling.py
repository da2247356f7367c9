"""What pages and routes do about faces: asking the worker, and ending everything by one withdrawal."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import RequestKind
from core.errors import GspeError
from core.paths import SitePaths
from core.storage import audit
from core.storage.asking import CapturePayload, EnrolPayload
from core.storage.biometrics import (
    NewTemplate,
    NewUnknownFace,
    active_templates,
    add_template,
    add_unknown_face,
    gallery_revision,
)
from core.storage.employees import create_employee, has_consent, record_consent
from core.storage.enrolling import CAPTURE_EXPIRES_S, ask_to_capture, ask_to_enrol, withdraw_consent
from core.storage.models import AuditLog, Camera, Consent, FaceTemplate, UnknownFace, WorkerRequest
from core.storage.requests import claim_next, result_of

PACK = ("open", "0" * 64)


@pytest.fixture
def sari(session: Session, now: datetime) -> int:
    person = create_employee(session, {"code": "E01", "name": "Sari"}, actor="hr", now=now).id
    record_consent(session, person, "consent", "1", actor="hr", now=now)
    for camera_id, enabled in ((1, True), (2, False)):
        facts = {"status": "online", "status_since": now, "updated_at": now, "refused_faces": {}}
        session.add(Camera(id=camera_id, name="Gate", location="", enabled=enabled, **facts))
    session.flush()
    return person


def last_row(session: Session) -> tuple[str, str, dict[str, object]]:
    row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
    return row.action, row.subject, row.params


def test_a_photo_is_asked_for_and_noted(session: Session, sari: int, now: datetime) -> None:
    asked = EnrolPayload(sari, "0" * 32, "a.jpg", "browser", allow_look_alike=True, pose="left")
    request_id = ask_to_enrol(session, asked, actor="admin", now=now)
    request = session.get_one(WorkerRequest, request_id)
    assert (request.kind, EnrolPayload(**request.payload)) == (RequestKind.ENROL, asked)
    params = {"request": request_id, "allow_look_alike": True}
    assert last_row(session) == ("photo.submitted", f"employees:{sari}", params)


def test_a_capture_is_asked_for_and_soon_too_late(session: Session, sari: int, now: datetime) -> None:
    request_id = ask_to_capture(session, CapturePayload(sari, 1, "front"), actor="hr", now=now)
    request = session.get_one(WorkerRequest, request_id)
    assert request.expires_at == now + timedelta(seconds=CAPTURE_EXPIRES_S)
    assert last_row(session) == (
        "photo.capture_asked",
        f"employees:{sari}",
        {"request": request_id, "camera": 1},
    )
    for camera_id in (2, 99):
        with pytest.raises(GspeError) as refusal:
            ask_to_capture(session, CapturePayload(sari, camera_id), actor="hr", now=now)
        assert refusal.value.code == "camera_not_enabled"


def test_without_a_basis_nothing_is_asked(session: Session, sari: int, now: datetime) -> None:
    withdraw_consent(session, sari, actor="hr", now=now)
    for ask in (
        lambda: ask_to_enrol(session, EnrolPayload(sari, "0" * 32, "a.jpg"), actor="hr", now=now),
        lambda: ask_to_capture(session, CapturePayload(sari, 1), actor="hr", now=now),
        lambda: withdraw_consent(session, sari, actor="hr", now=now),
    ):
        with pytest.raises(GspeError) as refusal:
            ask()
        assert refusal.value.code == "no_consent"
    with pytest.raises(GspeError) as refusal:
        withdraw_consent(session, 99, actor="hr", now=now)
    assert refusal.value.code == "employee_unknown"


def test_withdrawing_ends_every_template_and_recognition(
    session: Session, paths: SitePaths, sari: int, now: datetime
) -> None:
    for number in (1, 2):
        vector = np.eye(4, dtype=np.float32)[number]
        template = NewTemplate(sari, vector, *PACK, "upload", f"photo {number}".encode(), {})
        add_template(session, paths, template, actor="hr", now=now)
    before = gallery_revision(session)
    photos = sorted(row.photo_path or "" for row in session.scalars(select(FaceTemplate)))

    withdrawn = withdraw_consent(session, sari, actor="hr", now=now)

    assert (withdrawn.templates, sorted(withdrawn.pictures), withdrawn.waiting) == (2, photos, [])
    kept = [(row.embedding, row.photo_path) for row in session.scalars(select(FaceTemplate))]
    assert kept == [(None, None)] * 2
    assert active_templates(session, *PACK) == []
    assert gallery_revision(session) != before, "the worker notices"
    assert not has_consent(session, sari)
    assert [row.withdrawn_at for row in session.scalars(select(Consent))] == [now]
    assert last_row(session) == ("consent.withdrawn", f"employees:{sari}", {"templates": 2, "faces": 0})
    session.commit()
    assert audit.verify(session) is None


def test_withdrawing_refuses_the_photos_that_still_wait(session: Session, sari: int, now: datetime) -> None:
    other = create_employee(session, {"code": "E02", "name": "Tono"}, actor="hr", now=now).id
    record_consent(session, other, "consent", "1", actor="hr", now=now)
    asked = [
        ask_to_enrol(session, EnrolPayload(person, digit * 32, "a.jpg"), actor="hr", now=now)
        for person, digit in ((sari, "1"), (sari, "2"), (other, "3"))
    ]
    claimed = claim_next(session, now)
    assert claimed is not None and claimed.id == asked[0]

    assert withdraw_consent(session, sari, actor="hr", now=now).waiting == ["2" * 32]

    assert [result_of(session, one) for one in asked] == [None, {"code": "no_consent"}, None]


def test_withdrawing_forgets_the_unknown_faces_that_were_his(
    session: Session, sari: int, now: datetime
) -> None:
    other = create_employee(session, {"code": "E02", "name": "Tono"}, actor="hr", now=now).id
    for number, (person, state) in enumerate([(sari, "named"), (other, "named"), (None, "open")]):
        vector = np.eye(4, dtype=np.float32)[number]
        path = f"data/unknown_faces/{number}.jpg"
        row = add_unknown_face(session, NewUnknownFace(1, now, now, now, path, vector, *PACK, 90.0, 150.0))
        row.employee_id, row.state = person, state

    withdrawn = withdraw_consent(session, sari, actor="hr", now=now)

    assert withdrawn.pictures == ["data/unknown_faces/0.jpg"]
    assert last_row(session)[2] == {"templates": 0, "faces": 1}
    his, *others = session.scalars(select(UnknownFace).order_by(UnknownFace.id))
    assert (his.embedding, his.picture_path, his.employee_id, his.state) == (None, None, sari, "named")
    assert all(face.embedding and face.picture_path for face in others)
