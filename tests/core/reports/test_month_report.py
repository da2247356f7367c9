"""A month's report, from rows to the cells of the workbook."""

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest

from core.domain.states import DayStatus, LeaveKind
from core.i18n import LANGUAGES, catalogue
from core.reports.__main__ import main
from core.reports.muster_list import COLUMNS as MUSTER
from core.reports.periods import month_of
from core.reports.tables import CORRECTIONS, DAYS, DEPARTMENTS, TOTALS, WARNINGS
from tests.core.reports.site import NOW, day_number, see, sheets


def report(tmp_path: Path, *options: str) -> dict[str, list[dict[str, str]]]:
    """The rows of each sheet of the report on November, cell by heading."""
    target = tmp_path / "month.xlsx"
    assert main(["month", "2026-11", "--out", str(target), *options], NOW) == 0
    return sheets(target)


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
    assert "First in 09:30, work began 08:00: 1 h 30 min late" in late["Because"]
    assert (days[day_number(4)]["Status"], days[day_number(7)]["Status"]) == ("Absent", "Day off")
    assert days[day_number(23)]["Provisional"] == "provisional"
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


def test_headings_stay_in_sight_and_cells_are_what_they_are(seed, tmp_path):
    see(seed, seed.employee("E1", "Ana"), 2, "08:00", "17:00")
    report(tmp_path)
    with zipfile.ZipFile(tmp_path / "month.xlsx") as parts:
        totals, days = (parts.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
        styles = parts.read("xl/styles.xml").decode()
    for sheet in (totals, days):
        assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
        assert "<autoFilter ref=" in sheet
        assert "<cols>" in sheet
    assert "<f>SUM(" in totals
    for form in ("yyyy-mm-dd", "hh:mm", "[h]:mm"):
        assert f'formatCode="{form}"' in styles


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


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("department", "Hall", "--from", "2026-11-17", "--to", "2026-11-20"), [(18, "overtime_day")]),
        (("day", "2026-11-16"), []),
        (("day", "2026-11-18"), [(18, "overtime_day")]),
        (
            ("department", "Hall", "--from", "2026-11-16", "--to", "2026-11-17"),
            [(16, "overtime_week"), (16, "week")],
        ),
    ],
    ids=["from a Tuesday", "a Monday", "a Wednesday", "a Monday and its week"],
)
def test_days_are_told_of_the_period_and_weeks_that_begin_in_it(seed, tmp_path, arguments, expected):
    ana = seed.employee("E1", "Ana", "Hall")
    for day, end in ((16, "20:30"), (17, "20:30"), (18, "21:30"), (19, "20:30"), (20, "20:30")):
        see(seed, ana, day, "08:00", end)
    target = tmp_path / "report.xlsx"
    assert main([*arguments, "--limits", "indonesia", "--out", str(target)], NOW) == 0
    said = {
        catalogue("en")[f"reports.exceeded.{code}"]: code
        for code in ("overtime_day", "overtime_week", "week")
    }
    rows = sheets(target).get("Warnings", [])
    assert [(row["Date"], said[row["What"]]) for row in rows] == [
        (day_number(day), code) for day, code in expected
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
    assert main(["month", "2026-11", "--out", str(seed.paths.database / "x.xlsx")], NOW) == 2
    said = capsys.readouterr().err
    assert said.startswith("reports: ") and said.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["month", "2026-13", "--out", str(tmp_path / "x.xlsx")], NOW)


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2028, 2, 29), 29), (date(2026, 2, 1), 28), (date(2026, 12, 31), 31), (date(2026, 11, 5), 30)],
)
def test_a_month_ends_on_its_last_day(day, last):
    period = month_of(day)
    assert (period.first, period.last) == (day.replace(day=1), day.replace(day=last))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [TOTALS, DEPARTMENTS, DAYS, WARNINGS, CORRECTIONS, MUSTER])
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
