"""What the charts draw, in both languages, also when there is nothing to draw."""

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from core.reports import figures
from core.reports.frame import day_frame
from core.reports.periods import Period
from core.reports.table import Column, Form, Table
from dashboard.widgets import charts
from dashboard.widgets.report_table import shown
from dashboard.widgets.words import Words

ZONE = ZoneInfo("Asia/Jakarta")
NOBODY = day_frame([], set(), ZONE)
MONDAY = date(2026, 11, 2)


def test_shares_are_rounded_down() -> None:
    words = Words("en", ZONE)
    assert [charts.percent(share, words) for share in (0.996, 0.29, 1.0)] == ["99 %", "29 %", "100 %"]
    table = Table("days", [Column("column.coverage", Form.SHARE)], [(0.996,), (1.0,)])
    assert list(shown(table, words)["Coverage"]) == ["99 %", "100 %"]


@pytest.mark.parametrize("language", ["en", "id"])
def test_nothing_is_drawn_as_nothing(language: str) -> None:
    words = Words(language, ZONE)
    hours = figures.presence_by_hour([], Period(MONDAY, MONDAY), MONDAY, ZONE)
    drawn = (
        charts.attendance_rate_chart(figures.attendance_rate(NOBODY), words),
        charts.coverage_chart(figures.coverage_by_day(NOBODY), words),
        charts.arrival_chart(figures.arrival_times(NOBODY), words),
        charts.lateness_chart(figures.lateness_by_department(NOBODY), words),
        charts.presence_chart(hours, words),
    )
    for figure in drawn:
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
        assert figure.to_json()


def test_rates_stand_beside_their_coverage_in_percent() -> None:
    days = pd.to_datetime([MONDAY, date(2026, 11, 3)])
    rates = pd.DataFrame({"day": days, "rate": [0.5, 1.0], "coverage": [0.25, None]})
    figure = charts.attendance_rate_chart(rates, Words("id", ZONE))
    rate, coverage = figure.data
    assert list(rate.y) == [50, 100]
    assert rate.hovertext == ("2 Nov 2026: Tingkat kehadiran 50 %", "3 Nov 2026: Tingkat kehadiran 100 %")
    assert coverage.hovertext[1].endswith("Cakupan –")  # noqa: RUF001
    assert figure.layout.xaxis.ticktext == ("2 Nov 2026", "3 Nov 2026")
    assert figure.layout.separators == ",."


def test_a_department_s_bar_says_its_coverage() -> None:
    rows = pd.DataFrame(
        {
            "department": ["", "Hall"],
            "attended": [4, 10],
            "late": [1, 0],
            "share": [0.25, 0.0],
            "mean_late_min": [12.4, None],
            "coverage": [0.9, None],
        }
    )
    [bars] = charts.lateness_chart(rows, Words("en", ZONE)).data
    assert bars.y == ("No department", "Hall")
    assert bars.text[0] == "25 % (coverage 90 %)"
    assert bars.hovertext[0] == "No department: 1 of 4 days late, 12 min on average, coverage 90 %"


def test_an_hour_that_has_not_been_is_blank() -> None:
    hours = figures.presence_by_hour([], Period(MONDAY, MONDAY), MONDAY, ZONE)
    [cells] = charts.presence_chart(hours, Words("en", ZONE)).data
    assert cells.z[0][8] == 0
    assert cells.z[1][8] is None
    assert cells.text[0][8] == "Monday, 08 h: 0.0"
