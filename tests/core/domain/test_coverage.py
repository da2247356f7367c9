from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.coverage import CoverageInterval, CoverageLedger, max_gap_s
from core.domain.states import CoverageState

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
OBSERVING, UNREACHABLE = CoverageState.OBSERVING, CoverageState.UNREACHABLE


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def watched(ledger: CoverageLedger, camera_id: int, start: float, end: float) -> None:
    """Analyses a frame every half second."""
    steps = round((end - start) * 2)
    for i in range(steps + 1):
        ledger.analysed(camera_id, at(start + i / 2))


def spans(changes: list[CoverageInterval]) -> list[tuple[str, float, float]]:
    return [
        (c.state.value, (c.started_at - START).total_seconds(), (c.ended_at - START).total_seconds())
        for c in changes
    ]


def test_frames_close_together_make_one_interval():
    ledger = CoverageLedger()
    watched(ledger, 1, 0, 4)
    assert spans(ledger.analysed(1, at(5))) == [("observing", 0, 5)]
    assert ledger.observing(1)


def test_a_pause_longer_than_the_gap_is_not_covered():
    ledger = CoverageLedger(max_gap_s=3)
    watched(ledger, 1, 0, 10)
    changes = ledger.analysed(1, at(20))
    assert spans(changes) == [("observing", 0, 10), ("not_analysed", 10, 20), ("observing", 20, 20)]
    assert ledger.observed_s([1], at(0), at(30)) == 10


def test_a_camera_that_is_asked_for_few_frames_observes_between_them():
    ledger = CoverageLedger()
    ledger.set_max_gap(1, max_gap_s(fps_target=0.1, frame_skip=0))
    ledger.analysed(1, at(0))
    assert ledger.silent(1, UNREACHABLE, at(12)) == []
    ledger.analysed(1, at(20))
    assert ledger.observed_s([1], at(0), at(20)) == 20


@pytest.mark.parametrize(("fps", "skip", "gap_s"), [(5, 0, 3), (0.5, 0, 5), (25, 0, 3), (25, 40, 10.25)])
def test_the_largest_gap_follows_the_rate(fps, skip, gap_s):
    assert max_gap_s(fps, skip) == pytest.approx(gap_s)


def test_an_outage_begins_at_the_last_frame_and_ends_at_the_next():
    ledger = CoverageLedger(max_gap_s=3)
    watched(ledger, 1, 0, 10)
    assert ledger.silent(1, UNREACHABLE, at(12)) == []
    assert spans(ledger.silent(1, UNREACHABLE, at(14))) == [("observing", 0, 10), ("unreachable", 10, 14)]
    assert spans(ledger.silent(1, UNREACHABLE, at(16))) == [("unreachable", 10, 16)]
    assert not ledger.observing(1)
    changes = ledger.analysed(1, at(17))
    assert spans(changes) == [("unreachable", 10, 17), ("observing", 17, 17)]


def test_a_cause_that_changes_makes_a_new_interval():
    ledger = CoverageLedger(max_gap_s=3)
    ledger.silent(1, CoverageState.CONNECTING, at(0))
    changes = ledger.silent(1, CoverageState.UNAUTHORISED, at(2))
    assert spans(changes) == [("connecting", 0, 2), ("unauthorised", 2, 2)]


def test_several_cameras_count_only_while_all_observe():
    ledger = CoverageLedger()
    watched(ledger, 1, 0, 10)
    watched(ledger, 2, 5, 15)
    assert ledger.observed_s([1, 2], at(0), at(20)) == 5
    assert ledger.observed_s([1], at(2), at(4)) == 2
    assert ledger.observed_s([], at(0), at(20)) == 0
    assert ledger.observed_s([1, 3], at(0), at(20)) == 0


def test_interrupted_cameras_count_only_where_their_intervals_meet():
    ledger = CoverageLedger(max_gap_s=1)
    for start, end in ((0, 10), (20, 30), (40, 50)):
        watched(ledger, 1, start, end)
    for start, end in ((5, 8), (12, 25), (32, 38), (45, 60)):
        watched(ledger, 2, start, end)
    assert ledger.observed_s([1, 2], at(0), at(60)) == 3 + 5 + 5


def test_the_frontier_is_the_oldest_last_frame_of_observing_cameras():
    ledger = CoverageLedger()
    watched(ledger, 1, 0, 10)
    watched(ledger, 2, 0, 9)
    assert ledger.frontier([1, 2], at(11)) == at(9)
    assert ledger.frontier([3], at(11)) == at(11)


def test_a_recorded_past_counts_after_a_restart():
    ledger = CoverageLedger()
    ledger.restore(
        [
            CoverageInterval(1, OBSERVING, at(0), at(10)),
            CoverageInterval(1, CoverageState.WORKER_STOPPED, at(10), at(60)),
        ]
    )
    watched(ledger, 1, 60, 65)
    assert ledger.observed_s([1], at(5), at(65)) == 10


def test_pruning_forgets_what_ended_before():
    ledger = CoverageLedger(max_gap_s=1)
    watched(ledger, 1, 0, 10)
    watched(ledger, 1, 20, 30)
    watched(ledger, 1, 40, 50)
    ledger.prune(at(15))
    assert ledger.observed_s([1], at(0), at(60)) == 20


def test_a_forgotten_camera_observes_nothing():
    ledger = CoverageLedger()
    watched(ledger, 1, 0, 10)
    ledger.forget(1)
    assert not ledger.observing(1)
    assert ledger.observed_s([1], at(0), at(10)) == 0


@given(st.lists(st.floats(0, 8), min_size=1, max_size=40), st.floats(0, 100), st.floats(0, 100))
def test_observed_time_is_never_more_than_time_and_adds_up(pauses, first, second):
    ledger = CoverageLedger(max_gap_s=3)
    now = 0.0
    expected = 0.0
    ledger.analysed(1, at(0))
    for pause in pauses:
        covered = pause <= 3
        expected += round(pause, 6) if covered else 0
        now += round(pause, 6)
        ledger.analysed(1, at(now))
    total = ledger.observed_s([1], at(0), at(now))
    assert total == pytest.approx(expected, abs=1e-3)
    start, end = sorted((first, second))
    middle = (start + end) / 2
    parts = ledger.observed_s([1], at(start), at(middle)) + ledger.observed_s([1], at(middle), at(end))
    assert parts == pytest.approx(ledger.observed_s([1], at(start), at(end)), abs=1e-3)
    assert parts <= end - start + 1e-6


def test_frames_that_show_nobody_are_no_coverage_and_say_why():
    ledger = CoverageLedger(max_gap_s=3)
    watched(ledger, 1, 0, 10)
    assert ledger.blind(1, CoverageState.COVERED, at(12)) == [], "a hand that passes is no gap"
    changes = ledger.blind(1, CoverageState.COVERED, at(14))
    assert spans(changes) == [("observing", 0, 10), ("covered", 10, 14)]
    assert ledger.silent(1, CoverageState.NOT_ANALYSED, at(16)) == [], "frames still come"
    assert spans(ledger.blind(1, CoverageState.TOO_DARK, at(16))) == [
        ("covered", 10, 16),
        ("too_dark", 16, 16),
    ]
    assert spans(ledger.silent(1, UNREACHABLE, at(20))) == [("too_dark", 16, 20), ("unreachable", 20, 20)]
    assert not ledger.observing(1)
    ledger.forget(1)
    assert spans(ledger.silent(1, UNREACHABLE, at(18))) == [("unreachable", 18, 18)]


def test_what_a_clock_that_was_set_back_recorded_twice_counts_once():
    ledger = CoverageLedger()
    ledger.restore(
        [
            CoverageInterval(1, OBSERVING, at(0), at(100)),
            CoverageInterval(1, OBSERVING, at(40), at(140)),
            CoverageInterval(1, OBSERVING, at(10), at(20)),
        ]
    )
    assert ledger.observed_s([1], at(0), at(200)) == 140
    assert ledger.observed_s([1], at(50), at(60)) == 10


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50)), max_size=30), st.integers(0, 300))
def test_any_part_of_the_past_is_found(spans_s, start):
    ledger = CoverageLedger()
    ledger.restore(CoverageInterval(1, OBSERVING, at(a), at(a + length)) for a, length in spans_s)
    covered = {second for a, length in spans_s for second in range(a, a + length)}
    assert ledger.observed_s([1], at(start), at(start + 60)) == len(covered & set(range(start, start + 60)))
