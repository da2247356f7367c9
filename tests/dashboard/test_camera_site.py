"""The Cameras page beside its form: order, removal, makes, overrides, areas and placement."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.placement import FaceStats, MeasuredFace
from core.domain.states import FaceRefusal, Role
from core.errors import AccessDenied, DatabaseBusy, SettingsConflict
from core.settings import CameraSettings, InvalidSettings
from core.settings_store import SettingsStore
from core.storage import audit
from core.storage.models import AuditLog, Camera
from core.storage.retry import run_in_order
from dashboard import camera_commands, commands, data, writes
from dashboard.auth import SESSION_COOKIE
from dashboard.camera_files import CameraChange, CameraFiles
from dashboard.camera_list import listed_cameras
from tests.dashboard.signed_in import open_view, session_cookie, words_on
from tests.seed import Seed, working_day
from worker.settings_trail import SettingsTrail

VIEW = "dashboard.views.cameras:show"
URL = "rtsp://admin:s3cret%40@192.168.1.64:554/stream1"
TRIANGLE = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5))


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path)
    for camera_id, name in ((1, "Gerbang"), (2, "Gudang"), (5, "Kantor")):
        values = {"id": camera_id, "name": name, "rtsp_url": URL}
        SettingsStore(seed.paths).save_camera(CameraSettings.parse(values))
    yield seed
    seed.engine.dispose()


@pytest.fixture
def as_user(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    data.forget()

    def sign_in(username: str) -> None:
        cookies = {SESSION_COOKIE: session_cookie(seed, username)}
        monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))

    return sign_in


def opened(seed: Seed, monkeypatch: pytest.MonkeyPatch, camera_id: int) -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    return page.button(key=f"edit_{camera_id}").click().run()


def stored(seed: Seed, camera_id: int) -> CameraSettings:
    return SettingsStore(seed.paths).load_camera(camera_id).value


def actions(seed: Seed) -> list[str]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


def order(seed: Seed) -> list[int]:
    cameras = [stored(seed, camera_id) for camera_id in (1, 2, 5)]
    return [camera.id for camera in sorted(cameras, key=lambda one: (one.position, one.id))]


def test_cameras_are_moved_up_and_down_and_the_ends_stay(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    assert page.button(key="up_1").disabled
    assert page.button(key="down_5").disabled
    page.button(key="down_1").click().run()
    assert order(seed) == [2, 1, 5]
    page.button(key="up_5").click().run()
    assert order(seed) == [2, 5, 1]
    words = words_on(page)
    assert words.index("Gudang") < words.index("Kantor") < words.index("Gerbang")
    assert stored(seed, 1).rtsp_url.get_secret_value() == URL
    assert actions(seed).count("cameras.ordered") == 2


def test_a_camera_whose_file_is_broken_keeps_its_place(seed: Seed, as_user: Callable[[str], None]) -> None:
    as_user("admin")
    seed.paths.camera_config(2).write_text("{")
    camera_commands.move_camera(5, -1)
    assert [camera.id for camera in listed_cameras() if camera.settings] == [5, 1]
    assert seed.paths.camera_config(2).read_text() == "{"


def test_a_new_camera_comes_last(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    page.button(key="down_1").click().run()
    next(button for button in page.button if button.label == "Add camera").click().run()
    page.text_input(key="cam_name_new").set_value("Parkir")
    page.text_input(key="cam_address_new").set_value("rtsp://10.0.0.9/s")
    next(button for button in page.button if button.label == "Save").click().run()
    assert stored(seed, 6).position == 4


def test_a_camera_is_removed_with_its_password_and_stays_in_what_it_recorded(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    assert "Whoever only this camera sees is not observed any more" in words_on(page)
    page.button(key="remove_1_sure").click().run()
    assert "Gerbang was removed" in page.success[0].value
    assert not seed.paths.camera_config(1).exists()
    assert not (seed.paths.data / "settings_history" / "CAM1").exists()
    assert actions(seed)[-1] == "camera.removed"
    with Session(seed.engine) as session:
        assert session.get(Camera, 1) is not None


def test_what_changed_meanwhile_is_not_removed(seed: Seed, as_user: Callable[[str], None]) -> None:
    as_user("admin")
    store = SettingsStore(seed.paths)
    read = store.load_camera(1)
    store.save_camera(read.value.changed(location="Lobi"), read.fingerprint)
    with pytest.raises(SettingsConflict):
        camera_commands.remove_camera(1, read.fingerprint)
    assert stored(seed, 1).location == "Lobi"


@pytest.mark.parametrize("username", ["viewer", "supervisor", "hr"])
def test_only_an_admin_changes_cameras(seed: Seed, as_user: Callable[[str], None], username: str) -> None:
    as_user(username)
    fingerprint = SettingsStore(seed.paths).camera_fingerprint(1)
    for command in (
        lambda: camera_commands.move_camera(1, 1),
        lambda: camera_commands.remove_camera(1, fingerprint),
        lambda: camera_commands.save_areas(1, [TRIANGLE], [], fingerprint),
    ):
        with pytest.raises(AccessDenied):
            command()
    assert SettingsStore(seed.paths).camera_fingerprint(1) == fingerprint


def test_an_admin_of_some_departments_reads_cameras_and_changes_none(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.user("admin.gudang", Role.ADMIN, ("Gudang",))
    page = open_view(seed, monkeypatch, VIEW, "admin.gudang").run()
    words = words_on(page)
    assert "your account is limited to departments" in words
    assert "Gerbang" in words
    assert not page.button
    settings, fingerprint = stored(seed, 1), SettingsStore(seed.paths).camera_fingerprint(1)
    for command in (
        lambda: camera_commands.move_camera(1, 1),
        lambda: camera_commands.remove_camera(1, fingerprint),
        lambda: camera_commands.save_areas(1, [TRIANGLE], [], fingerprint),
        lambda: commands.save_camera(settings.changed(name="Lobi"), fingerprint),
        lambda: commands.test_camera(settings),
    ):
        with pytest.raises(AccessDenied) as refused:
            command()
        assert refused.value.code == "site_wide_only"
    assert SettingsStore(seed.paths).camera_fingerprint(1) == fingerprint


def changes(seed: Seed) -> list[Callable[[], object]]:
    fingerprint = SettingsStore(seed.paths).camera_fingerprint(1)
    new = CameraSettings.parse({"id": 9, "name": "Parkir", "rtsp_url": URL})
    return [
        lambda: camera_commands.move_camera(1, 1),
        lambda: camera_commands.remove_camera(1, fingerprint),
        lambda: camera_commands.save_areas(1, [TRIANGLE], [], fingerprint),
        lambda: commands.save_camera(stored(seed, 1).changed(name="Lobi"), fingerprint),
        lambda: commands.save_camera(new, None),
    ]


def files(seed: Seed) -> dict[Path, bytes]:
    return {
        path: path.read_bytes() for path in sorted(seed.paths.camera_configs.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("number", range(5))
def test_a_deed_is_noted_once_and_a_change_by_hand_after_it_too(
    seed: Seed, as_user: Callable[[str], None], number: int
) -> None:
    """The worker notes which settings of a file changed, unless a page has said it."""
    as_user("admin")
    store, trail = SettingsStore(seed.paths), SettingsTrail(seed.paths, SettingsStore(seed.paths))

    def follow() -> None:
        trail.follow(store.fingerprint(), lambda work: run_in_order(seed.engine, work), seed.now)

    follow()
    changes(seed)[number]()
    follow()
    assert [action for action in actions(seed) if action.startswith(("camera", "settings"))] == [
        ("cameras.ordered", "camera.removed", "camera.areas_saved", "camera.saved", "camera.saved")[number]
    ]
    with Session(seed.engine) as session:
        row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
    keys = (["position"], None, ["privacy_masks"], ["name"], None)[number]
    assert row.params.get("keys") == keys
    fingerprints = {store.camera_fingerprint(camera_id) for camera_id in (1, 2, 5, 9)}
    assert not fingerprints & set(row.params["files"].values()), "passwords cannot be tried against it"

    file = seed.paths.camera_config(2)
    file.write_text(file.read_text().replace("s3cret", "other"))
    follow()
    assert actions(seed)[-1] == "settings.changed"


@pytest.mark.parametrize("number", range(5))
def test_a_change_that_the_trail_cannot_take_changes_no_file(
    seed: Seed, as_user: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    as_user("admin")
    before, change = files(seed), changes(seed)[number]
    monkeypatch.setattr(writes, "LOCK_BUDGET_S", 0.0)
    with closing(sqlite3.connect(seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            change()
        other.execute("ROLLBACK")
    assert files(seed) == before
    change()
    assert files(seed) != before


def test_cameras_are_moved_all_or_not_at_all(seed: Seed, as_user: Callable[[str], None]) -> None:
    """Somebody saves the last one in the moment between."""
    as_user("admin")
    store, read = SettingsStore(seed.paths), listed_cameras()
    changed = [
        CameraChange(one.id, one.settings.changed(position=number), one.fingerprint)
        for number, one in enumerate(read, 1)
        if one.settings is not None
    ]
    store.save_camera(changed[-1].settings.changed(location="Lobi"), read[-1].fingerprint)
    before, rows = files(seed), actions(seed)
    moved = CameraFiles(
        seed.paths, changed, lambda session, now, _told: audit.append(session, now, "admin", "x", "x", {})
    )
    with pytest.raises(SettingsConflict):
        writes.write_or(moved.work, moved.undo)
    assert (files(seed), actions(seed)) == (before, rows)


def test_what_was_done_is_taken_back_from_any_file(seed: Seed) -> None:
    """A new camera, one whose file was broken, and one that was removed."""
    store = SettingsStore(seed.paths)
    seed.paths.camera_config(2).write_text("{")
    new = CameraSettings.parse({"id": 9, "name": "Parkir", "rtsp_url": URL})
    changed = [
        CameraChange(9, new, None),
        CameraChange(2, new.changed(id=2), store.camera_fingerprint(2)),
        CameraChange(1, None, store.camera_fingerprint(1)),
    ]
    before, done = files(seed), CameraFiles(seed.paths, changed, lambda _session, _now, _told: None)
    with Session(seed.engine) as session:
        done.work(session, seed.now)
        assert files(seed) != before
        done.undo()
    assert files(seed) == before


def test_a_picture_from_before_new_masks_goes_at_once(seed: Seed, as_user: Callable[[str], None]) -> None:
    """Also while no worker runs."""
    as_user("admin")
    store, frame = SettingsStore(seed.paths), seed.paths.live_frame(1)
    frame.parent.mkdir(parents=True, exist_ok=True)
    for masks, stays in (([TRIANGLE], False), ([TRIANGLE], True), ([], False)):
        frame.write_bytes(b"picture")
        camera_commands.save_areas(1, masks, [], store.camera_fingerprint(1))
        assert frame.exists() is stays
    for masks, stays in (([TRIANGLE], False), ([TRIANGLE], True)):
        frame.write_bytes(b"picture")
        read = store.load_camera(1)
        commands.save_camera(read.value.changed(privacy_masks=masks), read.fingerprint)
        assert frame.exists() is stays


def test_areas_are_saved_over_what_was_read_only(seed: Seed, as_user: Callable[[str], None]) -> None:
    as_user("admin")
    fingerprint = SettingsStore(seed.paths).camera_fingerprint(1)
    camera_commands.save_areas(1, [TRIANGLE], [TRIANGLE, TRIANGLE], fingerprint)
    assert (stored(seed, 1).privacy_masks, len(stored(seed, 1).zones)) == ((TRIANGLE,), 2)
    assert stored(seed, 1).rtsp_url.get_secret_value() == URL
    with Session(seed.engine) as session:
        row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
        assert row is not None
        assert (row.action, row.subject) == ("camera.areas_saved", "cameras:1")
        assert (row.params["privacy_masks"], row.params["zones"]) == (1, 2)
    with pytest.raises(SettingsConflict):
        camera_commands.save_areas(1, [], [], fingerprint)


def test_what_is_no_polygon_is_not_saved(seed: Seed, as_user: Callable[[str], None]) -> None:
    as_user("admin")
    fingerprint = SettingsStore(seed.paths).camera_fingerprint(1)
    with pytest.raises(InvalidSettings):
        camera_commands.save_areas(1, [TRIANGLE[:2]], [], fingerprint)
    assert stored(seed, 1).privacy_masks == ()


def test_the_form_leaves_areas_and_order_alone(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore(seed.paths)
    read = store.load_camera(1)
    store.save_camera(read.value.changed(position=3, privacy_masks=[TRIANGLE]), read.fingerprint)
    page = opened(seed, monkeypatch, 1)
    page.text_input(key="cam_name_1").set_value("Gerbang utama")
    next(button for button in page.button if button.label == "Save").click().run()
    saved = stored(seed, 1)
    assert (saved.name, saved.position, saved.privacy_masks) == ("Gerbang utama", 3, (TRIANGLE,))


def test_the_address_is_composed_from_the_make(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch, 1)
    page.selectbox(key="make_1").set_value("dahua").run()
    assert "Enter the camera's IP address" in words_on(page)
    page.text_input(key="make_host_1").set_value("192.168.1.64/x").run()
    assert "The host is one name or IP address" in page.error[0].value
    page.text_input(key="make_host_1").set_value("192.168.1.64").run()
    page.number_input(key="make_channel_1").set_value(3).run()
    page.selectbox(key="make_stream_dahua_1").set_value("sub").run()
    composed = "rtsp://192.168.1.64:554/cam/realmonitor?channel=3&subtype=1"
    assert page.code[0].value == composed
    page.button(key="make_use_1").click().run()
    assert page.text_input(key="cam_address_1").value == composed
    next(button for button in page.button if button.label == "Save").click().run()
    assert stored(seed, 1).rtsp_url.get_secret_value() == composed.replace("://", "://admin:s3cret%40@")


def test_overrides_show_the_sites_value_and_are_kept_only_where_given(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    field = page.number_input(key="cam_fps_target_1")
    assert (field.value, field.placeholder) == (None, "5 (as the site)")
    field.set_value(8.0)
    page.number_input(key="cam_quality_min_face_px_1").set_value(48)
    page.selectbox(key="cam_loop_file_1").set_value(False)
    next(button for button in page.button if button.label == "Save").click().run()
    assert stored(seed, 1).overrides() == {
        "fps_target": 8.0,
        "quality_min_face_px": 48,
        "loop_file": False,
    }
    page = opened(seed, monkeypatch, 1)
    assert any("3 other than the site" in one.label for one in page.expander)


def test_an_override_that_does_not_agree_with_the_site_is_said(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    page.number_input(key="cam_smoothing_window_1").set_value(1)
    next(button for button in page.button if button.label == "Save").click().run()
    assert "The votes needed (3) must not exceed the faces that vote (1)" in page.error[0].value
    assert stored(seed, 1).overrides() == {}


def measured(seed: Seed, *faces: MeasuredFace) -> None:
    with Session(seed.engine) as session, session.begin():
        camera = session.get(Camera, 1)
        assert camera is not None
        camera.face_stats = FaceStats.of(faces).as_json()


def test_before_enough_faces_there_is_a_count(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(seed, *[MeasuredFace(90, 200, 0.5, None)] * 12)
    assert "12 of 50 faces seen" in words_on(opened(seed, monkeypatch, 1))


def test_advice_and_figures(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    small = MeasuredFace(22, 200, 0.5, FaceRefusal.TOO_SMALL)
    measured(seed, *[small] * 45, *[MeasuredFace(90, 200, 0.5, None)] * 15)
    words = words_on(opened(seed, monkeypatch, 1))
    assert "Faces are 22 px wide; 40 px or more are needed. Move the camera closer" in words
    assert "Usable: **25 %**" in words
    assert "Too small" in words
    assert "45 · 75 %" in words


def test_good_placement_is_said(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(seed, *[MeasuredFace(90, 200, 0.5, None)] * 60)
    assert "placed well: 100 % of the faces" in words_on(opened(seed, monkeypatch, 1))
