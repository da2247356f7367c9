import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core import strict_json
from core.domain.schedule import WorkingHours
from core.errors import SettingsError
from core.i18n import catalogue
from core.settings import (
    OVERRIDABLE,
    CameraSettings,
    EmailSettings,
    InvalidSettings,
    Parameters,
    PayrollSettings,
    WebhookSettings,
    WhatsAppSettings,
    WorkingWeek,
)
from core.settings.description import GROUPS, Description, describe_parameters
from core.settings.model import SettingsModel
from core.settings.recipients import is_own_network

DEFAULTS = {
    "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "fps_target": 5,
    "frame_skip": 0,
    "annotation_stride": 1,
    "stream_max_width": 960,
    "jpeg_quality": 75,
    "use_gstreamer_rtsp": False,
    "rtsp_protocol": "tcp",
    "gst_latency_ms": 100,
    "similarity_threshold": None,
    "similarity_margin": None,
    "smoothing_window": 5,
    "smoothing_min_votes": 3,
    "tracker_iou_threshold": 0.3,
    "tracker_max_misses": 8,
    "event_min_interval_sec": 5.0,
    "quality_min_blur_var": 50.0,
    "quality_min_face_area_frac": 0.0,
    "quality_min_face_px": 32,
    "quality_min_brightness": 0.15,
    "quality_max_brightness": 0.9,
    "quality_min_score": 0.3,
    "tracking_timeout": 60,
    "present_timeout_sec": 30,
    "alert_min_interval_sec": 300,
    "attendance_first_in_overwrite_enabled": False,
    "attendance_last_out_delay_sec": 30,
    "attendance_captures_retention_days": 90,
    "events_retention_days": 1,
    "working_hours": {
        **{day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "sat": [],
        "sun": [],
    },
    "time_zone": "Asia/Jakarta",
    "model_pack": "open",
    "model_licence_accepted": False,
    "similarity_threshold_pack": None,
    "min_free_mb": 500,
    "backups_kept": 7,
    "event_pictures_kept": 500,
    "rtsp_open_timeout_s": 5,
    "rtsp_read_timeout_s": 5,
    "frozen_after_s": 10,
    "loop_file": True,
    "detector_width_px": 640,
    "model_threads": 0,
    "late_grace_min": 10,
    "early_grace_min": 10,
    "half_day_share": 0.5,
    "min_coverage": 0.5,
    "overtime_from_min": 0,
    "hour_limits": "plain",
    "corrections_need_approval": False,
    "off_duty_pictures": True,
    "unknown_person_alerts": "off",
    "unknown_alert_min_interval_sec": 600,
    "camera_down_after_sec": 60,
    "escalate_after_min": 0,
    "group_alerts_sec": 5,
    "live_frames_retention_hours": 24,
    "unknown_pictures_retention_days": 7,
    "unknown_faces_retention_days": 14,
    "unknown_faces_per_hour": 60,
    "attendance_retention_days": 1825,
    "audit_retention_days": 3650,
}
CAMERA = {"id": 3, "name": "Gate", "rtsp_url": "rtsp://admin:geheim@10.0.0.9:554/live"}
SUPERVISOR = {"name": "Sari", "phone": "+62 812-3456-7890"}
NUMBERS = [one for one in describe_parameters() if one.maximum is not None]


def refused(model: type[SettingsModel], **values: object) -> InvalidSettings:
    with pytest.raises(InvalidSettings) as caught:
        model.parse(values)
    return caught.value


def test_keys_and_defaults_are_these() -> None:
    assert Parameters().as_json() == DEFAULTS
    assert Parameters.parse({}) == Parameters()


def test_what_is_written_is_read_back_equal() -> None:
    changed = Parameters().changed(fps_target=2.5, working_hours={"sun": [["00:00", "24:00"]]})
    for value in (Parameters(), changed):
        assert Parameters.parse(strict_json.loads(strict_json.dumps(value.as_json()))) == value
    camera = CameraSettings.parse({**CAMERA, "fps_target": 2})
    assert CameraSettings.parse(camera.as_json()) == camera


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Parameters().fps_target = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one.key)
def test_bounds_are_inclusive_and_told(one: Description) -> None:
    assert one.minimum is not None
    assert one.maximum is not None
    beside = {
        "similarity_threshold": {"similarity_threshold_pack": "open"},
        "smoothing_window": {"smoothing_min_votes": 1},
        "smoothing_min_votes": {"smoothing_window": 100},
        "present_timeout_sec": {"tracking_timeout": 86_400},
        "tracking_timeout": {"present_timeout_sec": 0.5},
        "quality_min_brightness": {"quality_max_brightness": 1},
        "quality_max_brightness": {"quality_min_brightness": 0},
    }.get(one.key, {})
    strict_pair = one.key in ("quality_min_brightness", "quality_max_brightness")
    for value in (one.minimum, one.maximum):
        if not strict_pair:
            assert getattr(Parameters.parse({**beside, one.key: value}), one.key) == value
    for value, code in ((one.minimum - 1, "too_small"), (one.maximum + 1, "too_large")):
        (problem,) = refused(Parameters, **beside, **{one.key: value}).problems
        assert (problem.code, problem.params["key"]) == (code, one.key)


@pytest.mark.parametrize("one", describe_parameters(), ids=lambda one: one.key)
def test_a_value_of_another_type_is_refused(one: Description) -> None:
    wrong: object = 5 if one.kind in ("text", "choice", "list", "hours", "switch") else "5"
    (problem,) = refused(Parameters, **{one.key: wrong}).problems
    assert str(problem.params["key"]).startswith(one.key)
    if one.kind == "whole":
        assert refused(Parameters, **{one.key: True}).problems[0].code == "not_whole"
        assert refused(Parameters, **{one.key: 1.5}).problems[0].code == "not_whole"


def test_every_parameter_is_described_once_and_in_a_group() -> None:
    described = describe_parameters()
    assert {one.key for one in described} == set(Parameters.model_fields)
    assert len(described) == len(DEFAULTS)
    assert {one.group for one in described} == set(GROUPS)
    assert {one.key for one in described if one.per_camera} == OVERRIDABLE
    assert all(one.default == DEFAULTS[one.key] for one in described)
    (threshold,) = (one for one in described if one.key == "similarity_threshold")
    assert (threshold.kind, threshold.nullable, threshold.maximum) == ("number", True, 1)


def test_cameras_may_override_tracking_smoothing_rate_and_quality() -> None:
    assert {
        key for key in DEFAULTS if key.startswith(("quality_", "smoothing_", "tracker_", "rtsp_"))
    } < OVERRIDABLE
    assert set(DEFAULTS) >= OVERRIDABLE
    assert not OVERRIDABLE & {"similarity_threshold", "tracking_timeout", "present_timeout_sec", "time_zone"}


PROBLEMS = [
    (Parameters, {"fps_targt": 1}, "unknown_key", "fps_targt is not a setting; did you mean fps_target?"),
    (Parameters, {"zzz": 1}, "unknown_key", "zzz is not a setting; did you mean"),
    (Parameters, {"working_hours": {"mond": []}}, "unknown_key", "did you mean mon?"),
    (WhatsAppSettings, {"supervisors": [{**SUPERVISOR, "fone": 1}]}, "unknown_key", "supervisors[0].fone"),
    (Parameters, {"fps_target": 500}, "too_large", "fps_target is 500; it must be at most 60"),
    (Parameters, {"fps_target": 0}, "too_small", "fps_target is 0; it must be at least 0.1"),
    (Parameters, {"frame_skip": "1"}, "not_whole", "frame_skip must be a whole number"),
    (Parameters, {"fps_target": None}, "not_number", "fps_target must be a number"),
    (Parameters, {"loop_file": 1}, "not_yes_no", "loop_file must be true or false"),
    (Parameters, {"time_zone": 7}, "not_text", "time_zone must be a text"),
    (Parameters, {"providers": 7}, "not_list", "providers must be a list"),
    (Parameters, {"working_hours": 7}, "not_object_at", "working_hours must be keys and values"),
    (Parameters, {"model_pack": " "}, "too_short", "model_pack must not be empty"),
    (CameraSettings, {**CAMERA, "name": "x" * 81}, "too_long", "name may have at most 80 characters"),
    (CameraSettings, {"id": 1, "name": "x"}, "missing_key", "rtsp_url is missing"),
    (Parameters, {"rtsp_protocol": "http"}, "not_one_of", "rtsp_protocol must be one of 'tcp', 'udp'."),
    (Parameters, {"working_hours": {"mon": [["8", "17:00"]]}}, "bad_hours", "working_hours needs pairs"),
    (Parameters, {"working_hours": {"mon": [["08:00", "12:00", "13:00"]]}}, "invalid_value", "docs/config"),
    (Parameters, {"time_zone": "Mars/Base"}, "bad_time_zone", "time_zone must be an IANA time zone"),
    (Parameters, {"time_zone": "Asia"}, "bad_time_zone", "time_zone must be an IANA time zone"),
    (Parameters, {"time_zone": "../etc/passwd"}, "bad_time_zone", "time_zone must be an IANA time zone"),
    (Parameters, {"time_zone": ""}, "bad_time_zone", "time_zone must be an IANA time zone"),
    (CameraSettings, {**CAMERA, "zones": [[[0, 0], [1, 1]]]}, "bad_areas", "a list of at most 16 polygons"),
    (Parameters, {"model_pack": "packs/mine"}, "bad_pack", "the name of a model pack or an absolute folder"),
    (Parameters, {"providers": []}, "bad_providers", "at least one provider"),
    (Parameters, {"providers": "AExecutionProvider,AExecutionProvider"}, "bad_providers", "only once"),
    (Parameters, {"providers": "cuda"}, "bad_provider", "providers[0] must be an ONNX Runtime provider"),
    (
        Parameters,
        {"tracking_timeout": 20},
        "below_present_timeout",
        "tracking_timeout is 20.0; it must not be below present_timeout_sec, which is 30.0.",
    ),
    (Parameters, {"smoothing_min_votes": 6}, "votes_over_window", "must not exceed smoothing_window"),
    (Parameters, {"quality_min_brightness": 0.9}, "brightness_crossed", "below quality_max_brightness"),
    (
        Parameters,
        {"similarity_threshold": 0.4},
        "threshold_of_another_pack",
        "set similarity_threshold_pack to open",
    ),
    (CameraSettings, {**CAMERA, "rtsp_url": " "}, "bad_url_empty", "rtsp_url is empty"),
    (CameraSettings, {**CAMERA, "rtsp_url": "http://h/x"}, "bad_url_scheme", "rtsp_url begins with"),
    (CameraSettings, {**CAMERA, "rtsp_url": "rtsp:///x"}, "bad_url_host", "rtsp_url names no usable host"),
    (CameraSettings, {**CAMERA, "rtsp_url": "rtsp://u:p/q@h/x"}, "bad_url_password", "write these as %2F"),
    (
        WhatsAppSettings,
        {"supervisors": [{**SUPERVISOR, "phone": "0812345678"}]},
        "bad_phone",
        "phone must be an inter",
    ),
    (WhatsAppSettings, {"access_token_env": "EAAGabc"}, "bad_variable", "never the token itself"),
    (
        WhatsAppSettings,
        {"phone_number_id": "+62"},
        "bad_phone_number_id",
        "phone_number_id must be the digits",
    ),
    (WhatsAppSettings, {"enabled": True}, "whatsapp_incomplete", "at least one supervisor"),
    (PayrollSettings, {"separator": ",", "decimal_sign": ","}, "payroll_signs", "choose another sign"),
    (
        PayrollSettings,
        {"columns": [{"code": "code", "header": "x"}, {"code": "name", "header": "x"}]},
        "payroll_headers",
        "the same header",
    ),
    (WhatsAppSettings, {"api_version": "26"}, "bad_api_version", "such as v26.0"),
    (WhatsAppSettings, {"template_name": "Gspe Alert"}, "bad_template", "template_name must be the name"),
    (WhatsAppSettings, {"template_languages": {"en": "english"}}, "bad_template_language", "such as id, en"),
    (WhatsAppSettings, {"base_url": "http://graph.facebook.com"}, "plain_http", "must begin with https://"),
    (WhatsAppSettings, {"base_url": "https://u:p@host"}, "bad_service_url", "without blanks, user name and"),
    (WhatsAppSettings, {"supervisors": [{**SUPERVISOR, "level": 3}]}, "not_one_of", "must be one of 1 or 2"),
    (EmailSettings, {"enabled": True}, "email_incomplete", "host, from_address and at least one recipient"),
    (EmailSettings, {"from_address": "sari\nBcc: x@y.z"}, "bad_address", "one e-mail address"),
    (EmailSettings, {"recipients": [{"name": "S", "address": ""}]}, "bad_address", "recipients[0].address"),
    (EmailSettings, {"host": "mail example"}, "bad_mail_host", "without port"),
    (
        EmailSettings,
        {"host": "mail.example.com", "security": "none", "username": "s"},
        "plain_mail",
        "set security to starttls or tls",
    ),
    (WebhookSettings, {"enabled": True}, "webhook_incomplete", "add url"),
    (WebhookSettings, {"url": "ftp://host/x"}, "bad_service_url", "url must be an https://"),
    (WebhookSettings, {"url": "https://"}, "bad_service_url", "url must be an https://"),
    (WebhookSettings, {"url": "http://host:99999"}, "bad_service_url", "url must be an https://"),
]
FILE_PROBLEMS = {
    "not_object",
    "missing_file",
    "missing_version",
    "unreadable_file",
    "unwritable_file",
    "empty_file",
    "duplicate_key",
    "broken_json",
    "not_json",
    "wrong_camera_id",
    "misnamed_folder",
}
"""Those that tests/core/test_settings_store.py meets."""


@pytest.mark.parametrize(("model", "values", "code", "sentence"), PROBLEMS)
def test_each_problem_is_one_sentence(
    model: type[Parameters], values: dict[str, object], code: str, sentence: str
) -> None:
    error = refused(model, **values)
    assert [problem.code for problem in error.problems] == [code]
    assert sentence in str(error)
    assert str(error).count(". ") == 0
    assert str(error).endswith((".", "?"))


def test_the_catalogue_has_exactly_the_problems_that_occur() -> None:
    prefix = "settings.problem."
    said = {key.removeprefix(prefix) for key in catalogue("en") if key.startswith(prefix)}
    assert said == {code for _, _, code, _ in PROBLEMS} | FILE_PROBLEMS


def test_all_problems_are_told_at_once_and_in_both_languages() -> None:
    error = refused(Parameters, fps_targt=1, jpeg_quality=101, frame_skip="1").in_file("config/x.json")
    assert {problem.code for problem in error.problems} == {"unknown_key", "too_large", "not_whole"}
    assert str(error).startswith("config/x.json: ")
    assert error.sentences("en") == str(error)
    assert "maksud Anda fps_target?" in error.sentences("id")


def test_problems_of_several_files_survive_a_column_of_the_database() -> None:
    first = refused(Parameters, frame_skip="1", jpeg_quality=101).in_file("config/x.json")
    error = InvalidSettings.joined([first, refused(Parameters, loop_file=1).in_file("y.json")])
    assert str(error) == (
        "config/x.json: frame_skip must be a whole number without quotes. jpeg_quality is 101; it must be at"
        " most 100. y.json: loop_file must be true or false, without quotes."
    )
    again = InvalidSettings.from_json(error.to_json())
    assert again.problems == error.problems
    assert again.sentences("id") == error.sentences("id")


@pytest.mark.parametrize("values", [None, [], "x", 5])
def test_a_file_must_be_an_object(values: object) -> None:
    with pytest.raises(InvalidSettings, match="keys and values in braces"):
        Parameters.parse(values)


secrets = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).map(
    lambda text: f"s3cr3t{text}s3cr3t"
)


@given(secrets)
def test_no_text_value_is_ever_repeated(secret: str) -> None:
    everywhere = [
        (CameraSettings, {**CAMERA, "rtsp_url": f"http://{secret}@h"}),
        (CameraSettings, {**CAMERA, "rtsp_url": f"{secret}:{secret}@h/x"}),
        (CameraSettings, {**CAMERA, "id": secret, "name": [secret], "location": 5, "fps_target": secret}),
        (CameraSettings, {"rtsp_url": f"rtsp://u:{secret}/@h/x"}),
        (WhatsAppSettings, {"access_token_env": secret, "provider": secret, "phone_number_id": secret}),
        (Parameters, {"rtsp_protocol": secret, "time_zone": secret, "working_hours": {"mon": secret}}),
    ]
    for model, values in everywhere:
        error = refused(model, **values)  # type: ignore[arg-type]
        assert "s3cr3t" not in repr(error) + error.to_json() + error.sentences("id")
        assert error.__cause__ is None
        assert error.__context__ is None


def test_a_camera_never_shows_its_url() -> None:
    camera = CameraSettings.parse(CAMERA)
    assert "geheim" not in repr(camera) + str(camera) + camera.model_dump_json() + camera.display_url
    assert camera.as_json()["rtsp_url"] == CAMERA["rtsp_url"]
    assert camera.kind == "rtsp"
    with pytest.raises(ValidationError) as caught:
        CameraSettings(**{**CAMERA, "rtsp_url": "http://admin:geheim@h"})  # type: ignore[arg-type]
    assert "geheim" not in str(caught.value)


def test_a_camera_overrides_what_it_names() -> None:
    site = Parameters().changed(jpeg_quality=60)
    plain, quick = (
        CameraSettings.parse({**CAMERA, **extra}) for extra in ({}, {"fps_target": 9, "frame_skip": None})
    )
    assert site.for_camera(plain) is site
    assert quick.overrides() == {"fps_target": 9.0}
    assert site.for_camera(quick) == site.changed(fps_target=9)


def test_overrides_must_agree_with_the_site() -> None:
    camera = CameraSettings.parse({**CAMERA, "smoothing_window": 2})
    with pytest.raises(SettingsError, match="smoothing_min_votes is 3"):
        Parameters().for_camera(camera)


@pytest.mark.parametrize("camera_id", [0, -1, 1_000_000, "1", True, 1.5])
def test_camera_ids_are_whole_and_positive(camera_id: object) -> None:
    assert refused(CameraSettings, **{**CAMERA, "id": camera_id}).problems[0].params["key"] == "id"


def test_a_threshold_holds_for_its_pack_only() -> None:
    own = {"similarity_threshold": 0.4, "similarity_threshold_pack": "open"}
    assert Parameters.parse(own).similarity_threshold == 0.4
    with pytest.raises(InvalidSettings, match="similarity_threshold_pack to buffalo_l"):
        Parameters.parse({**own, "model_pack": "buffalo_l"})
    assert Parameters.parse({"similarity_threshold_pack": "open"}).similarity_threshold is None


def test_providers_may_be_one_text() -> None:
    text = "CUDAExecutionProvider, CPUExecutionProvider"
    assert Parameters.parse({"providers": text}) == Parameters()


def test_hours_and_zone_reach_the_domain() -> None:
    parameters = Parameters.parse(
        {"time_zone": "Asia/Makassar", "working_hours": WorkingWeek.always().as_json()}
    )
    assert parameters.schedule == WorkingHours.always()
    assert parameters.zone.key == "Asia/Makassar"
    assert WorkingWeek.office() == Parameters().working_hours


def test_whatsapp_supervisors() -> None:
    settings = WhatsAppSettings.parse({"enabled": True, "phone_number_id": "12", "supervisors": [SUPERVISOR]})
    (supervisor,) = settings.supervisors
    assert (supervisor.phone, supervisor.departments, supervisor.language) == ("+6281234567890", (), "id")
    assert (supervisor.level, settings.api_version) == (1, "v26.0")
    assert WhatsAppSettings().as_json() == {
        "enabled": False,
        "provider": "meta",
        "base_url": "https://graph.facebook.com",
        "api_version": "v26.0",
        "phone_number_id": "",
        "access_token_env": "WHATSAPP_ACCESS_TOKEN",
        "message_type": "template",
        "template_name": "gspe_alert",
        "template_languages": {"en": "en", "id": "id"},
        "app_secret_env": "WHATSAPP_APP_SECRET",
        "verify_token_env": "WHATSAPP_VERIFY_TOKEN",
        "supervisors": [],
    }


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("192.168.1.4", True),
        ("169.254.1.1", True),
        ("8.8.8.8", False),
        ("localhost", True),
        ("nas", True),
        ("nas.local", True),
        ("NAS.LAN", True),
        ("hooks.example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_plain_http_stays_within_the_site_s_own_network(host: str, own: bool) -> None:
    assert is_own_network(host) is own
    shown = f"[{host}]" if ":" in host else host
    values = {"url": f"http://{shown}:8000/x"}
    if own:
        assert WebhookSettings.parse(values).endpoint == f"{shown}:8000"
    else:
        assert refused(WebhookSettings, **values).problems[0].code == "plain_http"


def test_a_mail_password_may_go_in_plain_within_the_own_network() -> None:
    settings = EmailSettings.parse({"host": "10.0.0.2", "security": "none", "username": "s"})
    assert (settings.port, settings.password_env) == (587, "SMTP_PASSWORD")
