"""Who is on the roll call list, by his last visit and what his cameras do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.muster import MAYBE_FOR, Belief, LastVisit, MusterReason, belief
from core.domain.states import PresenceState, VisitClosedBy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
RECENT = NOW - timedelta(hours=1)
LONG_AGO = NOW - MAYBE_FOR - timedelta(seconds=1)
INSIDE, MAYBE = Belief.INSIDE, Belief.MAYBE_INSIDE
AVAILABLE, OFF, UNOBSERVED = PresenceState


def closed(by: VisitClosedBy, at: datetime = RECENT) -> LastVisit:
    return LastVisit(at, by)


OPEN = LastVisit(RECENT, None)


@pytest.mark.parametrize(
    ("visit", "state", "expected"),
    [
        (OPEN, AVAILABLE, (INSIDE, MusterReason.PRESENT)),
        (OPEN, OFF, (INSIDE, MusterReason.PRESENT)),
        (OPEN, None, (INSIDE, MusterReason.PRESENT)),
        (OPEN, UNOBSERVED, (INSIDE, MusterReason.VISIT_UNOBSERVED)),
        (LastVisit(LONG_AGO, None), AVAILABLE, (INSIDE, MusterReason.PRESENT)),
        (closed(VisitClosedBy.TIMEOUT), OFF, None),
        (closed(VisitClosedBy.TIMEOUT), UNOBSERVED, (MAYBE, MusterReason.UNOBSERVED)),
        (closed(VisitClosedBy.UNOBSERVED), OFF, (MAYBE, MusterReason.NOT_SEEN_LEAVING)),
        (closed(VisitClosedBy.UNOBSERVED), UNOBSERVED, (MAYBE, MusterReason.NOT_SEEN_LEAVING)),
        (closed(VisitClosedBy.UNOBSERVED, LONG_AGO), OFF, None),
        (closed(VisitClosedBy.UNOBSERVED, LONG_AGO), UNOBSERVED, (MAYBE, MusterReason.UNOBSERVED)),
        (closed(VisitClosedBy.DEACTIVATED), OFF, (MAYBE, MusterReason.DEACTIVATED)),
        (closed(VisitClosedBy.CLOCK), OFF, (MAYBE, MusterReason.CLOCK)),
        (closed(VisitClosedBy.CLOCK, NOW + timedelta(hours=1)), OFF, (MAYBE, MusterReason.CLOCK)),
        (None, OFF, None),
        (None, None, None),
        (None, UNOBSERVED, (MAYBE, MusterReason.UNOBSERVED)),
    ],
)
def test_what_the_last_facts_say(visit, state, expected):
    assert belief(visit, state, NOW) == expected


visits = st.builds(
    LastVisit,
    st.integers(-(10**6), 10**6).map(lambda s: NOW + timedelta(seconds=s)),
    st.none() | st.sampled_from(list(VisitClosedBy)),
)


@given(st.none() | visits, st.none() | st.sampled_from(list(PresenceState)))
def test_outside_is_only_who_was_seen_to_leave_long_ago_or_never_came(visit, state):
    if belief(visit, state, NOW) is None:
        assert state is not UNOBSERVED
        assert (
            visit is None
            or visit.closed_by is VisitClosedBy.TIMEOUT
            or (visit.closed_by is not None and NOW - visit.last_seen_at > MAYBE_FOR)
        )


@given(st.none() | visits, st.none() | st.sampled_from(list(PresenceState)))
def test_an_open_visit_is_inside_whatever_else_is_known(visit, state):
    believed = belief(visit, state, NOW)
    is_inside = believed is not None and believed[0] is INSIDE
    assert is_inside == (visit is not None and visit.closed_by is None)
