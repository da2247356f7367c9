"""What the charts show: data frames from judged days and visits. Pure; `frame.day_frame` makes the days."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from core.domain.states import DayStatus
from core.reports.frame import NOTHING, with_coverage
from core.reports.periods import Period

ATTENDED = (DayStatus.PRESENT, DayStatus.LATE, DayStatus.HALF_DAY)
EXPECTED = (*ATTENDED, DayStatus.ABSENT)
"""Days of which it is known whether somebody who was expected came."""
ARRIVAL_MIN = 15
"""The width of a class of arrival times, minutes."""
HOUR = pd.Timedelta(hours=1)


def attendance_rate(days: pd.DataFrame) -> pd.DataFrame:
    """A row a day on which anybody was expected: day, attended, expected, rate (a share), coverage."""
    known = days[days["status"].isin(EXPECTED)]
    grouped = known.assign(attended=known["status"].isin(ATTENDED)).groupby("day", sort=True)
    rates = grouped.agg(
        attended=("attended", "sum"),
        expected=("attended", "size"),
        working=("working", "sum"),
        not_observable=("not_observable", "sum"),
    ).reset_index()
    rates["rate"] = rates["attended"] / rates["expected"]
    return with_coverage(rates)[["day", "attended", "expected", "rate", "coverage"]]


def arrival_times(days: pd.DataFrame) -> pd.DataFrame:
    """How many first arrivals fell into each quarter of an hour: minute (of the site's day), arrivals.

    Every class between the first and the last that occur is there.
    """
    seen = days["first_in"].dropna()
    minute = seen.dt.hour * 60 + seen.dt.minute
    counts = (minute // ARRIVAL_MIN * ARRIVAL_MIN).value_counts().sort_index()
    if counts.empty:
        return pd.DataFrame({"minute": [], "arrivals": []}, dtype="int64")
    classes = range(int(counts.index.min()), int(counts.index.max()) + ARRIVAL_MIN, ARRIVAL_MIN)
    filled = counts.reindex(classes, fill_value=0)
    return pd.DataFrame({"minute": filled.index, "arrivals": filled.to_numpy()})


def presence_by_hour(
    visits: Sequence[tuple[int, datetime, datetime]], period: Period, until: date, zone: ZoneInfo
) -> pd.DataFrame:
    """How many people were here in each hour of the week, on average over the weeks of the period.

    Rows are weekdays, Monday 0, columns hours of the site's clock. A weekday that the period has not had by
    `until`, inclusive, is missing.
    """
    days = pd.date_range(period.first, min(period.last, until))
    weeks = pd.Series(days.day_of_week).value_counts().reindex(range(7)).astype("float64")
    hours = _hours(visits, zone)
    inside = hours[hours["day"].between(pd.Timestamp(period.first), pd.Timestamp(period.last))]
    people = inside.drop_duplicates().groupby(["weekday", "hour"]).size().unstack(fill_value=0)
    full = people.reindex(index=range(7), columns=range(24), fill_value=0)
    return full.div(weeks, axis="index")


def lateness_by_department(days: pd.DataFrame) -> pd.DataFrame:
    """department, attended (days), late (of them), share, mean_late_min (of those late), coverage."""
    attended = days[days["status"].isin(ATTENDED)]
    late = attended["late_by"] > NOTHING
    grouped = attended.assign(late=late, late_by=attended["late_by"].where(late)).groupby(
        "department", sort=True
    )
    rows = grouped.agg(
        attended=("late", "size"),
        late=("late", "sum"),
        late_by=("late_by", "mean"),
        working=("working", "sum"),
        not_observable=("not_observable", "sum"),
    ).reset_index()
    rows["share"] = rows["late"] / rows["attended"]
    rows["mean_late_min"] = rows["late_by"].dt.total_seconds() / 60
    return with_coverage(rows)[["department", "attended", "late", "share", "mean_late_min", "coverage"]]


def coverage_by_day(days: pd.DataFrame) -> pd.DataFrame:
    """day, coverage (share of everybody's working time that was seen or observable); days with any."""
    summed = days.groupby("day", sort=True)[["working", "not_observable"]].sum().reset_index()
    worked = with_coverage(summed)
    return worked[worked["working"] > NOTHING][["day", "coverage"]].reset_index(drop=True)


def _hours(visits: Sequence[tuple[int, datetime, datetime]], zone: ZoneInfo) -> pd.DataFrame:
    """A row for every clock hour that a visit touches: employee_id, day, weekday, hour."""
    frame = pd.DataFrame(visits, columns=["employee_id", "arrived_at", "last_seen_at"])
    arrived, seen = (
        pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
        for name in ("arrived_at", "last_seen_at")
    )
    count = ((seen - arrived) // HOUR).astype("int64") + 2
    repeated = np.repeat(frame.index.to_numpy(), count)
    step = np.arange(len(repeated)) - np.repeat((count.cumsum() - count).to_numpy(), count)
    at = arrived.iloc[repeated].reset_index(drop=True) + pd.Series(step) * HOUR
    last = seen.iloc[repeated].reset_index(drop=True)
    local = at.clip(upper=last).dt.tz_convert(zone)
    return pd.DataFrame(
        {
            "employee_id": frame["employee_id"].iloc[repeated].to_numpy(),
            "day": local.dt.tz_localize(None).dt.normalize(),
            "weekday": local.dt.day_of_week,
            "hour": local.dt.hour,
        }
    )
