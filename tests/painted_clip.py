"""Recordings of painted people, lossless, so that a square keeps the very blue that names it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import av

from tests.painted import SIZE, Box, painted

FPS = 5

Scene = tuple[float, Mapping[int, Box]]
"""For how many seconds which people stand where."""


def painted_clip(path: Path, scenes: Sequence[Scene]) -> Path:
    """Writes the scenes one after the other; the suffix must be `.mkv`."""
    height, width = SIZE
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "bgr0"
        for lasts_s, people in scenes:
            pixels = painted(people)
            for _ in range(round(lasts_s * FPS)):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode())
    return path
