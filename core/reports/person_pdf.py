"""One person's days on paper, with the pictures of first in and last out, sums, warnings and corrections."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pandas as pd

from core.domain.states import DayStatus
from core.reports.day_pictures import DayPicture, DayPictures
from core.reports.frame import DAYS_OF, PERSON, told_reasons, totals
from core.reports.paper import GREY, LINE, MARGIN_MM, SHADE, Paper
from core.reports.report import Report
from core.reports.wording import Wording
from core.storage.report_rows import CorrectionRow, Person

PICTURE_MM = 14.0
ROW_MM = 8.0
LETTER_PT = 8.0
LETTER_MM = 3.6
FIGURES = ("present", "late_by", "left_early_by", "overtime", "missing", "not_observable")
COLUMNS: tuple[tuple[str, float], ...] = (
    ("date", 25),
    ("status", 24),
    ("first_in", 36),
    ("last_out", 36),
    *((name, 16.0) for name in FIGURES),
    ("coverage", 15),
    ("reasons", 45),
)
"""Names of the catalogue and widths in millimetres, 277 in all."""


def person_pdf(
    report: Report,
    person: Person,
    pictures: Mapping[date, DayPictures],
    words: Wording,
    *,
    site: str,
    printed_at: datetime,
) -> bytes:
    """report: of this person. printed_at stands at the foot of every page."""
    title = words("pdf.person_title", name=person.name, period=words.period(*_bounds(report)))
    printed = words("pdf.printed", time=words.moment(printed_at), zone=words.zone.key)
    paper = Paper("landscape", title, printed, words)
    _heading(paper, report, person, words, site)
    _table(paper, report.days, pictures, words)
    _sums(paper, report.days, words)
    _warnings(paper, report, words)
    _corrections(paper, report.corrections, words)
    return bytes(paper.output())


def _bounds(report: Report) -> tuple[date, date]:
    return report.scope.period.first, report.scope.period.last


def _heading(paper: Paper, report: Report, person: Person, words: Wording, site: str) -> None:
    paper.use(10, colour=GREY)
    paper.line_of(site, 5)
    paper.use(17, "B")
    paper.line_of(person.name, 8)
    paper.use(10)
    about = [words("pdf.code", code=person.code), person.department or "", words.period(*_bounds(report))]
    paper.line_of(" · ".join(part for part in about if part), 6)
    paper.ln(2)


def _table(paper: Paper, days: pd.DataFrame, pictures: Mapping[date, DayPictures], words: Wording) -> None:
    if days.empty:
        paper.use(10)
        paper.line_of(words("pdf.no_days"), 6)
        return
    _column_names(paper, words)
    for row in days.to_dict("records"):
        _day(paper, row, pictures.get(row["day"].date(), DayPictures()), words)


def _column_names(paper: Paper, words: Wording) -> None:
    paper.use(7, "B")
    top, height = paper.get_y(), 11.0
    paper.set_fill_color(*SHADE)
    paper.rect(MARGIN_MM, top, paper.epw, height, style="F")
    left = MARGIN_MM
    for name, width in COLUMNS:
        _write(paper, left, top + 1, width, paper.lines(words(f"column.{name}"), width - 1)[:3], 3.1)
        left += width
    paper.set_xy(MARGIN_MM, top + height)


def _day(paper: Paper, row: Mapping[Any, Any], pictures: DayPictures, words: Wording) -> None:
    paper.use(LETTER_PT)
    said = {name: _said(paper, name, row, pictures, words) for name, _ in COLUMNS}
    height = max(ROW_MM, LETTER_MM * max(map(len, said.values())) + 1.5)
    if pictures.shown:
        height = max(height, PICTURE_MM + 2)
    if paper.need(height):
        _column_names(paper, words)
        paper.use(LETTER_PT)
    top, left = paper.get_y(), MARGIN_MM
    for name, width in COLUMNS:
        picture = getattr(pictures, name, None)
        indent = 0.0
        if picture is not None and picture.jpeg is not None:
            paper.image(BytesIO(picture.jpeg), left, top + 1, PICTURE_MM, PICTURE_MM)
            indent = PICTURE_MM + 1
        _write(paper, left + indent, top + 1, width - indent, said[name], LETTER_MM)
        left += width
    paper.set_draw_color(*LINE)
    paper.line(MARGIN_MM, top + height, MARGIN_MM + paper.epw, top + height)
    paper.set_xy(MARGIN_MM, top + height)


def _said(
    paper: Paper, name: str, row: Mapping[Any, Any], pictures: DayPictures, words: Wording
) -> Sequence[str]:
    """What stands in a cell, line by line."""
    match name:
        case "date":
            day = row["day"].date()
            return [words.day(day), words.weekday(day)]
        case "status":
            marks = [words("mark.corrected")] if row["corrected"] else []
            marks += [] if row["is_final"] else [words("mark.provisional")]
            return [words(f"status.{row['status']}"), *marks]
        case "first_in" | "last_out":
            return _moment(paper, row[name], getattr(pictures, name), words)
        case "coverage":
            return [_share(row["coverage"], words)]
        case "reasons":
            reasons = words.reasons(told_reasons(row["reasons"]), row["day"].date())
            return paper.lines(reasons, dict(COLUMNS)[name] - 2)
    return [_clock(row[name])]


def _moment(paper: Paper, at: datetime, picture: DayPicture | None, words: Wording) -> Sequence[str]:
    lines = [] if pd.isna(at) else [words.time(at)]
    return lines if picture is None else [*lines, *_about(paper, at, picture, words)]


def _about(paper: Paper, at: datetime, picture: DayPicture, words: Wording) -> Sequence[str]:
    """Which camera took it, or why it is not there; and what was seen, where a correction says otherwise."""
    width = 34 - (PICTURE_MM if picture.jpeg is not None else 0)
    said = words(f"picture.{picture.why}") if picture.why else picture.camera_name or ""
    lines = list(paper.lines(said, width))
    if not pd.isna(at) and abs(at - picture.at) >= timedelta(minutes=1):
        lines = [*paper.lines(words("picture.seen", time=words.time(picture.at)), width), *lines]
    return lines


def _sums(paper: Paper, days: pd.DataFrame, words: Wording) -> None:
    if days.empty:
        return
    [sums] = totals(days, ["employee_id", *PERSON]).to_dict("records")
    counted = [
        words("pdf.days", status=words(f"status.{status}"), count=sums[DAYS_OF[status]])
        for status in DayStatus
        if sums[DAYS_OF[status]]
    ]
    lengths = [
        words("pdf.sum", what=words(f"column.{name}"), length=_clock(sums[name]) or "0:00")
        for name in ("working", *FIGURES)
    ]
    lengths.append(words("pdf.sum", what=words("column.coverage"), length=_share(sums["coverage"], words)))
    _section(paper, words("pdf.sums"), [" · ".join(counted), " · ".join(lengths)])


def _warnings(paper: Paper, report: Report, words: Wording) -> None:
    said = [
        words(
            "pdf.warning",
            date=words.day(warned.what.first_date),
            what=words(f"exceeded.{warned.what.code}"),
            reached=_clock(warned.what.reached),
            allowed=_clock(warned.what.allowed),
        )
        for warned in report.warnings
    ]
    _section(paper, words("sheet.warnings"), said)


def _corrections(paper: Paper, corrections: Sequence[CorrectionRow], words: Wording) -> None:
    _section(paper, words("sheet.corrections"), [_correction(one, words) for one in corrections])


def _correction(row: CorrectionRow, words: Wording) -> str:
    changes = [
        words("pdf.changed", what=words(f"column.{name}"), value=words.moment(at))
        for name, at in (("first_in", row.first_in_at), ("last_out", row.last_out_at))
        if at is not None
    ]
    if row.status:
        changes.append(words("pdf.changed", what=words("column.status"), value=words(f"status.{row.status}")))
    told = words(
        "pdf.correction",
        date=words.day(row.day),
        changes=", ".join(changes),
        author=row.author,
        time=words.moment(row.created_at),
        reason=row.reason,
    )
    notes = [words("pdf.note", note=row.note)] if row.note else []
    notes += [words("pdf.approved", name=row.decided_by)] if row.decided_by else []
    return " ".join([told, *notes])


def _section(paper: Paper, title: str, paragraphs: Sequence[str]) -> None:
    if not any(paragraphs):
        return
    paper.need(20)
    paper.ln(3)
    paper.use(11, "B")
    paper.line_of(title, 6)
    paper.use(9)
    for paragraph in paragraphs:
        paper.line_of(paragraph, 5)


def _write(paper: Paper, left: float, top: float, width: float, lines: Sequence[str], height: float) -> None:
    for number, line in enumerate(lines):
        paper.set_xy(left + 0.5, top + number * height)
        paper.cell(width - 1, height, line)


def _clock(length: timedelta) -> str:
    """Hours and minutes; nothing for none."""
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02}" if minutes else ""


def _share(share: float, words: Wording) -> str:
    return words.share(None if pd.isna(share) else share)
