"""The live WebSocket: who may watch, one frame at a time, and every message either side may send."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from core.domain.states import Role
from core.storage.models import Camera, User
from dashboard.auth import SESSION_COOKIE, end_session, issue_session
from dashboard.live.feed import Feeds
from dashboard.live.messages import ViewerMessage, parse_viewer_message
from dashboard.live.socket import live_routes, redacted
from tests.live_frames import named_box, numbered_jpeg, overlay, unnamed_box, write_frame
from tests.seed import Seed

ORIGIN = "http://testserver"


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    """Cameras 1 and 2 with a frame each, camera 3 disabled; Ayu of Gudang and Budi of Kantor."""
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    seed = Seed(tmp_path)
    for camera_id, enabled in ((1, True), (2, True), (3, False)):
        seed.camera(camera_id, f"Camera {camera_id}", enabled=enabled)
    ayu, budi = seed.employee("E01", "Ayu", "Gudang"), seed.employee("E02", "Budi", "Kantor")
    boxes = [named_box(ayu, "Ayu"), named_box(budi, "Budi"), unnamed_box("too_small")]
    for camera_id in (1, 2):
        write_frame(seed.paths, overlay(camera_id, 10 * camera_id, datetime.now(UTC), boxes))
    return seed


@pytest.fixture
def cookie(seed: Seed) -> str:
    return issue_session(seed.user("viewer", Role.VIEWER), 0)


def client_with(seed: Seed, cookie: str | None, *, recheck_s: float = 3600) -> TestClient:
    client = TestClient(Starlette(routes=live_routes(Feeds(seed.paths), recheck_s)), base_url=ORIGIN)
    if cookie is not None:
        client.cookies.set(SESSION_COOKIE, cookie)
    return client


@pytest.fixture
def viewer(seed: Seed, cookie: str) -> Iterator[WebSocketTestSession]:
    with client_with(seed, cookie).websocket_connect("/api/live", headers={"origin": ORIGIN}) as socket:
        yield socket


def frame_of(message: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(message[:4], "big")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def next_frame(viewer: WebSocketTestSession, *, ack: bool = True) -> tuple[dict[str, Any], bytes]:
    header, jpeg = frame_of(viewer.receive_bytes())
    if ack:
        viewer.send_json({"type": "ack"})
    return header, jpeg


def test_start_brings_the_picture_with_its_overlay_and_age(seed: Seed, viewer: WebSocketTestSession) -> None:
    captured_at = datetime.now(UTC) - timedelta(seconds=30)
    written = overlay(1, 11, captured_at, [])
    write_frame(seed.paths, written)
    viewer.send_json({"type": "start", "camera": 1})
    header, jpeg = next_frame(viewer)
    assert (header["type"], header["camera"], header["overlay"]) == ("frame", 1, written)
    assert jpeg == numbered_jpeg(1, 11)
    assert 30 <= header["age_s"] < 90


def test_the_next_frame_waits_for_the_acknowledgement_and_is_then_the_newest(
    seed: Seed, viewer: WebSocketTestSession
) -> None:
    viewer.send_json({"type": "start", "camera": 1})
    next_frame(viewer, ack=False)
    for sequence in (12, 13, 14):
        write_frame(seed.paths, overlay(1, sequence, datetime.now(UTC), []))
    viewer.send_json({"type": "stop"})  # answered at once, so nothing was sent before it
    assert viewer.receive_json() == {"type": "stopped"}
    viewer.send_json({"type": "start", "camera": 1})
    sequences = [next_frame(viewer)[0]["overlay"]["sequence"]]
    if sequences[-1] != 14:  # the shared reader had not looked yet
        sequences.append(next_frame(viewer)[0]["overlay"]["sequence"])
    assert sequences[-1] == 14


def test_switching_changes_the_camera_on_the_same_connection(viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "start", "camera": 1})
    assert next_frame(viewer)[0]["camera"] == 1
    viewer.send_json({"type": "switch", "camera": 2})
    header, jpeg = next_frame(viewer)
    assert (header["camera"], jpeg) == (2, numbered_jpeg(2, 20))


def test_a_viewer_that_never_acknowledges_can_still_switch(viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "start", "camera": 1})
    next_frame(viewer, ack=False)
    viewer.send_json({"type": "switch", "camera": 2})
    assert next_frame(viewer, ack=False)[0]["camera"] == 2


@pytest.mark.parametrize(
    ("camera", "code"), [(3, "camera_disabled"), (99, "unknown_camera"), (-1, "unknown_camera")]
)
def test_a_camera_that_cannot_be_watched_is_an_error(
    viewer: WebSocketTestSession, camera: int, code: str
) -> None:
    viewer.send_json({"type": "start", "camera": camera})
    assert viewer.receive_json() == {"type": "error", "camera": camera, "code": code}
    viewer.send_json({"type": "switch", "camera": 1})
    assert next_frame(viewer)[0]["camera"] == 1


def test_a_removed_camera_is_unknown(seed: Seed, viewer: WebSocketTestSession) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(Camera).where(Camera.id == 1).values(removed_at=seed.now))
    viewer.send_json({"type": "start", "camera": 1})
    assert viewer.receive_json()["code"] == "unknown_camera"


def test_a_missing_picture_is_an_error_until_it_comes(seed: Seed, viewer: WebSocketTestSession) -> None:
    seed.paths.live_frame(1).unlink()
    viewer.send_json({"type": "start", "camera": 1})
    assert viewer.receive_json() == {"type": "error", "camera": 1, "code": "no_frame"}
    write_frame(seed.paths, overlay(1, 5, datetime.now(UTC), []))
    assert next_frame(viewer)[0]["overlay"]["sequence"] == 5


def test_stop_is_answered(viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "stop"})
    assert viewer.receive_json() == {"type": "stopped"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"type":"fly"}',
        '{"type":"start"}',
        '{"type":"start","camera":"1"}',
        '{"type":"start","camera":9223372036854775808}',
        '{"type":"start","camera":' + "9" * 5000 + "}",
        "[" * 60_000,
    ],
    ids=lambda text: text[:40],
)
def test_anything_else_ends_the_connection(viewer: WebSocketTestSession, text: str) -> None:
    viewer.send_text(text)
    with pytest.raises(WebSocketDisconnect) as ended:
        viewer.receive_text()
    assert ended.value.code == 1008


def test_a_binary_message_ends_the_connection(viewer: WebSocketTestSession) -> None:
    viewer.send_bytes(b"\x00")
    with pytest.raises(WebSocketDisconnect) as ended:
        viewer.receive_text()
    assert ended.value.code == 1008


def refused(seed: Seed, cookie: str | None, headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as ended,
        client_with(seed, cookie).websocket_connect("/api/live", headers=headers),
    ):
        pass
    assert not isinstance(ended.value, WebSocketDenialResponse)


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://testserver:8080", "null", ""])
def test_another_sites_page_may_not_watch(seed: Seed, cookie: str, origin: str | None) -> None:
    refused(seed, cookie, {} if origin is None else {"origin": origin})


@pytest.mark.parametrize("kind", ["none", "forged", "signed_out", "disabled", "must_change_password"])
def test_who_is_not_signed_in_may_not_watch(seed: Seed, cookie: str, kind: str) -> None:
    if kind == "signed_out":
        end_session(cookie)
    values = {"disabled": {"active": False}, "must_change_password": {"must_change_password": True}}
    if kind in values:
        with seed.engine.begin() as connection:
            connection.execute(update(User).values(**values[kind]))
    refused(seed, {"none": None, "forged": "forged"}.get(kind, cookie), {"origin": ORIGIN})


def test_the_picture_ends_with_the_session(seed: Seed, cookie: str) -> None:
    client = client_with(seed, cookie, recheck_s=0.05)
    with client.websocket_connect("/api/live", headers={"origin": ORIGIN}) as viewer:
        viewer.send_json({"type": "start", "camera": 1})
        next_frame(viewer, ack=False)
        end_session(cookie)
        assert viewer.receive_json() == {"type": "error", "camera": None, "code": "signed_out"}
        with pytest.raises(WebSocketDisconnect) as ended:
            viewer.receive_text()
        assert ended.value.code == 4401


def test_names_of_other_departments_are_not_sent(seed: Seed) -> None:
    cookie = issue_session(seed.user("spv", Role.SUPERVISOR, ("Gudang",)), 0)
    with client_with(seed, cookie).websocket_connect("/api/live", headers={"origin": ORIGIN}) as viewer:
        viewer.send_json({"type": "start", "camera": 1})
        header, _ = next_frame(viewer)
    boxes = header["overlay"]["boxes"]
    assert [(box["name"], box["reason"]) for box in boxes] == [
        ("Ayu", None),
        (None, "other_department"),
        (None, "too_small"),
    ]
    assert (boxes[1]["employee_id"], boxes[1]["score"]) == (None, None)


def test_redaction_leaves_the_shared_frame_as_it_is() -> None:
    content = overlay(1, 1, datetime.now(UTC), [named_box(1, "Ayu")])
    seen = redacted(content, frozenset())
    assert seen is not None
    assert seen["boxes"][0]["name"] is None
    assert content["boxes"][0]["name"] == "Ayu"
    assert redacted(content, None) is content
    assert redacted(None, frozenset()) is None


@given(st.text() | st.recursive(st.none() | st.booleans() | st.integers(), st.lists).map(json.dumps))
def test_no_text_but_a_message_is_parsed(text: str) -> None:
    with pytest.raises(ValueError):
        parse_viewer_message(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"start","camera":1}', ViewerMessage("start", 1)),
        ('{"type":"switch","camera":2}', ViewerMessage("switch", 2)),
        ('{"type":"stop"}', ViewerMessage("stop")),
        ('{"type":"ack","camera":5}', ViewerMessage("ack")),
    ],
)
def test_messages_of_a_viewer(text: str, message: ViewerMessage) -> None:
    assert parse_viewer_message(text) == message
