"""Database, disk, messages and the nightly upkeep, each with what is wrong with it."""

from datetime import datetime, timedelta

import streamlit as st

from core.errors import SettingsError
from core.settings import Parameters
from core.storage.health import MaintenanceRow, SiteHealth
from dashboard import data
from dashboard.widgets.markup import Markup, line
from dashboard.widgets.words import Words

MIB = 1024 * 1024
GIB = 1024 * MIB
BACKUP_IS_LATE_AFTER = timedelta(days=2)


def show_storage(health: SiteHealth, words: Words, now: datetime) -> None:
    markup = Markup()
    for state, label, value, about in (
        _database(health, words),
        _disk(health, words),
        _outbox(health, words),
        _backup(health, words, now),
    ):
        markup.add(
            f'<li class="gspe-{state}"><span class="gspe-quiet">{line(label, "")}</span>'
            f"{line(value, 'gspe-value')}{line(about)}</li>"
        )
    markup.show("gspe-facts")
    _show_maintenance(health, words, now)


def size(count: float, words: Words) -> str:
    """Bytes as people say them."""
    if count >= GIB:
        return words("health.gib", value=words.number(count / GIB, 1))
    return words("health.mib", value=words.number(count / MIB, 1 if count < 100 * MIB else 0))


def _database(health: SiteHealth, words: Words) -> tuple[str, str, str, str]:
    storage = health.storage
    wal = words("health.wal", size=size(storage.wal_bytes, words))
    return "available", words("health.database"), size(storage.database_bytes, words), wal


def _disk(health: SiteHealth, words: Words) -> tuple[str, str, str, str]:
    storage, least_mb = health.storage, _min_free_mb()
    room = storage.has_room(least_mb)
    about = words(
        "health.disk_least" if room else "health.disk_full",
        least=size(least_mb * MIB, words),
        total=size(storage.disk_total_bytes, words),
    )
    return "available" if room else "alert", words("health.disk"), size(storage.disk_free_bytes, words), about


def _outbox(health: SiteHealth, words: Words) -> tuple[str, str, str, str]:
    failed = words("health.outbox_failed", count=words.number(health.outbox_failed))
    value = words("health.outbox_waiting", count=words.number(health.outbox_waiting))
    return "unobserved" if health.outbox_failed else "available", words("health.outbox"), value, failed


def _backup(health: SiteHealth, words: Words, now: datetime) -> tuple[str, str, str, str]:
    label, backup = words("health.backup"), health.backup
    if backup is None:
        return "unobserved", label, words("health.backup_none"), words("health.backup_none_do")
    late = now - backup.at > BACKUP_IS_LATE_AFTER
    about = words("health.backup_of", name=backup.name, size=size(backup.size_bytes, words))
    return "unobserved" if late else "available", label, words.ago(backup.at, now), about


def _show_maintenance(health: SiteHealth, words: Words, now: datetime) -> None:
    st.markdown(f"**{words('health.maintenance')}**")
    if not health.maintenance:
        st.caption(words("health.maintenance_none"))
        return
    st.markdown("\n".join(f"- {_run(run, words, now)}" for run in health.maintenance))


def _run(run: MaintenanceRow, words: Words, now: datetime) -> str:
    day = words.date(run.site_date)
    if run.finished_at is None:
        return words("health.run_unfinished", day=day, time=words.moment(run.started_at, now))
    took = words.duration((run.finished_at - run.started_at).total_seconds())
    return words(
        "health.run_done",
        day=day,
        time=words.moment(run.finished_at, now),
        took=took,
        removed=words.number(_removed(run)),
        backup=str(run.result.get("backup", words("health.no_figure"))),
    )


def _removed(run: MaintenanceRow) -> int:
    """Rows and files that went by retention, whatever their class."""
    classes = run.result.get("retention", {}).values()
    return sum(due["files"] + sum(due["rows"].values()) for due in classes)


def _min_free_mb() -> int:
    try:
        return data.settings_store().load_parameters().value.min_free_mb
    except SettingsError:
        return Parameters().min_free_mb
