"""Photos of one employee: the basis, the coach, the worker's answers, the templates in use."""

import streamlit as st

from core.storage import queries
from core.storage.rows import EmployeeRow
from dashboard import data
from dashboard.widgets.coach import show_coach
from dashboard.widgets.consent import show_consent
from dashboard.widgets.page import Page
from dashboard.widgets.photo_answers import show_answers
from dashboard.widgets.templates import show_templates


def show_enrolment(employee: EmployeeRow, page: Page) -> None:
    words = page.words
    templates = data.ask(queries.templates, employee.id)
    if not employee.active:
        st.info(words("employees.inactive_no_photos"), icon=":material/person_off:")
    elif show_consent(employee, words):
        show_coach(employee, {row.pose for row in templates}, words)
    show_answers(employee, page)
    show_templates(templates, employee, words)
