"""What a month amounts to by docs/attendance-rules.md, counted second by second.

Written from the text of the rules and from nothing of the system, and in another way: here every second of a
person's day is a place in a row of yes and no, and a figure is a count of them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.month.clock import shows_at
from benchmarks.month.scenario import DISABLED, OBSERVING, Answer, Camera, Given, Month, Person, Plan, Stay

Row = NDArray[np.bool_]
ONE_DAY = timedelta(days=1)
FOUR_HOURS_S = 4 * 3600
FORTNIGHT_S = 14 * 24 * 3600
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class TrueDay:
    """Figures in seconds. coverage: None without working time."""

    status: str
    first_in_s: int | None
    last_out_s: int | None
    working_s: int
    present_s: int
    seen_s: int
    not_seen_s: int
    not_observable_s: int
    late_s: int
    left_early_s: int
    overtime_s: int
    coverage: float | None


@dataclass(frozen=True, slots=True)
class TrueSums:
    days: Mapping[str, int]
    working_s: int
    present_s: int
    late_times: int
    late_s: int
    left_early_times: int
    left_early_s: int
    overtime_s: int
    missing_s: int
    not_observable_s: int
    coverage: float | None


class Due(NamedTuple):
    """A shift on a day."""

    start_s: int
    end_s: int
    breaks: tuple[tuple[int, int], ...]
    late_grace_s: int
    early_grace_s: int


class Truth:
    """Every figure of a month."""

    def __init__(self, month: Month) -> None:
        self.month = month
        self._plans = {plan.name: plan for plan in month.plans}
        self._stays: dict[str, list[Stay]] = defaultdict(list)
        for stay in month.stays:
            self._stays[stay.person].append(stay)
        self._answers = {(one.person, one.day): one for one in month.answers if one.state == "in_force"}
        self._excused: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for one in month.excused:
            self._excused[one.person].append((one.start_s, one.end_s))
        self._dues: dict[tuple[str, date], Due | None] = {}

    def days(self) -> dict[tuple[str, date], TrueDay]:
        """Of everybody who was employed on it, each day that has begun."""
        found = {}
        for person in self.month.people:
            day = self.month.first
            while day <= self.month.last:
                if self.has(person, day):
                    found[person.code, day] = self.day(person, day)
                day += ONE_DAY
        return found

    def has(self, person: Person, day: date) -> bool:
        """Whether he was employed for any part of a day, and it has begun."""
        start, end = self.cut(person, day), self.cut(person, day + ONE_DAY)
        left = person.until_s is not None and person.until_s <= start
        return start <= self.month.now_s and person.since_s < end and not left

    def due(self, person: Person, day: date) -> Due | None:
        """The shift that begins on a day for somebody; None on a day off."""
        if (person.code, day) not in self._dues:
            self._dues[person.code, day] = self._due(person, day)
        return self._dues[person.code, day]

    def _due(self, person: Person, day: date) -> Due | None:
        for own in (
            [one for one in self.month.given if one.person == person.code],
            [one for one in self.month.given if one.person is None and one.department == person.department],
        ):
            holding = [one for one in own if one.first <= day and (one.last is None or day <= one.last)]
            if holding:
                return self._latest(holding, day)
        spans = self.month.site.hours.get(WEEKDAYS[day.weekday()], ())
        if not spans:
            return None
        site = self.month.site
        pauses = tuple((one[1], other[0]) for one, other in pairwise(spans))
        whole = Plan("", spans[0][0], spans[-1][1], pauses, site.late_grace_min, site.early_grace_min)
        return self._on(whole, day)

    def cut(self, person: Person, day: date) -> int:
        """Where the attendance day begins."""
        midnight = shows_at(self.month.site.zone, day, "00:00")
        before, after = self.due(person, day - ONE_DAY), self.due(person, day)
        if before and after and after.start_s - before.end_s < 2 * FOUR_HOURS_S:
            return (before.end_s + after.start_s) // 2
        if before and midnight < before.end_s + FOUR_HOURS_S:
            return before.end_s + FOUR_HOURS_S
        if after and midnight > after.start_s - FOUR_HOURS_S:
            return after.start_s - FOUR_HOURS_S
        return midnight

    def day(self, person: Person, day: date) -> TrueDay:
        return _Seconds(self, person, day).figures()

    def stays_of(self, person: Person, day: date) -> list[Stay]:
        """Visits that count to a day, in order, each with what of it does."""
        start_s, end_s = self.cut(person, day), self.cut(person, day + ONE_DAY)
        found = []
        for stay in self._stays[person.code]:
            begins_s = stay.start_s
            if begins_s < start_s < stay.end_s and self._reaches(stay, person, day):
                began = day - ONE_DAY  # whichever day it was, nothing parts the days between
                while self.cut(person, began) > stay.start_s:
                    if not self._reaches(stay, person, began):
                        break
                    began -= ONE_DAY
                else:
                    begins_s = start_s
            if start_s <= begins_s < end_s:
                ends_s = end_s if self._reaches(stay, person, day + ONE_DAY) else stay.end_s
                found.append(replace(stay, start_s=begins_s, end_s=ends_s))
        return sorted(found, key=lambda stay: stay.start_s)

    def _reaches(self, stay: Stay, person: Person, day: date) -> bool:
        """Whether a visit goes on into the working time of a day."""
        due = self.due(person, day)
        if due is None or self.free(person, day) is not None:
            return False
        return stay.end_s > max(due.start_s, self.cut(person, day))

    def excused_of(self, person: Person) -> list[tuple[int, int]]:
        return self._excused[person.code]

    def answer(self, person: Person, day: date) -> Answer:
        return self._answers.get((person.code, day), Answer(person.code, day))

    def free(self, person: Person, day: date) -> str | None:
        """The status of a day on which nobody expects him whatever his shift."""
        if any(one.person == person.code and one.first <= day <= one.last for one in self.month.away):
            return "leave"
        concerned = {None, person.department}
        if any(one.day == day and one.department in concerned for one in self.month.free_days):
            return "holiday"
        return None

    def covering(self, person: Person, start_s: int, end_s: int) -> list[Camera]:
        """The cameras that cover him on a day from start_s to end_s."""
        ties = [one for one in self.month.ties if one.person == person.code]
        if ties:
            numbers = {one.camera for one in ties}
            locations = {one.location for one in ties if one.location is not None}
            found = [one for one in self.month.cameras if one.number in numbers or one.location in locations]
        else:
            seen_by = {
                camera
                for stay in self._stays[person.code]
                for camera, first, last in stay.cameras
                if first < end_s and last >= end_s - FORTNIGHT_S
            }
            in_use = {
                watch.camera
                for watch in self.month.watches
                if watch.state != DISABLED and watch.start_s < end_s and watch.end_s > start_s
            }
            found = [one for one in self.month.cameras if one.number in (seen_by or in_use)]
        return [one for one in found if one.removed_s is None or one.removed_s > start_s]

    def _latest(self, holding: list[Given], day: date) -> Due | None:
        """By the assignment with the latest first date; of two of the same date, by the one given later."""
        beginning = [one for one in holding if str(day.weekday()) in self._plans[one.plan].weekdays]
        if not beginning:
            return None
        latest = max(one.first for one in beginning)
        chosen = [one for one in beginning if one.first == latest][-1]
        return self._on(self._plans[chosen.plan], day)

    def _on(self, plan: Plan, day: date) -> Due:
        zone = self.month.site.zone
        start, end = (
            shows_at(zone, day, plan.start),
            shows_at(zone, day + ONE_DAY if plan.end <= plan.start else day, plan.end),
        )
        breaks = tuple(
            (
                shows_at(zone, day + ONE_DAY if first < plan.start else day, first),
                shows_at(zone, day + ONE_DAY if last <= plan.start else day, last),
            )
            for first, last in plan.breaks
        )
        return Due(start, end, breaks, plan.late_grace_min * 60, plan.early_grace_min * 60)


class _Seconds:
    """One person's day, every second of it from its start to its end, or as far as his last visit goes."""

    def __init__(self, truth: Truth, person: Person, day: date) -> None:
        self.month = truth.month
        self.start_s, self.end_s = truth.cut(person, day), truth.cut(person, day + ONE_DAY)
        self.planned = truth.due(person, day)
        self.free = truth.free(person, day)
        self.answer = truth.answer(person, day)
        stays = truth.stays_of(person, day)
        self.stays = [stay for stay in stays if stay.start_s <= self.month.now_s]
        reach = [self.end_s, *(stay.end_s for stay in stays)]
        reach += [at for at in (self.answer.last_out_s, self.answer.first_in_s) if at is not None]
        self.length = max(reach) - self.start_s
        self.over = self._marked([(self.start_s, self.month.now_s)])
        self.there = self._marked([(stay.start_s, stay.end_s) for stay in stays]) & self.over
        self.seen = self.there & self._vouched(stays)
        self.pauses = self._marked(self.planned.breaks if self.planned else ())
        self.whole = self._whole(truth.excused_of(person))
        self.due = self.whole & self.over
        self.known = self.seen | self._observed(truth, person)

    def figures(self) -> TrueDay:
        first_in, last_out = self._first_in(), self._last_out()
        lost_before, lost_after = self._lost_before(first_in), self._lost_after(last_out)
        working = int(self.due.sum())
        late = self._beyond(lost_before, self.planned.late_grace_s if self.planned else 0)
        early = self._beyond(lost_after, self.planned.early_grace_s if self.planned else 0)
        early = early if self._shift_is_over() else 0
        worked = working - lost_before - lost_after
        dark = int((self.due & ~self.known).sum())
        return TrueDay(
            status=self._status(first_in, late, worked < working * self.month.site.half_day_share),
            first_in_s=first_in,
            last_out_s=last_out,
            working_s=working,
            present_s=self._present(first_in, last_out),
            seen_s=int((self.due & self.seen).sum()),
            not_seen_s=int((self.due & self.known & ~self.seen).sum()),
            not_observable_s=dark,
            late_s=late,
            left_early_s=early,
            overtime_s=self._overtime(first_in),
            coverage=(working - dark) / working if working else None,
        )

    def _marked(self, spans: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> Row:
        row = np.zeros(self.length, dtype=bool)
        for start, end in spans:
            row[max(start - self.start_s, 0) : max(end - self.start_s, 0)] = True
        return row

    def _whole(self, excused: list[tuple[int, int]]) -> Row:
        """The working time of the whole day, whether it is over or not."""
        if self.planned is None or self.free is not None:
            return np.zeros(self.length, dtype=bool)
        shift = self._marked([(self.planned.start_s, self.planned.end_s)])
        return shift & ~self.pauses & ~self._marked(excused)

    def _observed(self, truth: Truth, person: Person) -> Row:
        """When all cameras that cover him were observing and could know him."""
        cameras = truth.covering(person, self.start_s, self.end_s)
        far = self.start_s + self.length
        gone = {camera.number: self._marked([(camera.removed_s or far, far)]) for camera in cameras}
        row = np.zeros(self.length, dtype=bool)
        for removed in gone.values():
            row |= ~removed
        for camera, removed in gone.items():
            row &= self._observing(camera) | removed
        faces = [(since, far if until is None else until) for since, until in person.faces]
        employed = [(self.start_s, far if person.until_s is None else person.until_s)]
        return row & self._marked(faces) & self._marked(employed)

    def _observing(self, camera: int) -> Row:
        return self._marked(
            [
                (watch.start_s, watch.end_s)
                for watch in self.month.watches
                if watch.camera == camera
                and watch.state == OBSERVING
                and watch.end_s > self.start_s
                and watch.start_s < self.start_s + self.length
            ]
        )

    def _vouched(self, stays: list[Stay]) -> Row:
        """When all cameras of a visit were observing, or one of them between its first and last sighting."""
        row = np.zeros(self.length, dtype=bool)
        for stay in stays:
            visit = self._marked([(stay.start_s, stay.end_s)])
            every = visit.copy()
            for camera, first, last in stay.cameras:
                observing = self._observing(camera)
                every &= observing
                row |= visit & observing & self._marked([(first, last)])
            row |= every
        return row

    def _first_in(self) -> int | None:
        if self.answer.first_in_s is not None:
            return self.answer.first_in_s
        return self.stays[0].start_s if self.stays else None

    def _last_out(self) -> int | None:
        if self.answer.last_out_s is not None:
            return self.answer.last_out_s
        return min(self.stays[-1].end_s, self.month.now_s) if self.stays else None

    def _lost_before(self, first_in: int | None) -> int:
        if first_in is None:
            return 0
        counted = self.due if self.answer.first_in_s is not None else self.due & self.known
        return int(counted[: max(first_in - self.start_s, 0)].sum())

    def _lost_after(self, last_out: int | None) -> int:
        if last_out is None:
            return 0
        counted = self.due if self.answer.last_out_s is not None else self.due & self.known
        return int(counted[max(last_out - self.start_s, 0) :].sum())

    def _beyond(self, lost_s: int, grace_s: int) -> int:
        return lost_s if lost_s > grace_s else 0

    def _present(self, first_in: int | None, last_out: int | None) -> int:
        if first_in is None or last_out is None:
            return 0
        return int((self._marked([(first_in, last_out)]) & ~self.pauses).sum())

    def _overtime(self, first_in: int | None) -> int:
        has_work = self.planned is not None and bool(self.whole.any())
        begins = self.planned.end_s if self.planned is not None and has_work else self.start_s
        after = self._marked([(begins, self.start_s + self.length)])
        if self.answer.last_out_s is not None and first_in is not None:
            counted = after & self._marked([(first_in, self.answer.last_out_s)])
        else:
            counted = after & self.there
        overtime = int(counted.sum())
        return overtime if overtime >= self.month.site.overtime_from_min * 60 else 0

    def _shift_is_over(self) -> bool:
        return self.planned is not None and self.month.now_s >= self.planned.end_s

    def _status(self, first_in: int | None, late: int, is_half: bool) -> str:
        fits = (
            (self.answer.status or "", self.answer.status is not None),
            (self.free or "", self.free is not None),
            ("day_off", self.planned is None),
            ("leave", not self.whole.any()),
            (self._of_who_was_not_seen(), first_in is None),
            ("half_day", self._shift_is_over() and is_half),
            ("late", late > 0),
            ("present", True),
        )
        return next(status for status, does in fits if does)

    def _of_who_was_not_seen(self) -> str:
        if not self._shift_is_over():
            return "pending"
        share = (self.due & self.known).sum() / max(self.due.sum(), 1)
        return "not_observed" if share < self.month.site.min_coverage else "absent"


def sums(days: list[TrueDay]) -> TrueSums:
    """Of one person's days."""
    working, dark = sum(day.working_s for day in days), sum(day.not_observable_s for day in days)
    return TrueSums(
        days=Counter(day.status for day in days),
        working_s=working,
        present_s=sum(day.present_s for day in days),
        late_times=len([day for day in days if day.late_s]),
        late_s=sum(day.late_s for day in days),
        left_early_times=len([day for day in days if day.left_early_s]),
        left_early_s=sum(day.left_early_s for day in days),
        overtime_s=sum(day.overtime_s for day in days),
        missing_s=sum(day.not_seen_s for day in days),
        not_observable_s=dark,
        coverage=(working - dark) / working if working else None,
    )
