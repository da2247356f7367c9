"""What is said of a judged day: status, coverage, figures and the rules behind them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from core.domain.states import DayStatus
from core.domain.summary import Exceeded
from core.domain.workday import Reason, WorkDay
from core.i18n import whole_percent
from core.reasons import reason_sentence
from core.storage.judged_days import DURATIONS
from dashboard.widgets.words import Words

DAYS_STYLE = Path(__file__).with_name("days.css")
NOTHING = timedelta()
FIGURE_RULES = ("late", "left_early", "overtime")


def person_day_url(employee_id: int, day: date) -> str:
    return f"/person-day?person={employee_id}&day={day.isoformat()}"


def person_url(employee_id: int) -> str:
    return f"/person?employee={employee_id}"


def status_badge(status: str, words: Words) -> str:
    """HTML."""
    return f'<span class="gspe-badge gspe-day-{escape(status)}">{escape(status_word(status, words))}</span>'


def status_word(status: str, words: Words) -> str:
    return words(f"reports.status.{status}")


def coverage(work: WorkDay, words: Words) -> str:
    """Rounded down, so that only a whole day says 100 %; nothing without working time."""
    return "" if work.coverage is None else words("days.coverage", percent=whole_percent(work.coverage))


def reasons(work: WorkDay, words: Words) -> str:
    """The rule that decided the status first, then those of the figures."""
    ordered = sorted(work.reasons, key=lambda reason: reason.code in FIGURE_RULES)
    return reasons_of(ordered, work.day, words)


def reasons_of(told: Iterable[Reason], day: date, words: Words) -> str:
    return "; ".join(reason_sentence(one, day, words.zone, words.language) for one in told)


def deviations(work: WorkDay, words: Words) -> list[str]:
    """Late, left early, overtime and missing, as far as there is any."""
    found = {
        "late_by": work.late_by,
        "left_early_by": work.left_early_by,
        "overtime": work.overtime,
        "missing": work.missing,
    }
    return [
        words(f"days.deviation.{name}", duration=hours(by, words))
        for name, by in found.items()
        if by > NOTHING
    ]


def hours(duration: timedelta, words: Words) -> str:
    """Working time is counted in hours, however many there are: 63 h 5 min."""
    minutes = int(duration.total_seconds()) // 60
    if minutes == 0:
        return words.duration(duration.total_seconds())
    parts = {"hours": minutes // 60, "minutes": minutes % 60}
    return " ".join(words(f"calendar.{unit}", count=count) for unit, count in parts.items() if count)


def figure(name: str, value: object, day: date, words: Words) -> str:
    """A figure's value as read by people; what there is none of is a dash."""
    if value is None or value == NOTHING:
        return words("days.none")
    match value:
        case timedelta():
            return hours(value, words)
        case datetime():
            is_same = value.astimezone(words.zone).date() == day
            return words.time(value, seconds=True) if is_same else words.moment(value, value + timedelta(2))
    return status_word(str(value), words) if name == "status" else str(value)


def kept_figures(kept: dict[str, Any], day: date, words: Words) -> dict[str, str]:
    """The figures that a correction keeps, by the name of `core.domain.day_changes.FIGURES`."""
    told = {"status": figure("status", kept["status"], day, words)}
    for name in ("first_in_at", "last_out_at"):
        at = datetime.fromisoformat(kept[name]) if kept[name] else None
        told[name] = figure(name, at, day, words)
    for column, name in DURATIONS.items():
        told[name] = figure(name, timedelta(seconds=kept[column]), day, words)
    return told


def exceeded_sentence(one: Exceeded, words: Words) -> str:
    return words(
        "days.exceeded",
        what=words(f"reports.exceeded.{one.code}"),
        date=words.date(one.first_date),
        reached=hours(one.reached, words),
        allowed=hours(one.allowed, words),
    )


def all_statuses() -> list[str]:
    return [str(status) for status in DayStatus]


def month_name(day: date, words: Words) -> str:
    return words("days.month_name", name=words(f"calendar.month.{day.month}"), year=day.year)
