"""Measures how far apart the pack in use keeps people, from which its calibration is chosen.

    python -m benchmarks.calibration --people DIR [DIR …] [--enrol 3] [--results FILE]

Each DIR is a set: one folder of photos a person. In turn, some photos of everybody are enrolled, as enrolment
does it; all others are shown as a camera would: 90 to 160 px wide, turned by up to 5 degrees, up to 12 %
brighter or darker, compressed. Each shown face is once an employee (is he named?) and once a stranger, his
own templates left out (is he named as somebody?). Sets weigh the same, whatever their size.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.scene_plan import people_photos
from core.domain.faces import FloatArray, Frame
from core.domain.identity import Gallery
from core.errors import PhotoRefused
from core.settings import Parameters
from worker.analysis.protocols import LoadedPack
from worker.packs import load_pack
from worker.photo import open_photo
from worker.portrait import find_portrait

FACE_PX = (90.0, 160.0)
TURN_DEGREES = 5.0
BRIGHTNESS = 0.12
JPEG_QUALITY = 60
THRESHOLDS = [round(float(value), 3) for value in np.arange(0.90, 0.9501, 0.005)]
MARGINS = (0.0, 0.005, 0.01, 0.015, 0.02)
QUANTILES = (0.001, 0.01, 0.05, 0.5, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class FaceSet:
    """Of n photos: owner (n,) int; enrolled and shown, unit vectors float32 (n, dim)."""

    name: str
    owner: np.ndarray
    enrolled: FloatArray
    shown: FloatArray


@dataclass(frozen=True)
class Trial:
    """One value a shown face: similarity to himself and to the best of the others, and the lead of each."""

    own: FloatArray
    own_lead: FloatArray
    stranger: FloatArray
    stranger_lead: FloatArray

    def refused(self, threshold: float, margin: float) -> float:
        """The share of employees that stay without their name."""
        return float(np.mean((self.own < threshold) | (self.own_lead < margin)))

    def misnamed(self, threshold: float, margin: float) -> float:
        """The share of strangers that get a name."""
        return float(np.mean((self.stranger >= threshold) & (self.stranger_lead >= margin)))


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    pack = load_pack(Parameters())
    rng = np.random.default_rng(arguments.seed)
    sets = [face_set(folder, pack, rng) for folder in arguments.people]
    rounds = {one.name: enrolments(one, arguments.enrol, arguments.repeats, rng) for one in sets}
    content = report(pack, sets, rounds, arguments.enrol)
    text = json.dumps(content, indent=1) + "\n"
    if arguments.results:
        arguments.results.write_text(text)
    print(text if not arguments.results else json.dumps(content["thresholds"]))
    return 0


def face_set(folder: Path, pack: LoadedPack, rng: np.random.Generator) -> FaceSet:
    """Embeds every photo of the folder both ways; photos without a usable face are left out."""
    owner, enrolled, shown = [], [], []
    for number, photos in enumerate(people_photos(folder).values()):
        for photo in photos:
            crops = both_views(photo, pack, rng)
            if crops is not None:
                owner.append(number)
                enrolled.append(crops[0])
                shown.append(crops[1])
    embed = pack.embedder.embed
    return FaceSet(folder.name, np.array(owner), embed(enrolled), embed(shown))


def both_views(path: Path, pack: LoadedPack, rng: np.random.Generator) -> tuple[Frame, Frame] | None:
    """The aligned crops of the photo as enrolled and as shown."""
    try:
        photo = open_photo(path.read_bytes())
        enrolled = find_portrait(photo, pack).crop
        shown = find_portrait(as_a_camera_sees_it(photo, pack, rng), pack)
    except PhotoRefused:
        return None
    return enrolled, shown.crop


def as_a_camera_sees_it(photo: Frame, pack: LoadedPack, rng: np.random.Generator) -> Frame:
    """The photo scaled so that its largest face has a random width of FACE_PX, turned, dimmed, compressed."""
    height, width = photo.shape[:2]
    found = pack.detector.detect(photo)
    face_px = float(np.max(found.xyxy[:, 2] - found.xyxy[:, 0])) if len(found) else width * 0.8
    scale = rng.uniform(*FACE_PX) / face_px
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-TURN_DEGREES, TURN_DEGREES), scale)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    matrix[:, 2] += np.array(size) / 2 - (width / 2, height / 2)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    view = cv2.warpAffine(photo, matrix, size, flags=interpolation, borderMode=cv2.BORDER_REPLICATE)
    lit = np.clip(view * (1 + rng.uniform(-BRIGHTNESS, BRIGHTNESS)), 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


Scores = Callable[[FloatArray, np.ndarray, FloatArray], tuple[np.ndarray, FloatArray]]
"""Templates (m, dim), their owners (m,) and faces (n, dim) give people (p,) and similarities (n, p)."""


def as_in_use(templates: FloatArray, owners: np.ndarray, faces: FloatArray) -> tuple[np.ndarray, FloatArray]:
    gallery = Gallery(owners.tolist(), templates)
    return gallery.people, gallery.similarities(faces)


def best_template(
    templates: FloatArray, owners: np.ndarray, faces: FloatArray
) -> tuple[np.ndarray, FloatArray]:
    """The obvious other rule, to compare with: a person is his best template."""
    people = np.unique(owners)
    return people, np.stack([(faces @ templates[owners == p].T).max(axis=1) for p in people], axis=1)


def enrolments(faces: FaceSet, enrol: int, repeats: int, rng: np.random.Generator) -> list[np.ndarray]:
    """For each round, the rows of `faces` that are enrolled: `enrol` random photos of whoever has more."""
    people = [p for p in np.unique(faces.owner) if np.sum(faces.owner == p) > enrol]
    return [
        np.concatenate([rng.choice(np.flatnonzero(faces.owner == p), enrol, replace=False) for p in people])
        for _ in range(repeats)
    ]


def trial(faces: FaceSet, rounds: Sequence[np.ndarray], scores: Scores) -> Trial:
    """All faces that are not enrolled are shown, in every round."""
    rows = [row for enrolled in rounds for row in _one_round(faces, enrolled, scores)]
    return Trial(*(np.array(column, np.float32) for column in zip(*rows, strict=True)))


def _one_round(faces: FaceSet, enrolled: np.ndarray, scores: Scores) -> Iterator[tuple[float, ...]]:
    owners = faces.owner[enrolled]
    shown = np.setdiff1d(np.flatnonzero(np.isin(faces.owner, owners)), enrolled)
    people, similarities = scores(faces.enrolled[enrolled], owners, faces.shown[shown])
    for face, row in zip(shown, similarities, strict=True):
        mine = people == faces.owner[face]
        others = np.sort(row[~mine])[::-1]
        own = float(row[mine][0])
        yield own, own - float(others[0]), float(others[0]), float(others[0] - others[1])


def report(
    pack: LoadedPack, sets: Sequence[FaceSet], rounds: dict[str, list[np.ndarray]], enrol: int
) -> dict[str, Any]:
    """No name and no picture; shares are means over the sets."""
    used = [trial(one, rounds[one.name], as_in_use) for one in sets]
    best = [trial(one, rounds[one.name], best_template) for one in sets]
    threshold = pack.calibration.similarity_threshold
    margin = pack.calibration.similarity_margin
    return {
        "pack": {"id": pack.pack_id, "sha256": pack.sha256, "threshold": threshold, "margin": margin},
        "enrolled_photos": enrol,
        "sets": [
            {
                "photos": len(one.owner),
                "people": len(np.unique(one.owner)),
                "employees": _quantiles(tried.own),
                "employees_lead": _quantiles(tried.own_lead),
                "strangers": _quantiles(tried.stranger),
            }
            for one, tried in zip(sets, used, strict=True)
        ],
        "thresholds": [{"similarity_threshold": one, **_shares(used, one, margin)} for one in THRESHOLDS],
        "thresholds_of_best_template": [
            {"similarity_threshold": one, **_shares(best, one, margin)} for one in THRESHOLDS
        ],
        "margins": [{"similarity_margin": one, **_shares(used, threshold, one)} for one in MARGINS],
    }


def _shares(trials: Sequence[Trial], threshold: float, margin: float) -> dict[str, float]:
    refused = [one.refused(threshold, margin) for one in trials]
    misnamed = [one.misnamed(threshold, margin) for one in trials]
    return {
        "employees_refused": round(float(np.mean(refused)), 5),
        "strangers_named": round(float(np.mean(misnamed)), 5),
    }


def _quantiles(values: FloatArray) -> dict[str, float]:
    return {f"{q:g}": round(float(np.quantile(values, q)), 4) for q in QUANTILES}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--enrol", type=int, default=3, help="photos enrolled of each person")
    parser.add_argument("--repeats", type=int, default=6, help="how often the enrolled photos are drawn anew")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, help="where the figures go (default: shown)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
