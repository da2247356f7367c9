"""A working day of minutes on the whole running system: camera killed, worker killed, everything stopped for
two minutes. Who sits before the camera all day is never missed, and his day shows when nobody could look.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day
from core.domain.spans import Span, difference, duration, intersection, union
from core.domain.states import AlertKind, DayStatus, Minute
from core.domain.workday import WorkDay
from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage import working_time
from core.storage.engine import reader_engine, writer_engine
from core.storage.models import ShiftAssignment, ShiftPlan
from core.storage.rulebook import read_rulebook
from core.storage.work_days import work_days
from tests.face_clip import GREY_SHIRT, Stay, face_clip
from tests.rtsp import RtspServer
from tests.running import configure
from tests.running_site import RunningSite, empty_home, until
from tests.staffed import staffed_site

pytestmark = [pytest.mark.models, pytest.mark.rtsp, pytest.mark.slow, pytest.mark.timeout(600)]

OFFICE, GATE = 1, 2
SITS, COMES_AND_GOES = 1, 2
"""The men's ids are their cameras'."""
FPS = 10
SETTINGS = {"fps_target": 2.0, "detector_width_px": 320, "tracking_timeout": 4.0, "present_timeout_sec": 3.0}
STOPPED_S = 120.0
CAMERA_DEAD_S = 20.0
SLACK = timedelta(seconds=5)
"""Around an outage: frames are half a second apart, and a start takes a moment."""


@dataclass
class Day:
    paths: SitePaths
    began_at: datetime
    outages: dict[str, Span] = field(default_factory=dict)
    alerts: list[tuple[str, int]] = field(default_factory=list)
    judged: dict[int, WorkDay] = field(default_factory=dict)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    clips = tmp_path_factory.mktemp("clips")
    sits = face_clip(clips / "sits.h264", 2, [Stay("obama2.jpg", -9, 9, 0.4)], fps=FPS)
    goes = face_clip(clips / "goes.mp4", 12, [Stay(GREY_SHIRT, 0, 4, 0.5)], fps=FPS)
    with empty_home() as site, RtspServer({"front": sits}, fps=FPS) as camera:
        paths = staffed_site(site.home, ["obama.jpg", GREY_SHIRT])
        configure(paths, {OFFICE: camera.url("front"), GATE: str(goes)}, **SETTINGS)
        yield play(Day(paths, datetime.now(UTC)), site, camera)


def play(day: Day, site: RunningSite, camera: RtspServer) -> Day:
    work_from_now(day)
    site.start("--no-demo")
    sees_again(site, day.began_at)
    day.outages["camera"] = interrupted(site, camera.kill, CAMERA_DEAD_S, camera.start)
    pid = site.worker_pid()
    day.outages["worker"] = interrupted(site, lambda: os.kill(pid, signal.SIGKILL), 0, lambda: None)
    day.outages["system"] = interrupted(site, site.stop, STOPPED_S, lambda: site.start("--no-demo"))
    until(lambda: (AlertKind.ABSENT, COMES_AND_GOES) in alerts(site), "who really goes is missed", 60)
    site.stop()
    day.alerts = alerts(site)
    day.judged = judged(day)
    return day


def work_from_now(day: Day) -> None:
    """A shift that began a minute ago and lasts for a quarter of an hour, for both men."""
    zone = SettingsStore(day.paths).load_parameters().value.zone
    start = day.began_at.astimezone(zone) - timedelta(minutes=1)
    end = start + timedelta(minutes=15)
    plan = ShiftPlan(name="Short", start=f"{start:%H:%M}", end=f"{end:%H:%M}", weekdays=list(range(7)))
    engine = writer_engine(day.paths.database)
    with Session(engine) as session, session.begin():
        working_time.add(session, plan, actor="test", now=day.began_at)
        for employee_id in (SITS, COMES_AND_GOES):
            row = ShiftAssignment(shift_id=plan.id, employee_id=employee_id, first_date=yesterday(start))
            working_time.add(session, row, actor="test", now=day.began_at)
    engine.dispose()


def yesterday(at: datetime) -> date:
    return at.date() - timedelta(days=1)


def interrupted(site: RunningSite, begin, lasts_s: float, end) -> Span:
    """From when it began until the office was seen again."""
    began_at = datetime.now(UTC)
    begin()
    time.sleep(lasts_s)
    ended_at = datetime.now(UTC)
    end()
    return began_at, sees_again(site, ended_at)


def sees_again(site: RunningSite, since: datetime) -> datetime:
    """When the man at the office was seen again after `since`."""
    shown = since.astimezone(UTC).replace(tzinfo=None).isoformat(" ")

    def seen() -> str | None:
        rows = site.rows(
            f"SELECT last_seen_at FROM visits WHERE employee_id = {SITS} AND last_seen_at > '{shown}'"
        )
        return rows[0][0] if rows else None

    at = until(seen, "the man at the office is seen again", 90)
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


def alerts(site: RunningSite) -> list[tuple[str, int]]:
    return [
        (row["kind"], row["employee_id"]) for row in site.rows("SELECT kind, employee_id FROM alert_logs")
    ]


def judged(day: Day) -> dict[int, WorkDay]:
    parameters = SettingsStore(day.paths).load_parameters().value
    now = datetime.now(UTC)
    today = attendance_day(day.began_at, parameters.zone)
    engine = reader_engine(day.paths.database)
    with Session(engine) as session:
        book = read_rulebook(session, today, today, parameters)
        days = work_days(session, today, today, book, now)
    engine.dispose()
    return {one.employee_id: one.work for one in days}


def pieces(work: WorkDay, kind: Minute) -> tuple[Span, ...]:
    return union((piece.start_at, piece.end_at) for piece in work.timeline if piece.kind is kind)


def test_nobody_is_missed_because_nobody_could_look(day):
    about_people = {AlertKind.ABSENT, AlertKind.NOT_ARRIVED}
    assert [alert for alert in day.alerts if alert[0] in about_people and alert[1] == SITS] == []


def test_the_day_shows_when_nobody_could_look(day):
    work = day.judged[SITS]
    unobserved = pieces(work, Minute.NOT_OBSERVABLE)
    for name, (start, end) in day.outages.items():
        inner = ((start + SLACK, end - SLACK),) if end - start > 2 * SLACK else ()
        assert difference(inner, unobserved) == (), f"{name}: {unobserved}"
        if name != "camera" or inner:
            assert intersection(unobserved, ((start - SLACK, end + SLACK),)), name
    assert work.not_observable > timedelta(seconds=STOPPED_S + CAMERA_DEAD_S) - 2 * SLACK


def test_what_nobody_could_see_counts_against_nobody(day):
    work = day.judged[SITS]
    assert work.status in (DayStatus.PRESENT, DayStatus.LATE)
    outages = union(((a - SLACK, b + SLACK) for a, b in day.outages.values()))
    not_seen = difference(pieces(work, Minute.NOT_SEEN), outages)
    before = [(a, b) for a, b in not_seen if work.first_in_at is not None and b <= work.first_in_at]
    assert duration(not_seen) - duration(before) < timedelta(seconds=5)
    assert work.coverage is not None
    assert work.coverage < 1
