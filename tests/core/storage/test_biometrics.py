"""Embeddings come back as they went in, only to those who may match, and pictures stay inside data/."""

import hashlib
import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.domain.faces import FloatArray
from core.errors import GspeError, PhotoRefused
from core.paths import SitePaths
from core.storage import audit
from core.storage.biometrics import (
    NewTemplate,
    active_templates,
    add_template,
    gallery_revision,
    is_enrolled,
    read_picture,
    revoke_template,
    sweep_photos,
    templates_of_other_packs,
    write_picture,
)
from core.storage.employees import create_employee, deactivate_employee, reactivate_employee, update_employee
from core.storage.models import AuditLog, Employee, FaceTemplate


def unit(*values: float) -> FloatArray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture
def sari(session: Session, now: datetime) -> Employee:
    return create_employee(session, {"code": "E01", "name": "Sari"}, actor="hr", now=now)


class Enrol:
    """Adds templates of one person with few words."""

    def __init__(self, session: Session, paths: SitePaths, person: Employee, now: datetime) -> None:
        self.session, self.paths, self.person, self.now = session, paths, person, now

    def __call__(
        self,
        photo: bytes = b"photo",
        *,
        pack: tuple[str, str] = ("open", "ab"),
        vector: FloatArray | None = None,
    ) -> FaceTemplate:
        embedding = unit(3, 4) if vector is None else vector
        template = NewTemplate(self.person.id, embedding, *pack, "upload", photo, {"px": 80})
        return add_template(self.session, self.paths, template, actor="hr", now=self.now)


@pytest.fixture
def enrol(session: Session, paths: SitePaths, sari: Employee, now: datetime) -> Enrol:
    return Enrol(session, paths, sari, now)


def test_a_template_is_a_row_a_private_photo_and_an_audit_row(
    session: Session, paths: SitePaths, enrol: Enrol, now: datetime
) -> None:
    row = enrol(b"photo")
    session.commit()
    digest = hashlib.sha256(b"photo").hexdigest()
    assert row.photo_path == f"data/photos/E1/{digest[:16]}.jpg"
    assert (row.photo_sha256, row.dim, row.key_id, row.created_at) == (digest, 2, None, now)
    assert row.embedding == np.array([0.6, 0.8], "<f4").tobytes()
    assert read_picture(paths, row.photo_path) == b"photo"
    assert (paths.home / row.photo_path).stat().st_mode & 0o777 == 0o600
    trail = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
    assert (trail.action, trail.subject) == ("template.added", f"face_templates:{row.id}")
    assert audit.verify(session) is None


@given(values=st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=512).filter(lambda v: max(v) > 1e-3))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_embedding_comes_back_exactly(session: Session, enrol: Enrol, values: list[float]) -> None:
    vector = unit(*values)
    row = enrol(os.urandom(16), vector=vector)
    session.flush()
    session.expire_all()
    back = {template.template_id: template.vector for template in active_templates(session, "open", "ab")}
    assert back[row.id].dtype == np.float32
    assert back[row.id].tolist() == vector.tolist()


@pytest.mark.parametrize(
    "vector",
    [
        np.array([0.6, 0.8]),
        np.array([[0.6, 0.8]], np.float32),
        np.array([3, 4], np.float32),
        np.array([np.nan, 1], np.float32),
        np.zeros(2, np.float32),
    ],
    ids=["float64", "two axes", "not unit", "nan", "zero"],
)
def test_a_wrong_embedding_is_a_mistake(paths: SitePaths, enrol: Enrol, vector: FloatArray) -> None:
    with pytest.raises(ValueError, match="expected"):
        enrol(vector=vector)
    assert list(paths.photos.iterdir()) == []


def test_the_same_photo_counts_once_for_a_person_and_pack(session: Session, enrol: Enrol) -> None:
    first = enrol()
    with pytest.raises(PhotoRefused) as caught:
        enrol()
    assert caught.value.code == "already_enrolled"
    enrol(pack=("buffalo", "cd"))
    assert is_enrolled(session, first.employee_id, "open", "ab", first.photo_sha256)
    assert not is_enrolled(session, first.employee_id, "open", "newer build", first.photo_sha256)


def test_the_gallery_is_of_one_pack_and_of_active_people(
    session: Session, enrol: Enrol, now: datetime
) -> None:
    one, two = enrol(b"1"), enrol(b"2")
    enrol(b"1", pack=("buffalo", "cd"))
    enrol(b"1", pack=("open", "another build"))

    def gallery() -> list[int]:
        return [template.template_id for template in active_templates(session, "open", "ab")]

    assert gallery() == [one.id, two.id]
    revoke_template(session, one.id, actor="hr", now=now)
    assert gallery() == [two.id]
    deactivate_employee(session, enrol.person.id, actor="hr", now=now)
    assert gallery() == []
    reactivate_employee(session, enrol.person.id, actor="hr", now=now)
    assert gallery() == [two.id]


def test_revoking_ends_the_photo_in_every_pack(session: Session, enrol: Enrol, now: datetime) -> None:
    first, same = enrol(b"1"), enrol(b"1", pack=("buffalo", "cd"))
    other = enrol(b"2")
    photo = first.photo_path
    assert revoke_template(session, first.id, actor="hr", now=now) == [photo]
    assert revoke_template(session, first.id, actor="hr", now=now + timedelta(days=1)) == []
    session.commit()
    assert (first.revoked_at, same.revoked_at, other.revoked_at) == (now, now, None)
    assert [photo.template_id for photo in templates_of_other_packs(session, "new", "ef")] == [other.id]
    assert audit.verify(session) is None
    enrol(b"1")
    with pytest.raises(GspeError, match="no template 99"):
        revoke_template(session, 99, actor="hr", now=now)


def test_a_revoked_template_keeps_when_it_was_and_nothing_of_the_face(
    session: Session, paths: SitePaths, enrol: Enrol, now: datetime
) -> None:
    vector = unit(*range(1, 129))
    features = vector.astype("<f4").tobytes()
    gone, stays = enrol(b"1", vector=vector), enrol(b"2")
    session.commit()
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert features in paths.database.read_bytes()

    revoke_template(session, gone.id, actor="hr", now=now)
    session.commit()

    assert (gone.embedding, gone.photo_path, gone.created_at, gone.revoked_at) == (None, None, now, now)
    assert stays.embedding and stays.photo_path
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert features not in paths.database.read_bytes(), "overwritten, not only left"
    with pytest.raises(IntegrityError), session.begin_nested():
        stays.embedding = None
        session.flush()


def test_a_new_pack_finds_each_photo_once_until_it_is_embedded(
    session: Session, enrol: Enrol, now: datetime
) -> None:
    enrol(b"1")
    newest = enrol(b"1", pack=("buffalo", "cd"))
    second = enrol(b"2")

    def waiting() -> list[int]:
        return [photo.template_id for photo in templates_of_other_packs(session, "new", "ef")]

    assert waiting() == [newest.id, second.id]
    enrol(b"1", pack=("new", "ef"))
    assert waiting() == [second.id]
    photo = templates_of_other_packs(session, "new", "ef")[0]
    assert (photo.employee_id, photo.photo_path, photo.source) == (1, second.photo_path, "upload")
    deactivate_employee(session, enrol.person.id, actor="hr", now=now)
    assert waiting() == []


def test_the_revision_follows_the_gallery(session: Session, enrol: Enrol, now: datetime) -> None:
    person = enrol.person.id
    row = enrol(b"1")
    revision = gallery_revision(session)
    assert gallery_revision(session) == revision
    for change in (
        lambda: enrol(b"2"),
        lambda: revoke_template(session, row.id, actor="hr", now=now),
        lambda: deactivate_employee(session, person, actor="hr", now=now),
        lambda: reactivate_employee(session, person, actor="hr", now=now),
        lambda: update_employee(session, person, {"name": "S"}, actor="hr", now=now + timedelta(seconds=1)),
    ):
        change()
        session.flush()
        assert gallery_revision(session) != revision
        revision = gallery_revision(session)


def test_the_revision_reads_indexes_only(session: Session, engine: Engine) -> None:
    queries: list[tuple[str, tuple[object, ...]]] = []
    event.listen(engine, "before_cursor_execute", lambda *details: queries.append(details[2:4]))
    gallery_revision(session)
    selects = [query for query in queries if query[0].startswith("SELECT")]
    assert len(selects) == 4
    for query, parameters in selects:
        asked = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", parameters)
        plan = " ".join(row[3] for row in asked)
        assert "INDEX" in plan, plan


def test_a_damaged_blob_is_not_taken_for_a_face(session: Session, enrol: Enrol) -> None:
    row = enrol()
    row.embedding = row.embedding[:-1]
    with pytest.raises(ValueError, match="expected 8 bytes"):
        active_templates(session, "open", "ab")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "data/../config/parameter_config.json",
        "config/parameter_config.json",
        "data/link/passwd",
    ],
)
def test_no_picture_outside_data(paths: SitePaths, path: str) -> None:
    paths.parameters.write_text("{}")
    (paths.data / "link").symlink_to("/etc")
    for call in (lambda: read_picture(paths, path), lambda: write_picture(paths, path, b"x")):
        with pytest.raises(GspeError) as caught:
            call()
        assert caught.value.code == "picture_outside"


def test_a_link_inside_data_is_followed(paths: SitePaths) -> None:
    digest = write_picture(paths, "data/evidence/1/arrival.jpg", b"jpeg")
    assert digest == hashlib.sha256(b"jpeg").hexdigest()
    link = paths.attendance_captures / "2026-11-02" / "E1" / "first_in.jpg"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../../evidence/1/arrival.jpg")
    assert read_picture(paths, "data/attendance_captures/2026-11-02/E1/first_in.jpg") == b"jpeg"


@pytest.mark.parametrize("path", ["data/evidence/9.jpg", "data/evidence", "data/attendance.db/x.jpg"])
def test_a_picture_that_is_gone_has_its_code(paths: SitePaths, path: str) -> None:
    with pytest.raises(GspeError) as caught:
        read_picture(paths, path)
    assert caught.value.code == "picture_gone"


def test_photos_that_no_template_names_are_swept_after_a_day(
    session: Session, paths: SitePaths, enrol: Enrol, now: datetime
) -> None:
    named = paths.home / enrol(b"kept").photo_path
    orphan, fresh = named.with_name("orphan.jpg"), named.with_name("fresh.jpg")
    for path, age_s in ((named, 99999), (orphan, 99999), (fresh, 60)):
        path.touch()
        os.utime(path, (now.timestamp() - age_s,) * 2)
    assert sweep_photos(session, paths, now) == 1
    assert sorted(path.name for path in named.parent.iterdir()) == sorted([named.name, "fresh.jpg"])
