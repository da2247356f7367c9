"""How long the queries of every page take with 1,000 employees and a year of days.

    python -m benchmarks.queries [--people 1000] [--days 365] [--rounds 15] [--results FILE]

Each is asked once to warm up and then so many times; `p50` and `max` are milliseconds. A page asks several of
them, and most of them once in two seconds for all its viewers together.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.query_year import ONE_DAY, Year, write_year
from core.domain.schedule import attendance_day
from core.paths import SitePaths
from core.reports.days import frame_of
from core.reports.periods import Period
from core.settings import Parameters
from core.storage import (
    alert_list,
    correction_list,
    day_rounds,
    day_sums,
    judged_days,
    month_locks,
    pauses,
    queries,
    ties,
    working_time_list,
)
from core.storage.alert_list import Sight
from core.storage.day_lines import lines_of_day
from core.storage.engine import reader_engine
from core.storage.muster import muster
from core.storage.person_day import whole_day
from core.storage.report_rows import visit_spans
from core.storage.rulebook import read_rulebook
from core.storage.work_days import prepare

SETTINGS = Parameters(time_zone="UTC")
LAST = date(2026, 11, 20)
"""A Friday."""
DEPARTMENT = ("Department 1",)
OWN = Sight(DEPARTMENT, whole_site=False)

Query = Callable[[Session], object]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--results", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="gspe-queries-") as folder:
        year = Year(arguments.people, arguments.days, LAST)
        figures = measure(SitePaths(Path(folder)), year, arguments.rounds)
    for name, spent in figures["queries"].items():
        print(f"{name:52} p50 {spent['p50_ms']:8.1f} ms   max {spent['max_ms']:8.1f} ms")
    if arguments.results:
        arguments.results.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def measure(paths: SitePaths, year: Year, rounds: int) -> dict[str, Any]:
    """The figures of every query; `paths` is an empty folder."""
    write_year(paths, year)
    engine = reader_engine(paths.database)
    try:
        timed = {name: timings(engine, query, rounds) for name, query in page_queries(year).items()}
        timed |= {name: timings(engine, query, 3) for name, query in judging(year).items()}
    finally:
        engine.dispose()
    return {
        "people": year.people,
        "days": year.days,
        "rounds": rounds,
        "cores": os.cpu_count(),
        "queries": timed,
    }


def timings(engine: Any, query: Query, rounds: int) -> dict[str, float]:
    """Milliseconds; every round has a session of its own, as a page's question has."""
    spent = []
    for _ in range(rounds + 1):
        began_s = time.perf_counter()
        with Session(engine) as session:
            query(session)
        spent.append(1000 * (time.perf_counter() - began_s))
    return {"p50_ms": round(median(spent[1:]), 1), "max_ms": round(max(spent[1:]), 1)}


def page_queries(year: Year) -> Mapping[str, Query]:
    """By page and what it asks."""
    day, month = year.last, year.last - 30 * ONE_DAY
    now = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    somebody = (year.people + 1) // 2
    alerts_since = now - timedelta(days=1)
    return {
        "every page: site, worker, cameras": lambda s: (
            queries.site(s),
            queries.worker(s),
            queries.cameras(s),
        ),
        "every page: open alerts": lambda s: alert_list.attention_count(s, Sight(), now),
        "every page: open alerts of a department": lambda s: alert_list.attention_count(s, OWN, now),
        "every page: pauses": pauses.recent,
        "Presence: everybody": queries.presence,
        "Presence: a department": lambda s: queries.presence(s, DEPARTMENT),
        "Alerts: open": lambda s: alert_list.wanting(s, Sight(), now),
        "Alerts: a day": lambda s: alert_list.opened_between(s, alerts_since, now, Sight()),
        "Muster list": lambda s: muster(s, now),
        "Attendance: everybody": lambda s: lines_of_day(s, day),
        "Attendance: everybody, half a year ago": lambda s: lines_of_day(s, day - 180 * ONE_DAY),
        "Attendance: a department": lambda s: lines_of_day(s, day, DEPARTMENT),
        "Attendance: as of": lambda s: day_rounds.as_of(s, day),
        "A person's day": lambda s: whole_day(s, somebody, day, SETTINGS, now),
        "A person's day, half a year ago": lambda s: whole_day(
            s, somebody, day - 180 * ONE_DAY, SETTINGS, now
        ),
        "A person's day: his month": lambda s: judged_days.of_employee(s, somebody, month, day),
        "Corrections: waiting": correction_list.waiting,
        "Corrections: history": correction_list.newest,
        "Corrections: history of a department": lambda s: correction_list.newest(s, DEPARTMENT),
        "Corrections: month locks": month_locks.locks,
        "Working time: assignments": lambda s: working_time_list.assignments(s, month),
        "Working time: leave": lambda s: working_time_list.leaves(s, month),
        "Working time: ties": ties.ties,
        "Working time: what a change leaves as it is": lambda s: judged_days.has_final(s, month, day),
        "Employees: everybody": lambda s: queries.employees(s, active=True),
        "Departments": queries.departments,
        "Reports: a month of everybody": lambda s: len(frame_of(s, Period(month, day), SETTINGS, now)),
        "Reports: a month of a department": lambda s: len(
            frame_of(s, Period(month, day), SETTINGS, now, DEPARTMENT)
        ),
        "Reports: a month's visits, for charts": lambda s: visit_spans(s, alerts_since - 30 * ONE_DAY, now),
        "Month sums: everybody": lambda s: day_sums.of_people(s, month, day),
        "Month sums: a department": lambda s: day_sums.of_people(s, month, day, DEPARTMENT),
    }


def judging(year: Year) -> Mapping[str, Query]:
    """What the worker asks, and a recompute; no page waits for these."""
    now = datetime(year.last.year, year.last.month, year.last.day, 23, tzinfo=UTC)

    def judge(session: Session, day: date) -> int:
        book = read_rulebook(session, day, day, SETTINGS)
        bench = prepare(session, day, day, book, now)
        return len(list(bench.judged(bench.people)))

    today = attendance_day(now, SETTINGS.zone)
    return {
        "judging: a day of everybody": lambda s: judge(s, year.last),
        "judging: a day of everybody, half a year ago": lambda s: judge(s, year.last - 180 * ONE_DAY),
        "judging: whose day goes on": lambda s: day_rounds.going_on(s, today, SETTINGS, now),
        "judging: which days were missed": lambda s: day_rounds.missed(s, today, SETTINGS),
    }


if __name__ == "__main__":
    sys.exit(main())
