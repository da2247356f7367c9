"""Who changed a settings file and when, its earlier versions, and the way back to one."""

from html import escape

import streamlit as st

from core.errors import SettingsError
from core.settings import InvalidSettings
from core.settings.files import SettingsFile
from core.settings_files import VERSIONS_KEPT
from core.settings_store import Version
from core.storage import settings_changes
from core.storage.audit_list import AuditRow
from core.storage.settings_changes import SAVED, difference
from dashboard import data
from dashboard.settings_draft import go_back_to
from dashboard.widgets.in_address import kept
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.settings_review import begin_review, show_differences
from dashboard.widgets.settings_words import describe, file_name, title, value_words
from dashboard.widgets.words import Words

FILE, REFUSED = "settings_history_file", "settings_version_refused"


def show_history(page: Page) -> None:
    words = page.words
    files = [str(one) for one in SettingsFile]
    chosen = st.selectbox(
        words("settings_page.history.file"),
        files,
        format_func=lambda one: file_name(SettingsFile(one), words),
        width=320,
        **kept(FILE, files, default=SettingsFile.PARAMETERS.value),
    )
    file = SettingsFile(chosen)
    rows = data.ask(settings_changes.history, data.settings_store().shown(file))
    st.subheader(words("settings_page.history.changes"), anchor=False)
    if not rows:
        st.info(words("settings_page.history.none"), icon=":material/history:")
    markup = Markup()
    for row in rows:
        markup.add(_entry(row, file, page))
    markup.show("gspe-rows")
    _versions(file, rows, page)


def _entry(row: AuditRow, file: SettingsFile, page: Page) -> str:
    words = page.words
    about = joined(words.moment(row.at, page.now), _actor(row, words))
    said = [_changed(key, values, file, words) for key, values in _keys(row).items()]
    head = words("settings_page.history.back_to") if row.params.get("back_to") else None
    told = [head] if head else []
    told += said or [words(f"settings_page.history.{row.params.get('what', 'saved_same')}")]
    lines = "".join(line(one) for one in told)
    return f'<li class="gspe-row"><div class="gspe-who"><b>{escape(about)}</b>{lines}</div></li>'


def _keys(row: AuditRow) -> dict[str, list[object] | None]:
    """Of a change by hand only the names are known."""
    keys = row.params.get("keys", {})
    return keys if isinstance(keys, dict) else dict.fromkeys(keys)


def _changed(key: str, values: list[object] | None, file: SettingsFile, words: Words) -> str:
    one = describe(file).get(key)
    if one is None:
        return words("settings_page.history.changed", title=key)
    if values is None:
        return words("settings_page.history.changed", title=title(one, words))
    before, after = (value_words(one, value, words) for value in values)
    return words("settings_page.change", title=title(one, words), before=before, after=after)


def _actor(row: AuditRow, words: Words) -> str:
    return row.actor if row.action == SAVED else words("settings_page.history.by_hand")


def _versions(file: SettingsFile, rows: list[AuditRow], page: Page) -> None:
    words = page.words
    st.subheader(words("settings_page.history.versions"), anchor=False)
    st.caption(words("settings_page.history.versions_about", count=VERSIONS_KEPT))
    versions = data.settings_store().versions(file)
    if not versions:
        st.info(words("settings_page.history.no_version"), icon=":material/history:")
    writers = {row.params["fingerprint"]: row for row in reversed(rows) if row.action == SAVED}
    for version in versions:
        _version(version, file, writers.get(version.fingerprint), page)


def _version(version: Version, file: SettingsFile, writer: AuditRow | None, page: Page) -> None:
    words = page.words
    until = words("settings_page.history.until", moment=words.moment(version.replaced_at, page.now))
    by = words("settings_page.history.by", actor=writer.actor) if writer else None
    with st.expander(joined(until, by), icon=":material/history:"):
        try:
            kept = data.settings_store().version(file, version.name)
            now = data.settings_store().load(file).value.as_json()
        except InvalidSettings as error:
            show_error(words, error)
            _way_back(version, file, page)
            return
        changes = difference(now, kept.as_json())
        if not changes:
            st.caption(words("settings_page.history.same"))
            return
        st.caption(words("settings_page.history.would"))
        show_differences(changes, file, words)
        _way_back(version, file, page)


def _way_back(version: Version, file: SettingsFile, page: Page) -> None:
    words = page.words
    if st.button(
        words("settings_page.history.back"), key=f"back_{file}_{version.name}", icon=":material/undo:"
    ):
        try:
            go_back_to(file, version.name)
        except SettingsError as error:
            show_error(words, error)
            return
        begin_review()
        st.rerun()
