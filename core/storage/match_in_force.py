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
    columns = (
        WorkerStatus.pack_id,
        WorkerStatus.pack_sha256,
        WorkerStatus.similarity_threshold,
        WorkerStatus.similarity_margin,
    )
    row = session.execute(select(*columns).limit(1)).first()
    return None if row is None or None in tuple(row) else MatchInForce(*row)
