"""Draws a planned scene into an H.264 clip and writes the truth beside it."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.scene_plan import Cast, SceneOptions
from core.domain.faces import FloatArray, Frame
from worker.sources.scene import Mask, Portrait, ScriptedVisit, draw, make_stage

CLIP, TRUTH = "clip.mp4", "truth.json"
FEATHER = 25
"""A photo's edge fades over 1/25 of its width, so that a tight crop keeps its whole face."""


@dataclass(frozen=True)
class TrueVisit:
    """One stay in a scene. person: his code, None for a stranger; times in seconds of the clip."""

    person: str | None
    start_s: float
    end_s: float
    face_px: float


@dataclass(frozen=True)
class Truth:
    """What a clip shows, and which photos (relative to the people's folder) enrol whom."""

    seed: int
    seconds: float
    fps: int
    width_px: int
    height_px: int
    enrol: dict[str, list[str]]
    visits: list[TrueVisit]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Truth":
        content = json.loads(path.read_text())
        return cls(**{**content, "visits": [TrueVisit(**visit) for visit in content["visits"]]})


def true_visits(script: Sequence[ScriptedVisit], strangers: Sequence[str]) -> list[TrueVisit]:
    return [
        TrueVisit(None if v.person in strangers else v.person, v.start_s, v.end_s, v.face_px) for v in script
    ]


def write_scene(
    folder: Path,
    people: Path,
    actors: Cast,
    script: Sequence[ScriptedVisit],
    options: SceneOptions,
    seed: int,
) -> Truth:
    """Writes clip.mp4 and truth.json into the folder, made when needed. `people` is the photos' root."""
    folder.mkdir(parents=True, exist_ok=True)
    portraits = {
        v.portrait: photo_portrait(_read(Path(v.portrait)), options.face_share, v.person) for v in script
    }
    stage = make_stage(_room(options.width_px, options.height_px), seed)
    frames = (
        draw(stage, script, portraits, n / options.fps) for n in range(int(options.seconds * options.fps))
    )
    encode(folder / CLIP, frames, options)
    truth = Truth(
        seed=seed,
        seconds=options.seconds,
        fps=options.fps,
        width_px=options.width_px,
        height_px=options.height_px,
        enrol={name: [str(p.relative_to(people)) for p in photos] for name, photos in actors.enrol.items()},
        visits=true_visits(script, actors.strangers),
    )
    truth.write(folder / TRUTH)
    return truth


def photo_portrait(photo: Frame, face_share: float, person: str) -> Portrait:
    """A photo with faded edges above a plain body, whose colour belongs to the person."""
    height, width = photo.shape[:2]
    left, canvas = int(0.35 * width), np.zeros((int(1.8 * height), int(1.7 * width), 3), np.uint8)
    alpha: Mask = np.zeros(canvas.shape[:2], np.uint8)
    centre = (left + width // 2, height // 2 + int(1.25 * height))
    axes = (int(0.8 * width), int(0.9 * height))
    tint = zlib.crc32(person.encode())
    colour = (70 + tint % 97, 60, 60 + tint // 97 % 61)
    cv2.ellipse(canvas, centre, axes, 0, 180, 360, colour, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, centre, axes, 0, 180, 360, 255, -1, cv2.LINE_AA)
    soft = _soft_edge(height, width)
    spot = (slice(0, height), slice(left, left + width))
    weight = soft[..., None]
    canvas[spot] = np.where(alpha[spot][..., None] > 0, canvas[spot] * (1 - weight) + photo * weight, photo)
    alpha[spot] = np.maximum(alpha[spot], (255 * soft).astype(np.uint8))
    return Portrait(canvas, alpha, left + width / 2, height / 2, face_share * width)


def _soft_edge(height: int, width: int) -> FloatArray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    inward = np.minimum(np.minimum(x, width - 1 - x) / width, np.minimum(y, height - 1 - y) / height)
    return np.asarray(np.clip(inward * FEATHER, 0, 1), np.float32)


def _room(width: int, height: int) -> Frame:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    room = np.stack([148 + 30 * x / width, 152 + 24 * y / height, 162 - 22 * x / width], axis=-1)
    room[int(height * 0.8) :] *= 0.55
    return room.astype(np.uint8)


def _read(photo: Path) -> Frame:
    pixels = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f"{photo} is no picture; remove it from the people's folder")
    return np.asarray(pixels, np.uint8)


def encode(path: Path, frames: Iterable[Frame], options: SceneOptions) -> None:
    """Writes BGR uint8 frames of the options' size and rate as H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=options.fps)
        stream.width, stream.height, stream.pix_fmt = options.width_px, options.height_px, "yuv420p"
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "g": str(2 * options.fps), "crf": "23"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        container.mux(stream.encode())
