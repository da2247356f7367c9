"""The fields of an employee; what was typed stays when it is refused."""

import streamlit as st

from core.storage.rows import EmployeeRow
from dashboard import data
from dashboard.widgets.page import Page

FIELDS = ("code", "name", "department", "position", "phone")
NEW = "new"


def show_form(employee: EmployeeRow | None, page: Page) -> dict[str, str] | None:
    """What was typed, in the run in which it is to be saved."""
    with st.form(f"employee_{employee.id if employee else NEW}"):
        grid, fields = st.grid(2, min_column_width=260), {}
        for name in FIELDS:
            with grid.cell():
                fields[name] = _field(name, employee, page)
        return fields if st.form_submit_button(page.words("units.save"), type="primary") else None


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
