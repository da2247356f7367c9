"""The live WebSocket: who may watch, one frame at a time, and every message either side may send."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from core.domain.states import Role
from core.storage.models import AuditLog, Camera, User
from core.storage.picture_views import PICTURE
from dashboard.auth import SESSION_COOKIE, end_session, issue_session
from dashboard.live.feed import Feeds
from dashboard.live.messages import ViewerMessage, parse_viewer_message
from dashboard.live.sight import NOTHING, Sight, redacted
from dashboard.live.socket import live_routes
from tests.live_frames import candidate_of, named_box, numbered_jpeg, overlay, unnamed_box, write_frame
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
    """Whatever is said before it is passed over."""
    while not (message := viewer.receive()).get("bytes"):
        assert message["type"] == "websocket.send", message
    header, jpeg = frame_of(message["bytes"])
    if ack:
        viewer.send_json({"type": "ack", "camera": header["camera"]})
    return header, jpeg


def next_word(viewer: WebSocketTestSession, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    while True:
        message = viewer.receive()
        assert message["type"] == "websocket.send", message
        if message.get("text") and (word := json.loads(message["text"]))["type"] == kind:
            return word


def test_start_brings_the_picture_with_its_overlay_and_age(seed: Seed, viewer: WebSocketTestSession) -> None:
    captured_at = datetime.now(UTC) - timedelta(seconds=30)
    written = overlay(1, 11, captured_at, [])
    write_frame(seed.paths, written)
    viewer.send_json({"type": "watch", "cameras": [1]})
    header, jpeg = next_frame(viewer)
    assert (header["type"], header["camera"], header["overlay"]) == ("frame", 1, written)
    assert jpeg == numbered_jpeg(1, 11)
    assert 30 <= header["age_s"] < 90


def test_the_next_frame_waits_for_the_acknowledgement_and_is_then_the_newest(
    seed: Seed, viewer: WebSocketTestSession
) -> None:
    viewer.send_json({"type": "watch", "cameras": [1]})
    next_frame(viewer, ack=False)
    for sequence in (12, 13, 14):
        write_frame(seed.paths, overlay(1, sequence, datetime.now(UTC), []))
    viewer.send_json({"type": "stop"})
    while "bytes" not in (message := viewer.receive()) and json.loads(message["text"])["type"] != "stopped":
        pass
    assert "bytes" not in message, "sent without an acknowledgement"
    viewer.send_json({"type": "watch", "cameras": [1]})
    sequences = [next_frame(viewer)[0]["overlay"]["sequence"]]
    if sequences[-1] != 14:  # the shared reader had not looked yet
        sequences.append(next_frame(viewer)[0]["overlay"]["sequence"])
    assert sequences[-1] == 14


def test_switching_changes_the_camera_on_the_same_connection(viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "watch", "cameras": [1]})
    assert next_frame(viewer)[0]["camera"] == 1
    viewer.send_json({"type": "watch", "cameras": [2]})
    header, jpeg = next_frame(viewer)
    assert (header["camera"], jpeg) == (2, numbered_jpeg(2, 20))


def test_a_viewer_that_never_acknowledges_can_still_switch(viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "watch", "cameras": [1]})
    next_frame(viewer, ack=False)
    viewer.send_json({"type": "watch", "cameras": [2]})
    assert next_frame(viewer, ack=False)[0]["camera"] == 2


@pytest.mark.parametrize(
    ("camera", "code"), [(3, "camera_disabled"), (99, "unknown_camera"), (-1, "unknown_camera")]
)
def test_a_camera_that_cannot_be_watched_is_refused_and_the_others_go_on(
    viewer: WebSocketTestSession, camera: int, code: str
) -> None:
    viewer.send_json({"type": "watch", "cameras": [camera, 1]})
    states = next_word(viewer, "states")["cameras"]
    assert states[str(camera)]["refusal"] == code
    assert states["1"] == {"refusal": None, "status": "online", "cause": None}
    assert next_frame(viewer)[0]["camera"] == 1


def test_a_removed_camera_is_unknown(seed: Seed, viewer: WebSocketTestSession) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(Camera).where(Camera.id == 1).values(removed_at=seed.now))
    viewer.send_json({"type": "watch", "cameras": [1]})
    assert next_word(viewer, "states")["cameras"]["1"]["refusal"] == "unknown_camera"


def test_a_camera_that_is_enabled_while_it_is_wanted_begins_and_one_that_is_disabled_ends(
    seed: Seed, viewer: WebSocketTestSession
) -> None:
    viewer.send_json({"type": "watch", "cameras": [3]})
    assert next_word(viewer, "states")["cameras"]["3"]["refusal"] == "camera_disabled"
    write_frame(seed.paths, overlay(3, 30, datetime.now(UTC), []))
    switch(seed, 3, on=True)
    assert next_frame(viewer)[0]["overlay"]["sequence"] == 30
    switch(seed, 3, on=False)
    while next_word(viewer, "states")["cameras"]["3"]["refusal"] is None:
        pass
    write_frame(seed.paths, overlay(3, 31, datetime.now(UTC), []))
    viewer.send_json({"type": "watch", "cameras": [1]})
    assert next_frame(viewer)[0]["camera"] == 1


def switch(seed: Seed, camera_id: int, *, on: bool) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(Camera).where(Camera.id == camera_id).values(enabled=on))


def test_the_states_say_what_ails_a_camera_and_whether_the_worker_is_silent(
    seed: Seed, viewer: WebSocketTestSession
) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(Camera).where(Camera.id == 2).values(status="no_frames", cause="frozen"))
    viewer.send_json({"type": "watch", "cameras": [2]})
    told = next_word(viewer, "states")
    assert told["cameras"]["2"] == {"refusal": None, "status": "no_frames", "cause": "frozen"}
    assert told["worker_silent"]
    seed.now = datetime.now(UTC)
    seed.worker()
    assert not next_word(viewer, "states")["worker_silent"]


def test_all_tiles_share_a_connection_and_each_waits_for_its_own_acknowledgement(
    seed: Seed, viewer: WebSocketTestSession
) -> None:
    viewer.send_json({"type": "watch", "cameras": [1, 2]})
    first = {next_frame(viewer, ack=False)[0]["camera"] for _ in range(2)}
    assert first == {1, 2}
    for camera_id in (1, 2):
        write_frame(seed.paths, overlay(camera_id, 50 + camera_id, datetime.now(UTC), []))
    viewer.send_json({"type": "ack", "camera": 2})
    header, _ = next_frame(viewer, ack=False)
    assert (header["camera"], header["overlay"]["sequence"]) == (2, 52)
    viewer.send_json({"type": "ack", "camera": 1})
    assert next_frame(viewer)[0]["overlay"]["sequence"] == 51


def test_a_frame_says_how_long_it_was_waited_for(seed: Seed, viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "watch", "cameras": [1]})
    first, _ = next_frame(viewer)
    time.sleep(0.3)
    write_frame(seed.paths, overlay(1, 12, datetime.now(UTC), []))
    second, _ = next_frame(viewer)
    assert first["waited_s"] >= 0
    assert second["waited_s"] >= 0.3


def test_a_picture_that_is_kept_is_noted_first(seed: Seed, viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "watch", "cameras": [1]})
    next_frame(viewer)
    for camera_id, code in ((1, None), (2, "unknown_camera")):
        viewer.send_json({"type": "snapshot", "camera": camera_id})
        assert next_word(viewer, "snapshot") == {"type": "snapshot", "camera": camera_id, "code": code}
    with Session(seed.engine) as session:
        noted = session.execute(
            select(AuditLog.actor, AuditLog.subject, AuditLog.params).where(AuditLog.action == PICTURE)
        ).all()
    assert [tuple(row) for row in noted] == [("viewer", "cameras:1", {"kind": "snapshot"})]


def test_a_missing_picture_is_an_error_until_it_comes(seed: Seed, viewer: WebSocketTestSession) -> None:
    seed.paths.live_frame(1).unlink()
    viewer.send_json({"type": "watch", "cameras": [1]})
    assert next_word(viewer, "error") == {"type": "error", "camera": 1, "code": "no_frame"}
    write_frame(seed.paths, overlay(1, 5, datetime.now(UTC), []))
    assert next_frame(viewer)[0]["overlay"]["sequence"] == 5


def test_stop_is_answered(viewer: WebSocketTestSession) -> None:
    viewer.send_json({"type": "stop"})
    assert next_word(viewer, "stopped") == {"type": "stopped"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"type":"fly"}',
        '{"type":"watch"}',
        '{"type":"watch","cameras":[]}',
        '{"type":"watch","cameras":["1"]}',
        '{"type":"watch","cameras":[true]}',
        '{"type":"watch","cameras":[9223372036854775808]}',
        '{"type":"watch","cameras":[' + "9" * 5000 + "]}",
        '{"type":"watch","cameras":[' + ",".join(map(str, range(17))) + "]}",
        '{"type":"ack"}',
        '{"type":"snapshot","camera":null}',
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
        viewer.send_json({"type": "watch", "cameras": [1]})
        next_frame(viewer, ack=False)
        end_session(cookie)
        assert next_word(viewer, "error") == {"type": "error", "camera": None, "code": "signed_out"}
        with pytest.raises(WebSocketDisconnect) as ended:
            viewer.receive_text()
        assert ended.value.code == 4401


def test_names_of_other_departments_are_not_sent(seed: Seed) -> None:
    cookie = issue_session(seed.user("spv", Role.SUPERVISOR, ("Gudang",)), 0)
    with client_with(seed, cookie).websocket_connect("/api/live", headers={"origin": ORIGIN}) as viewer:
        viewer.send_json({"type": "watch", "cameras": [1]})
        header, _ = next_frame(viewer)
    boxes = header["overlay"]["boxes"]
    assert [(box["name"], box["reason"]) for box in boxes] == [
        ("Ayu", None),
        (None, "other_department"),
        (None, "too_small"),
    ]
    assert (boxes[1]["employee_id"], boxes[1]["score"]) == (None, None)


@pytest.mark.parametrize(
    ("role", "departments", "candidate"),
    [
        (Role.ADMIN, (), "Ayu"),
        (Role.ADMIN, ("Gudang",), "Ayu"),
        (Role.ADMIN, ("Kantor",), None),
        (Role.HR, (), None),
        (Role.VIEWER, (), None),
    ],
)
def test_whom_a_face_resembles_is_told_to_admins_who_may_see_that_person(
    seed: Seed, role: Role, departments: tuple[str, ...], candidate: str | None
) -> None:
    """Employee 1 is Ayu of Gudang."""
    boxes = [unnamed_box("below_threshold") | candidate_of(1, "Ayu", 0.41, 0.06)]
    write_frame(seed.paths, overlay(1, 5, datetime.now(UTC), boxes))
    cookie = issue_session(seed.user("somebody", role, departments), 0)
    with client_with(seed, cookie).websocket_connect("/api/live", headers={"origin": ORIGIN}) as viewer:
        viewer.send_json({"type": "watch", "cameras": [1]})
        (box,) = next_frame(viewer)[0]["overlay"]["boxes"]
    assert box["reason"] == "below_threshold"
    assert box.get("candidate") == candidate
    if candidate is None:
        assert not {"candidate_id", "candidate", "margin"} & box.keys()
    else:
        assert (box["candidate_id"], box["score"], box["margin"]) == (1, 0.41, 0.06)


def test_redaction_leaves_the_shared_frame_as_it_is() -> None:
    unsure = unnamed_box("ambiguous") | candidate_of(1, "Ayu", 0.6, 0.01)
    content = overlay(1, 1, datetime.now(UTC), [named_box(1, "Ayu"), unsure])
    seen = redacted(content, NOTHING)
    assert seen is not None
    assert seen["boxes"][0]["name"] is None
    assert "candidate" not in seen["boxes"][1]
    assert content["boxes"][0]["name"] == "Ayu"
    assert content["boxes"][1]["candidate"] == "Ayu"
    assert redacted(content, Sight(None, candidates=True)) == content
    assert redacted(None, NOTHING) is None


@given(st.text() | st.recursive(st.none() | st.booleans() | st.integers(), st.lists).map(json.dumps))
def test_no_text_but_a_message_is_parsed(text: str) -> None:
    with pytest.raises(ValueError):
        parse_viewer_message(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"watch","cameras":[1]}', ViewerMessage("watch", (1,))),
        ('{"type":"watch","cameras":[4,1,4]}', ViewerMessage("watch", (4, 1))),
        ('{"type":"stop"}', ViewerMessage("stop")),
        ('{"type":"ack","camera":5}', ViewerMessage("ack", (5,))),
        ('{"type":"snapshot","camera":5}', ViewerMessage("snapshot", (5,))),
    ],
)
def test_messages_of_a_viewer(text: str, message: ViewerMessage) -> None:
    assert parse_viewer_message(text) == message
