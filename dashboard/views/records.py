"""Records: what retention keeps for how long, what a legal hold keeps, and the reset of logs."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError, SettingsError
from core.settings import Parameters
from core.storage import holds, queries
from core.storage.holds import HoldRow
from core.storage.retention import Plan
from core.storage.retention_classes import SETTINGS, RetentionClass
from dashboard import data, record_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.in_address import kept_tabs
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.reset_logs import show_reset
from dashboard.widgets.words import Words

DONE = "records_done"
PLAN = "records_plan"
MB = 1_000_000
KEPT_COLUMNS = ("class", "kept")
PLAN_COLUMNS = ("rows", "files", "size", "oldest")


def show() -> None:
    page = open_page(Role.ADMIN, "records.title")
    words = page.words
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    for code, tab in kept_tabs("records_tab", {tab: words(f"records.tab.{tab}") for tab in TABS}).items():
        with tab:
            TABS[code](page)


def _retention(page: Page) -> None:
    words = page.words
    st.caption(words("records.retention_about"))
    if st.button(words("records.dry_run"), key="dry_run", icon=":material/preview:"):
        try:
            st.session_state[PLAN] = record_commands.what_would_go()
        except GspeError as error:
            show_error(words, error)
    try:
        parameters = data.settings_store().load_parameters().value
    except SettingsError as error:
        show_error(words, error)
        return
    plan: Plan | None = st.session_state.get(PLAN)
    names = [*KEPT_COLUMNS, *(PLAN_COLUMNS if plan is not None else ()), "setting"]
    rows = [_class_row(one, parameters, plan, words) for one in SETTINGS]
    columns = {words(f"records.column.{name}"): [row[name] for row in rows] for name in names}
    st.dataframe(columns, hide_index=True, key="retention_table")
    if plan is not None:
        said = "records.dry_run_done" if any(plan.values()) else "records.nothing_due"
        st.info(words(said), icon=":material/info:")


def _class_row(
    one: RetentionClass, parameters: Parameters, plan: Plan | None, words: Words
) -> dict[str, object]:
    """By column: how long it is kept and, once asked for, what would go."""
    setting = SETTINGS[one]
    row: dict[str, object] = {
        "class": words(f"records.class.{one}"),
        "setting": words(f"settings.{setting}.title"),
        "kept": _kept(getattr(parameters, setting), setting, words),
    }
    if plan is not None:
        due = plan[one]
        row |= {"rows": due.rows.total(), "files": due.files, "size": round(due.size_bytes / MB, 2)}
        row["oldest"] = words.date(due.oldest) if due.oldest else ""
    return row


def _kept(value: int, setting: str, words: Words) -> str:
    if setting.endswith(("hours", "days")):
        return words(f"calendar.{setting.rpartition('_')[2]}", count=words.number(value))
    return words("records.kept_pictures", count=words.number(value))


def _holds(page: Page) -> None:
    words = page.words
    st.caption(words("records.holds_about"))
    found = data.ask(holds.list_holds, page.account.departments)
    if not found:
        st.info(words("records.no_hold"), icon=":material/gavel:")
    for hold in found:
        _hold(hold, page)
    with st.expander(words("records.place"), icon=":material/add:"), st.form("place_hold", border=False):
        people = {
            row.id: f"{row.name} ({row.code})"
            for active in (True, False)
            for row in data.ask(queries.employees, active=active, departments=page.account.departments)
        }
        employee_id = st.selectbox(
            words("records.employee"),
            people,
            index=None,
            format_func=people.__getitem__,
            placeholder=words("records.choose"),
            key="hold_employee",
        )
        with st.container(horizontal=True):
            first = st.date_input(
                words("records.first_date"), None, key="hold_first", format="YYYY-MM-DD", width=200
            )
            last = st.date_input(
                words("records.last_date"), None, key="hold_last", format="YYYY-MM-DD", width=200
            )
        reason = st.text_input(words("records.reason"), key="hold_reason", max_chars=200)
        if st.form_submit_button(words("records.place"), type="primary", key="save_hold"):
            command = partial(record_commands.place_hold, employee_id, first, last, reason or "")
            _do(page, command, "records.placed")


def _hold(hold: HoldRow, page: Page) -> None:
    words = page.words
    days = words("records.days", first=words.date(hold.first_date), last=words.date(hold.last_date))
    placed = words(
        "records.placed_by", actor=hold.placed_by, date=words.date(hold.placed_at.astimezone(words.zone))
    )
    told = f"{hold.name} ({hold.code}): {days} · {hold.reason} · {placed}"
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        if hold.lifted_at is not None:
            lifted_on = words.date(hold.lifted_at.astimezone(words.zone))
            st.caption(f"{told} · {words('records.lifted_by', actor=hold.lifted_by, date=lifted_on)}")
            return
        st.text(told)
        if ask_first(f"lift_{hold.id}", words("records.lift"), words("records.lift_sure")):
            _do(page, partial(record_commands.lift_hold, hold.id), "records.lifted")


def _do(page: Page, command: Callable[[], None], done_key: str) -> None:
    try:
        command()
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = page.words(done_key)
    st.rerun()


TABS: Mapping[str, Callable[[Page], None]] = {"retention": _retention, "holds": _holds, "reset": show_reset}
