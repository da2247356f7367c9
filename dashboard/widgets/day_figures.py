"""Every figure of a day with the rule and the facts behind it."""

from collections.abc import Mapping
from datetime import datetime
from html import escape

import streamlit as st

from core.domain.states import CorrectionState
from core.domain.workday import NOTHING, WorkDay
from core.i18n import whole_percent
from core.storage.correction_list import CorrectionRow
from core.storage.person_day import WholeDay
from dashboard.widgets.day_words import figure, hours, reasons_of
from dashboard.widgets.words import Words

FIGURES = (
    "first_in_at",
    "last_out_at",
    "late_by",
    "left_early_by",
    "present",
    "overtime",
    "working",
    "seen",
    "not_seen",
    "not_observable",
)
PLAIN = ("present", "seen", "not_seen", "not_observable")
"""The rule alone says where they come from."""


def show_figures(found: WholeDay, words: Words, now: datetime) -> None:
    work = found.work
    why = _Why(found, words, now)
    entries = [
        _entry(name, figure(name, getattr(work, name), work.day, words), why(name), words) for name in FIGURES
    ]
    if work.coverage is not None:
        percent = f"{whole_percent(work.coverage)} %"
        entries.append(_entry("coverage", percent, why.coverage(), words))
    st.html(f'<dl class="gspe-figures">{"".join(entries)}</dl>')


def _entry(name: str, value: str, why: str, words: Words) -> str:
    return (
        f'<div><dt>{escape(words(f"days.figure.{name}"))}</dt><dd class="gspe-value">{escape(value)}</dd>'
        f'<dd class="gspe-why">{escape(why)}</dd></div>'
    )


class _Why:
    """The sentence behind a figure, by its name."""

    def __init__(self, found: WholeDay, words: Words, now: datetime) -> None:
        self._found, self._words, self._now = found, words, now
        self._work: WorkDay = found.work
        in_force = (row for row in found.corrections if row.state == CorrectionState.IN_FORCE)
        self._correction: CorrectionRow | None = next(in_force, None)

    def __call__(self, name: str) -> str:
        if name in PLAIN:
            return self._words(f"days.why.{name}")
        return {
            "first_in_at": self._time,
            "last_out_at": self._time,
            "late_by": self._late,
            "left_early_by": self._early,
            "overtime": self._overtime,
            "working": self._working,
        }[name](name)

    def coverage(self) -> str:
        observed = self._work.working - self._work.not_observable
        return self._words(
            "days.why.coverage",
            observed=hours(observed, self._words),
            working=hours(self._work.working, self._words),
        )

    def _time(self, name: str) -> str:
        corrected = self._correction
        if corrected is not None and getattr(corrected, name) is not None:
            who: Mapping[str, str] = {"author": corrected.author, "reason": corrected.reason}
            return self._words("days.why.corrected_by", **who)
        if getattr(self._work, name) is None:
            return self._words("days.why.not_seen_at_all")
        return self._words(f"days.why.{name}", count=self._words.number(len(self._found.visits)))

    def _late(self, _name: str) -> str:
        shift = self._found.live.shift
        if self._work.late_by or shift is None or not self._work.working:
            return self._decided("late")
        return self._words("days.why.late_none", grace=shift.shift.late_grace_min)

    def _early(self, _name: str) -> str:
        shift = self._found.live.shift
        if self._work.left_early_by or shift is None or not self._work.working:
            return self._decided("left_early")
        if self._now < shift.end_at:
            return self._words("days.why.early_pending")
        return self._words("days.why.early_none", grace=shift.shift.early_grace_min)

    def _overtime(self, _name: str) -> str:
        return self._decided("overtime") if self._work.overtime else self._words("days.why.overtime_none")

    def _working(self, _name: str) -> str:
        return self._words("days.why.working" if self._work.working > NOTHING else "days.why.working_none")

    def _decided(self, code: str) -> str:
        """The rule of this code with its facts; without it, that no work was due."""
        told = [reason for reason in self._work.reasons if reason.code == code]
        return reasons_of(told, self._work.day, self._words) or self._words("days.why.working_none")
