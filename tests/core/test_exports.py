"""The attendance CSV is the database's rows, opens rightly in Excel and runs no formula."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import DayStatus
from core.domain.workday import Reason, WorkDay
from core.exports import ATTENDANCE_COLUMNS, attendance_csv, safe_cell
from core.storage.day_lines import DayLine, lines_of_day
from core.storage.judged_days import StoredDay
from core.storage.models import Attendance, Employee
from core.storage.rows import AttendanceRow, Shot
from tests.seed import working_day

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def row(name: str = "Ayu", judged: StoredDay | None = None, **changes: object) -> DayLine:
    facts = {
        "attendance_date": date(2026, 11, 23),
        "employee_id": 1,
        "code": "E01",
        "name": name,
        "department": "Produksi",
        "first_in_at": datetime(2026, 11, 23, 1, 2, 3, 456000, tzinfo=UTC),
        "first_in": Shot(1, None, datetime(2026, 11, 23, 1, 2, 4, tzinfo=UTC), "Gerbang"),
        "last_out_at": datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        "last_out": None,
        "last_out_final_at": None,
        "visit_count": 3,
    }
    seen = AttendanceRow(**(facts | changes))  # type: ignore[arg-type]
    return DayLine(1, seen.code, name, seen.department, seen.attendance_date, judged, seen)


def judged_late() -> StoredDay:
    start = datetime(2026, 11, 23, 1, tzinfo=UTC)
    work = WorkDay(
        day=date(2026, 11, 23),
        status=DayStatus.LATE,
        is_final=True,
        first_in_at=start + timedelta(minutes=30, seconds=59),
        last_out_at=None,
        working=timedelta(hours=8),
        present=timedelta(hours=7),
        seen=timedelta(hours=6),
        not_seen=timedelta(hours=1),
        not_observable=timedelta(hours=1),
        late_by=timedelta(minutes=30, seconds=59),
        left_early_by=timedelta(0),
        overtime=timedelta(0),
        coverage=0.875,
        timeline=(),
        reasons=(Reason("in_time"), Reason("not_seen_yet", {"start_at": start - timedelta(days=1)})),
    )
    return StoredDay(1, "E01", "Ayu", "Produksi", work, "", start, start, None, start)


def read(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_row_in_the_sites_zone_with_its_offset() -> None:
    content = attendance_csv([row()], NOW, JAKARTA, "en")

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    heading, only = read(content)
    assert len(heading) == len(ATTENDANCE_COLUMNS)
    assert heading[:3] == ["Date", "Code", "Name"]
    assert only == [
        "2026-11-23",
        "E01",
        "Ayu",
        "Produksi",
        "2026-11-23T08:02:03.456000+07:00",
        "2026-11-23T08:02:04+07:00",
        "2026-11-23T16:00:00+07:00",
        "",
        "yes",
        "3",
        *[""] * 10,
    ]


def test_a_judged_row_has_status_coverage_and_figures_in_minutes() -> None:
    heading, only = read(attendance_csv([row(judged=judged_late())], NOW, JAKARTA, "en"))
    told = dict(zip(heading, only, strict=True))
    assert told["First in"] == "2026-11-23T08:30:59+07:00", "as judged, not as seen"
    assert (told["Last out"], told["Last out provisional"]) == ("", "no")
    assert (told["Status"], told["Coverage, %"], told["Late by, min"]) == ("Late", "87", "30")
    assert (told["Working time, min"], told["Missing, min"], told["Overtime, min"]) == ("480", "60", "0")
    assert told["Because"] == "Neither late nor a half day; Not seen since 22 Nov 2026 08:00, when work began"


@pytest.mark.parametrize(
    ("final_at", "said"), [(None, "ya"), (NOW + timedelta(seconds=1), "ya"), (NOW, "tidak")]
)
def test_the_reader_language_and_the_provisional_mark(final_at: datetime | None, said: str) -> None:
    heading, only = read(attendance_csv([row(last_out_final_at=final_at)], NOW, JAKARTA, "id"), ";")

    assert heading[4] == "Masuk pertama"
    assert only[8] == said


def test_no_rows_leave_the_heading() -> None:
    assert len(read(attendance_csv([], NOW, JAKARTA, "en"))) == 1


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+62811", "'+62811"),
        ("-Budi", "'-Budi"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
        ("\uff1dHYPERLINK(1)", "'\uff1dHYPERLINK(1)"),
        ("Budi;=cmd|' /C calc'!A0;", "Budi;'=cmd|' /C calc'!A0;"),
        ("Budi, +62", "Budi,' +62"),
        ('Budi;"=1+1"', 'Budi;\'"=1+1"'),
        ("Budi\n=1+1", "Budi\n'=1+1"),
        ("a\t@b|-c", "a\t'@b|'-c"),
        ("Ayu-Lestari", "Ayu-Lestari"),
        ("Ayu; Budi", "Ayu; Budi"),
        ("2026-11-23", "2026-11-23"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_made_text(value: str, safe: str) -> None:
    assert safe_cell(value) == safe


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30))
def test_any_name_comes_back_and_never_as_a_formula(name: str) -> None:
    cell = read(attendance_csv([row(name)], NOW, JAKARTA, "en"))[1][2]

    assert cell.replace("'", "") == name.replace("'", "")
    assert not cell.startswith(("\t", "\r", "\n"))
    for part in re.split(r"[;,|\t\r\n]", cell):
        assert not part.lstrip().startswith(("=", "+", "-", "@"))


def test_the_file_equals_the_database(tmp_path: Path) -> None:
    seed = working_day(tmp_path)
    day = seed.now.date()
    with Session(seed.engine) as session:
        rows = read(attendance_csv(lines_of_day(session, day), seed.now, JAKARTA, "en"))[1:]
        query = select(Attendance, Employee).join(Employee, Employee.id == Attendance.employee_id)
        stored = {employee.code: (fact, employee) for fact, employee in session.execute(query)}
    seed.engine.dispose()

    assert [line[1] for line in rows] == sorted(stored)
    for line in rows:
        fact, employee = stored[line[1]]
        assert line[0] == fact.attendance_date.isoformat()
        assert line[2:4] == [employee.name, employee.department or ""]
        assert datetime.fromisoformat(line[4]) == fact.first_in_at
        assert datetime.fromisoformat(line[6]) == fact.last_out_at
        assert line[8] == ("yes" if fact.last_out_final_at is None else "no")
        assert line[9] == str(fact.visit_count)
