"""Sets of instants as sorted, disjoint, half-open spans: the arithmetic of everything that lasts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
"""From an aware instant, inclusive, to another, exclusive."""

Spans = tuple[Span, ...]


def union(*sets: Iterable[Span]) -> Spans:
    """What is in any of them, in whatever order their spans come; empty spans vanish."""
    merged: list[Span] = []
    for start, end in sorted(span for spans in sets for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(first: Sequence[Span], second: Sequence[Span]) -> Spans:
    """What is in both; each is sorted and disjoint, as `union` gives them."""
    result: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if start < end:
            result.append((start, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def difference(spans: Sequence[Span], taken: Sequence[Span]) -> Spans:
    """What is in `spans` and not in `taken`; each is sorted and disjoint."""
    result: list[Span] = []
    j = 0
    for start, end in spans:
        at = start
        while j < len(taken) and taken[j][1] <= at:
            j += 1
        k = j
        while k < len(taken) and taken[k][0] < end:
            if at < taken[k][0]:
                result.append((at, taken[k][0]))
            at = max(at, taken[k][1])
            k += 1
        if at < end:
            result.append((at, end))
    return tuple(result)


def clip(spans: Sequence[Span], start: datetime, end: datetime) -> Spans:
    """What lies between two instants; nothing where they are in the wrong order."""
    return intersection(spans, ((start, end),)) if start < end else ()


def duration(spans: Iterable[Span]) -> timedelta:
    """Of all of them together; they are disjoint."""
    return sum((end - start for start, end in spans), timedelta())
