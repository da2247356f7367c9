"""Finds the one face of an enrolment photo, also where it fills the photo."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.domain.faces import FaceDetections, FloatArray, Frame
from core.domain.pose import HeadTurn, head_turn
from core.domain.quality import FaceQuality
from core.domain.states import PhotoOutcome
from core.errors import PhotoRefused
from worker.analysis.protocols import LoadedPack
from worker.analysis.quality import measure_face

MIN_SCORE = 0.5
PADDING = 0.55
"""Of the photo's sides, on each side: detectors miss a face that fills the picture."""
DOMINANT = 3.0
"""The largest face is meant when it has this many times the area of the next."""
SURROUNDINGS = 0.9
"""Of a face's width and height, kept on each side of it when the rest of a frame is nobody's business."""
CLOSE_UP_PX = 640
CLOSE_UP_FACE_PX = 100
"""Landmarks are most alike from photo to photo when the detector sees each face at the same size."""


@dataclass(frozen=True)
class Portrait:
    """crop: the aligned face, uint8 (side, side, 3) BGR."""

    crop: Frame
    quality: FaceQuality
    turn: HeadTurn


def find_portrait(photo: Frame, pack: LoadedPack) -> Portrait:
    """The face that the photo is of. Raises PhotoRefused with code `no_face` or `several_faces`."""
    found = _faces(photo, pack)
    if not len(found):
        found = _faces_of_padded(photo, pack)
    meant = _the_one(found)
    refined = _close_up(photo, meant, pack)
    crop = pack.embedder.align(photo, refined.landmarks[0])
    return Portrait(crop, measure_face(photo, refined, 0, crop), head_turn(refined.landmarks[0]))


def around_only_face(frame: Frame, pack: LoadedPack, min_face_px: float) -> Frame:
    """The part of a camera's frame around the one face that is large enough for a template.

    Of two such faces neither is taken, however large the one: nobody chose this picture. Raises PhotoRefused
    with code `no_face`, `too_small` or `several_faces`.
    """
    found = _faces(frame, pack)
    large = np.flatnonzero(found.xyxy[:, 2] - found.xyxy[:, 0] >= min_face_px)
    if len(found) and not len(large):
        raise PhotoRefused("Every face is too small: go nearer to the camera.", code=PhotoOutcome.TOO_SMALL)
    if len(large) > 1:
        raise _several(len(large))
    left, top, right, bottom = _the_one(_chosen(found, large)).xyxy[0]
    across, down = SURROUNDINGS * (right - left), SURROUNDINGS * (bottom - top)
    rows = slice(max(0, int(top - down)), int(bottom + down))
    return np.ascontiguousarray(frame[rows, max(0, int(left - across)) : int(right + across)])


def _faces(photo: Frame, pack: LoadedPack) -> FaceDetections:
    found = pack.detector.detect(photo)
    return _chosen(found, found.score >= MIN_SCORE)


def _faces_of_padded(photo: Frame, pack: LoadedPack) -> FaceDetections:
    """Those found in the photo with a black border, in pixels of the photo."""
    height, width = photo.shape[:2]
    rows, columns = round(height * PADDING), round(width * PADDING)
    padded = cv2.copyMakeBorder(photo, rows, rows, columns, columns, cv2.BORDER_CONSTANT)
    found = _faces(np.asarray(padded, np.uint8), pack)
    return _moved(found, 1.0, np.array([-columns, -rows], np.float32))


def _the_one(found: FaceDetections) -> FaceDetections:
    if not len(found):
        raise PhotoRefused(
            "No face was found: take the photo from nearer, with the whole face in it.",
            code=PhotoOutcome.NO_FACE,
        )
    area = np.prod(found.xyxy[:, 2:] - found.xyxy[:, :2], axis=1)
    order = np.argsort(-area, kind="stable")
    if len(found) > 1 and area[order[0]] < DOMINANT * area[order[1]]:
        raise _several(len(found))
    return _chosen(found, order[:1])


def _several(count: int) -> PhotoRefused:
    return PhotoRefused(
        f"There are {count} faces: cut the photo so that only this person is in it.",
        code=PhotoOutcome.SEVERAL_FACES,
    )


def _close_up(photo: Frame, face: FaceDetections, pack: LoadedPack) -> FaceDetections:
    """The face as found again in a picture of itself at a set size; as it was when it is not found there."""
    box = face.xyxy[0]
    scale = CLOSE_UP_FACE_PX / float(box[2] - box[0])
    shift = CLOSE_UP_PX / 2 - (box[:2] + box[2:]) / 2 * scale
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float64)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    view = cv2.warpAffine(photo, matrix, (CLOSE_UP_PX, CLOSE_UP_PX), flags=interpolation)
    found = _moved(_faces(np.asarray(view, np.uint8), pack), 1 / scale, -shift / scale)
    if not len(found):
        return face
    distance = np.abs(found.xyxy - box).sum(axis=1)
    nearest = int(np.argmin(distance))
    return _chosen(found, [nearest]) if distance[nearest] < 2 * (box[2] - box[0]) else face


def _moved(found: FaceDetections, scale: float, shift: FloatArray) -> FaceDetections:
    """Points times `scale` plus `shift` (x, y)."""
    factor, offset = np.float32(scale), shift.astype(np.float32)
    boxes = found.xyxy * factor + np.tile(offset, 2)
    return FaceDetections(boxes, found.score, found.landmarks * factor + offset)


def _chosen(found: FaceDetections, which: object) -> FaceDetections:
    """Those that a mask or a list of indices names."""
    index = np.asarray(which)
    return FaceDetections(found.xyxy[index], found.score[index], found.landmarks[index])
