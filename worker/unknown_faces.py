"""Keeps one face of each track that never had a name, so that somebody can say later who it was."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from core.domain.faces import FloatArray, Frame
from core.domain.recognition import Face
from core.domain.unknowns import HourlyLimit
from core.paths import SitePaths
from core.storage.biometrics import NewUnknownFace, write_picture
from core.storage.facts import FactBatch
from worker.analysis.protocols import LoadedPack
from worker.evidence import SHARPER, EvidenceRules, stamp
from worker.pictures import jpeg, surroundings
from worker.pipeline import FrameAnalysis, Step

ESTABLISHED_AFTER = timedelta(seconds=30)
"""Who stays unknown for so long is kept while he is still there."""
GROWS_EVERY = timedelta(seconds=10)
FORGOTTEN_AFTER = timedelta(minutes=1)
"""A camera that gives no frames for so long has lost whom it followed."""

TrackKey = tuple[int, int]
"""Camera and track."""


@dataclass(frozen=True, slots=True)
class _Shot:
    """pixels: uint8 (h, w, 3) BGR around the face."""

    captured_at: datetime
    pixels: Frame
    face_px: float
    sharpness: float


@dataclass(slots=True)
class _Stranger:
    """total: sum of the embeddings (dim,) of his usable faces. path: of his picture, once he has a row."""

    camera_id: int
    track_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    total: FloatArray | None = None
    usable_faces: int = 0
    best: _Shot | None = None
    path: str | None = None
    told_at: datetime | None = None
    settled: bool = False
    """Named, or ignored, less than ESTABLISHED_AFTER ago: nothing of him is kept."""
    discarded: bool = False
    """Somebody said that he does not matter."""

    def begin_anew(self, since: datetime) -> None:
        """What was seen of him until then is told elsewhere, or nobody's to tell."""
        self.first_seen_at = since
        self.total, self.usable_faces, self.best = None, 0, None
        self.path = self.told_at = None

    def show(self, embedding: FloatArray) -> None:
        self.total = embedding if self.total is None else self.total + embedding
        self.usable_faces += 1

    def is_better(self, sharpness: float) -> bool:
        return self.best is None or sharpness > self.best.sharpness * SHARPER


@dataclass
class UnknownFaceKeeper:
    """One row a track: when it ends, or once it is established, and then its last sighting grows.

    The mean of the usable faces stands for the person, as the mean of his templates does for an employee: it
    groups a little better than the sharpest face alone. The picture is that of the sharpest.
    """

    paths: SitePaths
    pack: LoadedPack
    rules: EvidenceRules
    limit: HourlyLimit = field(default_factory=lambda: HourlyLimit(0))
    _tracks: dict[TrackKey, _Stranger] = field(default_factory=dict)

    def follow(self, step: Step, batch: FactBatch, allowed: bool) -> None:
        """Adds to the batch what one step decided; allowed: whether pictures may be written.

        Raises StorageError with code storage_full when a picture cannot be written.
        """
        for analysis in step.analyses:
            for face in analysis.faces:
                self._see(analysis, face, batch, allowed)
            over = [
                key for key in self._tracks if key[0] == analysis.camera_id and key[1] not in analysis.alive
            ]
            self._end(over, batch, allowed)

    def forget_silent(self, now: datetime, batch: FactBatch, allowed: bool) -> None:
        """Ends the tracks of cameras that give nothing any more. Raises as `follow` does."""
        silent = [key for key, one in self._tracks.items() if abs(now - one.last_seen_at) > FORGOTTEN_AFTER]
        self._end(silent, batch, allowed)

    def finish(self, batch: FactBatch, allowed: bool) -> None:
        """Nothing is analysed any more. Raises as `follow` does."""
        self._end(list(self._tracks), batch, allowed)

    def forget_views(self, camera_ids: Collection[int]) -> None:
        """Pictures not written yet, of cameras that must not show any more what they showed then.

        Whoever gives no other picture from now on gets no row.
        """
        for key, one in self._tracks.items():
            if key[0] in camera_ids:
                one.best = None

    def follow_decisions(self, decided: Mapping[str, datetime | None]) -> None:
        """Somebody decided on faces whose tracks go on; `decided` is as in `Recorded`.

        What is seen after the end of such a face becomes another one, unless it was discarded. Less than
        GROWS_EVERY may lie between that end and the decision.
        """
        for one in self._tracks.values():
            if one.path is None or one.path not in decided:
                continue
            ended_at = decided[one.path]
            one.path = one.told_at = one.best = None
            one.first_seen_at = ended_at or one.last_seen_at
            one.discarded = ended_at is None

    def _see(self, analysis: FrameAnalysis, face: Face, batch: FactBatch, allowed: bool) -> None:
        if face.track.unverified:  # who stands there is not known
            return
        at = analysis.frame.captured_at
        key = (analysis.camera_id, face.track.track_id)
        one = self._tracks.setdefault(key, _Stranger(*key, face.track.first_seen_at, at))
        one.last_seen_at = at
        if one.discarded:
            return
        if face.employee_id is not None or face.ignored:
            _settle(one, batch)
            return
        one.settled &= at - one.first_seen_at < ESTABLISHED_AFTER
        if face.embedding is not None and allowed and not self.rules.is_quiet(None, at):
            one.show(face.embedding)
            if one.is_better(face.quality.sharpness):
                one.best = _shot(analysis, face)
        if one.path is not None:
            _grow(one, batch, GROWS_EVERY)
        elif at - one.first_seen_at >= ESTABLISHED_AFTER:
            self._keep(one, batch, allowed)

    def _end(self, over: Iterable[TrackKey], batch: FactBatch, allowed: bool) -> None:
        for key in over:
            one = self._tracks.pop(key)
            if one.settled or one.discarded:
                continue
            if one.path is None:
                self._keep(one, batch, allowed)
            else:
                _grow(one, batch, timedelta())

    def _keep(self, one: _Stranger, batch: FactBatch, allowed: bool) -> None:
        """Writes the picture and asks for the row, if the track had its chances and there is room for it."""
        had_chances = one.usable_faces > self.rules.unknown_after_faces
        if not allowed or not had_chances or one.best is None or one.total is None:
            return
        if not self.limit.takes(one.camera_id, one.last_seen_at):
            return
        day = f"{one.best.captured_at:%Y-%m-%d}"
        name = f"CAM{one.camera_id}_{stamp(one.best.captured_at)}_{one.track_id}.jpg"
        path = f"{self.paths.unknown_faces.relative_to(self.paths.home)}/{day}/{name}"
        write_picture(self.paths, path, jpeg(one.best.pixels))
        one.path, one.told_at = path, one.last_seen_at
        batch.unknown_faces.append(self._row(one, one.best, one.total, path))

    def _row(self, one: _Stranger, best: _Shot, total: FloatArray, path: str) -> NewUnknownFace:
        return NewUnknownFace(
            camera_id=one.camera_id,
            first_seen_at=one.first_seen_at,
            last_seen_at=one.last_seen_at,
            captured_at=best.captured_at,
            picture_path=path,
            embedding=(total / np.linalg.norm(total)).astype(np.float32),
            pack_id=self.pack.pack_id,
            pack_sha256=self.pack.sha256,
            face_px=best.face_px,
            sharpness=best.sharpness,
        )


def _shot(analysis: FrameAnalysis, face: Face) -> _Shot:
    pixels = surroundings(analysis.frame.pixels, face.box)
    return _Shot(analysis.frame.captured_at, pixels, face.quality.face_px, face.quality.sharpness)


def _settle(one: _Stranger, batch: FactBatch) -> None:
    """He has a name, or is to be ignored: a row that he has already goes.

    A name may be taken from him, and somebody else may stand in his place: what follows is counted from here.
    """
    if one.path is not None:
        batch.unknown_settled.append(one.path)
        batch.unknown_seen.pop(one.path, None)
    one.begin_anew(one.last_seen_at)
    one.settled = True


def _grow(one: _Stranger, batch: FactBatch, every: timedelta) -> None:
    assert one.path is not None
    if one.told_at is None or one.last_seen_at - one.told_at >= every:
        batch.unknown_seen[one.path] = one.told_at = one.last_seen_at
