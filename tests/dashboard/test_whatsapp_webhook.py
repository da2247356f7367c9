"""Meta's word on deliveries: verified, signed, and taken only where its secrets are set."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.domain.delivery import Cause
from core.domain.states import Channel, DeliveryState
from core.storage.models import NotificationDelivery, NotificationOutbox
from dashboard import data
from dashboard.api.whatsapp import LONGEST_BODY
from dashboard.routes import all_middleware, all_routes
from tests.core.storage.no_room import files_end_at
from tests.seed import Seed

PATH = "/api/whatsapp/webhook"
SECRET, TOKEN = "s3cr3t-app", "verify-me"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = Seed(tmp_path)
    outbox_id = seed.add(NotificationOutbox(kind="test", params={}, created_at=seed.now))
    facts = {"recipient": "Sari", "address": "+62812", "language": "id", "attempts": 1}
    times = {"created_at": seed.now, "due_at": seed.now, "changed_at": seed.now}
    row = {"channel": Channel.WHATSAPP, "state": DeliveryState.ACCEPTED, "provider_message_id": "wamid.1"}
    seed.add(NotificationDelivery(outbox_id=outbox_id, **facts, **times, **row))
    return seed


@pytest.fixture
def client(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    monkeypatch.setenv("WHATSAPP_APP_SECRET", SECRET)
    monkeypatch.setenv("WHATSAPP_VERIFY_TOKEN", TOKEN)
    data.forget()
    app = Starlette(routes=all_routes(), middleware=all_middleware())
    with TestClient(app, base_url="http://testserver") as opened:
        yield opened


def notification(status: str, message_id: str = "wamid.1", **more: Any) -> dict[str, Any]:
    """As Meta words it."""
    said = {"id": message_id, "status": status, "timestamp": "1763870400", "recipient_id": "62812", **more}
    metadata = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [said]}
    changes = [{"value": value, "field": "messages"}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def failed(code: int | None, details: str = "Message undeliverable") -> dict[str, Any]:
    error = {"code": code, "title": "Undeliverable", "error_data": {"details": details}}
    return notification("failed", errors=[] if code is None else [error])


def post(client: TestClient, content: Any, secret: str = SECRET, **headers: str) -> int:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    sent = {"X-Hub-Signature-256": f"sha256={signed}", **headers}
    return int(client.post(PATH, content=body, headers=sent).status_code)


def delivery(seed: Seed) -> NotificationDelivery:
    with Session(seed.engine) as session:
        return session.scalars(select(NotificationDelivery)).one()


def test_meta_verifies_the_address(client: TestClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}
    answer = client.get(PATH, params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "wrong", [{"hub.verify_token": "guess"}, {"hub.mode": "other"}, {"hub.verify_token": ""}]
)
def test_nobody_else_is_verified(client: TestClient, wrong: dict[str, str]) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1"}
    assert client.get(PATH, params={**asked, **wrong}).status_code == 403


@pytest.mark.parametrize("missing", ["WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"])
def test_without_its_secrets_there_is_no_such_address(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv(missing, " ")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert client.get(PATH, params=asked).status_code == 404
    assert post(client, notification("delivered"), secret="") == 404


@pytest.mark.parametrize(
    ("status", "state"), [("sent", "accepted"), ("delivered", "delivered"), ("read", "delivered")]
)
def test_a_status_moves_the_delivery(client: TestClient, seed: Seed, status: str, state: str) -> None:
    assert post(client, notification(status)) == 200
    assert delivery(seed).state == state


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (131026, Cause.NO_WHATSAPP),
        (131049, Cause.ENGAGEMENT),
        (131047, Cause.WINDOW),
        (470, Cause.NOT_DELIVERED),
        (None, Cause.NOT_DELIVERED),
    ],
)
def test_a_failure_has_its_cause(client: TestClient, seed: Seed, code: int | None, cause: Cause) -> None:
    assert post(client, failed(code)) == 200
    row = delivery(seed)
    assert (row.state, row.cause) == ("failed", cause)
    assert row.cause_detail == (None if code is None else f"({code}) Message undeliverable")


def test_a_failure_is_kept_without_the_recipient_s_number(client: TestClient, seed: Seed) -> None:
    assert post(client, failed(131026, "+6281234567890 (sari@example.com) is no user")) == 200
    assert delivery(seed).cause_detail == "(131026) +628•••890 (s•••@example.com) is no user"


def test_statuses_may_come_in_any_order(client: TestClient, seed: Seed) -> None:
    for content in (failed(131026), notification("read"), notification("sent"), failed(131026)):
        assert post(client, content) == 200
    row = delivery(seed)
    assert (row.state, row.cause, row.cause_detail) == ("delivered", None, None)


def test_an_unknown_message_is_passed_over_unless_one_is_on_its_way(client: TestClient, seed: Seed) -> None:
    assert post(client, notification("delivered", "wamid.of-somebody-else")) == 200
    with Session(seed.engine) as session, session.begin():
        session.query(NotificationDelivery).update({"state": "sending", "provider_message_id": None})
    assert post(client, notification("delivered")) == 503, "the answer to the request is not committed yet"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[]", 200),
        (b'{"entry": 5}', 200),
        (b'{"entry": [{"changes": [{"value": {"messages": [{"id": "x"}]}}]}]}', 200),
        (b'{"entry": [{"changes": [5, {"value": {"statuses": [7, {"id": 3}]}}]}]}', 200),
        (b" " * (LONGEST_BODY + 1), 413),
    ],
    ids=["no json", "a list", "a number", "an incoming message", "nonsense", "too large"],
)
def test_whatever_comes_is_survived(client: TestClient, seed: Seed, body: bytes, status: int) -> None:
    assert post(client, body) == status
    assert delivery(seed).state == "accepted"


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "sha256=é"])
def test_what_is_not_signed_changes_nothing(client: TestClient, seed: Seed, signature: str) -> None:
    headers = [(b"x-hub-signature-256", signature.encode("latin-1"))]
    content = json.dumps(notification("delivered"))
    assert client.post(PATH, content=content, headers=headers).status_code == 403
    assert post(client, notification("delivered"), secret="another") == 403
    assert delivery(seed).state == "accepted"


def test_while_nothing_can_be_stored_meta_is_asked_to_say_it_again(client: TestClient, seed: Seed) -> None:
    with files_end_at(4096):
        assert post(client, notification("delivered")) == 503
    assert post(client, notification("delivered")) == 200
    assert delivery(seed).state == "delivered"
