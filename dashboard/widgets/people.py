"""Who is here: counts and cards. When the facts are too old, nothing is shown as the present."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from core.domain.states import PresenceState
from core.storage.rows import PresenceRow
from dashboard.widgets.day_words import person_url
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words

UNKNOWN = "unknown"
NEVER_SEEN = "never"


@dataclass(frozen=True)
class PeopleFilter:
    """What the reader wants to see; empty means everything."""

    search: str = ""
    department: str | None = None
    state: str | None = None

    def __call__(self, row: PresenceRow) -> bool:
        wanted = self.search.casefold().strip()
        found = not wanted or wanted in row.name.casefold() or wanted in row.code.casefold()
        here = self.department is None or row.department == self.department
        return found and here and (self.state is None or count_as(row) == self.state)


def count_as(row: PresenceRow) -> str:
    """Which of the three counts a person adds to; somebody never seen is off."""
    return row.state or PresenceState.OFF


def show_counts(rows: Sequence[PresenceRow], words: Words, *, stale: bool) -> None:
    """Three figures, or dashes when the facts are too old to be the present."""
    counts = Counter(count_as(row) for row in rows)
    markup = Markup()
    for state in PresenceState:
        figure = words("presence.no_figure") if stale else words.number(counts[state])
        style = UNKNOWN if stale else state
        label = line(words(f"presence.count.{state}"))
        markup.add(f'<li class="gspe-{style}"><b>{escape(figure)}</b>{label}</li>')
    markup.show("gspe-counts")


def show_cards(
    rows: Sequence[PresenceRow],
    words: Words,
    now: datetime,
    unknown_since: datetime | None,
    *,
    links: bool = False,
) -> None:
    """One card a person; with `unknown_since` every card says since when nothing is known.

    links: names lead to the person's page.
    """
    markup = Markup()
    for row in rows:
        state = UNKNOWN if unknown_since else row.state or NEVER_SEEN
        style = UNKNOWN if state == NEVER_SEEN else state
        markup.add(
            f'<li class="gspe-card gspe-{style}">{markup.face(row.picture_path, row.name)}'
            f'<div class="gspe-who">{_name(row, links=links)}'
            f"{line(joined(row.department, row.code))}"
            f"{line(state_sentence(row, words, now, unknown_since), 'gspe-state')}"
            f"{line(last_seen_sentence(row, words, now))}</div></li>"
        )
    markup.show("gspe-cards")


def _name(row: PresenceRow, *, links: bool) -> str:
    name = f'<b title="{escape(row.name, quote=True)}">{escape(row.name)}</b>'
    if not links:
        return name
    return f'<a href="{escape(person_url(row.employee_id), quote=True)}" target="_self">{name}</a>'


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
    return joined(words("presence.last_seen", ago=words.ago(row.last_seen_at, now)), row.camera_name)
