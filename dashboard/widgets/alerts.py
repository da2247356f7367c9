"""Alerts as lists: what is open, and what became of those of a day."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from core.domain.states import AlertState
from core.storage.rows import AlertRow
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words


def show_open_alerts(rows: Sequence[AlertRow], words: Words, now: datetime) -> None:
    """The open alerts, or nothing at all."""
    if rows:
        show_alerts(rows, words, now)


def show_alerts(rows: Sequence[AlertRow], words: Words, now: datetime) -> None:
    markup = Markup()
    for row in rows:
        markup.add(
            f'<li class="gspe-card gspe-{escape(row.state, quote=True)}"><div class="gspe-who">'
            f"{line(alert_sentence(row, words, now), 'gspe-state')}"
            f"{line(joined(row.department, row.code, outcome_sentence(row, words, now)))}</div></li>"
        )
    markup.show("gspe-rows")


def alert_sentence(row: AlertRow, words: Words, now: datetime) -> str:
    """Who or what it is about, and since when."""
    since = row.absent_since or row.opened_at
    subject = row.name or row.camera_name or ""
    return words(f"alerts.kind.{row.kind}", name=subject, time=words.moment(since, now))


def outcome_sentence(row: AlertRow, words: Words, now: datetime) -> str:
    """How long it lasts, or how and when it ended."""
    since = row.absent_since or row.opened_at
    if row.state == AlertState.OPEN or row.resolved_at is None:
        return words("alerts.open_for", duration=words.duration((now - since).total_seconds()))
    duration_s = (row.resolved_at - since).total_seconds() if row.duration_s is None else row.duration_s
    return words(
        f"alerts.resolution.{row.resolution}",
        time=words.moment(row.resolved_at, now),
        duration=words.duration(duration_s),
    )
