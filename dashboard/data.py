"""What pages read: answers of `core.storage.queries`, at most two seconds old and shared by all viewers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy.orm import Session

from core.errors import SettingsError
from core.settings import system_time_zone
from core.settings_store import SettingsStore
from core.storage import queries
from core.storage.rows import CameraRow, WorkerRow
from dashboard.auth import Account
from dashboard.database import reader, site_paths

MAX_AGE_S = 2.0
NEVER = datetime.min.replace(tzinfo=UTC)
STALE_AFTER = timedelta(seconds=10)
"""From this age on what the worker wrote is no longer the present."""

P = ParamSpec("P")
R = TypeVar("R")


def ask(query: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The answer to a query; the same question within two seconds costs nothing."""
    name = f"{query.__module__}.{query.__qualname__}"
    answer: R = _answer(str(site_paths().database), name, args, kwargs, query)
    return answer


def ask_now(query: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The answer as the database has it at this moment, for a reader who waits for it to change."""
    with Session(reader()) as session:
        return query(session, *args, **kwargs)


def departments(account: Account) -> list[str]:
    """Those that this account may choose among."""
    return sorted(account.departments) if account.departments else ask(queries.departments)


def forget() -> None:
    """Makes the next questions reach the database: for a page that has just written."""
    _answer.clear()


def known_until(worker: WorkerRow | None, cameras: Sequence[CameraRow], now: datetime) -> datetime | None:
    """When the last word on who is here was spoken, if that is too long ago to pass for the present.

    None while the facts are fresh; `NEVER` when no worker ever ran here.

    The worker's heartbeat counts, and the newest frame among the enabled cameras. A single camera that is
    down is the worker's to judge: it calls the people it covers unobserved.
    """
    if worker is None:
        return NEVER
    frames = [camera.last_frame_at for camera in cameras if camera.enabled and camera.last_frame_at]
    last_word_at = min(worker.heartbeat_at, max(frames, default=worker.heartbeat_at))
    return last_word_at if now - last_word_at > STALE_AFTER else None


def worker_is_silent(now: datetime) -> bool:
    """Whether no worker ever reported, or the last report is too old to count on an answer."""
    said = ask(queries.worker)
    return said is None or now - said.heartbeat_at > STALE_AFTER


@st.cache_data(ttl=MAX_AGE_S, max_entries=512, show_spinner=False)
def _answer(
    database: str,
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    _query: Callable[..., Any],
) -> Any:
    with Session(reader()) as session:
        return _query(session, *args, **kwargs)


def settings_store() -> SettingsStore:
    return SettingsStore(site_paths())


def zone() -> ZoneInfo:
    """The site's time zone; while the settings file is broken, the last one that was good."""
    return ZoneInfo(_zone_name(str(site_paths().home)))


@st.cache_data(ttl=MAX_AGE_S, show_spinner=False)
def _zone_name(home: str) -> str:
    good_ones = _good_zone_names()
    try:
        good_ones[home] = settings_store().load_parameters().value.time_zone
    except SettingsError:
        return good_ones.get(home) or system_time_zone()
    return good_ones[home]


@st.cache_resource(show_spinner=False)
def _good_zone_names() -> dict[str, str]:
    return {}
