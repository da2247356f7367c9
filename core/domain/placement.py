"""What the faces of a camera looked like lately, and what that says of where and how it is mounted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from core.domain.states import FaceRefusal

MIN_FACES = 50
"""Fewer say more about who walked past than about the camera."""

GOOD_FACE_PX = 40
"""Faces of this width and more are recognised well; `quality_min_face_px` is only the least that is tried."""

OFTEN = 0.25
"""A reason that refuses this share of the faces is worth going to the camera for."""

WELL = 0.6
"""From this share of usable faces on, a camera without a frequent reason is placed well."""


@dataclass(frozen=True, slots=True)
class MeasuredFace:
    """One detected face: width in px of the frame, sharpness and brightness as `quality` has them."""

    width_px: float
    sharpness: float
    brightness: float
    refusal: FaceRefusal | None


@dataclass(frozen=True)
class FaceStats:
    """Of the latest faces of one camera: how many, which share was usable, and how they were.

    Percentiles are of all of them; `refused` counts by FaceRefusal code.
    """

    faces: int = 0
    usable: float = 0.0
    turned: float = 0.0
    width_px: Mapping[str, float] = field(default_factory=dict)
    """p10, p50, p90."""
    sharpness: Mapping[str, float] = field(default_factory=dict)
    """p50."""
    brightness: Mapping[str, float] = field(default_factory=dict)
    """p10, p50, p90; 0 to 1."""
    refused: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, faces: Sequence[MeasuredFace]) -> "FaceStats":
        if not faces:
            return cls()
        refused = Counter(face.refusal.value for face in faces if face.refusal is not None)
        return cls(
            faces=len(faces),
            usable=round(1 - refused.total() / len(faces), 3),
            turned=round(refused[FaceRefusal.TURNED_AWAY] / len(faces), 3),
            width_px=_percentiles((face.width_px for face in faces), (10, 50, 90), 1),
            sharpness=_percentiles((face.sharpness for face in faces), (50,), 1),
            brightness=_percentiles((face.brightness for face in faces), (10, 50, 90), 3),
            refused=dict(sorted(refused.items())),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "FaceStats":
        """As `as_json` wrote it; an empty one for a camera that saw nobody yet."""
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def share(self, refusal: FaceRefusal) -> float:
        """Of all faces, those refused for this reason."""
        return self.refused.get(refusal.value, 0) / self.faces if self.faces else 0.0


class AdviceCode(StrEnum):
    """One thing to do at the camera; the sentence is `placement.<code>`."""

    MORE_FACES = "more_faces"
    SMALL = "small"
    TURNED = "turned"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    CUT_OFF = "cut_off"
    UNCLEAR = "unclear"
    OUTSIDE = "outside"
    GOOD = "good"


OF_REFUSAL = {
    FaceRefusal.TOO_SMALL: AdviceCode.SMALL,
    FaceRefusal.TURNED_AWAY: AdviceCode.TURNED,
    FaceRefusal.TOO_DARK: AdviceCode.DARK,
    FaceRefusal.TOO_BRIGHT: AdviceCode.BRIGHT,
    FaceRefusal.TOO_BLURRY: AdviceCode.BLURRED,
    FaceRefusal.CUT_OFF: AdviceCode.CUT_OFF,
    FaceRefusal.LOW_SCORE: AdviceCode.UNCLEAR,
    FaceRefusal.OUTSIDE_ZONE: AdviceCode.OUTSIDE,
}


@dataclass(frozen=True)
class Advice:
    """`share`: of the faces, those that it is about. `value` and `wanted`: px, or numbers of faces."""

    code: AdviceCode
    share: float = 0.0
    value: float = 0.0
    wanted: float = 0.0

    @property
    def is_good(self) -> bool:
        return self.code is AdviceCode.GOOD


def advise(stats: FaceStats, min_face_px: float) -> list[Advice]:
    """What to do, what concerns most faces first; one entry that says so when nothing needs doing.

    min_face_px: what the camera's settings refuse below.
    """
    if stats.faces < MIN_FACES:
        return [Advice(AdviceCode.MORE_FACES, value=stats.faces, wanted=MIN_FACES)]
    wanted_px = max(GOOD_FACE_PX, min_face_px)
    shares = sorted(((stats.share(refusal), refusal) for refusal in OF_REFUSAL), reverse=True)
    named = [(share, refusal) for share, refusal in shares if share >= OFTEN]
    if not named and stats.usable < WELL:
        named = shares[:1]
    found = [_advice(OF_REFUSAL[refusal], share, stats, wanted_px) for share, refusal in named]
    small = stats.width_px["p50"] < wanted_px
    if small and all(one.code is not AdviceCode.SMALL for one in found):
        found.append(_advice(AdviceCode.SMALL, 0.5, stats, wanted_px))
    return found or [Advice(AdviceCode.GOOD, share=stats.usable)]


def _advice(code: AdviceCode, share: float, stats: FaceStats, wanted_px: float) -> Advice:
    if code is AdviceCode.SMALL:
        return Advice(code, share, stats.width_px["p50"], wanted_px)
    return Advice(code, share)


def _percentiles(values: Iterable[float], which: Sequence[int], decimals: int) -> dict[str, float]:
    found = np.percentile(np.fromiter(values, float), which)
    return {f"p{rank}": round(float(value), decimals) for rank, value in zip(which, found, strict=True)}
