"""Unknown faces in a site with days: rows with features and pictures, as the worker writes them."""

from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from core.domain.faces import FloatArray
from core.storage.models import UnknownFace
from tests.seed import PACK, Seed

DIM = 8
SHA256 = "1" * 64
MATCH = {"pack_sha256": SHA256, "similarity_threshold": 0.9, "similarity_margin": 0.05}
"""Columns of worker_status that say by what it matches."""


def look(person: int, turn: float = 0.0) -> FloatArray:
    """float32 (8,), a unit vector: a person, seen a little differently by each `turn`."""
    vector = np.zeros(DIM, np.float32)
    vector[person % DIM], vector[(person + 1) % DIM] = 1.0, turn
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def unknown_face(seed: Seed, person: int, first: datetime, last: datetime, **columns: Any) -> int:
    """One track of somebody without a name, with its picture."""
    path = seed.picture(f"data/unknown_faces/{first:%Y-%m-%d}/{first:%H%M%S}_{person}.jpg", person)
    facts: dict[str, Any] = {
        "camera_id": 1,
        "first_seen_at": first,
        "last_seen_at": last,
        "captured_at": first,
        "picture_path": path,
        "embedding": look(person, 0.1 * (first.minute % 3)).tobytes(),
        "dim": DIM,
        "pack_id": PACK,
        "pack_sha256": SHA256,
        "face_px": 90.0,
        "sharpness": 150.0,
        "state": "open",
    }
    return seed.add(UnknownFace(**(facts | columns)))


def face(seed: Seed, face_id: int) -> UnknownFace:
    with Session(seed.engine) as session:
        found = session.get(UnknownFace, face_id)
    assert found is not None
    return found
