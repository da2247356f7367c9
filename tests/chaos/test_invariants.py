"""Each promise is seen to hold where it holds, and its breach to be noticed."""

import pytest

from benchmarks.chaos.invariants import (
    Outage,
    Violation,
    alerts_disagree,
    check_rows,
    departures_not_seen,
    forbidden_changes,
    invented,
    lost_rows,
    moved_first_in,
    outages_uncovered,
    overlapping_coverage,
    overlapping_visits,
    presence_disagrees,
    rebuilt_otherwise,
)
from benchmarks.chaos.rows import TABLES, Row
from tests.chaos.rows_of import alert, at, attendance, coverage, picture, row, rows, visit

OUTAGE = Outage(at(20), at(30), {1: at(19)})


def rules(found: list[Violation]) -> list[tuple[str, str]]:
    return [(one.rule, one.row) for one in found]


def by_id(*given: Row) -> dict[tuple[int, ...], Row]:
    return {(one["id"],): one for one in given}


def test_a_journalled_row_that_is_gone_is_lost():
    journalled = rows(visits=[visit(1, 0, 5), visit(2, 6, 9)])
    assert lost_rows(journalled, journalled) == []
    assert rules(lost_rows(journalled, rows(visits=[visit(2, 6, 9)]))) == [("lost_row", "visits 1")]


def test_a_row_is_known_by_all_columns_of_its_key():
    journalled = rows(visit_cameras=[row("visit_cameras", visit_id=1, camera_id=2)])
    now = rows(visit_cameras=[row("visit_cameras", visit_id=1, camera_id=1)])
    assert rules(lost_rows(journalled, now)) == [("lost_row", "visit_cameras 1/2")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (visit(1, 0, 5, departed=False), visit(1, 0, 7, departed=False)),
        (visit(1, 0, 5, departed=False), visit(1, 0, 7)),
        (visit(1, 0, 5), visit(1, 0, 5)),
        (visit(1, 0, 5), {**visit(1, 0, 5), "last_camera_id": 2}),
    ],
)
def test_a_visit_may_go_on_and_end(before, after):
    assert forbidden_changes(TABLES["visits"], before, after) == []


@pytest.mark.parametrize(
    ("after", "columns"),
    [
        (visit(1, 1, 5), ["arrived_at"]),
        (visit(1, 0, 5, employee=2), ["employee_id"]),
        (visit(1, 0, 4), ["last_seen_at", "departed_at"]),
        (visit(1, 0, 6), ["departed_at"]),
        (visit(1, 0, 5, departed=False), ["departed_at", "closed_by"]),
    ],
)
def test_a_visit_that_ended_is_not_rewritten(after, columns):
    found = forbidden_changes(TABLES["visits"], visit(1, 0, 5), after)
    assert [one.detail.split(":")[0] for one in found] == columns
    assert {(one.rule, one.row) for one in found} == {("rewritten", "visits 1")}


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (picture(1, "departure", 5), picture(1, "departure", 6, "b.jpg"), True),
        (picture(1, "departure", 5), picture(1, "departure", 5, "b.jpg"), False),
        (picture(1, "departure", 5), picture(1, "departure", 4, "b.jpg"), False),
        (picture(1, "arrival", 5), picture(1, "arrival", 6, "b.jpg"), False),
        (picture(1, "arrival", 5), picture(1, "departure", 5), False),
    ],
)
def test_only_a_departure_is_replaced_and_only_by_a_later_one(before, after, allowed):
    assert (forbidden_changes(TABLES["evidence"], before, after) == []) is allowed


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_that_may_not_change_is_watched(name):
    table = TABLES[name]
    before = row(name, **dict.fromkeys(table.columns, 5))
    for column in (*table.fixed, *table.forward, *table.once):
        after = before | {column: 4}
        assert f"{column}: 5 became 4" in [one.detail for one in forbidden_changes(table, before, after)]


def test_the_first_in_of_a_day_stays():
    first = {(1, "2026-11-23"): at(3)}
    assert moved_first_in(first, rows(attendances=[attendance(3, 9)])) == []
    for now in (rows(attendances=[attendance(4, 9, number=2)]), rows(attendances=[attendance(2, 9)]), rows()):
        assert rules(moved_first_in(first, now)) == [("first_in_moved", "employee 1 on 2026-11-23")]


@pytest.mark.parametrize(
    ("visits", "second"),
    [
        ([visit(1, 0, 5), visit(2, 5, 9)], None),
        ([visit(1, 0, 5), visit(2, 4, 9, employee=2)], None),
        ([visit(2, 6, 9, departed=False), visit(1, 0, 5)], None),
        ([visit(1, 0, 5), visit(2, 4.9, 9)], "visits 2"),
        ([visit(1, 0, 5, departed=False), visit(2, 6, 9)], "visits 2"),
        ([visit(1, 0, 5), visit(2, 0, 5)], "visits 2"),
    ],
)
def test_visits_of_one_person_do_not_overlap(visits, second):
    assert rules(overlapping_visits(visits)) == ([("overlapping_visits", second)] if second else [])


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (visit(1, 10, 19, departed=False), True),
        (visit(1, 10, 19), True),
        (visit(1, 10, 31), True),
        (visit(1, 10, 30, departed=False), True),
        (visit(1, 10, 19.5), False),
        (visit(1, 10, 25, departed=False), False),
        (visit(1, 10, 29.9), False),
        (visit(1, 10, 19) | {"departed_at": at(18)}, False),
        (visit(1, 10, 19) | {"departed_at": at(31)}, False),
    ],
)
def test_a_visit_that_was_open_at_a_kill_departs_at_its_last_sighting(now, allowed):
    assert rules(departures_not_seen(by_id(now), [OUTAGE])) == (
        [] if allowed else [("departed_unseen", "visits 1")]
    )


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (rows(visits=[visit(1, 10, 20), visit(2, 30, 35)]), []),
        (rows(visits=[visit(2, 25, 35)]), ["visits 2"]),
        (rows(visits=[visit(2, 10, 25, departed=False)]), ["visits 2"]),
        (rows(evidence=[picture(3, "arrival", 21)]), ["evidence 3"]),
        (rows(events=[row("events", id=4, occurred_at=at(29))]), ["events 4"]),
        (rows(attendances=[attendance(10, 29)]), ["attendances 1"]),
        (rows(visits=[visit(1, 47, 48)]), []),
        (rows(visits=[visit(1, 41, 48)]), ["visits 1"]),
    ],
)
def test_nobody_was_seen_in_an_outage(now, found):
    outages = [OUTAGE, Outage(at(40), at(45))]
    assert [one.row for one in invented(now, outages)] == found


@pytest.mark.parametrize(
    ("state", "visit_id", "seen_s", "allowed"),
    [
        ("available", 2, 9, True),
        ("unobserved", 2, 9, True),
        ("off", 2, 9, False),
        ("available", None, 9, False),
        ("available", 1, 9, False),
        ("available", 2, 5, False),
    ],
)
def test_presence_follows_an_open_visit(state, visit_id, seen_s, allowed):
    presence = {"employee_id": 1, "state": state, "visit_id": visit_id, "last_seen_at": at(seen_s)}
    found = presence_disagrees([presence], [visit(1, 0, 5), visit(2, 6, 9, departed=False)])
    assert rules(found) == ([] if allowed else [("presence", "employee 1")])


@pytest.mark.parametrize(
    ("state", "visit_id", "visits", "allowed"),
    [
        ("off", None, [visit(1, 0, 5)], True),
        ("unobserved", None, [visit(1, 0, 5)], True),
        ("off", None, [visit(1, 0, 5, employee=2)], False),
        ("available", None, [visit(1, 0, 5)], False),
        ("off", 1, [visit(1, 0, 5)], False),
    ],
)
def test_presence_follows_the_last_visit_that_ended(state, visit_id, visits, allowed):
    presence = {"employee_id": 1, "state": state, "visit_id": visit_id, "last_seen_at": at(5)}
    assert (presence_disagrees([presence], visits) == []) is allowed


def test_somebody_who_was_never_seen_is_off():
    never = {"employee_id": 1, "state": "off", "visit_id": None, "last_seen_at": None}
    assert presence_disagrees([never], []) == []
    assert presence_disagrees([never | {"last_seen_at": at(1)}], []) != []


@pytest.mark.parametrize(
    ("alerts", "found"),
    [
        ([alert(1, resolved_s=20), alert(2, resolved_s=None), alert(3, resolved_s=None, employee=2)], []),
        ([alert(1, resolved_s=20, state="open")], ["alert_logs 1"]),
        ([alert(1, resolved_s=None, state="resolved")], ["alert_logs 1"]),
        ([alert(1, resolved_s=None), alert(2, resolved_s=None)], ["employee 1"]),
    ],
)
def test_alerts_have_an_end_when_they_are_resolved_and_are_open_once(alerts, found):
    assert [one.row for one in alerts_disagree(by_id(*alerts))] == found


@pytest.mark.parametrize(
    ("intervals", "found"),
    [
        ([coverage(1, "observing", 0, 20), coverage(2, "worker_stopped", 20, 30)], []),
        ([coverage(1, "observing", 0, 20), coverage(2, "observing", 10, 30, camera=2)], []),
        ([coverage(1, "connecting", 5, 5), coverage(2, "observing", 5, 9)], []),
        ([coverage(1, "observing", 0, 20), coverage(2, "worker_stopped", 19, 30)], ["camera_coverage 2"]),
        ([coverage(1, "observing", 0, 20), coverage(2, "observing", 0, 20)], ["camera_coverage 2"]),
    ],
)
def test_a_camera_is_in_one_state_at_a_time(intervals, found):
    assert [one.row for one in overlapping_coverage(intervals)] == found


@pytest.mark.parametrize(
    ("gap", "found"),
    [
        ([coverage(2, "worker_stopped", 19, 31)], []),
        ([coverage(2, "worker_stopped", 19, 25), coverage(3, "connecting", 25, 31)], []),
        ([], ["camera 1"]),
        ([coverage(2, "observing", 19, 31)], ["camera 1"]),
        ([coverage(2, "worker_stopped", 19, 29)], ["camera 1"]),
        ([coverage(2, "worker_stopped", 21, 31)], ["camera 1"]),
        ([coverage(2, "worker_stopped", 19, 24), coverage(3, "connecting", 25, 31)], ["camera 1"]),
    ],
)
def test_an_outage_is_a_gap_of_every_camera(gap, found):
    before, later = coverage(1, "observing", 0, 19), coverage(9, "observing", 31, 40)
    new_camera = coverage(8, "observing", 35, 40, camera=2)
    assert [one.row for one in outages_uncovered([before, *gap, later, new_camera], [OUTAGE])] == found


def test_a_rebuild_changes_nothing():
    before = by_id(attendance(3, 9))
    assert rebuilt_otherwise(before, by_id(attendance(3, 9))) == []
    for after in (by_id(attendance(3, 8)), by_id(attendance(3, 9, number=2)), {}):
        assert "rebuild_differs" in {one.rule for one in rebuilt_otherwise(before, after)}


def test_all_rows_of_a_moment_are_judged():
    now = rows(
        visits=[visit(1, 0, 25), visit(2, 24, 26)],
        camera_coverage=[coverage(1, "observing", 0, 29), coverage(2, "observing", 28, 40)],
        alert_logs=[alert(1, resolved_s=20, state="open")],
    )
    presence = [{"employee_id": 1, "state": "available", "visit_id": None, "last_seen_at": at(26)}]
    assert {one.rule for one in check_rows(now, presence, [OUTAGE])} == {
        "overlapping_visits",
        "departed_unseen",
        "invented",
        "presence",
        "alert",
        "overlapping_coverage",
        "outage_uncovered",
    }
    quiet = rows(visits=[visit(1, 0, 19)], camera_coverage=[coverage(1, "observing", 0, 19)])
    presence = [{"employee_id": 1, "state": "off", "visit_id": None, "last_seen_at": at(19)}]
    assert check_rows(quiet, presence, []) == []
