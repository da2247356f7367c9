"""Every kind of report by command: what the files say, what the trail holds, what is refused."""

import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import strict_json
from core.domain.states import CoverageState, PresenceState
from core.reports import __main__ as command
from core.reports import paper
from core.reports.__main__ import main
from core.reports.days import days_of
from core.reports.periods import Period
from core.settings import Parameters
from core.storage import audit, judged_days
from core.storage.models import AuditLog, CameraCoverage, Evidence, ShiftAssignment, ShiftPlan
from tests.core.reports.site import NOW, ZONE, at, correct, day_number, see, separated_rows, sheets
from tests.seed import Seed

RANGE = ("--from", "2026-11-01", "--to", "2026-11-30")
EVIL = ["=1+1", "+628123", "-2+3", "@SUM(A1)", "\tx", "\r=x", '=HYPERLINK("http://evil")', "a;=1+1"]


def written(tmp_path: Path, name: str, *arguments: str) -> bytes:
    out = tmp_path / name
    assert main([*arguments, "--out", str(out)], NOW) == 0
    return out.read_bytes()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    said = capsys.readouterr().err
    assert said.startswith("reports: ")
    assert said.count("\n") == 1
    return said


def trail(seed: Seed) -> list[tuple[str, str, str, dict[str, object]]]:
    with Session(seed.engine) as session:
        assert audit.verify(session) is None
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id))
        return [(row.actor, row.action, row.subject, row.params) for row in rows]


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def pictures_in(pdf: bytes) -> int:
    """How often a picture is drawn; equal ones are stored once."""
    contents = (page.get_contents() for page in PdfReader(BytesIO(pdf)).pages)
    return sum(content.get_data().count(b" Do ") for content in contents if content is not None)


def test_a_day_is_one_row_a_person_and_sums_of_departments(seed, tmp_path):
    see(seed, seed.employee("E1", "Ana", "Hall"), 9, "08:00", "17:00")
    see(seed, seed.employee("E2", "Budi", "Yard"), 9, "09:30", "17:00")
    written(tmp_path, "day.xlsx", "day", "2026-11-09")
    found = sheets(tmp_path / "day.xlsx")
    assert list(found) == ["Days", "Departments"]
    assert {row["Name"]: row["Status"] for row in found["Days"]} == {"Ana": "Present", "Budi": "Late"}
    assert {row["Date"] for row in found["Days"]} == {day_number(9)}
    hall, yard, total = found["Departments"]
    assert (hall["Department"], hall["People"], hall["Present"], hall["Coverage"]) == ("Hall", "1", "1", "1")
    assert (yard["Department"], yard["Late"], float(total["People"])) == ("Yard", "1", 2)
    [row] = separated_rows(written(tmp_path, "day.csv", "day", "2026-11-09", "--department", "Yard"))
    assert (row["Date"], row["Name"], row["First in"]) == ("2026-11-09", "Budi", "2026-11-09T09:30:00+07:00")
    assert (row["Late by"], row["Coverage"], row["Corrected"]) == ("1:30:00", "100%", "")


def test_a_department_has_its_sums_and_those_of_its_people(seed, tmp_path):
    for code, name in (("E1", "Ana"), ("E2", "Budi")):
        see(seed, seed.employee(code, name, "Hall"), 9, "08:00", "17:00")
    seed.employee("E3", "Citra", "Yard")
    written(tmp_path, "hall.xlsx", "department", "Hall", "--from", "2026-11-09", "--to", "2026-11-10")
    found = sheets(tmp_path / "hall.xlsx")
    assert list(found) == ["Totals", "Departments", "Days"]
    assert [(row["Code"], row["Present"], row["Absent"]) for row in found["Totals"][:2]] == [
        ("E1", "1", "1"),
        ("E2", "1", "1"),
    ]
    hall = found["Departments"][0]
    assert (hall["Department"], hall["People"], hall["Present"]) == ("Hall", "2", "2")
    assert float(hall["Working time"]) == pytest.approx(4 * 9 / 24)


def test_corrections_are_marked_and_told_with_who_and_why(seed, tmp_path):
    ana = seed.employee("E1", "Ana")
    see(seed, ana, 9, "09:30", "17:00")
    correct(seed, ana, 9, first_in_at=at(9, "08:00"), status="present", note="Guard", decided_by="wati")
    correct(seed, ana, 10, status="leave", state="pending")
    written(tmp_path, "ana.xlsx", "person", "E1", *RANGE)
    found = sheets(tmp_path / "ana.xlsx")
    assert list(found) == ["Days", "Totals", "Corrections"]
    marked = [row["Date"] for row in found["Days"] if row["Corrected"] == "corrected"]
    assert marked == [day_number(9)]
    assert found["Totals"][0]["Corrected days"] == "1"
    [told] = found["Corrections"]
    assert (told["Corrected by"], told["Approved by"], told["Note"]) == ("sari", "wati", "Guard")
    assert told["Reason"] == "He forgot nothing, the camera did"


def test_a_person_on_paper_has_pictures_words_sums_and_a_trail(seed, tmp_path):
    ana = seed.employee("E1", "Ayu Ñañé Müller", "Produksi")
    see(seed, ana, 9, "08:00", "17:00")
    removed, lost, bare = (see(seed, ana, day, "09:30", "17:00") for day in (10, 11, 12))
    with Session(seed.engine) as session, session.begin():
        session.execute(update(Evidence).where(Evidence.visit_id == removed).values(path=None))
        session.execute(delete(Evidence).where(Evidence.visit_id == bare))
    (seed.home / f"data/evidence/V{lost}/departure.jpg").unlink()
    correct(seed, ana, 10, first_in_at=at(10, "08:00"))

    pdf = written(tmp_path, "ana.pdf", "person", "E1", *RANGE)
    said = words_of(pdf)
    for words in (
        "Bengkel Maju",
        "Ayu Ñañé Müller",
        "Code E1 · Produksi · 1 Nov 2026 to 30 Nov 2026",
        "picture removed by retention",
        "picture cannot be read",
        "no picture was taken",
        "Present corrected",
        "First in 09:30, work began 08:00",
        "Corrected by sari on 23 Nov 2026 23:00: He forgot nothing, the camera did.",
        "Coverage 100 %",
        "Page 1 of 2",
        "times in Asia/Jakarta",
    ):
        assert words in said, words
    assert pictures_in(pdf) == 3
    shown = {"pictures": 3, "period": "2026-11-01..2026-11-30"}
    assert trail(seed) == [
        (
            "system:command",
            "report.exported",
            f"employees:{ana}",
            {**shown, "kind": "person", "format": "pdf", "people": 1},
        ),
        ("system:command", "pictures.viewed", f"employees:{ana}", shown),
    ]


@pytest.mark.parametrize("fonts", [(), paper.EAST_ASIAN_FILES])
def test_paper_speaks_indonesian_and_bears_every_name(seed, tmp_path, monkeypatch, fonts):
    monkeypatch.setattr(paper, "EAST_ASIAN_FILES", fonts)
    see(seed, seed.employee("E1", "李 Łucja 😀"), 9, "09:30", "17:00")
    said = words_of(written(tmp_path, "x.pdf", "person", "E1", *RANGE, "--language", "id"))
    assert "Łucja" in said
    assert "Masuk pertama 09.30, kerja mulai 08.00: terlambat 1 jam 30 mnt" in said
    assert "Halaman 1 dari 2" in said


def test_the_pictures_of_a_night_stand_on_the_day_on_which_it_began(seed, tmp_path):
    ana = seed.employee("E1", "Ana")
    night = seed.add(ShiftPlan(name="Night", start="22:00", end="06:00", breaks=[], weekdays=list(range(7))))
    seed.add(ShiftAssignment(shift_id=night, employee_id=ana, first_date=at(1, "00:00").date()))
    seed.visit(ana, at(9, "22:00"), at(10, "06:00"))
    pdf = written(tmp_path, "x.pdf", "person", "E1", "--from", "2026-11-09", "--to", "2026-11-09")
    assert pictures_in(pdf) == 2
    later = written(tmp_path, "x.pdf", "person", "E1", "--from", "2026-11-10", "--to", "2026-11-10")
    assert pictures_in(later) == 0


@pytest.mark.parametrize("name", EVIL)
def test_no_name_runs_in_a_spreadsheet(seed, tmp_path, name):
    see(seed, seed.employee("E1", name, name), 9, "08:00", "17:00")
    written(tmp_path, "x.xlsx", "month", "2026-11")
    with zipfile.ZipFile(tmp_path / "x.xlsx") as parts:
        days = parts.read("xl/worksheets/sheet2.xml").decode()
        assert "<f>" not in days
        assert not any("hyperlink" in part.lower() for part in parts.namelist())
    for kind in (("month", "2026-11"), ("payroll", "2026-11")):
        content = written(tmp_path, "x.csv", *kind)
        delimiter = ";" if kind[0] == "payroll" else ","
        for row in separated_rows(content, delimiter):
            assert row["Name"].startswith("'") or "'=" in row["Name"]


def test_payroll_has_the_columns_of_the_settings(seed, tmp_path):
    see(seed, seed.employee("E1", "Ana", "Hall"), 9, "08:00", "17:00")
    see(seed, 1, 10, "09:30", "18:30")
    [row] = separated_rows(written(tmp_path, "pay.csv", "payroll", "2026-11"), ";")
    assert (row["Employee code"], row["From"], row["To"]) == ("E1", "2026-11-01", "2026-11-30")
    assert (row["Days attended"], row["Days absent"], row["Late by"]) == ("2", "14", "1.50")
    assert row["Coverage percent"] == "100"
    settings = {
        "columns": [
            {"code": "code", "header": "NIK"},
            {"code": "first_date", "header": "Dari"},
            {"code": "overtime", "header": "Lembur"},
            {"code": "coverage", "header": "Cakupan"},
        ],
        "separator": "|",
        "decimal_sign": ",",
        "durations": "minutes",
        "date_format": "DD/MM/YYYY",
    }
    seed.paths.payroll.write_bytes(strict_json.dumps(settings))
    content = written(tmp_path, "pay.csv", "payroll", "2026-11").decode("utf-8-sig")
    assert content == "NIK|Dari|Lembur|Cakupan\r\nE1|01/11/2026|90|100\r\n"


@pytest.mark.parametrize("over", [False, True], ids=["judged now", "stored"])
def test_a_correction_taken_back_is_nothing_to_payroll(seed, tmp_path, over):
    ana = seed.employee("E1", "Ana", "Hall")
    for day in (9, 10):
        see(seed, ana, day, "08:00", "17:00")
    correct(seed, ana, 9)
    correct(seed, ana, 10, note="by bus")
    if over:
        with Session(seed.engine) as session, session.begin():
            whole = Period(date(2026, 11, 1), date(2026, 11, 30))
            days = days_of(session, whole, Parameters(time_zone=ZONE.key), NOW)
            assert judged_days.store(session, days, NOW) == len(days)
    columns = [{"code": "code", "header": "NIK"}, {"code": "days_corrected", "header": "Corrected"}]
    seed.paths.payroll.write_bytes(strict_json.dumps({"columns": columns}))
    [row] = separated_rows(written(tmp_path, "pay.csv", "payroll", "2026-11"), ";")
    assert row == {"NIK": "E1", "Corrected": "1"}
    assert written(tmp_path, "ana.xlsx", "person", "E1", *RANGE)
    assert len(sheets(tmp_path / "ana.xlsx")["Corrections"]) == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"columns": []}, "columns has a value that cannot be used"),
        ({"columns": [{"code": "salary", "header": "x"}]}, "columns[0].code must be one of"),
        ({"separator": ",", "decimal_sign": ","}, "separator and decimal_sign are the same"),
        (
            {"columns": [{"code": "code", "header": "x"}, {"code": "name", "header": "x"}]},
            "Two columns have the same header",
        ),
    ],
)
def test_payroll_settings_that_cannot_be_are_named(seed, tmp_path, capsys, settings, said):
    seed.paths.payroll.write_bytes(strict_json.dumps(settings))
    told = refused(capsys, "payroll", "2026-11", "--out", str(tmp_path / "x.csv"))
    assert "config/config_payroll.json" in told
    assert said in told


def test_an_outage_of_two_minutes_is_never_a_whole_coverage(seed, tmp_path):
    ana = seed.employee("E1", "Ana", "Hall")
    see(seed, ana, 9, "08:00", "11:00")
    see(seed, ana, 9, "13:00", "17:00")
    with Session(seed.engine) as session, session.begin():
        session.execute(update(CameraCoverage).values(ended_at=at(9, "11:30")))
    later = {"started_at": at(9, "11:32"), "ended_at": NOW}
    seed.add(CameraCoverage(camera_id=1, state=CoverageState.OBSERVING, **later))
    [row] = separated_rows(written(tmp_path, "day.csv", "day", "2026-11-09"))
    assert row["Coverage"] == "99%"
    written(tmp_path, "day.xlsx", "day", "2026-11-09")
    assert sheets(tmp_path / "day.xlsx")["Days"][0]["Coverage"] == "0.99"
    [pay] = separated_rows(written(tmp_path, "pay.csv", "payroll", "2026-11"), ";")
    assert pay["Coverage percent"] == "99"
    assert "Coverage 99 %" in words_of(written(tmp_path, "ana.pdf", "person", "E1", *RANGE))


def test_the_muster_list_works_from_the_last_facts(seed, tmp_path):
    ana, budi = seed.employee("E1", "Ana", "Hall"), seed.employee("E2", "=Budi", "Yard")
    seed.worker(age_s=7200)
    seed.presence(ana, PresenceState.AVAILABLE, at(23, "08:00"), last_seen_at=at(23, "20:55"))
    seed.visit(ana, at(23, "08:00"), at(23, "20:55"), open_=True)
    seed.visit(budi, at(23, "08:00"), at(23, "12:00"))
    seed.presence(budi, PresenceState.UNOBSERVED, at(23, "20:00"), last_seen_at=at(23, "12:00"))
    gone = seed.employee("E3", "Citra")
    seed.visit(gone, at(23, "08:00"), at(23, "12:00"))
    seed.presence(gone, PresenceState.OFF, at(23, "12:00"))
    rows = separated_rows(written(tmp_path, "m.csv", "muster"))
    assert [(row["Inside"], row["Place"], row["Name"]) for row in rows] == [
        ("Believed inside", "Lobby", "Ana"),
        ("Maybe inside", "Lobby", "'=Budi"),
    ]
    said = words_of(written(tmp_path, "m.pdf", "muster", "--language", "id", "--department", "Hall"))
    assert "Daftar kumpul" in said
    assert "Diyakini di dalam: 1" in said
    assert "Budi" not in said
    assert [row[1:3] for row in trail(seed)] == [("report.exported", "reports:muster")] * 2


def test_a_muster_list_comes_also_when_the_trail_cannot_be_written(seed, tmp_path, capsys, monkeypatch):
    seed.employee("E1", "Ana")
    monkeypatch.setattr(command, "LOCK_BUDGET_S", 0.1)
    with closing(sqlite3.connect(seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert main(["muster", "--out", str(tmp_path / "m.pdf")], NOW) == 0
        assert "the muster list is not in the audit trail" in capsys.readouterr().err
        assert refused(capsys, "day", "2026-11-09", "--out", str(tmp_path / "x.csv"))
        assert not (tmp_path / "x.csv").exists(), "nothing leaves without a trace"
    assert (tmp_path / "m.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("day", "2026-11-09", "--out", "x.txt"), "does not end in .xlsx, .csv or .pdf"),
        (("day", "2026-11-09", "--out", "x.pdf"), "ends in .xlsx, .csv"),
        (("payroll", "2026-11", "--out", "x.xlsx"), "ends in .csv"),
        (("muster", "--out", "x.xlsx"), "ends in .pdf or .csv"),
        (("person", "E9", *RANGE, "--out", "x.csv"), "no employee with the code E9"),
        (("department", "Hull", *RANGE, "--out", "x.csv"), "there are: Hall"),
        (("day", "2026-11-09", "--department", "Hull", "--out", "x.csv"), "there are: Hall"),
        (
            ("person", "E1", "--from", "2026-11-02", "--to", "2026-11-01", "--out", "x.csv"),
            "the last day is before the first",
        ),
    ],
)
def test_what_cannot_be_is_said(seed, capsys, arguments, said):
    seed.employee("E1", "Ana", "Hall")
    assert said in refused(capsys, *arguments)
    assert trail(seed) == []
