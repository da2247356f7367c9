"""The Health page: what it says of a site that works, of one that does not, and who may restart programs."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccessDenied, SupervisionError
from core.settings import CameraSettings, Parameters
from core.settings_store import SettingsStore
from core.storage.models import AuditLog, MaintenanceRun
from core.supervision import RestartCause, RestartCode, write_causes
from dashboard import data, programs
from dashboard.auth import SESSION_COOKIE
from dashboard.pages import PAGES
from tests.dashboard.signed_in import open_view, session_cookie, words_on
from tests.seed import Seed, working_day
from tests.supervised import SupervisedPrograms, eventually

VIEW = "dashboard.views.health:show"


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path / "home")
    for camera_id in (1, 2):
        values = {"id": camera_id, "name": f"CAM{camera_id}", "rtsp_url": "demo:", "fps_target": 8.0}
        SettingsStore(seed.paths).save_camera(CameraSettings.parse(values))
    yield seed
    seed.engine.dispose()


def page_words(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> str:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    return words_on(page) + "".join(code.value for code in page.code)


def test_a_site_that_works(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.worker(provider="CPUExecutionProvider", providers_wanted="CUDAExecutionProvider")
    seed.paths.backups.mkdir(exist_ok=True)
    (seed.paths.backups / "gspe-backup-20261123T000000Z.zip").write_bytes(b"x" * 2_097_152)
    removed = {"events": {"rows": {"events": 120}, "files": 33, "bytes": 5, "oldest": None}}
    run = {"retention": removed, "backup": "gspe-backup-20261123T000000Z.zip"}
    times = {"started_at": seed.now - timedelta(seconds=12), "finished_at": seed.now}
    seed.add(MaintenanceRun(kind="nightly", site_date=seed.now.date(), result=run, **times))
    words = page_words(seed, monkeypatch)

    for said in ("Watching", "licence MIT", "wanted: CUDAExecutionProvider", "version 0.1.0"):
        assert said in words
    assert '<th scope="row">Gerbang depan</th>' in words
    assert "<td>8.0</td><td>5.0</td>" in words, "wanted and analysed"
    assert "12 · 80 %" in words, "why faces were refused"
    assert "2.0 MiB" in words
    assert "removed by retention: 153" in words
    assert "0 waiting" in words


def test_without_supervisord_the_page_says_so_and_shows_the_rest(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = page_words(seed, monkeypatch)
    assert "The programs were not started with ./scripts/run" in words
    assert "There is no log of worker" in words
    assert "None yet: the first one follows at midnight" in words


def test_a_silent_worker_makes_figures_old(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.worker(age_s=600)
    words = page_words(seed, monkeypatch)
    assert "Silent" in words
    assert "last word 10 min ago" in words
    assert "these figures are as old as its last word" in words
    assert "Online" not in words


def test_a_site_where_nothing_ever_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = Seed(tmp_path)
    seed.user("admin", Role.ADMIN)
    words = page_words(seed, monkeypatch)
    assert "Never ran" in words
    assert "No camera yet" in words
    seed.engine.dispose()


def test_too_little_room_is_said(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore(seed.paths)
    store.save_parameters(Parameters(min_free_mb=10_000_000), store.load_parameters().fingerprint)
    assert "so no pictures are stored" in page_words(seed, monkeypatch)


def test_broken_settings_leave_the_page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.paths.parameters.write_text("{")
    assert "Watching" in page_words(seed, monkeypatch)


def test_the_log_is_masked_filtered_and_newest_first(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.paths.logs.mkdir(exist_ok=True)
    lines = ["first rtsp://admin:geheim@h/x", "second WARNING password=geheim", "third Warning"]
    (seed.paths.logs / "worker.log").write_text("\n".join(lines) + "\n")
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    assert page.code[0].value.splitlines() == [
        "third Warning",
        "second WARNING password=***",
        "first rtsp://***@h/x",
    ]
    page.text_input(key="log_contains").set_value("warning").run()
    assert len(page.code[0].value.splitlines()) == 2
    page.text_input(key="log_contains").set_value("nowhere").run()
    assert "No line holds this text" in words_on(page)
    assert "geheim" not in str(page.main)


def test_only_an_admin_has_the_page() -> None:
    assert next(spec for spec in PAGES if spec.url_path == "health").min_role is Role.ADMIN


@pytest.fixture
def as_user(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    data.forget()

    def sign_in(username: str) -> None:
        cookies = {SESSION_COOKIE: session_cookie(seed, username)}
        monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))

    return sign_in


def restarts(seed: Seed) -> list[tuple[str, str]]:
    with Session(seed.engine) as session:
        rows = session.scalars(select(AuditLog).where(AuditLog.action == "program.restarted"))
        return [(row.actor, row.subject) for row in rows]


@pytest.mark.parametrize("username", ["viewer", "supervisor", "hr"])
def test_others_restart_nothing(seed: Seed, as_user: Callable[[str], None], username: str) -> None:
    as_user(username)
    with pytest.raises(AccessDenied):
        programs.restart_program("worker")


def test_an_admin_of_some_departments_sees_and_restarts_nothing(
    seed: Seed, as_user: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.user("admin.gudang", Role.ADMIN, ("Gudang",))
    page = open_view(seed, monkeypatch, VIEW, "admin.gudang").run()
    assert "your account is limited to departments" in words_on(page)
    as_user("admin.gudang")
    with pytest.raises(AccessDenied) as refused:
        programs.restart_program("worker")
    assert refused.value.code == "site_wide_only"


def test_without_supervisord_nothing_is_noted(seed: Seed, as_user: Callable[[str], None]) -> None:
    as_user("admin")
    with pytest.raises(SupervisionError):
        programs.restart_program("worker")
    assert restarts(seed) == []


def test_a_program_is_restarted_and_noted(
    seed: Seed, as_user: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = RestartCause("worker", RestartCode.HEARTBEAT_STALE, seed.now, 3)
    with SupervisedPrograms(seed.home) as supervised:
        assert eventually(supervised.all_started)
        write_causes(seed.paths, {"worker": cause})
        as_user("admin")
        before = supervised.started("worker")["pid"]
        programs.restart_program("worker")
        assert eventually(lambda: supervised.started("worker")["pid"] != before)
        assert restarts(seed) == [("admin", "programs:worker")]
        with pytest.raises(SupervisionError) as unknown:
            programs.restart_program("nothing")
        assert unknown.value.code == "program_unknown"

        words = page_words(seed, monkeypatch)
        assert "Watches the cameras and writes the facts" in words
        assert "MiB of memory" in words
        assert "restarted 3 times because it stood still" in words
        assert not any(line.is_dashboard for line in programs.program_lines())
        assert os.getpid() not in supervised.pids()
