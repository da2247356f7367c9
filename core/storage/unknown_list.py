"""Unknown faces as the page shows them: those that are alike together, the newest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.clusters import clusters
from core.domain.faces import FloatArray
from core.domain.identity import mean_directions
from core.domain.states import UnknownState
from core.storage import biometrics
from core.storage.match_in_force import MatchInForce, match_in_force
from core.storage.models import Camera, Employee, UnknownFace

MOST = 2000
"""The newest; what somebody decides makes room for earlier ones."""
HINTS = 2
NEAR = 0.1
"""Whoever is further below the threshold is like him no more than anybody else."""


@dataclass(frozen=True, slots=True)
class UnknownRow:
    id: int
    camera_name: str
    first_seen_at: datetime
    last_seen_at: datetime
    picture_path: str | None
    face_px: float
    sharpness: float
    state: str
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hint:
    """Whom a face is most like, as a cosine; `is_match`: it would have been enough for a name."""

    employee_id: int
    code: str
    name: str
    similarity: float
    is_match: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Faces that are most likely of one person, the newest first. hints: the most alike first."""

    faces: tuple[UnknownRow, ...]
    hints: tuple[Hint, ...] = ()

    @property
    def key(self) -> int:
        """Stays while later faces join."""
        return min(face.id for face in self.faces)

    @property
    def first_seen_at(self) -> datetime:
        return min(face.first_seen_at for face in self.faces)

    @property
    def last_seen_at(self) -> datetime:
        return max(face.last_seen_at for face in self.faces)

    @property
    def cameras(self) -> list[str]:
        return sorted({face.camera_name for face in self.faces})

    @property
    def best(self) -> UnknownRow:
        """The one with the sharpest picture."""
        return max(self.faces, key=lambda face: (face.picture_path is not None, face.sharpness, -face.id))


def open_count(session: Session) -> int:
    open_ones = select(func.count()).where(UnknownFace.state == UnknownState.OPEN)
    return session.scalar(open_ones) or 0


def open_groups(session: Session, departments: Collection[str] = ()) -> list[Group]:
    """Who waits for a name, the newest first; hints name only people of these departments, empty: all.

    Faces of a pack that is not in use any more, whose similarities mean something else, stand alone.
    """
    rows = {row.id: row for row in _rows(session, UnknownState.OPEN)}
    match = match_in_force(session)
    groups: list[Group] = []
    if match is not None:
        groups = _alike(session, rows, match, departments)
    grouped = {face.id for group in groups for face in group.faces}
    groups += [Group((row,)) for row in rows.values() if row.id not in grouped]
    return sorted(groups, key=lambda group: (group.last_seen_at, group.key), reverse=True)


def ignored_groups(session: Session) -> list[Group]:
    """Who is ignored for good, by decision, the newest first."""
    decisions: dict[datetime | None, list[UnknownRow]] = {}
    for row in _rows(session, UnknownState.IGNORED):
        decisions.setdefault(row.decided_at, []).append(row)
    groups = [Group(tuple(rows)) for rows in decisions.values()]
    return sorted(groups, key=lambda group: (group.faces[0].decided_at, group.key), reverse=True)


def _alike(
    session: Session, rows: dict[int, UnknownRow], match: MatchInForce, departments: Collection[str]
) -> list[Group]:
    found = biometrics.unknown_vectors(session, UnknownState.OPEN, match.pack_id, match.pack_sha256)
    found = [one for one in found if one.face_id in rows]
    if not found:
        return []
    vectors = np.stack([one.vector for one in found])
    together = clusters(vectors, match.threshold)
    owners = [place for place, members in enumerate(together) for _ in members]
    _, means = mean_directions(owners, vectors[[row for members in together for row in members]])
    hints = _Hints(session, match, departments)
    return [
        Group(tuple(rows[found[row].face_id] for row in members), hints.of(mean))
        for members, mean in zip(together, means, strict=True)
    ]


class _Hints:
    """The gallery of now, to say whom somebody is most like."""

    def __init__(self, session: Session, match: MatchInForce, departments: Collection[str]) -> None:
        templates = biometrics.active_templates(session, match.pack_id, match.pack_sha256)
        people = select(Employee.id, Employee.code, Employee.name).where(Employee.active)
        if departments:
            people = people.where(Employee.department.in_(sorted(departments)))
        self._people = {row.id: row for row in session.execute(people)}
        known = [template for template in templates if template.employee_id in self._people]
        self._threshold = match.threshold
        self._ids: Sequence[int] = []
        if known:
            owners = [template.employee_id for template in known]
            ids, self._means = mean_directions(owners, np.stack([template.vector for template in known]))
            self._ids = ids.tolist()

    def of(self, mean: FloatArray) -> tuple[Hint, ...]:
        """mean: unit vector (dim,)."""
        if not self._ids:
            return ()
        scores = self._means @ mean
        best = np.argsort(-scores, kind="stable")[:HINTS]
        likely = [place for place in best if scores[place] >= self._threshold - NEAR]
        return tuple(self._hint(self._ids[place], float(scores[place])) for place in likely)

    def _hint(self, employee_id: int, similarity: float) -> Hint:
        person = self._people[employee_id]
        return Hint(employee_id, person.code, person.name, similarity, similarity >= self._threshold)


def _rows(session: Session, state: UnknownState) -> list[UnknownRow]:
    rows = session.execute(
        select(
            UnknownFace.id,
            Camera.name,
            UnknownFace.first_seen_at,
            UnknownFace.last_seen_at,
            UnknownFace.picture_path,
            UnknownFace.face_px,
            UnknownFace.sharpness,
            UnknownFace.state,
            UnknownFace.decided_by,
            UnknownFace.decided_at,
        )
        .join(Camera, Camera.id == UnknownFace.camera_id)
        .where(UnknownFace.state == state)
        .order_by(UnknownFace.last_seen_at.desc(), UnknownFace.id.desc())
        .limit(MOST)
    )
    return [UnknownRow(*tuple(row)) for row in rows]
