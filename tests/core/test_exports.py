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

from core.exports import ATTENDANCE_COLUMNS, attendance_csv, safe_cell
from core.storage import queries
from core.storage.models import Attendance, Employee
from core.storage.rows import AttendanceRow, Shot
from tests.seed import working_day

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def row(name: str = "Ayu", **changes: object) -> AttendanceRow:
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
    return AttendanceRow(**(facts | changes))  # type: ignore[arg-type]


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
    ]


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
        rows = read(attendance_csv(queries.attendance(session, day), seed.now, JAKARTA, "en"))[1:]
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
