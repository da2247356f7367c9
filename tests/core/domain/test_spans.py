"""Span arithmetic against the same done minute by minute on sets."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain.spans import Span, clip, difference, duration, intersection, union

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
minutes = st.integers(0, 30)
ragged = st.lists(st.tuples(minutes, minutes).map(lambda pair: (at(pair[0]), at(pair[1]))), max_size=6)


def at(minute: int) -> datetime:
    return ZERO + minute * MINUTE


def held(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    return {m for m in range(31) for start, end in spans if start <= at(m) < end}


def is_tidy(spans: tuple[Span, ...]) -> bool:
    """Sorted, none empty, none touching the next."""
    bounds = [bound for span in spans for bound in span]
    return bounds == sorted(set(bounds))


@given(ragged, ragged)
def test_they_are_sets(first, second):
    a, b = union(first), union(second)
    assert is_tidy(a)
    assert held(a) == held(first)
    assert held(union(first, second)) == held(first) | held(second)
    assert held(intersection(a, b)) == held(a) & held(b)
    assert held(difference(a, b)) == held(a) - held(b)
    assert is_tidy(intersection(a, b)) and is_tidy(difference(a, b))
    assert duration(difference(a, b)) + duration(intersection(a, b)) == duration(a)
    assert duration(a) == len(held(a)) * MINUTE


@given(ragged, minutes, minutes)
def test_a_clip_is_what_lies_between(spans, start, end):
    assert held(clip(union(spans), at(start), at(end))) == held(spans) & set(range(start, end))
