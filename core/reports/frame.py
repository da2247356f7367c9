"""Judged days as a data frame, and their sums."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from core.domain.states import DayStatus
from core.domain.workday import Reason
from core.storage.judged_days import RAW, reasons_of
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
            "day": pd.to_datetime(pd.Series([work.day for work in works], dtype="object")).astype(
                "datetime64[s]"
            ),
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


def stored_frame(rows: Sequence[tuple[Any, ...]], zone: ZoneInfo) -> pd.DataFrame:
    """As `day_frame`, from `judged_days.raw_final`; reasons stay the JSON of their row."""
    raw = pd.DataFrame(rows, columns=list(RAW))
    frame = pd.DataFrame(
        {
            "employee_id": raw["employee_id"].astype("int64"),
            "day": pd.to_datetime(raw["day"], format="%Y-%m-%d").astype("datetime64[s]"),
            "code": raw["code"].astype("str"),
            "name": raw["name"].astype("str"),
            "department": raw["department"].fillna("").astype("str"),
            "first_in": _times(raw["first_in"], zone),
            "last_out": _times(raw["last_out"], zone),
            "status": raw["status"].astype("str"),
            "is_final": pd.Series(True, index=raw.index, dtype="bool"),
            "coverage": _share(raw["working"], raw["not_observable"]),
            "corrected": raw["correction_id"].notna(),
            "reasons": raw["reasons"].astype("object"),
        }
    )
    raw["missing"] = raw["not_seen"]
    for name in DURATIONS:
        frame[name] = pd.to_timedelta(raw[name].astype("int64"), unit="s").astype("timedelta64[us]")
    return frame


def told_reasons(cell: str | tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Of a day in a frame, wherever it came from."""
    return reasons_of(cell) if isinstance(cell, str) else cell


def _share(working: "pd.Series[int]", dark: "pd.Series[int]") -> "pd.Series[float]":
    some = working.astype("float64").where(working > 0)
    return (some - dark) / some


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


def _times(moments: Iterable[Any], zone: ZoneInfo) -> "pd.Series[pd.Timestamp]":
    given = pd.Series(moments, dtype="object")
    series: Callable[..., Any] = pd.to_datetime(given, utc=True, format="ISO8601")  # type: ignore[assignment]
    return series.dt.tz_convert(zone)  # type: ignore[attr-defined,no-any-return]
