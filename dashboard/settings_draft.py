"""What an administrator has changed on the settings page and not saved yet, kept while he looks around."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.errors import SettingsError
from core.settings import InvalidSettings, Problem
from core.settings.files import MODELS, SettingsFile
from core.settings.model import SettingsModel
from core.storage.settings_changes import Difference, difference
from dashboard import data

DRAFTS = "settings_drafts"


@dataclass
class Draft:
    """Of one file. Values are as in the JSON file."""

    file: SettingsFile
    base: dict[str, Any]
    """What the file held when he began."""
    fingerprint: str
    changes: dict[str, Any] = field(default_factory=dict)
    back_to: str | None = None
    """The name of the earlier version whose values these are."""
    broken: SettingsError | None = None
    """Why the file cannot be used; the base is then of defaults."""
    generations: Counter[str] = field(default_factory=Counter)
    """By key, how often its widget was given another value from outside: each time it is a new widget."""

    def value(self, key: str) -> Any:
        return self.changes.get(key, self.base[key])

    def set(self, key: str, value: Any) -> None:
        """As a widget tells it."""
        if value == self.base[key] and type(value) is type(self.base[key]):
            self.changes.pop(key, None)
        else:
            self.changes[key] = value

    def put(self, key: str, value: Any) -> None:
        """As a button sets it; the widget follows."""
        self.set(key, value)
        self.generations[key] += 1

    def discard(self) -> None:
        for key in list(self.changes):
            self.put(key, self.base[key])
        self.back_to = None

    def after(self) -> SettingsModel:
        """The settings that saving would write. Raises InvalidSettings."""
        return MODELS[self.file].parse({**self.base, **self.changes})

    def problems(self) -> tuple[Problem, ...]:
        try:
            self.after()
        except InvalidSettings as error:
            return error.problems
        return ()

    def difference(self) -> Difference:
        return {key: (self.base[key], value) for key, value in self.changes.items()}

    @property
    def is_open(self) -> bool:
        """Whether there is something to save."""
        return bool(self.changes) or self.back_to is not None


def draft_of(file: SettingsFile) -> Draft:
    """The reader's own, always the same object; as long as he has changed nothing, it follows the file."""
    drafts: dict[SettingsFile, Draft] = st.session_state.setdefault(DRAFTS, {})
    if file not in drafts:
        drafts[file] = _read(file)
    elif not drafts[file].is_open:
        rebase(drafts[file])
    return drafts[file]


def open_drafts() -> list[Draft]:
    drafts: dict[SettingsFile, Draft] = st.session_state.get(DRAFTS, {})
    return [draft for draft in drafts.values() if draft.is_open]


def discard_all() -> None:
    for draft in open_drafts():
        draft.discard()


def changed_meanwhile(draft: Draft) -> Difference | None:
    """What somebody else saved since the reader began; None when nobody did."""
    now = _read(draft.file)
    return None if now.fingerprint == draft.fingerprint else difference(draft.base, now.base)


def rebase(draft: Draft) -> None:
    """Onto what the file holds now; what the reader changed himself stays changed."""
    now, changes = _read(draft.file), draft.changes
    others = difference(draft.base, now.base)
    draft.base, draft.fingerprint, draft.broken, draft.changes = now.base, now.fingerprint, now.broken, {}
    for key, value in changes.items():
        draft.set(key, value)
    for key in others:
        draft.generations[key] += 1


def go_back_to(file: SettingsFile, name: str) -> Draft:
    """Makes an earlier version the reader's draft. Raises InvalidSettings when today's rules refuse it."""
    values = data.settings_store().version(file, name).as_json()
    draft = draft_of(file)
    rebase(draft)
    draft.discard()
    for key, value in values.items():
        draft.put(key, value)
    draft.back_to = name
    return draft


def forget(file: SettingsFile) -> None:
    """After it was saved: the draft follows the file again."""
    draft: Draft | None = st.session_state.get(DRAFTS, {}).get(file)
    if draft is not None:
        draft.changes, draft.back_to = {}, None


def _read(file: SettingsFile) -> Draft:
    store = data.settings_store()
    try:
        loaded = store.load(file)
    except InvalidSettings as error:
        defaults = MODELS[file]().as_json()
        return Draft(file, defaults, store.fingerprint_of(store.shown(file)), broken=error)
    return Draft(file, loaded.value.as_json(), loaded.fingerprint)
