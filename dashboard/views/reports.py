"""Reports: choose what about, see it as a table and as charts, take it away as a file."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY, day_bounds
from core.domain.states import Role
from core.errors import GspeError
from core.reports import figures
from core.reports.files import ENDINGS, Ending
from core.reports.periods import Period, month_of
from core.reports.report import Report, ReportKind, Scope, read_report
from core.reports.tables import WHO, first_table
from core.reports.wording import Wording
from core.storage import report_rows
from core.storage.report_rows import Person
from dashboard import data, report_commands
from dashboard.auth import Account
from dashboard.database import reader, site_paths
from dashboard.widgets import charts
from dashboard.widgets.day import choose_day
from dashboard.widgets.day_words import month_name
from dashboard.widgets.in_address import kept
from dashboard.widgets.made_file import Offer, offer_files
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.report_table import shown
from dashboard.widgets.tabs import show_tabs

READ_ANEW_S = 60.0
MONTHS_BACK = 36
MOST_DAYS = 366
"""More days at once are for the command line."""
KINDS = [str(kind) for kind in ReportKind]
NOT_PLAIN = re.compile(r"[^\w-]+")


def show() -> None:
    page = open_page(Role.SUPERVISOR, "report_page.title")
    try:
        scope = _choose(page)
        if scope is None:
            return
        with st.spinner(page.words("report_page.reading")):
            report, visits, read_at = _read(str(site_paths().database), page.account, scope)
    except GspeError as error:
        show_error(page.words, error)
        return
    words = page.words
    st.caption(
        words(
            "report_page.read",
            people=words.number(report.people),
            coverage=charts.percent(report.coverage, words),
            time=words.time(read_at),
        )
    )
    if report.days.empty:
        st.info(words("report_page.nobody"), icon=":material/event_busy:")
        return
    _files(page, scope)
    shows = {"table": partial(_table, page, report), "charts": partial(_charts, page, report, visits)}
    show_tabs("report_tab", {name: words(f"report_page.{name}") for name in shows}, shows)


def _choose(page: Page) -> Scope | None:
    """None while something is still to be chosen."""
    words = page.words
    kind = st.segmented_control(
        words("report_page.kind"),
        KINDS,
        format_func=lambda kind: words(f"report_page.kind.{kind}"),
        required=True,
        **kept("report_kind", KINDS, default=ReportKind.MONTH.value),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        match ReportKind(kind or ReportKind.MONTH):
            case ReportKind.DAY:
                day = choose_day(words("report_page.day"), "report_day", words.zone, page.now)
                return Scope(ReportKind.DAY, Period(day, day), _departments(page))
            case ReportKind.MONTH:
                return Scope(ReportKind.MONTH, _month(page), _departments(page))
            case ReportKind.PERSON:
                person = _person(page)
                return None if person is None else Scope(ReportKind.PERSON, _range(page), (), person)
            case ReportKind.DEPARTMENT:
                departments = _departments(page, all_of_them=False)
                return Scope(ReportKind.DEPARTMENT, _range(page), departments) if departments else None


def _departments(page: Page, *, all_of_them: bool = True) -> tuple[str, ...]:
    words, departments = page.words, data.departments(page.account)
    key = "report_department" if all_of_them else "report_one_department"
    first = None if all_of_them else next(iter(departments), None)
    chosen = st.selectbox(
        words("report_page.department"),
        departments,
        index=None if all_of_them else 0,
        placeholder=words("report_page.all_departments" if all_of_them else "report_page.choose"),
        width=240,
        **kept(key, departments, default=first),
    )
    return (chosen,) if chosen else ()


def _month(page: Page) -> Period:
    words = page.words
    latest = page.now.astimezone(words.zone).date().replace(day=1)
    months = [latest]
    while len(months) < MONTHS_BACK:
        months.append((months[-1] - ONE_DAY).replace(day=1))
    by_code = {f"{month:%Y-%m}": month for month in months}
    chosen = st.selectbox(
        words("report_page.month"),
        list(by_code),
        format_func=lambda code: month_name(by_code[code], words),
        width=160,
        **kept("report_month", by_code, default=f"{latest:%Y-%m}"),
    )
    return month_of(by_code[chosen] if chosen else latest)


def _range(page: Page) -> Period:
    words = page.words
    today = page.now.astimezone(words.zone).date()
    first = st.date_input(
        words("report_page.first"),
        today.replace(day=1),
        max_value=today,
        key="report_first",
        bind="query-params",
        format="YYYY-MM-DD",
        width=160,
    )
    last = st.date_input(
        words("report_page.last"),
        today,
        max_value=today,
        key="report_last",
        bind="query-params",
        format="YYYY-MM-DD",
        width=160,
    )
    period = Period(_day(first, today), _day(last, today))
    if (period.last - period.first).days >= MOST_DAYS:
        raise GspeError(
            f"a page shows at most {MOST_DAYS} days; choose a later first day",
            code="report_too_long",
            most=MOST_DAYS,
        )
    return period


def _day(chosen: object, today: date) -> date:
    return chosen if isinstance(chosen, date) else today


def _person(page: Page) -> Person | None:
    words = page.words
    people = {person.code: person for person in data.ask(report_rows.people, page.account.departments)}
    chosen = st.selectbox(
        words("report_page.person"),
        list(people),
        index=None,
        format_func=lambda code: f"{people[code].name} ({code})",
        placeholder=words("report_page.choose"),
        width=300,
        **kept("report_person", people),
    )
    return people[chosen] if chosen else None


Visits = list[tuple[int, datetime, datetime]]


@st.cache_data(ttl=READ_ANEW_S, max_entries=16, show_spinner=False)
def _read(database: str, account: Account, scope: Scope) -> tuple[Report, Visits, datetime]:
    """`database` only tells homes apart. The visits are those of the whole scope, for the charts."""
    parameters = data.settings_store().load_parameters().value
    now = datetime.now(UTC)
    with Session(reader()) as session:
        allowed = report_commands.within(account, session, scope)
        report = read_report(session, allowed, parameters, now)
        start = day_bounds(scope.period.first, parameters.zone)[0]
        end = day_bounds(scope.period.last, parameters.zone)[1]
        visits = report_rows.visit_spans(session, start, end, allowed.departments)
    ids = set(report.days["employee_id"])
    return report, [visit for visit in visits if visit[0] in ids], now


def _files(page: Page, scope: Scope) -> None:
    words = page.words
    name = f"{scope.person.code if scope.person else '-'.join(scope.departments)}".strip("-")
    parts = (words(f"report_page.file.{scope.kind}"), name, str(scope.period))
    stem = "-".join(part for part in parts if part)
    offers = [
        Offer(
            ending,
            words(f"report_page.make.{ending}"),
            ending,
            _file_name(stem, ending),
            partial(report_commands.make_report, scope, ending),
        )
        for ending in ENDINGS[scope.kind]
    ]
    if scope.kind is ReportKind.MONTH and page.account.may(Role.HR):
        stem = f"{words('report_page.file.payroll')}-{scope.period}"
        label, make = words("report_page.make.payroll"), partial(report_commands.make_payroll, scope)
        offers.append(Offer("payroll", label, Ending.CSV, _file_name(stem, Ending.CSV), make))
    offer_files(offers, repr(scope), words)


def _file_name(stem: str, ending: Ending) -> str:
    """Letters, digits and hyphens: what every file system takes."""
    return f"{NOT_PLAIN.sub('_', stem)}.{ending}"


def _table(page: Page, report: Report) -> None:
    frame = shown(first_table(report, Wording(page.words.language, page.words.zone)), page.words)
    if report.scope.person is not None:
        frame = frame.drop(columns=[page.words(f"reports.{column.key}") for column in WHO])
    st.dataframe(frame, hide_index=True, placeholder="", key="report_table")


def _charts(page: Page, report: Report, visits: Visits) -> None:
    words, days, period = page.words, report.days, report.scope.period
    today = page.now.astimezone(words.zone).date()
    drawn: dict[str, Callable[[], object]] = {
        "rate": lambda: charts.attendance_rate_chart(figures.attendance_rate(days), words),
        "arrivals": lambda: charts.arrival_chart(figures.arrival_times(days), words),
        "presence": lambda: charts.presence_chart(
            figures.presence_by_hour(visits, period, today, words.zone), words
        ),
        "late": lambda: charts.lateness_chart(figures.lateness_by_department(days), words),
        "coverage": lambda: charts.coverage_chart(figures.coverage_by_day(days), words),
    }
    for name in _CHARTS[report.scope.kind]:
        charts.show_chart(words(f"charts.{name}_title"), words(f"charts.{name}_about"), drawn[name](), name)


_CHARTS = {
    ReportKind.DAY: ("arrivals", "late"),
    ReportKind.MONTH: ("rate", "arrivals", "presence", "late", "coverage"),
    ReportKind.PERSON: ("arrivals", "presence", "coverage"),
    ReportKind.DEPARTMENT: ("rate", "arrivals", "presence", "late", "coverage"),
}
