"""Small recordings whose pictures can be told apart by their brightness."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from core.domain.faces import Frame


def shade(index: int) -> int:
    """The grey of the i-th picture."""
    return 40 + index * 16 % 192


def picture(grey: int, width: int = 128, height: int = 96) -> Frame:
    """One grey, with a white corner at the top left."""
    pixels = np.full((height, width, 3), grey, np.uint8)
    pixels[: height // 4, : width // 4] = 255
    return pixels


def shade_of(pixels: Frame) -> int:
    """The grey of a decoded picture, measured away from the corner."""
    height, width = pixels.shape[:2]
    return int(np.median(pixels[height // 2 :, width // 2 :]))


def write_clip(
    path: Path,
    count: int,
    *,
    size: tuple[int, int] = (128, 96),
    fps: int = 25,
    at: Sequence[int] | None = None,
    rotation: int = 0,
) -> Path:
    """`count` pictures, the i-th of grey shade(i), in H.264 with a key frame every 10.

    The suffix chooses the container; `.h264` is Annex-B without timestamps. `at` gives each picture's time in
    frames where they do not follow one another.
    """
    with av.open(str(path), "w") as container:
        options = {
            "g": "10",
            "preset": "ultrafast",
            "crf": "4",
            "tune": "zerolatency",
            "x264-params": "scenecut=0",
        }
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        for index in range(count):
            pixels = picture(shade(index), *size)
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts = index if at is None else at[index]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
