from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.domain.attendance import VisitFact, project
from core.domain.schedule import attendance_day

JAKARTA = ZoneInfo("Asia/Jakarta")


def at_midnight(zone: ZoneInfo) -> Callable[[datetime], date]:
    return partial(attendance_day, zone=zone)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA).astimezone(UTC)


def visit(visit_id: int, start: str, end: str, *, is_open: bool = False) -> VisitFact:
    return VisitFact(visit_id, local(start), local(end), None if is_open else local(end))


def test_no_visit_no_day():
    assert project([], at_midnight(JAKARTA), 30) == []


def test_first_in_and_last_out_span_the_days_visits():
    (day,) = project(
        [
            visit(2, "2026-11-23 13:00", "2026-11-23 17:05"),
            visit(1, "2026-11-23 07:58", "2026-11-23 12:01"),
        ],
        at_midnight(JAKARTA),
        30,
    )
    assert day.attendance_date == date(2026, 11, 23)
    assert (day.first_in_at, day.first_in_visit_id) == (local("2026-11-23 07:58"), 1)
    assert (day.last_out_at, day.last_out_visit_id) == (local("2026-11-23 17:05"), 2)
    assert day.last_out_final_at == local("2026-11-23 17:05:30")
    assert day.visit_count == 2


def test_while_somebody_is_present_last_out_is_provisional():
    (day,) = project(
        [visit(1, "2026-11-23 08:00", "2026-11-23 09:00", is_open=True)], at_midnight(JAKARTA), 30
    )
    assert day.last_out_at == local("2026-11-23 09:00")
    assert day.last_out_final_at is None


def test_a_visit_over_midnight_belongs_to_the_day_on_which_it_began():
    days = project(
        [
            visit(1, "2026-11-23 22:00", "2026-11-24 06:00"),
            visit(2, "2026-11-24 22:00", "2026-11-24 23:00"),
        ],
        at_midnight(JAKARTA),
        0,
    )
    assert [d.attendance_date for d in days] == [date(2026, 11, 23), date(2026, 11, 24)]
    assert days[0].last_out_at == local("2026-11-24 06:00")


def test_the_day_may_follow_a_shift_instead_of_midnight():
    days = project(
        [
            visit(1, "2026-11-23 22:00", "2026-11-24 02:00"),
            visit(2, "2026-11-24 03:00", "2026-11-24 06:00"),
        ],
        lambda at: (at - timedelta(hours=12)).astimezone(JAKARTA).date(),
        0,
    )
    assert [(d.attendance_date, d.visit_count) for d in days] == [(date(2026, 11, 23), 2)]
    assert days[0].last_out_at == local("2026-11-24 06:00")


def test_the_day_is_cut_in_the_sites_zone():
    early = VisitFact(
        1, datetime(2026, 11, 23, 17, 30, tzinfo=UTC), datetime(2026, 11, 23, 18, tzinfo=UTC), None
    )
    assert project([early], at_midnight(JAKARTA), 0)[0].attendance_date == date(2026, 11, 24)
    assert project([early], at_midnight(ZoneInfo("UTC")), 0)[0].attendance_date == date(2026, 11, 23)


starts = st.lists(st.tuples(st.integers(0, 5 * 86_400), st.integers(0, 4 * 3600)), max_size=20)


@given(starts)
def test_projection_covers_every_visit_once_whatever_their_order(spans):
    base = datetime(2026, 3, 28, tzinfo=UTC)
    visits = [
        VisitFact(
            i, base + timedelta(seconds=s), base + timedelta(seconds=s + d), base + timedelta(seconds=s + d)
        )
        for i, (s, d) in enumerate(spans)
    ]
    zone = ZoneInfo("Europe/Berlin")
    days = project(visits, at_midnight(zone), 30)
    assert project(reversed(visits), at_midnight(zone), 30) == days
    assert sum(day.visit_count for day in days) == len(visits)
    for day in days:
        own = [v for v in visits if attendance_day(v.arrived_at, zone) == day.attendance_date]
        assert day.first_in_at == min(v.arrived_at for v in own)
        assert day.last_out_at == max(v.last_seen_at for v in own)
