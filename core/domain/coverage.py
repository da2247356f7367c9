"""When each camera was observing: the difference between "not seen" and "could not be seen"."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.spans import Span, Spans, clip, duration, intersection, union
from core.domain.states import CoverageState

OBSERVING_MAX_GAP_S = 3.0
"""Two analysed frames further apart than this leave a gap: a person can come and go in between unseen."""

GAP_INTERVALS = 2.5
SLOWEST_SOURCE_FPS = 10.0


def max_gap_s(fps_target: float, frame_skip: int) -> float:
    """The largest gap of a camera that is asked for `fps_target` frames a second, every (frame_skip + 1)th.

    A camera set to look every ten seconds observes what it can: one late frame more is no gap.
    """
    interval_s = max(1.0 / fps_target, (frame_skip + 1) / SLOWEST_SOURCE_FPS)
    return max(OBSERVING_MAX_GAP_S, GAP_INTERVALS * interval_s)


@dataclass(frozen=True, slots=True)
class CoverageInterval:
    """What one camera covered from started_at to ended_at."""

    camera_id: int
    state: CoverageState
    started_at: datetime
    ended_at: datetime


class CoverageLedger:
    """The intervals of every camera, fed by analysed frames and by what stopped them.

    An observing interval ends at its last analysed frame, never later; the cause of the silence fills the
    time up to the next one.
    """

    def __init__(self, max_gap_s: float = OBSERVING_MAX_GAP_S) -> None:
        self._max_gap = timedelta(seconds=max_gap_s)
        self._max_gaps: dict[int, timedelta] = {}
        self._current: dict[int, CoverageInterval] = {}
        self._past: dict[int, list[Span]] = {}
        self._blind_at: dict[int, datetime] = {}
        """When each camera last gave a frame that could show nobody."""
        self._known: dict[tuple[frozenset[int], datetime, datetime], Spans] = {}
        """What was asked since the last change: people with the same cameras ask the same at every tick."""

    def set_max_gap(self, camera_id: int, max_gap_s: float) -> None:
        """For a camera whose settings ask for fewer frames."""
        self._max_gaps[camera_id] = timedelta(seconds=max_gap_s)

    def restore(self, intervals: Iterable[CoverageInterval]) -> None:
        """Takes the observing intervals of an earlier run as the past."""
        for interval in intervals:
            if interval.state is CoverageState.OBSERVING and interval.started_at < interval.ended_at:
                self._past.setdefault(interval.camera_id, []).append((interval.started_at, interval.ended_at))
        self._past = {camera_id: list(union(spans)) for camera_id, spans in self._past.items()}
        self._known.clear()

    def analysed(self, camera_id: int, at: datetime) -> list[CoverageInterval]:
        """A frame taken at `at` was analysed. Returns the intervals that changed, oldest first."""
        self._known.clear()
        current = self._current.get(camera_id)
        if current is None:
            return [self._begin(camera_id, CoverageState.OBSERVING, at, at)]
        if current.state is not CoverageState.OBSERVING:
            ended = replace(current, ended_at=max(current.ended_at, at))
            return [ended, self._begin(camera_id, CoverageState.OBSERVING, ended.ended_at, ended.ended_at)]
        if at - current.ended_at > self._max_gap_of(camera_id):
            self._close(current)
            gap = CoverageInterval(camera_id, CoverageState.NOT_ANALYSED, current.ended_at, at)
            return [current, gap, self._begin(camera_id, CoverageState.OBSERVING, at, at)]
        self._current[camera_id] = replace(current, ended_at=max(current.ended_at, at))
        return [self._current[camera_id]]

    def blind(self, camera_id: int, cause: CoverageState, at: datetime) -> list[CoverageInterval]:
        """A frame taken at `at` was analysed and could show nobody, because of `cause`."""
        self._blind_at[camera_id] = at
        return self._unobserved(camera_id, cause, at)

    def silent(self, camera_id: int, cause: CoverageState, now: datetime) -> list[CoverageInterval]:
        """No frame of this camera is analysed at `now`, because of `cause`.

        A silence shorter than the largest gap changes nothing: the next frame may still bridge it.
        """
        blind_at = self._blind_at.get(camera_id)
        if blind_at is not None and now - blind_at <= self._max_gap_of(camera_id):
            return []
        return self._unobserved(camera_id, cause, now)

    def _unobserved(self, camera_id: int, cause: CoverageState, now: datetime) -> list[CoverageInterval]:
        self._known.clear()
        current = self._current.get(camera_id)
        if current is None:
            return [self._begin(camera_id, cause, now, now)]
        if current.state is CoverageState.OBSERVING:
            if now - current.ended_at <= self._max_gap_of(camera_id):
                return []
            self._close(current)
            return [current, self._begin(camera_id, cause, current.ended_at, now)]
        if current.state is cause:
            self._current[camera_id] = replace(current, ended_at=max(current.ended_at, now))
            return [self._current[camera_id]]
        ended = replace(current, ended_at=max(current.ended_at, now))
        return [ended, self._begin(camera_id, cause, ended.ended_at, ended.ended_at)]

    def forget(self, camera_id: int) -> None:
        """The camera is no longer configured; its past stays in the database."""
        self._current.pop(camera_id, None)
        self._past.pop(camera_id, None)
        self._known.clear()
        self._blind_at.pop(camera_id, None)

    def observing(self, camera_id: int) -> bool:
        current = self._current.get(camera_id)
        return current is not None and current.state is CoverageState.OBSERVING

    def frontier(self, cameras: Iterable[int], now: datetime) -> datetime:
        """Up to when it is settled what these cameras observed: the oldest of their last analysed frames."""
        ends = [self._current[c].ended_at for c in cameras if self.observing(c)]
        return min([now, *ends])

    def observed(self, cameras: Iterable[int], start: datetime, end: datetime) -> Spans:
        """When, between start and end, all of these cameras were observing; never without any camera."""
        asked = (frozenset(cameras), start, end)
        if asked not in self._known:
            self._known[asked] = self._observed(*asked)
        return self._known[asked]

    def _observed(self, cameras: frozenset[int], start: datetime, end: datetime) -> Spans:
        spans: Spans | None = None
        for camera_id in cameras:
            own = self._spans(camera_id, start, end)
            spans = own if spans is None else intersection(spans, own)
        return spans or ()

    def observed_s(self, cameras: Iterable[int], start: datetime, end: datetime) -> float:
        """Seconds between start and end during which all of these cameras were observing."""
        return duration(self.observed(cameras, start, end)).total_seconds()

    def prune(self, before: datetime) -> None:
        """Forgets what ended before `before`; no clock that still runs may need it."""
        for camera_id, spans in self._past.items():
            self._past[camera_id] = [span for span in spans if span[1] >= before]

    def _max_gap_of(self, camera_id: int) -> timedelta:
        return self._max_gaps.get(camera_id, self._max_gap)

    def _spans(self, camera_id: int, start: datetime, end: datetime) -> Spans:
        past = self._past.get(camera_id, [])
        spans = past[bisect_right(past, start, key=lambda span: span[1]) :]
        current = self._current.get(camera_id)
        if current is not None and current.state is CoverageState.OBSERVING:
            spans.append((current.started_at, current.ended_at))
        return clip(spans, start, end)

    def _begin(
        self, camera_id: int, state: CoverageState, start: datetime, end: datetime
    ) -> CoverageInterval:
        interval = CoverageInterval(camera_id, state, start, end)
        self._current[camera_id] = interval
        return interval

    def _close(self, interval: CoverageInterval) -> None:
        self._past.setdefault(interval.camera_id, []).append((interval.started_at, interval.ended_at))
