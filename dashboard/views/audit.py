"""Audit: who did what and when, newest first; whether the trail is as it was written; its rows as a file."""

from datetime import date, timedelta
from html import escape

import streamlit as st

from core.audit_csv import audit_csv
from core.domain.schedule import day_bounds
from core.domain.states import Role
from core.errors import GspeError
from core.storage import audit_list
from core.storage.audit import Checked
from core.storage.audit_list import AuditFilter, AuditRow
from dashboard import data, record_commands
from dashboard.auth import Account
from dashboard.downloads import Download, offer
from dashboard.widgets.audit_words import Trail, action_name, people_in
from dashboard.widgets.in_address import kept
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, open_site_page, show_error
from dashboard.widgets.words import Words

ROWS_A_PAGE = 50
SHOWN_BACK = timedelta(days=6)
CHECKED = "audit_checked"


def show() -> None:
    page = open_site_page(Role.ADMIN, "audit.title")
    words = page.words
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
            index=None,
            placeholder=words("audit.everybody"),
            width=150,
            **kept("audit_actor", actors),
        )
        action = st.selectbox(
            words("audit.action"),
            actions,
            index=None,
            format_func=lambda action: action_name(action, words),
            placeholder=words("audit.everything"),
            width=210,
            **kept("audit_action", actions),
        )
        subject = st.text_input(
            words("audit.subject"),
            key="audit_subject",
            bind="query-params",
            placeholder=words("audit.subject_example"),
            help=words("audit.subject_help"),
            width=150,
        )
    return AuditFilter(start_at, end_at, actor, action, (subject or "").strip())


def _date(page: Page, label: str, key: str, default: date) -> date:
    chosen = st.date_input(
        page.words(label), default, key=key, bind="query-params", format="YYYY-MM-DD", width=150
    )
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
    words = page.words

    def make(account: Account) -> bytes:
        return audit_csv(record_commands.audit_export(account, chosen), words.zone, words.language)

    name = words("audit.file_name", date=page.now.astimezone(words.zone).date().isoformat())
    offer(Download(name, "text/csv", make), words("audit.download"), "audit")


def _rows(chosen: AuditFilter, page: Page) -> None:
    words = page.words
    count = data.ask(audit_list.count, chosen)
    st.caption(words("audit.rows", count=words.number(count)))
    if not count:
        st.info(words("audit.none"), icon=":material/search_off:")
        return
    pages = -(-count // ROWS_A_PAGE)
    number = st.pagination(pages, key="audit_page") if pages > 1 else 1
    markup, rows = Markup(), data.ask(audit_list.rows, chosen, (number - 1) * ROWS_A_PAGE, ROWS_A_PAGE)
    trail = Trail(words, page.now, data.ask(audit_list.people, people_in(rows)))
    for row in rows:
        markup.add(_entry(row, trail))
    markup.show("gspe-rows")


def _entry(row: AuditRow, trail: Trail) -> str:
    about = joined(trail.words.moment(row.at, trail.now), row.actor, trail.subject(row), f"#{row.id}")
    code = escape(row.subject, quote=True)
    return (
        f'<li class="gspe-row"><div class="gspe-who" title="{code}"><b>{escape(trail.action(row))}</b>'
        f"{line(about)}{line(trail.details(row))}</div></li>"
    )
