"""Audit: who did what and when, newest first; whether the trail is as it was written; its rows as a file."""

import json
from datetime import date, timedelta
from html import escape

import streamlit as st

from core.domain.schedule import day_bounds
from core.domain.states import Role
from core.errors import GspeError
from core.storage import audit_list
from core.storage.audit import Checked
from core.storage.audit_list import AuditFilter, AuditRow
from dashboard import data, record_commands
from dashboard.chosen_rows import audit_file
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.words import Words

ROWS_A_PAGE = 50
SHOWN_BACK = timedelta(days=6)
CHECKED = "audit_checked"


def show() -> None:
    page = open_page(Role.ADMIN, "audit.title")
    words = page.words
    try:
        record_commands.require_whole_site()
    except GspeError as error:
        show_error(words, error)
        return
    st.caption(words("audit.about"))
    chosen = _choose(page)
    with st.container(horizontal=True):
        _verify(page)
        _export(chosen, page)
    _say_checked(words)
    _rows(chosen, page)


def _choose(page: Page) -> AuditFilter:
    words = page.words
    today = page.now.astimezone(words.zone).date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = _date(page, "audit.from_date", "audit_from", today - SHOWN_BACK)
        last = _date(page, "audit.to_date", "audit_to", today)
        start_at, end_at = day_bounds(first, words.zone)[0], day_bounds(last, words.zone)[1]
        actors, actions = data.ask(audit_list.names, start_at, end_at)
        actor = st.selectbox(
            words("audit.actor"),
            actors,
            None,
            placeholder=words("audit.everybody"),
            key="audit_actor",
            width=150,
        )
        action = st.selectbox(
            words("audit.action"),
            actions,
            None,
            format_func=lambda action: action_name(action, words),
            placeholder=words("audit.everything"),
            key="audit_action",
            width=210,
        )
        subject = st.text_input(
            words("audit.subject"), key="audit_subject", placeholder=words("audit.subject_example"), width=150
        )
    return AuditFilter(start_at, end_at, actor, action, (subject or "").strip())


def _date(page: Page, label: str, key: str, default: date) -> date:
    chosen = st.date_input(page.words(label), default, key=key, format="YYYY-MM-DD", width=150)
    return chosen if isinstance(chosen, date) else default


def _verify(page: Page) -> None:
    if st.button(page.words("audit.verify"), key="verify", icon=":material/link:"):
        try:
            st.session_state[CHECKED] = record_commands.verify_audit()
        except GspeError as error:
            show_error(page.words, error)


def _say_checked(words: Words) -> None:
    checked: Checked | None = st.session_state.pop(CHECKED, None)
    if checked is None:
        return
    count = words.number(checked.rows)
    if checked.found is not None:
        st.error(
            words("audit.broken", row=checked.found.row_id, command=record_commands.VERIFY_COMMAND),
            icon=":material/link_off:",
        )
    elif checked.whole:
        st.success(words("audit.holds", count=count), icon=":material/link:")
    else:
        st.success(
            words("audit.newest_hold", count=count, command=record_commands.VERIFY_COMMAND),
            icon=":material/link:",
        )


def _export(chosen: AuditFilter, page: Page) -> None:
    st.link_button(page.words("audit.download"), audit_file(chosen), icon=":material/download:")


def _rows(chosen: AuditFilter, page: Page) -> None:
    words = page.words
    count = data.ask(audit_list.count, chosen)
    st.caption(words("audit.rows", count=words.number(count)))
    if not count:
        st.info(words("audit.none"), icon=":material/search_off:")
        return
    pages = -(-count // ROWS_A_PAGE)
    number = st.pagination(pages, key="audit_page") if pages > 1 else 1
    markup = Markup()
    for row in data.ask(audit_list.rows, chosen, (number - 1) * ROWS_A_PAGE, ROWS_A_PAGE):
        markup.add(_entry(row, page))
    markup.show("gspe-rows")


def _entry(row: AuditRow, page: Page) -> str:
    words = page.words
    about = joined(words.moment(row.at, page.now), row.actor, row.subject, f"#{row.id}")
    details = json.dumps(row.params, ensure_ascii=False) if row.params else ""
    return (
        f'<li class="gspe-row"><div class="gspe-who"><b>{escape(action_name(row.action, words))}</b>'
        f"{line(about)}{line(details)}</div></li>"
    )


def action_name(action: str, words: Words) -> str:
    """In words where the catalogue knows it, else its code."""
    key = f"audit.action.{action}"
    return words(key) if words.has(key) else action
