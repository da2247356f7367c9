"""Who is known to the system: the list, and one person's form, photos and templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError
from core.storage import queries
from core.storage.rows import EmployeeRow
from dashboard import commands, data
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.day_words import person_url
from dashboard.widgets.employee_form import show_form
from dashboard.widgets.enrolment import show_enrolment
from dashboard.widgets.in_address import kept, number_told, put
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.templates import ENOUGH
from dashboard.widgets.words import Words

ROWS_A_PAGE = 20
CHOSEN = "employee"
"""In the address: `?employee=7` opens that person, `?employee=new` the empty form."""
NEW = "new"
DONE = "employee_done"
ACTIVE, INACTIVE, FEW = "active", "inactive", "few"
SHOWN = (ACTIVE, FEW, INACTIVE)


@dataclass(frozen=True)
class Filter:
    search: str
    department: str | None
    shown: str

    def __call__(self, row: EmployeeRow) -> bool:
        wanted = self.search.casefold().strip()
        found = any(wanted in (field or "").casefold() for field in (row.name, row.code, row.department))
        here = self.department is None or row.department == self.department
        return found and here and (self.shown != FEW or row.templates < ENOUGH)


def show() -> None:
    page = open_page(Role.HR, "employees.title")
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    chosen = st.query_params.get(CHOSEN)
    if chosen == NEW:
        _back(page.words)
        st.subheader(page.words("employees.add"), anchor=False)
        _save(None, page)
    elif chosen is None:
        _list(page)
    elif (employee := _employee(page)) is not None:
        _back(page.words)
        _person(employee, page)
    else:
        st.warning(page.words("coach.nobody_there"), icon=":material/person_off:")
        _back(page.words)


def _employee(page: Page) -> EmployeeRow | None:
    """None for what is no number of an employee whom this account may see."""
    return data.ask(queries.employee, number_told(CHOSEN) or 0, page.account.departments)


def _choose(employee_id: int | str | None) -> None:
    put(CHOSEN, None if employee_id is None else str(employee_id))


def _back(words: Words) -> None:
    label = words("employees.back")
    st.button(label, on_click=_choose, args=(None,), icon=":material/arrow_back:", key="back")


def _list(page: Page) -> None:
    words = page.words
    chosen = _filter(page)
    rows = data.ask(queries.employees, active=chosen.shown != INACTIVE, departments=page.account.departments)
    found = [row for row in rows if chosen(row)]
    if not found:
        empty = "nobody_found" if rows else "nobody_inactive" if chosen.shown == INACTIVE else "nobody"
        st.info(words(f"employees.{empty}"), icon=":material/badge:")
    else:
        st.caption(words("coach.people_shown", count=words.number(len(found)), all=words.number(len(rows))))
    pages = -(-len(found) // ROWS_A_PAGE)
    number = st.pagination(pages, key="employees_page") if pages > 1 else 1
    _rows(found[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE], page)


def _filter(page: Page) -> Filter:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            words("employees.search"),
            key="find",
            bind="query-params",
            type="search",
            placeholder=words("units.search"),
            live=True,
            width=230,
        )
        department = st.selectbox(
            words("coach.department"),
            data.departments(page.account),
            index=None,
            placeholder=words("coach.all_departments"),
            key="department",
            bind="query-params",
            width=180,
        )
        shown = st.pills(
            words("coach.show_only"),
            SHOWN,
            required=True,
            format_func=lambda code: words(f"coach.show.{code}"),
            **kept("show", SHOWN, default=ACTIVE),
        )
        st.button(
            words("employees.add"),
            on_click=_choose,
            args=(NEW,),
            type="primary",
            icon=":material/person_add:",
            key="add",
        )
    return Filter(search or "", department, shown or ACTIVE)


def _rows(rows: Sequence[EmployeeRow], page: Page) -> None:
    words = page.words
    for row in rows:
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", key=f"employee_{row.id}"
        ):
            markup = Markup()
            markup.add(
                f'<li class="gspe-shot">{markup.face(row.photo_path, row.name)}<div class="gspe-who">'
                f"<b>{escape(row.name)}</b>{line(joined(row.department, row.position, row.code))}"
                f'<span class="gspe-templates">{_templates(row, words)}</span>'
                f"{line(_about(row, page))}</div></li>"
            )
            with st.container(width="stretch"):
                markup.show("gspe-rows")
            st.button(
                words("employees.open"),
                key=f"open_{row.id}",
                on_click=_choose,
                args=(row.id,),
                icon=":material/chevron_right:",
            )


def _about(row: EmployeeRow, page: Page) -> str:
    words = page.words
    if row.deactivated_at is not None:
        return words("employees.deactivated_on", date=words.date(row.deactivated_at))
    if row.last_seen_at is None:
        return words("employees.never_seen")
    return words("employees.last_seen", ago=words.ago(row.last_seen_at, page.now))


def _templates(row: EmployeeRow, words: Words) -> str:
    """How many; marked where they are too few for somebody who is to be recognised."""
    count = words("employees.template_count", count=words.number(row.templates))
    few = row.active and row.templates < ENOUGH
    mark = words("coach.none_yet" if row.templates == 0 else "coach.few") if few else ""
    return line(count) + (f'<span class="gspe-mark">{escape(mark)}</span>' if mark else "")


def _person(employee: EmployeeRow, page: Page) -> None:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="center"):
        markup = Markup()
        markup.add(
            f'<li class="gspe-shot">{markup.face(employee.photo_path, employee.name)}<div class="gspe-who">'
            f"<h3>{escape(employee.name)}</h3>"
            f"{line(joined(employee.department, employee.position, employee.code))}"
            f"{line(_about(employee, page))}</div></li>"
        )
        with st.container(width="stretch"):
            markup.show("gspe-rows")
        st.link_button(words("person.link"), person_url(employee.id), icon=":material/person:")
        _activity(employee, words)
    show_enrolment(employee, page)
    st.subheader(words("employees.details"), anchor=False)
    _save(employee, page)


def _save(employee: EmployeeRow | None, page: Page) -> None:
    fields = show_form(employee, page)
    if fields is None:
        return
    try:
        employee_id = commands.save_employee(employee.id if employee else None, fields)
    except GspeError as error:
        show_error(page.words, error)
        return
    _choose(employee_id)
    st.session_state[DONE] = page.words("employees.saved", name=fields["name"])
    st.rerun()


def _activity(employee: EmployeeRow, words: Words) -> None:
    """Deactivating ends recognition at once and keeps the attendance; it asks first."""
    verb = "deactivate" if employee.active else "reactivate"
    label, question = words(f"employees.{verb}"), words(f"employees.{verb}_sure", name=employee.name)
    icon = ":material/person_off:" if employee.active else ":material/person_check:"
    if ask_first("activity", label, question, icon=icon):
        try:
            commands.set_employee_active(employee.id, active=not employee.active)
        except GspeError as error:
            show_error(words, error)
            return
        st.session_state[DONE] = words(f"employees.{verb}d", name=employee.name)
        st.rerun()
