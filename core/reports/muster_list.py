"""The muster list to take along: as a page with boxes to tick, or as a table."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from core.domain.muster import Belief
from core.reports.paper import GREY, LINE, MARGIN_MM, Paper
from core.reports.table import Column, Form, Table
from core.reports.wording import Wording
from core.storage.muster import Muster, MusterRow

OLD_AFTER = timedelta(seconds=10)
"""From this age on the facts are not the present, and every list says so."""
BOX_MM = 6.0
ROW_MM = 12.0
LINE_MM = 5.0

COLUMNS = (
    Column("column.belief", Form.TEXT),
    Column("column.place", Form.TEXT),
    Column("column.department", Form.TEXT),
    Column("column.name", Form.TEXT),
    Column("column.code", Form.TEXT),
    Column("column.last_seen", Form.MOMENT),
    Column("column.camera", Form.TEXT),
    Column("column.reasons", Form.LONG_TEXT),
)


def muster_table(muster: Muster, words: Wording) -> Table:
    rows = [
        (
            words(f"muster.{row.belief}"),
            row.place,
            row.department,
            row.name,
            row.code,
            row.last_seen_at,
            row.camera_name,
            words(f"muster.reason.{row.reason}"),
        )
        for row in muster.rows
    ]
    return Table("muster", COLUMNS, rows)


def caution(muster: Muster, now: datetime, words: Wording) -> str | None:
    """Why the list may not be trusted to be whole and of now; None where it may."""
    if not muster.enrolled:
        return words("muster.nobody_enrolled")
    return _freshness(muster.known_at, now, words)


def groups(muster: Muster) -> list[Belief]:
    """Those to show. None where nobody can be on the list: an empty one would say that everybody is out."""
    return list(Belief) if muster.rows or muster.enrolled else []


def _freshness(known_at: datetime | None, now: datetime, words: Wording) -> str | None:
    if known_at is None:
        return words("muster.never_known")
    if now - known_at <= OLD_AFTER:
        return None
    return words("muster.old", time=words.moment(known_at), duration=words.duration(now - known_at))


def muster_pdf(muster: Muster, words: Wording, *, site: str, now: datetime) -> bytes:
    """Large letters, a box to tick for everybody, by place and department."""
    paper = Paper("portrait", words("muster.title"), words("muster.of", time=words.moment(now)), words)
    paper.use(11, colour=GREY)
    paper.line_of(site, 6)
    paper.use(24, "B")
    paper.line_of(words("muster.title"), 11)
    paper.use(13)
    paper.line_of(words("muster.of", time=words.moment(now)), 7)
    if muster.departments:
        paper.line_of(words("muster.only", departments=", ".join(muster.departments)), 7)
    _warn(paper, caution(muster, now, words))
    for belief in groups(muster):
        _group(paper, belief, muster.believed(belief), words, now)
    paper.need(20)
    paper.ln(6)
    paper.use(12)
    paper.line_of(words("muster.signature"), 8)
    return bytes(paper.output())


def _warn(paper: Paper, sentence: str | None) -> None:
    if sentence is None:
        return
    paper.ln(2)
    paper.use(15, "B", colour=(255, 255, 255))
    lines = paper.lines(sentence, paper.epw - 6)
    paper.set_fill_color(150, 20, 20)
    paper.rect(MARGIN_MM, paper.get_y(), paper.epw, 7 * len(lines) + 4, style="F")
    paper.set_y(paper.get_y() + 2)
    paper.line_of(sentence, 7, indent_mm=3)
    paper.ln(3)


def _group(paper: Paper, belief: Belief, rows: Sequence[MusterRow], words: Wording, now: datetime) -> None:
    paper.need(30)
    paper.ln(3)
    paper.use(17, "B")
    paper.line_of(words("muster.count", what=words(f"muster.{belief}"), count=words.number(len(rows))), 9)
    if not rows:
        paper.use(12)
        paper.line_of(words("muster.nobody"), 7)
    for place, group in groupby(rows, key=lambda row: row.place):
        paper.need(8 + ROW_MM)
        paper.use(13, "B", colour=GREY)
        paper.line_of(place or words("muster.nowhere"), 8)
        for row in group:
            _person(paper, row, words, now)


def _person(paper: Paper, row: MusterRow, words: Wording, now: datetime) -> None:
    left, width = MARGIN_MM + BOX_MM + 5, paper.epw - BOX_MM - 5
    paper.use(10.5)
    about = paper.lines(_about(row, words, now), width)
    height = ROW_MM + LINE_MM * (len(about) - 1)
    paper.need(height)
    top = paper.get_y()
    paper.set_draw_color(0)
    paper.rect(MARGIN_MM + 1, top + 2, BOX_MM, BOX_MM)
    paper.use(15, "B")
    paper.set_xy(left, top + 0.5)
    paper.cell(width, 6.5, paper.lines(row.name, width)[0])
    paper.use(10.5)
    for number, line in enumerate(about):
        paper.set_xy(left, top + 6.5 + number * LINE_MM)
        paper.cell(width, LINE_MM, line)
    paper.set_draw_color(*LINE)
    paper.line(MARGIN_MM, top + height, MARGIN_MM + paper.epw, top + height)
    paper.set_xy(MARGIN_MM, top + height)


def _about(row: MusterRow, words: Wording, now: datetime) -> str:
    seen = words("muster.never_seen")
    if row.last_seen_at is not None:
        ago = words.duration(now - row.last_seen_at)
        seen = words("muster.seen", time=words.moment(row.last_seen_at), duration=ago)
    said = [row.department, row.code, row.camera_name, seen, words(f"muster.reason.{row.reason}")]
    return " · ".join(part for part in said if part)
