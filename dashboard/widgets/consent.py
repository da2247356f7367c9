"""On which basis somebody's face is processed: asked for before the first photo, then shown or withdrawn."""

import streamlit as st

from core.errors import GspeError
from core.storage import queries
from core.storage.employees import BASES, NOT_STATED
from core.storage.rows import ConsentRow, EmployeeRow
from dashboard import data, enrolment_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

STATED_BASES = tuple(basis for basis in BASES if basis != NOT_STATED)
"""What somebody at the page may choose: there he can be asked."""


def show_consent(employee: EmployeeRow, words: Words) -> bool:
    """Whether a basis is recorded; without one, the form for it stands in the photos' place."""
    consent = data.ask(queries.newest_consent, employee.id)
    if consent is None or consent.withdrawn_at is not None:
        _ask(employee, consent, words)
        return False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            words(
                "coach.consent_recorded",
                basis=_basis(consent, words),
                date=words.date(consent.recorded_at),
                by=consent.recorded_by,
                version=consent.text_version,
            ),
            width="stretch",
        )
        _withdraw(employee, words)
    return True


def _ask(employee: EmployeeRow, withdrawn: ConsentRow | None, words: Words) -> None:
    if withdrawn is not None and withdrawn.withdrawn_at is not None:
        when = words.date(withdrawn.withdrawn_at)
        st.warning(words("coach.consent_was_withdrawn", date=when), icon=":material/block:")
    st.markdown(words("employees.consent_first"))
    basis = choose_basis(words("employees.consent_basis"), f"basis_of_{employee.id}", words)
    label = words("employees.consent_record")
    if st.button(label, type="primary", disabled=basis is None, key="record_basis") and basis:
        try:
            enrolment_commands.record_consent(employee.id, basis)
        except GspeError as error:
            show_error(words, error)
        else:
            st.rerun()


def choose_basis(label: str, key: str, words: Words) -> str | None:
    """None is chosen beforehand: somebody answers for what is recorded."""
    basis = st.radio(
        label,
        STATED_BASES,
        index=None,
        format_func=lambda code: words(f"employees.basis.{code}"),
        key=key,
    )
    if basis is None:
        st.caption(words("employees.basis_none_yet"))
    return basis


def _withdraw(employee: EmployeeRow, words: Words) -> None:
    question = words("coach.withdraw_sure", name=employee.name, count=words.number(employee.templates))
    if ask_first("withdraw", words("coach.withdraw"), question, icon=":material/block:"):
        try:
            ended = enrolment_commands.withdraw_consent(employee.id)
        except GspeError as error:
            show_error(words, error)
            return
        st.toast(words("coach.withdrawn", count=words.number(ended)), icon=":material/check_circle:")
        st.rerun()


def _basis(consent: ConsentRow, words: Words) -> str:
    return words(f"employees.basis.{consent.basis}") if consent.basis in BASES else consent.basis
