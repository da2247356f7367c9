"""Where the system and the truth disagree, figure by figure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from benchmarks.month.truth import TrueDay, TrueSums, sums
from core.domain.summary import Totals, total
from core.domain.workday import WorkDay

Day = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """person: his code. day: None for the sums of the month. Times are seconds."""

    person: str
    day: date | None
    figure: str
    system: object
    truth: object

    def __str__(self) -> str:
        return f"{self.person} {self.day or 'sums'} {self.figure}: system {self.system}, truth {self.truth}"


def disagreements(system: Mapping[Day, WorkDay], truth: Mapping[Day, TrueDay]) -> list[Disagreement]:
    """Of every day that either of them has, and of everybody's sums."""
    found = []
    for person, day in sorted(system.keys() | truth.keys()):
        judged, true = system.get((person, day)), truth.get((person, day))
        if judged is None or true is None:
            found.append(Disagreement(person, day, "is judged", judged is not None, true is not None))
        else:
            found += _differences(person, day, figures(judged), _values(true))
    for person in sorted({person for person, _ in truth}):
        own = total(work for (code, _), work in system.items() if code == person)
        true_sums = sums([day for (code, _), day in truth.items() if code == person])
        found += _differences(person, None, _of_totals(own), _values(true_sums))
    return found


def figures(work: WorkDay) -> dict[str, object]:
    """As the truth names and counts them."""
    return {
        "status": str(work.status),
        "first_in_s": _second(work.first_in_at),
        "last_out_s": _second(work.last_out_at),
        "working_s": work.working.total_seconds(),
        "present_s": work.present.total_seconds(),
        "seen_s": work.seen.total_seconds(),
        "not_seen_s": work.missing.total_seconds(),
        "not_observable_s": work.not_observable.total_seconds(),
        "late_s": work.late_by.total_seconds(),
        "left_early_s": work.left_early_by.total_seconds(),
        "overtime_s": work.overtime.total_seconds(),
        "coverage": work.coverage,
    }


def _of_totals(totals: Totals) -> dict[str, object]:
    return {
        "days": {str(status): count for status, count in totals.days.items()},
        "working_s": totals.working.total_seconds(),
        "present_s": totals.present.total_seconds(),
        "late_times": totals.late_times,
        "late_s": totals.late_by.total_seconds(),
        "left_early_times": totals.left_early_times,
        "left_early_s": totals.left_early_by.total_seconds(),
        "overtime_s": totals.overtime.total_seconds(),
        "missing_s": totals.missing.total_seconds(),
        "not_observable_s": totals.not_observable.total_seconds(),
        "coverage": totals.coverage,
    }


def _differences(
    person: str, day: date | None, system: Mapping[str, object], truth: Mapping[str, object]
) -> list[Disagreement]:
    return [
        Disagreement(person, day, name, system[name], value)
        for name, value in truth.items()
        if not _agree(system[name], value)
    ]


def _agree(one: object, other: object) -> bool:
    """Shares are quotients of the same seconds, which two ways may round differently in the last place."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1e-12
    return one == other


def _values(true: TrueDay | TrueSums) -> dict[str, object]:
    return {one.name: getattr(true, one.name) for one in fields(true)}


def _second(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
