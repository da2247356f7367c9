"""What a face that was named afterwards adds to a person's visits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.named_visits import added_visits
from core.domain.spans import Span, duration, intersection, union

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
GRACE = timedelta(seconds=30)

Seconds = tuple[int, int]


def spans(*seconds: Seconds) -> list[Span]:
    return [(START + timedelta(seconds=a), START + timedelta(seconds=b)) for a, b in seconds]


@pytest.mark.parametrize(
    ("visits", "faces", "added"),
    [
        ([], [(0, 10)], [(0, 10)]),
        ([], [(0, 10), (40, 50)], [(0, 50)]),  # as near as the grace
        ([], [(0, 10), (41, 50)], [(0, 10), (41, 50)]),
        ([], [(40, 50), (0, 10), (5, 12)], [(0, 50)]),
        ([(0, 100)], [(10, 20)], []),
        ([(0, 100)], [(0, 100)], []),
        ([(0, 100)], [(90, 120)], [(100, 120)]),
        ([(100, 200)], [(90, 120)], [(90, 100)]),
        ([(100, 200)], [(50, 300)], [(50, 100), (200, 300)]),
        ([(100, 200)], [(0, 75)], [(0, 100)]),  # up to the next visit: he was not away for long enough
        ([(100, 200)], [(0, 69)], [(0, 69)]),
        ([(100, 200)], [(225, 300)], [(200, 300)]),
        ([(0, 10), (50, 60)], [(20, 40)], [(10, 50)]),
        ([(20, 30)], [(0, 10), (40, 50)], [(0, 20), (30, 50)]),  # a visit lies between them
        ([], [(5, 5)], [(5, 5)]),  # seen once
        ([(0, 10)], [(5, 5)], []),
        ([(0, 10)], [(10, 10)], []),
        ([(5, 5)], [(5, 5)], []),
        ([(5, 5)], [(0, 10)], [(0, 5), (5, 10)]),
        ([(0, 100), (50, 150)], [(120, 160)], [(150, 160)]),  # visits that overlap already
    ],
)
def test_table(visits: list[Seconds], faces: list[Seconds], added: list[Seconds]) -> None:
    assert added_visits(spans(*visits), spans(*faces), GRACE) == spans(*added)


several = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 90)).map(lambda drawn: (drawn[0], sum(drawn))), max_size=6
)


@given(several, several)
def test_nothing_is_counted_twice_and_nothing_is_lost(visits: list[Seconds], faces: list[Seconds]) -> None:
    own, shown = union(spans(*visits)), union(spans(*faces))
    added = added_visits(spans(*visits), spans(*faces), GRACE)
    assert intersection(union(added), own) == ()
    assert duration(union(added)) == sum((end - start for start, end in added), timedelta())
    assert intersection(union(own, added), shown) == shown, "every moment of a face is in some visit"
    extra = duration(union(own, added)) - duration(union(own, shown))
    assert extra <= GRACE * 2 * (len(faces) + len(visits)), "and no more than gaps within the grace"


@given(several, several)
def test_naming_the_same_again_adds_nothing(visits: list[Seconds], faces: list[Seconds]) -> None:
    added = added_visits(spans(*visits), spans(*faces), GRACE)
    assert added_visits([*spans(*visits), *added], spans(*faces), GRACE) == []


@given(several, several, st.integers(0, 5))
def test_the_order_does_not_matter(visits: list[Seconds], faces: list[Seconds], turn: int) -> None:
    turned = faces[turn:] + faces[:turn]
    assert added_visits(spans(*visits), spans(*faces), GRACE) == added_visits(
        spans(*visits), spans(*turned), GRACE
    )
