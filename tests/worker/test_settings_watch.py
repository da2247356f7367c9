"""What the worker makes of settings files that change under it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core.domain.states import CameraCause
from core.paths import SitePaths
from core.settings import InvalidSettings, Parameters
from core.settings_store import SettingsStore
from tests.painted import LEFT, RIGHT, painted_site
from tests.painted_clip import painted_clip
from tests.running import (
    RunningWorker,
    add_camera,
    change_camera,
    change_parameters,
    configure,
)
from worker.settings_watch import MODEL_KEYS, SettingsWatch, needs_new_models

FRONT, BACK = 1, 2


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    paths = SitePaths(tmp_path / "home").create()
    configure(paths, {FRONT: "front.mkv", BACK: "back.mkv"})
    return paths


@pytest.fixture
def watch(paths: SitePaths) -> SettingsWatch:
    """It has read the settings once."""
    watch = SettingsWatch(SettingsStore(paths))
    assert watch.look() is not None
    assert watch.problem is None
    return watch


def said(watch: SettingsWatch) -> str:
    assert watch.problem is not None
    return InvalidSettings.from_json(watch.problem).sentences("en")


def test_the_first_look_gives_everything_and_an_unchanged_home_nothing(paths):
    watch = SettingsWatch(SettingsStore(paths))
    settings = watch.look()
    assert settings.parameters.present_timeout_sec == 2.0
    assert {key: camera.name for key, camera in settings.cameras.items()} == {FRONT: "CAM1", BACK: "CAM2"}
    assert watch.look() is None


def test_a_changed_key_is_told_once(paths, watch):
    change_parameters(paths, jpeg_quality=50)
    assert watch.look().parameters.jpeg_quality == 50
    assert watch.look() is None


def test_cameras_come_go_and_are_switched_off(paths, watch):
    add_camera(paths, 3, "demo:")
    assert sorted(watch.look().cameras) == [FRONT, BACK, 3]
    change_camera(paths, BACK, enabled=False)
    settings = watch.look()
    assert sorted(settings.cameras) == [FRONT, BACK, 3]
    assert sorted(settings.recorded().cameras) == [FRONT, 3]
    store = SettingsStore(paths)
    store.remove_camera(FRONT, store.load_camera(FRONT).fingerprint)
    assert sorted(watch.look().cameras) == [BACK, 3]


BREAKAGES: dict[str, Callable[[str], str]] = {
    "half-written": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a key twice": lambda text: text.replace("{", '{"fps_target": 3, "fps_target": 4,', 1),
    "an unknown key": lambda text: text.replace("{", '{"fps_tarket": 3,', 1),
    "no object": lambda text: "[]",
}


@pytest.mark.parametrize("breakage", list(BREAKAGES))
def test_broken_parameters_keep_the_old_ones_until_they_are_repaired(paths, watch, breakage):
    whole = paths.parameters.read_text()
    paths.parameters.write_text(BREAKAGES[breakage](whole))
    settings = watch.look()
    assert settings.parameters.present_timeout_sec == 2.0
    assert sorted(settings.cameras) == [FRONT, BACK]
    assert "parameter_config.json" in said(watch)
    paths.parameters.write_text(whole.replace("2.0", "2.5", 1))
    assert watch.look().parameters.present_timeout_sec == 2.5
    assert watch.problem is None


def test_an_unknown_key_is_answered_with_the_nearest_one(paths, watch):
    paths.parameters.write_text('{"fps_tarket": 3}')
    watch.look()
    assert "fps_target" in said(watch)


@pytest.mark.parametrize("breakage", list(BREAKAGES))
def test_a_broken_camera_goes_on_as_before(paths, watch, breakage):
    file = paths.camera_config(BACK)
    whole = file.read_text()
    file.write_text(BREAKAGES[breakage](whole))
    settings = watch.look()
    assert settings.cameras[BACK].name == "CAM2"
    assert settings.misconfigured == {}
    assert "camera_configs/CAM2/config.json" in said(watch)
    file.write_text(whole.replace("CAM2", "Back door"))
    assert watch.look().cameras[BACK].name == "Back door"
    assert watch.problem is None


def test_a_camera_never_understood_is_misconfigured(paths):
    file = paths.camera_config(3)
    file.parent.mkdir()
    file.write_text('{"id": 3,')
    watch = SettingsWatch(SettingsStore(paths))
    assert watch.look().misconfigured == {3: CameraCause.SETTINGS_INVALID}


def test_a_folder_with_another_cameras_id_is_misconfigured_with_that_cause(paths, watch):
    file = paths.camera_config(3)
    file.parent.mkdir()
    file.write_bytes(paths.camera_config(BACK).read_bytes())
    settings = watch.look()
    assert settings.misconfigured == {3: CameraCause.ID_MISMATCH}
    assert sorted(settings.cameras) == [FRONT, BACK]
    assert "CAM3" in said(watch)


def test_a_folder_with_a_name_of_its_own_is_told(paths, watch):
    (paths.camera_configs / "Kamera depan").mkdir()
    (paths.camera_configs / "Kamera depan" / "config.json").write_text("{}")
    assert sorted(watch.look().cameras) == [FRONT, BACK]
    assert "Kamera depan" in said(watch)


def test_a_folder_whose_file_was_taken_away_is_no_camera_any_more(paths, watch):
    (paths.camera_configs / f"CAM{BACK}" / "notes.txt").write_text("by the back door")
    paths.camera_config(BACK).unlink()
    settings = watch.look()
    assert sorted(settings.cameras) == [FRONT]
    assert settings.misconfigured == {BACK: CameraCause.SETTINGS_INVALID}


def test_parameters_that_a_cameras_overrides_do_not_allow_are_not_taken(paths, watch):
    change_camera(paths, BACK, smoothing_min_votes=4)
    assert watch.look().parameters.for_camera(SettingsStore(paths).load_camera(BACK).value)
    change_parameters(paths, smoothing_window=3, smoothing_min_votes=2)
    settings = watch.look()
    assert settings.parameters.smoothing_window == 5
    assert settings.recorded().camera_parameters()[BACK].smoothing_min_votes == 4
    assert watch.problem is not None
    change_camera(paths, BACK, smoothing_min_votes=None)
    assert watch.look().parameters.smoothing_window == 3
    assert watch.problem is None


def test_overrides_that_the_parameters_do_not_allow_keep_the_camera_as_it_was(paths, watch):
    change_camera(paths, BACK, smoothing_min_votes=9, name="Back door")
    assert watch.look().cameras[BACK].name == "CAM2"
    assert watch.problem is not None


def test_a_camera_that_neither_then_nor_now_goes_with_the_parameters_is_misconfigured(paths, watch):
    change_camera(paths, BACK, smoothing_min_votes=4)
    watch.look()
    change_camera(paths, BACK, smoothing_min_votes=5)
    change_parameters(paths, smoothing_window=3, smoothing_min_votes=2)
    settings = watch.look()
    assert settings.misconfigured == {BACK: CameraCause.SETTINGS_INVALID}
    assert sorted(settings.recorded().camera_parameters()) == [FRONT]


def test_a_folder_of_cameras_that_cannot_be_read_keeps_everything(paths, watch):
    aside = paths.camera_configs.rename(paths.home / "aside")
    paths.camera_configs.write_text("a file")
    assert watch.look() is None
    assert watch.problem is not None
    paths.camera_configs.unlink()
    aside.rename(paths.camera_configs)
    change_parameters(paths, jpeg_quality=50)
    assert watch.look().parameters.jpeg_quality == 50
    assert watch.problem is None


def test_without_any_usable_parameters_there_is_nothing_to_begin_with(paths):
    whole = paths.parameters.read_text()
    paths.parameters.write_text("{")
    watch = SettingsWatch(SettingsStore(paths))
    assert watch.look() is None
    assert watch.problem is not None
    paths.parameters.write_text(whole)
    assert sorted(watch.look().cameras) == [FRONT, BACK]


@pytest.mark.parametrize("key", sorted(Parameters.model_fields))
def test_only_what_models_are_made_of_needs_new_models(key):
    parameters = Parameters()
    other = parameters.model_copy(update={key: "another"})
    assert needs_new_models(parameters, other) == (key in MODEL_KEYS)


def test_a_running_worker_takes_changes_up_and_leaves_other_cameras_alone(tmp_path):
    paths, engine = painted_site(tmp_path / "home", [1])
    engine.dispose()
    front = painted_clip(tmp_path / "front.mkv", [(3, {1: LEFT})])
    back = painted_clip(tmp_path / "back.mkv", [(3, {2: RIGHT})])
    configure(paths, {FRONT: front})
    with RunningWorker(paths.home) as worker:
        untouched = worker.until_online(FRONT)

        add_camera(paths, BACK, back)
        worker.until_online(BACK)
        change_parameters(paths, stream_max_width=320)
        paths.viewer_lease(FRONT).touch()
        worker.until(lambda: live_width(paths) == 320, "the live picture is as wide as was asked")

        whole = paths.parameters.read_text()
        paths.parameters.write_text(whole[:-20])
        worker.until(lambda: worker.status().settings_error, "the broken file is told")
        assert "parameter_config.json" in said_by(worker)
        paths.viewer_lease(FRONT).touch()
        width = json.loads(whole)["stream_max_width"]
        assert live_width(paths) == width == 320
        paths.parameters.write_text(whole)
        worker.until(lambda: worker.status().settings_error is None, "the repaired file is taken")

        wrong = paths.camera_config(7)
        wrong.parent.mkdir()
        wrong.write_bytes(paths.camera_config(BACK).read_bytes())
        worker.until(
            lambda: [c for c in worker.cameras(7) if (c.status, c.cause) == ("misconfigured", "id_mismatch")],
            "the wrong folder is misconfigured",
        )
        change_camera(paths, BACK, enabled=False)
        worker.until(lambda: worker.cameras(BACK)[0].status == "disabled", "the back camera is off")
        store = SettingsStore(paths)
        store.remove_camera(BACK, store.load_camera(BACK).fingerprint)
        worker.until(lambda: worker.cameras(BACK)[0].removed_at, "the back camera is gone")

        now = worker.cameras(FRONT)[0]
        assert (now.status, now.status_since, now.reconnects) == (
            "online",
            untouched.status_since,
            untouched.reconnects,
        )
        assert now.last_frame_at > untouched.last_frame_at
        assert worker.stop() == 0


def said_by(worker: RunningWorker) -> str:
    return InvalidSettings.from_json(worker.status().settings_error).sentences("en")


def live_width(paths: SitePaths) -> int:
    frame = paths.live_frame(FRONT)
    if not frame.exists():
        return 0
    with Image.open(frame) as picture:
        return picture.width
