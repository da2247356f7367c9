"""The bell above every page: what wants attention, and what can be done about it right there."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st
from streamlit.navigation.page import Page

from core.domain.alerts import allowed
from core.domain.states import AlertAction, AlertKind, AlertState
from core.errors import GspeError
from core.storage import queries
from core.storage.alert_list import AlertRow
from dashboard import alert_commands, data
from dashboard.auth import Account
from dashboard.browser_side import offer_sound
from dashboard.viewing import note_faces
from dashboard.widgets.alerts import alert_card, alert_sentence
from dashboard.widgets.markup import Markup
from dashboard.widgets.one_alert import SHIFT_END, acknowledge_one, snooze_end
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

SHOWN = 5
"""The others are on the page of alerts."""
SNOOZES = ("15_min", "1_h", SHIFT_END)
OPEN, AT_FIRST, EXCUSING, FAILED = (f"bell_{name}" for name in ("open", "at_first", "excusing", "failed"))


def news(rows: Sequence[AlertRow], words: Words, now: datetime) -> list[dict[str, str]]:
    """Those that came, or woke, since the page was opened: what the browser is to tell, once each."""
    keys = {f"{row.id} {row.snoozed_until or ''}": row for row in rows}
    at_first = st.session_state.setdefault(AT_FIRST, frozenset(keys))
    return [
        {"key": key, "text": alert_sentence(row, words, now)}
        for key, row in keys.items()
        if key not in at_first
    ]


def show_bell(rows: Sequence[AlertRow], alerts_page: Page, account: Account, words: Words) -> None:
    """Its label stays the same: Streamlit closes a popover whose label changes."""
    count = words.number(len(rows))
    with st.container(key="gspe-bell"):
        if rows:
            st.html(f'<span class="gspe-bell-count">{words("bell.label", count=f"<b>{count}</b>")}</span>')
        with st.popover(
            words("bell.title"), icon=":material/notifications:", key=OPEN, on_change="rerun"
        ) as bell:
            if bell.open:
                _list(rows, alerts_page, account, words)


def _list(rows: Sequence[AlertRow], alerts_page: Page, account: Account, words: Words) -> None:
    if error := st.session_state.pop(FAILED, None):
        show_error(words, error)
    if not rows:
        st.markdown(words("bell.nothing"))
    faces = _faces(account) if rows else {}
    for row in rows[:SHOWN]:
        _alert(row, words, faces.get(row.employee_id))
    more = words("bell.all", count=words.number(len(rows))) if rows else words("bell.page")
    st.page_link(alerts_page, label=more, icon=":material/arrow_forward:")
    offer_sound(words)


def _faces(account: Account) -> dict[int | None, str | None]:
    """Pictures of people by employee id; that they are looked at is noted."""
    note_faces(account, "bell")
    return {row.employee_id: row.picture_path for row in data.ask(queries.presence, account.departments)}


def _alert(row: AlertRow, words: Words, face: str | None) -> None:
    markup = Markup()
    markup.add(alert_card(markup, row, words, datetime.now(UTC), face=face))
    with st.container(key=f"bell_alert_{row.id}", gap="xsmall"):
        markup.show_whole("gspe-rows")
        actions = allowed(AlertKind(row.kind), AlertState(row.state))
        with st.container(horizontal=True, gap="xsmall"):
            if AlertAction.ACKNOWLEDGED in actions:
                _button(row, "acknowledge", words("alerts.acknowledge"), partial(acknowledge_one, row.id))
            if AlertAction.EXCUSED in actions:
                label = words("bell.excuse")
                st.button(label, key=f"bell_excuse_{row.id}", on_click=_ask_reason, args=(row.id,))
            if AlertAction.SNOOZED in actions:
                _snoozes(row, words)
        if AlertAction.EXCUSED in actions and st.session_state.get(EXCUSING) == row.id:
            _reason(row, words)


def _snoozes(row: AlertRow, words: Words) -> None:
    for span in SNOOZES:
        label = f":material/snooze: {words(f'bell.snooze.{span}')}"
        _button(row, span, label, partial(_snooze, row, span, words))


def _snooze(row: AlertRow, span: str, words: Words) -> None:
    alert_commands.snooze(row.id, snooze_end(span, row, words))


def _ask_reason(alert_id: int) -> None:
    same = st.session_state.get(EXCUSING) == alert_id
    st.session_state[EXCUSING] = None if same else alert_id


def _reason(row: AlertRow, words: Words) -> None:
    with st.form(f"bell_reason_form_{row.id}", border=False):
        st.text_input(words("alerts.reason"), key=f"bell_reason_{row.id}", max_chars=200)
        label = words("alerts.excuse")
        st.form_submit_button(
            label, key=f"bell_sure_{row.id}", type="primary", on_click=_excuse, args=(row.id,)
        )


def _excuse(alert_id: int) -> None:
    _try(partial(alert_commands.excuse, alert_id, st.session_state[f"bell_reason_{alert_id}"] or ""))


def _button(row: AlertRow, name: str, label: str, command: Callable[[], None]) -> None:
    st.button(label, key=f"bell_{name}_{row.id}", on_click=_try, args=(command,))


def _try(command: Callable[[], None]) -> None:
    """What went wrong is said in the list; others may have been faster."""
    try:
        command()
    except GspeError as error:
        st.session_state[FAILED] = error
