"""A month's report, from rows to the cells of the workbook."""

import re
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from core.domain.states import CoverageState, DayStatus, LeaveKind
from core.i18n import LANGUAGES, catalogue
from core.reports.__main__ import main
from core.reports.month import month_bounds
from core.reports.workbook import DAYS, TOTALS, WARNINGS
from core.settings import Parameters
from core.settings_store import MISSING, SettingsStore
from core.storage.models import CameraCoverage, VisitCamera
from tests.seed import Seed

ZONE = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 23, tzinfo=ZONE)
FIRST = datetime(2026, 11, 2, tzinfo=ZONE)
"""A Monday; he was made thirty days before NOW, and cameras observed all the time."""
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EXCEL_ZERO = date(1899, 12, 30)


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    seed = Seed(tmp_path / "home", NOW)
    SettingsStore(seed.paths).save_parameters(Parameters(time_zone=ZONE.key), MISSING)
    seed.camera(1, "Gate")
    seed.add(
        CameraCoverage(
            camera_id=1, state=CoverageState.OBSERVING, started_at=NOW - timedelta(days=40), ended_at=NOW
        )
    )
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    return seed


def see(seed: Seed, employee: int, day: int, start: str, end: str) -> None:
    begin, stop = (datetime.combine(date(2026, 11, day), time.fromisoformat(t), ZONE) for t in (start, end))
    visit = seed.visit(employee, begin, stop)
    seed.add(VisitCamera(visit_id=visit, camera_id=1, first_seen_at=begin, last_seen_at=stop))


def report(tmp_path: Path, *options: str) -> dict[str, list[dict[str, str]]]:
    """The rows of each sheet of the report on November, cell by heading."""
    target = tmp_path / "month.xlsx"
    assert main(["month", "2026-11", "--out", str(target), *options]) == 0
    return sheets(target)


def sheets(file: Path) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(file) as parts:
        shared = [
            "".join(node.itertext())
            for node in ElementTree.parse(BytesIO(parts.read("xl/sharedStrings.xml"))).getroot()
        ]
        names = re.findall(r'<sheet name="([^"]+)"', parts.read("xl/workbook.xml").decode())
        return {
            name: table(ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml")), shared)
            for number, name in enumerate(names, 1)
        }


def table(sheet: ElementTree.Element, shared: list[str]) -> list[dict[str, str]]:
    heading, *rows = (
        {re.sub(r"\d", "", cell.get("r", "")): content(cell, shared) for cell in row}
        for row in sheet.iter(f"{SPREADSHEET}row")
    )
    return [{heading[column]: value for column, value in row.items()} for row in rows]


def content(cell: ElementTree.Element, shared: list[str]) -> str:
    value = cell.findtext(f"{SPREADSHEET}v", "")
    return shared[int(value)] if cell.get("t") == "s" else value


def day_number(day: int) -> str:
    return str((date(2026, 11, day) - EXCEL_ZERO).days)


def test_days_and_sums_are_those_of_the_rules(seed, tmp_path):
    ana = seed.employee("E1", "Ana", "Hall")
    see(seed, ana, 2, "08:00", "17:00")
    see(seed, ana, 3, "09:30", "18:00")
    found = report(tmp_path)
    assert list(found) == ["Totals", "Days"]
    days = {row["Date"]: row for row in found["Days"]}
    assert len(days) == 23, "the days that have begun"
    on_time, late = days[day_number(2)], days[day_number(3)]
    assert (on_time["Status"], on_time["Because"]) == ("Present", "Neither late nor a half day")
    assert late["Status"] == "Late"
    assert float(late["Late by"]) == pytest.approx(1.5 / 24)
    assert float(late["Overtime"]) == pytest.approx(1 / 24)
    assert float(late["First in"]) == pytest.approx(float(day_number(3)) + 9.5 / 24)
    assert "First in 3 Nov 2026 09:30, work began 3 Nov 2026 08:00: 1 h 30 min late" in late["Because"]
    assert (days[day_number(4)]["Status"], days[day_number(7)]["Status"]) == ("Absent", "Day off")
    assert days[day_number(23)]["Provisional"] == "Provisional"
    sums, total = found["Totals"]
    assert {name: sums[name] for name in ("Code", "Department", "Present", "Late", "Absent", "Day off")} == {
        "Code": "E1",
        "Department": "Hall",
        "Present": "1",
        "Late": "1",
        "Absent": "14",
        "Day off": "7",
    }
    assert float(sums["Time present"]) == pytest.approx(17.5 / 24)
    assert total["Code"] == "Total"
    assert float(total["Late"]) == 1


def test_a_name_stays_a_name(seed, tmp_path):
    seed.employee("=1+1", '=HYPERLINK("http://evil","x")', "@SUM(A1)")
    file = tmp_path / "month.xlsx"
    report(tmp_path)
    with zipfile.ZipFile(file) as parts:
        cells = parts.read("xl/worksheets/sheet2.xml").decode()
        assert "<f>" not in cells
        assert not any(
            "hyperlink" in name.lower() or ("rels" in name and "sheet" in name) for name in parts.namelist()
        )
    assert report(tmp_path)["Days"][0]["Name"] == '=HYPERLINK("http://evil","x")'


def test_hours_beyond_the_law_are_told_for_whole_weeks(seed, tmp_path):
    ana = seed.employee("E1", "Ana")
    for day in range(16, 21):
        see(seed, ana, day, "08:00", "21:30")
    assert "Warnings" not in report(tmp_path)
    rows = report(tmp_path, "--limits", "indonesia")["Warnings"]
    told = [(row["Date"], row["What"], float(row["Reached"])) for row in rows]
    assert [row for row in told if row[0] == day_number(16)] == [
        (day_number(16), "Overtime of the day", pytest.approx(4.5 / 24)),
        (day_number(16), "Overtime of the week from this Monday", pytest.approx(22.5 / 24)),
        (day_number(16), "Working time of the week from this Monday", pytest.approx(45 / 24)),
    ]


def test_it_speaks_indonesian_and_keeps_to_a_department(seed, tmp_path):
    seed.employee("E1", "Ana", "Hall")
    seed.employee("E2", "Budi", "Kantor")
    found = report(tmp_path, "--language", "id", "--department", "Kantor")
    assert list(found) == ["Jumlah", "Harian"]
    assert {row["Kode"] for row in found["Harian"]} == {"E2"}


def test_a_month_without_anybody_is_a_file_with_headings(seed, tmp_path):
    assert report(tmp_path) == {"Totals": [], "Days": []}


def test_what_cannot_be_done_is_said_in_one_sentence(seed, tmp_path, capsys):
    assert main(["month", "2026-11", "--out", str(seed.paths.database / "x.xlsx")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("reports: ") and said.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["month", "2026-13", "--out", str(tmp_path / "x.xlsx")])


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2028, 2, 29), 29), (date(2026, 2, 1), 28), (date(2026, 12, 31), 31), (date(2026, 11, 5), 30)],
)
def test_a_month_ends_on_its_last_day(day, last):
    assert month_bounds(day) == (day.replace(day=1), day.replace(day=last))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [TOTALS, DAYS, WARNINGS])
def test_no_two_columns_of_a_sheet_have_one_name(columns, language):
    names = [catalogue(language)[f"reports.{column.key}"] for column in columns]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_leave_and_reason_has_its_words(language):
    keys = {key.removeprefix("reports.") for key in catalogue(language)}
    assert {f"status.{one}" for one in DayStatus} | {f"leave.{one}" for one in LeaveKind} <= keys
    source = (Path(__file__).parents[3] / "core" / "domain" / "workday.py").read_text()
    codes = set(re.findall(r'(?:_decide\(|_become\([^,]+, )"(\w+)"', source))
    assert len(codes) >= 10
    assert {f"reason.{code}" for code in codes} == {key for key in keys if key.startswith("reason.")}
