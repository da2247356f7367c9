"""What people do: when they come and go by day, and what the cameras make of it.

A visit ends where nothing observed the workplace for longer than a quarter of an hour, as the worker ends it.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from benchmarks.month.outages import dark
from benchmarks.month.scenario import Month, Person, Stay
from benchmarks.month.site import GATE, WORKPLACES
from benchmarks.month.truth import ONE_DAY, Due, Truth

Span = tuple[int, int]
BRIDGED_S = 15 * 60
SHORTEST_S = 20
HABITS = Counter(
    punctual=40, in_grace=8, late=9, very_late=3, early_leave=7, half_day=4, absent=7, lunch_out=9,
    errands=6, overtime=8, until_late=3, out_of_hours=1, glimpse=1, to_the_minute=3, back_later=2,
)  # fmt: skip


class Crowd:
    """Everybody's visits in a month whose plans are made."""

    def __init__(self, month: Month, rng: random.Random) -> None:
        self._month, self._rng = month, rng
        self._truth = Truth(month)
        self._dark = {camera.number: dark(month.watches, camera.number) for camera in month.cameras}
        self._removed = {camera.number: camera.removed_s for camera in month.cameras}

    def stays(self, first: date, last: date) -> tuple[Stay, ...]:
        """In order of person and time."""
        return tuple(stay for person in self._month.people for stay in self._of(person, first, last))

    def _of(self, person: Person, first: date, last: date) -> Iterator[Stay]:
        workplace = self._rng.choice(WORKPLACES[person.department])
        free_after = 0
        for number in range((last - first) // ONE_DAY + 1):
            day = first + timedelta(number)
            for span in self._within(person, day, self._day(person, day)):
                for stay in self._recorded(person, (max(span[0], free_after), span[1]), workplace):
                    yield stay
                    free_after = stay.end_s + 60

    def _day(self, person: Person, day: date) -> list[Span]:
        """When he was there, in order."""
        due = self._truth.due(person, day)
        if due is None or self._truth.free(person, day):
            is_in = self._rng.random() < 0.06
            start = self._truth.cut(person, day) + self._rng.randrange(3 * 3600, 12 * 3600)
            return [(start, start + self._rng.randrange(1800, 6 * 3600))] if is_in else []
        habit = self._rng.choice(list(HABITS.elements()))
        return self._spans(habit, due)

    def _spans(self, habit: str, due: Due) -> list[Span]:
        rng, length = self._rng, due.end_s - due.start_s
        come, go = due.start_s - rng.randrange(0, 900), due.end_s + rng.randrange(0, 600)
        middle = due.start_s + rng.randrange(length // 3, 2 * length // 3)
        off, on = due.breaks[-1] if due.breaks else (middle, middle + 1800)
        told: dict[str, list[Span]] = {
            "in_grace": [(due.start_s + rng.randrange(0, max(due.late_grace_s, 60) + 1), go)],
            "late": [(due.start_s + due.late_grace_s + rng.randrange(1, 5400), go)],
            "very_late": [(due.start_s + length // 2 + rng.randrange(0, 5400), go)],
            "early_leave": [(come, due.end_s - rng.randrange(0, 5400))],
            "half_day": [(come, middle)],
            "absent": [],
            "lunch_out": [(come, off + rng.randrange(-600, 300)), (on + rng.randrange(-300, 1800), go)],
            "errands": [
                (come, middle - 3600),
                (middle - rng.randrange(600, 3000), middle),
                (middle + rng.randrange(60, 4000), go),
            ],
            "overtime": [(come, due.end_s + rng.randrange(600, 4 * 3600))],
            "until_late": [(come, go), (go + rng.randrange(1800, 7200), go + rng.randrange(9000, 5 * 3600))],
            "out_of_hours": [(due.end_s + rng.randrange(600, 5400), due.end_s + rng.randrange(6000, 9000))],
            "to_the_minute": [(due.start_s + due.late_grace_s, due.end_s - due.early_grace_s)],
            "back_later": [(come, go), (due.end_s + rng.randrange(3 * 3600, 5 * 3600), due.end_s + 5 * 3600)],
            "glimpse": [(come + 5000, come + 5000), (middle, middle)],
        }  # fmt: skip
        return told.get(habit, [(come, go)])

    def _within(self, person: Person, day: date, spans: list[Span]) -> Iterator[Span]:
        """Of a day only, and not into the working time of the next one."""
        start = self._truth.cut(person, day)
        following = self._truth.due(person, day + ONE_DAY)
        end = following.start_s - 120 if following else self._truth.cut(person, day + 2 * ONE_DAY)
        for span in spans:
            came = max(span[0], start)
            if came < min(end, self._truth.cut(person, day + ONE_DAY)) and came <= min(span[1], end):
                yield came, min(span[1], end)

    def _recorded(self, person: Person, span: Span, workplace: int) -> Iterator[Stay]:
        """What is left of a time when his face is known and his camera observes, as visits."""
        removed = self._removed[workplace]
        camera = workplace if removed is None or span[1] < removed else GATE
        for known in self._known(person, span):
            for start, end in _pieces(known, self._dark[camera]):
                is_glimpse = span[0] == span[1]
                if end - start >= SHORTEST_S or is_glimpse:
                    yield Stay(person.code, start, end, tuple(self._cameras(camera, start, end)))

    def _known(self, person: Person, span: Span) -> Iterator[Span]:
        at = span[0]
        for since, until in sorted(person.faces, key=lambda face: face[0]):
            start = max(at, since, person.since_s)
            ends = [one for one in (span[1], until, person.until_s, self._month.now_s) if one is not None]
            if start <= min(ends) and start <= span[1]:
                yield start, min(ends)
                at = min(ends) + 60

    def _cameras(self, camera: int, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """His workplace saw all of it, the gate him coming or going if it could."""
        yield camera, start, end
        passing = [at for at in (start, end) if not any(a <= at < b for a, b in self._dark[GATE])]
        if camera != GATE and passing and self._rng.random() < 0.7:
            yield GATE, passing[0], passing[-1]


def _pieces(span: Span, dark: list[Span]) -> Iterator[Span]:
    """A time without what was dark in it; short darkness is bridged, but nothing begins or ends in it."""
    at = span[0]
    for start, end in dark:
        is_bridged = end - start <= BRIDGED_S and at < start and end < span[1]
        if end <= at or span[1] < start or is_bridged:
            continue
        if at < start:
            yield at, start
        at = end
    if at <= span[1]:
        yield at, span[1]
