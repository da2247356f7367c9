"""A day as a coloured bar with its legend, and the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

import streamlit as st

from core.domain.shifts import ShiftDay
from core.domain.states import Minute
from core.domain.workday import Piece
from dashboard.widgets.words import Words

HOUR = timedelta(hours=1)
TICKS = 8
"""About so many hours are named below the bar."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment of the day, as an alert; `label` is read when one points at it."""

    at: datetime
    label: str


def show_timeline(
    pieces: Sequence[Piece], shift: ShiftDay | None, words: Words, marks: Sequence[Mark] = ()
) -> None:
    edges = [at for piece in pieces for at in piece[:2]] + [mark.at for mark in marks]
    if shift is not None:
        edges += [shift.start_at, shift.end_at]
    if not edges:
        st.info(words("days.timeline_empty"), icon=":material/hourglass_empty:")
        return
    bar = _Bar(min(edges), max(edges), words)
    st.html(
        f'<div class="gspe-timeline"><div class="gspe-marks">{"".join(map(bar.mark, marks))}</div>'
        f'<div class="gspe-bar">{"".join(map(bar.piece, pieces))}</div>'
        f'<div class="gspe-hours">{bar.hours()}</div></div>{_legend(pieces, words)}'
    )


def show_pieces(pieces: Sequence[Piece], words: Words) -> None:
    """The bar in words, in order of time."""
    told = "".join(
        f'<li><i class="gspe-m-{piece.kind}"></i><b>{escape(_from_to(piece, words))}</b>'
        f"<span>{escape(words(f'days.minute.{piece.kind}'))}, {escape(_length(piece, words))}</span></li>"
        for piece in pieces
    )
    st.html(f'<ul class="gspe-pieces">{told}</ul>')


class _Bar:
    """From a whole hour to another, so wide as the page."""

    def __init__(self, first: datetime, last: datetime, words: Words) -> None:
        self._words = words
        self._start = first.astimezone(words.zone).replace(minute=0, second=0, microsecond=0)
        end = last.astimezone(words.zone)
        on_the_hour = end.replace(minute=0, second=0, microsecond=0)
        self._end = on_the_hour if on_the_hour == end > self._start else on_the_hour + HOUR

    def piece(self, piece: Piece) -> str:
        left, right = self._share(piece.start_at), self._share(piece.end_at)
        told = f"{_from_to(piece, self._words)} {self._words(f'days.minute.{piece.kind}')}"
        return (
            f'<span class="gspe-piece gspe-m-{piece.kind}" title="{escape(told, quote=True)}" '
            f'style="left:{left:.3f}%;width:{right - left:.3f}%"></span>'
        )

    def mark(self, mark: Mark) -> str:
        told = escape(f"{self._words.time(mark.at)} {mark.label}", quote=True)
        return f'<span title="{told}" style="left:{self._share(mark.at):.3f}%">▼</span>'

    def hours(self) -> str:
        """A name for every hour, or every few where the bar is long; the first and the last always."""
        count = round((self._end - self._start) / HOUR)
        step = max(1, -(-count // TICKS))
        named = [n for n in range(0, count, step) if n == 0 or count - n >= step] + [count]
        told = {n: escape(self._words.time(self._start + n * HOUR)) for n in named}
        return "".join(
            f'<span style="left:{100 * n / count:.3f}%">{clock}</span>' for n, clock in told.items()
        )

    def _share(self, at: datetime) -> float:
        return min(100.0, max(0.0, 100 * ((at - self._start) / (self._end - self._start))))


def _legend(pieces: Sequence[Piece], words: Words) -> str:
    kinds = {piece.kind for piece in pieces}
    entries = "".join(
        f'<li><i class="gspe-m-{kind}"></i>{escape(words(f"days.minute.{kind}"))}</li>'
        for kind in Minute
        if kind in kinds
    )
    return f'<ul class="gspe-legend">{entries}</ul>'


def _from_to(piece: Piece, words: Words) -> str:
    return f"{words.time(piece.start_at)}–{words.time(piece.end_at)}"  # noqa: RUF001 - from, to


def _length(piece: Piece, words: Words) -> str:
    return words.duration((piece.end_at - piece.start_at).total_seconds())
