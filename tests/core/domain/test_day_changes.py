"""What changes between two judgements, and days in whole seconds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain.day_changes import FigureChange, changes, deciding, in_whole_seconds
from core.domain.states import DayStatus
from core.domain.workday import Reason, WorkDay

NONE = timedelta()
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
ABSENT = WorkDay(
    day=date(2026, 11, 23),
    status=DayStatus.ABSENT,
    is_final=True,
    first_in_at=None,
    last_out_at=None,
    working=timedelta(hours=8),
    present=NONE,
    seen=NONE,
    not_seen=timedelta(hours=8),
    not_observable=NONE,
    late_by=NONE,
    left_early_by=NONE,
    overtime=NONE,
    coverage=1.0,
    timeline=(),
    reasons=(Reason("not_seen", {"coverage": 1.0}),),
)


def test_every_figure_that_differs_is_told_in_order() -> None:
    after = replace(
        ABSENT, status=DayStatus.LATE, first_in_at=AT, late_by=timedelta(hours=1), reasons=(Reason("late"),)
    )
    assert changes(ABSENT, after) == [
        FigureChange("status", DayStatus.ABSENT, DayStatus.LATE),
        FigureChange("first_in_at", None, AT),
        FigureChange("late_by", NONE, timedelta(hours=1)),
    ]
    assert changes(after, after) == []


def test_a_day_without_row_changes_in_all_that_it_has() -> None:
    told = {change.figure: change.before for change in changes(None, ABSENT)}
    assert told["status"] is None
    assert "first_in_at" not in told, "there is none before and none after"


def test_the_rules_that_are_new_decide() -> None:
    after = replace(ABSENT, reasons=(*ABSENT.reasons, Reason("overtime")))
    assert deciding(ABSENT, after) == (Reason("overtime"),)
    assert deciding(ABSENT, ABSENT) == ABSENT.reasons
    assert deciding(None, ABSENT) == ABSENT.reasons


PARTS = st.integers(0, 8 * 3600 * 1_000_000).map(lambda n: timedelta(microseconds=n))


@given(PARTS, PARTS, PARTS)
def test_in_whole_seconds_the_parts_still_sum_up(seen: timedelta, unseen: timedelta, dark: timedelta) -> None:
    work = in_whole_seconds(
        replace(ABSENT, working=seen + unseen + dark, seen=seen, not_seen=unseen, not_observable=dark)
    )
    parts = (work.seen, work.not_seen, work.not_observable)
    assert sum(parts, NONE) == work.working
    for exact, whole in zip((seen, unseen, dark), parts, strict=True):
        assert whole.microseconds == 0
        assert abs(whole - exact) < timedelta(seconds=1)
        assert exact or not whole, "nothing does not become a second"
    assert in_whole_seconds(work) == work


def test_durations_of_reasons_are_rounded_too() -> None:
    work = replace(ABSENT, reasons=(Reason("late", {"by": timedelta(seconds=1.7), "start_at": AT}),))
    assert in_whole_seconds(work).reasons[0].params == {"by": timedelta(seconds=1), "start_at": AT}
    assert in_whole_seconds(replace(ABSENT, working=NONE, not_seen=NONE)).coverage is None
