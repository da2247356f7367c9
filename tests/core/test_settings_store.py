import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from core import strict_json
from core.errors import SettingsConflict, SettingsError
from core.paths import REPOSITORY, SitePaths
from core.settings import (
    CameraSettings,
    EmailSettings,
    InvalidSettings,
    Parameters,
    WebhookSettings,
    WhatsAppSettings,
)
from core.settings_files import VERSIONS_KEPT, SettingsFiles
from core.settings_store import MISSING, Loaded, SettingsStore
from scripts.generate_docs import main as generate_docs

URL = "rtsp://admin:geheim@10.0.0.9/live"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SitePaths:
    monkeypatch.setenv("TZ", "Asia/Makassar")
    return SitePaths(tmp_path)


@pytest.fixture
def store(paths: SitePaths) -> SettingsStore:
    return SettingsStore(paths)


def camera(camera_id: int = 1, **values: object) -> CameraSettings:
    return CameraSettings.parse({"id": camera_id, "name": "Gate", "rtsp_url": URL, **values})


def write_camera(paths: SitePaths, folder: str, content: bytes) -> None:
    path = paths.camera_configs / folder / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def problem_of(found: object) -> str:
    assert isinstance(found, InvalidSettings)
    (problem,) = found.problems
    assert "geheim" not in str(found)
    return problem.code


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_writes_defaults_in_the_computer_s_zone(
    store: SettingsStore, paths: SitePaths
) -> None:
    loaded = store.load_parameters()
    assert loaded.value == Parameters(time_zone="Asia/Makassar")
    assert store.load_parameters() == loaded
    assert mode(paths.parameters) == 0o600


def test_first_starts_at_once_agree(paths: SitePaths) -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: SettingsStore(paths).load_parameters(), range(8)))
    assert len({one.fingerprint for one in loaded}) == 1


def test_saving_needs_the_fingerprint_of_what_was_read(store: SettingsStore) -> None:
    first = store.load_parameters()
    second = store.save_parameters(first.value.changed(fps_target=2), first.fingerprint)
    assert second == store.load_parameters()
    with pytest.raises(SettingsConflict, match=r"config/parameter_config\.json was changed by somebody else"):
        store.save_parameters(first.value.changed(fps_target=3), first.fingerprint)
    assert store.load_parameters() == second


def test_of_many_writers_that_read_the_same_one_wins(paths: SitePaths) -> None:
    start = SettingsStore(paths).load_parameters()

    def save(quality: int) -> bool:
        try:
            SettingsStore(paths).save_parameters(start.value.changed(jpeg_quality=quality), start.fingerprint)
        except SettingsConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(50, 66))) == 1


def test_writers_that_read_again_lose_nothing(paths: SitePaths) -> None:
    SettingsStore(paths).load_parameters()

    def count_up(_: int) -> None:
        store = SettingsStore(paths)
        while True:
            loaded = store.load_parameters()
            changed = loaded.value.changed(frame_skip=loaded.value.frame_skip + 1)
            try:
                store.save_parameters(changed, loaded.fingerprint)
            except SettingsConflict:
                continue
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(12)))
    assert SettingsStore(paths).load_parameters().value.frame_skip == 12


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \n", "empty_file"),
        (b'{"fps_target": 5, "frame', "broken_json"),
        (b'{"fps_target": 5,}', "broken_json"),
        (b'{"fps_target": NaN}', "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_json"),
        (b"[1, 2]", "not_object"),
        (b'{"fps_target": 5, "fps_target": 6}', "duplicate_key"),
        (b'{"working_hours": {"mon": [], "mon": []}}', "duplicate_key"),
        (b'{"fps_targt": 5}', "unknown_key"),
    ],
)
def test_a_broken_file_is_one_sentence_that_names_it(
    store: SettingsStore, paths: SitePaths, content: bytes, code: str
) -> None:
    paths.config.mkdir()
    paths.parameters.write_bytes(content)
    with pytest.raises(InvalidSettings) as caught:
        store.load_parameters()
    assert problem_of(caught.value) == code
    assert str(caught.value).startswith("config/parameter_config.json: ")
    assert paths.parameters.read_bytes() == content


def test_the_place_of_a_json_error_is_told(store: SettingsStore, paths: SitePaths) -> None:
    write_camera(paths, "CAM1", f'{{"id": 1,\n  "rtsp_url": "{URL}"\n  "name": "x"}}'.encode())
    with pytest.raises(InvalidSettings, match="line 3, column 3") as caught:
        store.load_camera(1)
    assert caught.value.__context__ is None or "geheim" not in repr(vars(caught.value.__context__))


def test_a_byte_order_mark_is_no_error(store: SettingsStore, paths: SitePaths) -> None:
    paths.config.mkdir()
    paths.parameters.write_bytes(b'\xef\xbb\xbf{"fps_target": 4}')
    assert store.load_parameters().value.fps_target == 4


def test_a_file_that_cannot_be_read_says_so(store: SettingsStore, paths: SitePaths) -> None:
    paths.parameters.mkdir(parents=True)
    with pytest.raises(InvalidSettings) as caught:
        store.load_parameters()
    assert problem_of(caught.value) == "unreadable_file"


@pytest.mark.parametrize(
    "obstacle", ["config/.parameter_config.json.tmp/in the way", "data/run/settings.lock/in the way"]
)
def test_a_file_that_cannot_be_written_says_so(store: SettingsStore, paths: SitePaths, obstacle: str) -> None:
    (paths.home / obstacle).mkdir(parents=True)
    with pytest.raises(InvalidSettings) as caught:
        store.load_parameters()
    assert problem_of(caught.value) == "unwritable_file"


def test_camera_configs_that_cannot_be_read_hide_no_camera(store: SettingsStore, paths: SitePaths) -> None:
    paths.camera_configs.write_text("in the way")
    with pytest.raises(InvalidSettings) as caught:
        store.load_cameras()
    assert problem_of(caught.value) == "unreadable_file"


def test_a_camera_that_cannot_be_used_can_be_replaced_and_removed(
    store: SettingsStore, paths: SitePaths
) -> None:
    write_camera(paths, "CAM1", b"{")
    saved = store.save_camera(camera(1), store.camera_fingerprint(1))
    assert store.load_cameras() == {1: saved}
    paths.camera_config(1).unlink()
    assert store.camera_fingerprint(1) == MISSING
    store.remove_camera(1, MISSING)
    assert store.load_cameras() == {}


def test_cameras_are_saved_changed_and_removed(store: SettingsStore, paths: SitePaths) -> None:
    first = store.save_camera(camera(3))
    assert store.load_cameras() == {3: first}
    assert mode(paths.camera_config(3)) == 0o600
    second = store.save_camera(first.value.changed(fps_target=2), first.fingerprint)
    assert store.load_camera(3) == second
    with pytest.raises(SettingsConflict):
        store.remove_camera(3, first.fingerprint)
    store.remove_camera(3, second.fingerprint)
    assert store.load_cameras() == {}
    assert not paths.camera_config(3).parent.exists()


def test_a_new_camera_replaces_none(store: SettingsStore) -> None:
    kept = store.save_camera(camera(1))
    with pytest.raises(SettingsConflict):
        store.save_camera(camera(1, name="Other"))
    assert store.load_cameras() == {1: kept}


def test_nothing_of_a_removed_camera_s_password_stays(store: SettingsStore, paths: SitePaths) -> None:
    saved = store.save_camera(camera(1))
    saved = store.save_camera(saved.value.changed(name="Door"), saved.fingerprint)
    store.remove_camera(1, saved.fingerprint)
    files = [path for path in paths.home.rglob("*") if path.is_file()]
    assert files
    assert not any(b"geheim" in path.read_bytes() for path in files)


def test_other_files_in_a_camera_s_folder_stay(store: SettingsStore, paths: SitePaths) -> None:
    saved = store.save_camera(camera(1))
    note = paths.camera_config(1).with_name("note.txt")
    note.write_text("mine")
    store.remove_camera(1, saved.fingerprint)
    assert note.read_text() == "mine"
    assert problem_of(store.load_cameras()[1]) == "missing_file"


def test_one_bad_camera_does_not_touch_the_others(store: SettingsStore, paths: SitePaths) -> None:
    good = store.save_camera(camera(10))
    write_camera(paths, "CAM2", f'{{"id": 2, "rtsp_url": "{URL}", "na'.encode())
    write_camera(paths, "CAM4", f'{{"id": 5, "name": "x", "rtsp_url": "{URL}"}}'.encode())
    write_camera(paths, "CAM6", f'{{"id": 6, "name": "", "rtsp_url": "{URL}"}}'.encode())
    (paths.camera_configs / "CAM7").mkdir()
    found = store.load_cameras()
    assert list(found) == [2, 4, 6, 7, 10]
    assert found[10] == good
    codes = [problem_of(found[camera_id]) for camera_id in (2, 4, 6, 7)]
    assert codes == ["broken_json", "wrong_camera_id", "too_short", "missing_file"]
    assert str(found[4]) == (
        "camera_configs/CAM4/config.json: The file says id 5 but lies in CAM4; make them agree."
    )


@pytest.mark.parametrize("name", ["CAM", "CAM0", "CAM01", "cam1", "CAM1 copy", "Gate", "CAM1000000"])
def test_a_misnamed_folder_is_reported_and_not_watched(
    store: SettingsStore, paths: SitePaths, name: str
) -> None:
    write_camera(paths, name, b"{}")
    (paths.camera_configs / ".gitkeep").touch()
    (paths.camera_configs / ".hidden").mkdir()
    (error,) = store.misnamed_folders()
    assert problem_of(error) == "misnamed_folder"
    assert str(error).startswith(f"camera_configs/{name}: ")
    assert store.load_cameras() == {}


def test_no_camera_folder_means_no_camera(store: SettingsStore) -> None:
    assert store.load_cameras() == {}
    assert store.misnamed_folders() == []
    with pytest.raises(SettingsError, match=r"CAM1/config\.json: The file is not there"):
        store.load_camera(1)


def test_whatsapp_is_off_until_saved(store: SettingsStore, paths: SitePaths) -> None:
    loaded = store.load_whatsapp()
    assert loaded == Loaded(WhatsAppSettings(), MISSING)
    assert not paths.whatsapp.exists()
    saved = store.save_whatsapp(loaded.value.changed(phone_number_id="12"), loaded.fingerprint)
    assert store.load_whatsapp() == saved
    with pytest.raises(SettingsConflict):
        store.save_whatsapp(loaded.value, loaded.fingerprint)


def test_the_other_channels_are_off_until_saved(store: SettingsStore, paths: SitePaths) -> None:
    mail, hook = store.load_email(), store.load_webhook()
    assert (mail, hook) == (Loaded(EmailSettings(), MISSING), Loaded(WebhookSettings(), MISSING))
    assert store.save_email(mail.value.changed(host="mail"), mail.fingerprint) == store.load_email()
    assert store.save_webhook(hook.value.changed(url="https://h/x"), hook.fingerprint) == store.load_webhook()
    assert mode(paths.email) == mode(paths.webhook) == 0o600
    with pytest.raises(SettingsConflict):
        store.save_email(mail.value, mail.fingerprint)
    with pytest.raises(SettingsConflict):
        store.save_webhook(hook.value, hook.fingerprint)


def test_the_fingerprint_follows_every_file(store: SettingsStore, paths: SitePaths) -> None:
    seen = [store.fingerprint()]

    def changed() -> bool:
        seen.append(store.fingerprint())
        return seen[-1] != seen[-2]

    parameters = store.load_parameters()
    assert changed()
    store.save_parameters(parameters.value.changed(fps_target=4), parameters.fingerprint)
    assert changed()
    store.save_whatsapp(WhatsAppSettings(), MISSING)
    assert changed()
    store.save_email(EmailSettings(), MISSING)
    assert changed()
    store.save_webhook(WebhookSettings(), MISSING)
    assert changed()
    store.save_camera(camera(1))
    assert changed()
    assert store.fingerprint() == seen[-1]
    paths.camera_config(1).write_bytes(b"{")
    assert changed()
    store.remove_camera(1, sha256(b"{").hexdigest())
    assert changed()
    (paths.camera_configs / "Gate").mkdir()
    assert changed()


def test_a_reader_never_sees_a_camera_half_saved(paths: SitePaths) -> None:
    store, writer = SettingsStore(paths), SettingsStore(paths)

    def write() -> None:
        for _ in range(10):
            saved = writer.save_camera(camera(1))
            saved = writer.save_camera(saved.value.changed(name="Door"), saved.fingerprint)
            writer.remove_camera(1, saved.fingerprint)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            assert all(isinstance(found, Loaded) for found in store.load_cameras().values())
        writing.result()


def test_replaced_versions_are_kept_for_the_owner_alone(store: SettingsStore, paths: SitePaths) -> None:
    loaded = store.load_parameters()
    for quality in range(30, 30 + VERSIONS_KEPT + 3):
        loaded = store.save_parameters(loaded.value.changed(jpeg_quality=quality), loaded.fingerprint)
    versions = SettingsFiles(paths).versions(paths.parameters)
    assert len(versions) == VERSIONS_KEPT
    qualities = [Parameters.model_validate_json(path.read_bytes()).jpeg_quality for path in versions]
    assert qualities == list(range(32, 32 + VERSIONS_KEPT))
    assert {mode(path) for path in versions} == {0o600}
    assert mode(versions[0].parent) == 0o700


def test_a_torn_write_leaves_the_old_file_and_is_overcome(store: SettingsStore, paths: SitePaths) -> None:
    loaded = store.load_parameters()
    torn = paths.parameters.with_name(".parameter_config.json.tmp")
    torn.write_bytes(b'{"fps_tar')
    torn.chmod(0o644)
    assert store.load_parameters() == loaded
    saved = store.save_parameters(loaded.value.changed(fps_target=1), loaded.fingerprint)
    assert store.load_parameters() == saved
    assert mode(paths.parameters) == 0o600
    assert not torn.exists()


@pytest.mark.parametrize(
    ("example", "model"),
    [
        ("parameter_config", Parameters),
        ("config_whatsapp", WhatsAppSettings),
        ("config_email", EmailSettings),
        ("config_webhook", WebhookSettings),
        ("camera_config", CameraSettings),
    ],
)
def test_the_example_files_can_be_used(example: str, model: type[Parameters]) -> None:
    content = (REPOSITORY / "config" / f"{example}.example.json").read_bytes()
    assert model.parse(strict_json.loads(content))


def test_generated_documents_are_current() -> None:
    assert generate_docs(["--check"]) == 0
