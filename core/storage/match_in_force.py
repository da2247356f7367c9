"""By what similarity the worker names people now, as it said itself: for pages, which load no model."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.models import WorkerStatus


@dataclass(frozen=True, slots=True)
class MatchInForce:
    """threshold, margin: cosines, the settings' own or the pack's calibration."""

    pack_id: str
    pack_sha256: str
    threshold: float
    margin: float


def match_in_force(session: Session) -> MatchInForce | None:
    """None until a worker of this version has told it."""
    row = session.scalar(select(WorkerStatus).limit(1))
    if row is None or row.pack_id is None or row.pack_sha256 is None:
        return None
    if row.similarity_threshold is None or row.similarity_margin is None:
        return None
    return MatchInForce(row.pack_id, row.pack_sha256, row.similarity_threshold, row.similarity_margin)
