"""The faces of one camera, frame by frame: tracks, continuity, matches and the names they earn."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from core.domain.events import Sighting
from core.domain.faces import FaceDetections, FloatArray
from core.domain.identity import Gallery, IdentityVote, Match, MatchRule, one_identity_per_frame
from core.domain.quality import FaceQuality
from core.domain.states import FaceRefusal, Unnamed
from core.domain.tracking import Track, Tracker

MEAN_WEIGHT = 0.2
"""Weight of the newest face in a track's running mean: about the last second at 5 frames a second."""


@dataclass(slots=True, eq=False)
class Face:
    """One face of one frame on its way to a name.

    box: float32 (4,) pixels. embedding: float32 (dim,) unit vector, None when the face was refused.
    employee_id: the name of its track, when that is certain in this very frame. ignored: the track showed
    somebody whom nobody wants to know.
    """

    track: Track
    box: FloatArray
    quality: FaceQuality
    refusal: FaceRefusal | None
    embedding: FloatArray | None = None
    match: Match | None = None
    employee_id: int | None = None
    since: datetime | None = None
    ignored: bool = False

    @property
    def reason(self) -> FaceRefusal | Unnamed | None:
        """Why the face has no name; None when it has one."""
        if self.employee_id is not None:
            return None
        if self.refusal is not None:
            return self.refusal
        if self.ignored:
            return Unnamed.IGNORED
        return (self.match.refusal if self.match else None) or Unnamed.VOTING


@dataclass(slots=True)
class _Identity:
    """What is known of one track's person."""

    vote: IdentityVote
    embedding: FloatArray | None = None
    mean: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    """Running mean of the embeddings, unit length: one odd frame does not split a track."""
    similarity: float = -1.0
    usable_faces: int = 0
    was_named: bool = False
    was_ignored: bool = False
    """One face that says so is enough: the track is one person."""

    def show(self, embedding: FloatArray) -> None:
        """Takes in the newest usable face, float32 (dim,)."""
        mean = (
            embedding if self.embedding is None else self.mean * (1 - MEAN_WEIGHT) + embedding * MEAN_WEIGHT
        )
        self.mean = (mean / np.linalg.norm(mean)).astype(np.float32)
        self.embedding = embedding
        self.usable_faces += 1


@dataclass(frozen=True)
class RecognitionRules:
    """Tracking and vote settings of one camera; similarities as the pack calibrates them."""

    iou_threshold: float
    max_misses: int
    smoothing_window: int
    smoothing_min_votes: int
    continuity_threshold: float
    match: MatchRule
    max_gap_s: float = 3.0


@dataclass(frozen=True, slots=True)
class UnknownTrack:
    """A confirmed track that ended without ever having had a name."""

    track_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    usable_faces: int


@dataclass(slots=True)
class CameraRecognition:
    """One camera's tracks and their names. Pure; one thread."""

    camera_id: int
    rules: RecognitionRules
    tracker: Tracker = field(init=False)
    _identities: dict[int, _Identity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = self.rules
        self.tracker = Tracker(rules.iou_threshold, rules.max_misses, rules.max_gap_s)

    def track(self, detections: FaceDetections, at: datetime) -> list[Track]:
        """The track of each detection of the frame taken at `at`."""
        return self.tracker.update(detections.xyxy, at)

    def identify(self, faces: Sequence[Face], gallery: Gallery, at: datetime) -> None:
        """Names the faces of one frame in place; `embedding` of every usable one must be set."""
        usable = [face for face in faces if face.embedding is not None]
        for face in usable:
            self._check_continuity(face)
        self._match(usable, gallery)
        for face in usable:
            self._vote(face, at)
        self._settle_rivals(faces)
        for face in faces:
            self._name(face)

    def sightings(self, faces: Sequence[Face], at: datetime) -> list[Sighting]:
        """One sighting a named face."""
        return [
            Sighting(face.employee_id, self.camera_id, face.since, at)
            for face in faces
            if face.employee_id is not None and face.since is not None
        ]

    def take_unknown(self) -> list[UnknownTrack]:
        """The tracks that ended without a name since the last call."""
        unknown = []
        for track in self.tracker.ended:
            identity = self._identities.pop(track.track_id, None)
            if identity is None or not identity.was_named:
                faces = identity.usable_faces if identity else 0
                unknown.append(UnknownTrack(track.track_id, track.first_seen_at, track.last_seen_at, faces))
        self.tracker.ended.clear()
        alive = {track.track_id for track in self.tracker.tracks}
        self._identities = {key: value for key, value in self._identities.items() if key in alive}
        return unknown

    def usable_faces(self, track: Track) -> int:
        return self._identity(track).usable_faces

    def forget_names(self, people: Collection[int]) -> None:
        """The templates of these people changed or went: their names must be won again, tracks go on."""
        for identity in self._identities.values():
            if identity.vote.mentions(people):
                identity.vote = self._new_vote()

    def forget_ignored(self) -> None:
        """Who is ignored has changed: it must be seen again."""
        for identity in self._identities.values():
            identity.was_ignored = False

    def alive(self) -> frozenset[int]:
        """The ids of the tracks that go on."""
        return frozenset(track.track_id for track in self.tracker.tracks)

    def _check_continuity(self, face: Face) -> None:
        """A face unlike the one before on the same track is another person: the track is split."""
        assert face.embedding is not None
        identity = self._identity(face.track)
        if identity.embedding is not None:
            likeness = max(float(identity.embedding @ face.embedding), float(identity.mean @ face.embedding))
            if likeness < self._continuity_floor(face.track):
                face.track = self.tracker.split(face.track)
                identity = self._identity(face.track)
        identity.show(face.embedding)
        face.track.unverified = False

    def _continuity_floor(self, track: Track) -> float:
        """After a gap somebody else may stand in the same place: then it takes as much as for a match."""
        floor = self.rules.continuity_threshold
        return max(floor, self.rules.match.threshold) if track.unverified else floor

    def _match(self, usable: Sequence[Face], gallery: Gallery) -> None:
        if not usable:
            return
        embeddings = np.stack([face.embedding for face in usable if face.embedding is not None])
        found = gallery.match(embeddings, self.rules.match)
        unique = one_identity_per_frame(
            {face.track.track_id: m for face, m in zip(usable, found, strict=True)}
        )
        for face in usable:
            face.match = unique[face.track.track_id]

    def _vote(self, face: Face, at: datetime) -> None:
        assert face.match is not None
        identity = self._identity(face.track)
        identity.was_ignored |= face.match.refusal is Unnamed.IGNORED
        name = identity.vote.observe(face.match, self.rules.match, at)
        if name is not None and face.match.employee_id == name:
            identity.similarity = face.match.similarity

    def _settle_rivals(self, faces: Sequence[Face]) -> None:
        """Two tracks of one frame cannot be one person: the more alike keeps the name.

        An unverified track claims nobody: who stands there is not known.
        """
        claims: dict[int, list[_Identity]] = {}
        for face in faces:
            identity = self._identity(face.track)
            if identity.vote.employee_id is not None and not face.track.unverified:
                claims.setdefault(identity.vote.employee_id, []).append(identity)
        for rivals in claims.values():
            for loser in sorted(rivals, key=lambda i: i.similarity)[:-1]:
                loser.vote.drop()

    def _name(self, face: Face) -> None:
        if face.refusal is FaceRefusal.OUTSIDE_ZONE:
            return  # also one who earned his name within
        identity = self._identity(face.track)
        if identity.vote.employee_id is None or face.track.unverified:
            face.ignored = identity.was_ignored and not face.track.unverified
            return
        identity.was_named = True
        face.employee_id = identity.vote.employee_id
        face.since = identity.vote.since(face.track.first_seen_at)

    def _identity(self, track: Track) -> _Identity:
        if track.track_id not in self._identities:
            self._identities[track.track_id] = _Identity(self._new_vote())
        return self._identities[track.track_id]

    def _new_vote(self) -> IdentityVote:
        return IdentityVote(self.rules.smoothing_window, self.rules.smoothing_min_votes)
