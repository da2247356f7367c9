"""What the dashboard reads of cameras and worker: rows of `cameras` and `worker_status`."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.coverage import OBSERVING_MAX_GAP_S
from core.domain.states import CameraCause, CameraStatus, CoverageState, WorkerPhase
from core.settings import CameraSettings, Parameters
from core.storage import changes
from core.storage.models import Camera
from worker.analysis.protocols import LoadedPack
from worker.capture import ReaderStatus
from worker.pipeline import FrameAnalysis, match_rule

SILENT_AFTER = timedelta(seconds=OBSERVING_MAX_GAP_S)


def camera_row(camera: CameraSettings, now: datetime, status: ReaderStatus | None) -> dict[str, Any]:
    """A camera's row; status None stands for one that is only just being set up."""
    row: dict[str, Any] = {
        "id": camera.id,
        "name": camera.name,
        "location": camera.location,
        "position": camera.position,
        "enabled": camera.enabled,
        "status": CameraStatus.CONNECTING if camera.enabled else CameraStatus.DISABLED,
        "status_since": now,
        "cause": None,
        "updated_at": now,
        "removed_at": None,
    }
    if status is not None:
        row |= {"status": status.status, "status_since": status.since, "cause": status.cause}
        row |= {"last_frame_at": status.last_frame_at, "drops": status.drops, "reconnects": status.reconnects}
    if status is not None and status.info is not None:
        info = status.info
        row |= {"frame_width": info.width or None, "frame_height": info.height or None}
        row |= {"codec": info.codec, "source_fps": info.fps}
    return row


def misconfigured_row(camera_id: int, cause: CameraCause, now: datetime, since: datetime) -> dict[str, Any]:
    """A camera whose file cannot be used and of which nothing earlier is known."""
    return {
        "id": camera_id,
        "name": f"CAM{camera_id}",
        "location": "",
        "enabled": True,
        "status": CameraStatus.MISCONFIGURED,
        "status_since": since,
        "cause": cause,
        "updated_at": now,
        "removed_at": None,
    }


def tracks_now(analysis: FrameAnalysis) -> list[dict[str, Any]]:
    """Who is tracked in this frame, for the list beside the picture."""
    return [
        {
            "employee_id": face.employee_id,
            "track_id": face.track.track_id,
            "since": (face.since or face.track.first_seen_at).isoformat(),
        }
        for face in analysis.faces
    ]


def worker_row(phase: WorkerPhase, started_at: datetime, now: datetime) -> dict[str, Any]:
    return {"pid": os.getpid(), "phase": phase, "started_at": started_at, "heartbeat_at": now}


def pack_columns(pack: LoadedPack, parameters: Parameters) -> dict[str, Any]:
    rule = match_rule(parameters, pack)
    return {
        "pack_id": pack.pack_id,
        "pack_sha256": pack.sha256,
        "similarity_threshold": rule.threshold,
        "similarity_margin": rule.margin,
        "pack_licence": pack.licence,
        "provider": pack.embedder.provider,
        "providers_wanted": ", ".join(parameters.providers),
    }


def coverage_state(reader: ReaderStatus, now: datetime) -> CoverageState | None:
    """Why nothing of a camera is analysed: one still online has fallen silent, or the worker is busy.

    None for one that only just came online: its first picture is on its way.
    """
    if reader.status is not CameraStatus.ONLINE:
        return CoverageState(reader.status.value)
    if now - reader.since <= SILENT_AFTER:
        return None
    silent = reader.last_frame_at is None or now - reader.last_frame_at > SILENT_AFTER
    return CoverageState.NO_FRAMES if silent else CoverageState.NOT_ANALYSED


def mark_removed(session: Session, kept: Sequence[int], now: datetime) -> None:
    """Cameras that are configured no more stay as rows, for their facts, and leave the pages."""
    gone = select(Camera).where(Camera.id.not_in(kept), Camera.removed_at.is_(None))
    for camera in session.scalars(gone):
        before = changes.camera_state(camera)
        camera.removed_at, camera.enabled, camera.tracks = now, False, []
        camera.status = CameraStatus.DISABLED
        changes.note_camera(session, camera, before, now)
