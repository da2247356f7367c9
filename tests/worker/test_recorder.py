"""From painted frames to committed rows and pictures, on a real database."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from core.attendance import rebuild_site
from core.domain.states import (
    AlertAction,
    AlertKind,
    AlertResolution,
    AlertState,
    CoverageState,
    EventKind,
    EvidenceKind,
    PresenceState,
)
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters, WorkingWeek
from core.settings_store import SettingsStore
from core.storage import working_time
from core.storage.alerts import Deed, take_step
from core.storage.employees import create_employee, deactivate_employee, reactivate_employee, update_employee
from core.storage.models import (
    AlertLog,
    AlertStep,
    Attendance,
    Base,
    CameraCoverage,
    Event,
    Evidence,
    Leave,
    NotificationOutbox,
    Presence,
    ShiftAssignment,
    ShiftPlan,
    Visit,
    VisitCamera,
)
from tests.painted import LEFT, MIDDLE, RIGHT, Box, painted, painted_pack, painted_site
from worker.pipeline import CameraFrame, Step
from worker.recorder import Recorder, SiteSettings
from worker.replay import camera_row
from worker.sources.source import CapturedFrame
from worker.status_rows import mark_removed

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
ANA, BUDI, STRANGER = 1, 2, 9


def parameters(**changes: object) -> Parameters:
    quick = {"present_timeout_sec": 2.0, "tracking_timeout": 4.0, "time_zone": "Asia/Jakarta"}
    return Parameters.parse({**quick, "working_hours": WorkingWeek.always().as_json(), **changes})


class Site:
    """A recording of one or two cameras, frame by frame."""

    def __init__(self, paths: SitePaths, engine: Engine, settings: Parameters, cameras: int = 1) -> None:
        self.paths = paths
        self.engine = engine
        self.frame = 0
        cameras_of = {
            i: CameraSettings(id=i, name=f"CAM{i}", rtsp_url=SecretStr(f"{i}.mp4"))
            for i in range(1, cameras + 1)
        }
        self.settings = SiteSettings(settings, cameras_of)
        self.pack = painted_pack()
        self.begin(START)

    def begin(self, now: datetime) -> None:
        """Starts the recorder, as a worker does; called again it is a restart after a crash."""
        self.recorder = Recorder(self.paths, self.engine, self.pack, self.settings)
        self.recorder.start(now, [camera_row(camera, now) for camera in self.settings.cameras.values()])

    def at(self, seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    def show(self, people: dict[int, Box], until_s: float, *, cameras: tuple[int, ...] = (1,)) -> list[Step]:
        """Shows people to cameras five times a second, up to but without `until_s`."""
        pixels = painted(people)
        steps = []
        while self.frame < round(until_s * 5):
            now = self.at(self.frame / 5)
            frames = [CameraFrame(c, CapturedFrame(pixels, now, self.frame)) for c in cameras]
            steps.append(self.recorder.process(frames, now))
            self.frame += 1
        return steps

    def end(self) -> None:
        self.recorder.commit(self.at(self.frame / 5))

    def rows(self, model: type[Base]) -> list:
        with Session(self.engine) as session:
            return list(session.scalars(select(model)).all())

    def s(self, at: datetime) -> float:
        return (at - START).total_seconds()

    def change(self, work: Callable[[Session], object]) -> None:
        """What the dashboard does to people, as the worker notices it."""
        with Session(self.engine) as session, session.begin():
            work(session)
        self.recorder.refresh_people(self.at(self.frame / 5))

    def spans(self, employee_id: int = 1) -> list[tuple[float, float | None]]:
        visits = [v for v in self.rows(Visit) if v.employee_id == employee_id]
        return [(self.s(v.arrived_at), self.s(v.departed_at) if v.departed_at else None) for v in visits]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[SitePaths, Engine]]:
    paths, engine = painted_site(tmp_path / "home", [ANA, BUDI])
    yield paths, engine
    engine.dispose()


def test_a_stay_becomes_visit_presence_attendance_and_pictures(home):
    site = Site(*home, parameters())
    site.show({}, 1)
    site.show({ANA: LEFT}, 4)
    site.show({}, 8.2)
    site.end()
    (visit,) = site.rows(Visit)
    assert (site.s(visit.arrived_at), site.s(visit.last_seen_at)) == (1.0, 3.8)
    assert (visit.departed_at, visit.closed_by) == (visit.last_seen_at, "timeout")
    presence = {row.employee_id: row for row in site.rows(Presence)}
    assert presence[1].state == PresenceState.OFF
    assert presence[1].since == visit.departed_at
    (day,) = site.rows(Attendance)
    assert (day.attendance_date, day.first_in_at, day.last_out_at) == (
        date(2026, 11, 23),
        visit.arrived_at,
        visit.last_seen_at,
    )
    assert day.last_out_final_at == visit.departed_at + timedelta(seconds=30)
    shots = {EvidenceKind(row.kind): row for row in site.rows(Evidence)}
    assert site.s(shots[EvidenceKind.ARRIVAL].captured_at) == 1.0
    assert site.s(shots[EvidenceKind.DEPARTURE].captured_at) == 3.8
    assert (day.first_in_evidence_id, day.last_out_evidence_id) == (
        shots[EvidenceKind.ARRIVAL].id,
        shots[EvidenceKind.DEPARTURE].id,
    )
    folder = site.paths.attendance_captures / "2026-11-23" / "E1"
    for name, kind in (("first_in.jpg", EvidenceKind.ARRIVAL), ("last_out.jpg", EvidenceKind.DEPARTURE)):
        assert (folder / name).is_symlink()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == shots[kind].sha256


def test_only_the_pictures_that_rows_name_are_left(home):
    site = Site(*home, parameters(event_min_interval_sec=1.0))
    site.show({ANA: LEFT}, 10)
    site.show({}, 15)
    site.end()
    on_disk = {p.relative_to(site.paths.home).as_posix() for p in site.paths.evidence.rglob("*.jpg")}
    assert on_disk == {row.path for row in site.rows(Evidence)}
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in site.paths.evidence.rglob("*.jpg"))


def test_an_absence_alerts_once_and_its_return_resolves_it(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 2)
    site.show({}, 10)
    site.show({ANA: LEFT}, 12)
    site.end()
    (alert,) = site.rows(AlertLog)
    assert (site.s(alert.absent_since), site.s(alert.opened_at)) == (1.8, 5.8)
    assert (alert.state, site.s(alert.resolved_at)) == (AlertState.RESOLVED, 10.0)
    assert alert.duration_s == pytest.approx(8.2)
    assert [(step.alert_id, step.action) for step in site.rows(AlertStep)] == [
        (alert.id, AlertAction.OPENED),
        (alert.id, AlertAction.RESOLVED),
    ]
    assert [(row.alert_id, row.kind, row.params["name"]) for row in site.rows(NotificationOutbox)] == [
        (alert.id, AlertKind.ABSENT, "Person 1"),
        (alert.id, AlertKind.CAME_BACK, "Person 1"),
    ]


def test_a_return_from_an_excused_absence_is_not_told(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 2)
    site.show({}, 10)
    (alert,) = site.rows(AlertLog)
    with Session(site.engine) as session, session.begin():
        take_step(session, alert.id, Deed(AlertAction.EXCUSED, "sari", site.at(9), note="bank"))
    site.show({ANA: LEFT}, 12)
    assert [(row.kind, row.state) for row in site.rows(AlertLog)] == [("absent", AlertState.RESOLVED)]


def test_who_does_not_arrive_is_told_once_and_settled_when_he_comes(home):
    office = {"mon": [["08:00", "17:00"]]}
    site = Site(*home, parameters(working_hours=office, late_grace_min=0))
    site.change(lambda session: session.execute(update(Presence).values(since=START - timedelta(days=1))))
    site.begin(START - timedelta(hours=1))
    site.show({}, 3)
    site.begin(site.at(3))
    site.show({}, 6)
    first, second = site.rows(AlertLog)
    assert {first.employee_id, second.employee_id} == {1, 2}
    assert (first.kind, first.attendance_date, site.s(first.absent_since)) == (
        AlertKind.NOT_ARRIVED,
        date(2026, 11, 23),
        0,
    )
    site.show({ANA: LEFT}, 8)
    by_person = {row.employee_id: row for row in site.rows(AlertLog)}
    assert (by_person[1].state, by_person[1].resolution) == (AlertState.RESOLVED, AlertResolution.ARRIVED)
    assert by_person[2].state == AlertState.OPEN


def test_a_shift_that_is_entered_while_it_runs_counts_at_once(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 2)

    def go_on_leave(session):
        leave = Leave(employee_id=1, kind="leave", first_date=START.date(), last_date=START.date())
        working_time.add(session, leave, actor="sari", now=START)

    with Session(site.engine) as session, session.begin():
        go_on_leave(session)
    site.recorder.refresh_calendar(site.at(2))
    site.show({}, 10)
    assert site.rows(AlertLog) == []
    assert site.spans() == [(0.0, 1.8)]


def test_a_night_shift_is_one_attendance_day(home):
    site = Site(*home, parameters())

    def work_nights(session):
        plan = ShiftPlan(name="Night", start="22:00", end="09:00", breaks=[], weekdays=list(range(7)))
        working_time.add(session, plan, actor="sari", now=START)
        first = START.date() - timedelta(days=7)
        row = ShiftAssignment(shift_id=plan.id, employee_id=1, first_date=first)
        working_time.add(session, row, actor="sari", now=START)

    with Session(site.engine) as session, session.begin():
        work_nights(session)
    site.show({ANA: LEFT, BUDI: RIGHT}, 2)
    site.end()
    days = {row.employee_id: row.attendance_date for row in site.rows(Attendance)}
    assert days == {1: date(2026, 11, 22), 2: date(2026, 11, 23)}
    before = [(row.id, row.attendance_date, row.first_in_at) for row in site.rows(Attendance)]
    rebuild_site(site.paths, date(2026, 11, 20), date(2026, 11, 25))
    assert [(row.id, row.attendance_date, row.first_in_at) for row in site.rows(Attendance)] == before


def test_a_deleted_alert_does_not_come_again_for_the_same_absence(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 2)
    site.show({}, 7)
    with Session(site.engine) as session, session.begin():
        session.query(AlertLog).delete()
    site.show({}, 20)
    assert site.rows(AlertLog) == []
    site.begin(site.at(20))
    site.show({}, 30)
    assert site.rows(AlertLog) == []


def test_a_stranger_is_logged_once_and_never_named(home):
    site = Site(*home, parameters())
    steps = site.show({STRANGER: MIDDLE}, 10)
    assert site.rows(Visit) == []
    (event,) = site.rows(Event)
    assert (event.kind, event.employee_id) == (EventKind.UNKNOWN, None)
    assert (site.paths.home / event.picture_path).is_file()
    steps += site.show({}, 13)
    unknown = [track for step in steps for analysis in step.analyses for track in analysis.unknown]
    assert [(site.s(t.first_seen_at), site.s(t.last_seen_at)) for t in unknown] == [(0.0, 9.8)]


def test_a_stranger_raises_one_alert_a_while_with_a_picture_of_its_own(home):
    site = Site(*home, parameters(unknown_person_alerts="always", unknown_alert_min_interval_sec=30))
    site.show({STRANGER: MIDDLE}, 5)
    site.show({}, 10)
    site.show({STRANGER: LEFT}, 15)
    (alert,) = site.rows(AlertLog)
    assert (alert.kind, alert.state, alert.camera_id) == (AlertKind.UNKNOWN_PERSON, AlertState.OPEN, 1)
    first = site.rows(Event)[0]
    assert alert.opened_at == first.occurred_at
    kept, event_picture = site.paths.home / alert.picture_path, site.paths.home / first.picture_path
    assert kept.read_bytes() == event_picture.read_bytes()
    event_picture.unlink()
    assert kept.stat().st_mode & 0o777 == 0o600
    site.begin(site.at(16))
    site.show({}, 20)
    site.show({STRANGER: RIGHT}, 25)
    assert len(site.rows(AlertLog)) == 1, "a restart knows when the last one was"
    site.show({}, 40)
    site.show({STRANGER: RIGHT}, 45)
    assert len(site.rows(AlertLog)) == 2
    site.recorder.refresh_calendar(START + timedelta(days=1))
    assert {row.resolution for row in site.rows(AlertLog)} == {AlertResolution.DAY_ENDED}


def test_a_stranger_off_hours_raises_an_alert_also_where_no_picture_is_kept(home):
    settings = {"unknown_person_alerts": "always", "off_duty_pictures": False}
    site = Site(*home, parameters(working_hours=WorkingWeek().as_json(), **settings))
    site.show({STRANGER: MIDDLE}, 5)
    (alert,) = site.rows(AlertLog)
    assert (alert.kind, alert.picture_path, site.rows(Event)) == (AlertKind.UNKNOWN_PERSON, None, [])


def test_a_clock_that_was_set_back_makes_nobody_missed_who_had_come(home):
    office = {"mon": [["08:00", "17:00"]]}
    site = Site(*home, parameters(working_hours=office, late_grace_min=0))
    site.show({}, 10)
    site.show({ANA: LEFT}, 12)
    site.end()
    site.begin(site.at(6))
    site.frame = 30
    site.show({}, 9)
    missed = [(row.resolution, site.s(row.opened_at)) for row in site.rows(AlertLog) if row.employee_id == 1]
    assert missed == [(AlertResolution.ARRIVED, 0.2)], "told before he came, and not again"


def test_a_camera_that_is_switched_off_is_so_also_while_the_worker_was_stopped(home):
    site = Site(*home, parameters(), cameras=2)
    site.show({}, 2, cameras=(1, 2))
    site.recorder.silent(2, CoverageState.DISABLED, site.at(6))
    site.end()
    site.begin(site.at(20))
    site.end()
    last = {row.camera_id: row.state for row in site.rows(CameraCoverage) if row.ended_at == site.at(20)}
    assert last == {1: CoverageState.WORKER_STOPPED, 2: CoverageState.DISABLED}


def test_off_duty_pictures_and_events_are_not_kept_where_that_is_wanted_and_visits_are(home):
    site = Site(*home, parameters(working_hours=WorkingWeek().as_json(), off_duty_pictures=False))
    site.show({ANA: LEFT, STRANGER: MIDDLE}, 5)
    site.show({}, 10)
    site.end()
    assert site.spans() == [(0.0, 4.8)]
    assert (site.rows(Evidence), site.rows(Event)) == ([], [])
    assert not list(site.paths.evidence.rglob("*.jpg"))


@pytest.mark.parametrize("grey", [0, 128], ids=["dark", "covered"])
def test_a_dark_or_covered_camera_observes_nobody(home, grey):
    site = Site(*home, parameters())
    site.show({}, 30)
    site.show({ANA: LEFT}, 32)
    cause = CoverageState.COVERED if grey else CoverageState.TOO_DARK
    for until_s in (40, 48):
        while site.frame < until_s * 5:
            now = site.at(site.frame / 5)
            pixels = painted({})
            pixels[...] = (0, grey, grey)
            site.recorder.process([CameraFrame(1, CapturedFrame(pixels, now, site.frame))], now)
            site.frame += 1
        site.end()
        latest = site.rows(CameraCoverage)[-1]
        assert (latest.state, site.s(latest.ended_at)) == (cause, until_s - 0.2)
        site.begin(site.at(until_s))
    assert [site.s(row.started_at) for row in site.rows(CameraCoverage)][:2] == [0.0, 31.8]
    assert site.spans() == [(30.0, None)]
    assert site.rows(AlertLog) == []
    assert {row.employee_id: row.state for row in site.rows(Presence)}[1] == PresenceState.UNOBSERVED


def test_whom_no_camera_can_know_is_never_missed(home):
    site = Site(*home, parameters())
    with Session(site.engine) as session, session.begin():
        create_employee(session, {"code": "NEW", "name": "New"}, actor="sari", now=START)
    site.recorder.refresh_people(site.at(0))
    site.show({}, 10)
    site.end()
    states = {row.employee_id: row.state for row in site.rows(Presence)}
    assert states == {1: PresenceState.OFF, 2: PresenceState.OFF, 3: PresenceState.UNOBSERVED}


def test_events_of_a_person_keep_their_interval(home):
    site = Site(*home, parameters(event_min_interval_sec=3.0))
    site.show({ANA: LEFT}, 10)
    times = [site.s(event.occurred_at) for event in site.rows(Event)]
    assert times == [0.4, 3.4, 6.4, 9.4]


def test_faces_of_two_cameras_embed_in_one_batch_and_make_one_visit(home):
    site = Site(*home, parameters(), cameras=2)
    site.show({ANA: LEFT, BUDI: RIGHT}, 3, cameras=(1, 2))
    site.end()
    assert site.pack.embedder.batches[-1] == 4
    assert len(site.rows(Visit)) == 2
    assert len(site.rows(VisitCamera)) == 4


def test_a_crash_keeps_the_visit_and_goes_on_with_it(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 6)
    before = site.rows(Visit)[0]
    assert site.s(before.last_seen_at) >= 5.8 - 1.0
    site.frame += 50
    site.begin(site.at(site.frame / 5))
    site.show({ANA: LEFT}, 20)
    site.end()
    (visit,) = site.rows(Visit)
    assert (visit.id, visit.arrived_at) == (before.id, before.arrived_at)
    states = {row.state for row in site.rows(CameraCoverage)}
    assert states == {CoverageState.OBSERVING, CoverageState.WORKER_STOPPED}
    assert site.rows(AlertLog) == []


def test_coverage_has_no_hole_and_no_overlap_over_a_crash(home):
    site = Site(*home, parameters())
    site.show({}, 5)
    site.frame += 25
    site.begin(site.at(10))
    site.show({}, 15)
    site.end()
    spans = [(row.state, site.s(row.started_at), site.s(row.ended_at)) for row in site.rows(CameraCoverage)]
    assert [state for state, _, _ in spans] == ["observing", "worker_stopped", "observing"]
    assert spans[0][2] == spans[1][1]
    assert spans[1][2] == spans[2][1] == 10.0


def test_a_new_template_is_known_at_once_and_a_deactivated_person_no_more(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 2)
    with Session(site.engine) as session, session.begin():
        deactivate_employee(session, 1, actor="test", now=site.at(2))
    assert site.recorder.refresh_people(site.at(2))
    site.show({ANA: LEFT}, 5)
    site.end()
    (visit,) = site.rows(Visit)
    assert visit.closed_by == "deactivated"
    assert site.s(visit.last_seen_at) == 1.8


def test_without_room_for_pictures_facts_go_on(home):
    site = Site(*home, parameters())
    site.recorder.pictures_allowed = False
    site.show({ANA: LEFT}, 3)
    site.show({}, 8)
    site.end()
    assert len(site.rows(Visit)) == 1
    assert len(site.rows(Attendance)) == 1
    assert site.rows(Evidence) == []
    assert [event.picture_path for event in site.rows(Event)] == [None]
    assert list(site.paths.captures.rglob("*.jpg")) == []


@pytest.mark.parametrize(("allowed", "picture_s"), [(False, 0.0), (True, 1.0)])
def test_a_sharper_arrival_picture_replaces_the_first_only_when_allowed_and_never_the_time(
    home, allowed, picture_s
):
    changes = {"attendance_first_in_overwrite_enabled": allowed, "quality_min_blur_var": 0}
    site = Site(*home, parameters(**changes))
    dull = painted({BUDI: LEFT}, dull=[BUDI])
    for i in range(5):
        now = site.at(i / 5)
        site.recorder.process([CameraFrame(1, CapturedFrame(dull, now, i))], now)
    site.frame = 5
    site.show({BUDI: LEFT}, 3)
    site.end()
    shot = next(row for row in site.rows(Evidence) if row.kind == EvidenceKind.ARRIVAL)
    assert site.s(shot.captured_at) == picture_s
    assert site.s(site.rows(Attendance)[0].first_in_at) == 0.0


def test_rebuilding_attendance_writes_identical_rows(home):
    site = Site(*home, parameters())
    SettingsStore(site.paths).save_parameters(parameters(), "")
    site.show({ANA: LEFT}, 3)
    site.show({BUDI: RIGHT}, 8)
    site.show({ANA: LEFT}, 12)
    site.end()
    before = [dict(vars(row), _sa_instance_state=None) for row in site.rows(Attendance)]
    days = rebuild_site(site.paths, date(2026, 11, 1), date(2026, 11, 30))
    assert len(days) == 2
    assert [dict(vars(row), _sa_instance_state=None) for row in site.rows(Attendance)] == before


def test_a_silent_camera_leaves_its_cause_in_the_coverage(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 5)
    for second in range(5, 20):
        site.recorder.silent(1, CoverageState.UNREACHABLE, site.at(second))
        site.recorder.idle(site.at(second))
    presence = {row.employee_id: row.state for row in site.rows(Presence)}
    assert presence == {1: PresenceState.UNOBSERVED, 2: PresenceState.UNOBSERVED}
    spans = [(row.state, site.s(row.started_at), site.s(row.ended_at)) for row in site.rows(CameraCoverage)]
    assert spans == [("observing", 0.0, 4.8), ("unreachable", 4.8, 19.0)]
    assert site.rows(AlertLog) == []
    assert site.rows(Visit)[0].departed_at is None


def test_a_clock_that_was_set_back_ends_what_lies_ahead_and_goes_on(home):
    site = Site(*home, parameters())
    site.frame = 5 * 3600
    site.show({ANA: LEFT}, 3605)
    site.end()
    site.frame = 0
    site.begin(START)
    site.show({ANA: LEFT}, 5)
    site.end()
    earlier, later = sorted(site.rows(Visit), key=lambda visit: visit.arrived_at)
    assert (later.closed_by, later.departed_at) == ("clock", later.last_seen_at)
    assert (site.s(earlier.arrived_at), earlier.departed_at) == (0.0, None)
    presence = {row.employee_id: row for row in site.rows(Presence)}
    assert presence[1].state == PresenceState.AVAILABLE


def test_an_edit_of_somebody_takes_nobodys_name(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 2)
    now = site.at(2)
    site.change(lambda s: update_employee(s, 2, {"phone": "+62 21 000"}, actor="test", now=now))
    (step,) = site.show({ANA: LEFT}, 2.2)
    assert [face.employee_id for face in step.analyses[0].faces] == [1]


def test_deactivated_and_active_again_are_two_visits_without_overlap(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 3)
    now = site.at(3)
    site.change(lambda s: deactivate_employee(s, 1, actor="test", now=now))
    site.show({ANA: LEFT}, 5)
    later = site.at(5)
    site.change(lambda s: reactivate_employee(s, 1, actor="test", now=later))
    site.show({ANA: LEFT}, 8)
    site.end()
    (first, second) = site.spans()
    assert first[0] == 0.0
    assert first[1] is not None
    assert second[0] >= 5.0 > first[1]


def test_who_was_deactivated_while_no_worker_ran_has_left_at_his_last_sighting(home):
    site = Site(*home, parameters())
    site.show({ANA: LEFT}, 3)
    site.end()
    with Session(site.engine) as session, session.begin():
        deactivate_employee(session, 1, actor="test", now=site.at(10))
    site.frame = 100
    site.begin(site.at(20))
    site.show({}, 22)
    assert site.spans() == [(0.0, 2.8)]
    assert site.rows(Attendance)[0].last_out_final_at is not None
    presence = {row.employee_id: row for row in site.rows(Presence)}
    assert (presence[1].state, presence[1].visit_id) == (PresenceState.OFF, None)
    later = site.at(22)
    site.change(lambda s: reactivate_employee(s, 1, actor="test", now=later))
    site.show({ANA: LEFT}, 25)
    site.end()
    assert len(site.spans()) == 2


def test_switching_off_his_only_camera_makes_nobody_absent(home):
    site = Site(*home, parameters(), cameras=2)
    site.show({ANA: LEFT}, 3, cameras=(1,))
    kept = {2: site.settings.cameras[2]}
    site.settings = SiteSettings(site.settings.parameters, kept, switched_off=frozenset({1}))
    site.recorder.apply(site.settings, site.at(3))
    site.recorder.refresh_people(site.at(3))
    site.show({}, 60, cameras=(2,))
    assert site.rows(AlertLog) == []
    assert site.rows(Visit)[0].departed_at is None
    presence = {row.employee_id: row.state for row in site.rows(Presence)}
    assert presence[1] == PresenceState.UNOBSERVED


def test_a_new_time_zone_cuts_the_latest_days_anew(home):
    site = Site(*home, parameters(time_zone="America/New_York"))
    site.show({ANA: LEFT}, 3)
    site.end()
    assert [row.attendance_date for row in site.rows(Attendance)] == [date(2026, 11, 22)]
    changed = SiteSettings(parameters(time_zone="Asia/Jakarta"), site.settings.cameras)
    site.recorder.apply(changed, site.at(3))
    assert [row.attendance_date for row in site.rows(Attendance)] == [date(2026, 11, 23)]


def test_who_goes_unseen_still_has_his_departure_picture(home):
    site = Site(*home, parameters(event_min_interval_sec=60.0))
    site.show({ANA: LEFT}, 5)
    site.show({}, 5.4)
    for second in range(6, 1000, 5):
        site.recorder.silent(1, CoverageState.UNREACHABLE, site.at(second))
        site.recorder.idle(site.at(second))
    site.end()
    shots = {row.kind: site.s(row.captured_at) for row in site.rows(Evidence)}
    assert shots == {EvidenceKind.ARRIVAL: 0.0, EvidenceKind.DEPARTURE: 4.8}
    assert site.rows(Visit)[0].closed_by == "unobserved"


def test_pictures_of_tracks_that_ended_are_let_go(home):
    site = Site(*home, parameters(smoothing_min_votes=5))
    for second in range(20):
        site.show({ANA: LEFT}, second + 0.4)
        site.show({}, second + 1)
    assert len(site.recorder._evidence._first_views) <= 1


def test_a_removed_camera_is_not_said_to_have_waited_for_the_worker(home):
    site = Site(*home, parameters(), cameras=2)
    site.show({}, 3, cameras=(1, 2))
    site.end()
    with Session(site.engine) as session, session.begin():
        mark_removed(session, [1], site.at(3))
    site.settings = SiteSettings(site.settings.parameters, {1: site.settings.cameras[1]})
    site.frame = 100
    site.begin(site.at(20))
    stopped = [
        row.camera_id for row in site.rows(CameraCoverage) if row.state == CoverageState.WORKER_STOPPED
    ]
    assert stopped == [1]


def test_a_clock_that_was_set_back_counts_no_time_twice(home):
    site = Site(*home, parameters(present_timeout_sec=10.0, tracking_timeout=20.0))
    site.frame = 5 * 30
    site.show({}, 90)
    site.end()
    site.frame = 0
    site.begin(site.at(30))
    site.frame = 5 * 30
    site.show({ANA: LEFT}, 33)
    site.show({}, 60)
    site.end()
    visit = site.rows(Visit)[0]
    assert site.s(visit.departed_at) == 32.8
    (alert,) = site.rows(AlertLog)
    assert site.s(alert.opened_at) == pytest.approx(52.8, abs=0.3)
