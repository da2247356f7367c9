"""What stands beside one camera's picture: how it and the AI are, and who is in front of it now."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.domain.states import CameraStatus
from core.storage import queries
from core.storage.rows import CameraRow, WorkerRow
from dashboard import data
from dashboard.auth import Account
from dashboard.bars import camera_status
from dashboard.database import site_paths
from dashboard.gpu import GpuLack, gpu_lack, machine
from dashboard.live.tracked import tracked_people
from dashboard.refreshing import refreshing
from dashboard.widgets.words import Words

REFRESH_S = 2.0


@refreshing(REFRESH_S)
def show_beside(camera_id: int, account: Account, words: Words) -> None:
    now = datetime.now(UTC)
    worker = data.ask(queries.worker)
    camera = next((row for row in data.ask(queries.cameras) if row.id == camera_id), None)
    if camera is None:  # removed a moment ago
        st.rerun()
    st.markdown(f"##### {words('live.state')}")
    silent = worker is None or now - worker.heartbeat_at > data.STALE_AFTER
    if worker is None or silent:
        st.error(words("live.ai_off"), icon=":material/error:")
    else:
        _show_camera(camera, words, now)
        _show_ai(worker, camera, words)
    st.markdown(f"##### {words('live.tracked')}")
    _show_tracked(camera, account, words, now, old=silent or _is_old(camera, now))


def _is_old(camera: CameraRow, now: datetime) -> bool:
    return camera.last_frame_at is None or now - camera.last_frame_at > data.STALE_AFTER


def _show_camera(camera: CameraRow, words: Words, now: datetime) -> None:
    if camera.status == CameraStatus.ONLINE and not _is_old(camera, now):
        st.badge(words("live.camera_online"), icon=":material/check_circle:", color="green")
        return
    status = words("live.camera_status", status=camera_status(camera, words))
    cause = words(f"camera.cause.{camera.cause}") if camera.cause else status
    since = camera.last_frame_at or camera.status_since
    st.error(
        words("live.camera_since", cause=cause, time=words.moment(since, now)), icon=":material/videocam_off:"
    )


def _show_ai(worker: WorkerRow, camera: CameraRow, words: Words) -> None:
    lines = [
        (words("live.provider"), _provider(worker, words)),
        (words("live.model"), _model(worker, words)),
        (words("live.analysed_fps"), _analysed(camera, words)),
        (words("live.frame_size"), _frame_size(camera, words)),
    ]
    st.markdown("\n".join(f"- {label}: **{value}**" for label, value in lines))


def _provider(worker: WorkerRow, words: Words) -> str:
    if worker.provider is None:
        return words("live.loading")
    provider = words.first(f"live.provider.{worker.provider}", "live.not_known")
    if gpu_lack(worker, machine(site_paths())) in (GpuLack.UNUSED, GpuLack.LOST):
        return words("live.provider_instead", provider=provider)
    return provider


def _model(worker: WorkerRow, words: Words) -> str:
    if worker.pack_id is None:
        return words("live.loading")
    return words(
        "live.model_value", pack=worker.pack_id, licence=worker.pack_licence or words("live.not_known")
    )


def _analysed(camera: CameraRow, words: Words) -> str:
    if camera.analysed_fps is None:
        return words("live.not_known")
    return words("live.analysed_fps_value", fps=words.number(camera.analysed_fps, 1))


def _frame_size(camera: CameraRow, words: Words) -> str:
    if camera.frame_width is None or camera.frame_height is None:
        return words("live.not_known")
    codec = camera.codec or words("live.not_known")
    return words("live.frame_size_value", width=camera.frame_width, height=camera.frame_height, codec=codec)


def _show_tracked(camera: CameraRow, account: Account, words: Words, now: datetime, *, old: bool) -> None:
    if old:
        st.caption(words("live.tracked_old"))
        return
    people = data.ask(tracked_people, camera.id, account.departments)
    if not people:
        st.caption(words("live.tracked_nobody"))
        return
    rows = [
        {
            words("live.tracked_name"): person.name
            or words("live.tracked_hidden" if person.hidden else "live.tracked_unknown"),
            words("live.tracked_since"): words.moment(person.since, now),
            words("live.tracked_for"): words.duration((now - person.since).total_seconds()),
        }
        for person in people
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
