"""The Alerts page: what wants attention first, what was done about it, and a day with filters."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.site_watch import Fault
from core.domain.states import AlertAction, AlertKind, AlertResolution, AlertState
from core.i18n import LANGUAGES
from core.storage import alerts
from core.storage.alert_list import AlertRow, StepRow
from core.storage.alerts import Deed
from core.storage.models import AlertLog, AuditLog, ExcusedAbsence, WorkerStatus
from dashboard.attention import attention_count, sight_of
from dashboard.auth import account_of
from dashboard.widgets.alerts import alert_sentence, cause_sentence, outcome_sentence, step_sentence
from dashboard.widgets.words import Words
from tests.dashboard.signed_in import open_view, session_cookie, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.alerts:show"
AYU, BUDI, CITRA, EKA = 1, 2, 3, 5


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    """Eka is missed, as the seed has it; a camera is down and somebody unknown was seen."""
    seed = working_day(tmp_path)
    open_alert(seed, AlertKind.CAMERA_DOWN, camera_id=2, cause="refused")
    picture = seed.picture("data/captures/CAM1/unknown.jpg", 3)
    open_alert(seed, AlertKind.UNKNOWN_PERSON, camera_id=1, picture_path=picture)
    seed.user("admin.gudang", "admin", ("Gudang",))
    seed.user("hr.id", "hr", (), "id")
    yield seed
    seed.engine.dispose()


def open_alert(seed: Seed, kind: AlertKind, **columns: Any) -> int:
    with Session(seed.engine) as session, session.begin():
        opened_at = seed.now - timedelta(minutes=1)
        return alerts.open_alert(session, AlertLog(**({"kind": kind, "opened_at": opened_at} | columns))).id


def stored(seed: Seed, alert_id: int) -> AlertLog:
    with Session(seed.engine, expire_on_commit=False) as session:
        return session.get_one(AlertLog, alert_id)


def the(seed: Seed, kind: AlertKind) -> int:
    """The only alert of this kind that is not over."""
    query = select(AlertLog.id).where(AlertLog.kind == kind, AlertLog.state != AlertState.RESOLVED)
    with Session(seed.engine) as session:
        return session.scalars(query).one()


def on_day(page: AppTest, seed: Seed) -> AppTest:
    page.query_params["alerts_day"] = (seed.now - timedelta(minutes=80)).date().isoformat()
    return page.run()


def test_what_wants_attention_and_the_history_of_a_day(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(on_day(open_view(seed, monkeypatch, VIEW, "supervisor"), seed))
    assert "Wants attention: 3" in words
    assert "Eka Putri has not been seen since" in words
    assert "Gudang gives no picture since" in words
    assert "its port is closed" in words, "why, and what to do"
    assert "Somebody unknown was seen at Gerbang depan" in words
    assert 'href="/api/picture/alert/' in words
    assert "Ayu Lestari has not been seen since" in words, "it is over and in the history"
    assert "Came back " in words
    assert "after 11 min" in words
    assert "Opened " in words


def test_one_click_acknowledges(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    camera = the(seed, AlertKind.CAMERA_DOWN)
    words = words_on(page.button(key=f"ack_{camera}").click().run())
    assert "Wants attention: 2" in words
    assert "Seen to, still going on: 1" in words
    assert "by supervisor" in words
    assert stored(seed, camera).state == AlertState.ACKNOWLEDGED
    assert f"ack_{camera}" not in [button.key for button in page.button]


def test_many_of_a_kind_are_grouped_and_acknowledged_at_once(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for employee_id in (AYU, BUDI, CITRA):
        open_alert(seed, AlertKind.ABSENT, employee_id=employee_id)
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    assert "**4 people are not seen**" in words_on(page)
    words = words_on(page.button(key="all_absent_sure").click().run())
    assert "Wants attention: 2" in words
    with Session(seed.engine) as session:
        acknowledged = session.scalars(select(AuditLog).where(AuditLog.action == "alert.acknowledged")).all()
    assert len(acknowledged) == 4


def test_that_somebody_was_faster_is_one_clear_sentence(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    camera = the(seed, AlertKind.CAMERA_DOWN)
    with Session(seed.engine) as session, session.begin():
        alerts.take_step(session, camera, Deed(AlertAction.RESOLVED, "budi", seed.now))
    page.button(key=f"ack_{camera}").click().run()
    assert "1 of these alerts had been dealt with by somebody else" in page.error[0].value
    assert stored(seed, camera).resolution == AlertResolution.BY_HAND


def more(page: AppTest, alert_id: int) -> AppTest:
    return page.button(key=f"more_{alert_id}").click().run()


def test_an_alert_is_snoozed(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = the(seed, AlertKind.CAMERA_DOWN)
    page = more(open_view(seed, monkeypatch, VIEW, "supervisor").run(), camera)
    page.selectbox(key="snooze_for").select("1_h")
    words = words_on(page.button(key="snooze").click().run())
    until = stored(seed, camera).snoozed_until
    assert until is not None
    assert timedelta(minutes=59) < until - seed.now < timedelta(minutes=61)
    assert "Seen to, still going on: 1" in words
    assert "snoozed until" in words


def test_an_excuse_needs_a_reason_and_loses_nothing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    eka = the(seed, AlertKind.ABSENT)
    page = more(open_view(seed, monkeypatch, VIEW, "supervisor").run(), eka)
    assert not page.checkbox, "hours are HR's"
    page.button(key="excuse").click().run()
    assert page.error[0].value.startswith("Say why")
    page.text_input(key="excuse_reason").set_value("Ke bank")
    words = words_on(page.button(key="excuse").click().run())
    assert "Seen to, still going on: 1" in words
    assert "(Ke bank)" in words


def test_hr_enters_the_hours_with_the_excuse(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    eka = the(seed, AlertKind.ABSENT)
    page = more(open_view(seed, monkeypatch, VIEW, "hr").run(), eka)
    page.text_input(key="excuse_reason").set_value("Ke dokter")
    page.checkbox(key="excuse_hours").check()
    tomorrow = seed.now.astimezone(UTC).date() + timedelta(days=1)
    page.date_input(key="excuse_day").set_value(tomorrow)
    page.button(key="excuse").click().run()
    with Session(seed.engine) as session:
        (hours,) = session.scalars(select(ExcusedAbsence))
    assert (hours.employee_id, hours.reason) == (EKA, "Ke dokter")
    assert hours.started_at == stored(seed, eka).absent_since
    assert hours.ended_at.date() == tomorrow


def test_a_broken_settings_file_takes_no_alert_away(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    eka = the(seed, AlertKind.ABSENT)
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    seed.paths.parameters.write_text("{ broken")
    more(page, eka)
    assert page.date_input(key="excuse_day").value > seed.now.date(), "to the end of the day"
    page.text_input(key="excuse_reason").set_value("Ke dokter")
    assert "Seen to, still going on: 1" in words_on(page.button(key="excuse").click().run())


def test_an_alert_is_closed_by_hand(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = the(seed, AlertKind.UNKNOWN_PERSON)
    page = more(open_view(seed, monkeypatch, VIEW, "supervisor").run(), unknown)
    assert "excuse" not in [button.key for button in page.button], "nobody is away"
    page.text_input(key="resolve_note").set_value("Tamu pabrik")
    words = words_on(on_day(page.button(key="resolve").click().run(), seed))
    assert "Wants attention: 2" in words
    assert "Closed by hand" in words
    assert "(Tamu pabrik)" in words


def test_an_alert_that_was_dealt_with_meanwhile_can_be_left(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = the(seed, AlertKind.CAMERA_DOWN)
    page = more(open_view(seed, monkeypatch, VIEW, "supervisor").run(), camera)
    with Session(seed.engine) as session, session.begin():
        alerts.take_step(session, camera, Deed(AlertAction.RESOLVED, "budi", seed.now))
    page.button(key="acknowledge").click().run()
    assert page.error[0].value.startswith("Somebody else has dealt with this alert")
    assert "Wants attention: 2" in words_on(page.button(key="alerts_back").click().run())


def test_a_day_is_filtered_by_kind_and_state(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = on_day(open_view(seed, monkeypatch, VIEW, "supervisor"), seed)
    page.multiselect(key="alerts_kind").set_value(["worker_fault"])
    assert "No such alert was opened on this day" in words_on(page.run())
    page.multiselect(key="alerts_kind").set_value(["absent"])
    page.multiselect(key="alerts_state").set_value(["resolved"])
    words = words_on(page.run())
    assert "Came back" in words
    assert words.count("Eka Putri has not been seen") == 2, "the open one above, the resolved one below"


def test_a_department_sees_its_own_people_only(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(on_day(open_view(seed, monkeypatch, VIEW, "spv.gudang"), seed))
    assert "Eka Putri" not in words
    assert "tidak mengirim gambar" not in words
    assert "Citra Dewi tidak terlihat sejak" in words
    assert "Perlu perhatian: 0" in words
    assert "Tidak ada yang perlu perhatian" in words


@pytest.mark.parametrize(
    ("username", "count"),
    [("supervisor", 3), ("spv.gudang", 0), ("admin", 3), ("admin.gudang", 2), ("viewer", 3)],
)
def test_the_badge_counts_what_the_viewer_is_asked_for(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, username: str, count: int
) -> None:
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    account = account_of(session_cookie(seed, username))
    assert account is not None
    assert attention_count(account) == count
    assert sight_of(account).whole_site == (username != "spv.gudang")


def test_a_day_without_alerts_and_a_silent_worker(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(seed.engine) as session, session.begin():
        session.query(WorkerStatus).update({"heartbeat_at": seed.now - timedelta(minutes=3)})
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["alerts_day"] = (seed.now - timedelta(days=9)).date().isoformat()
    words = words_on(page.run())
    assert "No alert was opened on this day" in words
    assert "The worker has been silent since" in words


def test_a_viewer_may_not_open_the_page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "viewer").run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)
    assert not page.get("html")


def a_row(seed: Seed, **columns: Any) -> AlertRow:
    names: dict[str, Any] = dict.fromkeys(AlertRow.__dataclass_fields__)
    facts = {
        "id": 1,
        "kind": AlertKind.ABSENT,
        "state": AlertState.OPEN,
        "opened_at": seed.now,
        "name": "Ayu",
    }
    return AlertRow(**(names | facts | columns))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_sentence(seed: Seed, language: str) -> None:
    words, now = Words(language, ZoneInfo("Asia/Jakarta")), seed.now + timedelta(minutes=5)
    for kind in AlertKind:
        assert alert_sentence(a_row(seed, kind=kind), words, now)
        assert words(f"alerts.kind_name.{kind}")
        assert words(f"alerts.group.{kind}", count=2)
    for resolution in AlertResolution:
        over = {"state": AlertState.RESOLVED, "resolved_at": now, "resolution": resolution}
        assert outcome_sentence(a_row(seed, **over), words, now)
    for state in AlertState:
        until = now if state is AlertState.SNOOZED else None
        resolution = AlertResolution.BACK if state is AlertState.RESOLVED else None
        row = a_row(seed, state=state, snoozed_until=until, resolution=resolution)
        if state is not AlertState.RESOLVED:
            assert outcome_sentence(row, words, now)
        assert words(f"alerts.state_name.{state}")
    for action in AlertAction:
        for actor in ("system", "system:worker", "budi"):
            said = step_sentence(StepRow(action, now, actor, None, ""), words, now)
            assert ("budi" in said) == (actor == "budi")


def test_only_kinds_of_which_there_are_alerts_can_be_chosen(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That somebody came back is told, and ends an alert; it is none of its own."""
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    chosen = [one for one in page.multiselect if one.label == "Kind"]
    assert len(chosen) == 1
    assert "Not seen" in chosen[0].options
    assert not {"Came back", "Camera back"} & set(chosen[0].options)


def test_a_camera_s_cause_is_said_as_far_as_it_is_known(seed: Seed) -> None:
    words = Words("en", ZoneInfo("UTC"))
    assert "port is closed" in cause_sentence(a_row(seed, cause="refused"), words)
    assert cause_sentence(a_row(seed, cause="brand_new"), words) == ""
    assert cause_sentence(a_row(seed), words) == ""


@pytest.mark.parametrize("cause", Fault)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_is_said_as_in_the_messages_about_it(seed: Seed, cause: Fault, language: str) -> None:
    words = Words(language, ZoneInfo("UTC"))
    row = a_row(seed, kind=AlertKind.WORKER_FAULT, cause=cause)
    said = alert_sentence(row, words, seed.now)
    assert said == words(f"notifications.fault.{cause}", since=words.moment(row.since, seed.now))
    assert cause_sentence(row, words) == ""


def test_it_speaks_indonesian(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr.id").run()
    assert "Perlu perhatian: 3" in words_on(page)
    words = words_on(more(page, the(seed, AlertKind.ABSENT)))
    assert "Eka Putri tidak terlihat sejak" in words
    assert page.checkbox[0].label.startswith("Catat juga jam sejak")
