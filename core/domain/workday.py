"""What a person's day amounts to: figures, a status, and the rule behind each.

Nothing is measured against time that no camera could observe. All figures follow from four sets of instants:
the working time (the shift without breaks and excused absence), what lies within visits, what his cameras
observed, and what is over. docs/attendance-rules.md tells the rules in words.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from core.domain.shifts import ShiftDay
from core.domain.spans import Span, Spans, clip, difference, duration, intersection, union
from core.domain.states import DayStatus, LeaveKind, Minute

NOTHING = timedelta()


class Piece(NamedTuple):
    start_at: datetime
    end_at: datetime
    kind: Minute


@dataclass(frozen=True, slots=True)
class DayRules:
    """half_day_share: with less of the working time a day is half. min_coverage: with less of it observed
    nobody who was not seen is called absent. overtime_from_min: shorter overtime is none, minutes.
    """

    half_day_share: float = 0.5
    min_coverage: float = 0.5
    overtime_from_min: int = 0


@dataclass(frozen=True, slots=True)
class DayCorrection:
    """What somebody answers for instead of the cameras; None leaves what they saw."""

    first_in_at: datetime | None = None
    last_out_at: datetime | None = None
    status: DayStatus | None = None


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One person's attendance day. bounds: of the day. seen: his visits that began on it, in any order.
    blind: when he was in a visit and nothing could vouch for it. observable: when all cameras that cover him
    were observing. now: what is later has not happened.
    """

    day: date
    bounds: Span
    shift: ShiftDay | None
    seen: tuple[Span, ...]
    observable: tuple[Span, ...]
    now: datetime
    holiday: str | None = None
    leave: LeaveKind | None = None
    excused: tuple[Span, ...] = ()
    correction: DayCorrection = DayCorrection()
    blind: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that decided something, with what it decided from; the catalogue has `reason.<code>`."""

    code: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkDay:
    """working: of the day so far. present: from first in to last out, without breaks. seen, not_seen and
    not_observable divide `working`. coverage: share of it that was seen or observable, None without working
    time. is_final: the day is over, so that nothing but a correction or another rule changes it.
    """

    day: date
    status: DayStatus
    is_final: bool
    first_in_at: datetime | None
    last_out_at: datetime | None
    working: timedelta
    present: timedelta
    seen: timedelta
    not_seen: timedelta
    not_observable: timedelta
    late_by: timedelta
    left_early_by: timedelta
    overtime: timedelta
    coverage: float | None
    timeline: tuple[Piece, ...]
    reasons: tuple[Reason, ...]

    @property
    def missing(self) -> timedelta:
        """Working time in which he could have been seen and was not."""
        return self.not_seen


def judge(facts: DayFacts, rules: DayRules) -> WorkDay:
    """The day by these rules; the same facts always give the same."""
    return _Judgement(facts, rules).work_day()


class _Judgement:
    """The sets of instants that the rules speak of, each made once, and the rules as methods over them."""

    def __init__(self, facts: DayFacts, rules: DayRules) -> None:
        self.facts, self.rules = facts, rules
        start, now = facts.bounds[0], max(facts.now, facts.bounds[0])
        visits = [(max(a, start), min(b, now)) for a, b in facts.seen if a <= now and b >= start]
        self.visits = union(visits)  # without those of a single sighting, which last no time
        self.seen = difference(self.visits, union(facts.blind))
        self.first_in = facts.correction.first_in_at or min((a for a, _ in visits), default=None)
        self.last_out = facts.correction.last_out_at or max((b for _, b in visits), default=None)
        self.shift = None if facts.holiday is not None or facts.leave is not None else facts.shift
        self.breaks = facts.shift.breaks if facts.shift is not None else ()
        self.excused = union(facts.excused)
        self.working = clip(self._planned(), start, now)
        self.observable = union(facts.observable, self.seen)
        self.lost_before = self._not_counted_as_worked(
            facts.bounds[0], self.first_in, facts.correction.first_in_at
        )
        self.lost_after = self._not_counted_as_worked(
            self.last_out, facts.bounds[1], facts.correction.last_out_at
        )
        self.reasons: list[Reason] = []

    def _planned(self) -> Spans:
        if self.shift is None:
            return ()
        whole = ((self.shift.start_at, self.shift.end_at),)
        return difference(difference(whole, self.breaks), self.excused)

    def _not_counted_as_worked(
        self, start: datetime | None, end: datetime | None, corrected: datetime | None
    ) -> timedelta:
        """Working time before the first sighting or after the last: as far as cameras observed, or all of it
        where somebody answers for the sighting's time.
        """
        if start is None or end is None:
            return NOTHING
        lost = clip(self.working, start, end)
        return duration(lost if corrected is not None else intersection(lost, self.observable))

    def work_day(self) -> WorkDay:
        late_by, left_early_by, overtime = self._late_by(), self._left_early_by(), self._overtime()
        status = self._status(late_by)
        working, observed = duration(self.working), intersection(self.working, self.observable)
        return WorkDay(
            day=self.facts.day,
            status=status,
            is_final=self.facts.now >= self.facts.bounds[1],
            first_in_at=self.first_in,
            last_out_at=self.last_out,
            working=working,
            present=self._present(),
            seen=duration(intersection(self.working, self.seen)),
            not_seen=duration(difference(observed, self.seen)),
            not_observable=working - duration(observed),
            late_by=late_by,
            left_early_by=left_early_by,
            overtime=overtime,
            coverage=duration(observed) / working if working else None,
            timeline=self._timeline(),
            reasons=tuple(self.reasons),
        )

    def _present(self) -> timedelta:
        if self.first_in is None or self.last_out is None or self.last_out <= self.first_in:
            return NOTHING
        return duration(difference(((self.first_in, self.last_out),), self.breaks))

    def _late_by(self) -> timedelta:
        if self.shift is None or self.lost_before <= _minutes(self.shift.shift.late_grace_min):
            return NOTHING
        self._decide("late", first_in_at=self.first_in, start_at=self.shift.start_at, by=self.lost_before)
        return self.lost_before

    def _left_early_by(self) -> timedelta:
        if self.shift is None or self.facts.now < self.shift.end_at:
            return NOTHING
        if self.lost_after <= _minutes(self.shift.shift.early_grace_min):
            return NOTHING
        self._decide("left_early", last_out_at=self.last_out, end_at=self.shift.end_at, by=self.lost_after)
        return self.lost_after

    def _overtime(self) -> timedelta:
        """After the shift, or all day where no work is due: his visits, or what somebody answers for."""
        first = self.shift.end_at if self.shift is not None and self._planned() else self.facts.bounds[0]
        last_out = self.facts.correction.last_out_at
        if last_out is not None and self.first_in is not None:
            overtime = duration(union(((max(first, self.first_in), last_out),)))
        else:
            overtime = duration(difference(self.visits, ((self.facts.bounds[0], first),)))
        if overtime == NOTHING or overtime < _minutes(self.rules.overtime_from_min):
            return NOTHING
        self._decide("overtime", by=overtime, after=first)
        return overtime

    def _status(self, late_by: timedelta) -> DayStatus:
        if self.facts.correction.status is not None:
            return self._become(self.facts.correction.status, "corrected")
        if self.shift is None:
            return self._without_shift()
        if not self._planned():
            return self._become(DayStatus.LEAVE, "excused")
        if self.first_in is None:
            return self._unseen()
        if self.facts.now >= self.shift.end_at and self._is_half():
            return self._become(DayStatus.HALF_DAY, "half_day", share=self.rules.half_day_share)
        return DayStatus.LATE if late_by else self._become(DayStatus.PRESENT, "in_time")

    def _without_shift(self) -> DayStatus:
        if self.facts.leave is not None:
            return self._become(DayStatus.LEAVE, "leave", kind=self.facts.leave)
        if self.facts.holiday is not None:
            return self._become(DayStatus.HOLIDAY, "holiday", name=self.facts.holiday)
        return self._become(DayStatus.DAY_OFF, "no_shift")

    def _unseen(self) -> DayStatus:
        assert self.shift is not None
        if self.facts.now < self.shift.end_at:
            return self._become(DayStatus.PENDING, "not_seen_yet", start_at=self.shift.start_at)
        coverage = duration(intersection(self.working, self.observable)) / duration(self.working)
        if coverage < self.rules.min_coverage:
            return self._become(DayStatus.NOT_OBSERVED, "not_observed", coverage=coverage)
        return self._become(DayStatus.ABSENT, "not_seen", coverage=coverage)

    def _is_half(self) -> bool:
        working = duration(self.working)
        return working - self.lost_before - self.lost_after < working * self.rules.half_day_share

    def _timeline(self) -> tuple[Piece, ...]:
        """The day from its first to its last piece of work or sighting, without what is not his time."""
        unseen = difference(self.working, self.seen)
        kinds = (
            (Minute.SEEN, self.seen),
            (Minute.NOT_SEEN, intersection(unseen, self.observable)),
            (Minute.NOT_OBSERVABLE, difference(unseen, self.observable)),
            (Minute.BREAK, self._unseen_part(self.breaks) if self.shift is not None else ()),
            (Minute.EXCUSED, difference(self._unseen_part(self.excused), self.breaks)),
        )
        return tuple(sorted((Piece(a, b, kind) for kind, spans in kinds for a, b in spans)))

    def _unseen_part(self, spans: Spans) -> Spans:
        return difference(
            clip(spans, self.facts.bounds[0], max(self.facts.now, self.facts.bounds[0])), self.seen
        )

    def _become(self, status: DayStatus, code: str, **params: object) -> DayStatus:
        self._decide(code, **params)
        return status

    def _decide(self, code: str, **params: object) -> None:
        self.reasons.append(Reason(code, params))


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
