"""Corrections on a page: what each changes, who answers for it, and the form to enter one."""

from collections.abc import Iterable
from datetime import time
from html import escape

import streamlit as st

from core.domain.corrections import CORRECTABLE
from core.domain.day_changes import FIGURES
from core.domain.states import CorrectionState, DayStatus
from core.errors import GspeError
from core.storage.correction_list import CorrectionRow
from core.storage.corrections import Entry
from core.storage.person_day import WholeDay
from dashboard import day_commands
from dashboard.widgets.day_words import kept_figures, person_day_url, status_word
from dashboard.widgets.markup import joined, line
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.words import Words

DONE = "correction_done"
MAX_CHARS = 200


def show_corrections(rows: Iterable[CorrectionRow], page: Page, *, names: bool) -> None:
    """One below the other; names: with whose day each is, and a link to it."""
    told = [_row(row, page, names=names) for row in rows]
    if told:
        st.html(f'<ul class="gspe-rows">{"".join(told)}</ul>')
    else:
        st.caption(page.words("corrections.none"))


def change_table(row: CorrectionRow, words: Words) -> str:
    """Before and after, figure by figure as far as they differ, as HTML."""
    before, after = (kept_figures(kept, row.day, words) for kept in (row.before, row.after))
    lines = "".join(
        f"<tr><td>{escape(words(f'days.figure.{name}'))}</td><td>{escape(before[name])}</td>"
        f"<td>{escape(after[name])}</td></tr>"
        for name in FIGURES
        if before[name] != after[name]
    )
    if not lines:
        return line(words("corrections.no_change"))
    heads = "".join(
        f"<th>{escape(words(f'corrections.{name}'))}</th>" for name in ("figure", "before", "after")
    )
    return f'<table class="gspe-change"><tr>{heads}</tr>{lines}</table>'


def show_correction_form(page: Page, found: WholeDay) -> None:
    """Prefilled with what is in force, so that what is left as it is stays."""
    words = page.words
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    in_force = next((row for row in found.corrections if row.state == CorrectionState.IN_FORCE), None)
    key = f"{found.live.employee_id}_{found.live.work.day}"
    label = words("corrections.correct")
    with st.expander(label, icon=":material/edit_calendar:"), st.form(f"correct_{key}", border=False):
        st.caption(words("corrections.about_form"))
        entry = _fields(key, in_force, words)
        if st.form_submit_button(words("corrections.save"), type="primary", key="save_correction"):
            _send(page, found, entry)
    if in_force is not None and not in_force.withdraws:
        _withdraw(page, found, key)


def _fields(key: str, in_force: CorrectionRow | None, words: Words) -> Entry:
    first, last = (
        at.astimezone(words.zone).time().replace(second=0, microsecond=0) if at else None
        for at in ((in_force.first_in_at, in_force.last_out_at) if in_force else (None, None))
    )
    statuses = [str(status) for status in CORRECTABLE]
    with st.container(horizontal=True):
        first_in = _time_input("first_in_at", first, f"first_{key}", words)
        last_out = _time_input("last_out_at", last, f"last_{key}", words)
        status = st.selectbox(
            words("days.figure.status"),
            statuses,
            index=statuses.index(in_force.status) if in_force and in_force.status else None,
            format_func=lambda one: status_word(one, words),
            placeholder=words("corrections.by_rules"),
            key=f"status_{key}",
            width=240,
        )
    note = st.text_input(
        words("corrections.note"), in_force.note if in_force else "", key=f"note_{key}", max_chars=MAX_CHARS
    )
    reason = st.text_input(words("corrections.reason"), key=f"reason_{key}", max_chars=MAX_CHARS)
    return Entry(reason or "", first_in, last_out, status, note or "")


def _time_input(figure: str, value: time | None, key: str, words: Words) -> time | None:
    label = words(f"days.figure.{figure}")
    return st.time_input(label, value, step=60, key=key, width=160)


def _withdraw(page: Page, found: WholeDay, key: str) -> None:
    words = page.words
    with st.popover(words("corrections.withdraw"), icon=":material/undo:", key=f"withdraw_ask_{key}"):
        st.markdown(words("corrections.withdraw_sure"))
        reason = st.text_input(words("corrections.reason"), key=f"withdraw_{key}", max_chars=MAX_CHARS)
        if st.button(words("corrections.withdraw"), type="primary", key="withdraw_correction"):
            _send(page, found, Entry(reason or "", withdraws=True))


def _send(page: Page, found: WholeDay, entry: Entry) -> None:
    try:
        state = day_commands.correct_day(found.live.employee_id, found.live.work.day, entry)
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = page.words(f"corrections.saved.{state}")
    st.rerun()


def _row(row: CorrectionRow, page: Page, *, names: bool) -> str:
    words = page.words
    return (
        f'<li class="gspe-row">{_who(row, words) if names else ""}'
        f'<div class="gspe-verdict">{_told(row, page)}</div>'
        f'<div class="gspe-verdict">{change_table(row, words)}</div></li>'
    )


def _who(row: CorrectionRow, words: Words) -> str:
    url = escape(person_day_url(row.employee_id, row.day), quote=True)
    return (
        f'<div class="gspe-who"><b><a href="{url}" target="_self">{escape(row.name)}</a></b>'
        f"{line(joined(words.date(row.day), row.department, row.code))}</div>"
    )


def _told(row: CorrectionRow, page: Page) -> str:
    """State, what was entered, by whom and why, and who decided."""
    words = page.words
    entered = words("corrections.made_by", author=row.author, time=words.moment(row.created_at, page.now))
    decided = ""
    if row.decided_by and row.decided_at:
        key = (
            "corrections.decided_by" if row.state != CorrectionState.SUPERSEDED else "corrections.replaced_by"
        )
        decided = words(key, name=row.decided_by, time=words.moment(row.decided_at, page.now))
    return (
        f'<span><span class="gspe-badge gspe-correction-{row.state}">'
        f"{escape(words(f'corrections.state.{row.state}'))}</span></span>"
        f"{line(_entered(row, words), 'gspe-said')}{line(entered)}"
        f"{line(words('corrections.because', reason=row.reason))}"
        f"{line(joined(decided, row.decision_note))}"
    )


def _entered(row: CorrectionRow, words: Words) -> str:
    if row.withdraws:
        return words("corrections.left_to_cameras")
    parts = [
        f"{words(f'days.figure.{name}')} {words.time(at)}"
        for name, at in (("first_in_at", row.first_in_at), ("last_out_at", row.last_out_at))
        if at is not None
    ]
    status = status_word(DayStatus(row.status), words) if row.status else ""
    return joined(*parts, status, row.note)
