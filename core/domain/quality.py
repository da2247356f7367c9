"""Is a detected face good enough to recognise somebody by it, and if not, why."""

from dataclasses import dataclass

from core.domain.states import FaceRefusal


@dataclass(frozen=True)
class FaceQuality:
    """What was measured on one face.

    face_px: width of the box in pixels of the frame. face_area_frac: box area over frame area.
    score: the detector's confidence. sharpness: variance of the Laplacian of the grey aligned crop at the
    pack's input size. brightness: mean of that crop over 255. yaw_ratio: 0 when the nose is midway between
    the eyes, 1 when it is level with one of them. inside_frame: the whole box lies in the picture.
    """

    face_px: float
    face_area_frac: float
    score: float
    sharpness: float
    brightness: float
    yaw_ratio: float
    inside_frame: bool


@dataclass(frozen=True)
class QualityLimits:
    """The quality_* settings, plus the turn beyond which a face says little about who it is."""

    min_face_px: float = 32
    min_face_area_frac: float = 0.0
    min_score: float = 0.3
    min_blur_var: float = 50.0
    min_brightness: float = 0.15
    max_brightness: float = 0.9
    max_yaw_ratio: float = 0.9


ENROLMENT_LIMITS = QualityLimits(min_face_px=60, min_score=0.5, max_yaw_ratio=0.6)
"""A template is compared with every face from then on, so it must be better than a face in passing. A
moderate turn does no harm to it, a strong one does: docs/accuracy.md."""


def refusal(quality: FaceQuality, limits: QualityLimits) -> FaceRefusal | None:
    """The first reason against using the face, the plainest first; None when it is usable."""
    too_small = quality.face_px < limits.min_face_px or quality.face_area_frac < limits.min_face_area_frac
    checks = (
        (quality.score < limits.min_score, FaceRefusal.LOW_SCORE),
        (too_small, FaceRefusal.TOO_SMALL),
        (not quality.inside_frame, FaceRefusal.CUT_OFF),
        (quality.brightness < limits.min_brightness, FaceRefusal.TOO_DARK),
        (quality.brightness > limits.max_brightness, FaceRefusal.TOO_BRIGHT),
        (quality.yaw_ratio > limits.max_yaw_ratio, FaceRefusal.TURNED_AWAY),
        (quality.sharpness < limits.min_blur_var, FaceRefusal.TOO_BLURRY),
    )
    return next((reason for failed, reason in checks if failed), None)
