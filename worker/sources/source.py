"""What every source of frames offers to the reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.domain.faces import Frame, Mask

_ROUNDING_S = 1e-5
"""Of timestamps, which count microseconds or the ticks of a stream."""


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """One picture and when it was taken.

    pixels: uint8 (height, width, 3), BGR; the size may differ from frame to frame.
    captured_at: aware UTC; arrival for a live source, start plus presentation time for a recording.
    sequence: which picture of the source this is, from 0; pictures nobody asked for leave gaps.
    hidden: where privacy masks blackened it; None without masks.
    """

    pixels: Frame
    captured_at: datetime
    sequence: int
    hidden: Mask | None = None


@dataclass(frozen=True)
class StreamInfo:
    """What the source says of itself. Width and height are 0 px until a picture tells."""

    width: int
    height: int
    codec: str
    fps: float | None


class FrameSource(Protocol):
    def open(self) -> StreamInfo:
        """Connects. Raises a CameraError whose code is the camera's status, with `cause` among its params."""

    def read(self) -> CapturedFrame | None:
        """The next wanted picture; None when the recording ended or the source was closed.

        Raises a CameraError as `open` does.
        """

    def close(self) -> None:
        """Ends the source, for good. May be called twice, and by another thread while a read goes on:
        the read then ends as soon as it can."""


@runtime_checkable
class ReportsProgress(Protocol):
    """A source whose reads may rightly take long while data arrives, as until a stream's first key frame."""

    progressed_at: float
    """`time.monotonic()` of the last sign of life."""


class FrameChoice:
    """Which pictures of a stream are wanted: every (frame_skip + 1)th, at most fps_target a second.

    Asked before a picture is converted, which costs as much as decoding it. Times lie on a grid of
    1 / fps_target seconds from the first picture on. `slack_s` lets a picture pass that comes a little early,
    as those of a live camera do; a recording needs none and so is sampled the same way every time.
    """

    def __init__(self, fps_target: float, frame_skip: int = 0, slack_s: float = _ROUNDING_S) -> None:
        if fps_target <= 0 or frame_skip < 0:
            raise ValueError(
                f"fps_target {fps_target} must be positive, frame_skip {frame_skip} not negative"
            )
        self._fps_target = fps_target
        self._frame_skip = frame_skip
        self._slack_s = slack_s
        self._seen = 0
        self._first_s: float | None = None
        self._next_slot = 0

    @classmethod
    def live(cls, fps_target: float, frame_skip: int = 0) -> "FrameChoice":
        """Tolerates a quarter of the frame interval of jitter."""
        return cls(fps_target, frame_skip, slack_s=0.25 / fps_target)

    def wants(self, at_s: float) -> bool:
        """Whether to use the picture at `at_s` seconds, on any clock that does not run backwards."""
        counted = self._seen % (self._frame_skip + 1) == 0
        self._seen += 1
        if not counted:
            return False
        if self._first_s is None:
            self._first_s = at_s
        slots = (at_s - self._first_s + self._slack_s) * self._fps_target
        if slots < self._next_slot:
            return False
        self._next_slot = (
            max(self._next_slot, int((at_s - self._first_s + _ROUNDING_S) * self._fps_target)) + 1
        )
        return True


def frames(source: FrameSource) -> Iterator[CapturedFrame]:
    """The frames of an opened recording up to its end."""
    while (frame := source.read()) is not None:
        yield frame


def sampled(source: FrameSource, fps_target: float) -> Iterator[CapturedFrame]:
    """The frames of an opened recording whose timestamps reach the next multiple of 1 / fps_target seconds.

    A source that was given the same FrameChoice has done this already, without converting the others.
    """
    choice = FrameChoice(fps_target)
    for frame in frames(source):
        if choice.wants(frame.captured_at.timestamp()):
            yield frame
