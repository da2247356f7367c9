"""Naming unknown faces and giving visits to somebody else: what follows in days, rows, pictures and trail."""

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.events import VisitClosed, VisitExtended
from core.domain.states import PresenceState, VisitClosedBy
from core.errors import GspeError
from core.storage import audit, judged_days, naming, reassignments, recompute, unknown_faces
from core.storage.corrections import Deed, Entry
from core.storage.engine import reader_engine
from core.storage.facts import FactBatch, record
from core.storage.models import (
    Attendance,
    AuditLog,
    Evidence,
    JudgedDay,
    MonthLock,
    Presence,
    Reassignment,
    UnknownFace,
    Visit,
    VisitCamera,
)
from core.storage.muster import muster
from core.storage.projection import rebuild
from core.storage.rulebook import attendance_rules
from tests.days import ONE_DAY, DaysSite, at
from tests.unknown import face, unknown_face
from tests.week import AYU, BUDI, CITRA, FAJAR, correct, week_site

Week = tuple[DaysSite, date]


@pytest.fixture
def week(tmp_path: Path) -> Week:
    site, day = week_site(tmp_path)
    with Session(site.engine) as session, session.begin():  # the days are over for good
        for row in session.scalars(select(JudgedDay).where(JudgedDay.day < day)):
            row.is_final = True
    return site, day


def deed(site: DaysSite) -> Deed:
    return Deed("hr", site.now, site.parameters)


def move(site: DaysSite, visit_id: int, to: int | None, reason: str = "twins") -> reassignments.Effect:
    with Session(site.engine) as session, session.begin():
        return reassignments.apply(session, visit_id, to, reason, deed(site))


def name(site: DaysSite, faces: list[int], employee_id: int) -> naming.Named:
    with Session(site.engine) as session, session.begin():
        return naming.apply(session, site.seed.paths, faces, employee_id, deed(site))


def rows(site: DaysSite, table: type[Any], *which: Any) -> list[Any]:
    with Session(site.engine) as session:
        return list(session.scalars(select(table).where(*which).order_by(table.id)))


def visits_on(site: DaysSite, employee_id: int | None, day: date) -> list[Visit]:
    start = at("00:00", day)
    within = (Visit.arrived_at >= start, Visit.arrived_at < start + ONE_DAY)
    return rows(site, Visit, Visit.employee_id == employee_id, *within)


def day_of(site: DaysSite, employee_id: int, day: date) -> JudgedDay | None:
    found = rows(site, JudgedDay, JudgedDay.employee_id == employee_id, JudgedDay.day == day)
    return found[0] if found else None


def everything(site: DaysSite) -> dict[str, list[tuple[Any, ...]]]:
    """Every attendance row and judged day, without their ids and when they were judged."""
    with Session(site.engine) as session:
        return {
            table.__tablename__: sorted(
                tuple(
                    str(getattr(row, column.name))
                    for column in table.__table__.c
                    if column.name not in {"id", "judged_at"}
                )
                for row in session.scalars(select(table))
            )
            for table in (Attendance, JudgedDay)
        }


def again(site: DaysSite, day: date) -> int:
    """As `core.attendance rebuild` and `recompute --apply` of everything do; how many days changed."""
    first = day - 28 * ONE_DAY
    with Session(site.engine) as session, session.begin():
        rebuild(session, first, day + 2 * ONE_DAY, attendance_rules(site.parameters))
    span = recompute.Range(first, day + 2 * ONE_DAY, site.parameters, site.now)

    def commit(work: Callable[[Session], int]) -> int:
        with Session(site.engine) as session, session.begin():
            return work(session)

    reader = reader_engine(site.seed.paths.database)
    with Session(reader) as session:
        changed = recompute.apply(session, commit, span, "test").changed
    reader.dispose()
    return changed


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(GspeError) as refused:
        work()
    return refused.value.code


def trail(site: DaysSite) -> list[str]:
    return [row.action for row in rows(site, AuditLog)]


def test_naming_repairs_the_day(week: Week) -> None:
    """Citra was absent on the last day; the faces of the morning were hers."""
    site, day = week
    before = day_of(site, CITRA, day)
    faces = [
        unknown_face(site.seed, 7, at("07:58", day), at("08:20", day)),
        unknown_face(site.seed, 7, at("09:00", day), at("09:30", day)),
    ]
    named = name(site, faces, CITRA)
    assert (named.faces, named.visits) == (2, 2)
    after = day_of(site, CITRA, day)
    assert before is not None
    assert after is not None
    assert (before.status, after.status) == ("absent", "half_day")
    assert (after.first_in_at, after.last_out_at) == (at("07:58", day), at("09:30", day))
    changed = {(one.employee_id, one.day): one for one in named.repair.changed}
    one = changed[CITRA, day]
    assert one.before is not None
    assert one.after is not None
    assert (str(one.before.status), str(one.after.status)) == ("absent", "half_day")
    first, last = visits_on(site, CITRA, day)
    assert (first.origin, first.closed_by, last.origin) == ("named", "timeout", "named")
    [attendance] = rows(site, Attendance, Attendance.employee_id == CITRA, Attendance.attendance_date == day)
    assert (attendance.first_in_at, attendance.visit_count) == (at("07:58", day), 2)
    shots = {shot.id: shot for shot in rows(site, Evidence, Evidence.visit_id.in_([first.id, last.id]))}
    assert shots[attendance.first_in_evidence_id].kind == "arrival"
    assert shots[attendance.last_out_evidence_id].kind == "departure"
    assert all((site.seed.paths.home / str(shot.path)).is_file() for shot in shots.values())
    assert [face(site.seed, number).state for number in faces] == ["named", "named"]
    assert trail(site)[-1] == "unknown.named"


def test_naming_survives_a_rebuild_and_a_recomputation(week: Week) -> None:
    site, day = week
    assert again(site, day) == 0
    for back in (0, 3):
        start = day - back * ONE_DAY
        faces = [
            unknown_face(site.seed, 7, at("06:30", start), at("08:10", start)),
            unknown_face(site.seed, 7, at("12:20", start), at("12:50", start), camera_id=2),
        ]
        name(site, faces, AYU)
    written = everything(site)
    assert again(site, day) == 0
    assert everything(site) == written


def test_no_visit_overlaps_and_neighbours_within_the_grace_touch(week: Week) -> None:
    """Ayu's visits of the last day: 07:52-10:00, 10:30-12:04, 12:41-17:03; the grace is 30 s."""
    site, day = week
    number = unknown_face(site.seed, 7, at("09:30", day), at("10:29", day) + timedelta(seconds=40))
    name(site, [number], AYU)
    found = sorted((visit.arrived_at, visit.last_seen_at) for visit in visits_on(site, AYU, day))
    assert found[1] == (at("10:00", day), at("10:30", day))
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(found))


def test_a_face_within_a_visit_adds_none(week: Week) -> None:
    site, day = week
    written = everything(site)
    number = unknown_face(site.seed, 7, at("09:00", day), at("09:10", day))
    named = name(site, [number], AYU)
    assert (named.visits, named.repair.changed) == (0, [])
    assert everything(site) == written
    assert face(site.seed, number).visit_id == visits_on(site, AYU, day)[0].id


def test_a_preview_writes_nothing_and_tells_the_same(week: Week) -> None:
    site, day = week
    number = unknown_face(site.seed, 7, at("07:58", day), at("08:20", day))
    before, visits, marks = everything(site), len(rows(site, Visit)), trail(site)
    with Session(site.engine) as session, session.begin():
        told = naming.preview(session, [number], CITRA, deed(site))
    assert (everything(site), len(rows(site, Visit)), trail(site)) == (before, visits, marks)
    assert face(site.seed, number).state == "open"
    assert name(site, [number], CITRA).repair == told.repair


def test_naming_is_taken_back_by_this_is_wrong(week: Week) -> None:
    site, day = week
    written = everything(site)
    number = unknown_face(site.seed, 7, at("07:58", day), at("08:20", day))
    name(site, [number], CITRA)
    assert everything(site) != written
    [visit] = visits_on(site, CITRA, day)
    move(site, visit.id, None)
    assert everything(site) == written
    taken_back = face(site.seed, number)
    assert (taken_back.state, taken_back.employee_id, taken_back.visit_id) == ("open", None, None)
    assert again(site, day) == 0
    name(site, [number], BUDI)
    assert face(site.seed, number).employee_id == BUDI


def test_a_name_that_was_taken_back_can_be_given_back_with_its_faces(week: Week) -> None:
    site, day = week
    number = unknown_face(site.seed, 7, at("07:58", day), at("08:20", day))
    name(site, [number], CITRA)
    written = everything(site)
    [visit] = visits_on(site, CITRA, day)
    move(site, visit.id, None)
    move(site, visit.id, CITRA, "it was her")
    assert everything(site) == written
    again_his = face(site.seed, number)
    assert (again_his.state, again_his.employee_id, again_his.visit_id) == ("named", CITRA, visit.id)
    assert refusal(lambda: name(site, [number], BUDI)) == "unknown_decided"
    move(site, visit.id, None)
    move(site, visit.id, FAJAR, "it was Fajar")
    assert face(site.seed, number).employee_id == FAJAR


@pytest.mark.parametrize("to", [FAJAR, CITRA])
@pytest.mark.parametrize("kept", [True, False])
def test_what_counts_elsewhere_by_now_is_not_given_back(week: Week, to: int, kept: bool) -> None:
    """Named again, as somebody else or the same: the sighting would count twice."""
    site, day = week
    number = unknown_face(site.seed, 7, at("07:00", day), at("07:30", day))
    name(site, [number], CITRA)
    [visit] = visits_on(site, CITRA, day)
    move(site, visit.id, None)
    name(site, [number], to)
    if not kept:
        with Session(site.engine) as session, session.begin():  # its time is over
            session.delete(session.get_one(UnknownFace, number))
    written = everything(site)
    with Session(site.engine) as session, session.begin():
        told = refusal(lambda: reassignments.preview(session, visit.id, CITRA, deed(site)))
    assert told == refusal(lambda: move(site, visit.id, CITRA)) == "visit_faces_decided"
    assert everything(site) == written


def test_a_face_that_was_discarded_since_is_not_given_back(week: Week) -> None:
    site, day = week
    number = unknown_face(site.seed, 7, at("07:00", day), at("07:30", day))
    name(site, [number], CITRA)
    [visit] = visits_on(site, CITRA, day)
    move(site, visit.id, None)
    with Session(site.engine) as session, session.begin():
        unknown_faces.discard(session, [number], actor="hr", now=site.now)
    assert refusal(lambda: move(site, visit.id, CITRA)) == "visit_faces_decided"


def test_a_face_that_made_two_visits_counts_once_whatever_is_taken_and_given(week: Week) -> None:
    """It reaches over Ayu's visit 07:52-10:00 on both sides, so it made one before and one after."""
    site, day = week
    number = unknown_face(site.seed, 7, at("07:30", day), at("10:10", day))
    name(site, [number], AYU)
    written = everything(site)
    before, after = [visit for visit in visits_on(site, AYU, day) if visit.origin == "named"]
    move(site, before.id, None)
    left = face(site.seed, number)
    assert (left.state, left.employee_id, left.visit_id) == ("named", AYU, after.id)
    move(site, before.id, AYU)
    assert everything(site) == written
    move(site, before.id, None)
    move(site, after.id, None)
    assert face(site.seed, number).state == "open"
    name(site, [number], FAJAR)
    for visit in (before, after):
        assert refusal(lambda visit_id=visit.id: move(site, visit_id, AYU)) == "visit_faces_decided"


def test_a_face_within_a_named_visit_goes_its_way(week: Week) -> None:
    site, day = week
    first = unknown_face(site.seed, 7, at("07:00", day), at("07:30", day))
    within = unknown_face(site.seed, 7, at("07:10", day), at("07:20", day), camera_id=2)
    name(site, [first], CITRA)
    name(site, [within], CITRA)
    [visit] = visits_on(site, CITRA, day)
    move(site, visit.id, None)
    assert [face(site.seed, one).state for one in (first, within)] == ["open", "open"]
    name(site, [within], FAJAR)
    assert refusal(lambda: move(site, visit.id, CITRA)) == "visit_faces_decided"


def test_a_visit_changes_hands_and_comes_back(week: Week) -> None:
    """Budi's first visit of the last day, 08:47-11:30, was Citra's, who was absent."""
    site, day = week
    written = everything(site)
    visit = visits_on(site, BUDI, day)[0]
    with Session(site.engine) as session, session.begin():
        told = reassignments.preview(session, visit.id, CITRA, deed(site))
    assert everything(site) == written
    effect = move(site, visit.id, CITRA)
    assert effect == told
    assert {(one.employee_id, one.day) for one in effect.repair.changed} == {(BUDI, day), (CITRA, day)}
    budi, citra = day_of(site, BUDI, day), day_of(site, CITRA, day)
    assert budi is not None
    assert citra is not None
    assert (budi.first_in_at, citra.first_in_at) == (at("12:10", day), at("08:47", day))
    assert citra.status == "half_day"
    assert again(site, day) == 0
    [row] = rows(site, Reassignment)
    assert (row.from_employee_id, row.to_employee_id, row.reason) == (BUDI, CITRA, "twins")
    assert trail(site).count("visit.reassigned") == 1
    with Session(site.engine) as session:
        assert audit.verify(session) is None
    move(site, visit.id, BUDI, "no, it was him")
    assert everything(site) == written
    assert len(rows(site, Reassignment)) == 2


def test_a_visit_of_nobody_counts_for_nobody(week: Week) -> None:
    site, day = week
    for visit in visits_on(site, BUDI, day):
        move(site, visit.id, None)
    row = day_of(site, BUDI, day)
    assert row is not None
    assert row.status == "absent"
    assert rows(site, Attendance, Attendance.employee_id == BUDI, Attendance.attendance_date == day) == []
    assert again(site, day) == 0


def test_time_that_two_visits_share_counts_once(week: Week) -> None:
    site, day = week
    extra = site.see(BUDI, "09:00", "09:30", day)
    before = day_of(site, AYU, day)
    effect = move(site, extra, AYU)
    after = day_of(site, AYU, day)
    assert before is not None
    assert after is not None
    assert (after.seen_s, after.present_s) == (before.seen_s, before.present_s)
    assert [(own.since, own.until) for own in effect.meanwhile] == [(at("07:52", day), at("10:00", day))]


@pytest.mark.parametrize(
    ("to", "reason", "code"),
    [(BUDI, "x", "visit_same"), (99, "x", "employee_unknown"), (AYU, " ", "reason_missing")],
)
def test_what_is_refused(week: Week, to: int, reason: str, code: str) -> None:
    site, day = week
    written = everything(site)
    visit = visits_on(site, BUDI, day)[0].id
    assert refusal(lambda: move(site, visit, to, reason)) == code
    assert refusal(lambda: move(site, 4711, to, "x")) == "visit_unknown"
    assert everything(site) == written


def test_an_open_visit_is_the_worker_s(week: Week) -> None:
    site, _day = week
    visit = site.seed.visit(BUDI, site.now - timedelta(minutes=5), site.now, open_=True)
    assert refusal(lambda: move(site, visit, AYU)) == "visit_open"


def test_a_locked_month_is_refused_in_one_sentence(week: Week) -> None:
    site, day = week
    site.seed.add(MonthLock(month=day.replace(day=1), locked_at=site.now, locked_by="hr"))
    written, visits = everything(site), len(rows(site, Visit))
    number = unknown_face(site.seed, 7, at("07:58", day), at("08:20", day))
    assert refusal(lambda: name(site, [number], CITRA)) == "month_locked"
    assert refusal(lambda: move(site, visits_on(site, BUDI, day)[0].id, CITRA)) == "month_locked"
    assert (everything(site), len(rows(site, Visit))) == (written, visits)
    assert face(site.seed, number).state == "open"


def test_a_day_of_other_rules_is_judged_again_first(week: Week) -> None:
    site, day = week
    old = day - ONE_DAY
    with Session(site.engine) as session, session.begin():
        row = session.scalars(
            select(JudgedDay).where(JudgedDay.employee_id == BUDI, JudgedDay.day == old)
        ).one()
        row.status = "present"
    visit = visits_on(site, BUDI, old)[0]
    assert refusal(lambda: move(site, visit.id, None)) == "correction_rules_changed"


def test_corrections_stay(week: Week) -> None:
    site, day = week
    correct(site, CITRA, day, Entry("was there", status="leave"), "hr")
    number = unknown_face(site.seed, 7, at("07:58", day), at("08:20", day))
    name(site, [number], CITRA)
    row = day_of(site, CITRA, day)
    assert row is not None
    assert (row.status, row.first_in_at) == ("leave", at("07:58", day))


def test_the_night_before_belongs_to_its_own_day(week: Week) -> None:
    """Faces on both sides of midnight: each visit is of the day on which it begins."""
    site, day = week
    faces = [
        unknown_face(site.seed, 7, at("23:30", day - ONE_DAY), at("23:40", day - ONE_DAY)),
        unknown_face(site.seed, 7, at("06:00", day), at("06:10", day)),
    ]
    name(site, faces, FAJAR)
    assert len(visits_on(site, FAJAR, day)) == 1
    assert again(site, day) == 0


def test_faces_that_somebody_decided_on_are_refused(week: Week) -> None:
    site, day = week
    number = unknown_face(site.seed, 7, at("07:58", day), at("08:20", day))
    name(site, [number], CITRA)
    assert refusal(lambda: name(site, [number], BUDI)) == "unknown_decided"
    assert refusal(lambda: name(site, [], BUDI)) == "unknown_none"


def test_who_is_away_was_last_seen_where_his_visits_say(week: Week) -> None:
    site, day = week
    number = unknown_face(site.seed, 7, at("20:00", day), at("20:10", day), camera_id=2)
    name(site, [number], CITRA)
    with Session(site.engine) as session:
        presence = session.get(Presence, CITRA)
        assert presence is not None
        assert presence.state == PresenceState.OFF
    [visit] = visits_on(site, CITRA, day)
    move(site, visit.id, None)
    with Session(site.engine) as session:
        presence = session.get(Presence, CITRA)
        assert presence is not None
        assert presence.last_seen_at != at("20:10", day)


def test_who_is_inside_stays_inside_when_a_later_visit_becomes_his(week: Week) -> None:
    site, _day = week
    now = site.now
    site.seed.visit(AYU, now - timedelta(hours=2), now, open_=True)
    mistaken = site.seed.visit(BUDI, now - timedelta(minutes=50), now - timedelta(minutes=40))
    move(site, mistaken, AYU)
    with Session(site.engine) as session:
        found = {row.employee_id: row for row in muster(session, now).rows}
    assert found[AYU].belief == "inside"
    assert BUDI not in found


def test_the_worker_goes_on_where_a_face_of_the_same_moment_was_named(week: Week) -> None:
    """A track that is named by hand and wins its name later: its visit begins where the named one does."""
    from core.domain.events import VisitOpened
    from core.domain.states import EvidenceKind
    from core.storage.facts import EvidencePicture

    site, day = week
    start = at("20:00", day)
    number = unknown_face(site.seed, 7, start, start + timedelta(minutes=5))
    name(site, [number], AYU)
    picture = EvidencePicture(
        AYU, start, EvidenceKind.ARRIVAL, 1, start, "data/evidence/x.jpg", "0", 0.9, None, None, 1.0, "open"
    )
    batch = FactBatch(presence=[VisitOpened(AYU, 1, start, start + timedelta(minutes=6))], pictures=[picture])
    with Session(site.engine) as session, session.begin():
        record(session, batch, attendance_rules(site.parameters))
    named, own = visits_on(site, AYU, day)[-2:]
    assert (named.origin, own.origin, own.departed_at) == ("named", "worker", None)
    [shot] = rows(site, Evidence, Evidence.path == "data/evidence/x.jpg")
    assert shot.visit_id == own.id
    row = day_of(site, AYU, day)
    assert row is not None


def test_the_worker_s_picture_goes_into_its_own_visit_beside_one_that_was_given(week: Week) -> None:
    """Budi was taken for Ayu from the same moment on; his visit was given to her while hers went on."""
    from core.domain.states import EvidenceKind
    from core.storage.facts import EvidencePicture

    site, _day = week
    start = site.now - timedelta(minutes=20)
    own = site.seed.visit(AYU, start, site.now, open_=True)
    given = site.seed.visit(BUDI, start, start + timedelta(minutes=5))
    move(site, given, AYU)
    path = "data/evidence/x.jpg"
    kind, about = EvidenceKind.DEPARTURE, (path, "0", 0.9, None, None, 1.0, "open")
    batch = FactBatch(pictures=[EvidencePicture(AYU, start, kind, 1, site.now, *about)])
    with Session(site.engine) as session, session.begin():
        record(session, batch, attendance_rules(site.parameters))
    [shot] = rows(site, Evidence, Evidence.path == path)
    assert shot.visit_id == own


def ago(site: DaysSite, minutes: int) -> datetime:
    return site.now - timedelta(minutes=minutes)


def test_a_face_beyond_an_open_visit_is_not_lost(week: Week) -> None:
    """The worker ends a visit where it saw the person last; a camera that did not know her saw her later."""
    site, _day = week
    site.seed.visit(CITRA, ago(site, 60), ago(site, 20), open_=True)
    number = unknown_face(site.seed, 7, ago(site, 25), ago(site, 2))
    with Session(site.engine) as session, session.begin():
        told = naming.preview(session, [number], CITRA, deed(site))
    named = name(site, [number], CITRA)
    assert named == told
    assert named.visits == 1
    left = VisitClosed(CITRA, ago(site, 20), VisitClosedBy.TIMEOUT)
    with Session(site.engine) as session, session.begin():
        record(session, FactBatch(presence=[left]), attendance_rules(site.parameters))
    own = rows(site, Visit, Visit.employee_id == CITRA, Visit.arrived_at >= ago(site, 60))
    spans = [(visit.arrived_at, visit.departed_at) for visit in own]
    assert spans == [(ago(site, 60), ago(site, 20)), (ago(site, 20), ago(site, 2))]
    [attendance] = rows(site, Attendance, Attendance.employee_id == CITRA)[-1:]
    assert attendance.last_out_at == ago(site, 2)


def test_an_open_visit_that_grows_over_a_named_one_counts_once(week: Week) -> None:
    site, day = week
    site.seed.visit(CITRA, at("09:00", day), at("09:30", day), open_=True)
    with Session(site.engine) as session, session.begin():
        judged_days.store(session, site.judged(day, day), site.now, also_final=True)
    name(site, [unknown_face(site.seed, 7, at("09:32", day), at("09:50", day))], CITRA)
    seen = VisitExtended(CITRA, 1, at("09:30", day), at("10:00", day))
    left = VisitClosed(CITRA, at("10:00", day), VisitClosedBy.TIMEOUT)
    with Session(site.engine) as session, session.begin():
        record(session, FactBatch(presence=[seen, left]), attendance_rules(site.parameters))
    assert len(visits_on(site, CITRA, day)) == 2
    [one] = [found.work for found in site.judged(day, day) if found.employee_id == CITRA]
    assert (one.first_in_at, one.last_out_at) == (at("09:00", day), at("10:00", day))
    assert one.seen == timedelta(hours=1)
    again(site, day)
    written = everything(site)
    assert again(site, day) == 0
    assert everything(site) == written


def test_cameras_of_a_named_visit(week: Week) -> None:
    site, day = week
    faces = [
        unknown_face(site.seed, 7, at("20:00", day), at("20:04", day)),
        unknown_face(site.seed, 7, at("20:02", day), at("20:09", day), camera_id=2),
    ]
    name(site, faces, CITRA)
    [visit] = visits_on(site, CITRA, day)
    assert (visit.camera_id, visit.last_camera_id, visit.last_seen_at) == (1, 2, at("20:09", day))
    with Session(site.engine) as session:
        seen = session.execute(
            select(VisitCamera.camera_id, VisitCamera.first_seen_at, VisitCamera.last_seen_at).where(
                VisitCamera.visit_id == visit.id
            )
        ).all()
    assert [tuple(row) for row in seen] == [
        (1, at("20:00", day), at("20:04", day)),
        (2, at("20:02", day), at("20:09", day)),
    ]
