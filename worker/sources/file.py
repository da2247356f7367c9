"""A recording: replayed by its own clock, or played in real time as if it were a camera."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from core.domain.states import CameraCause
from worker.sources.causes import camera_error
from worker.sources.closing import ClosableSource
from worker.sources.decoding import intact_pictures, stream_info, to_bgr, video_stream
from worker.sources.source import CapturedFrame, FrameChoice, StreamInfo

_ASSUMED_FPS = 25.0
_LATE_S = 1.0
"""Playing further behind than this, the recording's clock is set anew instead of rushing after it."""


class FileSource(ClosableSource):
    """Pictures of a video file.

    With `start_at` every wanted picture comes as fast as it is read, captured_at = start_at + its
    presentation time since the first picture. Without, pictures come in real time and captured_at is the
    wall clock; `loop` then starts over at the end.
    """

    def __init__(
        self,
        path: Path,
        *,
        choice: FrameChoice | None = None,
        loop: bool = False,
        start_at: datetime | None = None,
    ) -> None:
        super().__init__()
        self.progressed_at = time.monotonic()
        self._path = path
        self._choice = choice
        self._loop = loop
        self._start_at = start_at
        self._container: InputContainer | None = None
        self._frames: Iterator[CapturedFrame] = iter(())

    def open(self) -> StreamInfo:
        with self._owner:
            info = self._open_container()
            self._frames = self._play()
            return info

    def read(self) -> CapturedFrame | None:
        with self._owner:
            frame = None if self._closing.is_set() else next(self._frames, None)
            if self._closing.is_set():
                self._release()
            return frame

    def _release(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open_container(self) -> StreamInfo:
        address = str(self._path)
        if not self._path.is_file():
            raise camera_error(CameraCause.SOURCE_MISSING, address)
        try:
            self._container = av.open(address)
        except (av.FFmpegError, OSError) as error:
            raise camera_error(CameraCause.NOT_READABLE, address) from error
        stream = video_stream(self._container, address)
        stream.thread_type = "AUTO"
        return stream_info(stream)

    def _play(self) -> Iterator[CapturedFrame]:
        sequence = 0
        while True:
            began = time.monotonic()
            before = sequence
            for at_s, picture in self._timed_pictures():
                self.progressed_at = time.monotonic()
                if self._start_at is None:
                    began = self._await(began, at_s)
                    if self._closing.is_set():
                        return
                if self._choice is None or self._choice.wants(self._choice_time_s(at_s)):
                    yield CapturedFrame(to_bgr(picture, str(self._path)), self._captured_at(at_s), sequence)
                sequence += 1
            if sequence == before:
                raise camera_error(CameraCause.CODEC, str(self._path))
            if not self._loop or self._start_at is not None:
                return
            self._release()
            self._open_container()

    def _timed_pictures(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """Intact pictures with their seconds since the first; a missing or backward time is one frame on."""
        assert self._container is not None
        stream = self._container.streams.video[0]
        step_s = 1.0 / (stream_info(stream).fps or _ASSUMED_FPS)
        first_s: float | None = None
        last_s = -step_s
        for packet in self._packets(stream):
            for picture in intact_pictures(packet, str(self._path)):
                stamped_s = picture.time
                if first_s is None and stamped_s is not None:
                    first_s = stamped_s - (last_s + step_s)
                at_s = last_s + step_s if stamped_s is None or first_s is None else stamped_s - first_s
                last_s = at_s if at_s > last_s else last_s + step_s
                yield last_s, picture

    def _packets(self, stream: VideoStream) -> "Iterator[av.Packet[VideoStream]]":
        assert self._container is not None
        try:
            yield from self._container.demux(stream)
        except av.FFmpegError as error:
            raise camera_error(CameraCause.NOT_READABLE, str(self._path)) from error

    def _await(self, began: float, at_s: float) -> float:
        """Waits until the picture is due; returns when the recording began, moved on where it lags behind."""
        delay_s = began + at_s - time.monotonic()
        if delay_s > 0:
            self._closing.wait(delay_s)
        return time.monotonic() - at_s if delay_s < -_LATE_S else began

    def _choice_time_s(self, at_s: float) -> float:
        return at_s if self._start_at is not None else time.monotonic()

    def _captured_at(self, at_s: float) -> datetime:
        if self._start_at is None:
            return datetime.now(UTC)
        return self._start_at + timedelta(seconds=at_s)
