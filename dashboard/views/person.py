"""A person: who, where now, today, the month, and the pictures with what decided each of them."""

from collections.abc import Sequence
from datetime import date

import streamlit as st
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.settings import Parameters
from core.storage import queries
from core.storage.employees import BASES
from core.storage.match_in_force import MatchInForce, match_in_force
from core.storage.person_day import whole_day
from core.storage.person_visits import KnownVisit, Person, latest_visits, taken_visits, visits_of_day
from core.storage.rows import EmployeeRow, PresenceRow
from core.storage.rulebook import read_rulebook
from dashboard import data
from dashboard.database import reader
from dashboard.widgets.day import choose_day
from dashboard.widgets.day_words import DAYS_STYLE, coverage, person_day_url, status_badge
from dashboard.widgets.in_address import number_told
from dashboard.widgets.known_visits import rule_sentence, show_visit
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.month_calendar import show_calendar
from dashboard.widgets.page import Page, open_page, site_parameters
from dashboard.widgets.people import last_seen_sentence, state_sentence
from dashboard.widgets.timeline import show_timeline
from dashboard.widgets.whose_visit import DONE, MIXED_UP, show_wrong

LATEST = 5
VISITS_A_PAGE = 10


def show() -> None:
    page = open_page(Role.SUPERVISOR)
    st.html(DAYS_STYLE)
    row = _asked(page)
    if row is None:
        st.header(page.words("person.title"), anchor=False)
        st.info(page.words("person.unknown"), icon=":material/person_search:")
        return
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    _profile(page, row)
    if st.session_state.pop(MIXED_UP, False):
        _lead_to_templates(page, row)
    parameters = site_parameters(page)
    _today(page, row, parameters)
    show_calendar(page, row.id)
    _evidence(page, row, parameters)


def _asked(page: Page) -> EmployeeRow | None:
    """Whom the address names, if this account may see him."""
    return data.ask(queries.employee, number_told("employee") or 0, page.account.departments)


def _profile(page: Page, row: EmployeeRow) -> None:
    words, markup = page.words, Markup()
    st.header(row.name, anchor=False)
    present = next((one for one in _board(page) if one.employee_id == row.id), None)
    state = present.state or "never" if present else "unknown"
    picture = (present.picture_path if present else None) or row.photo_path
    markup.add(
        f'<li class="gspe-card gspe-{"unknown" if state == "never" else state}">'
        f'{markup.face(picture, row.name)}<div class="gspe-who">'
        f"{line(joined(row.department, row.position, row.code))}"
        f"{line(_now(page, row, present), 'gspe-state')}"
        f"{line(last_seen_sentence(present, words, page.now) if present else '')}"
        f"{line(joined(words('person.templates', count=words.number(row.templates)), _basis(page, row)))}"
        "</div></li>"
    )
    markup.show("gspe-rows")


def _board(page: Page) -> Sequence[PresenceRow]:
    return data.ask(queries.presence, page.account.departments)


def _now(page: Page, row: EmployeeRow, present: PresenceRow | None) -> str:
    words = page.words
    if present is None:
        since = words.date(row.deactivated_at) if row.deactivated_at else ""
        return words("person.inactive", date=since)
    unknown_since = data.known_until(data.ask(queries.worker), data.ask(queries.cameras), page.now)
    return state_sentence(present, words, page.now, unknown_since)


def _basis(page: Page, row: EmployeeRow) -> str:
    """For HR alone."""
    words = page.words
    if not page.account.may(Role.HR):
        return ""
    consent = data.ask(queries.consent, row.id)
    if consent is None:
        return words("person.no_consent")
    basis = words(f"employees.basis.{consent.basis}") if consent.basis in BASES else consent.basis
    return words("person.consent", basis=basis, date=words.date(consent.recorded_at))


def _lead_to_templates(page: Page, row: EmployeeRow) -> None:
    with st.container(border=True):
        st.markdown(page.words("person.look_at_templates", name=row.name))
        if page.account.may(Role.HR):
            label = page.words("person.to_templates")
            st.link_button(label, f"/employees?employee={row.id}", icon=":material/badge:")


def _today(page: Page, row: EmployeeRow, parameters: Parameters) -> None:
    words, today = page.words, page.now.astimezone(page.words.zone).date()
    st.subheader(words("person.today"), anchor=False)
    with Session(reader()) as session:
        found = whole_day(session, row.id, today, parameters, page.now)
    if found is None:
        st.caption(words("days.no_day", date=words.date(today)))
        return
    work = found.work
    st.html(
        f'<div class="gspe-verdict"><span>{status_badge(str(work.status), words)} '
        f"{line(coverage(work, words))}</span></div>"
    )
    show_timeline(found.live.work.timeline, found.live.shift, words)
    st.link_button(words("person.to_day"), person_day_url(row.id, today), icon=":material/calendar_today:")


def _evidence(page: Page, row: EmployeeRow, parameters: Parameters) -> None:
    words = page.words
    day = choose_day(words("person.day"), "day", words.zone, page.now)
    person = Person(row.id, row.department, page.account.departments)
    with Session(reader()) as session:
        book = read_rulebook(session, day, day, parameters)
        visits = visits_of_day(session, person, day, book)
        taken = taken_visits(session, person, day, book)
        latest = latest_visits(session, person, LATEST) if not visits else []
        match = match_in_force(session)
    _heading(page, day, visits, latest)
    st.caption(rule_sentence(match, words))
    for visit in _of_page(visits or latest, f"visits_{day}"):
        _visit(page, row, visit, match, row.id)
    if taken:
        st.subheader(words("person.taken"), anchor=False)
        st.caption(words("person.taken_about"))
    for visit in _of_page(taken, f"taken_{day}"):
        _visit(page, row, visit, match, visit.owner_id)


def _of_page(visits: Sequence[KnownVisit], key: str) -> Sequence[KnownVisit]:
    pages = -(-len(visits) // VISITS_A_PAGE)
    number = st.pagination(pages, key=key) if pages > 1 else 1
    return visits[(number - 1) * VISITS_A_PAGE : number * VISITS_A_PAGE]


def _heading(page: Page, day: date, visits: Sequence[KnownVisit], latest: Sequence[KnownVisit]) -> None:
    words = page.words
    date_words = words.date(day)
    st.subheader(words("person.evidence", date=date_words), anchor=False)
    if latest:
        st.caption(words("person.evidence_latest", date=date_words))
    elif not visits:
        st.info(words("person.evidence_none"), icon=":material/photo_camera:")


def _visit(
    page: Page, row: EmployeeRow, visit: KnownVisit, match: MatchInForce | None, owner_id: int | None
) -> None:
    with st.container(key=f"visit_{visit.visit_id}"):
        show_visit(visit, row.name, match, page.words, page.now)
        show_wrong(page, visit, owner_id)
