"""Attendance rows: who, how the day was judged, first in, last out, and the pictures behind both times."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

import streamlit as st

from core.storage.day_lines import DayLine
from core.storage.rows import Shot
from dashboard.widgets.day_words import (
    DAYS_STYLE,
    coverage,
    deviations,
    person_day_url,
    person_url,
    reasons,
    status_badge,
)
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words


def show_attendance(rows: Sequence[DayLine], words: Words, now: datetime) -> None:
    st.html(DAYS_STYLE)
    markup = Markup()
    for row in rows:
        parts = (_who(row, words), _verdict(row, words), _moments(row, markup, words, now))
        markup.add(f'<li class="gspe-row">{"".join(parts)}</li>')
    markup.show("gspe-rows")


def _who(row: DayLine, words: Words) -> str:
    url = escape(person_day_url(row.employee_id, row.day), quote=True)
    profile = escape(person_url(row.employee_id), quote=True)
    visits = words("attendance.visits", count=words.number(row.visit_count)) if row.visit_count else ""
    return (
        f'<div class="gspe-who"><b><a href="{url}" target="_self">{escape(row.name)}</a></b>'
        f"{line(joined(row.department, row.code))}{line(visits)}"
        f'<a class="gspe-quiet" href="{profile}" target="_self">{escape(words("person.link"))}</a></div>'
    )


def _verdict(row: DayLine, words: Words) -> str:
    if row.work is None:
        return f'<div class="gspe-verdict">{line(words("attendance.not_judged"))}</div>'
    mark = line(words("attendance.corrected"), "gspe-mark") if row.judged and row.judged.correction_id else ""
    figures = joined(coverage(row.work, words), *deviations(row.work, words))
    return (
        f'<div class="gspe-verdict"><span>{status_badge(str(row.work.status), words)}{mark}</span>'
        f"{line(figures)}{line(reasons(row.work, words))}</div>"
    )


def _moments(row: DayLine, markup: Markup, words: Words, now: datetime) -> str:
    mark = words("attendance.provisional") if row.is_provisional(now) else ""
    first_in = Moment(words("attendance.first_in"), row.first_in_at, row.first_in)
    last_out = Moment(words("attendance.last_out"), row.last_out_at, row.last_out, mark)
    return "".join(one.html(markup, row.name, words) for one in (first_in, last_out))


class Moment:
    """First in or last out of one day: label, time, mark, picture and when that was taken."""

    def __init__(self, label: str, at: datetime | None, shot: Shot | None, mark: str = "") -> None:
        self._label, self._at, self._shot, self._mark = label, at, shot, mark

    def html(self, markup: Markup, name: str, words: Words) -> str:
        """Nothing of a time that is not known, but the room that it takes."""
        if self._at is None:
            return '<div class="gspe-shot"></div>'
        picture = self._picture(markup, joined(name, self._label))
        mark = line(self._mark, "gspe-mark")
        return (
            f'<div class="gspe-shot">{picture}<div>{line(self._label)}<br>'
            f"<b>{escape(words.time(self._at, seconds=True))}</b>{mark}<br>"
            f"{line(self._about_picture(words))}</div></div>"
        )

    def _picture(self, markup: Markup, name: str) -> str:
        if self._shot is None or self._shot.path is None:
            return ""
        whole = f"/api/picture/evidence/{self._shot.evidence_id}"
        return markup.face(self._shot.path, name, whole=whole)

    def _about_picture(self, words: Words) -> str:
        if self._shot is None:
            return words("attendance.no_picture")
        key = "attendance.picture" if self._shot.path else "attendance.picture_removed"
        taken = words.time(self._shot.captured_at, seconds=True)
        return words(key, time=taken, camera=self._shot.camera_name)
