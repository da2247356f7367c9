"""One person's day: how it went, every figure with its rule, pictures, corrections and the month."""

from datetime import date, timedelta

import streamlit as st
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.storage import queries
from core.storage.person_day import WholeDay, whole_day
from core.storage.rows import EmployeeRow
from dashboard import data
from dashboard.database import reader
from dashboard.widgets.alerts import alert_sentence, show_alerts
from dashboard.widgets.attendance import Moment
from dashboard.widgets.corrections import show_correction_form, show_corrections
from dashboard.widgets.day import choose_day
from dashboard.widgets.day_figures import show_figures
from dashboard.widgets.day_words import DAYS_STYLE, coverage, month_name, person_url, reasons, status_badge
from dashboard.widgets.in_address import number_told
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.month_figures import show_month
from dashboard.widgets.page import Page, open_page, site_parameters
from dashboard.widgets.timeline import Mark, show_pieces, show_timeline

ONE_DAY = timedelta(days=1)


def show() -> None:
    page = open_page(Role.SUPERVISOR)
    st.html(DAYS_STYLE)
    person = _person(page)
    if person is None:
        st.header(page.words("days.title"), anchor=False)
        st.info(page.words("days.unknown"), icon=":material/person_search:")
        return
    st.header(person.name, anchor=False)
    st.caption(joined(person.department, person.position, person.code))
    st.link_button(page.words("person.link"), person_url(person.id), icon=":material/person:")
    day = _choose_day(page)
    parameters = site_parameters(page)
    with Session(reader()) as session:
        found = whole_day(session, person.id, day, parameters, page.now)
    if found is None:
        st.info(page.words("days.no_day", date=page.words.date(day)), icon=":material/event_busy:")
        return
    _verdict(page, found)
    _timeline(page, found)
    st.subheader(page.words("days.figures"), anchor=False)
    show_figures(found, page.words, page.now)
    _pictures(page, person, found)
    st.subheader(page.words("corrections.title"), anchor=False)
    show_corrections(found.corrections, page, names=False)
    if not found.is_locked:
        show_correction_form(page, found)
    show_month(page, person.id, day, parameters)


def _person(page: Page) -> EmployeeRow | None:
    """Whom the address names, if this account may see him."""
    return data.ask(queries.employee, number_told("person") or 0, page.account.departments)


def _choose_day(page: Page) -> date:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = choose_day(words("attendance.day"), "day", words.zone, page.now)
        today = page.now.astimezone(words.zone).date()
        _step(words("days.previous"), day - ONE_DAY, "previous", ":material/chevron_left:")
        if day < today:
            _step(words("days.next"), day + ONE_DAY, "next", ":material/chevron_right:")
    return day


def _step(label: str, day: date, key: str, icon: str) -> None:
    st.button(label, on_click=_go_to, args=(day,), key=f"day_{key}", icon=icon)


def _go_to(day: date) -> None:
    st.session_state["day"] = day


def _verdict(page: Page, found: WholeDay) -> None:
    words, work = page.words, found.work
    st.html(
        f'<div class="gspe-verdict"><span>{status_badge(str(work.status), words)} '
        f"{line(coverage(work, words))}</span>{line(reasons(work, words))}{line(_shift(page, found))}</div>"
    )
    if not work.is_final:
        st.caption(words("days.as_of", time=words.time(page.now)))
    if found.is_locked:
        st.info(words("days.locked", month=month_name(work.day, words)), icon=":material/lock:")
    elif found.differs:
        st.warning(words("days.differs"), icon=":material/rule:")


def _shift(page: Page, found: WholeDay) -> str:
    words, shift = page.words, found.live.shift
    if shift is None:
        return words("days.no_shift")
    key = "days.shift" if shift.shift.name else "days.site_hours"
    times = {"start": words.time(shift.start_at), "end": words.time(shift.end_at)}
    return words(key, name=shift.shift.name, **times)


def _timeline(page: Page, found: WholeDay) -> None:
    """With the day's alerts as marks on it."""
    pieces, words = found.live.work.timeline, page.words
    marks = [Mark(alert.opened_at, alert_sentence(alert, words, page.now)) for alert in found.alerts]
    show_timeline(pieces, found.live.shift, words, marks)
    if pieces:
        with st.expander(words("days.timeline"), expanded=True):
            show_pieces(pieces, words)
    show_alerts(found.alerts, words, page.now)


def _pictures(page: Page, person: EmployeeRow, found: WholeDay) -> None:
    words, visits = page.words, found.visits
    st.subheader(words("days.evidence"), anchor=False)
    if not visits:
        st.caption(words("days.no_visit"))
        return
    first, last = visits[0], visits[-1]
    markup = Markup()
    moments = (
        Moment(words("attendance.first_in"), first.arrived_at, first.arrival),
        Moment(words("attendance.last_out"), last.last_seen_at, last.departure),
    )
    shown = "".join(moment.html(markup, person.name, words) for moment in moments)
    markup.add(f'<li class="gspe-row">{shown}</li>')
    markup.show("gspe-rows")
    with st.expander(words("days.visits", count=words.number(len(visits)))):
        listed = Markup()
        for visit in visits:
            shots = "".join(
                Moment(label, shot.captured_at, shot).html(listed, person.name, words)
                for label, shot in (
                    (words("attendance.first_in"), visit.arrival),
                    (words("attendance.last_out"), visit.departure),
                )
                if shot is not None
            )
            key = "days.visit_open" if visit.is_open else "days.visit"
            start, end = words.time(visit.arrived_at), words.time(visit.last_seen_at)
            told = words(key, start=start, end=end, camera=visit.camera_name)
            listed.add(f'<li class="gspe-row"><div class="gspe-who">{line(told)}</div>{shots}</li>')
        listed.show("gspe-rows")
