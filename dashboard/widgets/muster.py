"""The muster list on the page and in print: large letters, a box to tick for everybody."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path

import streamlit as st

from core.domain.muster import Belief
from core.reports.muster_list import caution, groups
from core.reports.wording import Wording
from core.storage.muster import Muster, MusterRow
from dashboard.widgets.markup import joined, line
from dashboard.widgets.words import Words

STYLE_SHEET = Path(__file__).with_name("muster.css")


def show_muster(muster: Muster, words: Words, now: datetime) -> None:
    """With what keeps it from being the whole present, if anything does."""
    said = Wording(words.language, words.zone)
    st.html(STYLE_SHEET)
    of = [said("muster.of", time=words.moment(now, now)), words.zone.key]
    if muster.departments:
        of.append(said("muster.only", departments=", ".join(muster.departments)))
    st.html(f'<p class="gspe-muster-of">{escape(joined(*of))}</p>')
    warning = caution(muster, now, said)
    if warning is not None:
        st.html(f'<p class="gspe-muster-old" role="alert">{escape(warning)}</p>')
    for belief in groups(muster):
        _group(belief, muster.believed(belief), words, now)


def _group(belief: Belief, rows: Sequence[MusterRow], words: Words, now: datetime) -> None:
    what = words(f"reports.muster.{belief}")
    heading = words("reports.muster.count", what=what, count=words.number(len(rows)))
    parts = [f'<h2 class="gspe-muster-{belief}">{escape(heading)}</h2>']
    if not rows:
        parts.append(line(words("reports.muster.nobody")))
    for place, group in groupby(rows, key=lambda row: row.place):
        parts.append(f"<h3>{escape(place or words('reports.muster.nowhere'))}</h3>")
        people = "".join(_person(row, words, now) for row in group)
        parts.append(f'<ul class="gspe-muster">{people}</ul>')
    st.html("".join(parts))


def _person(row: MusterRow, words: Words, now: datetime) -> str:
    about = line(joined(row.department, row.code))
    return (
        f'<li><span class="gspe-tick" aria-hidden="true"></span><div><b>{escape(row.name)}</b>{about}</div>'
        f"<div>{line(joined(row.camera_name, _seen(row, words, now)))}"
        f"{line(words(f'reports.muster.reason.{row.reason}'))}</div></li>"
    )


def _seen(row: MusterRow, words: Words, now: datetime) -> str:
    if row.last_seen_at is None:
        return words("reports.muster.never_seen")
    return words(
        "reports.muster.seen",
        time=words.moment(row.last_seen_at, now),
        duration=words.duration(max(0, (now - row.last_seen_at).total_seconds())),
    )
