"""Who is here: counts, cards and a table. When the facts are too old, nothing is shown as the present."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import streamlit as st

from core.domain.states import PresenceState
from core.storage.rows import PresenceRow
from dashboard.widgets.board import NO_GROUPS, TABLE, Chosen, count_as, grouped, places_of
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words

UNKNOWN = "unknown"
NEVER_SEEN = "never"
COLUMNS = ("person", "state", "seen", "likeness")


@dataclass(frozen=True)
class Board:
    """What the cards of one refresh have in common."""

    words: Words
    now: datetime
    unknown_since: datetime | None
    """Since when nothing is known of anybody, if that is so."""
    wanted: Mapping[int, str]
    """Kind of the alert that wants attention, by employee id."""
    person_page: str | None
    """The address to which an employee's id is put; None for those who may not open it."""

    def style(self, row: PresenceRow) -> str:
        return UNKNOWN if self.unknown_since or row.state is None else row.state


def show_counts(rows: Sequence[PresenceRow], everybody: int, words: Words, stale: bool) -> None:
    """Three figures, or dashes when the facts are too old to be the present.

    Of whom search, department and place leave, of all states: choosing one must not hide the other figures.
    """
    counts = Counter(count_as(row) for row in rows)
    markup = Markup()
    for state in PresenceState:
        figure = words("presence.no_figure") if stale else words.number(counts[state])
        style = UNKNOWN if stale else state
        label = line(words(f"presence.count.{state}"))
        markup.add(f'<li class="gspe-{style}"><b>{escape(figure)}</b>{label}</li>')
    markup.show("gspe-counts")
    if not stale and len(rows) < everybody:
        st.caption(words("presence.counted", count=words.number(len(rows)), all=words.number(everybody)))


def show_people(
    shown: Sequence[PresenceRow], everybody: Sequence[PresenceRow], chosen: Chosen, board: Board
) -> None:
    """`shown` is one page of `everybody` who is wanted, both arranged; groups count all of theirs."""
    markup = Markup()
    whole = dict(grouped(everybody, chosen))
    people = _table if chosen.view == TABLE else _cards
    for name, rows in grouped(shown, chosen):
        heading = "" if chosen.group == NO_GROUPS else _heading(name, whole[name], chosen.group, board)
        key = escape(name or "", quote=True)
        markup.add(f'<section data-key="group {key}">{heading}{people(rows, markup, board)}</section>')
    markup.follow("presence_board")


def _heading(name: str | None, rows: Sequence[PresenceRow], group: str, board: Board) -> str:
    words = board.words
    here = sum(row.is_present for row in rows)
    counted = "board.people" if board.unknown_since else "board.of_people"
    figures = words(counted, present=words.number(here), count=words.number(len(rows)))
    title = name or words(f"board.without.{group}")
    return f'<h3 class="gspe-group">{escape(title)}{line(figures)}</h3>'


def _cards(rows: Sequence[PresenceRow], markup: Markup, board: Board) -> str:
    cards = "".join(_card(row, markup, board) for row in rows)
    return f'<ul class="gspe-cards">{cards}</ul>'


def _card(row: PresenceRow, markup: Markup, board: Board) -> str:
    return (
        f'<li class="gspe-card gspe-{board.style(row)}" data-key="{row.employee_id}">'
        f'{markup.face(row.picture_path, row.name)}<div class="gspe-who">{_name(row, board)}'
        f'<span class="gspe-quiet">{escape(joined(row.department, row.code))}'
        f"{_likeness(row, board, ' · ')}</span>"
        f"{_state(row, board)}{line(last_seen_sentence(row, board.words, board.now))}</div></li>"
    )


def _table(rows: Sequence[PresenceRow], markup: Markup, board: Board) -> str:
    heads = "".join(f'<th scope="col">{escape(board.words(f"board.column.{name}"))}</th>' for name in COLUMNS)
    body = "".join(_line(row, markup, board) for row in rows)
    return f'<table class="gspe-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _line(row: PresenceRow, markup: Markup, board: Board) -> str:
    return (
        f'<tr class="gspe-{board.style(row)}" data-key="{row.employee_id}"><td><div class="gspe-cell">'
        f'{markup.face(row.picture_path, row.name)}<div class="gspe-who">{_name(row, board)}'
        f"{line(joined(row.department, row.code))}</div></div></td><td>{_state(row, board)}</td>"
        f"<td>{line(last_seen_sentence(row, board.words, board.now))}</td>"
        f"<td>{_likeness(row, board)}</td></tr>"
    )


def _name(row: PresenceRow, board: Board) -> str:
    name = escape(row.name)
    if board.person_page is not None:
        url = escape(f"{board.person_page}{row.employee_id}", quote=True)
        name = f'<a class="gspe-lead" href="{url}" target="_self">{name}</a>'
    return f'<b title="{escape(row.name, quote=True)}">{name}</b>'


def _state(row: PresenceRow, board: Board) -> str:
    """With the alert about him that nobody has seen to."""
    said = line(state_sentence(row, board.words, board.now, board.unknown_since), "gspe-state")
    kind = board.wanted.get(row.employee_id)
    if kind is None:
        return said
    label = escape(board.words(f"alerts.kind_name.{kind}"))
    return f'{said}<a class="gspe-mark gspe-wanting" href="/alerts" target="_self">{label}</a>'


def _likeness(row: PresenceRow, board: Board, before: str = "") -> str:
    """Of the face on the picture beside it: what the recognition compared, and no probability."""
    words = board.words
    if row.score is None or row.pictured_at is None:
        return ""
    about = words("board.likeness_about", time=words.moment(row.pictured_at, board.now))
    figure = words("board.likeness", score=words.number(row.score, 2))
    return f'{before}<span class="gspe-likeness" title="{escape(about, quote=True)}">{escape(figure)}</span>'


def state_sentence(row: PresenceRow, words: Words, now: datetime, unknown_since: datetime | None) -> str:
    if unknown_since is not None:
        return words.since("presence.state.unknown", unknown_since, now)
    if row.state is None or row.since is None:
        return words(f"presence.state.{NEVER_SEEN}")
    duration = words.duration((now - row.since).total_seconds())
    return words(f"presence.state.{row.state}", time=words.moment(row.since, now), duration=duration)


def last_seen_sentence(row: PresenceRow, words: Words, now: datetime) -> str:
    if row.last_seen_at is None:
        return ""
    seen = words("presence.last_seen", ago=words.ago(row.last_seen_at, now))
    return joined(seen, *places_of(row))
