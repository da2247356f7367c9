"""Two judgements of the same day side by side: what changed, from what to what, by which rule."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.domain.workday import Reason, WorkDay

FIGURES = (
    "status",
    "first_in_at",
    "last_out_at",
    "working",
    "present",
    "seen",
    "not_seen",
    "not_observable",
    "late_by",
    "left_early_by",
    "overtime",
)
"""What of a day counts when two judgements are compared; the catalogue has `days.figure.<name>`."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Values are those of `WorkDay`; before is None where the day was not judged."""

    figure: str
    before: object
    after: object


def changes(before: WorkDay | None, after: WorkDay) -> list[FigureChange]:
    """Every figure that differs, in the order of `FIGURES`; both are in whole seconds."""
    pairs = ((name, getattr(before, name, None), getattr(after, name)) for name in FIGURES)
    return [FigureChange(name, old, new) for name, old, new in pairs if old != new]


def deciding(before: WorkDay | None, after: WorkDay) -> tuple[Reason, ...]:
    """The rules that decide the day now and did not before; all of them where none is new."""
    known = before.reasons if before is not None else ()
    return tuple(reason for reason in after.reasons if reason not in known) or after.reasons


def in_whole_seconds(work: WorkDay) -> WorkDay:
    """The day as it is stored: durations rounded down, and the parts of the working time still sum up."""
    working = _whole(work.working)
    seen, not_seen, not_observable = _shared_out(
        int(working.total_seconds()), (work.seen, work.not_seen, work.not_observable)
    )
    return replace(
        work,
        working=working,
        present=_whole(work.present),
        seen=seen,
        not_seen=not_seen,
        not_observable=not_observable,
        late_by=_whole(work.late_by),
        left_early_by=_whole(work.left_early_by),
        overtime=_whole(work.overtime),
        coverage=(working - not_observable) / working if working else None,
        reasons=tuple(_rounded(reason) for reason in work.reasons),
    )


def _shared_out(total_s: int, parts: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    """Whole seconds of each part; what rounding left over goes to those that lost most by it."""
    whole = [_whole(part) for part in parts]
    left = total_s - sum(int(part.total_seconds()) for part in whole)
    by_loss = sorted(range(len(parts)), key=lambda n: whole[n] - parts[n])
    return tuple(part + timedelta(seconds=n in by_loss[:left]) for n, part in enumerate(whole))


def _rounded(reason: Reason) -> Reason:
    params = {
        name: _whole(value) if isinstance(value, timedelta) else value
        for name, value in reason.params.items()
    }
    return Reason(reason.code, params)


def _whole(duration: timedelta) -> timedelta:
    return timedelta(seconds=int(duration.total_seconds()))
