"""The fields of an employee; what was typed stays when it is refused."""

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from core.storage.employees import MAX_LENGTH
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
            value = (getattr(employee, name) or "") if employee else ""
            key = f"field_{name}_{employee.id if employee else NEW}"
            if name == "department":
                fields[name] = department_field(page, grid, f"{key}_{value}" if value else key, value)
                continue
            with grid.cell():
                label = page.words(f"employees.field.{name}")
                fields[name] = st.text_input(label, value, key=key, max_chars=MAX_LENGTH) or ""
        return fields if st.form_submit_button(page.words("units.save"), type="primary") else None


def department_field(page: Page, grid: GridContainer, key: str, value: str = "") -> str:
    """The known ones to choose from, and beside them a field for a new one, which goes before the choice.

    A list that takes new entries takes them on Enter only, and loses what was typed otherwise. `key` differs
    with the stored value, so that what was typed does not stand beside it once it is stored.
    """
    words = page.words
    known = sorted({*data.departments(page.account), value} - {""})
    with grid.cell():
        chosen = st.selectbox(
            words("employees.field.department"),
            known,
            index=known.index(value) if value else None,
            placeholder=words("employees.department_hint"),
            key=key,
        )
    if page.account.departments:
        return chosen or ""
    with grid.cell():
        typed = st.text_input(words("employees.new_department"), key=f"{key}_typed", max_chars=MAX_LENGTH)
    return (typed or "").strip() or chosen or ""
