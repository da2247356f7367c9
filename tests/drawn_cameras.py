"""Live pictures of a drawn site, written as a worker writes them, with its heartbeat."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from PIL import Image, ImageDraw
from sqlalchemy import update

from core.domain.states import CameraStatus, PresenceState
from core.live_frame import Overlay, OverlayBox, embed_overlay
from core.storage.models import Camera, Presence, Visit
from tests.drawn_site import AYU, BUDI, CITRA, EKA, GITA, HENDRA, MASK, MASKED, PEOPLE, DrawnSite
from tests.live_frames import candidate_of, named_box, unnamed_box
from tests.seed import draw_person

WIDTH_PX, HEIGHT_PX = 960, 540
BETWEEN_S = 0.2
STEPS = 10
SWAY_PX = 3
SIZE_PX = 300
WALLS = {1: (203, 213, 216), 2: (214, 205, 190), 3: (196, 206, 198), 4: (222, 216, 208)}
STRANGER = 14
STANDING = {
    1: ((HENDRA, 0.36), (STRANGER, 0.62)),
    2: ((CITRA, 0.55),),
    3: ((AYU, 0.18), (BUDI, 0.58)),
    4: ((EKA, 0.30), (GITA, 0.66)),
}
"""Camera: who stands where, as the left edge in fractions of the width."""


def picture(camera_id: int, step: int) -> bytes:
    """A JPEG of a room with its people; they sway a little from step to step."""
    room = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), WALLS[camera_id])
    draw = ImageDraw.Draw(room)
    draw.rectangle((0, 430, WIDTH_PX, HEIGHT_PX), fill=tuple(part - 62 for part in WALLS[camera_id]))
    draw.rectangle((0, 424, WIDTH_PX, 432), fill=tuple(part - 90 for part in WALLS[camera_id]))
    {1: _gate, 2: _shelves, 3: _machines, 4: _windows}[camera_id](draw)
    for number, (person, left) in enumerate(STANDING[camera_id]):
        sway = SWAY_PX * abs((step + 3 * number) % STEPS - STEPS // 2)
        draw_person(draw, person, (left * WIDTH_PX + sway, 150), SIZE_PX)
    if camera_id == MASKED:
        (left, top), _, (right, bottom), _ = MASK
        edges = (left * WIDTH_PX, top * HEIGHT_PX, right * WIDTH_PX, bottom * HEIGHT_PX)
        draw.rectangle(edges, fill=(0, 0, 0))
    content = io.BytesIO()
    room.save(content, "JPEG", quality=80)
    return content.getvalue()


def _gate(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((360, 60, 600, 430), fill=(132, 158, 170), outline=(96, 104, 108), width=8)
    draw.line((480, 60, 480, 430), fill=(96, 104, 108), width=8)


def _shelves(draw: ImageDraw.ImageDraw) -> None:
    for top in (70, 190, 310):
        draw.rectangle((60, top + 84, 440, top + 96), fill=(120, 92, 62))
        for left in range(76, 420, 88):
            draw.rectangle((left, top + 20 + left % 24, left + 66, top + 84), fill=(186, 148, 100))


def _machines(draw: ImageDraw.ImageDraw) -> None:
    for left in (390, 760):
        draw.rectangle((left, 230, left + 150, 430), fill=(96, 122, 136))
        draw.rectangle((left + 24, 256, left + 126, 316), fill=(210, 222, 214))


def _windows(draw: ImageDraw.ImageDraw) -> None:
    for left in (70, 660):
        draw.rectangle((left, 60, left + 230, 220), fill=(178, 206, 226), outline=(240, 240, 240), width=10)
        draw.line((left + 115, 60, left + 115, 220), fill=(240, 240, 240), width=8)


def boxes(camera_id: int, step: int) -> list[OverlayBox]:
    found = []
    for number, (person, left) in enumerate(STANDING[camera_id]):
        sway = SWAY_PX * abs((step + 3 * number) % STEPS - STEPS // 2)
        x = left + (sway + 0.26 * SIZE_PX) / WIDTH_PX
        xyxy = [x, 185 / HEIGHT_PX, x + 0.48 * SIZE_PX / WIDTH_PX, 375 / HEIGHT_PX]
        if person == STRANGER:
            box = unnamed_box("below_threshold") | candidate_of(BUDI, PEOPLE[BUDI - 1][1], 0.31, 0.04)
        else:
            box = named_box(person, PEOPLE[person - 1][1])
            box["score"] = 0.62 + 0.03 * person
        found.append(box | {"xyxy": xyxy, "track_id": number + 1})
    return found


class _Cameras:
    def __init__(self, site: DrawnSite) -> None:
        self._site = site
        self._pictures = {
            (camera, step): picture(camera, step) for camera in STANDING for step in range(STEPS)
        }

    def run(self, stop: Event) -> None:
        sequence = 0
        while not stop.wait(BETWEEN_S):
            sequence += 1
            now = datetime.now(UTC)
            for camera_id in STANDING:
                self._write(camera_id, sequence, now)
            if sequence % 5 == 1:
                self._report(now)

    def _write(self, camera_id: int, sequence: int, now: datetime) -> None:
        step = sequence % STEPS
        content: Overlay = {
            "camera_id": camera_id,
            "sequence": sequence,
            "captured_at": now.isoformat(),
            "width": WIDTH_PX,
            "height": HEIGHT_PX,
            "analysed_fps": 5.0,
            "boxes": boxes(camera_id, step),
        }
        target = self._site.seed.paths.live_frame(camera_id)
        temporary = target.with_suffix(".tmp")
        temporary.write_bytes(embed_overlay(self._pictures[camera_id, step], content))
        temporary.rename(target)

    def _report(self, now: datetime) -> None:
        seed = self._site.seed
        online = {"status": CameraStatus.ONLINE, "last_frame_at": now, "updated_at": now}
        with seed.engine.begin() as connection:
            here = Presence.state == PresenceState.AVAILABLE
            connection.execute(update(Presence).where(here).values(last_seen_at=now))
            connection.execute(update(Visit).where(Visit.departed_at.is_(None)).values(last_seen_at=now))
            for camera_id, standing in STANDING.items():
                tracks = [_track(person, number, now) for number, (person, _) in enumerate(standing, 1)]
                row = update(Camera).where(Camera.id == camera_id)
                connection.execute(row.values(**online, tracks=tracks))
        self._site.beat(now)


def _track(person: int, number: int, now: datetime) -> dict[str, object]:
    known = None if person == STRANGER else person
    since = now - timedelta(seconds=95 * number)
    return {"employee_id": known, "track_id": number, "since": since.isoformat()}


@contextmanager
def live_pictures(site: DrawnSite) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=_Cameras(site).run, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
