"""From packets to BGR pictures, by PyAV."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from core.domain.faces import Frame
from core.domain.states import CameraCause
from worker.sources.causes import camera_error
from worker.sources.source import StreamInfo


class Decodable(Protocol):
    """The part of av.Packet that is used here."""

    def decode(self) -> Sequence[object]: ...


def video_stream(container: InputContainer, address: str) -> VideoStream:
    """The first video stream. Raises CameraMisconfigured (codec) where none can be decoded."""
    for stream in container.streams.video:
        if stream.codec_context is not None:
            return stream
    raise camera_error(CameraCause.CODEC, address)


def stream_info(stream: VideoStream) -> StreamInfo:
    context = stream.codec_context
    rate: Fraction | None = stream.average_rate or stream.guessed_rate
    fps = float(rate) if rate and rate < 1000 else None  # cameras without a rate claim 90000
    return StreamInfo(context.width, context.height, context.name, fps)


def intact_pictures(packet: Decodable, address: str) -> list[av.VideoFrame]:
    """The pictures a packet completes; none for damaged data, and none of those marked as damaged.

    Raises CameraMisconfigured (codec) for what the decoder cannot do; PyAV's text is not passed on.
    """
    try:
        frames = packet.decode()
    except av.InvalidDataError:
        return []
    except av.FFmpegError:
        frames = None
    if frames is None:  # out here, so that no context carries PyAV's error
        raise camera_error(CameraCause.CODEC, address)
    return [frame for frame in frames if isinstance(frame, av.VideoFrame) and not frame.is_corrupt]


def to_bgr(picture: av.VideoFrame, address: str) -> Frame:
    """uint8 (height, width, 3) BGR, turned upright where the recording says how it was held.

    Raises CameraMisconfigured (codec) for a pixel format that cannot be converted.
    """
    try:
        pixels = picture.to_ndarray(format="bgr24")
    except (av.FFmpegError, ValueError):
        pixels = None
    if pixels is None:
        raise camera_error(CameraCause.CODEC, address)
    quarters = round(picture.rotation / 90) % 4
    upright = np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters else pixels
    return np.asarray(upright, np.uint8)
