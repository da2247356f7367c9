"""The Cameras page: how each camera is, its form, a test before saving, and no password anywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import CameraCause, CameraStatus
from core.i18n import LANGUAGES, catalogue
from core.settings import CameraSettings
from core.settings_store import Loaded, SettingsStore
from core.storage.asking import CameraTestAnswer, CameraTestPayload, to_json
from core.storage.models import WorkerRequest
from core.storage.requests import finish, store_request_photo
from dashboard import data
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.cameras:show"
URL = "rtsp://admin:s3cret%40@192.168.1.64:554/stream1"


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path)
    save(seed, id=1, name="Gerbang depan", location="Pintu masuk", rtsp_url=URL)
    save(seed, id=2, name="Gudang", rtsp_url="rtsp://192.168.1.65/stream1", jpeg_quality=60)
    yield seed
    seed.engine.dispose()


def save(seed: Seed, **values: Any) -> Loaded[CameraSettings]:
    return SettingsStore(seed.paths).save_camera(CameraSettings.parse(values))


def stored(seed: Seed, camera_id: int) -> CameraSettings:
    return SettingsStore(seed.paths).load_camera(camera_id).value


def url(seed: Seed, camera_id: int) -> str:
    return stored(seed, camera_id).rtsp_url.get_secret_value()


def editing(seed: Seed, monkeypatch: pytest.MonkeyPatch, camera_id: int) -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    return page.button(key=f"edit_{camera_id}").click().run()


def adding(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    return submit(page, "Add camera")


def submit(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return button.click().run()


def answer(seed: Seed, result: dict[str, Any]) -> None:
    with Session(seed.engine) as session, session.begin():
        (request,) = session.scalars(select(WorkerRequest))
        finish(session, request.id, result, datetime.now(UTC))
    data.forget()


def everything_on(page: AppTest) -> str:
    """All that was sent to the browser."""
    return str(page.main) + words_on(page) + "".join(str(field.proto) for field in page.text_input)


def test_the_list_tells_status_cause_and_figures(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    words = words_on(page)

    assert "CAM1 · Pintu masuk · rtsp://192.168.1.64:554/stream1" in words
    assert "1920×1080 · h264 · 25.0 fps · 5.0 analysed a second" in words  # noqa: RUF001 - as shown
    assert "Unreachable. The camera&#x27;s address answers, but its port is closed" in words
    assert "newest picture 12 min ago" in words
    assert "### Port closed" in words.replace("#####", "###"), "the guide's section is at hand"
    assert "s3cret" not in everything_on(page)


def test_of_a_silent_worker_no_status_is_shown(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.worker(age_s=60)
    words = words_on(open_view(seed, monkeypatch, VIEW, "admin").run())

    assert words.count("Unknown: the worker has not reported on this camera lately") == 2
    assert "Online" not in words


def test_a_broken_settings_file_is_named_and_leaves_the_others(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = seed.paths.camera_config(7)
    broken.parent.mkdir()
    broken.write_text('{"id": 7, "na')
    words = words_on(open_view(seed, monkeypatch, VIEW, "admin").run())

    assert "camera_configs/CAM7/config.json: The file is not complete JSON" in words
    assert "Gerbang depan" in words


def test_a_broken_settings_file_is_written_anew_on_the_page(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = seed.paths.camera_config(7)
    broken.parent.mkdir()
    broken.write_text('{"id": 7, "na')
    page = editing(seed, monkeypatch, 7)
    assert "The file is not complete JSON" in page.error[0].value
    assert page.text_input(key="cam_name_7").value == "CAM7"
    page.text_input(key="cam_name_7").set_value("Atap")
    page.text_input(key="cam_address_7").set_value("rtsp://10.0.0.7/s")
    broken.write_text('{"id": 7, "nam')
    submit(page, "Save")
    assert broken.read_text() == '{"id": 7, "nam', "somebody else mends it too"
    submit(page, "Save")

    assert (stored(seed, 7).name, url(seed, 7)) == ("Atap", "rtsp://10.0.0.7/s")


def test_no_camera_says_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = Seed(tmp_path)
    seed.user("admin", "admin")
    assert "No camera yet" in words_on(open_view(seed, monkeypatch, VIEW, "admin").run())


def test_a_camera_is_added_with_encoded_credentials(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.camera(4, "Lama", removed_at=seed.now)
    page = adding(seed, monkeypatch)
    assert page.number_input(key="cam_id_new").value == 5, "the number of a camera that was is not reused"
    page.text_input(key="cam_name_new").set_value("Parkir")
    page.text_input(key="cam_location_new").set_value("Luar")
    page.text_input(key="cam_address_new").set_value("rtsp://10.0.0.9:554/s")
    page.text_input(key="cam_user_new").set_value("op")
    page.text_input(key="cam_password_new").set_value("p@ss/w:rd")
    page.selectbox(key="cam_protocol_new").set_value("udp")
    submit(page, "Save")

    assert "Parkir was saved" in page.success[0].value
    assert url(seed, 5) == "rtsp://op:p%40ss%2Fw%3Ard@10.0.0.9:554/s"
    assert (stored(seed, 5).location, stored(seed, 5).rtsp_protocol) == ("Luar", "udp")
    assert "p@ss" not in everything_on(page)


def test_an_empty_password_keeps_the_old_one(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = editing(seed, monkeypatch, 1)
    assert "s3cret" not in everything_on(page)
    page.text_input(key="cam_name_1").set_value("Gerbang utama")
    page.text_input(key="cam_address_1").set_value("rtsp://192.168.1.64:554/stream2")
    submit(page, "Save")

    assert stored(seed, 1).name == "Gerbang utama"
    assert url(seed, 1) == "rtsp://admin:s3cret%40@192.168.1.64:554/stream2"


@pytest.mark.parametrize("button", ["Save", "Test"])
def test_stored_credentials_never_go_to_another_host(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, button: str
) -> None:
    page = editing(seed, monkeypatch, 1)
    page.text_input(key="cam_address_1").set_value("rtsp://192.168.1.99:554/stream1")
    submit(page, button)

    assert "belong to another host" in page.error[0].value
    assert url(seed, 1) == URL


def test_credentials_can_be_removed_and_other_settings_stay(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = editing(seed, monkeypatch, 1)
    page.checkbox(key="cam_open_1").set_value(True)
    submit(page, "Save")
    assert url(seed, 1) == "rtsp://192.168.1.64:554/stream1"

    page = editing(seed, monkeypatch, 2)
    page.text_input(key="cam_name_2").set_value("Gudang B")
    submit(page, "Save")
    assert (stored(seed, 2).name, stored(seed, 2).jpeg_quality) == ("Gudang B", 60)


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("", "rtsp://h/p", "Name must not be empty"),
        ("X", "", "Address is empty"),
        ("X", "http://h/p", "rtsp:// or rtsps://"),
        ("X", "rtsp://:554/p", "no usable host"),
    ],
)
def test_what_the_form_refuses_is_said(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, name: str, address: str, said: str
) -> None:
    page = adding(seed, monkeypatch)
    page.text_input(key="cam_name_new").set_value(name)
    page.text_input(key="cam_address_new").set_value(address)
    submit(page, "Save")

    assert said in page.error[0].value
    assert page.text_input(key="cam_address_new").value == address
    assert not seed.paths.camera_config(3).exists()


def test_a_change_meanwhile_is_said_and_loses_nothing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = editing(seed, monkeypatch, 1)
    store = SettingsStore(seed.paths)
    read = store.load_camera(1)
    store.save_camera(read.value.changed(location="Lobi"), read.fingerprint)
    page.text_input(key="cam_name_1").set_value("Gerbang utama")
    submit(page, "Save")

    assert "Somebody else changed this camera meanwhile; it is now Gerbang depan, Lobi" in page.error[0].value
    assert "s3cret" not in everything_on(page)
    assert stored(seed, 1).location == "Lobi"
    assert page.text_input(key="cam_name_1").value == "Gerbang utama"

    submit(page, "Save")
    assert (stored(seed, 1).name, stored(seed, 1).location) == ("Gerbang utama", "Pintu masuk")


def test_a_number_that_is_taken_is_said(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = adding(seed, monkeypatch)
    page.number_input(key="cam_id_new").set_value(2)
    page.text_input(key="cam_name_new").set_value("Lain")
    page.text_input(key="cam_address_new").set_value("0")
    submit(page, "Save")

    assert "number exists already" in page.error[0].value
    assert stored(seed, 2).name == "Gudang"


def test_a_camera_is_tried_before_it_is_saved(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = editing(seed, monkeypatch, 1)
    page.text_input(key="cam_address_1").set_value("rtsp://192.168.1.64:554/new")
    submit(page, "Test")
    assert "The worker is trying the camera" in words_on(page)
    with Session(seed.engine) as session:
        payload = CameraTestPayload(**session.scalars(select(WorkerRequest)).one().payload)
    tried = payload.camera(seed.paths).rtsp_url.get_secret_value()
    assert tried == "rtsp://admin:s3cret%40@192.168.1.64:554/new"
    assert url(seed, 1) == URL, "nothing is saved yet"

    picture = store_request_photo(seed.paths, (seed.home / "data/photos/E1/1.jpg").read_bytes())
    works = CameraTestAnswer("online", None, "h264", 1280, 720, 25.0, 0.42, picture)
    answer(seed, to_json(works))
    page.run()
    assert "h264 · 1280×720 · 25.0 fps · first picture after 0.4 s" in page.success[0].value  # noqa: RUF001
    assert page.get("imgs") or page.image


def test_a_failed_trial_says_precisely_why(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = editing(seed, monkeypatch, 1)
    submit(page, "Test")
    answer(seed, to_json(CameraTestAnswer("unauthorised", "unauthorised")))
    page.run()

    assert page.error[0].value.startswith("The camera refuses the user name or password")
    assert "Password refused" in words_on(page)


def test_a_verdict_is_forgotten_when_the_form_says_something_else(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = editing(seed, monkeypatch, 1)
    submit(page, "Test")
    answer(seed, to_json(CameraTestAnswer("unauthorised", "unauthorised")))
    page.run()
    page.session_state["cam_address_1"] = "rtsp://192.168.1.64:554/composed"  # as the address by make does
    assert not page.run().error

    page.session_state["cam_address_1"] = "rtsp://192.168.1.64:554/stream1"
    assert page.run().error[0].value.startswith("The camera refuses")
    page.text_input(key="cam_address_1").set_value("http://h/p")
    submit(page, "Test")
    assert len(page.error) == 1
    assert "The camera refuses" not in words_on(page), "only what is wrong with the new address"


@pytest.mark.parametrize("code", ["expired", "worker_crashed", "photo_gone", "storage_full"])
def test_a_trial_that_ended_otherwise_says_so(seed: Seed, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    page = editing(seed, monkeypatch, 1)
    submit(page, "Test")
    answer(seed, {"code": code})

    assert page.run().error[0].value.endswith(".")


def test_a_trial_while_the_worker_is_down(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.worker(age_s=60)
    page = editing(seed, monkeypatch, 1)
    submit(page, "Test")
    assert "The worker is not running, so nothing can be tried now" in words_on(page)


def test_a_camera_is_switched_off_and_on(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    page.button(key="switch_1_sure").click().run()
    assert stored(seed, 1).enabled is False
    assert "Switched off" in words_on(page)

    page.button(key="switch_1_sure").click().run()
    assert stored(seed, 1).enabled is True
    assert url(seed, 1) == URL


def test_in_the_demo_the_first_real_camera_is_announced_as_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = working_day(tmp_path / "data" / "demo")
    monkeypatch.setenv("GSPE_SITE_HOME", str(tmp_path))
    monkeypatch.setenv("GSPE_DEMO", "1")
    page = adding(seed, monkeypatch)
    assert "Saving the first real camera ends it" in words_on(page)
    assert page.number_input(key="cam_id_new").value == 1
    page.text_input(key="cam_name_new").set_value("Parkir")
    page.text_input(key="cam_address_new").set_value("rtsp://10.0.0.9/s")
    submit(page, "Save")

    assert "The demo ends now" in page.success[0].value
    assert (tmp_path / "camera_configs" / "CAM1" / "config.json").exists()


def test_only_an_admin_opens_the_page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)
    assert not page.get("html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_and_cause_has_its_sentence(language: str) -> None:
    sentences = catalogue(language)
    for status in CameraStatus:
        assert sentences[f"camera.status.{status}"]
    for cause in CameraCause:
        assert sentences[f"camera.cause.{cause}"]


def test_a_camera_the_worker_has_not_seen_yet(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    save(seed, id=9, name="Baru", rtsp_url="0")
    words = words_on(open_view(seed, monkeypatch, VIEW, "admin").run())

    assert words.count("Unknown: the worker has not reported on this camera lately") == 1
