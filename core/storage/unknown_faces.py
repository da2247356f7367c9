"""What somebody decides about faces without a name: who it was, never mind him, or away with it.

Each decision concerns several faces at once and leaves one audit row. Naming is `core.storage.naming`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import UnknownState
from core.errors import GspeError
from core.storage import audit
from core.storage.models import UnknownFace

MOST_AT_ONCE = 500


def ignore(session: Session, face_ids: Collection[int], *, actor: str, now: datetime) -> int:
    """Makes them one negative example, which the worker takes up within seconds; returns how many they are.

    Picture and features stay, so that it can be lifted. Raises as `undecided` does.
    """
    faces = undecided(session, face_ids, {UnknownState.OPEN})
    for face in faces:
        decide(face, UnknownState.IGNORED, actor, now)
    _note(session, "unknown.ignored", faces, actor, now)
    return len(faces)


def lift(session: Session, face_ids: Collection[int], *, actor: str, now: datetime) -> int:
    """They are ignored no longer and wait for a name again. Raises as `undecided` does."""
    faces = undecided(session, face_ids, {UnknownState.IGNORED})
    for face in faces:
        decide(face, UnknownState.OPEN, actor, now)
    _note(session, "unknown.lifted", faces, actor, now)
    return len(faces)


def discard(session: Session, face_ids: Collection[int], *, actor: str, now: datetime) -> list[str]:
    """Forgets features and pictures; returns the pictures, which the caller removes after the commit.

    Raises as `undecided` does.
    """
    faces = undecided(session, face_ids, {UnknownState.OPEN, UnknownState.IGNORED})
    pictures = [face.picture_path for face in faces if face.picture_path is not None]
    for face in faces:
        decide(face, UnknownState.DISCARDED, actor, now)
        face.picture_path = face.embedding = None
    _note(session, "unknown.discarded", faces, actor, now)
    return pictures


def forget_named_faces(session: Session, employee_id: int) -> tuple[int, list[str]]:
    """Removes features and pictures of the unknown faces that somebody named as him; their visits stay.

    How many faces lost something, and the pictures, which the caller removes after the commit.
    """
    kept = UnknownFace.embedding.is_not(None) | UnknownFace.picture_path.is_not(None)
    named = select(UnknownFace).where(
        UnknownFace.employee_id == employee_id, UnknownFace.state == UnknownState.NAMED, kept
    )
    faces = session.scalars(named).all()
    pictures = [face.picture_path for face in faces if face.picture_path is not None]
    for face in faces:
        face.picture_path = face.embedding = None
    return len(faces), pictures


def undecided(
    session: Session, face_ids: Collection[int], states: Collection[UnknownState]
) -> Sequence[UnknownFace]:
    """These faces, the first seen first.

    Raises GspeError, code `unknown_none` when none is chosen or too many are, `unknown_decided` when one is
    in another state or gone: somebody else was quicker.
    """
    if not 0 < len(set(face_ids)) <= MOST_AT_ONCE:
        raise GspeError(
            f"choose at least one face and at most {MOST_AT_ONCE}", code="unknown_none", most=MOST_AT_ONCE
        )
    query = select(UnknownFace).where(UnknownFace.id.in_(face_ids), UnknownFace.state.in_(states))
    faces = session.scalars(query.order_by(UnknownFace.first_seen_at, UnknownFace.id)).all()
    if len(faces) < len(set(face_ids)):
        raise GspeError(
            "somebody decided on one of these faces meanwhile, or its time was over; reload the page",
            code="unknown_decided",
        )
    return faces


def decide(face: UnknownFace, state: UnknownState, actor: str, now: datetime) -> None:
    face.state, face.decided_by, face.decided_at = state, actor, now


def _note(session: Session, action: str, faces: Sequence[UnknownFace], actor: str, now: datetime) -> None:
    ids = [face.id for face in faces]
    audit.append(session, now, actor, action, f"unknown_faces:{ids[0]}", {"faces": ids})
