"""The page on notifications: what became of each message, for those who may know, and a test by the admin."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.delivery import Cause
from core.domain.states import AlertKind, Channel, DeliveryState
from core.errors import AccessDenied, GspeError
from core.i18n import LANGUAGES, catalogue
from core.storage.alerts import open_alert
from core.storage.models import AlertLog, AuditLog, NotificationDelivery, NotificationOutbox
from dashboard.notification_commands import send_test
from dashboard.widgets.deliveries import masked
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.notifications:show"
SARI = "+6281234567890"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = working_day(tmp_path)
    _tell(seed, 1, DeliveryState.ACCEPTED)
    _tell(seed, 3, DeliveryState.FAILED, cause=Cause.NO_WHATSAPP, cause_detail="(131026) not delivered")
    _tell(seed, 4, DeliveryState.QUEUED, cause=Cause.UNREACHABLE, attempts=3)
    _tell(seed, None, DeliveryState.DELIVERED, channel=Channel.EMAIL, address="sari@example.com")
    return seed


def _tell(seed: Seed, employee_id: int | None, state: DeliveryState, **columns: Any) -> None:
    """An alert, and what became of telling one supervisor of it."""
    kind = AlertKind.ABSENT if employee_id is not None else AlertKind.CAMERA_DOWN
    with Session(seed.engine) as session, session.begin():
        alert = AlertLog(
            kind=kind,
            employee_id=employee_id,
            camera_id=None if employee_id is not None else 2,
            cause=None if employee_id is not None else "refused",
            absent_since=seed.now - timedelta(minutes=2),
            opened_at=seed.now,
        )
        open_alert(session, alert)
        outbox = session.scalars(
            select(NotificationOutbox).where(NotificationOutbox.alert_id == alert.id)
        ).one()
        outbox.addressed_at = seed.now
        facts = {"channel": Channel.WHATSAPP, "recipient": "Sari", "address": SARI, "language": "id"}
        times = {"created_at": seed.now, "due_at": seed.now, "changed_at": seed.now}
        row = {**facts, **times, "attempts": 1, **columns}
        session.add(NotificationDelivery(outbox_id=outbox.id, state=state, **row))


def enable(seed: Seed, file: str, **values: Any) -> None:
    (seed.paths.config / file).write_text(json.dumps({"enabled": True, **values}))


def enable_webhook(seed: Seed) -> None:
    enable(seed, "config_webhook.json", url="http://127.0.0.1:9/hook")


def page_of(seed: Seed, monkeypatch: pytest.MonkeyPatch, user: str) -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, user)
    page.query_params["notifications_day"] = seed.now.date().isoformat()
    return page.run()


def test_every_state_is_told_with_its_cause(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(page_of(seed, monkeypatch, "hr"))
    assert "Ayu Lestari (Produksi) has not been seen since" in words
    assert "The camera Gudang (Lorong B) shows no picture since" in words
    assert "The number has no WhatsApp, or an outdated one. Check the number. It said: (131026)" in words
    assert "tried 3 times, again" in words
    assert "WhatsApp · Sari (+628•••890)" in words
    assert "E-mail · Sari (s•••@example.com)" in words
    assert SARI not in words
    assert "WHATSAPP_ACCESS_TOKEN" not in words, "how channels are set up is the administrator's"


def test_who_is_limited_to_departments_sees_those_alone(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(seed, monkeypatch, "spv.gudang")
    words = words_on(page)
    assert "Citra Dewi" in words
    assert "Ayu Lestari" not in words
    assert "Kamera Gudang" not in words
    assert [str(label) for label in page.pills[0].options] == [
        "Menunggu: 1",
        "Sedang dikirim: 0",
        "Diterima layanan: 0",
        "Sampai: 0",
        "Gagal: 1",
        "Dibatalkan: 0",
    ]


def test_states_channels_and_days_filter(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(seed, monkeypatch, "supervisor")
    page.pills(key="notifications_states").set_value([DeliveryState.FAILED]).run()
    words = words_on(page)
    assert "Citra Dewi" in words
    assert "Ayu Lestari" not in words
    page.selectbox(key="notifications_channel").select(Channel.EMAIL).run()
    assert "Nothing was told on this day, or nothing of what is chosen." in words_on(page)
    page.pills(key="notifications_states").set_value([]).run()
    assert "The camera Gudang" in words_on(page)
    page.date_input(key="notifications_day").set_value(seed.now.date() - timedelta(days=3)).run()
    assert "Nothing was told on this day" in words_on(page)


def test_an_admin_sees_how_channels_are_set_up(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    enable_webhook(seed)
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cr3t")
    person = {"name": "Sari", "phone": SARI}
    enable(seed, "config_whatsapp.json", phone_number_id="12", supervisors=[person])
    monkeypatch.delenv("WHATSAPP_ACCESS_TOKEN", raising=False)
    page = page_of(seed, monkeypatch, "admin")
    words = words_on(page)
    assert "WhatsApp is on, recipients: 1. WHATSAPP_ACCESS_TOKEN is not set, so nothing can be sent" in words
    assert "Without WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN, Meta's reports" in words
    assert "E-mail is off. An administrator switches it on" in words
    assert "The webhook is on. WEBHOOK_SECRET is set." in words
    assert "s3cr3t" not in words
    assert [button.key for button in page.button] == ["test_whatsapp", "test_webhook"]


def test_broken_settings_are_named(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    enable(seed, "config_email.json", host="mail", recipients=[])
    words = words_on(page_of(seed, monkeypatch, "admin"))
    assert "The settings of E-mail cannot be used; the notifier goes on with the earlier ones." in words
    assert "enter the mail server and the sender and add at least one recipient" in words


def test_a_test_message_is_asked_for_and_its_result_comes(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable_webhook(seed)
    page = page_of(seed, monkeypatch, "admin")
    page.button(key="test_webhook").click().run()
    assert "The notifier takes the test message up within seconds" in words_on(page)
    with Session(seed.engine) as session, session.begin():
        row = session.scalars(select(NotificationOutbox).where(NotificationOutbox.kind == "test")).one()
        assert row.params == {"channel": "webhook", "by": "admin"}
        audit = session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
        assert audit is not None
        assert (audit.actor, audit.action) == ("admin", "notification.tested")
        row.addressed_at = seed.now
        facts = {"channel": "webhook", "recipient": "127.0.0.1:9", "address": "127.0.0.1:9", "language": "en"}
        times = {"created_at": seed.now, "due_at": seed.now, "changed_at": seed.now}
        failed = {"state": "failed", "cause": Cause.NO_SECRET, "cause_detail": "WEBHOOK_SECRET"}
        session.add(NotificationDelivery(outbox_id=row.id, **facts, **times, **failed))
    from dashboard import data

    data.forget()
    words = words_on(page.run())
    assert "This is a test message, sent by admin." in words
    assert "The environment variable with the secret is not set. Set it and start the system again." in words
    assert "Webhook · 127.0.0.1:9" in words


def test_a_channel_that_is_off_cannot_be_tested(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page_of(seed, monkeypatch, "admin")
    with pytest.raises(GspeError) as caught:
        send_test(Channel.EMAIL)
    assert caught.value.code == "channel_off"


@pytest.mark.parametrize("user", ["hr", "supervisor", "viewer"])
def test_only_an_admin_tests(seed: Seed, monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    enable_webhook(seed)
    page_of(seed, monkeypatch, user)
    with pytest.raises(AccessDenied):
        send_test(Channel.WEBHOOK)
    with Session(seed.engine) as session:
        assert (
            session.scalars(select(NotificationOutbox).where(NotificationOutbox.kind == "test")).all() == []
        )


def test_a_viewer_may_not_open_the_page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "viewer").run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)
    assert not page.get("html")


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("whatsapp", SARI, "+628•••890"),
        ("email", "sari@example.com", "s•••@example.com"),
        ("webhook", "hooks.example.com", "hooks.example.com"),
    ],
)
def test_addresses_are_masked(channel: str, address: str, shown: str) -> None:
    assert masked(channel, address) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_state_and_channel_has_its_words(language: str) -> None:
    known = {key.removeprefix("deliveries.") for key in catalogue(language) if key.startswith("deliveries.")}
    assert {f"cause.{cause}" for cause in Cause} == {key for key in known if key.startswith("cause.")}
    assert {f"state.{state}" for state in DeliveryState} <= known
    assert {f"channel.{channel}" for channel in Channel} <= known
