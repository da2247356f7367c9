"""A process that writes live frames as a worker does: python -m tests.live_writer HOME --cameras 4 --fps 10.

Each frame's sequence says when its file was written and which of the prepared pictures it holds, so that who
looks at the page can tell how old the pixels are. Heartbeat and camera states are written once a second.
"""

import argparse
import io
import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from PIL import Image, ImageDraw, ImageFilter
from sqlalchemy import Engine, update

from core.domain.states import CameraStatus
from core.live_frame import Overlay, OverlayBox, embed_overlay
from core.paths import SitePaths
from core.storage.engine import writer_engine
from core.storage.models import Camera, WorkerStatus
from tests.live_frames import named_box, unnamed_box

WIDTH_PX, HEIGHT_PX = 960, 540
CELL_PX = 60
PICTURES = 64
BITS = 6
"""The lowest row of the picture counts it in black and white cells of CELL_PX."""


def sequence_of(written_at_ms: int, picture: int) -> int:
    return written_at_ms * PICTURES + picture


def pictures(camera_id: int) -> list[bytes]:
    """JPEGs as heavy as those of a camera: about 50 KB each."""
    noise = random.Random(camera_id)
    room = Image.effect_noise((WIDTH_PX, HEIGHT_PX), 38).filter(ImageFilter.GaussianBlur(0.8)).convert("RGB")
    tint = Image.new("RGB", room.size, tuple(noise.randrange(40, 200) for _ in range(3)))
    return [_picture(Image.blend(room, tint, 0.55), number) for number in range(PICTURES)]


def _picture(room: Image.Image, number: int) -> bytes:
    draw = ImageDraw.Draw(room)
    for bit in range(BITS):
        shade = 255 if number >> bit & 1 else 0
        left = bit * CELL_PX
        draw.rectangle((left, HEIGHT_PX - CELL_PX, left + CELL_PX - 1, HEIGHT_PX), fill=(shade,) * 3)
    content = io.BytesIO()
    room.save(content, "JPEG", quality=75)
    return content.getvalue()


class Writer:
    def __init__(self, home: Path, cameras: int, fps: float) -> None:
        self._paths = SitePaths(home)
        self._engine = writer_engine(self._paths.database)
        self._pictures = {camera_id: pictures(camera_id) for camera_id in range(1, cameras + 1)}
        self._fps = fps

    def run(self, stop: Event) -> None:
        """Cameras take turns, as their frames come at different moments."""
        pause_s = 1 / (self._fps * len(self._pictures))
        next_at_s, told_at_s, turn = time.monotonic(), float("-inf"), 0
        while not stop.wait(max(0.0, next_at_s - time.monotonic())):
            next_at_s = max(next_at_s + pause_s, time.monotonic() - pause_s)
            if time.monotonic() - told_at_s >= 1:
                told_at_s = time.monotonic()
                _report(self._engine)
            turn += 1
            self._write(turn % len(self._pictures) + 1, turn // len(self._pictures) % PICTURES)

    def _write(self, camera_id: int, number: int) -> None:
        now = datetime.now(UTC)
        content: Overlay = {
            "camera_id": camera_id,
            "sequence": sequence_of(int(now.timestamp() * 1000), number),
            "captured_at": now.isoformat(),
            "width": WIDTH_PX,
            "height": HEIGHT_PX,
            "analysed_fps": self._fps,
            "boxes": _boxes(),
        }
        target = self._paths.live_frame(camera_id)
        temporary = target.with_suffix(".tmp")
        temporary.write_bytes(embed_overlay(self._pictures[camera_id][number], content))
        temporary.rename(target)


def _boxes() -> list[OverlayBox]:
    return [named_box(1, "Ayu Lestari"), unnamed_box("too_small")]


def _report(engine: Engine) -> None:
    now = datetime.now(UTC)
    with engine.begin() as connection:
        connection.execute(update(WorkerStatus).values(heartbeat_at=now))
        online = {"status": CameraStatus.ONLINE, "cause": None, "last_frame_at": now, "updated_at": now}
        connection.execute(update(Camera).values(**online))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--fps", type=float, default=10.0)
    arguments = parser.parse_args()
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Writer(arguments.home, arguments.cameras, arguments.fps).run(stop)


if __name__ == "__main__":
    main()
