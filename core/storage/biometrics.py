"""The only module that reads and writes embeddings, enrolment photos and pictures of people.

Encryption will live here: `key_id` is null now and will name the key of an encrypted row.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.domain.faces import FloatArray
from core.domain.states import PhotoOutcome, UnknownState
from core.errors import GspeError, PhotoRefused
from core.paths import SitePaths
from core.storage import audit
from core.storage.files import write_atomically
from core.storage.models import Employee, FaceTemplate, UnknownFace

STORED = np.dtype("<f4")
"""Little-endian float32 on disk, whatever the machine."""
ORPHAN_AGE_S = 24 * 3600

_IN_FORCE = FaceTemplate.revoked_at.is_(None)


@dataclass(frozen=True)
class NewTemplate:
    """What enrolment learned from one photo.

    embedding: float32 (dim,), finite, of unit length. photo: JPEG bytes. source: how the photo came,
    e.g. `upload`, `cli`, `import`, `demo`. camera_id: where it was taken, if on a camera of the site.
    despite: the code of the employee whom the face resembles, where somebody insisted on taking it.
    """

    employee_id: int
    embedding: FloatArray
    pack_id: str
    pack_sha256: str
    source: str
    photo: bytes
    quality: Mapping[str, Any]
    camera_id: int | None = None
    despite: str | None = None


@dataclass(frozen=True)
class NewUnknownFace:
    """A track that never had a name. embedding: float32 (dim,), of unit length.

    picture_path: of its best face, written before, relative to the home; it tells this face from every other.
    face_px, sharpness: of that picture.
    """

    camera_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    captured_at: datetime
    picture_path: str
    embedding: FloatArray
    pack_id: str
    pack_sha256: str
    face_px: float
    sharpness: float


@dataclass(frozen=True)
class UnknownVector:
    """decision: faces of one decision share it, however it is counted. vector: as in `TemplateVector`."""

    face_id: int
    decision: int
    vector: FloatArray


@dataclass(frozen=True)
class TemplateVector:
    """vector: float32 (dim,), of unit length."""

    template_id: int
    employee_id: int
    vector: FloatArray


@dataclass(frozen=True)
class StoredPhoto:
    """A photo that was enrolled with another pack and waits to be embedded with the current one."""

    template_id: int
    employee_id: int
    photo_path: str
    source: str
    camera_id: int | None


def add_template(
    session: Session, paths: SitePaths, template: NewTemplate, *, actor: str, now: datetime
) -> FaceTemplate:
    """Writes the photo, then the row and its audit row, in the caller's transaction.

    Raises PhotoRefused (code `already_enrolled`) when this very photo is a template of the person and the
    pack, ValueError for an embedding of another shape or length, StorageError when the disk is full.
    """
    digest = hashlib.sha256(template.photo).hexdigest()
    if is_enrolled(session, template.employee_id, template.pack_id, template.pack_sha256, digest):
        raise PhotoRefused(
            "this photo is enrolled for this person already; choose another one",
            code=PhotoOutcome.ALREADY_ENROLLED,
        )
    embedding = _to_blob(template.embedding)
    path = f"data/photos/E{template.employee_id}/{digest[:16]}.jpg"
    write_picture(paths, path, template.photo)
    row = FaceTemplate(
        employee_id=template.employee_id,
        pack_id=template.pack_id,
        pack_sha256=template.pack_sha256,
        dim=len(template.embedding),
        embedding=embedding,
        source=template.source,
        camera_id=template.camera_id,
        photo_sha256=digest,
        photo_path=path,
        quality=dict(template.quality),
        created_at=now,
    )
    session.add(row)
    session.flush()
    params = {"employee_id": template.employee_id, "pack": template.pack_id, "source": template.source}
    if template.camera_id is not None:
        params["camera"] = template.camera_id
    if template.despite is not None:
        params["despite_look_alike"] = template.despite
    audit.append(session, now, actor, "template.added", f"face_templates:{row.id}", params)
    return row


def is_enrolled(
    session: Session, employee_id: int, pack_id: str, pack_sha256: str, photo_sha256: str
) -> bool:
    same = select(FaceTemplate.id).where(
        FaceTemplate.employee_id == employee_id,
        FaceTemplate.pack_id == pack_id,
        FaceTemplate.pack_sha256 == pack_sha256,
        FaceTemplate.photo_sha256 == photo_sha256,
        _IN_FORCE,
    )
    return session.scalar(same.limit(1)) is not None


def revoke_template(session: Session, template_id: int, *, actor: str, now: datetime) -> list[str]:
    """Ends a template and forgets its features, in every pack that embedded the same photo of the person.

    Returns the photo, which the caller removes after the commit; the row stays, without both. Raises
    GspeError with code `template_unknown`. Revoking again changes nothing.
    """
    template = session.get(FaceTemplate, template_id)
    if template is None:
        raise GspeError(f"there is no template {template_id}; reload the page", code="template_unknown")
    same_photo = select(FaceTemplate).where(
        FaceTemplate.employee_id == template.employee_id,
        FaceTemplate.photo_sha256 == template.photo_sha256,
        _IN_FORCE,
    )
    photos = set()
    for row in session.scalars(same_photo).all():
        if row.photo_path is not None:
            photos.add(row.photo_path)
        row.revoked_at, row.embedding, row.photo_path = now, None, None
        params = {"employee_id": row.employee_id, "pack": row.pack_id}
        audit.append(session, now, actor, "template.revoked", f"face_templates:{row.id}", params)
    return sorted(photos)


def is_in_force(session: Session, template_id: int) -> bool:
    return (
        session.scalar(select(FaceTemplate.id).where(FaceTemplate.id == template_id, _IN_FORCE)) is not None
    )


def active_templates(session: Session, pack_id: str, pack_sha256: str) -> list[TemplateVector]:
    """The gallery: templates in force of active people, made by exactly this pack, in order of id."""
    rows = session.execute(
        select(FaceTemplate.id, FaceTemplate.employee_id, FaceTemplate.dim, FaceTemplate.embedding)
        .join(Employee, Employee.id == FaceTemplate.employee_id)
        .where(
            _IN_FORCE,
            Employee.active,
            FaceTemplate.pack_id == pack_id,
            FaceTemplate.pack_sha256 == pack_sha256,
        )
        .order_by(FaceTemplate.id)
    )
    return [TemplateVector(row.id, row.employee_id, _from_blob(row.embedding, row.dim)) for row in rows]


def template_qualities(session: Session, employee_id: int, pack_id: str) -> list[dict[str, Any]]:
    """What was measured on the person's templates in force of a pack."""
    query = select(FaceTemplate.quality).where(
        FaceTemplate.employee_id == employee_id, FaceTemplate.pack_id == pack_id, _IN_FORCE
    )
    return list(session.scalars(query))


def add_unknown_face(session: Session, face: NewUnknownFace) -> UnknownFace:
    """Raises ValueError for an embedding of another shape or length."""
    row = UnknownFace(
        camera_id=face.camera_id,
        first_seen_at=face.first_seen_at,
        last_seen_at=face.last_seen_at,
        captured_at=face.captured_at,
        picture_path=face.picture_path,
        embedding=_to_blob(face.embedding),
        dim=len(face.embedding),
        pack_id=face.pack_id,
        pack_sha256=face.pack_sha256,
        face_px=face.face_px,
        sharpness=face.sharpness,
        state=UnknownState.OPEN,
    )
    session.add(row)
    session.flush()
    return row


def extend_unknown_face(session: Session, picture_path: str, last_seen_at: datetime) -> bool:
    """He was seen until then. False where somebody decided on the face meanwhile: it stays as it is."""
    row = _undecided(session, picture_path)
    if row is not None:
        row.last_seen_at = max(row.last_seen_at, last_seen_at)
    return row is not None


def unknown_face_ended_at(session: Session, picture_path: str) -> datetime | None:
    """Until when a face was seen; None where its picture is not to be kept any more."""
    last_seen = select(UnknownFace.last_seen_at).where(UnknownFace.picture_path == picture_path)
    return session.scalars(last_seen).one_or_none()


def withdraw_unknown_face(session: Session, picture_path: str) -> bool:
    """Removes a row whose track proved not to be unknown; False where somebody decided on it meanwhile."""
    row = _undecided(session, picture_path)
    if row is not None:
        session.delete(row)
    return row is not None


def unknown_vectors(session: Session, state: UnknownState, pack_id: str, sha256: str) -> list[UnknownVector]:
    """The faces of a state that exactly this pack embedded, newest first."""
    rows = session.execute(
        select(UnknownFace.id, UnknownFace.decided_at, UnknownFace.dim, UnknownFace.embedding)
        .where(
            UnknownFace.state == state,
            UnknownFace.pack_id == pack_id,
            UnknownFace.pack_sha256 == sha256,
            UnknownFace.embedding.is_not(None),
        )
        .order_by(UnknownFace.last_seen_at.desc(), UnknownFace.id.desc())
    ).all()
    decisions = sorted({row.decided_at for row in rows if row.decided_at is not None})
    number = {at: place for place, at in enumerate(decisions)}
    return [
        UnknownVector(row.id, number.get(row.decided_at, -1), _from_blob(row.embedding, row.dim))
        for row in rows
    ]


def face_vectors(session: Session, face_ids: Collection[int]) -> dict[int, FloatArray]:
    """The features of these unknown faces, as far as they are kept."""
    rows = session.execute(
        select(UnknownFace.id, UnknownFace.dim, UnknownFace.embedding).where(
            UnknownFace.id.in_(face_ids), UnknownFace.embedding.is_not(None)
        )
    )
    return {row.id: _from_blob(row.embedding, row.dim) for row in rows}


def _undecided(session: Session, picture_path: str) -> UnknownFace | None:
    return session.scalars(
        select(UnknownFace).where(
            UnknownFace.picture_path == picture_path, UnknownFace.state == UnknownState.OPEN
        )
    ).one_or_none()


def templates_of_other_packs(session: Session, pack_id: str, pack_sha256: str) -> list[StoredPhoto]:
    """Photos of active people that this pack has not embedded: a change of pack enrols them again."""
    current = aliased(FaceTemplate)
    embedded = select(current.id).where(
        current.employee_id == FaceTemplate.employee_id,
        current.photo_sha256 == FaceTemplate.photo_sha256,
        current.pack_id == pack_id,
        current.pack_sha256 == pack_sha256,
        current.revoked_at.is_(None),
    )
    newest = (
        select(func.max(FaceTemplate.id))
        .where(_IN_FORCE, ~embedded.exists())
        .group_by(FaceTemplate.employee_id, FaceTemplate.photo_sha256)
    )
    rows = session.scalars(
        select(FaceTemplate)
        .join(Employee, Employee.id == FaceTemplate.employee_id)
        .where(FaceTemplate.id.in_(newest), Employee.active)
        .order_by(FaceTemplate.id)
    )
    return [
        StoredPhoto(row.id, row.employee_id, row.photo_path, row.source, row.camera_id)
        for row in rows
        if row.photo_path is not None
    ]


def gallery_revision(session: Session) -> str:
    """Changes when a template or an ignored face comes or goes, or a person's row changes; quick to ask."""
    templates = session.execute(select(func.count(), func.total(FaceTemplate.id)).where(_IN_FORCE)).one()
    people = session.execute(select(func.count(), func.total(Employee.id)).where(Employee.active)).one()
    changed = session.scalar(select(func.max(Employee.updated_at)))
    ignored = session.execute(
        select(func.count(), func.total(UnknownFace.id), func.max(UnknownFace.decided_at)).where(
            UnknownFace.state == UnknownState.IGNORED
        )
    ).one()
    counts = "-".join(f"{count}.{total:.0f}" for count, total in (templates, people, ignored[:2]))
    return f"{counts}-{changed}-{ignored[2]}"


def read_picture(paths: SitePaths, relative_path: str) -> bytes:
    """The bytes of a picture below data/. `relative_path` is relative to the home, as tables hold it.

    Raises GspeError, code `picture_gone` when retention removed it, `picture_outside` for any other place.
    """
    try:
        return _inside_data(paths, relative_path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise GspeError("the picture is no longer kept", code="picture_gone") from None


def write_picture(paths: SitePaths, relative_path: str, jpeg: bytes) -> str:
    """Writes a whole picture of mode 0600 below data/ and returns its sha256 in hex.

    Raises GspeError (code `picture_outside`) and StorageError (code `storage_full`).
    """
    write_atomically(_inside_data(paths, relative_path), jpeg)
    return hashlib.sha256(jpeg).hexdigest()


def remove_picture(paths: SitePaths, relative_path: str) -> None:
    """Removes it where it is still there. Raises GspeError (code `picture_outside`)."""
    _inside_data(paths, relative_path).unlink(missing_ok=True)


def sweep_photos(session: Session, paths: SitePaths, now: datetime) -> int:
    """Removes enrolment photos that no template names: a crash fell between file and commit."""
    named = set(session.scalars(select(FaceTemplate.photo_path)))
    orphans = [
        photo
        for photo in paths.photos.glob("E*/*")
        if photo.relative_to(paths.home).as_posix() not in named
        and now.timestamp() - photo.stat().st_mtime > ORPHAN_AGE_S
    ]
    for photo in orphans:
        photo.unlink(missing_ok=True)
    return len(orphans)


def _inside_data(paths: SitePaths, relative_path: str) -> Path:
    """Follows links first, so that none leads out."""
    path = (paths.home / relative_path).resolve()
    if not path.is_relative_to(paths.data.resolve()):
        raise GspeError("that picture is not one of this system", code="picture_outside")
    return path


def _to_blob(embedding: FloatArray) -> bytes:
    if embedding.ndim != 1 or embedding.dtype != np.float32:
        raise ValueError(f"expected float32 (dim,), got {embedding.dtype} {embedding.shape}")
    length = float(np.linalg.norm(embedding))
    if not abs(length - 1.0) < 1e-3:
        raise ValueError(f"expected an embedding of unit length, got length {length}")
    return embedding.astype(STORED).tobytes()


def _from_blob(blob: bytes, dim: int) -> FloatArray:
    """Raises ValueError for a blob of another length than the row says."""
    if len(blob) != dim * STORED.itemsize:
        raise ValueError(f"expected {dim * STORED.itemsize} bytes for {dim} numbers, got {len(blob)}")
    return np.frombuffer(blob, STORED).astype(np.float32)
