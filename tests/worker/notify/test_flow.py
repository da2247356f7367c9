"""From an alert to the people: grouped, spaced, cancelled when over, escalated, and once."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.domain.delivery import Cause
from core.domain.states import AlertAction, AlertKind, AlertResolution, AlertState, Channel
from core.storage import outbox
from core.storage.alerts import Deed, take_step
from core.storage.models import AlertLog, AlertStep, Camera, NotificationOutbox, SitePause
from tests.worker.notify.site import ALEX, SARI, NotifiedSite, person
from tests.worker.notify.whatsapp_api import WhatsAppApi, error

BUDI = "+6281234567892"


def step(site: NotifiedSite, alert_id: int, action: AlertAction, minutes: float | None = None) -> None:
    until = None if minutes is None else site.now + timedelta(minutes=minutes)
    with Session(site.seed.engine) as session, session.begin():
        take_step(session, alert_id, Deed(action, "sari", site.now, until))


def state_of(site: NotifiedSite, alert_id: int) -> str:
    return next(row.state for row in site.rows(AlertLog) if row.id == alert_id)


def test_many_absent_at_once_make_one_message(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    site.start()
    for second in range(5):
        site.absent(site.employee(f"Orang {second}", "Produksi"))
        site.turn(1)
    site.run(20)
    (text,) = api.texts()
    assert text == (
        "Bengkel Maju: 5 people have not been seen since 09:59 or later: "
        "Orang 0, Orang 1, Orang 2, Orang 3, Orang 4."
    )
    assert {row.provider_message_id for row in site.deliveries()} == {"wamid.0001"}
    assert site.states() == ["accepted"] * 5


def test_a_recipient_gets_a_message_in_six_seconds_at_most(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.set_parameters(group_alerts_sec=0.0)
    site.use_whatsapp(api.url)
    site.start()
    sent_at = []
    api.on_request.append(lambda _request: sent_at.append(site.now))
    for second in range(60):
        site.absent(site.employee(f"Orang {second}", "Produksi"))
        site.turn(1)
    site.run(10)
    assert min(later - earlier for earlier, later in pairwise(sent_at)) >= timedelta(seconds=6)
    assert len(sent_at) == 11, "a digest every 6 s tells all of them"
    assert set(site.states()) == {"accepted"}
    assert len(site.states()) == 60


def test_the_spacing_holds_over_a_restart_and_for_each_recipient_alone(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.set_parameters(group_alerts_sec=0.0)
    site.use_whatsapp(api.url, person("Sari", SARI), person("Alex", ALEX, departments=["Gudang"]))
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.turn()
    site.start()
    site.absent(site.employee("Citra", "Gudang"))
    site.turn(1)
    assert [message["to"] for message in api.accepted] == [SARI, ALEX]
    site.turn(4)
    assert len(api.accepted) == 2
    site.turn(1)
    assert [message["to"] for message in api.accepted] == [SARI, ALEX, SARI]


def test_each_is_told_of_his_departments_in_his_language(site: NotifiedSite, api: WhatsAppApi) -> None:
    people = [
        person("Sari", SARI, language="id", departments=["Gudang"]),
        person("Alex", ALEX),
        person("Budi", BUDI, departments=["Produksi"], level=2),
    ]
    site.use_whatsapp(api.url, *people)
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.absent(site.employee("Citra", "Gudang"))
    site.run(8)
    told = {message["to"]: text for message, text in zip(api.accepted, api.texts(), strict=True)}
    assert told[SARI].startswith("Bengkel Maju: Citra (Gudang) tidak terlihat sejak 09.59")
    assert "2 people have not been seen" in told[ALEX]
    assert BUDI not in told


def test_who_came_back_before_anybody_was_told_is_not_told_at_all(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.use_whatsapp(api.url)
    site.start()
    employee = site.employee("Ayu", "Produksi")
    first = site.absent(employee)
    site.turn(1)
    site.come_back(first)
    site.run(30)
    assert api.requests == []
    assert site.states() == ["cancelled"], "it was addressed and never sent; the notice went to nobody"

    second = site.absent(employee)
    site.resolve(second)
    site.run(10)
    assert site.states() == ["cancelled"], "over before it was addressed"
    assert site.outbox()[-1].cancelled_at is not None


def test_a_return_is_told_to_those_who_were_told_of_the_absence(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url, person("Sari", SARI), person("Alex", ALEX))
    site.start()
    employee = site.employee("Ayu", "Produksi")
    alert = site.absent(employee)
    api.script = [error(400, 131026)]
    site.run(8)
    site.come_back(alert)
    site.run(15)
    assert [
        (message["to"], "is back" in text) for message, text in zip(api.accepted, api.texts(), strict=True)
    ] == [
        (ALEX, False),
        (ALEX, True),
    ]


def test_a_deleted_alert_s_messages_are_cancelled(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    site.use_webhook("http://127.0.0.1:9/hook")
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.turn()
    with Session(site.seed.engine) as session, session.begin():
        session.execute(update(NotificationOutbox).values(alert_id=None))
        session.execute(delete(AlertStep))
        session.execute(delete(AlertLog))
    site.run(30)
    assert api.requests == []
    assert set(site.states()) == {"cancelled"}
    with Session(site.seed.engine) as session, session.begin():
        session.execute(update(NotificationOutbox).values(addressed_at=None))
    site.turn()
    assert site.outbox()[0].cancelled_at is not None


def test_what_nobody_deals_with_goes_to_the_second_level(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.set_parameters(escalate_after_min=10)
    site.use_whatsapp(api.url, person("Sari", SARI), person("Boss", ALEX, level=2))
    site.start()
    left, seen = (site.absent(site.employee(name, "Produksi")) for name in ("Ayu", "Budi"))
    site.run(60, 5)
    step(site, seen, AlertAction.ACKNOWLEDGED)
    site.run(600, 10)
    boss = [text for message, text in zip(api.accepted, api.texts(), strict=True) if message["to"] == ALEX]
    assert len(boss) == 1
    assert "Ayu" in boss[0]
    row = next(row for row in site.rows(AlertLog) if row.id == left)
    assert row.escalated_at is not None
    actions = [step.action for step in site.rows(AlertStep) if step.alert_id == left]
    assert actions == ["opened", "escalated"]
    site.run(1200, 60)
    assert len(api.accepted) == 2, "once"


def test_who_acknowledges_in_time_spares_the_second_level(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.set_parameters(escalate_after_min=1)
    site.use_whatsapp(api.url, person("Boss", ALEX, level=2))
    site.start()
    alert = site.absent(site.employee("Ayu", "Produksi"))
    site.turn()
    site.turn(60)
    assert site.states() == ["queued"]
    step(site, alert, AlertAction.ACKNOWLEDGED)
    site.run(20)
    assert (site.states(), api.requests) == (["cancelled"], [])


def test_a_snooze_that_ends_is_told_again_and_escalates_from_then(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.set_parameters(escalate_after_min=10)
    site.use_whatsapp(api.url, person("Sari", SARI), person("Boss", ALEX, level=2))
    site.start()
    alert = site.absent(site.employee("Ayu", "Produksi"))
    site.run(10)
    step(site, alert, AlertAction.SNOOZED, minutes=30)
    site.run(29 * 60, 60)
    assert state_of(site, alert) == AlertState.SNOOZED
    site.run(120, 10)
    assert state_of(site, alert) == AlertState.OPEN
    assert [message["to"] for message in api.accepted] == [SARI, SARI]
    site.run(500, 20)
    assert len(api.accepted) == 2, "ten minutes from when it woke, not from when it opened"
    site.run(80, 20)
    assert [message["to"] for message in api.accepted] == [SARI, SARI, ALEX]


def test_a_pause_holds_back_snoozes_and_escalation(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.set_parameters(escalate_after_min=10)
    site.use_whatsapp(api.url, person("Boss", ALEX, level=2))
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    pause = SitePause(
        started_at=site.now, until_at=site.now + timedelta(hours=1), reason="Rapat", paused_by="sari"
    )
    site.seed.add(pause)
    site.run(3500, 100)
    assert api.requests == []
    site.run(300, 10)
    assert len(api.accepted) == 1


def test_a_camera_s_outage_is_opened_told_and_ended(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    site.seed.camera(
        1, "Gerbang", location="Lobi", status="unreachable", cause="refused", status_since=site.now
    )
    site.start()
    site.run(90)
    site.start()
    site.run(90)
    (text,) = api.texts()
    assert text.startswith(
        "Bengkel Maju: The camera Gerbang (Lobi) shows no picture since 10:00. The camera's"
    )
    with Session(site.seed.engine) as session, session.begin():
        session.execute(update(Camera).values(status="online", cause=None, status_since=site.now))
    site.run(20)
    assert "works again" in api.texts()[1]
    (row,) = site.rows(AlertLog)
    assert (row.kind, row.state, row.resolution) == ("camera_down", "resolved", "back")
    assert [row.kind for row in site.outbox()] == ["camera_down", "camera_back"]


def test_a_silent_worker_is_told_and_ends(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    site.start()
    site.run(61, 5)
    site.worker_lives = False
    site.run(60, 5)
    assert "the recognition has been silent since 10:01" in api.texts()[0]
    site.worker_lives = True
    site.run(10)
    (row,) = site.rows(AlertLog)
    assert (row.kind, row.state, row.resolution) == ("worker_fault", "resolved", AlertResolution.BACK)


def test_with_nothing_configured_messages_are_settled_and_never_told_later(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.turn()
    assert [row.addressed_at is not None for row in site.outbox()] == [True]
    site.use_whatsapp(api.url)
    site.run(30)
    assert (site.deliveries(), api.requests) == ([], [])


def test_what_is_a_day_old_tells_nobody_anything(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    site.absent(site.employee("Ayu", "Produksi"))
    site.now += timedelta(hours=25)
    site.start()
    site.run(20)
    assert (site.deliveries(), api.requests) == ([], [])


@pytest.mark.parametrize(
    ("change", "cause"), [("removed", Cause.RECIPIENT_GONE), ("switched off", Cause.CHANNEL_OFF)]
)
def test_who_is_no_longer_in_the_settings_gets_nothing(
    site: NotifiedSite, api: WhatsAppApi, change: str, cause: Cause
) -> None:
    site.use_whatsapp(api.url, person("Sari", SARI), person("Alex", ALEX))
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.turn()
    site.use_whatsapp(api.url, person("Alex", ALEX), enabled=change == "removed")
    site.run(20)
    sari = next(row for row in site.deliveries() if row.address == SARI)
    assert (sari.state, sari.cause) == ("cancelled", cause)
    assert len(api.accepted) == (change == "removed")


def test_one_number_twice_in_the_settings_is_one_recipient(site: NotifiedSite, api: WhatsAppApi) -> None:
    both = [person("Sari", SARI, departments=["Gudang"]), person("Sari S.", SARI, departments=["Produksi"])]
    site.use_whatsapp(api.url, *both)
    site.start()
    site.alert(AlertKind.UNKNOWN_PERSON)
    site.run(10)
    assert len(api.accepted) == 1


def test_a_broken_settings_file_changes_nothing_until_it_is_right(
    site: NotifiedSite, api: WhatsAppApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.use_whatsapp(api.url)
    site.start()
    site.turn()
    good = site.paths.whatsapp.read_bytes()
    site.paths.whatsapp.write_bytes(good[:-20])
    site.absent(site.employee("Ayu", "Produksi"))
    site.run(10)
    assert len(api.accepted) == 1
    assert caplog.text.count("settings not taken, earlier ones stay") == 1
    site.paths.whatsapp.write_bytes(good)
    site.run(2)
    assert "every settings file can be used again" in caplog.text


def test_a_test_message_goes_to_everybody_of_its_channel_at_once(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.use_whatsapp(api.url, person("Sari", SARI, departments=["Gudang"]), person("Boss", ALEX, level=2))
    site.use_email(
        host="127.0.0.1",
        port=9,
        security="none",
        from_address="a@example.com",
        recipients=[{"name": "X", "address": "x@example.com"}],
    )
    site.start()
    with Session(site.seed.engine) as session, session.begin():
        outbox.send_test(session, Channel.WHATSAPP, "admin", site.now)
    site.turn()
    assert api.texts() == ["Bengkel Maju: This is a test message, sent by admin. Alerts arrive here."] * 2
    assert {row.channel for row in site.deliveries()} == {"whatsapp"}


def test_a_message_on_its_way_when_the_program_died_is_sent_again(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.use_whatsapp(api.url)
    site.start()
    site.absent(site.employee("Ayu", "Produksi"))
    site.turn()
    site.now += timedelta(seconds=6)
    site.notifier.step(site.now)  # claimed and handed over; its answer is never recorded
    assert site.states() == ["sending"]
    site.start()
    site.run(10)
    assert (site.states(), len(api.requests)) == (["accepted"], 2)
    (row,) = site.deliveries()
    assert (row.attempts, row.cause) == (2, None)
