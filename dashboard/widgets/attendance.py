"""Attendance rows: who, first in, last out, and the pictures behind both times."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from core.storage.rows import AttendanceRow, Shot
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words


def show_attendance(rows: Sequence[AttendanceRow], words: Words, now: datetime) -> None:
    markup = Markup()
    for row in rows:
        mark = words("attendance.provisional") if row.is_provisional(now) else ""
        visits = words("attendance.visits", count=words.number(row.visit_count))
        first_in = _Moment(words("attendance.first_in"), row.first_in_at, row.first_in)
        last_out = _Moment(words("attendance.last_out"), row.last_out_at, row.last_out, mark)
        markup.add(
            f'<li class="gspe-row"><div class="gspe-who"><b>{escape(row.name)}</b>'
            f"{line(joined(row.department, row.code))}{line(visits)}</div>"
            f"{first_in.html(markup, row, words)}{last_out.html(markup, row, words)}</li>"
        )
    markup.show("gspe-rows")


class _Moment:
    """First in or last out of one row: label, time, mark, picture and when that was taken."""

    def __init__(self, label: str, at: datetime, shot: Shot | None, mark: str = "") -> None:
        self._label, self._at, self._shot, self._mark = label, at, shot, mark

    def html(self, markup: Markup, row: AttendanceRow, words: Words) -> str:
        picture = self._picture(markup, joined(row.name, self._label))
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
