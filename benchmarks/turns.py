"""Measures whether templates of turned heads help or harm, from which enrolment's limit of turn is chosen.

    python -m benchmarks.turns --people DIR [DIR …] [--results FILE]

Each DIR holds one folder of photos a person, as for benchmarks.calibration. A photo's turn is measured as
enrolment does it. For each way to enrol, its photos are drawn from the turns it names; all others are shown
as a camera would see them, each once as an employee and once as a stranger, his own templates left out.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.calibration import as_a_camera_sees_it
from benchmarks.scene_plan import people_photos
from core.domain.faces import FloatArray
from core.domain.identity import Gallery
from core.domain.quality import QualityLimits, refusal
from core.errors import PhotoRefused
from core.settings import Parameters
from worker.analysis.protocols import LoadedPack
from worker.packs import load_pack
from worker.photo import open_photo
from worker.portrait import find_portrait

TURNS = {"front": (0.0, 0.25), "moderate": (0.25, 0.5), "strong": (0.5, 0.8), "profile": (0.8, float("inf"))}
"""From and below which yaw_ratio."""
RECIPES: tuple[dict[str, int], ...] = (
    {"front": 1},
    {"front": 3},
    {"front": 1, "moderate": 2},
    {"front": 5},
    {"front": 3, "moderate": 2},
    {"front": 3, "strong": 2},
)
"""Photos of each turn that are enrolled of everybody; who lacks strong ones has moderate ones."""
SHOWN = ("front", "moderate", "strong")
FACE = QualityLimits(min_face_px=60, max_yaw_ratio=float("inf"))


@dataclass(frozen=True)
class Faces:
    """Of n photos: owner (n,) int, turn (n,) and shown_turn (n,) names of TURNS, unit vectors (n, dim)."""

    owner: np.ndarray
    turn: np.ndarray
    shown_turn: np.ndarray
    enrolled: FloatArray
    shown: FloatArray

    def of(self, person: int, turn: str) -> np.ndarray:
        return np.flatnonzero((self.owner == person) & (self.turn == turn))


@dataclass(frozen=True)
class Shown:
    """What one shown face gave: as himself, and as a stranger."""

    turn: str
    refused: bool
    stranger: float
    misnamed: bool


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    pack = load_pack(Parameters())
    faces = measured(arguments.people, pack, np.random.default_rng(arguments.seed))
    content = report(faces, pack, arguments.repeats, arguments.seed)
    text = json.dumps(content, indent=1) + "\n"
    if arguments.results:
        arguments.results.write_text(text)
    print(text)
    return 0


def measured(folders: Sequence[Path], pack: LoadedPack, rng: np.random.Generator) -> Faces:
    """Every photo both ways; those without a usable face are left out."""
    people = [photos for folder in folders for photos in people_photos(folder).values()]
    rows = [
        (owner, *views)
        for owner, photos in enumerate(people)
        for photo in photos
        if (views := _both_views(photo, pack, rng)) is not None
    ]
    owner, turn, shown_turn, enrolled, shown = zip(*rows, strict=True)
    embed = pack.embedder.embed
    return Faces(np.array(owner), np.array(turn), np.array(shown_turn), embed(enrolled), embed(shown))


def _both_views(path: Path, pack: LoadedPack, rng: np.random.Generator) -> tuple[Any, ...] | None:
    try:
        photo = open_photo(path.read_bytes())
        enrolled = find_portrait(photo, pack)
        shown = find_portrait(as_a_camera_sees_it(photo, pack, rng), pack)
    except PhotoRefused:
        return None
    if refusal(replace(enrolled.quality, inside_frame=True), FACE) is not None:  # as enrolment judges
        return None
    turns = (_turn(one.quality.yaw_ratio) for one in (enrolled, shown))
    return *turns, enrolled.crop, shown.crop


def _turn(yaw_ratio: float) -> str:
    return next(name for name, (low, high) in TURNS.items() if low <= yaw_ratio < high)


def report(faces: Faces, pack: LoadedPack, repeats: int, seed: int) -> dict[str, Any]:
    """No name and no picture."""
    people = [
        person
        for person in np.unique(faces.owner).tolist()
        if len(faces.of(person, "front")) >= 6 and len(faces.of(person, "moderate")) >= 3
    ]
    return {
        "pack": {"id": pack.pack_id, "sha256": pack.sha256},
        "people": len(people),
        "photos": int(np.isin(faces.owner, people).sum()),
        "turns": {name: list(bounds) if bounds[1] < 9 else [bounds[0]] for name, bounds in TURNS.items()},
        "recipes": [
            {"enrolled": recipe, **_figures(_tried(faces, people, recipe, pack, (repeats, seed)))}
            for recipe in RECIPES
        ],
    }


def _figures(shown: Sequence[Shown]) -> dict[str, Any]:
    return {
        "refused": {turn: _share([one.refused for one in shown if one.turn == turn]) for turn in SHOWN},
        "strangers_named": _share([one.misnamed for one in shown]),
        "stranger_p99": round(float(np.quantile([one.stranger for one in shown], 0.99)), 4),
    }


def _share(values: Sequence[bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _tried(
    faces: Faces, people: Sequence[int], recipe: Mapping[str, int], pack: LoadedPack, drawn: tuple[int, int]
) -> list[Shown]:
    """`drawn`: how often the enrolled photos are drawn anew, and the seed."""
    repeats, seed = drawn
    rng = np.random.default_rng(seed)
    found: list[Shown] = []
    for _ in range(repeats):
        chosen = np.concatenate([_draw(faces, person, recipe, rng) for person in people])
        gallery = Gallery(faces.owner[chosen].tolist(), faces.enrolled[chosen])
        rest = np.setdiff1d(np.flatnonzero(np.isin(faces.owner, people)), chosen)
        found += [
            _judged(faces, gallery, int(face), pack) for face in rest if faces.shown_turn[face] in SHOWN
        ]
    return found


def _draw(faces: Faces, person: int, recipe: Mapping[str, int], rng: np.random.Generator) -> np.ndarray:
    drawn: list[int] = []
    for turn, count in recipe.items():
        pool = faces.of(person, turn)
        if len(pool) < count:
            pool = np.setdiff1d(faces.of(person, "moderate"), drawn)
        drawn += rng.choice(pool, count, replace=False).tolist()
    return np.array(drawn)


def _judged(faces: Faces, gallery: Gallery, face: int, pack: LoadedPack) -> Shown:
    threshold, margin = pack.calibration.similarity_threshold, pack.calibration.similarity_margin
    scores = gallery.similarities(faces.shown[face][None])[0]
    mine = gallery.people == faces.owner[face]
    own, others = float(scores[mine][0]), np.sort(scores[~mine])[::-1]
    return Shown(
        turn=str(faces.shown_turn[face]),
        refused=own < threshold or own - others[0] < margin,
        stranger=float(others[0]),
        misnamed=bool(others[0] >= threshold and others[0] - others[1] >= margin),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--results", type=Path, help="where the figures go, besides the screen")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
