"""Who is known to the system: the list, and one person's form, photos and templates."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError
from core.storage import queries
from core.storage.rows import EmployeeRow
from dashboard import commands, data
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.day_words import person_url
from dashboard.widgets.enrolment import show_enrolment
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.words import Words

ROWS_A_PAGE = 20
CHOSEN = "employee_chosen"
NEW = "new"
DONE = "employee_done"
FIELDS = ("code", "name", "department", "position", "phone")


def show() -> None:
    page = open_page(Role.HR, "employees.title")
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    asked = st.query_params.pop("employee", "")  # a link from elsewhere
    if asked.isascii() and asked.isdecimal():
        _choose(int(asked))
    chosen = st.session_state.get(CHOSEN)
    if chosen == NEW:
        _back(page.words)
        st.subheader(page.words("employees.add"), anchor=False)
        _form(None, page)
    elif chosen is not None and (employee := data.ask(queries.employee, chosen, page.account.departments)):
        _back(page.words)
        _person(employee, page)
    else:
        _list(page)


def _choose(employee_id: int | str | None) -> None:
    st.session_state[CHOSEN] = employee_id


def _back(words: Words) -> None:
    label = words("employees.back")
    st.button(label, on_click=_choose, args=(None,), icon=":material/arrow_back:", key="back")


def _list(page: Page) -> None:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            words("employees.search"),
            key="find",
            bind="query-params",
            type="search",
            placeholder=words("units.search"),
            live=True,
            width=280,
        )
        inactive = st.toggle(words("employees.show_inactive"), key="inactive", bind="query-params")
        st.button(
            words("employees.add"),
            on_click=_choose,
            args=(NEW,),
            type="primary",
            icon=":material/person_add:",
            key="add",
        )
    rows = data.ask(queries.employees, active=not inactive, departments=page.account.departments)
    found = [row for row in rows if _matches(row, search or "")]
    if not found:
        empty = "nobody_found" if rows else "nobody_inactive" if inactive else "nobody"
        st.info(words(f"employees.{empty}"), icon=":material/badge:")
    pages = -(-len(found) // ROWS_A_PAGE)
    number = st.pagination(pages, key="employees_page") if pages > 1 else 1
    _rows(found[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE], page)


def _matches(row: EmployeeRow, search: str) -> bool:
    wanted = search.casefold().strip()
    return any(wanted in (field or "").casefold() for field in (row.name, row.code, row.department))


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
    templates = words("employees.template_count", count=words.number(row.templates))
    if row.deactivated_at is not None:
        return joined(templates, words("employees.deactivated_on", date=words.date(row.deactivated_at)))
    if row.last_seen_at is None:
        return joined(templates, words("employees.never_seen"))
    return joined(templates, words("employees.last_seen", ago=words.ago(row.last_seen_at, page.now)))


def _person(employee: EmployeeRow, page: Page) -> None:
    words = page.words
    st.subheader(employee.name, anchor=False)
    st.caption(joined(employee.department, employee.code, _about(employee, page)))
    st.link_button(words("person.link"), person_url(employee.id), icon=":material/person:")
    show_enrolment(employee, page.account, words)
    st.subheader(words("employees.details"), anchor=False)
    _form(employee, page)
    _activity(employee, words)


def _form(employee: EmployeeRow | None, page: Page) -> None:
    words = page.words
    with st.form(f"employee_{employee.id if employee else NEW}"):
        grid, fields = st.grid(2, min_column_width=260), {}
        for name in FIELDS:
            with grid.cell():
                fields[name] = _field(name, employee, page)
        if not st.form_submit_button(words("units.save"), type="primary"):
            return
    try:
        employee_id = commands.save_employee(employee.id if employee else None, fields)
    except GspeError as error:
        show_error(words, error)
        return
    st.session_state[CHOSEN] = employee_id
    st.session_state[DONE] = words("employees.saved", name=fields["name"])
    st.rerun()


def _field(name: str, employee: EmployeeRow | None, page: Page) -> str:
    label = page.words(f"employees.field.{name}")
    value = (getattr(employee, name) or "") if employee else ""
    key = f"field_{name}_{employee.id if employee else NEW}"
    if name != "department":
        return st.text_input(label, value, key=key, max_chars=200) or ""
    known = sorted({*data.departments(page.account), value} - {""})
    chosen = st.selectbox(
        label,
        known,
        index=known.index(value) if value else None,
        placeholder=page.words("employees.department_hint"),
        accept_new_options=not page.account.departments,
        key=key,
    )
    return chosen or ""


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
