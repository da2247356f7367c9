"""The page Reports: choose, look, take away; within one's departments, and with a trail."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import CoverageState
from core.errors import AccessDenied, GspeError
from core.reports.files import Ending
from core.reports.periods import Period
from core.reports.report import ReportKind, Scope
from core.storage.models import AuditLog, CameraCoverage, VisitCamera
from core.storage.report_rows import Person
from dashboard import report_commands
from tests.dashboard.signed_in import open_view, turn_to, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.reports:show"
NOW = datetime.now(UTC).replace(hour=23, minute=30, second=0, microsecond=0) - timedelta(days=1)


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = working_day(tmp_path, NOW)
    start = NOW - timedelta(days=40)
    for camera in (1, 2):
        observing = {"state": CoverageState.OBSERVING, "started_at": start, "ended_at": NOW}
        seed.add(CameraCoverage(camera_id=camera, **observing))
    for employee in (1, 3):
        for days in range(1, 10):
            arrived = (NOW - timedelta(days=days)).replace(hour=8, minute=20)
            visit = seed.visit(employee, arrived, arrived + timedelta(hours=9))
            seed.add(VisitCamera(visit_id=visit, camera_id=1, first_seen_at=arrived, last_seen_at=arrived))
    return seed


def on_page(seed: Seed, monkeypatch: pytest.MonkeyPatch, username: str) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, username)


def trail(seed: Seed) -> list[tuple[str, str, str]]:
    with Session(seed.engine) as session:
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id))
        return [(row.actor, row.action, row.subject) for row in rows]


def choose(page: AppTest, kind: str) -> AppTest:
    return page.button_group(key="report_kind").set_value(kind).run()


def buttons(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button if str(button.key).startswith("make_")}


def test_a_month_is_a_table_charts_and_files(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = on_page(seed, monkeypatch, "hr").run()
    assert "People: 8" in words_on(page)
    table = page.dataframe[0].value
    assert list(table["Name"])[:2] == ["Ayu Lestari", "Budi Santoso"]
    assert {"Coverage", "Missing", "Corrected days"} <= set(table.columns)
    assert not page.get("plotly_chart"), "charts are drawn for who looks at them"
    words = words_on(turn_to(page, "report_tab", "Charts"))
    for title in ("Attendance rate", "Arrivals", "Presence by hour", "Lateness by department", "Coverage"):
        assert title in words
    assert len(page.get("plotly_chart")) == 5
    assert buttons(page) == {"make_xlsx", "make_csv", "make_payroll"}
    assert trail(seed) == [], "looking is not taking away"

    page.button(key="make_xlsx").click().run()
    assert not page.exception
    assert trail(seed) == [("hr", "report.exported", "reports:month")]
    made = page.session_state["made_file"].content
    assert "xl/workbook.xml" in ZipFile(BytesIO(made)).namelist()
    assert len(page.get("download_button")) == 1
    page.button(key="make_payroll").click().run()
    assert page.session_state["made_file"].content.startswith(b"\xef\xbb\xbfEmployee code;Name;")
    assert trail(seed)[-1] == ("hr", "report.exported", "reports:payroll")
    page.selectbox(key="report_department").select("Gudang").run()
    assert not page.get("download_button"), "what was made was about something else"
    assert "People: 2" in words_on(page)


def test_a_person_on_paper_is_a_view_of_his_pictures(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = choose(on_page(seed, monkeypatch, "supervisor").run(), "person")
    assert not page.dataframe, "nobody is chosen yet"
    page.selectbox(key="report_person").select_index(2).run()
    page.date_input(key="report_first").set_value((NOW - timedelta(days=9)).date()).run()
    assert "Arrivals" in words_on(turn_to(page, "report_tab", "Charts"))
    assert buttons(page) == {"make_xlsx", "make_csv", "make_pdf"}
    page.button(key="make_pdf").click().run()
    said = " ".join(
        one.extract_text() for one in PdfReader(BytesIO(page.session_state["made_file"].content)).pages
    )
    assert "Citra Dewi" in said
    assert trail(seed) == [
        ("supervisor", "report.exported", "employees:3"),
        ("supervisor", "pictures.viewed", "employees:3"),
    ]


def test_a_day_and_a_department(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = choose(on_page(seed, monkeypatch, "hr").run(), "day")
    page.date_input(key="report_day").set_value((NOW - timedelta(days=1)).date()).run()
    assert len(turn_to(page, "report_tab", "Charts").get("plotly_chart")) == 2
    assert "First in" in page.dataframe[0].value.columns
    choose(page, "department")
    assert set(page.dataframe[0].value["Department"]) == {"Gudang"}


def test_who_is_limited_sees_and_takes_away_his_own_only(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = on_page(seed, monkeypatch, "spv.gudang").run()
    assert set(page.dataframe[0].value["Departemen"]) == {"Gudang"}
    assert buttons(page) == {"make_xlsx", "make_csv"}, "payroll is HR's"
    page.button(key="make_csv").click().run()
    content = page.session_state["made_file"].content.decode("utf-8-sig")
    assert content.startswith("Tanggal;Kode;Nama")
    assert "Citra Dewi" in content
    assert "Ayu Lestari" not in content

    period = Period(NOW.date(), NOW.date())
    foreign = Scope(ReportKind.DAY, period, ("Produksi",))
    with pytest.raises(AccessDenied):
        report_commands.make_report(foreign, Ending.CSV)
    ayu = Scope(ReportKind.PERSON, period, (), Person(1, "E01", "Ayu Lestari", "Gudang"))
    with pytest.raises(GspeError, match="no employee with the code E01"):
        report_commands.make_report(ayu, Ending.PDF)
    with pytest.raises(AccessDenied):
        report_commands.make_payroll(Scope(ReportKind.MONTH, period))
    assert len(trail(seed)) == 1


def test_too_many_days_and_broken_settings_are_said(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = choose(on_page(seed, monkeypatch, "hr").run(), "department")
    page.date_input(key="report_first").set_value((NOW - timedelta(days=800)).date()).run()
    assert page.error[0].value.startswith("A page shows at most 366 days")
    page = on_page(seed, monkeypatch, "hr").run()
    seed.paths.payroll.write_text('{"separator": "x"}')
    page.button(key="make_payroll").click().run()
    assert page.error[0].value.startswith("Payroll: Separator must be one of")
    assert trail(seed) == []


def test_a_viewer_may_not_open_it(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = on_page(seed, monkeypatch, "viewer").run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)
