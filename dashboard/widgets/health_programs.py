"""supervisord's programs: how each is, and a button that starts it anew."""

import time
from datetime import UTC, datetime
from html import escape

import streamlit as st

from core.errors import GspeError, SupervisionError
from core.supervision import ProgramState
from dashboard.programs import ProgramLine, program_lines, restart_program
from dashboard.refreshing import refreshing
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words

REFRESH_S = 2.0
RESTARTED = "program_restarted"
TOLD_S = 20.0
"""A passing notice would be missed by whoever looks away while a program takes its time."""
STYLES = {
    ProgramState.RUNNING: "available",
    ProgramState.STARTING: "connecting",
    ProgramState.STOPPING: "connecting",
    ProgramState.STOPPED: "off",
}
"""Any other state is a fault."""

MIB = 1024 * 1024


@refreshing(REFRESH_S)
def show_programs(words: Words, *, may_restart: bool) -> None:
    try:
        lines = program_lines()
    except SupervisionError as error:
        st.info(_sentence(error, words), icon=":material/info:")
        return
    for one in lines:
        with st.container(border=True, key=f"program_{one.program.name}"):
            told, action = st.columns([4, 1], vertical_alignment="center")
            with told:
                _show_program(one, words)
            if may_restart:
                with action, st.container(horizontal=True, horizontal_alignment="right"):
                    _restart(one, words)
            _show_restarted(one, words)


def _show_program(one: ProgramLine, words: Words) -> None:
    program, now = one.program, datetime.now(UTC)
    style = STYLES.get(program.state, "alert")
    runs = program.started_at is not None and program.pid
    uptime_s = (now - program.started_at).total_seconds() if program.started_at and runs else 0.0
    uptime = words("health.uptime", duration=words.duration(uptime_s)) if runs else None
    memory = None
    if one.memory_bytes is not None:
        memory = words("health.memory", size=words.number(one.memory_bytes / MIB))
    markup = Markup()
    markup.add(
        f'<li class="gspe-who gspe-{style}"><b>{escape(program.name)}</b>'
        f"{line(words(f'health.about.{program.name}'))}"
        f"{line(joined(words(f'health.state.{program.state}'), uptime, memory), 'gspe-state')}"
        f"{line(_cause(one, words, now))}</li>"
    )
    markup.show("gspe-rows")


def _cause(one: ProgramLine, words: Words, now: datetime) -> str:
    if one.cause is None:
        return ""
    time = words.moment(one.cause.at, now)
    return words(f"shell.bar.restart.{one.cause.code}", time=time, count=one.cause.count)


def _restart(one: ProgramLine, words: Words) -> None:
    name = one.program.name
    question = words(f"health.restart_sure.{name}")
    if not ask_first(f"restart_{name}", words("health.restart"), question, icon=":material/restart_alt:"):
        return
    try:
        with st.spinner(words("health.restarting", name=name)):
            restart_program(name)
    except SupervisionError as error:
        st.error(_sentence(error, words), icon=":material/error:")
        return
    except GspeError as error:
        st.error(words.first(f"errors.{error.code}", "errors.error"), icon=":material/error:")
        return
    if one.is_dashboard:
        st.info(words("health.dashboard_restarts"), icon=":material/restart_alt:")
        return
    st.session_state[RESTARTED] = (name, time.monotonic())
    st.rerun(scope="fragment")


def _show_restarted(one: ProgramLine, words: Words) -> None:
    name, at_s = st.session_state.get(RESTARTED, ("", 0.0))
    if name == one.program.name and time.monotonic() - at_s < TOLD_S:
        st.success(words("health.restarted", name=name), icon=":material/restart_alt:")


def _sentence(error: SupervisionError, words: Words) -> str:
    return words.first(f"health.error.{error.code}", "errors.supervision_refused")
