"""Whether the worker uses the settings as they are saved."""

from datetime import UTC, datetime

import streamlit as st

from core.settings import InvalidSettings
from core.settings.files import SettingsFile
from core.storage import queries
from dashboard import data
from dashboard.refreshing import refreshing
from dashboard.widgets.settings_words import error_words
from dashboard.widgets.words import Words

REFRESH_S = 2.0


@refreshing(REFRESH_S)
def show_state(words: Words) -> None:
    worker = data.ask(queries.worker)
    if worker is not None and worker.settings_error is not None:
        problem = error_words(InvalidSettings.from_json(worker.settings_error), words)
        st.error(words("settings_page.state.refused", problem=problem), icon=":material/error:")
    elif worker is None or data.worker_is_silent(datetime.now(UTC)):
        _say(":material/hourglass_empty:", words("settings_page.state.no_worker"))
    elif data.settings_store().worker_has_seen(SettingsFile.PARAMETERS):
        _say(":material/check_circle:", words("settings_page.state.in_force"))
    else:
        _say(":material/hourglass_top:", words("settings_page.state.waiting"))


def _say(icon: str, sentence: str) -> None:
    st.caption(f"{icon} {sentence}")
