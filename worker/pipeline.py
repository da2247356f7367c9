"""A frame's way from pixels to facts; the whole flow is `Pipeline.process`.

Everything behind detection and embedding is pure and runs on the caller's one thread, so a recording that is
replayed takes exactly the same way as a live camera.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.areas import Polygon, in_any
from core.domain.coverage import CoverageInterval, CoverageLedger, max_gap_s
from core.domain.events import PresenceEvent
from core.domain.faces import FloatArray, Frame
from core.domain.identity import Gallery, MatchRule
from core.domain.presence import PresenceMonitor
from core.domain.quality import QualityLimits, refusal
from core.domain.recognition import CameraRecognition, Face, RecognitionRules, UnknownTrack
from core.domain.states import FaceRefusal
from core.domain.view import KNOWN_AFTER_FRAMES, View, ViewWatch
from core.settings import Parameters
from worker.analysis.protocols import LoadedPack
from worker.analysis.quality import measure_face
from worker.analysis.view import measure_view
from worker.sources.source import CapturedFrame

TICK_INTERVAL = timedelta(seconds=0.2)
"""Clocks of everybody are looked at no oftener, however many cameras there are."""


@dataclass(frozen=True, slots=True)
class CameraFrame:
    camera_id: int
    frame: CapturedFrame


@dataclass(slots=True)
class FrameAnalysis:
    """What one frame showed. `crops` holds the aligned faces that are to be embedded, by index in `faces`."""

    camera_id: int
    frame: CapturedFrame
    faces: list[Face]
    crops: dict[int, Frame] = field(default_factory=dict)
    unknown: list[UnknownTrack] = field(default_factory=list)
    alive: frozenset[int] = frozenset()
    """Tracks of the camera that go on after this frame."""


@dataclass(slots=True)
class Step:
    """What one pass over the newest frames of some cameras yields."""

    now: datetime
    analyses: list[FrameAnalysis]
    presence: list[PresenceEvent]
    coverage: list[CoverageInterval]


class CameraContext:
    """One camera's settings, tracks and counters."""

    def __init__(
        self,
        camera_id: int,
        limits: QualityLimits,
        rules: RecognitionRules,
        before: "CameraContext | None" = None,
    ) -> None:
        """`before`: the context that this one replaces; no track's number is given twice."""
        self.camera_id = camera_id
        self.limits = limits
        self.rules = rules
        self.recognition = CameraRecognition(camera_id, rules)
        self.refused: Counter[str] = Counter()
        self.view = ViewWatch()
        self.zones: tuple[Polygon, ...] = ()
        if before is not None:
            self.view = before.view
            self.recognition.tracker.next_id = before.recognition.tracker.next_id
            self.refused = before.refused
            self.zones = before.zones
        self._shape: tuple[int, ...] = ()

    def look(self, frame: Frame) -> None:
        """Boxes of a picture of another size mean other places: the tracks end."""
        if self._shape and frame.shape != self._shape:
            self.recognition.tracker.finish()
        self._shape = frame.shape

    def is_outside(self, box: FloatArray, frame: Frame) -> bool:
        """Whether the camera has zones and the middle of a face's box (4,) px lies in none of them."""
        if not self.zones:
            return False
        height, width = frame.shape[:2]
        middle = float(box[0] + box[2]) / 2 / width, float(box[1] + box[3]) / 2 / height
        return not in_any(self.zones, middle)


class Pipeline:
    """All cameras' frames through one pack, one gallery and one presence monitor."""

    def __init__(self, pack: LoadedPack, monitor: PresenceMonitor, coverage: CoverageLedger) -> None:
        self.pack = pack
        self.monitor = monitor
        self.coverage = coverage
        self.gallery: Gallery | None = None
        self._cameras: dict[int, CameraContext] = {}
        self._ticked_at: datetime | None = None

    def set_cameras(self, parameters_of: Mapping[int, Parameters]) -> None:
        """Adds, changes and removes cameras; one whose rules of recognition stay keeps its tracks."""
        for camera_id in self._cameras.keys() - parameters_of.keys():
            del self._cameras[camera_id]
            self.coverage.forget(camera_id)
        for camera_id, parameters in parameters_of.items():
            limits, rules = quality_limits(parameters), recognition_rules(parameters, self.pack)
            current = self._cameras.get(camera_id)
            if current is None or (current.limits, current.rules) != (limits, rules):
                self._cameras[camera_id] = CameraContext(camera_id, limits, rules, current)
            self.coverage.set_max_gap(camera_id, rules.max_gap_s)

    def set_zones(self, zones_of: Mapping[int, tuple[Polygon, ...]]) -> None:
        """Where faces count, by camera; without zones everywhere. Tracks go on."""
        for camera_id, camera in self._cameras.items():
            camera.zones = zones_of.get(camera_id, ())

    def set_gallery(self, gallery: Gallery, changed: Collection[int]) -> None:
        """Who can be recognised from now on. The names of those who `changed` must be won again."""
        self.gallery = gallery
        for camera in self._cameras.values():
            camera.recognition.forget_names(changed)
            camera.recognition.forget_ignored()

    def know_views(self, camera_ids: Collection[int]) -> None:
        """These cameras were covered before: what they show when they are not is known."""
        for camera_id in self._cameras.keys() & set(camera_ids):
            self._cameras[camera_id].view.known_frames = KNOWN_AFTER_FRAMES

    def refused_faces(self, camera_id: int) -> dict[str, int]:
        """How many faces were refused, by reason, since the camera was set up."""
        return dict(self._cameras[camera_id].refused)

    def process(self, frames: Sequence[CameraFrame], now: datetime) -> Step:
        """Analyses at most one frame a camera; `now` is at or after the newest of them."""
        analyses = [self._detect(frame) for frame in frames]
        self._embed(analyses)
        step = Step(now, analyses, [], [])
        for analysis in analyses:
            self._identify(analysis)
            step.coverage += self._cover(analysis)
        for analysis in analyses:
            recognition = self._cameras[analysis.camera_id].recognition
            for sighting in recognition.sightings(analysis.faces, analysis.frame.captured_at):
                step.presence += self.monitor.observe(sighting)
        if self._ticked_at is None or now - self._ticked_at >= TICK_INTERVAL or now < self._ticked_at:
            self._ticked_at = now
            step.presence += self.monitor.tick(now)
        return step

    def finish(self) -> list[UnknownTrack]:
        """Ends all tracks, as at the end of a recording; returns those that never had a name."""
        unknown: list[UnknownTrack] = []
        for camera in self._cameras.values():
            camera.recognition.tracker.finish()
            unknown += camera.recognition.take_unknown()
        return unknown

    def _cover(self, analysis: FrameAnalysis) -> list[CoverageInterval]:
        """What the frame says of its camera's coverage; one with a face in it is neither dark nor covered."""
        at, watch = analysis.frame.captured_at, self._cameras[analysis.camera_id].view
        blind = None if analysis.faces else watch.blindness(_view(analysis.frame))
        if blind is not None:
            return self.coverage.blind(analysis.camera_id, blind, at)
        return self.coverage.analysed(analysis.camera_id, at)

    def _detect(self, captured: CameraFrame) -> FrameAnalysis:
        camera = self._cameras[captured.camera_id]
        frame = captured.frame
        camera.look(frame.pixels)
        detections = self.pack.detector.detect(frame.pixels)
        tracks = camera.recognition.track(detections, frame.captured_at)
        analysis = FrameAnalysis(captured.camera_id, frame, [])
        for index, track in enumerate(tracks):
            crop = self.pack.embedder.align(frame.pixels, detections.landmarks[index])
            quality = measure_face(frame.pixels, detections, index, crop)
            outside = camera.is_outside(detections.xyxy[index], frame.pixels)
            reason = FaceRefusal.OUTSIDE_ZONE if outside else refusal(quality, camera.limits)
            if reason is None:
                analysis.crops[index] = crop
            else:
                camera.refused[reason.value] += 1
            analysis.faces.append(Face(track, detections.xyxy[index], quality, reason))
        return analysis

    def _embed(self, analyses: Sequence[FrameAnalysis]) -> None:
        """One batch over the usable faces of all cameras."""
        wanted = [(analysis, index) for analysis in analyses for index in analysis.crops]
        embeddings = self.pack.embedder.embed([analysis.crops[index] for analysis, index in wanted])
        for (analysis, index), embedding in zip(wanted, embeddings, strict=True):
            analysis.faces[index].embedding = embedding

    def _identify(self, analysis: FrameAnalysis) -> None:
        assert self.gallery is not None
        recognition = self._cameras[analysis.camera_id].recognition
        recognition.identify(analysis.faces, self.gallery, analysis.frame.captured_at)
        analysis.unknown = recognition.take_unknown()
        analysis.alive = recognition.alive()


def _view(frame: CapturedFrame) -> View | None:
    return measure_view(frame.pixels, frame.hidden)


def quality_limits(parameters: Parameters) -> QualityLimits:
    return QualityLimits(
        min_face_px=parameters.quality_min_face_px,
        min_face_area_frac=parameters.quality_min_face_area_frac,
        min_score=parameters.quality_min_score,
        min_blur_var=parameters.quality_min_blur_var,
        min_brightness=parameters.quality_min_brightness,
        max_brightness=parameters.quality_max_brightness,
    )


def match_rule(parameters: Parameters, pack: LoadedPack) -> MatchRule:
    """The settings' similarities where they are set, else the pack's calibration."""
    calibration = pack.calibration
    threshold = parameters.similarity_threshold
    margin = parameters.similarity_margin
    margin = calibration.similarity_margin if margin is None else margin
    return MatchRule(
        threshold=calibration.similarity_threshold if threshold is None else threshold,
        margin=margin,
        hold=margin,
    )


def recognition_rules(parameters: Parameters, pack: LoadedPack) -> RecognitionRules:
    return RecognitionRules(
        iou_threshold=parameters.tracker_iou_threshold,
        max_misses=parameters.tracker_max_misses,
        smoothing_window=parameters.smoothing_window,
        smoothing_min_votes=parameters.smoothing_min_votes,
        continuity_threshold=pack.calibration.continuity_threshold,
        match=match_rule(parameters, pack),
        max_gap_s=max_gap_s(parameters.fps_target, parameters.frame_skip),
    )
