"""How the system is: worker, programs, cameras, storage, messages, and the logs' ends."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError
from core.storage.health import SiteHealth, site_health
from dashboard import data
from dashboard.database import site_paths
from dashboard.gpu import GpuLack, gpu_lack, machine
from dashboard.record_commands import require_whole_site
from dashboard.refreshing import refreshing
from dashboard.widgets.health_cameras import show_cameras
from dashboard.widgets.health_log import show_log
from dashboard.widgets.health_programs import show_programs
from dashboard.widgets.health_storage import show_storage
from dashboard.widgets.markup import Markup, line
from dashboard.widgets.page import open_page, show_error
from dashboard.widgets.words import Words

REFRESH_S = 2.0
GPU_STYLES = {GpuLack.UNUSED: "unobserved", GpuLack.LOST: "alert"}
FAILED_WITHIN = timedelta(hours=24)


def show() -> None:
    page = open_page(Role.ADMIN, "health.title")
    _show_facts(page.words)
    st.subheader(page.words("health.programs"), anchor=False)
    try:
        require_whole_site()
    except GspeError as error:
        show_error(page.words, error)
    show_programs(page.words, may_restart=not page.account.departments)
    st.subheader(page.words("health.cameras"), anchor=False)
    _show_cameras(page.words)
    st.subheader(page.words("health.storage"), anchor=False)
    _show_storage(page.words)
    st.subheader(page.words("health.log"), anchor=False)
    show_log(page.words)


def _health(now: datetime) -> SiteHealth:
    """To the minute, so that the three parts of the page share one answer."""
    failed_since = (now - FAILED_WITHIN).replace(second=0, microsecond=0)
    return data.ask(site_health, site_paths(), failed_since)


@refreshing(REFRESH_S)
def _show_facts(words: Words) -> None:
    now = datetime.now(UTC)
    health = _health(now)
    tiles = [*_worker_tiles(health, words, now), *_model_tiles(health, words)]
    tiles.append(("", words("health.system"), words.time(now, seconds=True), _system(health, words, now)))
    markup = Markup()
    for state, label, value, about in tiles:
        style = f"gspe-{state}" if state else ""
        markup.add(
            f'<li class="{style}"><span class="gspe-quiet">{line(label, "")}</span>'
            f"{line(value, 'gspe-value')}{line(about)}</li>"
        )
    markup.show("gspe-facts")


Tile = tuple[str, str, str, str]
"""State (a class of board.css), label, value, and what is to be said of it."""


def _worker_tiles(health: SiteHealth, words: Words, now: datetime) -> list[Tile]:
    worker = health.worker
    label = words("health.worker")
    if worker is None:
        return [("alert", label, words("health.worker_never"), words("health.worker_never_do"))]
    beat = words("health.heartbeat", ago=words.ago(worker.heartbeat_at, now))
    if now - worker.heartbeat_at > data.STALE_AFTER:
        return [("alert", label, words("health.worker_silent"), beat)]
    since = words("health.since", time=words.moment(worker.started_at, now))
    return [("available", label, words(f"health.phase.{worker.phase}"), f"{since} · {beat}")]


def _model_tiles(health: SiteHealth, words: Words) -> list[Tile]:
    worker = health.worker
    if worker is None or worker.provider is None:
        return []
    provider = words.first(f"live.provider.{worker.provider}", "health.other_provider", name=worker.provider)
    lack = gpu_lack(worker, machine(site_paths()))
    if lack is GpuLack.NO_GPU:
        about = words("health.no_gpu")
    else:
        about = words("health.wanted", providers=worker.providers_wanted or "")
    licence = words("health.licence", licence=worker.pack_licence or words("health.not_known"))
    return [
        (GPU_STYLES.get(lack, "available"), words("health.provider"), provider, about),
        ("available", words("health.pack"), worker.pack_id or words("health.not_known"), licence),
    ]


def _system(health: SiteHealth, words: Words, now: datetime) -> str:
    zone = words("health.zone", date=words.date(now.astimezone(words.zone).date()), zone=words.zone.key)
    return f"{zone} · {words('health.version', version=health.version)}"


@refreshing(REFRESH_S)
def _show_cameras(words: Words) -> None:
    now = datetime.now(UTC)
    show_cameras(_health(now).cameras, words, silent=data.worker_is_silent(now))


@refreshing(REFRESH_S)
def _show_storage(words: Words) -> None:
    now = datetime.now(UTC)
    show_storage(_health(now), words, now)
