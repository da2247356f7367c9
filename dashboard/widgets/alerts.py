"""Alerts in words: what each tells, what became of it, who did what to it and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from core.domain.states import AlertKind, AlertState
from core.storage.alert_list import AlertRow, StepRow
from core.storage.alerts import SYSTEM
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words

FAULTS = (AlertKind.WORKER_FAULT, AlertKind.MODEL_FAULT)
"""Of programs; what each is, the messages about it say in the same words."""


def show_alerts(
    rows: Sequence[AlertRow],
    words: Words,
    now: datetime,
    steps: Mapping[int, Sequence[StepRow]] | None = None,
) -> None:
    """One card an alert, with its steps where they are given; nothing for no alerts."""
    if not rows:
        return
    markup = Markup()
    for row in rows:
        markup.add(alert_card(markup, row, words, now, (steps or {}).get(row.id, ())))
    markup.show("gspe-rows")


def alert_card(
    markup: Markup,
    row: AlertRow,
    words: Words,
    now: datetime,
    steps: Sequence[StepRow] = (),
    face: str | None = None,
) -> str:
    """With the alert's own picture, or with `face`, one of the person it is about."""
    sentence = alert_sentence(row, words, now)
    picture = markup.face(face, row.name or sentence) if face is not None else ""
    if row.picture_path is not None:
        picture = markup.face(row.picture_path, sentence, whole=f"/api/picture/alert/{row.id}")
    told = "".join(line(part) for part in (cause_sentence(row, words), steps_sentence(steps, words, now)))
    about = joined(row.department, row.code, row.location or None, outcome_sentence(row, words, now))
    return (
        f'<li class="gspe-card gspe-{escape(row.state, quote=True)}">{picture}<div class="gspe-who">'
        f"{line(sentence, 'gspe-state')}{line(about)}{told}</div></li>"
    )


def alert_sentence(row: AlertRow, words: Words, now: datetime) -> str:
    """Who or what it is about, and since when."""
    fault = f"notifications.fault.{row.cause}"
    if row.kind in FAULTS and words.has(fault):
        return words(fault, since=words.moment(row.since, now))
    subject = row.name or row.camera_name or ""
    return words(f"alerts.kind.{row.kind}", name=subject, time=words.moment(row.since, now))


def cause_sentence(row: AlertRow, words: Words) -> str:
    """Why a camera fails, and what to do; nothing when it is not known, or the fault's own sentence tells."""
    key = f"camera.cause.{row.cause}"
    return words(key) if row.kind not in FAULTS and words.has(key) else ""


def outcome_sentence(row: AlertRow, words: Words, now: datetime) -> str:
    """How long it lasts and what was done about it, or how and when it ended."""
    if row.state == AlertState.RESOLVED and row.resolved_at is not None:
        lasted_s = (row.resolved_at - row.since).total_seconds() if row.duration_s is None else row.duration_s
        return words(
            f"alerts.resolution.{row.resolution}",
            time=words.moment(row.resolved_at, now),
            duration=words.duration(lasted_s),
        )
    lasts = words("alerts.open_for", duration=words.duration((now - row.since).total_seconds()))
    if row.state == AlertState.OPEN:
        return lasts
    until = words.moment(row.snoozed_until, now) if row.snoozed_until else ""
    state = "woken" if row.snoozed_until and row.snoozed_until <= now else row.state
    return joined(lasts, words(f"alerts.state.{state}", time=until))


def steps_sentence(steps: Sequence[StepRow], words: Words, now: datetime) -> str:
    return joined(*(step_sentence(step, words, now) for step in steps))


def step_sentence(step: StepRow, words: Words, now: datetime) -> str:
    """What was done, when and by whom; by nobody for what the system did."""
    by_system = step.actor.partition(":")[0] == SYSTEM
    key = f"alerts.step.{step.action}" if by_system else f"alerts.step_by.{step.action}"
    done = words(key, time=words.moment(step.at, now), actor=step.actor)
    until = words("alerts.until", time=words.moment(step.until, now)) if step.until else ""
    return " ".join(part for part in (done, until, f"({step.note})" if step.note else "") if part)
