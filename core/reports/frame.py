"""Judged days as a data frame, and their sums."""

import math
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from core.domain.states import DayStatus
from core.storage.work_days import PersonDay

PERSON = ("code", "name", "department")
DURATIONS = ("working", "present", "late_by", "left_early_by", "overtime", "missing", "not_observable")
DAYS_OF = {status: f"days_{status}" for status in DayStatus}
"""The columns that count the days of each status."""
COUNTS = (*DAYS_OF.values(), "late_times", "left_early_times", "corrected")
NOTHING = pd.Timedelta(0)


def day_frame(
    days: Iterable[PersonDay], corrected: Collection[tuple[int, date]], zone: ZoneInfo
) -> pd.DataFrame:
    """One row a day of a person, in the order of `days`. Clock times carry the zone, coverage is a share.

    corrected: the employee and day of each correction in force.
    """
    days = list(days)
    works = [day.work for day in days]
    frame = pd.DataFrame(
        {
            "employee_id": pd.Series([day.employee_id for day in days], dtype="int64"),
            "day": pd.to_datetime(pd.Series([work.day for work in works], dtype="object")),
            "code": pd.Series([day.code for day in days], dtype="str"),
            "name": pd.Series([day.name for day in days], dtype="str"),
            "department": pd.Series([day.department or "" for day in days], dtype="str"),
            "first_in": _times([work.first_in_at for work in works], zone),
            "last_out": _times([work.last_out_at for work in works], zone),
            "status": pd.Series([str(work.status) for work in works], dtype="str"),
            "is_final": pd.Series([work.is_final for work in works], dtype="bool"),
            "coverage": pd.Series([work.coverage for work in works], dtype="float64"),
            "corrected": pd.Series([(d.employee_id, d.work.day) in corrected for d in days], dtype="bool"),
            "reasons": pd.Series([work.reasons for work in works], dtype="object"),
        }
    )
    for name in DURATIONS:
        lengths = [getattr(work, name) for work in works]
        frame[name] = pd.Series(lengths, dtype="timedelta64[us]")
    return frame


def totals(frame: pd.DataFrame, by: Collection[str]) -> pd.DataFrame:
    """The sums of the days of each person or department, in the order in which they first come.

    Columns: `by`, those of COUNTS and of DURATIONS, coverage (of all working time together), people.
    """
    counted = frame[[*by, *DURATIONS]].assign(people=frame["employee_id"])
    for status, name in DAYS_OF.items():
        counted[name] = (frame["status"] == status).astype("int64")
    counted["late_times"] = (frame["late_by"] > NOTHING).astype("int64")
    counted["left_early_times"] = (frame["left_early_by"] > NOTHING).astype("int64")
    counted["corrected"] = frame["corrected"].astype("int64")
    groups = counted.groupby(list(by), sort=False)
    summed = groups[[*COUNTS, *DURATIONS]].sum()
    summed["people"] = groups["people"].nunique()
    return with_coverage(summed.reset_index())


def with_coverage(summed: pd.DataFrame) -> pd.DataFrame:
    """With the share of the working time that was seen or observable; missing where there was none."""
    working = summed["working"].where(summed["working"] > NOTHING)
    return summed.assign(coverage=(summed["working"] - summed["not_observable"]) / working)


def coverage_of(frame: pd.DataFrame) -> float:
    """Of all the working time together; not a number where there is none."""
    return float(with_coverage(frame[["working", "not_observable"]].sum().to_frame().T)["coverage"].iloc[0])


def cells(frame: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    """The rows with None for what is missing."""
    for row in frame.itertuples(index=False, name=None):
        yield tuple(None if _is_missing(cell) else cell for cell in row)


def _is_missing(cell: object) -> bool:
    return cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def _times(moments: list[Any], zone: ZoneInfo) -> "pd.Series[pd.Timestamp]":
    series: Callable[..., Any] = pd.to_datetime(pd.Series(moments, dtype="object"), utc=True)  # type: ignore[assignment]
    return series.dt.tz_convert(zone)  # type: ignore[attr-defined,no-any-return]
