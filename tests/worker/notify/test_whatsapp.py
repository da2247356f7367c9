"""WhatsApp against a local server that holds to Meta's contract."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core.domain.delivery import META_CAUSES, Cause, Rule, rule_of
from core.domain.states import AlertKind, DeliveryState
from core.storage.models import NotificationDelivery
from tests.worker.notify.http_server import CUT, Response
from tests.worker.notify.site import ALEX, ENVIRON, SARI, NotifiedSite, notified_site, person
from tests.worker.notify.whatsapp_api import TOKEN, WhatsAppApi, error

RETRIED = [130429, 131056, 1, 2, 4, 80007, 131000]
WAITED_FOR = [131048, 131049]
NEVER = [0, 190, 10, 200, 299, 100, 131026, 131030, 131047, 132000, 132001, 132015, 368, 131031]


def tell(site: NotifiedSite) -> None:
    """Somebody is absent, and the wait for others to join the message is over."""
    site.start()
    site.absent(site.employee("Ayu Lestari", "Produksi"))
    site.turn()
    site.turn(6)


def test_an_alert_is_told_by_an_approved_template(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url, person("Sari", SARI, language="id"))
    tell(site)
    (message,) = api.accepted
    assert (message["to"], message["type"]) == (SARI, "template")
    assert message["template"]["language"] == {"code": "id"}
    said = "Bengkel Maju: Ayu Lestari (Produksi) tidak terlihat sejak 09.59"
    assert api.texts()[0].startswith(said)
    (row,) = site.deliveries()
    assert (row.state, row.attempts, row.provider_message_id) == ("accepted", 1, "wamid.0001")
    assert (row.recipient, row.address, row.cause) == ("Sari", SARI, None)
    site.run(60, 10)
    assert len(api.requests) == 1, "and never again"


def test_a_text_goes_only_to_who_wrote_lately(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url, person("Sari", SARI), person("Alex", ALEX), message_type="text")
    api.open_windows.add(SARI)
    tell(site)
    assert {row.address: row.state for row in site.deliveries()} == {SARI: "accepted", ALEX: "failed"}
    assert site.deliveries()[1].cause == Cause.WINDOW
    (violation,) = api.violations
    assert "131047" in violation
    api.violations.clear()


@pytest.mark.parametrize("code", RETRIED)
def test_what_passes_is_tried_again_until_it_is_taken(
    site: NotifiedSite, api: WhatsAppApi, code: int
) -> None:
    site.use_whatsapp(api.url)
    api.script = [error(429 if code > 80_000 else 500, code), error(500, code)]
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == ("queued", META_CAUSES[code])
    assert row.cause_detail == f"({code}) details of {code}"
    assert row.due_at > site.now
    site.run(120, 2)
    (row,) = site.deliveries()
    assert (row.state, row.attempts, row.cause, row.cause_detail) == ("accepted", 3, None, None)
    assert len(api.accepted) == 1


@pytest.mark.parametrize("code", NEVER)
def test_what_does_not_pass_is_given_up_with_its_cause(
    site: NotifiedSite, api: WhatsAppApi, code: int
) -> None:
    site.use_whatsapp(api.url)
    api.script = [error(401 if code in (0, 190) else 400, code)]
    tell(site)
    site.run(7200, 600)
    (row,) = site.deliveries()
    assert row.state == DeliveryState.FAILED
    assert rule_of(Cause(str(row.cause))) is Rule.NEVER
    assert len(api.requests) == 1


@pytest.mark.parametrize("code", WAITED_FOR)
def test_a_restriction_is_waited_for(site: NotifiedSite, api: WhatsAppApi, code: int) -> None:
    site.use_whatsapp(api.url)
    api.script = [error(400, code)]
    tell(site)
    site.run(3500, 500)
    assert len(api.requests) == 1, "nothing for the better part of an hour"
    site.run(200, 100)
    assert site.states() == ["accepted"]


@pytest.mark.parametrize(
    ("scripted", "cause"),
    [
        (Response(429, b""), Cause.THROTTLED),
        (Response(500, b"<html>oops</html>"), Cause.SERVICE),
        (Response(503, b"{}"), Cause.SERVICE),
        (Response(200, b"not what it should be"), Cause.CUT_OFF),
        (CUT, Cause.CUT_OFF),
    ],
    ids=["429", "500", "503", "200 without id", "cut off"],
)
def test_what_has_no_code_is_tried_again(
    site: NotifiedSite, api: WhatsAppApi, scripted: Response | str, cause: Cause
) -> None:
    site.use_whatsapp(api.url)
    api.script = [scripted]
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == ("queued", cause)
    site.run(30, 5)
    assert site.states() == ["accepted"]


@pytest.mark.parametrize(
    ("status", "cause"), [(401, Cause.TOKEN), (403, Cause.PERMISSION), (404, Cause.BAD_REQUEST)]
)
def test_other_refusals_without_code_are_final(
    site: NotifiedSite, api: WhatsAppApi, status: int, cause: Cause
) -> None:
    site.use_whatsapp(api.url)
    api.script = [Response(status, b"[]")]
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause, row.cause_detail) == ("failed", cause, f"(HTTP {status})")


def test_a_redirect_is_not_followed_with_the_token(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    api.script = [Response(307, b"", {"Location": f"{api.url}/elsewhere"})]
    tell(site)
    assert len(api.requests) == 1
    assert site.states() == ["failed"]


def test_nobody_answers_at_first(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp("http://127.0.0.1:9")
    tell(site)
    (row,) = site.deliveries()
    assert (row.state, row.cause, row.cause_detail) == ("queued", Cause.UNREACHABLE, None)
    site.use_whatsapp(api.url)
    site.run(20, 1)
    assert site.states() == ["accepted"], "the changed settings were followed"


def test_a_day_of_trying_is_enough(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp("http://127.0.0.1:9")
    tell(site)
    site.run(26 * 3600, 300)
    (row,) = site.deliveries()
    assert (row.state, row.cause) == ("failed", Cause.UNREACHABLE)
    assert row.changed_at - row.created_at >= timedelta(hours=23)


def test_the_token_is_nowhere_but_in_its_header(
    site: NotifiedSite, api: WhatsAppApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.use_whatsapp(api.url)
    api.script = [
        error(400, 100, f"the token {TOKEN} is odd"),
        error(500, 1, f"access_token={TOKEN}"),
    ]
    tell(site)
    site.absent(site.employee("Budi", "Produksi"))
    site.run(30, 3)
    assert [row.cause for row in site.deliveries()] == [Cause.BAD_REQUEST, None]
    files = [path for path in site.paths.home.rglob("*") if path.is_file()]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert TOKEN not in caplog.text


def test_without_a_token_nothing_is_asked(tmp_path, api: WhatsAppApi) -> None:  # type: ignore[no-untyped-def]
    environ = {key: value for key, value in ENVIRON.items() if key != "WHATSAPP_ACCESS_TOKEN"}
    with notified_site(tmp_path / "home", environ) as site:
        site.use_whatsapp(api.url)
        tell(site)
        (row,) = site.deliveries()
        assert (row.state, row.cause) == ("failed", Cause.NO_SECRET)
        assert row.cause_detail == "WHATSAPP_ACCESS_TOKEN"
    assert api.requests == []


def test_names_cannot_break_the_template(site: NotifiedSite, api: WhatsAppApi) -> None:
    site.use_whatsapp(api.url)
    site.start()
    for number in range(40):
        name = f"Orang\n\t\t{'x' * 90}      {number}"
        site.absent(site.employee(name, "Bagian\nSatu"))
    for number in range(4):
        camera = site.seed.camera(number + 1, "Kamera\n" * 50, location="y" * 300)
        site.alert(AlertKind.UNKNOWN_PERSON, camera_id=camera)
    site.turn()
    site.turn(6)
    (text,) = api.texts()
    assert text.startswith("Bengkel Maju: 40 people have not been seen since 09:59 or later: Orang x")
    assert len(text) <= 900
    assert set(site.states()) == {"accepted"}


def test_an_old_message_that_is_given_up_takes_no_young_one_with_it(
    site: NotifiedSite, api: WhatsAppApi
) -> None:
    site.use_whatsapp(api.url)
    api.script = [error(500, 131049)]
    tell(site)
    (old,) = site.deliveries()
    with Session(site.seed.engine) as session, session.begin():
        session.get_one(NotificationDelivery, old.id).attempts = 1000
    site.now = old.due_at
    site.absent(site.employee("Citra", "Produksi"))
    api.script = [error(500, 131049)]
    site.turn()
    site.turn(6)
    assert [row.state for row in site.deliveries()] == [DeliveryState.FAILED, DeliveryState.QUEUED]
