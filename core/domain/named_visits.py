"""Where the time goes in which a face was seen that somebody named afterwards.

Visits that are there already stay as they are: the worker wrote them. What a face adds lies between them,
and where no more than the departure grace is missing to one of them, it reaches up to it, as a visit would
have gone on. So nothing is counted twice, and taking the name back takes exactly what it had added.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from core.domain.spans import Span


def added_visits(visits: Iterable[Span], faces: Iterable[Span], grace: timedelta) -> list[Span]:
    """The visits that `faces`, from first to last sighting each, add to a person's `visits`, in order.

    Both come in any order and may overlap among themselves. No added visit overlaps another or one of
    `visits`; faces no more than `grace` apart make one, unless a visit lies between them. A face that was
    seen once only, outside of every visit, adds a visit that lasts no time.
    """
    own = _joined(visits, timedelta())
    added: list[Span] = []
    for span in _joined(faces, grace):
        added += _outside(span, own)
    return [_stretched(span, own, grace) for span in added]


def _joined(spans: Iterable[Span], gap: timedelta) -> list[Span]:
    """In order, those not more than `gap` apart as one. Unlike `spans.union` it keeps what lasts no time."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _outside(span: Span, visits: Sequence[Span]) -> list[Span]:
    """What of `span` lies in none of the visits, which are in order and apart."""
    start, end = span
    if any(since <= start and end <= until for since, until in visits):
        return []
    pieces = []
    for since, until in visits:
        if until <= start or end <= since:
            continue
        if start < since:
            pieces.append((start, since))
        start = max(start, until)
    if start < end or (not pieces and start == span[0]):
        pieces.append((start, end))
    return pieces


def _stretched(span: Span, visits: Sequence[Span], grace: timedelta) -> Span:
    """Up to the visit before and the one after, where they are near enough."""
    start, end = span
    before = max((until for _, until in visits if until <= start), default=None)
    after = min((since for since, _ in visits if since >= end), default=None)
    if before is not None and start - before <= grace:
        start = before
    if after is not None and after - end <= grace:
        end = after
    return start, end
