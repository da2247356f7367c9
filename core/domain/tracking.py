"""Faces of consecutive frames joined into tracks by overlap.

A track is tentative at its first face, confirmed from its second, lost while faces are missing, and ends
after more than `max_misses` frames without one. Whose face it is, is not decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from core.domain.faces import FloatArray
from core.domain.geometry import best_pairs, iou_matrix
from core.domain.states import TrackState

CONFIRMING_HITS = 2
VELOCITY_SMOOTHING = 0.5
"""Weight of the newest displacement; half follows a walking person without doubling detector jitter."""


@dataclass(slots=True, eq=False)
class Track:
    """One face followed through the frames of one camera.

    box: float32 (4,), the latest face in pixels. velocity: float32 (4,), pixels a second.
    resumed_at: time of the first face after the gap since which it is unverified; else its birth.
    unverified: faces came back after a gap and none of them has yet proved to be the same person's.
    """

    track_id: int
    box: FloatArray
    first_seen_at: datetime
    last_seen_at: datetime
    velocity: FloatArray = field(default_factory=lambda: np.zeros(4, np.float32))
    hits: int = 1
    misses: int = 0
    resumed_at: datetime = field(init=False)
    unverified: bool = False

    def __post_init__(self) -> None:
        self.resumed_at = self.first_seen_at

    @property
    def state(self) -> TrackState:
        if self.misses:
            return TrackState.LOST
        return TrackState.CONFIRMED if self.hits >= CONFIRMING_HITS else TrackState.TENTATIVE

    def predicted(self, at: datetime) -> FloatArray:
        """Where the face should be by now, (4,)."""
        elapsed_s = (at - self.last_seen_at).total_seconds()
        return (self.box + self.velocity * np.float32(elapsed_s)).astype(np.float32)

    def hit(self, box: FloatArray, at: datetime) -> None:
        elapsed_s = (at - self.last_seen_at).total_seconds()
        if elapsed_s > 0:
            newest = (box - self.box) / np.float32(elapsed_s)
            blended = VELOCITY_SMOOTHING * newest + (1 - VELOCITY_SMOOTHING) * self.velocity
            self.velocity = blended.astype(np.float32)
        if self.misses:
            if not self.unverified:
                self.resumed_at = at
            self.unverified = True
        self.box, self.last_seen_at, self.misses = box, at, 0
        self.hits += 1

    def miss(self) -> None:
        self.misses += 1


class Tracker:
    """The tracks of one camera. Not thread-safe: one thread feeds it frame by frame.

    max_gap_s: after so long without a frame nobody knows who stands where: all tracks end.
    """

    def __init__(self, iou_threshold: float, max_misses: int, max_gap_s: float = 3.0) -> None:
        self.iou_threshold = iou_threshold
        self.max_misses = max_misses
        self.max_gap_s = max_gap_s
        self.next_id = 1
        """The number of the next track; a tracker that replaces another goes on from its number."""
        self.tracks: list[Track] = []
        self.ended: list[Track] = []
        """Confirmed tracks that ended since the list was last cleared by its reader."""
        self._updated_at: datetime | None = None

    def update(self, boxes: FloatArray, at: datetime) -> list[Track]:
        """The track of each of the (n, 4) boxes of the frame taken at `at`, in their order."""
        if self._updated_at is not None and (at - self._updated_at).total_seconds() > self.max_gap_s:
            self.finish()
        self._updated_at = at
        pairs = self._associate(boxes, at)
        assigned: dict[int, Track] = {}
        for row, column in pairs:
            self.tracks[row].hit(boxes[column], at)
            assigned[column] = self.tracks[row]
        matched = {row for row, _ in pairs}
        for row, track in enumerate(self.tracks):
            if row not in matched:
                track.miss()
        self._end(track for track in self.tracks if self._is_over(track))
        return [assigned.get(i) or self._born(boxes[i], at) for i in range(len(boxes))]

    def split(self, track: Track) -> Track:
        """Ends `track`, whose newest face turned out to be another person's, and starts that person's track.

        When a gap precedes, the two met in it: the new track begins with the first face after the gap.
        """
        self._end([track])
        met_in_gap = track.resumed_at > track.first_seen_at and track.unverified
        born = self._born(track.box, track.resumed_at if met_in_gap else track.last_seen_at)
        born.last_seen_at = track.last_seen_at
        return born

    def _associate(self, boxes: FloatArray, at: datetime) -> list[tuple[int, int]]:
        if not self.tracks or not len(boxes):
            return []
        last = iou_matrix(np.stack([track.box for track in self.tracks]), boxes)
        predicted = iou_matrix(np.stack([track.predicted(at) for track in self.tracks]), boxes)
        return best_pairs(np.maximum(last, predicted), self.iou_threshold)

    def finish(self) -> None:
        """Ends every track: the recording is over, or what follows has nothing to do with what was."""
        self._end(list(self.tracks))

    def _end(self, tracks: Iterable[Track]) -> None:
        over = list(tracks)
        self.tracks = [track for track in self.tracks if track not in over]
        self.ended += [track for track in over if track.hits >= CONFIRMING_HITS]

    def _is_over(self, track: Track) -> bool:
        return track.misses > self.max_misses or (track.misses > 0 and track.hits < CONFIRMING_HITS)

    def _born(self, box: FloatArray, at: datetime) -> Track:
        track = Track(self.next_id, box, at, at)
        self.next_id += 1
        self.tracks.append(track)
        return track
