"""Painted people: frames with coloured squares for faces, and a pack that sees and knows just those.

A person's number is the blue value of his square, so detection and recognition are exact and the tests are
about everything around them. The other channels carry a checkerboard, which makes a face sharp.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.faces import FaceDetections, FloatArray, Frame
from core.paths import SitePaths
from core.storage.biometrics import NewTemplate, add_template
from core.storage.employees import create_employee, record_consent
from core.storage.engine import writer_engine
from tests.fresh import fresh_site
from worker.analysis.protocols import LoadedPack, MatchCalibration

SIZE = (360, 640)
DIM = 64
SIDE_PX = 32
BLUE_STEP = 20
LEFT, MIDDLE, RIGHT = (40, 100, 120, 180), (280, 100, 360, 180), (500, 100, 580, 180)
"""Boxes of 80 px: left, top, right, bottom."""

Box = tuple[int, int, int, int]


def painted(people: Mapping[int, Box], *, dull: Sequence[int] = ()) -> Frame:
    """A frame that shows each person (1 to 11) in his box; those in `dull` without any sharpness."""
    frame = np.zeros((*SIZE, 3), np.uint8)
    frame[..., 1] = frame[..., 2] = np.linspace(40, 200, SIZE[1])  # a lit room: neither dark nor covered
    for person, (left, top, right, bottom) in people.items():
        patch = frame[top:bottom, left:right]
        patch[..., 0] = person * BLUE_STEP
        checkers = np.indices(patch.shape[:2]).sum(axis=0) // 4 % 2
        patch[..., 1] = patch[..., 2] = 120 if person in dull else 90 + 120 * checkers
    return frame


class PaintedDetector:
    provider = "CPUExecutionProvider"

    def detect(self, frame: Frame) -> FaceDetections:
        count, _, stats, _ = cv2.connectedComponentsWithStats((frame[..., 0] > 5).astype(np.uint8))
        boxes = [
            (x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()
        ]  # component 0 is the background
        if not boxes:
            return FaceDetections.empty()
        xyxy = np.array(sorted(boxes), np.float32)
        landmarks = np.stack([_landmarks(*box) for box in xyxy])
        return FaceDetections(xyxy, np.full(len(xyxy), 0.9, np.float32), landmarks)


class PaintedEmbedder:
    provider = "CPUExecutionProvider"
    dim = DIM

    def __init__(self) -> None:
        self.batches: list[int] = []

    def align(self, frame: Frame, landmarks: FloatArray) -> Frame:
        x, y = landmarks.mean(axis=0).astype(int)
        return frame[y - SIDE_PX // 2 : y + SIDE_PX // 2, x - SIDE_PX // 2 : x + SIDE_PX // 2].copy()

    def embed(self, crops: Sequence[Frame]) -> FloatArray:
        self.batches.append(len(crops))
        people = [round(float(np.median(crop[..., 0])) / BLUE_STEP) for crop in crops]
        return (
            np.stack([embedding(person) for person in people]) if people else np.zeros((0, DIM), np.float32)
        )


def embedding(person: int) -> FloatArray:
    """A unit vector of its own for each person."""
    return np.eye(DIM, dtype=np.float32)[person]


def painted_pack() -> LoadedPack:
    calibration = MatchCalibration(similarity_threshold=0.9, similarity_margin=0.05, continuity_threshold=0.8)
    return LoadedPack("painted", "0" * 64, "none", calibration, PaintedDetector(), PaintedEmbedder())


def painted_site(home: Path, people: Sequence[int]) -> tuple[SitePaths, Engine]:
    """A migrated home where these people are enrolled with codes P1, P2 …; ids follow their order."""
    paths = fresh_site(home)
    engine = writer_engine(paths.database)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with Session(engine) as session, session.begin():
        for person in people:
            fields = {"code": f"P{person}", "name": f"Person {person}"}
            employee = create_employee(session, fields, actor="test", now=now)
            record_consent(session, employee.id, "consent", "1", actor="test", now=now)
            template = NewTemplate(
                employee.id, embedding(person), "painted", "0" * 64, "test", f"photo {person}".encode(), {}
            )
            add_template(session, paths, template, actor="test", now=now)
    return paths, engine


def _landmarks(left: float, top: float, right: float, bottom: float) -> FloatArray:
    """Frontal landmarks whose mean is the middle of the box."""
    shares = np.array([[0.3, 0.35], [0.7, 0.35], [0.5, 0.5], [0.35, 0.65], [0.65, 0.65]], np.float32)
    return np.array([left, top], np.float32) + shares * np.array([right - left, bottom - top], np.float32)
