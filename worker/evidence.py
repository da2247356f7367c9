"""Which pictures are kept: arrival and departure of each visit, and a sampled log of sightings."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.events import PresenceEvent, VisitClosed, VisitOpened
from core.domain.recognition import Face
from core.domain.states import EventKind, EvidenceKind
from core.paths import SitePaths
from core.storage.biometrics import write_picture
from core.storage.facts import EvidencePicture, FactBatch, LoggedEvent
from worker.pictures import View, jpeg, surroundings, view_of
from worker.pipeline import FrameAnalysis, Step

SHARPER = 1.2
"""A later arrival picture must be this much sharper to replace the first; less is noise of the measure."""


@dataclass(frozen=True)
class EvidenceRules:
    """event_min_interval_sec by camera (s), first-in overwrite, after how many faces an unknown is logged."""

    event_min_interval_s: dict[int, float]
    first_in_overwrite: bool
    unknown_after_faces: int
    is_quiet: Callable[[int | None, datetime], bool] = lambda _employee, _at: False
    """Whether no picture and no event of an employee, or of a stranger, is kept at a time."""

    def interval_s(self, camera_id: int) -> float:
        return self.event_min_interval_s.get(camera_id, 5.0)


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """An open visit as the database has it, for a restart."""

    employee_id: int
    arrived_at: datetime
    arrival_sharpness: float | None
    departure_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A person whom nobody enrolled. picture_path: relative to the home folder; None where none is kept."""

    camera_id: int
    seen_at: datetime
    picture_path: str | None


@dataclass(slots=True)
class _Visit:
    arrived_at: datetime
    arrival_sharpness: float | None = None
    departure_at: datetime | None = None
    latest: View | None = None


@dataclass
class EvidenceKeeper:
    """Turns steps into pictures on disk and the rows that name them.

    Files are written before their rows are committed; a crash in between leaves a file that no row names,
    which maintenance removes.
    """

    paths: SitePaths
    rules: EvidenceRules
    pack_id: str
    _visits: dict[int, _Visit] = field(default_factory=dict)
    _first_views: dict[tuple[int, int, int], View] = field(default_factory=dict)
    """By camera, track and employee: the first face that spoke for him, until the track has its name."""
    _logged_at: dict[tuple[int, int | None], datetime] = field(default_factory=dict)
    _unknown_logged: set[tuple[int, int]] = field(default_factory=set)
    strangers: list[Stranger] = field(default_factory=list)
    """Seen since they were last taken, also while no event of them is kept."""

    def restore(self, visits: Iterable[OpenVisit]) -> None:
        for visit in visits:
            kept = _Visit(visit.arrived_at, visit.arrival_sharpness, visit.departure_at)
            self._visits[visit.employee_id] = kept

    def follow(self, step: Step, batch: FactBatch, pictures_allowed: bool) -> None:
        """Adds the pictures and logged events of one step to the batch.

        Raises StorageError with code storage_full when a picture cannot be written.
        """
        for analysis in step.analyses:
            self._remember_views(analysis)
        self._follow_visits(step, batch, pictures_allowed)
        for analysis in step.analyses:
            for face in analysis.faces:
                self._log(analysis, face, batch, pictures_allowed)
            self._forget_tracks(analysis)

    def forget_views(self, camera_ids: Collection[int]) -> None:
        """Looks that are not kept yet, of cameras that must not show any more what they showed then."""
        self._first_views = {key: view for key, view in self._first_views.items() if key[0] not in camera_ids}
        for visit in self._visits.values():
            if visit.latest is not None and visit.latest.camera_id in camera_ids:
                visit.latest = None

    def take_strangers(self) -> list[Stranger]:
        """Those of the steps since the last call."""
        taken, self.strangers = self.strangers, []
        return taken

    def close(self, events: Iterable[PresenceEvent], batch: FactBatch, pictures_allowed: bool) -> None:
        """Departure pictures of visits that ended without a frame. Raises as `follow` does."""
        for event in events:
            if isinstance(event, VisitClosed):
                self._depart(event.employee_id, batch, pictures_allowed)

    def _remember_views(self, analysis: FrameAnalysis) -> None:
        for face in analysis.faces:
            if face.match is None or not face.match.accepted or face.match.employee_id is None:
                continue
            key = (analysis.camera_id, face.track.track_id, face.match.employee_id)
            if face.employee_id is None and key not in self._first_views:
                self._first_views[key] = self._view(analysis, face)

    def _follow_visits(self, step: Step, batch: FactBatch, allowed: bool) -> None:
        for event in step.presence:
            if isinstance(event, VisitOpened):
                self._visits[event.employee_id] = _Visit(event.arrived_at)
            elif isinstance(event, VisitClosed):
                self._depart(event.employee_id, batch, allowed)
        for analysis in step.analyses:
            for face in analysis.faces:
                if face.employee_id in self._visits:
                    self._see(analysis, face, batch, allowed)

    def _see(self, analysis: FrameAnalysis, face: Face, batch: FactBatch, allowed: bool) -> None:
        """A named face: the arrival picture if it lacks, a departure candidate when it is time."""
        assert face.employee_id is not None
        visit = self._visits[face.employee_id]
        first = self._first_views.pop((analysis.camera_id, face.track.track_id, face.employee_id), None)
        matched = face.match is not None and face.match.employee_id == face.employee_id
        if matched and face.match is not None and face.match.accepted:
            visit.latest = self._view(analysis, face)
        elif first is not None and first.captured_at >= visit.arrived_at:
            visit.latest = visit.latest or first
        if not allowed or visit.latest is None or self._is_quiet(face.employee_id, visit.latest):
            return
        arrival = first if first is not None and first.captured_at >= visit.arrived_at else visit.latest
        if self._wants_arrival(visit, arrival):
            self._keep(face.employee_id, visit, EvidenceKind.ARRIVAL, arrival, batch)
            visit.arrival_sharpness = arrival.sharpness
        elif self._wants_departure(visit, visit.latest):
            self._keep(face.employee_id, visit, EvidenceKind.DEPARTURE, visit.latest, batch)
            visit.departure_at = visit.latest.captured_at

    def _is_quiet(self, employee_id: int, view: View) -> bool:
        return self.rules.is_quiet(employee_id, view.captured_at)

    def _wants_arrival(self, visit: _Visit, view: View) -> bool:
        if visit.arrival_sharpness is None:
            return True
        return self.rules.first_in_overwrite and view.sharpness > visit.arrival_sharpness * SHARPER

    def _wants_departure(self, visit: _Visit, view: View) -> bool:
        if visit.departure_at is None:
            return True
        waited_s = (view.captured_at - visit.departure_at).total_seconds()
        return waited_s >= self.rules.interval_s(view.camera_id)

    def _depart(self, employee_id: int, batch: FactBatch, allowed: bool) -> None:
        """The visit is over: its last good look becomes the departure picture."""
        visit = self._visits.pop(employee_id, None)
        if visit is None or visit.latest is None or not allowed:
            return
        if self._is_quiet(employee_id, visit.latest):
            return
        if visit.departure_at is None or visit.latest.captured_at > visit.departure_at:
            self._keep(employee_id, visit, EvidenceKind.DEPARTURE, visit.latest, batch)

    def _keep(
        self, employee_id: int, visit: _Visit, kind: EvidenceKind, view: View, batch: FactBatch
    ) -> None:
        day = visit.arrived_at.strftime("%Y-%m-%d")
        name = f"{kind}_{stamp(visit.arrived_at)}_{stamp(view.captured_at)}.jpg"
        path = f"{self.paths.evidence.relative_to(self.paths.home)}/{day}/E{employee_id}/{name}"
        sha256 = write_picture(self.paths, path, jpeg(view.pixels))
        batch.pictures.append(
            EvidencePicture(
                employee_id=employee_id,
                arrived_at=visit.arrived_at,
                kind=kind,
                camera_id=view.camera_id,
                captured_at=view.captured_at,
                path=path,
                sha256=sha256,
                score=view.match.similarity,
                runner_up_id=view.match.runner_up_id,
                runner_up_score=view.match.runner_up_similarity,
                sharpness=view.sharpness,
                pack_id=self.pack_id,
            )
        )

    def _log(self, analysis: FrameAnalysis, face: Face, batch: FactBatch, allowed: bool) -> None:
        """An event of a person no oftener than the interval; of an unknown once a track as well."""
        key = (analysis.camera_id, face.employee_id)
        at = analysis.frame.captured_at
        last = self._logged_at.get(key)
        interval_s = self.rules.interval_s(analysis.camera_id)
        if last is not None and (at - last).total_seconds() < interval_s:
            return
        if face.employee_id is None and not self._is_new_unknown(analysis.camera_id, face):
            return
        self._logged_at[key] = at
        quiet = self.rules.is_quiet(face.employee_id, at)
        path = self._write_event_picture(analysis, face) if allowed and not quiet else None
        if face.employee_id is None:
            self.strangers.append(Stranger(analysis.camera_id, at, path))
        if not quiet:
            score = face.match.similarity if face.match is not None else None
            kind = EventKind.SEEN if face.employee_id is not None else EventKind.UNKNOWN
            batch.events.append(LoggedEvent(kind, face.employee_id, analysis.camera_id, at, path, score))

    def _is_new_unknown(self, camera_id: int, face: Face) -> bool:
        """A usable face of a track that had its chances and still has no name, once a track."""
        key = (camera_id, face.track.track_id)
        chances = face.embedding is not None and face.track.hits > self.rules.unknown_after_faces
        chances = chances and not face.ignored
        if not chances or key in self._unknown_logged:
            return False
        self._unknown_logged.add(key)
        return True

    def _write_event_picture(self, analysis: FrameAnalysis, face: Face) -> str:
        folder = self.paths.captures.relative_to(self.paths.home) / f"CAM{analysis.camera_id}"
        who = f"E{face.employee_id}" if face.employee_id is not None else f"unknown{face.track.track_id}"
        path = f"{folder}/{stamp(analysis.frame.captured_at)}_{who}.jpg"
        write_picture(self.paths, path, jpeg(surroundings(analysis.frame.pixels, face.box)))
        return path

    def _view(self, analysis: FrameAnalysis, face: Face) -> View:
        return view_of(analysis.camera_id, analysis.frame.captured_at, analysis.frame.pixels, face)

    def _forget_tracks(self, analysis: FrameAnalysis) -> None:
        """Views and marks of tracks that have ended are not needed any more."""

        def over(camera_id: int, track_id: int) -> bool:
            return camera_id == analysis.camera_id and track_id not in analysis.alive

        self._unknown_logged = {key for key in self._unknown_logged if not over(*key)}
        for key in [key for key in self._first_views if over(key[0], key[1])]:
            del self._first_views[key]


def stamp(at: datetime) -> str:
    """A file name's part that sorts by time: 20261123T080501123456."""
    return at.strftime("%Y%m%dT%H%M%S%f")
