"""Naming unknown faces: the visits that they add to a person's days, with their pictures.

A named visit is a row of its own beside those that the worker wrote, so that "this is wrong" can take back
just what naming added.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.identity import mean_directions
from core.domain.named_visits import added_visits
from core.domain.spans import Span
from core.domain.states import EvidenceKind, UnknownState, VisitClosedBy, VisitOrigin
from core.errors import GspeError
from core.paths import SitePaths
from core.storage import audit, biometrics
from core.storage.corrections import Deed
from core.storage.day_repair import Repair, repaired, taken_back
from core.storage.employees import find_employee
from core.storage.models import Evidence, UnknownFace, Visit, VisitCamera
from core.storage.unknown_faces import decide, undecided

NAMEABLE = frozenset({UnknownState.OPEN, UnknownState.IGNORED})


@dataclass(frozen=True, slots=True)
class Named:
    """visits: how many were added; faces that were within a visit of the person add none."""

    repair: Repair
    faces: int
    visits: int


def preview(session: Session, face_ids: Collection[int], employee_id: int, deed: Deed) -> Named:
    """What `apply` would change; the session must be one that may write. Raises as `apply` does."""
    with taken_back(session):
        return _name(session, None, face_ids, employee_id, deed)


def apply(
    session: Session, paths: SitePaths, face_ids: Collection[int], employee_id: int, deed: Deed
) -> Named:
    """Says whose faces these are. His visits, attendance and judged days follow in the same transaction.

    Raises GspeError, code `employee_unknown`, `unknown_none`, `unknown_decided`, `month_locked` or
    `correction_rules_changed`; StorageError when pictures cannot be written.
    """
    named = _name(session, paths, face_ids, employee_id, deed)
    params = {"faces": sorted(face_ids), "visits": named.visits, "days": len(named.repair.changed)}
    audit.append(session, deed.now, deed.actor, "unknown.named", f"employees:{employee_id}", params)
    return named


def _name(
    session: Session, paths: SitePaths | None, face_ids: Collection[int], employee_id: int, deed: Deed
) -> Named:
    find_employee(session, employee_id)
    faces = undecided(session, face_ids, NAMEABLE)
    grace = timedelta(seconds=deed.parameters.present_timeout_sec)
    own = _visits_near(session, employee_id, faces, grace)
    added = added_visits(own.values(), [_span(face) for face in faces], grace)
    scores = _likeness(session, faces, employee_id)

    def change() -> None:
        for face in faces:
            decide(face, UnknownState.NAMED, deed.actor, deed.now)
            face.employee_id, face.visit_id = employee_id, None
        for span in added:
            shown = _Shown([face for face in faces if _meet(_span(face), span)], scores)
            _add_visit(session, paths, employee_id, span, shown)
        for face in faces:
            if face.visit_id is None:
                within = next(visit for visit, span in own.items() if _meet(_span(face), span))
                _join(face, session.get_one(Visit, within))

    return Named(repaired(session, {employee_id: added}, deed, change), len(faces), len(added))


@dataclass(frozen=True)
class _Shown:
    """The faces of one visit, the first seen first, and how alike each is to the person by its id."""

    faces: Sequence[UnknownFace]
    scores: dict[int, float]


def _visits_near(
    session: Session, employee_id: int, faces: Sequence[UnknownFace], grace: timedelta
) -> dict[int, Span]:
    """His visits around these faces.

    One that is open may end where it was seen last, so what a face shows beyond is a visit of its own. Should
    the worker grow the open one over it after all, their common time counts once.
    """
    rows = session.execute(
        select(Visit.id, Visit.arrived_at, Visit.last_seen_at)
        .where(
            Visit.employee_id == employee_id,
            Visit.arrived_at <= max(face.last_seen_at for face in faces) + grace,
            Visit.last_seen_at >= min(face.first_seen_at for face in faces) - grace,
        )
        .order_by(Visit.arrived_at, Visit.id)
    )
    return {row.id: (row.arrived_at, row.last_seen_at) for row in rows}


def _add_visit(
    session: Session, paths: SitePaths | None, employee_id: int, span: Span, shown: _Shown
) -> None:
    """paths: where its pictures go; None writes none."""
    faces = shown.faces
    last = max(faces, key=lambda face: (face.last_seen_at, face.id))
    visit = Visit(
        employee_id=employee_id,
        camera_id=faces[0].camera_id,
        last_camera_id=last.camera_id,
        arrived_at=span[0],
        last_seen_at=span[1],
        departed_at=span[1],
        closed_by=VisitClosedBy.TIMEOUT,
        origin=VisitOrigin.NAMED,
        face_ids=[face.id for face in faces],
    )
    session.add(visit)
    session.flush()
    session.add_all(_seen_by(visit.id, span, faces))
    for face in faces:
        face.visit_id = face.visit_id or visit.id
    if paths is not None:
        session.add_all(_evidence(paths, visit, shown))


def _join(face: UnknownFace, visit: Visit) -> None:
    """A visit that is there already shows the face too."""
    face.visit_id = visit.id
    if visit.origin == VisitOrigin.NAMED:
        visit.face_ids = sorted({*visit.face_ids, face.id})


def _seen_by(visit_id: int, span: Span, faces: Sequence[UnknownFace]) -> list[VisitCamera]:
    rows = []
    for camera_id in sorted({face.camera_id for face in faces}):
        spans = [_span(face) for face in faces if face.camera_id == camera_id]
        first, last = min(start for start, _ in spans), max(end for _, end in spans)
        times = {"first_seen_at": max(first, span[0]), "last_seen_at": min(last, span[1])}
        rows.append(VisitCamera(visit_id=visit_id, camera_id=camera_id, **times))
    return rows


def _evidence(paths: SitePaths, visit: Visit, shown: _Shown) -> Iterator[Evidence]:
    """The first and the last picture, as copies: those of the faces may go before the visit does."""
    folder = paths.evidence.relative_to(paths.home) / f"{visit.arrived_at:%Y-%m-%d}" / f"E{visit.employee_id}"
    pictured = [(face, picture) for face in shown.faces if (picture := _picture(paths, face)) is not None]
    for kind, (face, picture) in zip(EvidenceKind, (pictured[:1] + pictured[-1:]), strict=False):
        path = f"{folder}/named_{visit.id}_{kind}.jpg"
        yield Evidence(
            visit_id=visit.id,
            camera_id=face.camera_id,
            kind=kind,
            captured_at=face.captured_at,
            path=path,
            sha256=biometrics.write_picture(paths, path, picture),
            score=shown.scores.get(face.id, 0.0),
            sharpness=face.sharpness,
            pack_id=face.pack_id,
        )


def _picture(paths: SitePaths, face: UnknownFace) -> bytes | None:
    """None where there is none any more, or its file was removed by hand."""
    if face.picture_path is None:
        return None
    try:
        return biometrics.read_picture(paths, face.picture_path)
    except GspeError:
        return None


def _likeness(session: Session, faces: Sequence[UnknownFace], employee_id: int) -> dict[int, float]:
    """Of each face to the person, as far as the pack that saw it knows him."""
    found: dict[int, float] = {}
    for pack_id, sha256 in sorted({(face.pack_id, face.pack_sha256) for face in faces}):
        templates = biometrics.active_templates(session, pack_id, sha256)
        own = [template.vector for template in templates if template.employee_id == employee_id]
        ids = [face.id for face in faces if (face.pack_id, face.pack_sha256) == (pack_id, sha256)]
        if own:
            _, mean = mean_directions([employee_id] * len(own), np.stack(own))
            shown = biometrics.face_vectors(session, ids)
            found |= {face_id: float(vector @ mean[0]) for face_id, vector in shown.items()}
    return found


def _span(face: UnknownFace) -> Span:
    return face.first_seen_at, face.last_seen_at


def _meet(first: Span, second: Span) -> bool:
    return first[0] <= second[1] and second[0] <= first[1]
